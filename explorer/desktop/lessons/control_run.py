"""A lesson's run as a run of the window's own `Control`: what runs is stopped first, and it ends when its load does.

It can be saved, replayed and exported like any other; the figures are those that `run --json` gives.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.desktop.control import Control
from explorer.scenario import Scenario
from explorer.session.run_file import versions

GOING: Final = ("starting", "running", "stopping")
DRAIN_MS: Final = 400
"""So long after the end of the load its last records are there."""


class ControlRun(QObject):
    """Signals: `began` (another run is on the screen), `ended` (all is known), `cancelled` (somebody stopped it),
    `failed(sentence, where)` (it could not start, or broke down; `where` names the knob at fault).
    """

    began = Signal()
    ended = Signal()
    cancelled = Signal()
    failed = Signal(str, str)

    def __init__(self, control: Control, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._scenario: Scenario | None = None
        self._over = False
        self._trouble = ""
        self._drain = QTimer(self)
        self._drain.setSingleShot(True)
        self._drain.setInterval(DRAIN_MS)
        self._drain.timeout.connect(self._load_is_over)
        control.state_changed.connect(self._state)
        control.run_began.connect(self._begin)
        control.refused.connect(self._refused)
        control.bridge.load_ended.connect(self._load_ended)
        control.bridge.failed.connect(lambda sentence, where: self._broke(sentence))
        control.bridge.died.connect(self._died)

    @property
    def running(self) -> bool:
        """Whether this run goes on, or is about to."""
        return self._scenario is not None

    @property
    def state(self) -> str:
        """That of the control, as far as it is about this run."""
        return self._control.state if self.running else ""

    def start(self, scenario: Scenario) -> None:
        """Run this, once what runs now has been stopped."""
        if self.running:
            return
        self._scenario, self._over, self._trouble = scenario, False, ""
        self._control.accompany(self._start(scenario))

    def stop(self) -> None:
        """Stop it; what it recorded stays on the screen."""
        if self.running:
            self._control.stop()

    def figures(self) -> Mapping[str, Any]:
        """The figures of what is on the screen, so far."""
        control = self._control
        served = control.session.scenario if control.session is not None else None
        return control.statistics.figures((served or control.scenario).to_dict(masked=True), versions(), self._trouble)

    async def _start(self, scenario: Scenario) -> None:
        control = self._control
        if control.state in GOING:
            control.stop()
        while control.state in GOING:
            over = asyncio.get_running_loop().create_future()

            def changed(state: str, over: "asyncio.Future[None]" = over) -> None:
                if not over.done():
                    over.set_result(None)

            control.state_changed.connect(changed)
            try:
                await over
            finally:
                control.state_changed.disconnect(changed)
        if self._scenario is scenario:
            control.choose(scenario)
            control.run()

    def _begin(self) -> None:
        if self.running:
            self.began.emit()

    def _load_ended(self) -> None:
        if self.running:
            self._drain.start()

    def _load_is_over(self) -> None:
        self._over = True
        self._control.stop()

    def _died(self, role: str, pid: int, sentence: str, fatal: bool) -> None:
        if fatal or role == "load":
            self._broke(sentence)

    def _broke(self, sentence: str) -> None:
        if self.running:
            self._trouble = self._trouble or sentence
            self._control.stop()

    def _refused(self, sentence: str, where: str) -> None:
        if self.running and self._control.state not in ("starting", "running"):
            self._scenario = None
            self.failed.emit(sentence, where)

    def _state(self, state: str) -> None:
        if not self.running or state not in ("stopped", "empty"):
            return
        if self._control.scenario is not self._scenario and not self._over and not self._trouble:
            return  # that was the run before this one
        # Why it could not start is told right after its state.
        QTimer.singleShot(0, self, self._finish)

    def _finish(self) -> None:
        if not self.running or self._control.state in GOING:
            return
        self._drain.stop()
        self._scenario = None
        if self._trouble:
            self.failed.emit(self._trouble, "")
        elif self._over:
            self.ended.emit()
        else:
            self.cancelled.emit()
