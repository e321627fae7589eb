"""A run as the collector would hand it over, made by a small simulation: for tests, pictures and the benchmark.

Users send requests in a closed loop; each is taken by an event loop, waits for one of the worker threads, computes,
waits for I/O, computes, and is answered by the loop. Loop, workers, requests and the counter of waiting requests add
up.
"""

import heapq
from dataclasses import dataclass, field

import numpy as np

from explorer.collect.source import SAMPLE, SPAN, Array, Batch, Loss, Marker, OpenSpan, Process, Tally, Track
from explorer.records.schema import request_number
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.store.store import Store

MS = 1_000_000
SECOND = 1_000 * MS
BEGIN = 5_000 * SECOND
NAMES = (
    "",
    "GET /job",
    "waits for a thread",
    "json.dumps",
    "sock.recv",
    "run_asgi",
    "select",
    "waits for the GIL",
    "awaits",
)
NAME = {text: number for number, text in enumerate(NAMES)}
SERVER, LOAD, SAMPLER = 1, 2, 3
LOOP, GROUP, IN_FLIGHT, WAITING, VITAL, FIRST_WORKER, FIRST_LANE = 1, 2, 3, 4, 5, 10, 100


@dataclass
class Sample:
    """Rows of a run: (start, end, request, name, track, kind, state, depth), its counters, and what is open at the
    end.
    """

    spans: list[tuple[int, ...]] = field(default_factory=list)
    samples: list[tuple[int, float, int]] = field(default_factory=list)
    open_spans: list[OpenSpan] = field(default_factory=list)
    end: int = 0

    def span(
        self, start: int, end: int, request: int, name: str, track: int, kind: Kind, state: State, depth: int = 0
    ) -> None:
        """Add a finished span."""
        if end > start:
            self.spans.append((start, end, request, NAME[name], track, kind, state, depth))


def simulate(seconds: float = 20.0, users: int = 8, workers: int = 4, seed: int = 7, open_tail: bool = True) -> Sample:
    """Play the run; it ends `seconds` after `BEGIN`, with what is then under way left open."""
    random = np.random.default_rng(seed)
    sample = Sample(end=BEGIN + round(seconds * SECOND))
    loop_free = BEGIN
    idle_from = BEGIN
    free = [(BEGIN, worker) for worker in range(workers)]
    heapq.heapify(free)
    due = [(BEGIN + user * 3 * MS, user) for user in range(users)]
    heapq.heapify(due)
    number = 0
    waiting: list[tuple[int, int]] = []
    while due[0][0] < sample.end:
        sent, user = heapq.heappop(due)
        number += 1
        request = request_number(LOAD, number)
        lane = FIRST_LANE + user

        def piece(start: int, end: int, name: str, state: State, lane: int = lane, request: int = request) -> None:
            _put(sample, start, end, request, name, lane, Kind.PIECE, state, 0)

        taken = max(sent + round(random.uniform(0.1, 0.6) * MS), loop_free)
        if taken > idle_from:
            _put(sample, idle_from, taken, 0, "select", LOOP, Kind.SELECT, State.IDLE, 0)
        step = taken + round(random.uniform(0.4, 2.0) * MS)
        _put(sample, taken, step, request, "run_asgi", LOOP, Kind.STEP, State.RUNNING, 0)
        loop_free = idle_from = step
        piece(sent, taken, "waits for a thread", State.QUEUED)
        piece(taken, step, "run_asgi", State.RUNNING)
        at, worker = heapq.heappop(free)
        begin = max(at, step)
        track = FIRST_WORKER + worker
        waiting += [(step, 1), (begin, -1)]
        piece(step, begin, "waits for a thread", State.QUEUED)
        time = begin
        inner = []
        for name, state, low, high in (
            ("json.dumps", State.RUNNING, 2, 6),
            ("waits for the GIL", State.WAITING_GIL, 4, 14),
            ("sock.recv", State.BLOCKED, 8, 20),
            ("waits for the GIL", State.WAITING_GIL, 2, 9),
            ("json.dumps", State.RUNNING, 2, 6),
        ):
            end = time + round(random.uniform(low, high) * MS)
            inner.append((time, end, name, state))
            piece(time, end, name, state)
            time = end
        for start, end, name, state in inner:
            if state is not State.RUNNING:
                _put(sample, start, end, request, name, track, Kind.CALL, state, 1)
        _put(sample, begin, time, request, "json.dumps", track, Kind.JOB, State.RUNNING, 0)
        heapq.heappush(free, (time, worker))
        back = time + round(random.uniform(0.3, 1.5) * MS)
        piece(time, back, "waits for a thread", State.QUEUED)
        heapq.heappush(due, (back + round(random.uniform(0, 4) * MS), user))
    _count(sample, waiting)
    if not open_tail:
        sample.open_spans.clear()
    return sample


def _put(
    sample: Sample, start: int, end: int, request: int, name: str, track: int, kind: Kind, state: State, depth: int
) -> None:
    """A span that ends in time is finished, one that is under way at the end is open, the others never happen."""
    if end <= sample.end:
        sample.span(start, end, request, name, track, kind, state, depth)
    elif start < sample.end:
        sample.open_spans.append(OpenSpan(track, depth, start, NAME[name], request, kind, state))


def _count(sample: Sample, changes: list[tuple[int, int]]) -> None:
    value = 0
    for time, change in sorted(changes):
        value += change
        if time <= sample.end:
            sample.samples.append((time, float(value), WAITING))
            sample.samples.append((time, float(value + 4), IN_FLIGHT))


def span_array(rows: list[tuple[int, ...]]) -> Array:
    """Rows of a `Sample` as a batch's spans, in order of end."""
    spans = np.zeros(len(rows), SPAN)
    if rows:
        columns = list(zip(*rows, strict=True))
        for name, column in zip(
            ("start", "end", "request", "name", "track", "kind", "state", "depth"), columns, strict=True
        ):
            spans[name] = column
    spans["flags"] = Flag.COMPLETE
    return spans[np.argsort(spans["end"], kind="stable")]


def declarations(users: int = 8, workers: int = 4) -> tuple[list[Process], list[Track], list[tuple[int, str]]]:
    """Processes, tracks and names of a simulated run."""
    processes = [
        Process(
            SERVER, 41207, Role.SERVER, "FastAPI under uvicorn, asyncio loop", 41000, 1, "Python 3.11", BEGIN - SECOND
        ),
        Process(LOAD, 41215, Role.LOAD, f"{users} users, closed loop, no think time", 41000, 1, "", BEGIN - SECOND),
        Process(
            SAMPLER, 41218, Role.SAMPLER, "CPU, memory and threads, 10 times a second", 41000, 1, "", BEGIN - SECOND
        ),
    ]
    tracks = [
        Track(LOOP, TrackKind.LOOP, "MainThread", SERVER, tid=41207),
        Track(GROUP, TrackKind.REQUESTS, "GET /job", 0),
        Track(IN_FLIGHT, TrackKind.COUNTER, "in flight", 0, parent=GROUP, unit="requests"),
        Track(WAITING, TrackKind.COUNTER, "waiting for a thread", SERVER, unit="requests"),
        Track(VITAL, TrackKind.COUNTER, "cpu", SAMPLER, pid=41207, unit="%"),
    ]
    tracks += [
        Track(FIRST_WORKER + n, TrackKind.THREAD, "AnyIO worker thread", SERVER, tid=41300 + n) for n in range(workers)
    ]
    tracks += [Track(FIRST_LANE + n, TrackKind.LANE, str(n + 1), 0, parent=GROUP) for n in range(users)]
    return processes, tracks, list(enumerate(NAMES))[1:]


def batch_of(sample: Sample, users: int = 8, workers: int = 4) -> Batch:
    """The whole run in one batch."""
    processes, tracks, names = declarations(users, workers)
    samples = np.zeros(len(sample.samples), SAMPLE)
    for at, (time, value, track) in enumerate(sample.samples):
        samples[at] = (time, value, track, 0)
    return Batch(
        now=sample.end,
        spans=span_array(sample.spans),
        samples=samples,
        open_spans=sample.open_spans,
        processes=processes,
        tracks=tracks,
        names=names,
        tally=Tally(len(sample.spans), len(sample.spans), 0, 0, 8),
    )


def sample_store(seconds: float = 20.0, users: int = 8, workers: int = 4, decorated: bool = False) -> Store:
    """A store of a simulated run; `decorated` with markers and a loss."""
    store = Store()
    batch = batch_of(simulate(seconds, users, workers), users, workers)
    batch.markers.append(Marker(BEGIN, "begin", "Load begins"))
    if decorated:
        end = BEGIN + round(seconds * SECOND)
        batch.markers.append(Marker(end - 220 * MS, "change", "Tokens 3 → 4"))
        batch.losses.append(Loss((LOOP, FIRST_WORKER), end - 150 * MS, end - 120 * MS, 1_204))
    store.append(batch)
    return store
