"""Processes and threads as the sampler saw them: CPU, memory, and CPU per thread."""

from typing import Final

import numpy as np

from explorer.analysis.buckets import Column, bucket_of
from explorer.collect.source import Array, Track
from explorer.records.sampling import THREAD_CPU, THREAD_QUEUED
from explorer.store.series import Series

FIRST_SAMPLE_NS: Final = 100_000_000
"""What the first CPU sample of a process is taken to stand for if its first reading was lost.

The sampler reads a process, notes its memory, and can tell the CPU share only from the second reading on: so the first
CPU sample stands for the time since the first memory sample, later ones for the time since the one before.
"""
NEW_THREAD_NS: Final = 1_500_000_000
"""A thread first seen so long after a moment did not exist then: threads are sampled every second."""


class ProcessVitals:
    """One process. Columns by bucket: `cpu` (share of one core), `cpu_s` (seconds used), `rss` (bytes)."""

    def __init__(self) -> None:
        self.cpu = Column("f8", np.nan)
        self.cpu_s = Column("f8")
        self.rss = Column("f8", np.nan)
        self.threads: dict[int, Series] = {}
        self._queued: dict[int, Series] = {}
        self._first_rss = self._last = 0

    def feed(self, track: Track, times: Array, values: Array) -> None:
        """Samples of one of its counters, in order of time; of what is new, `cpu` last."""
        series = {THREAD_CPU: self.threads, THREAD_QUEUED: self._queued}.get(track.name)
        if series is not None:
            series.setdefault(track.tid, Series()).append(times, values)
            return
        for time, value in zip(times.tolist(), values.tolist(), strict=True):
            if track.name == "rss":
                self._first_rss = self._first_rss or time
                self.rss.put(bucket_of(time), value)
            elif track.name == "cpu":
                since = self._last or self._first_rss
                length = time - since if 0 < since < time else FIRST_SAMPLE_NS
                self._last = time
                self.cpu.put(bucket_of(time), value / 100)
                self.cpu_s.add(bucket_of(time), value / 100 * length / 1e9)

    def thread_cpu_s(self, tid: int, begin: int, end: int) -> float | None:
        """CPU seconds of a thread from `begin` to `end` (ns), between samples by proportion; None if never sampled."""
        return _gained(self.threads.get(tid), begin, end)

    def thread_queued_s(self, tid: int, begin: int, end: int) -> float | None:
        """The same of the seconds in which it was ready and waited for a processor."""
        return _gained(self._queued.get(tid), begin, end)


def _gained(series: Series | None, begin: int, end: int) -> float | None:
    if series is None or not len(series):
        return None
    times, values = series
    new = times[0] - begin > NEW_THREAD_NS
    before = 0.0 if new else float(np.interp(begin, times, values))
    return max(0.0, float(np.interp(end, times, values)) - before)
