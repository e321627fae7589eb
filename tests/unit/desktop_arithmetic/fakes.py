"""Small stores for the arithmetic's tests."""

import numpy as np

from explorer.collect.source import SPAN, Array, Batch, OpenSpan, Process, Track
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.store.store import Store

Given = tuple[int, int, int, State]
"""Track, start, end, state."""


def spans_of(rows: list[Given], depth: int = 0, request: int = 0) -> Array:
    """A batch's spans, in order of end."""
    spans = np.zeros(len(rows), SPAN)
    for at, (track, start, end, state) in enumerate(rows):
        spans[at]["start"], spans[at]["end"], spans[at]["track"] = start, end, track
        spans[at]["state"], spans[at]["kind"] = state, Kind.JOB
    spans["depth"] = depth
    spans["request"] = request
    spans["flags"] = Flag.COMPLETE
    return spans[np.argsort(spans["end"], kind="stable")]


def thread(number: int, process: int = 1, name: str = "AnyIO worker thread") -> Track:
    """A thread's track."""
    return Track(number, TrackKind.THREAD, name, process, tid=1000 + number)


def process(
    number: int = 1,
    role: Role = Role.SERVER,
    started: int = 0,
    epoch: int = 1,
    ended_ns: int | None = None,
    died: str = "",
) -> Process:
    """A process."""
    return Process(number, 4000 + number, role, "", 1, epoch, "", started, ended_ns, died)


def store_of(
    rows: list[Given],
    tracks: list[Track] | None = None,
    processes: list[Process] | None = None,
    open_spans: list[OpenSpan] | None = None,
) -> Store:
    """A store with these spans at depth 0."""
    store = Store()
    numbers = sorted({row[0] for row in rows})
    store.append(
        Batch(
            max((row[2] for row in rows), default=0),
            spans_of(rows),
            tracks=[thread(number) for number in numbers] if tracks is None else tracks,
            processes=[process()] if processes is None else processes,
            open_spans=open_spans,
        )
    )
    return store
