"""Batches of invented runs of lock scenarios: what a test writes down is what the evidence is of."""

from dataclasses import dataclass, field

import numpy as np

from explorer.collect.source import SAMPLE, SPAN, Array, Batch, Marker, Process, Tally, Track
from explorer.labs.locks.evidence import Evidence
from explorer.records.lock_owners import THREAD, owner_argument
from explorer.records.states import Kind, Role, State, TrackKind

MS = 1_000_000
SERVER, LOAD = 1, 2
LOOP, LOAD_LOOP, REQUESTS = 1, 2, 3


@dataclass
class Story:
    """A run in which the server (process 1) has a loop, the load (process 2) one of its own. Times are in ms."""

    spans: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    samples: list[tuple[int, float, int]] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    markers: list[Marker] = field(default_factory=list)
    _next: int = 100

    def __post_init__(self) -> None:
        self.tracks = [
            Track(LOOP, TrackKind.LOOP, "loop", SERVER),
            Track(LOAD_LOOP, TrackKind.LOOP, "loop", LOAD),
            Track(REQUESTS, TrackKind.REQUESTS, "requests", SERVER),
        ]

    def track(self, kind: TrackKind, name: str, tid: int = 0) -> int:
        """The number of a new track of the server."""
        self._next += 1
        self.tracks.append(Track(self._next, kind, name, SERVER, tid=tid))
        return self._next

    def counter(self, name: str, *values: float) -> None:
        """A counter of one process, and what it was one after the other."""
        track = self.track(TrackKind.COUNTER, name)
        self.samples += [(at, value, track) for at, value in enumerate(values)]

    def answers(self, status: int, count: int, until: float = 1000) -> None:
        """Requests of the load from 0 to `until`."""
        for _ in range(count):
            self._span(Kind.CLIENT_REQUEST, 0, until, REQUESTS, 0, status)

    def callback(self, start: float, end: float, track: int = LOOP) -> None:
        """A loop ran something."""
        self._span(Kind.CALLBACK, start, end, track, 0, 0)

    def held(self, lock: int, start: float, end: float, thread: int) -> None:
        """A thread's lane held a lock."""
        self._span(Kind.LOCK_HELD, start, end, lock, 0, owner_argument(thread))

    def waited(self, lock: int, start: float, end: float, lane: int, place: str = "x/body.py:1", task: int = 0) -> None:
        """A thread on its lane, or a task, waited for a lock."""
        name = self.names.setdefault(f"lock · {place}", len(self.names) + 1)
        self._span(Kind.LOCK_WAIT, start, end, lane, name, owner_argument(lock, task or THREAD))

    def load(self, begin: float, end: float) -> None:
        """When the load went on."""
        self.markers += [Marker(int(begin * MS), "begin", ""), Marker(int(end * MS), "end", "")]

    def _span(self, kind: Kind, start: float, end: float, track: int, name: int, argument: int) -> None:
        self.spans.append((int(kind), int(start * MS), int(end * MS), track, name, argument))

    def batch(self) -> Batch:
        """All of it at once."""
        spans: Array = np.zeros(len(self.spans), SPAN)
        for row, (kind, start, end, track, name, argument) in zip(spans, self.spans, strict=True):
            row["kind"], row["start"], row["end"], row["track"] = kind, start, end, track
            row["name"], row["argument"], row["state"] = name, argument, State.RUNNING
        samples: Array = np.zeros(len(self.samples), SAMPLE)
        for row, (at, value, track) in zip(samples, self.samples, strict=True):
            row["time"], row["value"], row["track"] = at, value, track
        processes = [
            Process(SERVER, 11, Role.SERVER, "", 1, 1, "3.11", 0), Process(LOAD, 12, Role.LOAD, "", 1, 1, "3.11", 0),
        ]  # fmt: skip
        return Batch(
            now=10_000 * MS,
            spans=spans[np.argsort(spans["end"], kind="stable")],
            samples=samples,
            processes=processes,
            tracks=self.tracks,
            names=[(number, text) for text, number in self.names.items()],
            markers=self.markers,
            tally=Tally(),
        )

    def evidence(self) -> Evidence:
        """What is known of this run."""
        evidence = Evidence(clock=lambda: 0)
        evidence(self.batch())
        return evidence
