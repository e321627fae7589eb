"""What is counted: every request once when it is due and once when it ends, and times of each.

`sent` counts requests that were due, so that at any moment `sent = ok + failed + timed_out + in flight`. Latency runs
from the intended send, service time from the write of the bytes; both only of answers below status 400, so that quick
refusals do not make a server look fast. Send lag, from intended send to write, is that of every request written.
`statuses` counts good answers by their status, `errors` everything else by its reason.
`events` counts what came beside answers: events of streams, and messages of a WebSocket that answer nothing (of others,
to all). `first_event` runs from the intended send of a stream to its first event; `resumed` counts how often a stream
was lost and taken up again.

Adding is appending to an array of integers; ten times a second `interval` turns the arrays into histograms.
"""

from array import array
from collections import Counter
from typing import Any, Final

import numpy as np

from explorer.load.histogram import Histogram

MOST_SENTENCES: Final = 50
"""Beyond this many different reasons of failure the rest is counted together."""

_OTHER: Final = "other failures"


class Tally:
    """Counts since the last report, and totals since `restart`. Times are nanoseconds."""

    def __init__(self) -> None:
        """Nothing counted."""
        self.latency = array("q")
        self.service = array("q")
        self.send_lag = array("q")
        self.first_event = array("q")
        self.sent = self.ok = self.failed = self.timed_out = self.retried = self.connections = 0
        self.events = self.resumed = 0
        self.errors: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.restart()

    def restart(self, under_way: int = 0) -> None:
        """Set the totals back to zero; what was counted since the last report is forgotten too.

        Requests under way will end in the new count, so they are `sent` in it as well.
        """
        self.latency, self.service, self.send_lag = array("q"), array("q"), array("q")
        self.first_event = array("q")
        self.ok = self.failed = self.timed_out = self.retried = self.connections = self.events = self.resumed = 0
        self.sent = under_way
        self.errors = Counter()
        self.statuses = Counter()
        self._before = self._numbers()
        self._errors_before: Counter[str] = Counter()
        self._statuses_before: Counter[int] = Counter()
        self.total_latency, self.total_service, self.total_lag = Histogram(), Histogram(), Histogram()
        self.total_first = Histogram()
        self.first_send = 0
        self.last_answer = 0

    def error(self, sentence: str) -> None:
        """Count a failure under its reason."""
        if sentence not in self.errors and len(self.errors) >= MOST_SENTENCES:
            sentence = _OTHER
        self.errors[sentence] += 1

    def interval(self) -> dict[str, Any]:
        """What came since the last call: differences of the counts, sparse histograms with exact sum and maximum."""
        now = self._numbers()
        found: dict[str, Any] = {key: value - self._before[key] for key, value in now.items()}
        self._before = now
        for name, total in self._histograms().items():
            values, new = getattr(self, name), Histogram()
            setattr(self, name, array("q"))
            new.add_ns(np.frombuffer(values, np.int64))
            total.merge(new)
            found[name] = new.to_bins()
            found[f"{name}_sum"] = new.total
            found[f"{name}_max"] = new.maximum
        found["errors"] = dict(self.errors - self._errors_before)
        self._errors_before = Counter(self.errors)
        found["statuses"] = {str(status): count for status, count in (self.statuses - self._statuses_before).items()}
        self._statuses_before = Counter(self.statuses)
        return found

    def totals(self) -> dict[str, Any]:
        """Everything since `restart` (call `interval` before, so that the histograms are up to date)."""
        found: dict[str, Any] = dict(self._numbers())
        for name, total in self._histograms().items():
            found[name] = total.to_bins()
            found[f"{name}_sum"] = total.total
            found[f"{name}_max"] = total.maximum
        found["errors"] = dict(self.errors)
        found["statuses"] = {str(status): count for status, count in self.statuses.items()}
        found["first_send"] = self.first_send
        found["last_answer"] = self.last_answer
        return found

    def _histograms(self) -> dict[str, Histogram]:
        return {
            "latency": self.total_latency,
            "service": self.total_service,
            "send_lag": self.total_lag,
            "first_event": self.total_first,
        }

    def _numbers(self) -> dict[str, int]:
        return {
            "sent": self.sent,
            "ok": self.ok,
            "failed": self.failed,
            "timed_out": self.timed_out,
            "retried": self.retried,
            "connections": self.connections,
            "events": self.events,
            "resumed": self.resumed,
        }
