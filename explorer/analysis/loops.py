"""Event loops: how often they went round, how long they were busy, what made others wait; per tenth of a second."""

from typing import Final

import numpy as np

from explorer.analysis.buckets import BUCKET_NS, Column, bucket_of, groups_of
from explorer.analysis.intervals import Interval, IntervalLog, Sparse
from explorer.collect.source import Array
from explorer.load.histogram import SIZE, bin_of
from explorer.records.schema import TIME_UNIT_NS, U32
from explorer.records.states import Kind

RAN: Final = np.zeros(256, bool)
RAN[[Kind.CALLBACK, Kind.STEP, Kind.IO, Kind.TIMER, Kind.HANDOVER, Kind.SIGNAL]] = True
"""Kinds of what a loop runs."""
_WAITED: Final = RAN.copy()
_WAITED[Kind.TIMER] = False  # its value is lateness: it was not ready, it was late

MOST_SPREAD: Final = 36_000
"""An hour: a longer callback is only seen in a damaged recording."""


class LoopLog:
    """One event loop. Columns by bucket: `iterations`, `ready` (sum over iterations); `busy`, `longest` and, of waits,
    the longest of all that was ready or due, `lag`, and of timers alone, `late` (s).
    """

    def __init__(self) -> None:
        self.iterations = Column("u4")
        self.ready = Column("f8")
        self.busy = Column("f8")
        self.longest = Column("f8")
        self.lag = Column("f8")
        self.late = Column("f8")
        self._waits = IntervalLog(0, 1)
        # Of the present bucket; None while it is empty, since of loops that live for a moment there may be very many.
        self._counts: Array | None = None
        self._total = self._maximum = 0.0
        self._bucket = 0
        self._last_end = 0
        # A callback that had not ended when the loop was last looked at, from when to when (ns).
        self._running: tuple[int, int] | None = None

    def feed(self, bucket: int, kind: Array, end_ns: Array, length_ns: Array, argument: Array) -> None:
        """What ended in a bucket: columns (n,) of this loop's spans of depth 0."""
        value = (argument & np.uint64(U32)).astype(np.float64)
        selects = kind == Kind.SELECT
        count = int(np.count_nonzero(selects))
        if count:
            self.iterations.add(bucket, count)
            self.ready.add(bucket, float(value[selects].sum()))
        ran = RAN[kind]
        if ran.any():
            lengths = length_ns[ran]
            self._last_end = max(self._last_end, int(end_ns[ran].max()))
            if self._running is not None and self._running[0] < self._last_end:
                self._running = None  # it has ended, and counts as what it was
            self.longest.raise_to(bucket, float(lengths.max()) / 1e9)
            self.lag.raise_to(bucket, float(value[ran].max()) * TIME_UNIT_NS / 1e9)
            ends = end_ns[ran]
            across = ends - lengths < bucket * BUCKET_NS
            self.busy.add(bucket, float(lengths[~across].sum()) / 1e9)
            self._spread_each(ends[across], lengths[across])
        timers = kind == Kind.TIMER
        if timers.any():
            self.late.raise_to(bucket, float(value[timers].max()) * TIME_UNIT_NS / 1e9)
        self._count_waits(bucket, value[_WAITED[kind]] * (TIME_UNIT_NS / 1e9))

    def feed_many(self, buckets: Array, kind: Array, end_ns: Array, length_ns: Array, argument: Array) -> None:
        """The same of many buckets, `buckets` (n,) ascending: what a recording has at once, in one go."""
        value = (argument & np.uint64(U32)).astype(np.float64)
        selects = np.flatnonzero(kind == Kind.SELECT)
        if len(selects):
            which, firsts, counts = groups_of(buckets.take(selects))
            self.iterations.add_each(which, counts)
            self.ready.add_each(which, np.add.reduceat(value.take(selects), firsts))
        ran = np.flatnonzero(RAN[kind])
        if len(ran):
            self._feed_ran(buckets.take(ran), end_ns.take(ran), length_ns.take(ran), value.take(ran))
        timers = np.flatnonzero(kind == Kind.TIMER)
        if len(timers):
            which, firsts, _ = groups_of(buckets.take(timers))
            self.late.raise_each(which, np.maximum.reduceat(value.take(timers), firsts) * TIME_UNIT_NS / 1e9)
        waited = np.flatnonzero(_WAITED[kind])
        if len(waited):
            self._count_many_waits(buckets.take(waited), value.take(waited) * (TIME_UNIT_NS / 1e9))

    def _feed_ran(self, buckets: Array, end_ns: Array, length_ns: Array, value: Array) -> None:
        self._last_end = max(self._last_end, int(end_ns.max()))
        if self._running is not None and self._running[0] < self._last_end:
            self._running = None
        which, firsts, _ = groups_of(buckets)
        self.longest.raise_each(which, np.maximum.reduceat(length_ns, firsts) / 1e9)
        self.lag.raise_each(which, np.maximum.reduceat(value, firsts) * TIME_UNIT_NS / 1e9)
        across = end_ns - length_ns < buckets * BUCKET_NS
        self.busy.add_each(which, np.add.reduceat(np.where(across, 0, length_ns), firsts) / 1e9)
        self._spread_each(end_ns[across], length_ns[across])

    def _count_many_waits(self, buckets: Array, waits: Array) -> None:
        """As `_count_waits` of each bucket; those between the first and the last are put away at once."""
        which, firsts, counts = groups_of(buckets)
        bounds = [*firsts.tolist(), len(buckets)]
        self._count_waits(int(which[0]), waits[: bounds[1]])
        if len(which) == 1:
            return
        if len(which) > 2:
            first, last = bounds[1], bounds[-2]
            groups = np.repeat(np.arange(len(which) - 2), counts[1:-1])
            keys, times = np.unique(groups * SIZE + bin_of(waits[first:last]), return_counts=True)
            edges = np.searchsorted(keys, np.arange(len(which) - 1) * SIZE).tolist()
            starts = firsts[1:-1] - first
            totals = np.add.reduceat(waits[first:last], starts).tolist()
            maxima = np.maximum.reduceat(waits[first:last], starts).tolist()
            bins, times = (keys % SIZE).astype(np.uint16), times.astype(np.uint32)
            for at, bucket in enumerate(which[1:-1].tolist()):
                if bucket <= self._bucket:  # it came late
                    self._count_waits(bucket, waits[bounds[at + 1] : bounds[at + 2]])
                    continue
                self.settle()
                some = slice(edges[at], edges[at + 1])
                self._put(bucket, Sparse(bins[some], times[some], totals[at], maxima[at]))
                self._bucket = bucket
        self._count_waits(int(which[-1]), waits[bounds[-2] :])

    def settle(self) -> None:
        """It has ended, or its figures are wanted: put away what was being counted."""
        if self._counts is not None:
            self._put(self._bucket, Sparse.of_dense(self._counts, self._total, self._maximum))
            self._counts = None
            self._total = self._maximum = 0.0

    def note_running(self, since: int, now: int) -> None:
        """A callback has been running since then (ns): all that is ready waits at least as long."""
        bucket, seconds = bucket_of(now), max(0, now - since) / 1e9
        self.lag.raise_to(bucket, seconds)
        self.longest.raise_to(bucket, seconds)
        if since >= self._last_end:
            self._running = since, now

    def busy_s(self, begin: int, end: int) -> float:
        """How long (s) it was busy in the buckets from `begin` up to `end`, with a callback that has not ended."""
        busy = self.busy.sum(begin, end)
        if self._running is not None:
            since, until = self._running
            busy += max(0, min(until, end * BUCKET_NS) - max(since, begin * BUCKET_NS)) / 1e9
        return busy

    def ready_wait_p99(self, begin: int, end: int) -> float | None:
        """99th percentile (s) of the waits in the ready queue from `begin` to `end` (ns); None if there were none."""
        self.settle()
        (waits,) = self._waits.sum(begin, end).histograms
        return waits.percentile(99) if waits.count else None

    def _put(self, bucket: int, waits: Sparse) -> None:
        start = bucket * BUCKET_NS
        self._waits.add(Interval(start, start + BUCKET_NS, (), (waits,)))

    def _spread_each(self, end_ns: Array, length_ns: Array) -> None:
        for end, length in zip(end_ns.tolist(), length_ns.tolist(), strict=True):
            self._spread(end - length, end)

    def _spread(self, start: int, end: int) -> None:
        """A callback from `start` to `end` (ns) in the buckets where it ran; meanwhile all that was ready waited."""
        begin = max(bucket_of(start), bucket_of(end) - MOST_SPREAD)
        for bucket in range(begin, bucket_of(end) + 1):
            border = min(end, (bucket + 1) * BUCKET_NS)
            self.busy.add(bucket, (border - max(start, bucket * BUCKET_NS)) / 1e9)
            if border - start > BUCKET_NS:
                self.lag.raise_to(bucket, (border - start) / 1e9)

    def _count_waits(self, bucket: int, waits: Array) -> None:
        if not len(waits):
            return
        if bucket > self._bucket:
            self.settle()
            self._bucket = bucket
        counts = np.bincount(bin_of(waits), minlength=SIZE)
        self._counts = counts if self._counts is None else self._counts + counts
        self._total += float(waits.sum())
        self._maximum = max(self._maximum, float(waits.max()))
