"""A session with everything that it says and everything that comes out of it, for tests."""

import asyncio
import http.client
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from explorer.catalog import Catalog
from explorer.collect.source import SPAN, Array, Batch, Marker, OpenSpan, Process, Tally, Track
from explorer.records.states import Kind, Role, TrackKind
from explorer.scenario import Scenario, assign, parse
from explorer.session import events
from explorer.session.session import Consumer, Session

E = TypeVar("E", bound=events.Event)


class Stage:
    """One session. What it emits is in `heard`, what its collector hands on in `batches`."""

    def __init__(self, *consumers: Consumer, keep_all: bool = False) -> None:
        self.catalog = Catalog()
        self.heard: list[events.Event] = []
        self.batches: list[Batch] = []
        self.session = Session(self.catalog, self.heard.append, [self.batches.append, *consumers], keep_all=keep_all)

    def scenario(self, *settings: str, **parts: Any) -> Scenario:
        """The scenario of `--set` words on top of TOML `parts`."""
        return assign(self.catalog, parse(self.catalog, parts), settings)

    async def start(self, *settings: str, **parts: Any) -> Scenario:
        """Serve and load such a scenario."""
        scenario = self.scenario(*settings, **parts)
        await self.session.start(scenario)
        return scenario

    async def change(self, *settings: str) -> None:
        """Change knobs of the run, as the window's controls do."""
        assert self.session.scenario is not None
        await self.session.change(assign(self.catalog, self.session.scenario, settings))

    async def close(self) -> None:
        """Leave nothing behind."""
        await self.session.stop()
        self.session.discard()
        assert not self.session.run.exists()

    async def until(self, condition: Callable[[], object], timeout: float = 20.0, what: str = "") -> None:
        """Wait for a condition while the session goes on."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"gave up after {timeout:g} s: {what}; heard {self.heard}"
            await asyncio.sleep(0.01)

    # -- what was said ---------------------------------------------------------------------------------------------

    def said(self, kind: type[E]) -> list[E]:
        """The session's events of one type."""
        return [event for event in self.heard if isinstance(event, kind)]

    def log(self, kind: str) -> list[Mapping[str, Any]]:
        """Events of the run's own log of one `type`."""
        return [event for batch in self.batches for event in batch.events if event.get("type") == kind]

    @property
    def answered(self) -> int:
        """Requests that the load counted as answered."""
        return sum(event["ok"] for event in self.log("load"))

    @property
    def failures(self) -> dict[str, int]:
        """What the load counted as failed, by sentence."""
        found: dict[str, int] = {}
        for event in self.log("load"):
            for sentence, count in event["errors"].items():
                found[sentence] = found.get(sentence, 0) + count
        return found

    # -- what came out ---------------------------------------------------------------------------------------------

    @property
    def names(self) -> dict[int, str]:
        """Text of every name."""
        return {number: text for batch in self.batches for number, text in batch.names}

    @property
    def tracks(self) -> dict[int, Track]:
        """Every track as it was last told."""
        return {track.number: track for batch in self.batches for track in batch.tracks}

    @property
    def processes(self) -> dict[int, Process]:
        """Every process by pid, as it was last told."""
        return {process.pid: process for batch in self.batches for process in batch.processes}

    @property
    def children(self) -> list[Process]:
        """All but this process itself, which stands in its own runs."""
        return [process for process in self.processes.values() if process.role is not Role.WINDOW]

    @property
    def markers(self) -> list[Marker]:
        """All markers."""
        return [marker for batch in self.batches for marker in batch.markers]

    @property
    def tally(self) -> Tally:
        """The books now."""
        return self.batches[-1].tally if self.batches else Tally()

    def pids(self, role: Role) -> list[int]:
        """Pids of the processes with a role, in the order in which they joined."""
        return [pid for pid, process in self.processes.items() if process.role is role]

    def spans(self, kind: Kind, name: str = "") -> Array:
        """All finished spans of a kind, with a certain name if one is given, by their start."""
        parts = [batch.spans[batch.spans["kind"] == kind] for batch in list(self.batches)]
        found: Array = np.concatenate(parts) if parts else np.zeros(0, SPAN)
        if name:
            numbers = [number for number, text in self.names.items() if text == name]
            found = found[np.isin(found["name"], numbers)]
        return found[np.argsort(found["start"], kind="stable")]

    def count(self, kind: Kind, name: str = "") -> int:
        """How many there are so far."""
        return len(self.spans(kind, name))

    def first_open(self, kind: TrackKind, name: str = "") -> tuple[OpenSpan, Batch] | None:
        """The first open span on a track of a kind, with the batch in which it appeared."""
        tracks, names = self.tracks, self.names
        for batch in list(self.batches):
            for span in batch.open_spans or ():
                if tracks[span.track].kind is kind and (not name or names[span.name] == name):
                    return span, batch
        return None

    # -- an outside client -----------------------------------------------------------------------------------------

    def get(self, path: str = "/job", timeout: float = 20.0) -> int:
        """Status of one request over a connection of its own, as curl would send it."""
        host, _, port = self.session.url.removeprefix("http://").partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=timeout)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()


def status(spans: Array) -> set[int]:
    """The HTTP statuses of request spans."""
    return set((spans["argument"] & 0xFFFF_FFFF).tolist())


def most_at_once(spans: Array) -> int:
    """How many of the spans overlap at most."""
    times = np.concatenate([spans["start"], spans["end"]])
    steps = np.concatenate([np.ones(len(spans), int), -np.ones(len(spans), int)])
    # At one and the same moment an end comes before a start.
    order = np.lexsort((steps, times))
    return int(np.cumsum(steps[order]).max(initial=0))
