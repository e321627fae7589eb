"""One measurement after the other, on the window's own loop, and what came of the last."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from explorer.labs.isolation.cost.measure import Progress
from explorer.labs.isolation.cost.plan import CostPlan
from explorer.labs.isolation.cost.result import Cost
from explorer.labs.isolation.target import Target
from explorer.option_error import OptionError

Measure = Callable[[CostPlan, Callable[[Progress], None], Callable[[Cost], None]], Awaitable[Cost]]
"""`explorer.labs.isolation.cost.place.measure_apart`."""


class Lab(Protocol):
    """What of the page's session is needed here: whose turn it is, on which database, and who ends with the window."""

    @property
    def target(self) -> Target:
        """The database that the page is on."""
        ...

    def turn(self) -> AbstractAsyncContextManager[Any]:
        """The database for oneself."""
        ...

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Let something go on; it ends with the window at the latest."""
        ...


class CostRun(QObject):
    """Signals: `progressed(Progress)`, `measured(Cost)` after each level, then `ended()`, before it `failed(sentence,
    where)` if it did not come to its end.
    """

    progressed = Signal(object)
    measured = Signal(object)
    failed = Signal(str, str)
    ended = Signal()

    def __init__(self, lab: Lab, measure: Measure, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab, self._measure = lab, measure
        self._task: asyncio.Task[Any] | None = None

    @property
    def running(self) -> bool:
        """Whether one goes on."""
        return self._task is not None

    def start(self, plan: CostPlan) -> None:
        """Measure, if nothing is measured now. The other tabs leave the machine alone meanwhile."""
        if self._task is None:
            self._task = self._lab.spawn(self._run(plan))
            # Not in the task: one that is cancelled before its first step runs nothing, not even a `finally`.
            self._task.add_done_callback(self._over)

    def cancel(self) -> None:
        """End it; the levels that were measured stay."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self, plan: CostPlan) -> None:
        try:
            async with self._lab.turn():
                await self._measure(plan, self.progressed.emit, self.measured.emit)
        except OptionError as error:
            self.failed.emit(str(error), error.where)

    def _over(self, _: object) -> None:
        self._task = None
        self.ended.emit()
