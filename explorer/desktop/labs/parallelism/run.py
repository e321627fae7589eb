"""Runs sweeps on the window's own loop, one at a time, and hands what they record to a store that a frame reads."""

import asyncio
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from explorer.desktop.bridge import Bridge
from explorer.desktop.control import Control
from explorer.labs.parallelism.options import Plan
from explorer.labs.parallelism.result import Result
from explorer.labs.parallelism.sweep import Sweep
from explorer.option_error import OptionError
from explorer.session.run_file import cores
from explorer.store.store import Store

MEMORY: Final = 128 << 20


class SweepRun(QObject):
    """`progressed(Progress)`, then `finished(Result)` or `failed(sentence, where)`.

    `framed` while one runs: `store` has grown. Nothing is told of one that was dropped, or in whose place another one
    was started.
    """

    progressed = Signal(object)
    finished = Signal(object)
    failed = Signal(str, str)
    framed = Signal()

    def __init__(self, control: Control, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._bridge = Bridge(cores(), self)
        self._bridge.framed.connect(self._frame)
        self._sweep: Sweep | None = None
        self._task: asyncio.Task[Any] | None = None
        self._wanted: object | None = None
        """Stands for the sweep that is told of; None: for none."""
        self._unwanted = False
        self.store = Store(MEMORY)

    @property
    def running(self) -> bool:
        """Whether a sweep goes on, or is about to."""
        return self._wanted is not None and self._task is not None and not self._task.done()

    def start(self, plan: Plan) -> None:
        """Run a sweep, in place of what runs, of which nothing more is told. The window's own run is stopped first: it
        would take the cores.
        """
        self.drop()
        before = self._task if self._task is not None and not self._task.done() else None
        wanted = self._wanted = object()
        self._unwanted = False
        self.store = Store(MEMORY)
        self._task = self._control.accompany(self._run(plan, wanted, before))

    def cancel(self) -> None:
        """End it; what was measured by then is shown."""
        self._unwanted = True
        if self._sweep is not None:
            self._sweep.cancel()

    def drop(self) -> None:
        """End it, and tell nothing more of it."""
        self.cancel()
        self._wanted = None
        self._bridge.pause()

    async def _run(self, plan: Plan, wanted: object, before: "asyncio.Task[Any] | None") -> None:
        if before is not None:
            await asyncio.wait([before])
        if self._wanted is not wanted:
            return
        self._bridge.take()  # what is left of the one before
        self._bridge.start()
        try:
            await self._end_window_run()
            sweep = self._sweep = Sweep(
                plan,
                lambda progress: self._tell(wanted, self.progressed, progress),
                observed=True,
                consumers=[self._bridge.put],
                interpreters=self._control.interpreters.finder,
            )
            if self._unwanted or self._wanted is not wanted:
                sweep.cancel()
            result: Result = await sweep.run()
        except OptionError as error:
            self._over(wanted, self.failed, str(error), error.where)
        else:
            self._over(wanted, self.finished, result)
        finally:
            if self._wanted in (None, wanted):
                self._bridge.pause()

    def _tell(self, wanted: object, signal: Any, *said: Any) -> None:
        if self._wanted is wanted:
            signal.emit(*said)

    async def _end_window_run(self) -> None:
        control = self._control
        if control.state in ("starting", "running"):
            control.stop()
        while control.state in ("starting", "running", "stopping"):
            over = asyncio.get_running_loop().create_future()

            def changed(state: str, over: "asyncio.Future[None]" = over) -> None:
                if not over.done():
                    over.set_result(None)

            control.state_changed.connect(changed)
            try:
                await over
            finally:
                control.state_changed.disconnect(changed)

    def _frame(self) -> None:
        if self._wanted is None:
            return
        for batch in self._bridge.take():
            self.store.append(batch)
        self.framed.emit()

    def _over(self, wanted: object, signal: Any, *said: Any) -> None:
        """All records are in by now. Whoever hears of the end may start the next one at once."""
        self._sweep = None
        if self._wanted is wanted:
            self._bridge.pause()
            self._frame()
            self._wanted = None
            signal.emit(*said)
