"""Reads a run once, into what a report is made of: the store for its lanes, the statistics, and its requests' dots."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from explorer.analysis.failed import abandoned, no_good_answer
from explorer.analysis.parts import MeanParts, mean_parts
from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import Array, Batch, Marker
from explorer.export.survey import origin_of
from explorer.recording.notes import Notes
from explorer.records.schema import U32
from explorer.records.states import Kind, Role
from explorer.store.store import DEFAULT_MEMORY, Store

MOST_DOTS: Final = 200_000
"""Requests of which a dot may be drawn; of more every second one is kept, then every fourth, and so on."""
DOT: Final = np.dtype([("time", "<i8"), ("ns", "<i8"), ("request", "<u8"), ("failed", "?")])


class Gathered:
    """A whole run, taken in by `feed`. `run` is the contents of run.json, empty for a trace made elsewhere.

    `said` are sentences of the run's own log (what its recording lacks).
    """

    def __init__(self, run: Mapping[str, Any], name: str, memory: int = DEFAULT_MEMORY) -> None:
        self.run = run
        self.name = name
        self.store = Store(memory)
        self.statistics = RunStatistics()
        self.said: list[str] = []
        self._notes = Notes()
        self._dots: list[Array] = []
        self._not_good: list[Array] = []
        self._count = 0
        self._step = 1

    @property
    def scenario(self) -> Mapping[str, Any]:
        """The scenario as plain data, empty if there is none that makes sense."""
        found = self.run.get("scenario")
        return found if isinstance(found, dict) else {}

    @property
    def foreign(self) -> bool:
        """Whether the run was made by another program."""
        return any(process.role is Role.FOREIGN for process in self.store.processes.values())

    @property
    def markers(self) -> list[Marker]:
        """The markers of the run, and the user's notes as such."""
        return [*self.store.markers, *(Marker(note.time, "note", note.text) for note in self._notes.shown)]

    @property
    def origin(self) -> int:
        """The moment (ns) that seconds are counted from, the same as on the timeline's axis."""
        return origin_of(self.store.markers, self.store.first or 0)

    @property
    def dots(self) -> Array:
        """The requests of our load as it saw them, (n,) of DOT."""
        found = np.concatenate(self._dots) if self._dots else np.zeros(0, DOT)
        order: Array = found[np.argsort(found["time"], kind="stable")]
        return order

    @property
    def parts(self) -> MeanParts:
        """The mean way of a request: of those that our load did not give up or find failed, if it sent any."""
        store = self.store
        if store.first is None or store.last is None:
            return MeanParts((), 0.0, 0)
        bad = np.concatenate(self._not_good) if self._not_good else np.zeros(0, np.uint64)
        found = mean_parts(store, store.first - 1, store.last, without=bad)
        return found if found.requests else mean_parts(store, store.first - 1, store.last)

    def feed(self, batch: Batch) -> None:
        """Take in what is next."""
        self.store.append(batch)
        self.statistics.feed(batch)
        self._notes.feed(batch.events)
        for event in batch.events:
            if event.get("type") == "recording" and isinstance(event.get("text"), str):
                self.said.append(str(event["text"]))
        kinds = batch.spans["kind"]
        asked = batch.spans[kinds == Kind.CLIENT_REQUEST]
        if len(asked):
            self._add(asked)

    def feed_all(self, batches: Iterable[Batch]) -> None:
        """Take in everything."""
        for batch in batches:
            self.feed(batch)

    def _add(self, spans: Array) -> None:
        status = spans["argument"] & np.uint64(U32)
        waited, failed = abandoned(status), no_good_answer(status)
        if waited.any() or failed.any():
            self._not_good.append(spans["request"][waited | failed])
        spans, failed = spans[~waited], failed[~waited]
        made = np.zeros(len(spans), DOT)
        made["time"], made["ns"] = spans["end"], spans["end"] - spans["start"]
        made["request"] = spans["request"]
        made["failed"] = failed
        self._dots.append(made[:: self._step] if self._step > 1 else made)
        self._count += len(self._dots[-1])
        if self._count > MOST_DOTS:
            kept = np.concatenate(self._dots)[::2]
            self._dots, self._count, self._step = [kept], len(kept), self._step * 2
