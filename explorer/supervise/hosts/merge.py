"""Reports of several hosts become one, ten times a second: the run hears of its load as if one process had sent it.

All hosts begin at one moment and report on the same grid of a tenth of a second from then on, so that what they tell
of one slot of time belongs together. A slot is merged when every host has told of it, or when that takes too long;
what comes later is added to the next one, so that no count is ever left out. Counts and the bins of histograms add up,
and those of a host that died stay in.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from explorer.load.driver import REPORT_NS
from explorer.load.histogram import Histogram
from explorer.records.clock import Clock, now_ns
from explorer.supervise.hosts.ledger import COUNTS, ENDS, LIVE, TIMES, Fields, Ledger, histogram

PATIENCE_NS: Final = 150_000_000
"""So long after the end of a slot the reports of all hosts are awaited."""

Emit = Callable[[str, dict[str, Any]], None]


class Merge:
    """Merges the reports of the hosts in `ledgers`. Times given are on this side's clock."""

    def __init__(self, ledgers: Sequence[Ledger], emit: Emit, clock: Clock = now_ns) -> None:
        """`emit` is called with "load" for every merged report, with "load_total" once at the end of a load."""
        self.ledgers = tuple(ledgers)
        self._emit = emit
        self._clock = clock
        self._origin = 0
        self._slots: dict[int, list[Fields]] = {}
        self._merged = -1  # the last slot that was
        self._until = 0  # the time up to which was reported
        self._running = False

    def begin(self, at: int) -> None:
        """The load begins at `at` (ns)."""
        self._flush()
        self._origin = self._until = at
        self._merged = -1
        self._running = True
        for ledger in self.ledgers:
            ledger.reported = -1

    @property
    def running(self) -> bool:
        """Whether a load has begun whose totals have not been told."""
        return self._running

    def report(self, ledger: Ledger, fields: Fields) -> None:
        """One host's report of a tenth of a second."""
        ledger.add(fields)
        slot = max((int(fields["time"]) - self._origin) // REPORT_NS - 1, self._merged + 1, 0)
        self._slots.setdefault(slot, []).append(fields)
        ledger.reported = max(ledger.reported, slot)
        self._advance()

    def total(self, ledger: Ledger, fields: Fields) -> None:
        """One host's load is over."""
        ledger.total = fields
        self._advance()

    def ended(self, ledger: Ledger, why: str) -> None:
        """A host sends no more, for a reason in one sentence; what it has reported counts."""
        ledger.ended = why
        ledger.live = dict.fromkeys(LIVE, 0)
        self._advance()

    def lost_all(self, ledger: Ledger, why: str) -> None:
        """The last host sends no more: report what is left; there are no totals, since nobody ended the load."""
        ledger.ended = why
        ledger.live = dict.fromkeys(LIVE, 0)
        self._flush()
        self._running = False

    def tick(self) -> None:
        """Merge what has waited long enough; to be called some times in a tenth of a second."""
        self._advance()

    def _advance(self) -> None:
        if self._running and all(ledger.over for ledger in self.ledgers):
            self._flush()
            self._running = False
            self._emit("load_total", self._totals())
            return
        told = min(
            (ledger.reported for ledger in self.ledgers if not ledger.over), default=max(self._slots, default=-1)
        )
        for slot in sorted(self._slots):
            if slot <= told or self._clock() > self._end(slot) + PATIENCE_NS:
                self._say(slot)

    def _flush(self) -> None:
        for slot in sorted(self._slots):
            self._say(slot)

    def _end(self, slot: int) -> int:
        return self._origin + (slot + 1) * REPORT_NS

    def _say(self, slot: int) -> None:
        reports = self._slots.pop(slot)
        self._merged = max(self._merged, slot)
        end = self._end(slot)
        longest = max(int(fields["interval_ns"]) for fields in reports)
        start = self._until if 0 < end - self._until < 2 * longest else end - longest
        self._until = end
        self._emit("load", {"time": end, "interval_ns": end - start, **merged(reports), **self._live()})

    def _live(self) -> dict[str, Any]:
        living = {name: sum(ledger.live[name] for ledger in self.ledgers) for name in LIVE}
        return {**living, "hosts": [ledger.line() for ledger in self.ledgers]}

    def _totals(self) -> dict[str, Any]:
        parts = [ledger.settle() for ledger in self.ledgers]
        totals: dict[str, Any] = {name: sum(int(part[name]) for part in parts) for name in (*COUNTS, "unanswered")}
        totals |= _ends(parts)
        first = min((part["first_send"] for part in parts if part["first_send"]), default=0)
        last = max(part["last_answer"] for part in parts)
        lines = [ledger.line() for ledger in self.ledgers]
        return {"time": self._clock(), **totals, "first_send": first, "last_answer": last, "hosts": lines}


def merged(reports: Sequence[Fields]) -> dict[str, Any]:
    """Counts, ends by reason or status, and histograms of reports, added up."""
    found: dict[str, Any] = {name: sum(int(fields[name]) for fields in reports) for name in COUNTS}
    for name in TIMES:
        whole = Histogram()
        for fields in reports:
            whole.merge(histogram(fields, name))
        found |= {name: whole.to_bins(), f"{name}_sum": whole.total, f"{name}_max": whole.maximum}
    return found | _ends(reports)


def _ends(parts: Sequence[Fields]) -> dict[str, dict[str, int]]:
    """How requests ended, by reason or status, in all parts together."""
    found: dict[str, Counter[str]] = {name: Counter() for name in ENDS}
    for name, counted in found.items():
        for part in parts:
            counted.update(part[name])
    return {name: dict(counted) for name, counted in found.items()}


def on_this_clock(fields: Mapping[str, Any], ahead_ns: int) -> dict[str, Any]:
    """The fields of a report or of totals with the host's times turned into ours; its clock is `ahead_ns` ahead."""
    times = {name: int(fields[name]) - ahead_ns for name in ("time", "first_send", "last_answer") if fields.get(name)}
    return {**fields, **times}
