"""The probe inside a sub-interpreter: it writes to a ring of the process, by names that the process gave it.

A sub-interpreter shares nothing with the interpreter that made it, not even the modules. It is no process either: its
records belong to the process's own. So the process lends it a track, the file of a ring, and the numbers of the names
that it may need; the interpreter maps that file once more. There is still one writer: the thread of the interpreter.
"""

import functools
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

from explorer.probe import calls
from explorer.probe.gc_runs import CollectorWatch
from explorer.probe.handover import Stamped, stamped
from explorer.probe.jobs import run_job
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State
from explorer.ring import mapped
from explorer.ring.writer import Ring


@dataclass(frozen=True, slots=True)
class Loan:
    """What the process gives to its interpreters; travels by pickle. Tracks and rings are handed out one by one."""

    token: str
    names: Mapping[str, int]
    calls: Mapping[str, State]
    upstream: str


class Guest:
    """A `Recorder` for the one thread of a sub-interpreter."""

    def __init__(self, loan: Loan, track: int, ring: str) -> None:
        """Map the file `ring` and write to `track`, from the calling thread on. Raises OSError if that cannot be."""
        self.token = loan.token
        self._names = loan.names
        descriptor = os.open(ring, os.O_RDWR)
        try:
            self._ring = Ring(mapped.map_file(descriptor))
        finally:
            os.close(descriptor)
        self._ring.take(track)
        self._ring.write(perf_counter_ns(), 0, 0, span_argument(), 0, track, Kind.THREAD, State.NONE, 0, Flag.BEGIN)
        self.garbage = CollectorWatch(self)
        calls.wrap(self, loan.calls)
        if loan.upstream:
            from explorer.probe.outgoing import trace_outgoing  # few need it, and it takes 20 ms

            trace_outgoing(self, loan.upstream)

    def name(self, text: str) -> int:
        """The number that the process gave to a name; 0 for one that it did not foresee."""
        return self._names.get(text, 0)

    def thread_ring(self) -> Ring:
        """The ring."""
        return self._ring

    def working_for(self) -> int:
        """The request whose job runs; 0 for none."""
        return self._ring.request

    def current_track(self) -> int:
        """The track."""
        return self._ring.track


_present: list[Guest] = []
"""This interpreter's guest. Jobs arrive as functions and have nothing else to find it by."""


def enter(loans: Any, met: Any, loan: Loan) -> None:
    """Begin a sub-interpreter: take a track and a ring from the queue `loans`, tell `met` who has it."""
    track, ring = loans.get(timeout=0)
    _present.append(Guest(loan, track, ring))
    met.put((track, threading.get_native_id()))


def run(name: int, request: int, fn: Callable[..., Any], args: Any, kwargs: Any) -> Stamped:
    """In the sub-interpreter: run the job called `name`. Returns when it began, and its result."""
    return stamped(functools.partial(_job, name, request, fn, args, kwargs))


def _job(name: int, request: int, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    guest = _present[0]
    ring = guest.thread_ring()
    try:
        return run_job(ring, name, request, fn, *args, **kwargs)
    finally:
        guest.garbage.drain(ring)
