"""What all parts of the isolation lab share: the database they work on, the schedules, and what was measured.

Only one thing uses the database at a time, whoever has the `turn`. Verdicts, graphs and traces belong to the present
engine and the present form of a schedule: they go when either changes.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.desktop.control import Control
from explorer.desktop.labs.isolation.parts import Lab, Parts, Told, real_parts
from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.target import SQLITE, Target
from explorer.labs.isolation.trace import Facts, Trace
from explorer.labs.isolation.verdict import Verdict
from explorer.option_error import OptionError


def _nothing(trace: Trace) -> None:
    """For who does not want to hear of a run while it goes on."""


class LabSession(QObject):
    """Signals: `facts_changed` (another engine, or none), `went_wrong(sentence)`, `measured(schedule id, level)`,
    `schedules_changed(schedule id)` (its steps or SQL were edited), `busy_changed`.
    """

    facts_changed = Signal()
    went_wrong = Signal(str)
    measured = Signal(str, str)
    schedules_changed = Signal(str)
    busy_changed = Signal()

    def __init__(self, control: Control, parts: Parts | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self.parts = parts or real_parts()
        self.shipped = dict(self.parts.schedules())
        self.schedules: dict[str, Schedule] = dict(self.shipped)
        self.target: Target = self.parts.first()
        self.chosen = self.target.url != SQLITE
        """Whether somebody has chosen the target, or it is the one that is preferred."""
        self.lab: Lab | None = None
        self.facts: Facts | None = None
        self.verdicts: dict[tuple[str, str], Verdict] = {}
        self.graphs: dict[tuple[str, str], Graph] = {}
        self.traces: dict[tuple[str, str], Trace] = {}
        self.turns = 0
        """How many turns there have been: who left something on the database knows by it whether it is still there."""
        self._turn = asyncio.Lock()
        self._keeper: asyncio.Task[Any] | None = None

    @property
    def busy(self) -> bool:
        """Whether somebody has the turn."""
        return self._turn.locked()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Let something go on; it ends with the window at the latest. An `OptionError` of it is told."""
        task = self._control.accompany(self._told(work))
        task.add_done_callback(lambda _: work.close())  # it never began if that was cancelled at once
        return task

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Lab]:
        """The database for oneself, started if it was not. Raises `OptionError` when it cannot be."""
        async with self._turn:
            self.turns += 1
            self.busy_changed.emit()
            lab: Lab | None = None
            try:
                lab = await self._ready()
                yield lab
            except OptionError:
                if lab is not None and lab is self.lab and lab.lost:
                    self._forget(lab)
                raise
            finally:
                # Told when it is so; the lock is left right after this.
                asyncio.get_running_loop().call_soon(self.busy_changed.emit)

    async def start(self) -> None:
        """Have the database ready. Raises `OptionError`."""
        async with self.turn():
            pass

    async def change_target(self, target: Target) -> bool:
        """Work on another database; the present one is left when the other is ready. When it cannot be had the present
        one stays, and why is told.
        """
        async with self._turn:
            self.turns += 1
            self.busy_changed.emit()
            try:
                lab = self._make(target)
                try:
                    facts = await lab.start()
                except OptionError as error:
                    self.went_wrong.emit(str(error))
                    return False
                before, self.lab = self.lab, lab
                if before is not None:
                    await _end(before)
                self.target, self.chosen = target, True
                self._found(facts)
                return True
            finally:
                asyncio.get_running_loop().call_soon(self.busy_changed.emit)

    async def run(self, schedule: Schedule, level: str, told: Told = _nothing, pace: float = 0.0) -> Trace:
        """Run a schedule from its first step to its end. Raises `OptionError`."""
        async with self.turn() as lab:
            trace = await lab.run(schedule, level, told, pace)
        self.take(schedule, trace)
        return trace

    def judge(self, schedule: Schedule, trace: Trace) -> Verdict:
        """What a run came to, or has so far."""
        return self.parts.judge(schedule, trace)

    def graph(self, schedule: Schedule, trace: Trace) -> Graph:
        """Who depends on whom, or does so far."""
        return self.parts.graph(schedule, trace)

    def take(self, schedule: Schedule, trace: Trace) -> None:
        """Remember a run that is over; of a schedule that was changed meanwhile nothing is."""
        if self.schedules.get(schedule.id) != schedule or not trace.over:
            return
        key = schedule.id, trace.level
        self.verdicts[key] = self.parts.judge(schedule, trace)
        self.graphs[key] = self.parts.graph(schedule, trace)
        self.traces[key] = trace
        self.measured.emit(*key)

    def edit(self, schedule: Schedule) -> None:
        """Put a changed schedule in the place of the one with its id; what was measured of that is forgotten."""
        if self.schedules.get(schedule.id) == schedule:
            return
        self.schedules[schedule.id] = schedule
        for kept in (self.verdicts, self.graphs, self.traces):
            for key in [key for key in kept if key[0] == schedule.id]:
                del kept[key]
        self.schedules_changed.emit(schedule.id)

    # -- the database ----------------------------------------------------------------------------------------------

    def _make(self, target: Target) -> Lab:
        if self._keeper is None:
            self._keeper = self._control.accompany(self._keep())
        lab: list[Lab] = []
        lab.append(self.parts.lab(target, lambda sentence: self._ended(lab[0], sentence)))
        return lab[0]

    async def _ready(self) -> Lab:
        if self.lab is None:
            lab = self._make(self.target)
            facts = await lab.start()
            self.lab = lab
            self._found(facts)
        return self.lab

    def _found(self, facts: Facts) -> None:
        self.facts = facts
        for kept in (self.verdicts, self.graphs, self.traces):
            kept.clear()
        self.facts_changed.emit()

    def _ended(self, lab: Lab, sentence: str) -> None:
        """The database is gone, by no wish of ours."""
        if lab is self.lab:
            self._forget(lab)
            self.went_wrong.emit(sentence)

    def _forget(self, lab: Lab) -> None:
        """It has ended, so that the next turn starts another."""
        self.lab = self.facts = None
        self._control.accompany(_end(lab))
        self.facts_changed.emit()

    async def _keep(self) -> None:
        """Lives as long as the window, and takes the database down with it."""
        try:
            await asyncio.Event().wait()
        finally:
            lab, self.lab = self.lab, None
            if lab is not None:
                await _end(lab)

    async def _told(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await work
        except OptionError as error:
            self.went_wrong.emit(str(error))
            return None


async def _end(lab: Lab) -> None:
    try:
        await lab.stop()
    finally:
        lab.discard()
