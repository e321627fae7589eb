"""What a run looks like to everything that reads it: batches of run-wide records, from a live run or from a recording.

A `Source` is polled; each `Batch` holds what is new. Numbers in it are run-wide: the collector has already mapped every
process's own names and tracks, ordered the records of a track and spread requests over lanes. The store, the recorder
and the statistics know only batches, so that a recording and a live run are the same to them.

Which tracks a timeline shows. A process writes its REQUEST and CLIENT_REQUEST records, and the waits of its requests,
to a REQUESTS track of its own; they overlap, so such a track (kind REQUESTS, `process` not 0) is data for statistics
and is not drawn. What is drawn is one REQUESTS track per route that belongs to the run (`process` 0), with LANE tracks
"1", "2", … below it; a lane holds the PIECE spans of one request after the other, depth 0, without overlap. The low
32 bits of a piece's argument are the track where it happened (0: nowhere in particular); its CPU time is not taken.
Requests that begin while 64 lanes are taken have no lane; the COUNTER track "in flight" below the same parent counts
them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from explorer.records.states import Kind, Role, State, TrackKind

SPAN: Final = np.dtype(
    [
        ("start", "<i8"),  # ns of perf_counter_ns
        ("end", "<i8"),  # ns; never before start
        ("request", "<u8"),  # run-wide request number, 0 = none
        ("argument", "<u8"),  # see records.schema
        ("name", "<u4"),  # index into the run's names, 0 = none
        ("track", "<u4"),  # run-wide track number
        ("reserved", "<u4"),  # keeps a span at six 64-bit words, so that batches can be moved word-wise
        ("kind", "u1"),
        ("state", "u1"),
        ("depth", "u1"),
        ("flags", "u1"),
    ]
)
SAMPLE: Final = np.dtype([("time", "<i8"), ("value", "<f8"), ("track", "<u4"), ("reserved", "<u4")])

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the run. `ended_ns` is None while it lives; `died` says how it ended if it was not asked to.

    `host` is where it runs if not on this machine; then its pid is that host's.
    """

    number: int
    pid: int
    role: Role
    label: str
    parent_pid: int
    epoch: int
    interpreter: str
    started_ns: int
    ended_ns: int | None = None
    died: str = ""
    host: str = ""

    @property
    def free_threaded(self) -> bool:
        """Whether its Python is built without a GIL."""
        return self.interpreter.endswith(" free-threaded")


@dataclass(frozen=True, slots=True)
class Track:
    """A place with a clock. `parent` is a track number or 0 (directly below its process).

    `process` is 0 for the run's own tracks. `epoch` is that of the process, or of the start that the declaration names.
    Of a lock, `what` says which primitive it is ("threading.Lock"), `place` where it was made ("folder/file.py:12"),
    and `shared` is the same for all the tracks of one that several processes share.
    """

    number: int
    kind: TrackKind
    name: str
    process: int
    parent: int = 0
    tid: int = 0
    pid: int = 0
    epoch: int = 0
    unit: str = ""
    ended_ns: int | None = None
    what: str = ""
    place: str = ""
    shared: str = ""


class OpenSpan(NamedTuple):
    """Something that has begun and not ended; it is drawn as growing up to now.

    A tuple, because a hundred of them are made and compared fifty times a second.
    """

    track: int
    depth: int
    start: int
    name: int
    request: int
    kind: Kind
    state: State
    value: int = 0  # the kind's own as in a record, as far as it is known


class OpenLock(NamedTuple):
    """A wait for a lock, or a hold of one, that has begun and not ended.

    `track` is that of the record: a wait's is the waiter's lane (of a task: its process's requests), a hold's the
    lock's. `other` is the record's value, the lock or the holder's lane; `owner` the high half of its argument, see
    `records.lock_owners`.
    """

    kind: Kind
    track: int
    start: int
    name: int
    request: int
    other: int
    owner: int
    depth: int


@dataclass(frozen=True, slots=True)
class Loss:
    """`count` records of a ring were overwritten before they were read.

    They lay between `start` and `end` on these tracks.
    """

    tracks: tuple[int, ...]
    start: int
    end: int
    count: int


@dataclass(frozen=True, slots=True)
class Marker:
    """A moment worth a flag on the axis. `kind`: change, restart, death, note, begin, end."""

    time: int
    kind: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """Ring bookkeeping of the whole run so far: `read + lost == written` whenever nothing is under way."""

    written: int = 0
    read: int = 0
    lost: int = 0
    late: int = 0
    rings: int = 0


@dataclass(slots=True)
class Batch:
    """What is new since the last poll.

    `spans` ((n,) of SPAN) are finished, in order of `end` within the batch and, but for a few late ones, from batch to
    batch; pieces come with the batch in which their request (or that much of it) is known, in order per lane. A `begin`
    never appears here, only among `open_spans` until its `complete` has come. `samples` ((n,) of SAMPLE) are counters.
    `open_spans` is the complete present set, or None if it has not changed. `locks` is the same for what is held and
    awaited; it is exact for the moment up to which `spans` are complete. `processes` and `tracks` are new or
    changed. `names` are new: (number, text). `events` are JSON-able dictionaries of the run's own log (`type`, `time`,
    …), among them the load's figures ten times a second. `now` is the clock when the poll began: everything that ended
    1 ms before it is here.
    """

    now: int
    spans: Array = field(default_factory=lambda: np.empty(0, SPAN))
    samples: Array = field(default_factory=lambda: np.empty(0, SAMPLE))
    open_spans: list[OpenSpan] | None = None
    locks: list[OpenLock] | None = None
    processes: list[Process] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    names: list[tuple[int, str]] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)
    events: list[Mapping[str, Any]] = field(default_factory=list)
    tally: Tally = Tally()


class Source(Protocol):
    """Where batches come from."""

    def poll(self) -> Batch:
        """What is new; a batch with empty parts when nothing is."""
        ...

    def close(self) -> None:
        """Let go of files and maps."""
        ...
