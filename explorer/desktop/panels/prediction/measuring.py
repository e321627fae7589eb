"""Measures in the background what serving costs here, once nothing runs and the setup has been left alone for a while.

A run that begins in the meantime ends it: its processes would disturb what is measured, and it theirs.
"""

import asyncio
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.analysis.predict.predict import predict
from explorer.desktop.control import Control
from explorer.desktop.panels.prediction.model import Predictions
from explorer.option_error import OptionError
from explorer.scenario import Scenario
from explorer.session.calibration import ANY, calibrate, idle

SETTLED_MS: Final = 2500
AT_REST: Final = ("empty", "stopped", "viewing")


class Measuring(QObject):
    """`changed` when it begins or ends. By itself it measures only after `start`."""

    changed = Signal()

    def __init__(self, control: Control, predictions: Predictions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._predictions = predictions
        self._task: asyncio.Task[None] | None = None
        self._by_itself = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLED_MS)
        self._timer.timeout.connect(self.measure)
        control.scenario_changed.connect(self._later)
        control.state_changed.connect(self._follow)

    @property
    def busy(self) -> bool:
        """Whether it measures."""
        return self._task is not None

    @property
    def wanted(self) -> bool:
        """Whether a law holds for which nothing has been measured yet."""
        scenario = self._control.scenario
        if self._predictions.calibration is not None or idle(self._control.catalog, scenario) is None:
            return False
        return predict(self._control.catalog, scenario, ANY) is not None

    @property
    def possible(self) -> bool:
        """Whether nothing runs that it would disturb."""
        return self._control.state in AT_REST

    def start(self) -> None:
        """From now on measure whenever something is wanted and nothing runs."""
        self._by_itself = True
        self._later()

    def measure(self) -> None:
        """Measure now, if it is wanted and nothing runs."""
        if self.busy or not self.wanted or self._control.state not in AT_REST:
            return
        self._task = asyncio.ensure_future(self._measure(self._control.scenario))
        self.changed.emit()

    async def close(self) -> None:
        """End what is being measured; to be awaited before the window goes."""
        self._by_itself = False
        self._timer.stop()
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))

    async def _measure(self, scenario: Scenario) -> None:
        try:
            found = await calibrate(self._control.catalog, scenario, interpreters=self._control.interpreters.finder)
        except OptionError:
            found = None  # what is wrong the run will say, when there is one
        finally:
            self._task = None
            self.changed.emit()
        if found is not None:
            self._predictions.keep(scenario, found)
            self.changed.emit()

    def _later(self) -> None:
        if self._by_itself:
            self._timer.start()

    def _follow(self, state: str) -> None:
        if state in AT_REST:
            self._later()
        elif self._task is not None:
            self._task.cancel()
