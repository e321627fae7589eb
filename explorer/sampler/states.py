"""The states of one process's threads, seen from outside: a strip for each, and how many wait for the GIL.

A thread is told apart by what the kernel says it is doing (`system_calls`, `thread_files`) and by what the probe has
recorded on it (`headers`). Its strip begins when it has been seen twice, so that threads that live for milliseconds do
not each leave a track behind.
"""

import errno
import os
from typing import Final

from explorer.collect.liveness import without_descriptors
from explorer.records.states import Kind, State, TrackKind
from explorer.ring.writer import Ring
from explorer.sampler.headers import Header, inside
from explorer.sampler.strip import Seen, Strip
from explorer.sampler.subject import Sampled
from explorer.sampler.system_calls import RUNNING, Numbers, state_in_call
from explorer.sampler.thread_files import ThreadFiles
from explorer.sampler.vitals import Declarer

_GONE: Final = (errno.ESRCH, errno.ENOENT)
_NO_RINGS: Final[list[Header]] = []
_SEEN: Final = {state: Seen(state) for state in State}
_ON_OR_OFF: Final = (_SEEN[State.RUNNING], _SEEN[State.RUNNABLE])
_UNSURE: Final = _SEEN[State.UNKNOWN]
"""What may come to be known without the thread having run: where its process's GIL is."""


class _Thread:
    """One thread with its last sample."""

    __slots__ = ("call", "files", "rings", "schedule", "strip")

    def __init__(self, files: ThreadFiles) -> None:
        self.files = files
        self.strip: Strip | None = None
        self.schedule = b""
        self.call = b""
        self.rings = _NO_RINGS  # those by which its state was told


class ProcessStates:
    """Samples the threads of one process; `begin` a round, then `sample` each of its threads."""

    def __init__(self, tracer: Declarer, ring: Ring, process: Sampled, known: Numbers) -> None:
        """Raises OSError (PermissionError) when the process may not be looked at, or has gone."""
        self._tracer = tracer
        self._ring = ring
        self._process = process
        self._known = known
        self._folder = f"/proc/{process.pid}/task"
        self._threads: dict[int, _Thread] = {}
        self._count = 0
        self._left: set[int] = set()  # who let go of the GIL a moment ago
        tried = ThreadFiles(process.pid, process.pid)
        try:
            tried.call()
        finally:
            tried.close()

    @property
    def tids(self) -> list[int]:
        """The threads that are there."""
        return list(self._threads)

    def begin(self) -> None:
        """Look for threads that are new. Raises OSError when the process has gone, or no descriptor is free."""
        # A folder's number of links is that of the folders in it: asking for it is cheaper than reading the folder.
        count = os.stat(self._folder).st_nlink - 2
        if count == self._count and count == len(self._threads):
            return
        tids = sorted(int(name) for name in os.listdir(self._folder))
        self._count = count
        for tid in tids:
            if tid not in self._threads:
                try:
                    self._threads[tid] = _Thread(ThreadFiles(self._process.pid, tid))
                except OSError as error:
                    if error.errno not in _GONE:
                        raise

    def sample(self, tid: int, now: int, period_us: int) -> None:
        """Look at one thread, if it is still known. Raises PermissionError when that is not allowed any more."""
        thread = self._threads.get(tid)
        if thread is None:  # it was found to have ended between two parts of a round
            return
        try:
            schedule, call = thread.files.schedule(), thread.files.call()
        except OSError as error:
            if without_descriptors(error):  # this sample is left out
                return
            if error.errno not in _GONE:
                raise
            self._end(tid, now)
            return
        call = call[:-1]
        rings = self._process.rings.get(tid, _NO_RINGS)
        strip = thread.strip
        seen = strip.seen if strip is not None else None
        if call == RUNNING:
            state = thread.files.on_processor(schedule)
        elif (
            (schedule, call) == (thread.schedule, thread.call)
            and seen is not None
            and seen != _UNSURE
            and rings == thread.rings
        ):
            state = seen.state  # it has not run since, and no more is known of it than was
        else:
            state = state_in_call(call, self._known, self._process.runtime, inside(rings))
        if strip is None and thread.call:
            strip = thread.strip = self._strip(tid)
        thread.schedule, thread.call, thread.rings = schedule, call, rings
        if strip is not None:
            strip.see(_SEEN[state], now, period_us)

    def handed_over(self, before: int, after: int, now: int, period_us: int) -> None:
        """The GIL went from one thread to another (native ids, 0: nobody): both are in another state than they were.

        Who holds it runs, or would if it had a processor. Who has let go of it is looked at, unless it is still on its
        way to where it waits: then `look_again` will see. Raises PermissionError.
        """
        thread = self._threads.get(after)
        strip = thread.strip if thread is not None else None
        if thread is not None and strip is not None and strip.seen not in _ON_OR_OFF:
            thread.call = b""  # what it last did in the system is over
            strip.see(_SEEN[self._awake(thread)], now, period_us)
        self._left.discard(after)
        if before in self._threads and not self._settled(before, now, period_us):
            self._left.add(before)

    @property
    def has_left(self) -> bool:
        """Whether there is somebody for `look_again`."""
        return bool(self._left)

    def look_again(self, now: int, period_us: int) -> None:
        """Look at those that had just let go of the GIL. Raises PermissionError."""
        left, self._left = self._left, set()
        for tid in left & self._threads.keys():
            self.sample(tid, now, period_us)

    def _awake(self, thread: _Thread) -> State:
        """RUNNING or RUNNABLE for one that holds the GIL."""
        try:
            return thread.files.on_processor(thread.files.schedule())
        except OSError as error:  # it has just ended, or there is no descriptor to spare: what it is, a look will tell
            if without_descriptors(error) or error.errno in _GONE:
                return State.RUNNING
            raise

    def _settled(self, tid: int, now: int, period_us: int) -> bool:
        """Look at a thread if it is in the system; whether it is, or has ended."""
        try:
            awake = self._threads[tid].files.call()[:-1] == RUNNING
        except OSError as error:
            if without_descriptors(error):
                return True
            if error.errno not in _GONE:
                raise
            awake = False
        if not awake:
            self.sample(tid, now, period_us)
        return not awake

    def waits_for_gil(self, tid: int) -> bool:
        """Whether a thread waited for the GIL when it was last looked at."""
        thread = self._threads.get(tid)
        return thread is not None and thread.strip is not None and thread.strip.seen == _SEEN[State.WAITING_GIL]

    def waiting(self) -> int:
        """How many threads waited for the GIL when they were last looked at."""
        waiting = _SEEN[State.WAITING_GIL]
        return sum(thread.strip is not None and thread.strip.seen == waiting for thread in self._threads.values())

    def pause(self, now: int) -> None:
        """Nothing is looked at for a while."""
        for thread in self._threads.values():
            if thread.strip is not None:
                thread.strip.end(now)

    def close(self, now: int) -> None:
        """Nothing is looked at any more."""
        for tid in list(self._threads):
            self._end(tid, now)

    def _strip(self, tid: int) -> Strip:
        name = self._process.names.full(self._process.rings.get(tid, _NO_RINGS))
        track = self._tracer.declare(TrackKind.STATES, name, pid=self._process.pid, tid=tid)
        return Strip(self._ring, track, Kind.THREAD_STATE)

    def _end(self, tid: int, now: int) -> None:
        thread = self._threads.pop(tid)
        thread.files.close()
        if thread.strip is not None:
            thread.strip.end(now)
            thread.strip.close(now)
