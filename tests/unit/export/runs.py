"""Small invented runs that are held in memory, to be exported."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from explorer.collect.source import SPAN, Array, Batch, Process, Track
from explorer.export.recorded import Recorded
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, Role, State, TrackKind

LOOP, WORKER, LANE, ROUTE = 3, 4, 7, 6
NAMES = [(1, "read"), (2, "handler"), (3, "time.sleep"), (4, "runs"), (5, "awaits")]


class Held:
    """A source of batches that are there already."""

    def __init__(self, batches: list[Batch]) -> None:
        self._batches = list(batches)
        self.run: Mapping[str, Any] = {"anchor": {"monotonic_ns": 1_000, "wall_ns": 1_790_000_000_000_000_000}}
        self.closed = False

    @property
    def finished(self) -> bool:
        return not self._batches

    @property
    def progress(self) -> float:
        return 0.5

    def poll(self) -> Batch:
        return self._batches.pop(0)

    def close(self) -> None:
        self.closed = True


def recorded(batches: list[Batch]) -> Recorded:
    """A run of these batches that can be read again and again."""
    return Recorded(lambda: Held(batches), "invented")


def span(
    track: int,
    start: int,
    end: int,
    *,
    depth: int = 0,
    name: int = 2,
    request: int = 0,
    kind: Kind = Kind.STEP,
    state: State = State.RUNNING,
    cpu_ns: int | None = None,
    value: int = 0,
) -> Array:
    """One span, as an array of one."""
    made = np.zeros(1, SPAN)
    made["track"], made["start"], made["end"], made["depth"], made["name"] = track, start, end, depth, name
    made["request"], made["kind"], made["state"], made["flags"] = request, kind, state, Flag.COMPLETE
    made["argument"] = span_argument(value, cpu_ns)
    return made


def batch(now: int, spans: Iterable[Array] = ()) -> Batch:
    """A batch of these spans."""
    return Batch(now=now, spans=np.concatenate([np.zeros(0, SPAN), *spans]))


def declared(first: Batch) -> Batch:
    """The batch with the declarations of a server with a loop, a worker thread, a route and a lane of it."""
    first.names = list(NAMES)
    first.processes = [Process(1, 77, Role.SERVER, "FastAPI", 1, 1, "cpython 3.13.0", 5)]
    first.tracks = [
        Track(LOOP, TrackKind.LOOP, "event loop", 1, tid=77, pid=77),
        Track(WORKER, TrackKind.THREAD, "AnyIO worker thread", 1, tid=78, pid=77),
        Track(ROUTE, TrackKind.REQUESTS, "GET /job", 0),
        Track(LANE, TrackKind.LANE, "1", 0, parent=ROUTE),
    ]
    return first
