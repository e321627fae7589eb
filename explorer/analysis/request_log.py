"""Requests as their spans tell them, for the charts: answers a second, latency percentiles, a dot for each.

A request of our own load counts by its CLIENT_REQUEST span (latency from the intended send); one that came from
outside (a browser, curl, wrk) by the server's REQUEST span, a message on its WebSocket by the MESSAGE span. Percentiles
of a bucket are those of the second that ends with it, so that a slow server's chart does not jump between nothing and
one answer.
"""

from collections import deque
from typing import Final

import numpy as np

from explorer.analysis.buckets import Column
from explorer.collect.source import Array
from explorer.load.histogram import EDGES_S, SIZE, Histogram, bin_of

SMOOTHED: Final = 10
"""Buckets that a figure of the charts looks back."""
MOST_DOTS: Final = 8_000
AT_ONCE: Final = 20
"""Dots for requests that are told of together, some fifty times a second: 1,000 a second."""
SLOWEST: Final = 5
"""Of these, so many are the slowest and those that failed."""
DOT: Final = np.dtype([("time", "<i8"), ("latency_s", "<f8"), ("ok", "?"), ("request", "<u8")])


class RequestLog:
    """Columns by bucket: `ok`, `failed` (requests that ended); `p50`, `p99` (s, NaN without an answer).

    `dots` are a choice of at most 8,000 over the whole run, the denser the newer; where not all are kept, the slow ones
    and those that failed are. `outside` counts requests that were not our load's, `outside_ok` those with a status
    below 400.
    """

    def __init__(self) -> None:
        self.ok = Column("u4")
        self.failed = Column("u4")
        self.p50 = Column("f8", np.nan)
        self.p99 = Column("f8", np.nan)
        self.outside = self.outside_ok = 0
        self._dots = np.zeros(0, DOT)
        self._open: dict[int, Array] = {}
        self._window: deque[Array] = deque(maxlen=SMOOTHED)
        self._sum = np.zeros(SIZE, np.int64)
        self._total = 0
        self._closed = 0

    @property
    def dots(self) -> Array:
        """The requests that have a dot, (n,) of DOT, in the order in which they ended."""
        return self._dots

    def feed(self, bucket: int, end: Array, length_ns: Array, status: Array, request: Array) -> None:
        """Requests that ended in a bucket, columns (n,)."""
        ok = (status > 0) & (status < 400)
        count = int(np.count_nonzero(ok))
        self.ok.add(bucket, count)
        self.failed.add(bucket, len(ok) - count)
        new = self.show(end, length_ns, status, request)
        if count:
            self._add(bucket, np.bincount(bin_of(new["latency_s"][ok]), minlength=SIZE))

    def show(self, end: Array, length_ns: Array, status: Array, request: Array) -> Array:
        """Requests that are counted elsewhere: dots, and nothing else. Returns them as (n,) of DOT."""
        new = np.zeros(len(end), DOT)
        ok = (status > 0) & (status < 400)
        new["time"], new["latency_s"], new["ok"], new["request"] = end, length_ns / 1e9, ok, request
        self._dots = np.concatenate((self._dots, _chosen(new)))
        if len(self._dots) > MOST_DOTS:
            half = MOST_DOTS // 2
            self._dots = np.concatenate((_slower_of_two(self._dots[:half]), self._dots[half:]))
        return new

    def feed_report(self, bucket: int, ok: int, failed: int, latency: Histogram) -> None:
        """Requests of a bucket, counted and measured by the load that sent them."""
        self.ok.add(bucket, ok)
        self.failed.add(bucket, failed)
        if ok:
            self._add(bucket, latency.counts)

    def _add(self, bucket: int, counts: Array) -> None:
        known = self._open.get(bucket)
        self._open[bucket] = counts if known is None else known + counts

    def close_until(self, bucket: int) -> None:
        """All buckets before `bucket` are complete: settle their percentiles. What comes late is left out of them."""
        for late in [each for each in self._open if each < self._closed]:
            del self._open[late]
        while self._closed < bucket:
            if not self._total:  # a pause: go on where something is
                self._window.clear()
                self._closed = min(min(self._open, default=bucket), bucket)
                if self._closed == bucket:
                    return
            self._close(self._closed)
            self._closed += 1

    def _close(self, bucket: int) -> None:
        counts = self._open.pop(bucket, None)
        if len(self._window) == SMOOTHED:
            self._sum -= self._window[0]
        self._window.append(_NONE if counts is None else counts)
        if counts is not None:
            self._sum += counts
        reached = self._sum.cumsum()
        self._total = int(reached[-1])
        if self._total:
            places = np.searchsorted(reached, (0.5 * (self._total - 1), 0.99 * (self._total - 1)), "right")
            self.p50.put(bucket, float(_MIDDLE[places[0]]))
            self.p99.put(bucket, float(_MIDDLE[places[1]]))


def _chosen(new: Array) -> Array:
    """At most `AT_ONCE` of some dots, in their order: the slowest, then others as evenly as they come."""
    if len(new) <= AT_ONCE:
        return new
    slow = np.argpartition(_badness(new), len(new) - SLOWEST)[len(new) - SLOWEST :]
    some = np.linspace(0, len(new) - 1, AT_ONCE - SLOWEST).astype(np.intp)
    chosen: Array = new[np.unique(np.concatenate((slow, some)))]
    return chosen


def _slower_of_two(dots: Array) -> Array:
    """The slower of each two neighbours."""
    pairs = dots[: len(dots) // 2 * 2].reshape(-1, 2)
    slower: Array = pairs[np.arange(len(pairs)), np.argmax(_badness(pairs), axis=1)]
    return slower


def _badness(dots: Array) -> Array:
    """What is worth being seen: how slow a request was; above all that it failed."""
    badness: Array = np.where(dots["ok"], dots["latency_s"], np.inf)
    return badness


_NONE: Final = np.zeros(SIZE, np.int64)
_MIDDLE: Final = np.concatenate(([EDGES_S[1] / 2], np.sqrt(EDGES_S[1:-2] * EDGES_S[2:-1]), [EDGES_S[-2]]))
