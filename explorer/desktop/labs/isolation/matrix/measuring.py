"""One measurement of the matrix after the other, on the session's database, cell by cell, and what came of the last."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.desktop.labs.isolation.parts import Lab
from explorer.desktop.labs.isolation.session import LabSession
from explorer.labs.isolation.matrix import Matrix
from explorer.labs.isolation.measure import order
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.trace import Facts

Measure = Callable[[Any, Sequence[str], Sequence[Schedule], Callable[[Matrix], None]], Awaitable[Matrix]]
"""`explorer.labs.isolation.measure.measure`."""


class Measuring(QObject):
    """Signals: `changed` (it began, a cell came in, it ended), `ended(complete)`."""

    changed = Signal()
    ended = Signal(bool)

    def __init__(
        self, session: LabSession, schedules: Sequence[Schedule], measure: Measure, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._schedules, self._measure = session, tuple(schedules), measure
        self._task: asyncio.Task[Any] | None = None
        self._at = 0.0
        self.matrix: Matrix | None = None
        session.facts_changed.connect(self._other_engine)

    @property
    def running(self) -> bool:
        """Whether one goes on."""
        return self._task is not None

    @property
    def total(self) -> int:
        """How many cells there are to be."""
        matrix = self.matrix
        return len(matrix.levels) * len(matrix.schedules) if matrix is not None else 0

    @property
    def done(self) -> int:
        """How many cells there are."""
        return len(self.matrix.cells) if self.matrix is not None else 0

    @property
    def complete(self) -> bool:
        """Whether every cell was measured, or said why it cannot be."""
        return bool(self.total) and self.done >= self.total

    @property
    def cell(self) -> tuple[str, str] | None:
        """The level and the schedule that are measured now: the next in the order of the measurement."""
        if not self.running or self.matrix is None:
            return None
        return next((key for key in order(self.matrix) if key not in self.matrix.cells), None)

    @property
    def seconds_ago(self) -> float:
        """How long ago the last cell came in, s."""
        return time.monotonic() - self._at

    def start(self) -> None:
        """Measure every cell anew, if nothing is measured now."""
        if self._task is None:
            self.matrix = None
            self._task = self._session.spawn(self._run())
            # Not in the task: one that is cancelled before its first step runs nothing, not even a `finally`.
            self._task.add_done_callback(self._over)
            self.changed.emit()

    def cancel(self) -> None:
        """End it; the cells that are there stay."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        async with self._session.turn() as lab:
            await self._measure_on(lab)

    def _over(self, _: object) -> None:
        self._task = None
        self._at = time.monotonic()
        self.changed.emit()
        self.ended.emit(self.complete)

    async def _measure_on(self, lab: Lab) -> None:
        self.matrix = Matrix(lab.facts, tuple(lab.facts.levels), tuple(one.id for one in self._schedules))
        self.changed.emit()
        self._tell(await self._measure(lab, lab.facts.levels, self._schedules, self._tell))

    def _tell(self, matrix: Matrix) -> None:
        before, self.matrix = self.matrix, matrix
        self._at = time.monotonic()
        known = before.cells if before is not None and before is not matrix else {}
        for key, cell in matrix.cells.items():
            if key not in known and cell.trace is not None:
                self._take(cell.schedule, cell.trace)
        self.changed.emit()

    def _take(self, schedule: str, trace: Any) -> None:
        """The other tabs know what was measured here."""
        key = schedule, trace.level
        if self._session.traces.get(key) is not trace:
            self._session.take(self._session.shipped[schedule], trace)

    def _other_engine(self) -> None:
        """What was measured belongs to the engine that was left. One that died, or was started again, is no other."""
        facts, measured = self._session.facts, self.matrix
        if self._task is None and facts is not None and (measured is None or _engine(facts) != _engine(measured.facts)):
            self.matrix = None
            self.changed.emit()


def _engine(facts: Facts) -> tuple[object, ...]:
    """What decides what comes of a measurement."""
    return facts.engine, facts.version, facts.where, tuple(sorted(facts.settings.items()))
