"""Processor share, memory and threads of every process of a run, read from outside and written as counters.

Counter tracks, each with the `pid` it speaks of: `cpu` (% of one core, over the time since the sample before, so that
its integral is the processor time), `rss` (bytes), `threads`, and once a second for every thread, with its `tid`,
`thread_cpu` and `thread_queued` (s on a processor and s ready but without one, since the thread began). Of the
machine: `machine_cpu` and, where known, `machine_steal` (% of all cores), and `machine_cores`. Of every process, on
Linux, also once a second `descriptors` and `descriptor_limit`: how many files it has open, and may have.
The sampler is a process of the run itself: what it costs is among the figures.

Where reading all that would cost more than its share, it is done less often. The share is half of what the sampler may
take, at most 3 % of a core; when threads and GIL are not sampled at all, it is those 3 %.
"""

import os
from collections.abc import Callable
from typing import Final, Protocol

from explorer.collect.liveness import without_descriptors
from explorer.records.clock import Clock, now_ns
from explorer.records.sampling import (
    DESCRIPTOR_LIMIT,
    DESCRIPTORS,
    MACHINE_CORES,
    MACHINE_CPU,
    MACHINE_STEAL,
    THREAD_CPU,
    THREAD_QUEUED,
)
from explorer.records.states import TrackKind
from explorer.ring.pool import SizeClass
from explorer.ring.writer import Ring
from explorer.sampler.descriptors import open_files
from explorer.sampler.machine import Machine
from explorer.sampler.reading import Gone, Subject, subject
from explorer.sampler.roll import Roll

PERIOD_S: Final = 0.1
LONGEST_PERIOD_S: Final = 10.0
MOST_OF_A_CORE: Final = 0.03
"""With very many processes, or many threads, it reads less often, so that it takes no more than this share."""
ROLL_EVERY_NS: Final = 200_000_000
THREADS_EVERY_NS: Final = 1_000_000_000


class Declarer(Protocol):
    """What is needed of the tracer."""

    @property
    def track(self) -> int:
        """The process's own track."""
        ...

    def declare(self, kind: TrackKind, text: str, *, parent: int | None = None, **extra: object) -> int:
        """Declare a track."""
        ...

    def name(self, text: str) -> int:
        """The number of a name."""
        ...

    def lease(self, size: SizeClass, track: int) -> Ring:
        """A ring for this thread."""
        ...

    def give_back(self, ring: Ring) -> None:
        """The ring is needed no more."""
        ...


class _Watched:
    """A process of the run with its tracks and its last reading."""

    __slots__ = ("cpu", "cpu_s", "files", "rss", "subject", "thread_tracks", "threads", "time")

    def __init__(self, tracer: Declarer, pid: int, subject: Subject) -> None:
        self.subject = subject
        self.cpu = tracer.declare(TrackKind.COUNTER, "cpu", pid=pid, unit="%")
        self.rss = tracer.declare(TrackKind.COUNTER, "rss", pid=pid, unit="B")
        self.threads = tracer.declare(TrackKind.COUNTER, "threads", pid=pid, unit="threads")
        self.files: tuple[int, int] | None = None  # the tracks `descriptors` and `descriptor_limit`
        self.thread_tracks: dict[int, tuple[int, int]] = {}  # `thread_cpu` and `thread_queued`; 0: there is none
        self.time = 0
        self.cpu_s = 0.0


class Vitals:
    """Samples a run; `tick` once, `period` says how long to wait before the next."""

    def __init__(
        self,
        tracer: Declarer,
        roll: Roll,
        *,
        machine: Machine | None = None,
        open_subject: Callable[[int], Subject] = subject,
        clock: Clock = now_ns,
    ) -> None:
        """Nothing is read before the first `tick`."""
        self._tracer = tracer
        self._roll = roll
        self._machine = machine or Machine()
        self._open_subject = open_subject
        self._clock = clock
        self._ring = tracer.lease(SizeClass.POOL, tracer.track)
        self._watched: dict[int, _Watched] = {}
        self._next_roll = self._next_threads = clock()
        self._machine_cpu = tracer.declare(TrackKind.COUNTER, MACHINE_CPU, unit="%")
        self._machine_cores = tracer.declare(TrackKind.COUNTER, MACHINE_CORES, unit="cores")
        self._machine_steal = 0
        self._unopened: list[int] = []
        self.share = MOST_OF_A_CORE
        """Of a core, what reading may take."""
        self.period = PERIOD_S

    @property
    def pids(self) -> set[int]:
        """The processes that are being read."""
        return set(self._watched)

    def allow(self, most: float) -> None:
        """The sampler as a whole may take this share of a core; 0: for vitals only."""
        self.share = min(MOST_OF_A_CORE, most / 2) if most else MOST_OF_A_CORE

    def tick(self) -> None:
        """Look for new processes if it is time, and read all of them once. One that has gone is dropped."""
        began = self._clock()
        if began >= self._next_roll:
            self._next_roll = began + ROLL_EVERY_NS
            self._find()
        by_thread = began >= self._next_threads
        if by_thread:
            self._next_threads = began + THREADS_EVERY_NS
        for pid, watched in list(self._watched.items()):
            try:
                self._sample(watched)
                if by_thread:
                    self._sample_threads(pid, watched)
                    self._sample_files(pid, watched)
            except Gone:
                watched.subject.close()
                del self._watched[pid]
        if by_thread:
            self._sample_machine()
        cost = (self._clock() - began) / 1e9
        self.period = min(max(PERIOD_S, cost / self.share), LONGEST_PERIOD_S)

    def close(self) -> None:
        """Let go of all processes and of the ring."""
        for watched in self._watched.values():
            watched.subject.close()
        self._watched.clear()
        self._tracer.give_back(self._ring)

    def _find(self) -> None:
        pids, self._unopened = self._unopened, []
        pids += [note.pid for note in self._roll.new()]
        for pid in pids:
            known = self._watched.pop(pid, None)
            if known is not None:
                known.subject.close()
            try:
                self._watched[pid] = _Watched(self._tracer, pid, self._open_subject(pid))
            except Gone:
                continue
            except OSError as error:
                if not without_descriptors(error):
                    raise
                self._unopened.append(pid)  # the next look tries again

    def _sample(self, watched: _Watched) -> None:
        reading, now = watched.subject.read(), self._clock()
        if watched.time and now > watched.time:
            share = 100e9 * (reading.cpu_s - watched.cpu_s) / (now - watched.time)
            self._ring.sample(watched.cpu, max(share, 0.0), now)
        watched.time, watched.cpu_s = now, reading.cpu_s
        self._ring.sample(watched.rss, reading.rss, now)
        self._ring.sample(watched.threads, reading.threads, now)

    def _sample_threads(self, pid: int, watched: _Watched) -> None:
        try:
            times, now = watched.subject.thread_times(), self._clock()
        except OSError as error:
            if without_descriptors(error):  # this sample is left out
                return
            raise
        tracks = watched.thread_tracks
        for tid in [tid for tid in tracks if tid not in times]:
            del tracks[tid]  # its number may be given to another thread, which is another track
        declare = self._tracer.declare
        for tid, (cpu_s, queued_s) in times.items():
            if tid not in tracks:
                cpu = declare(TrackKind.COUNTER, THREAD_CPU, pid=pid, tid=tid, unit="s")
                known = queued_s is not None
                queued = declare(TrackKind.COUNTER, THREAD_QUEUED, pid=pid, tid=tid, unit="s") if known else 0
                tracks[tid] = cpu, queued
            cpu, queued = tracks[tid]
            self._ring.sample(cpu, cpu_s, now)
            if queued and queued_s is not None:
                self._ring.sample(queued, queued_s, now)

    def _sample_files(self, pid: int, watched: _Watched) -> None:
        files, now = open_files(pid), self._clock()
        if files is None:
            return
        if watched.files is None:
            declare = self._tracer.declare
            watched.files = (
                declare(TrackKind.COUNTER, DESCRIPTORS, pid=pid, unit="files"),
                declare(TrackKind.COUNTER, DESCRIPTOR_LIMIT, pid=pid, unit="files"),
            )
        for track, value in zip(watched.files, files, strict=True):
            self._ring.sample(track, value, now)

    def _sample_machine(self) -> None:
        try:
            load, now = self._machine.read(), self._clock()
        except OSError as error:
            if without_descriptors(error):
                return
            raise
        if load is None:
            return
        self._ring.sample(self._machine_cpu, load.cpu, now)
        self._ring.sample(self._machine_cores, os.cpu_count() or 1, now)
        if load.steal is not None:
            if not self._machine_steal:
                self._machine_steal = self._tracer.declare(TrackKind.COUNTER, MACHINE_STEAL, unit="%")
            self._ring.sample(self._machine_steal, load.steal, now)
