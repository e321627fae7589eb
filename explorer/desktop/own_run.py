"""A scenario as a run of the window's own `Control`, for a lesson or a slide: what runs is stopped first, and it ends
when its load does. It can be saved, replayed and exported like any other; its figures are those of `run --json`.
"""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.desktop.control import Control
from explorer.scenario import Scenario
from explorer.session.run_file import versions

GOING: Final = ("starting", "running", "stopping")
DRAIN_MS: Final = 400
"""So long after the end of the load its last records are there."""


class OwnRun(QObject):
    """Signals: `began` (its records come from now on), `ended` (all is known), `cut` (somebody stopped it),
    `failed(sentence, where)` (it could not start, or broke down; `where` names the knob at fault). Nothing is told of a
    run that was dropped, or in whose place another one was started.
    """

    began = Signal()
    ended = Signal()
    cut = Signal()
    failed = Signal(str, str)

    def __init__(self, control: Control, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._next: Scenario | None = None
        self._running: Scenario | None = None
        self._called = False
        """Whether the control was told to run and has not begun yet: it cannot be stopped then."""
        self._unwanted = False
        self._over = False
        self._trouble: tuple[str, str] | None = None
        self._drain = QTimer(self)
        self._drain.setSingleShot(True)
        self._drain.setInterval(DRAIN_MS)
        self._drain.timeout.connect(self._load_is_over)
        bridge = control.bridge
        for signal, slot in (
            (control.run_began, self._begin),
            (control.state_changed, self._state),
            (control.refused, self._refused),
            (bridge.load_ended, self._load_ended),
            (bridge.failed, self._broke),
            (bridge.died, self._died),
        ):
            signal.connect(slot)

    @property
    def going(self) -> bool:
        """Whether a run goes on, or is about to."""
        return self._running is not None or self._next is not None

    @property
    def state(self) -> str:
        """That of the control, as far as it is about this run; empty before it begins."""
        return self._control.state if self._running is not None and not self._called else ""

    def start(self, scenario: Scenario) -> None:
        """Run this, once what runs now has been stopped."""
        self.drop()
        self._next = scenario
        if self._control.state in GOING:
            self._control.stop()
        else:
            self._go()

    def stop(self) -> None:
        """Stop it; what it recorded stays on the screen."""
        if self._running is not None:
            self._end_control()
        elif self._next is not None:
            self._next = None
            self.cut.emit()

    def drop(self) -> None:
        """Stop it, and tell nothing more of it."""
        began, self._running, self._next = self._running is not None, None, None
        self._drain.stop()
        if began:
            self._end_control()

    def figures(self) -> Mapping[str, Any]:
        """The figures of what is on the screen, so far."""
        control = self._control
        served = control.session.scenario if control.session is not None else None
        trouble = self._trouble[0] if self._trouble else ""
        return control.statistics.figures((served or control.scenario).to_dict(masked=True), versions(), trouble)

    def _go(self) -> None:
        if self._next is None or self._called or self._control.state in GOING:
            return
        self._running, self._next = self._next, None
        self._over, self._trouble, self._unwanted, self._called = False, None, False, True
        self._control.choose(self._running)
        self._control.run()

    def _end_control(self) -> None:
        if self._called:
            self._unwanted = True
        elif self._control.state in GOING:
            self._control.stop()

    def _begin(self) -> None:
        if not self._called or self._control.state != "starting":
            return
        self._called = False
        if self._unwanted:
            self._control.stop()
        elif self._running is not None:
            self.began.emit()

    def _load_ended(self) -> None:
        if self._running is not None:
            self._drain.start()

    def _load_is_over(self) -> None:
        if self._running is not None:
            self._over = True
            self._control.stop()

    def _died(self, role: str, pid: int, sentence: str, fatal: bool) -> None:
        if fatal or role == "load":
            self._broke(sentence, "")
            if self._running is not None:
                self._control.stop()

    def _broke(self, sentence: str, where: str) -> None:
        """The control itself stops what has failed."""
        if self._running is not None and self._trouble is None:
            self._trouble = sentence, where

    def _refused(self, sentence: str, where: str) -> None:
        """A change that is refused while the run goes on leaves it as it is."""
        if self._control.state not in GOING:
            self._called = False
            self._broke(sentence, where)
            self._finish()

    def _state(self, state: str) -> None:
        if state in ("stopped", "empty") and self.going:
            # Why it could not start is told right after its state.
            QTimer.singleShot(0, self, self._finish)

    def _finish(self) -> None:
        """Nothing runs any more: tell how it ended, then begin what waits."""
        if self._called or self._control.state in GOING:
            return
        self._drain.stop()
        if self._running is not None:
            self._running = None
            if self._trouble is not None:
                self.failed.emit(*self._trouble)
            else:
                (self.ended if self._over else self.cut).emit()
        self._go()
