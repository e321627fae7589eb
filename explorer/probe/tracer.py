"""The probe of one process: who it is in the run, its names and tracks, and the rings of its threads.

A process takes part in a run when `EXPLORER_RUN` names the run's folder. Joining means: take a number that nobody had,
leave a note of who this is (`process-NUMBER.json`), open the file of names, and only then make rings; so whoever finds
a ring also finds what is needed to read it. All of them bear the number, because a pid is used again. A forked child
joins again by itself: it must not write into its parent's rings. What forks while it takes part in a run is the app,
since the explorer's own forks join (or leave) the run first: the child is a process of the app's pool, not a server.

Nothing here stops the observed process. When joining fails there is no tracer; when a ring cannot be made or its track
cannot be declared, its thread writes into a ring that nobody reads; a name that cannot be written down is none. Each
process logs the first of these.
"""

import heapq
import itertools
import json
import logging
import os
import sys
import sysconfig
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from explorer.probe.numbers import take_number
from explorer.probe.outside import Outside
from explorer.records.clock import Anchor
from explorer.records.names import NameWriter
from explorer.records.sampling import NOT_SAMPLED
from explorer.records.schema import request_number, span_argument
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.ring.columns import Columns
from explorer.ring.mapped import RingError
from explorer.ring.pool import RingPool, SizeClass
from explorer.ring.requests import RequestRing
from explorer.ring.writer import Ring

RUN: Final = "EXPLORER_RUN"
EPOCH: Final = "EXPLORER_EPOCH"
STARTED_BY_APP: Final = "started by your app"
"""The label of a process that an app has forked."""
_RUN_APPS: Final = (Role.SERVER, Role.WORKER, Role.CONNECTION, Role.STANDBY, Role.POOL)

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A process on another host, in whose name this one takes part in the run: the host, its pid and Python there."""

    host: str
    pid: int
    interpreter: str


class _Lease:
    """A thread's hold on its ring. The thread's end drops the last reference, and that gives the ring back."""

    __slots__ = ("_pid", "_tracer", "ring")

    def __init__(self, tracer: "Tracer", ring: Ring) -> None:
        self._tracer = weakref.ref(tracer)
        self._pid = tracer.pid
        self.ring = ring

    def __del__(self) -> None:
        tracer = self._tracer()
        # A forked child inherits leases, but the rings are its parent's.
        if tracer is not None and tracer.pid == self._pid:
            tracer.give_back(self.ring)


class _Local(threading.local):
    """What a thread keeps: its ring, the lease that ends with it, the size of its rings, its ring of requests, and
    the locks that it has without having told of it.
    """

    ring: Ring | None = None
    lease: _Lease | None = None
    size: SizeClass = SizeClass.LOOP
    requests: RequestRing | None = None

    def __init__(self) -> None:
        self.untold: list[Any] = []


class Tracer:
    """This process's part in a run. Safe to use from any thread; a ring belongs to the thread that leased it."""

    def __init__(
        self, run: Path, role: Role, label: str, token: str, epoch: int, elsewhere: Elsewhere | None = None
    ) -> None:
        """Join the run in the folder `run`, in the name of a process `elsewhere` if there is one.

        Raises OSError when the folder cannot be used.
        """
        self.run = run
        self._elsewhere = elsewhere
        self.role = role
        self.label = label or str(role)
        self.token = token
        self.epoch = epoch
        self.loop_size = SizeClass.LOOP
        """Of the rings of the main thread's loop; those of loops in other threads serve one connection each."""
        self.thread_size = SizeClass.POOL
        """Of the rings of threads without a loop."""
        self.pool_probes: list[str] = []
        """Probes that the processes of its pools attach as well, see `explorer.probe.more`."""
        self.paused: dict[int, tuple[int, int, int]] = {}
        """Who waits for a client to take what it was sent: since when (ns), for which request, its route's name."""
        self._parent = os.getppid()
        self._lock = threading.Lock()
        self._complained = False
        self._lanes: dict[int, tuple[TrackKind, str]] = {}
        self._free_lanes: dict[tuple[TrackKind, str], list[int]] = {}
        self._closers: list[Callable[[], None]] = []
        self._closed = False
        self._outside = Outside(self)
        self._enter()
        self.track = self.declare(TrackKind.PROCESS, self.label)
        self._requests_track = 0
        if sys.platform != "win32":
            me = weakref.ref(self)  # the registration cannot be taken back
            os.register_at_fork(after_in_child=lambda: _reopen(me()))

    @classmethod
    def join(cls, role: Role, label: str = "", *, environ: Mapping[str, str] | None = None) -> "Tracer | None":
        """Take part in the run that `EXPLORER_RUN` names. None when there is none, or when joining failed (logged)."""
        environ = os.environ if environ is None else environ
        folder = environ.get(RUN)
        if not folder:
            return None
        run = Path(folder)
        try:
            token = str(json.loads((run / "run.json").read_text(encoding="utf-8"))["token"])
            tracer = cls(run, role, label, token, int(environ.get(EPOCH) or 0))
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("This process is not observed, because joining the run in %s failed: %s", run, error)
            return None
        if role not in NOT_SAMPLED:
            tracer._outside.start()
        return tracer

    def name(self, text: str) -> int:
        """The number of a name; see `NameWriter.name`. 0 when it cannot be written down (logged) and after `close`."""
        try:
            return self._names.name(text)
        except OSError as error:
            self._complain_of_names(error)
        except ValueError:  # the file is closed
            pass
        return 0

    def declare(self, kind: TrackKind, text: str, *, parent: int | None = None, **extra: Any) -> int:
        """Declare a track, below the process's own unless `parent` says otherwise; see `NameWriter.track` for `extra`.

        0 when it cannot be written down (logged) and after `close`.
        """
        if parent is None:
            parent = 0 if kind is TrackKind.PROCESS else self.track
        try:
            return self._names.track(kind, text, parent=parent, **{"epoch": self.epoch, **extra})
        except OSError as error:
            self._complain_of_names(error)
        except ValueError:  # the file is closed
            pass
        return 0

    def rename(self, track: int, kind: TrackKind, text: str) -> None:
        """Call a track something else from now on."""
        try:
            self._names.again(track, kind, text)
        except OSError as error:
            self._complain_of_names(error)
        except ValueError:  # the file is closed
            pass

    def become(self, role: Role, label: str) -> None:
        """Say that this process is something else from now on: a standby that got a connection, for example."""
        self.role, self.label = role, label
        try:
            self._names.become(role, label)
        except OSError as error:
            self._complain_of_names(error)
        except ValueError:  # the file is closed
            pass

    def ended(self, time_ns: int, died: str) -> None:
        """Say that the process elsewhere, in whose name this is, ended at that time; see `NameWriter.ended`."""
        try:
            self._names.ended(time_ns, died)
        except OSError as error:
            self._complain_of_names(error)
        except ValueError:  # the file is closed
            pass

    def lane(self, kind: TrackKind, text: str, size: SizeClass) -> int:
        """A track for the calling thread, which will have rings of this size.

        Threads that come and go with connections share their tracks: each takes the lowest that no living one has, so
        that there are as many as there were connections at once.
        """
        tid = threading.get_native_id()
        if size is not SizeClass.CONNECTION:
            return self.declare(kind, text, tid=tid)
        key = (kind, text)
        with self._lock:
            free = self._free_lanes.setdefault(key, [])
            track = heapq.heappop(free) if free else 0
        if not track:
            track = self.declare(kind, text, tid=tid)
            self._lanes[track] = key
            return track
        try:
            self._names.again(track, kind, text, tid=tid)
        except OSError as error:
            self._complain_of_names(error)
        except ValueError:  # the file is closed
            pass
        return track

    @property
    def finding(self) -> Mapping[str, Any] | None:
        """Where this process's GIL lies (`explorer.probe.gil.Finding`); None until it is known."""
        return self._outside.finding

    @property
    def requests_track(self) -> int:
        """The track of this process's requests, declared on first use."""
        if not self._requests_track:
            with self._lock:
                if not self._requests_track:
                    self._requests_track = self.declare(TrackKind.REQUESTS, "requests")
        return self._requests_track

    def request_from(self, header: bytes) -> int:
        """The request number in the value of an `x-explorer-request` header; 0 unless it carries the run's token."""
        number, _, token = header.partition(b"-")
        if token.decode("latin-1") != self.token:
            return 0
        try:
            request = int(number, 16)
        except ValueError:
            return 0
        return request if 0 < request < 1 << 64 else 0

    def lease(self, size: SizeClass, track: int) -> Ring:
        """A ring for the calling thread. Without space for one, or without a track: a ring that nobody reads."""
        try:
            ring = self._pool.lease(size, track) if track else Ring.detached()
        except RingError as error:
            self._complain(str(error))
            ring = Ring.detached()
        ring.track = track
        now = time.perf_counter_ns()
        ring.write(now, 0, 0, span_argument(), 0, track, Kind.THREAD, State.NONE, 0, Flag.BEGIN)
        return ring

    def give_back(self, ring: Ring) -> None:
        """The ring's thread, or what it was leased for, is over."""
        now, track = time.perf_counter_ns(), ring.track
        ring.write(now, 0, 0, span_argument(), 0, track, Kind.THREAD, State.NONE, 0, Flag.END)
        self._pool.give_back(ring)
        # From here on the ring may be another thread's, and its track that thread's.
        lane = self._lanes.get(track)
        if lane is not None:
            with self._lock:
                heapq.heappush(self._free_lanes[lane], track)

    def lend(self, text: str) -> tuple[int, Path]:
        """A track for a thread that another interpreter of this process will write to, and the file of its ring.

        Raises RingError when there is no space for it, or no track.
        """
        track = self.declare(TrackKind.THREAD, text)
        if not track:
            raise RingError("Its track could not be declared.")
        return track, self._pool.lend(self.thread_size)

    def met(self, track: int, text: str, tid: int) -> None:
        """The thread of a track that `lend` made has begun: its native id is `tid`."""
        try:
            self._names.again(track, TrackKind.THREAD, text, tid=tid)
        except OSError as error:
            self._complain_of_names(error)
        except ValueError:  # the file is closed
            pass

    def lease_columns(self, track: int) -> Columns:
        """A ring in columns for the event loop of the calling thread. Raises RingError: its tracer falls back."""
        if not track:
            raise RingError("Its track could not be declared.")
        return self._pool.lease_columns(track, self.local.size)

    def lease_requests(self) -> RequestRing:
        """A ring of requests for the calling thread. Without space for one, or a track: a ring that nobody reads."""
        try:
            if self.requests_track:
                return self._pool.lease_requests(self.requests_track, self.local.size)
        except RingError as error:
            self._complain(str(error))
        return RequestRing.detached()

    def request_ring(self) -> RequestRing:
        """The ring of requests of the calling thread's loop, leased on first use, given back by `unbind_thread`."""
        local = self.local
        if local.requests is None:
            local.requests = self.lease_requests()
        return local.requests

    def give_back_fixed(self, ring: Columns | RequestRing) -> None:
        """What `lease_columns` or `lease_requests` gave is needed no more."""
        self._pool.give_back(ring)

    def thread_ring(self) -> Ring:
        """The ring of the calling thread, leased on first use and given back when the thread ends."""
        ring = self.local.ring
        if ring is None:
            track = self.lane(TrackKind.THREAD, threading.current_thread().name, self.thread_size)
            ring = self.bind_thread(self.thread_size, track)
        return ring

    def working_for(self) -> int:
        """The request whose job the calling thread runs; 0 for none. Makes no ring."""
        ring = self.local.ring
        return 0 if ring is None else ring.request

    def bind_thread(self, size: SizeClass, track: int) -> Ring:
        """Give the calling thread a ring of this size that writes to `track` (an event loop's thread: the loop's).

        A ring it had before is given back.
        """
        self.unbind_thread()
        local = self.local
        ring = self.lease(size, track)
        local.lease = _Lease(self, ring)
        local.ring = ring
        local.size = size
        return ring

    def unbind_thread(self) -> None:
        """Give back the calling thread's rings. Should it write again, it gets a new one."""
        local = self.local
        if local.requests is not None:
            self.give_back_fixed(local.requests)
            local.requests = None
        local.lease = None
        local.ring = None
        local.size = SizeClass.LOOP

    def current_track(self) -> int:
        """The track to which the calling thread writes; the process's when it writes none. Makes no ring."""
        ring = self.local.ring
        return self.track if ring is None else ring.track

    def at_close(self, action: Callable[[], None]) -> None:
        """Have `action` called by `close`."""
        self._closers.append(action)

    def close(self) -> None:
        """Leave the run: rings are marked as finished. Threads that still write do no harm."""
        self._closed = True
        self._outside.stop()
        while self._closers:
            self._closers.pop()()
        self.local = _Local()
        self._pool.close()
        self._names.close()

    def _enter(self) -> None:
        self.pid = os.getpid()
        self.number = take_number(self.run / "numbers")
        self._closed = False
        self.next_request: Callable[[], int] = itertools.count(request_number(self.number, 1)).__next__
        """A request number that nobody else in the run has or will have. Safe to call from any thread."""
        self.local = _Local()
        """What the calling thread keeps; its `ring` is None before `thread_ring` was asked for it."""
        if self.role not in NOT_SAMPLED and self._elsewhere is None:
            self._outside.allow()  # before the note: whoever reads that looks at once
        _write_note(self)
        self._names = NameWriter(self.run / f"names-{self.number}.jsonl")
        self._pool = RingPool(self.run / "rings", self.number)

    def _enter_after_fork(self) -> None:
        """Join once more as the forked child. The parent's names and tracks are declared anew under their numbers.

        Its loops are not, and its threads have no ids any more: the child has none of either until it makes one.
        """
        if self.role in _RUN_APPS:
            self.role, self.label = Role.POOL, STARTED_BY_APP
        old = self.run / f"names-{self.number}.jsonl"
        self._parent = os.getppid()
        self._lock = threading.Lock()
        self._lanes, self._free_lanes = {}, {}
        self.paused = {}
        self._enter()
        if self.role not in NOT_SAMPLED:
            self._outside.after_fork()
        for line in old.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:  # another thread was writing it when the process forked
                break
            if "name" in entry:
                self._names.name(entry["text"])
            elif "parent" in entry:  # if not, it says what the parent became, or that a thread took a track again
                known = ("track", "kind", "text", "parent", "tid")
                extra = {key: value for key, value in entry.items() if key not in known}
                kind = TrackKind(entry["kind"])
                if kind is TrackKind.LOOP:
                    self._names.skip_track()
                    continue
                text = self.label if entry["track"] == self.track else entry["text"]
                self._names.track(kind, text, parent=entry["parent"], **extra)

    def _detach(self) -> None:
        """Record nothing any more, and leave what is a parent process's alone."""
        self.pid = os.getpid()
        self.number = 0
        self.next_request = itertools.count(request_number(0, 1)).__next__
        self.track = self._requests_track = 0
        self.local = _Local()
        self._names = NameWriter(None)
        self._pool = RingPool(self.run / "rings", self.number)
        self._pool.close()

    def _complain_of_names(self, error: OSError) -> None:
        self._complain(f"New names and tracks cannot be written down ({error.strerror}); free some space on the disk.")

    def _complain(self, sentence: str) -> None:
        if not self._complained:
            self._complained = True
            logger.warning("Part of this process is not observed. %s", sentence)


def _reopen(tracer: Tracer | None) -> None:
    if tracer is None:
        return
    closed = tracer._closed
    try:
        tracer._enter_after_fork()
    except (OSError, ValueError, KeyError, TypeError) as error:  # no space, or a parent's file of names that is damaged
        tracer._detach()
        # What forks after its run was deleted does not expect its child to be observed.
        if not (closed and not tracer.run.is_dir()):
            logger.warning("A forked child is not observed: %s", error)


def _write_note(tracer: Tracer) -> None:
    """Write `process-NUMBER.json`; it appears under its name only when it is complete."""
    anchor = Anchor.take()
    version = ".".join(str(part) for part in sys.version_info[:3])
    threads = " free-threaded" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    note = {
        "number": tracer.number,
        "pid": tracer.pid,
        "role": str(tracer.role),
        "label": tracer.label,
        "parent": tracer._parent,
        "epoch": tracer.epoch,
        "interpreter": f"{sys.implementation.name} {version}{threads}",
        "anchor": {"monotonic_ns": anchor.monotonic_ns, "wall_ns": anchor.wall_ns},
        "started_ns": anchor.monotonic_ns,
    }
    if tracer.finding is not None:
        note["gil"] = tracer.finding
    if tracer._elsewhere is not None:
        there = tracer._elsewhere
        note |= {"host": there.host, "pid": there.pid, "interpreter": there.interpreter}
        note |= {"keeper": tracer.pid, "parent": tracer.pid}
    path = tracer.run / f"process-{tracer.number}.json"
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(note), encoding="utf-8")
    temporary.replace(path)
