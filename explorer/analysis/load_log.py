"""What the load says ten times a second, kept for the figures of the run: counts, and times of each request.

Latency runs from the intended send, service time from the write of the bytes, send lag is what lies between. Streams of
events also have a time to their first event, from the intended send.
"""

from collections.abc import Mapping
from typing import Any, Final

from explorer.analysis.host_lines import host_lines
from explorer.analysis.intervals import Interval, IntervalLog, Sparse, Sum
from explorer.analysis.schema import HostFigures
from explorer.load import failures

ENDS: Final = ("ok", "failed", "timed_out")
RECEIVED: Final = ("events", "resumed")
COUNTS: Final = ("sent", *ENDS, *RECEIVED)
MOST_STATUSES: Final = 200
TIMES: Final = ("latency", "service", "send_lag", "first_event")


class LoadLog:
    """The load's reports. `first_send`, `last_answer`, `last_report`, `ended` (it is over) are ns, 0 = not known.

    `hosts` are the lines of those that send a load together, as they were told last; empty if it comes from here.
    """

    def __init__(self) -> None:
        self._log = IntervalLog(len(COUNTS), len(TIMES))
        self._totals: dict[str, int] | None = None
        self._statuses: Mapping[str, int] = {}
        self.first_send = 0
        self.last_answer = 0
        self.last_report = 0
        self.ended = 0
        self.hosts: list[HostFigures] = []

    @property
    def totals(self) -> dict[str, int]:
        """Counts of the whole run by name."""
        return self._totals or self.counts(self.everything())

    @property
    def statuses(self) -> Mapping[str, int]:
        """How the requests of the whole run ended, by status or reason."""
        return self._statuses if self._totals else self.everything().named

    def feed(self, event: Mapping[str, Any]) -> None:
        """Take in an event of type `load` or `load_total`.

        Raises KeyError, TypeError, ValueError, AttributeError or OverflowError if it makes no sense; then nothing of
        it is taken in.
        """
        time, statuses = _whole(event["time"]), _statuses(event)
        hosts = host_lines(event.get("hosts"))
        if event["type"] == "load_total":
            totals = {name: _whole(event.get(name, 0)) for name in COUNTS}
            first, last = _whole(event.get("first_send") or 0), _whole(event.get("last_answer") or 0)
            self._totals, self._statuses = totals, statuses
            self.first_send = first or self.first_send
            self.last_answer = last or self.last_answer
            self.ended = time
            self.hosts = hosts
            return
        numbers = tuple(_whole(event.get(name, 0)) for name in COUNTS)
        histograms = tuple(_histogram(event, name) for name in TIMES)
        start = time - _whole(event.get("interval_ns", 0))
        self.hosts = hosts or self.hosts
        self.last_report = max(self.last_report, time)
        if not self.first_send and numbers[0]:
            self.first_send = start
        if any(numbers[1 : 1 + len(ENDS)]):
            self.last_answer = time
        if self.first_send:
            self._log.add(Interval(start, time, numbers, histograms, statuses))

    def sum(self, begin: int, end: int) -> Sum:
        """What was reported from `begin` to `end` (ns)."""
        return self._log.sum(begin, end)

    def everything(self) -> Sum:
        """What was reported so far."""
        return self._log.sum(0, 1 << 63)

    @staticmethod
    def counts(part: Sum) -> dict[str, int]:
        """The counts of a part by name."""
        return dict(zip(COUNTS, part.numbers, strict=True))


def _histogram(event: Mapping[str, Any], name: str) -> Sparse:
    return Sparse.of_bins(event.get(name) or {}, _seconds(event.get(f"{name}_sum")), _seconds(event.get(f"{name}_max")))


def _statuses(event: Mapping[str, Any]) -> dict[str, int]:
    """How requests ended: "200", "422", "timed out", "connection refused"."""
    found = {str(status): _whole(count) for status, count in (event.get("statuses") or {}).items()}
    found |= {failures.short(str(reason)): _whole(count) for reason, count in (event.get("errors") or {}).items()}
    if timed_out := _whole(event.get("timed_out", 0)):
        found[failures.TIMED_OUT] = timed_out
    if len(found) > MOST_STATUSES:
        raise ValueError("more reasons than a load tells")
    return found


def _whole(value: Any) -> int:
    number = int(value)
    if not 0 <= number < 1 << 62:
        raise ValueError("no time and no count")
    return number


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    seconds = float(value)
    if not abs(seconds) < 1e12:  # so that not a number is refused too
        raise ValueError("no time")
    return seconds
