"""A worker on another host, as a process of the run: what it tells of its jobs becomes records on this host's clock.

Its rings are written here, in the cluster's own process, ten times a second at most: a finished job shows a tenth of a
second late, one that runs shows as open as soon as it is told of.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from explorer.cluster.clocks import Offset
from explorer.probe.tracer import Elsewhere, Tracer
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.ring.pool import SizeClass
from explorer.ring.writer import Ring

THREAD: Final = "task thread"


class RemoteWorker:
    """One worker of a foreign cluster, which is where `where` says."""

    def __init__(self, run: Path, token: str, where: Elsewhere, offset: Offset, number: int) -> None:
        """Join the run in its name, as worker `number`. Raises OSError when the run's folder cannot be used."""
        self.host, self.pid = where.host, where.pid
        self.offset = offset
        self._number = number
        self._label = self._words()
        self._tracer = Tracer(run, Role.CLUSTER, self._label, token, 0, where)
        self._threads: dict[int, _Thread] = {}

    def sync(self, offset: Offset) -> None:
        """Its clock was measured anew."""
        self.offset = offset
        label = self._words()
        if label != self._label:
            self._label = label
            self._tracer.become(Role.CLUSTER, label)

    def hear(self, event: Mapping[str, Any]) -> None:
        """Take in an event of its outbox, see `explorer.cluster.aboard`."""
        for thread, name, request, start, duration, cpu in event["done"]:
            self._thread(thread).done(self._tracer.name(name), request, self.offset.here(start), duration, cpu)
        running = {thread: (name, request, start) for thread, name, request, start in event["running"]}
        for thread in running.keys() | self._threads.keys():
            what = running.get(thread)
            if what is None:
                self._threads[thread].idle()
            else:
                name, request, start = what
                self._thread(thread).runs(self._tracer.name(name), request, self.offset.here(start))

    def end(self, died: str, time_ns: int) -> None:
        """It has gone at `time_ns`: died says how, if it was not asked to."""
        self._tracer.ended(time_ns, died)
        self.close()

    def close(self) -> None:
        """The run is over, the worker goes on."""
        self._threads.clear()
        self._tracer.close()

    def _words(self) -> str:
        return f"Dask worker {self._number} on {self.host}, clock ±{_milliseconds(self.offset.error_ns)} ms"

    def _thread(self, tid: int) -> "_Thread":
        thread = self._threads.get(tid)
        if thread is None:
            track = self._tracer.declare(TrackKind.THREAD, THREAD, tid=tid)
            thread = self._threads[tid] = _Thread(self._tracer.lease(SizeClass.POOL, track), track)
        return thread


class _Thread:
    """A thread of the worker: its ring, and where its last job ended, since spans of a track do not overlap."""

    def __init__(self, ring: Ring, track: int) -> None:
        self._ring = ring
        self._track = track
        self._end = 0

    def done(self, name: int, request: int, start: int, duration: int, cpu: int) -> None:
        """A job is over; `start` on our clock, which may have been measured anew since the last one."""
        begin = max(start, self._end)
        self._end = max(begin, start + duration)
        self._ring.write(
            begin,
            self._end - begin,
            request,
            span_argument(0, cpu),
            name,
            self._track,
            Kind.JOB,
            State.RUNNING,
            0,
            Flag.COMPLETE,
        )

    def runs(self, name: int, request: int, start: int) -> None:
        """A job runs since `start`."""
        self._ring.open(0, max(start, self._end), name, request, Kind.JOB, State.RUNNING)

    def idle(self) -> None:
        """Nothing runs."""
        self._ring.shut(0)


def _milliseconds(ns: int) -> str:
    """One figure that counts: a label that trembles with every measurement is read by nobody."""
    return f"{max(ns, 50_000) / 1e6:.1f}" if ns < 10_000_000 else f"{ns / 1e6:.0f}"
