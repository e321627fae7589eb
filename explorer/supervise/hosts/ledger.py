"""What one host's load has sent so far, as its reports say: the host's line in the figures of the run."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from explorer.load.histogram import Histogram

COUNTS: Final = ("sent", "ok", "failed", "timed_out", "retried", "connections", "events", "resumed")
TIMES: Final = ("latency", "service", "send_lag", "first_event")
ENDS: Final = ("errors", "statuses")
"""How requests ended, counted by reason or status."""
LIVE: Final = ("users", "rate", "in_flight")

Fields = Mapping[str, Any]


@dataclass(slots=True)
class Ledger:
    """The books of one host. `ended` is why it sends no more, empty while it does; `total` its totals at the end.

    `clock_error_ms` is how well its clock is known. `reported` is the last slot of time that it has told of.
    """

    host: str
    clock_error_ms: float
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    live: dict[str, float] = field(default_factory=lambda: dict.fromkeys(LIVE, 0))
    ends: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in ENDS})
    lag: Histogram = field(default_factory=Histogram)
    total: Fields | None = None
    written: int = 0
    lost: int = 0
    reported: int = -1
    first_send: int = 0
    last_answer: int = 0
    ended: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more is to be expected of it."""
        return self.total is not None or bool(self.ended)

    def add(self, fields: Fields) -> None:
        """Take in a report whose times are on this side's clock."""
        for name in COUNTS:
            self.counts[name] += int(fields[name])
        for name in ENDS:
            self.ends[name].update(fields[name])
        for name in LIVE:
            self.live[name] = fields[name]
        self.lag.merge(histogram(fields, "send_lag"))
        self.written, self.lost = int(fields.get("written", 0)), int(fields.get("lost", 0))
        start = int(fields["time"]) - int(fields["interval_ns"])
        if not self.first_send and fields["sent"]:
            self.first_send = start
        if fields["ok"] or fields["failed"] or fields["timed_out"]:
            self.last_answer = int(fields["time"])

    def settle(self) -> dict[str, Any]:
        """Its totals: its own, or what its reports add up to if it ended before it could tell."""
        if self.total is not None:
            return dict(self.total)
        counts = self.counts
        unanswered = counts["sent"] - counts["ok"] - counts["failed"] - counts["timed_out"]
        times = {"first_send": self.first_send, "last_answer": self.last_answer}
        ends = {name: dict(counted) for name, counted in self.ends.items()}
        return {**counts, "unanswered": max(0, unanswered), **ends, **times}

    def line(self) -> dict[str, Any]:
        """The host's line in the figures; `records` written by its load are read here or lost on the way."""
        counts = self.settle()
        return {
            "host": self.host,
            **{name: counts[name] for name in COUNTS[:4]},
            "send_lag_p99_ms": round(self.lag.percentile(99) * 1e3, 4) if self.lag.count else None,
            "clock_error_ms": round(self.clock_error_ms, 4),
            "records": {"written": self.written, "read": self.written - self.lost, "lost": self.lost},
            "ended": self.ended or None,
        }


def histogram(fields: Fields, name: str) -> Histogram:
    """One of the histograms of a report."""
    return Histogram.from_bins(fields[name], total=fields[f"{name}_sum"], maximum=fields[f"{name}_max"])
