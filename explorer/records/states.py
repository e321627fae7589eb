"""The vocabulary of the timeline: what a track is, what a span is, what state it is in.

Every process writes these numbers into its rings, every reader paints them; they are declared once, here, and never
renumbered (a recording made today must open tomorrow).
"""

from enum import IntEnum, StrEnum, unique
from typing import Final


@unique
class State(IntEnum):
    """What the thread, task or request of a span was doing. `NONE` stands for spans that have no state (counters)."""

    NONE = 0
    RUNNING = 1
    RUNNABLE = 2
    WAITING_GIL = 3
    WAITING_LOCK = 4
    BLOCKED = 5
    QUEUED = 6
    AWAITING = 7
    IDLE = 8
    UNKNOWN = 9


@unique
class Kind(IntEnum):
    """What a record describes. The comment says what the low 32 bits of `argument` mean for it."""

    NONE = 0
    CALLBACK = 1  # a loop ran a plain callback; ready wait in units of 256 ns
    STEP = 2  # a loop ran one step of a task; ready wait in units of 256 ns
    IO = 3  # a loop handled readiness of a socket; ready wait in units of 256 ns
    TIMER = 4  # a loop ran a due timer; lateness in units of 256 ns
    HANDOVER = 5  # a loop took over a call from another thread; ready wait in units of 256 ns
    SIGNAL = 6  # a loop handled a signal; ready wait in units of 256 ns
    SELECT = 7  # a loop waited for something to do; number of callbacks ready afterwards
    REQUEST = 8  # a server handled a request, from its first byte to the end of the response; HTTP status
    CLIENT_REQUEST = 9  # the load sent a request, from its intended send to the response's end; HTTP status, 0 or 1000
    TOKEN_WAIT = 10  # a request waited for a thread-pool token; tokens out once it had one if one was free, else all
    POOL_WAIT = 11  # a request waited for a pool process; jobs in the queue when it was submitted
    JOB = 12  # a pool thread or pool process ran a handler's work
    CALL = 13  # a traced library call inside a callback or job (time.sleep, os.fsync, …)
    PIECE = 14  # a stretch of a request's way, made by the collector; the track where it happened, 0 = none
    COUNTER = 15  # a sample; `argument` is a float64
    THREAD = 16  # a thread took a ring (begin) and gave it back (end)
    CONNECT = 17  # the load opened a connection for a request; 1 = new, 0 = reused
    GC = 18  # the garbage collector ran; generation
    MESSAGE = 19  # a server handled a WebSocket message, from its arrival on; wait until the handler took it (256 ns)
    PUSH = 20  # a server sent one event of a stream (SSE); its number in the stream
    STATEMENT = 21  # a database statement ran; the name id of the engine's code if it failed, else 0
    NOTIFICATION = 22  # a loop took a database's report of a change; wait before it did (256 ns)
    CONNECTION_WAIT = 23  # a request waited for a connection of a database pool; connections lent out then
    LOCK_WAIT = 24  # a thread or task waited for a lock; the lock's track (see `lock_owners`)
    QUEUE_WAIT = 25  # a request waited for room in a queue, or in it for its turn; items that were in it before
    FRAME = 26  # a window painted a frame, or the frame was due and waited for the loop (QUEUED); lateness (256 ns)
    THREAD_STATE = 27  # the sampler saw a thread in one state all the while; sampling period (µs)
    GIL_HELD = 28  # the sampler saw a thread hold the GIL all the while; native thread id, 0 = not known whose it is
    OPERATION = 29  # a framework or library did something for a request (a dependency, serialization); depth from 1
    INTERPRETER_WAIT = 30  # a request waited for an interpreter of a pool; jobs in the queue when it was submitted
    SEND_WAIT = 31  # a request was due and the load had not sent it yet; 1 = it waited for a free connection
    FOREIGN = 32  # a span of a trace made elsewhere; the name id of what its arguments say, 0 = nothing
    LOCK_HELD = 33  # somebody held a lock, on the lock's track; the holder's track (see `lock_owners`)
    LOCK_SIGNAL = 34  # somebody woke those who wait at an event, a condition, a queue; the waker's track
    STACK = 35  # a watchdog saw an event loop stand at one line of source, which is the name, all the while
    DRAIN_WAIT = 36  # what a server sent to a client had to wait until the client took what had been sent before


NO_ANSWER: Final = 0
"""Value of a CLIENT_REQUEST that failed without an HTTP status: it timed out, or its connection broke."""
ABANDONED: Final = 1000
"""Value of a CLIENT_REQUEST that the load itself gave up, since it was to end or to ask for something else: it has not
failed. No HTTP status is as high."""


class Flag(IntEnum):
    """Bits of the record's `flags`. A span is either one COMPLETE record, or a BEGIN that a later COMPLETE replaces."""

    COMPLETE = 1
    BEGIN = 2
    END = 4
    INSTANT = 8


class TrackKind(StrEnum):
    """What kind of place with a clock a track is."""

    PROCESS = "process"
    LOOP = "loop"
    THREAD = "thread"
    CONNECTION = "connection"
    REQUESTS = "requests"  # a group of requests: a process writes to it, the collector spreads it over lanes
    HOST = "host"  # such a group as the load on another host saw it: told late, and on lanes of its own
    LANE = "lane"  # one row of such a group, made by the collector
    WINDOW = "window"  # what a window shows to whoever sits before it
    LOCK = "lock"
    SESSION = "session"
    STATES = "states"  # what the sampler saw one thread (pid, tid) do; drawn as a strip under that thread's spans
    GIL = "gil"  # who held the GIL of one process (pid), as the sampler saw it
    COUNTER = "counter"


LANE_KINDS: Final = (
    TrackKind.LOOP,
    TrackKind.WINDOW,
    TrackKind.THREAD,
    TrackKind.SESSION,
    TrackKind.LOCK,
    TrackKind.CONNECTION,
    TrackKind.PROCESS,
)
"""Tracks of a process that have lanes, in the order in which they are shown."""
WORK_KINDS: Final = tuple(kind for kind in LANE_KINDS if kind is not TrackKind.LOCK)
"""Those on which work is done: a lock that is held does nothing."""


class Role(StrEnum):
    """What a process of a run is there for."""

    WINDOW = "window"
    LOAD = "load"
    SAMPLER = "sampler"
    SERVER = "server"
    WORKER = "worker"
    FORK_SERVER = "fork server"
    STANDBY = "standby"
    CONNECTION = "connection"
    POOL = "pool"
    CLUSTER = "cluster"
    UPSTREAM = "upstream"
    DATABASE = "database"
    GATEWAY = "gateway"
    DEMO = "demo"
    LAB = "lab"
    FOREIGN = "foreign"  # of a trace made elsewhere
