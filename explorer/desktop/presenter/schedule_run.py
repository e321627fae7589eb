"""A slide's run of the isolation lab: its steps one after the other on the lesson's own database, at a pace to follow.

The database is started with the first such run and kept for the next, as in the lab; it ends when the wall is left.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal

from explorer.desktop.control import Control
from explorer.desktop.labs.isolation.ladder.model import ladder
from explorer.desktop.presenter import engine
from explorer.desktop.presenter.ladder_shape import Steps, steps_of
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.target import Target
from explorer.labs.isolation.trace import Trace
from explorer.lessons.lesson import Run
from explorer.option_error import OptionError
from explorer.records.clock import now_ns

if TYPE_CHECKING:
    from explorer.desktop.labs.isolation.parts import Lab
    from explorer.desktop.labs.isolation.session import LabSession

PACE_S: Final = 0.5


class ScheduleRun(QObject):
    """One at a time. `grew(Steps)` with each step, then `finished(Steps, figures)` or `failed(sentence)`; nothing
    more of one that was cancelled.
    """

    grew = Signal(object)
    finished = Signal(object, object)
    failed = Signal(str)

    def __init__(self, control: Control, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._session: LabSession | None = None
        self._wanted: object | None = None

    @property
    def running(self) -> bool:
        """Whether one goes on, or is about to."""
        return self._wanted is not None

    def start(self, run: Run) -> None:
        """Begin this one, in place of what goes on. Raises `OptionError`."""
        target, level, schedule = engine.schedule_of(run)
        self.cancel()
        wanted = self._wanted = object()
        session = self._ready()
        session.spawn(self._make(session, wanted, target, level, schedule))

    def cancel(self) -> None:
        """Nothing more is told of what goes on, which ends with its present step."""
        if self._wanted is not None and self._session is not None and self._session.lab is not None:
            self._session.lab.pause()
        self._wanted = None

    def rest(self) -> None:
        """The database ends; the next run starts it again."""
        self.cancel()
        session = self._session
        if session is not None and session.lab is not None:
            lab, session.lab = session.lab, None
            self._control.accompany(_end(lab))

    def _ready(self) -> "LabSession":
        if self._session is None:
            from explorer.desktop.labs.isolation.session import LabSession

            self._session = LabSession(self._control, parent=self)
            self._session.went_wrong.connect(self._went_wrong)
        return self._session

    async def _make(
        self, session: "LabSession", wanted: object, target: Target, level: str, schedule: Schedule
    ) -> None:
        def told(trace: Trace) -> None:
            if self._wanted is wanted:
                self.grew.emit(_ladder(session, schedule, level, trace))

        if session.lab is None:
            session.target = target
        elif session.target != target and not await session.change_target(target):
            return
        if self._wanted is not wanted:
            return
        trace = await session.run(schedule, level, told, PACE_S)
        if self._wanted is not wanted:
            return
        if not trace.over:
            raise OptionError("The steps did not come to their end. Run them again.")
        self._wanted = None
        self.finished.emit(_ladder(session, schedule, level, trace), self._figures(session, schedule, trace))

    def _figures(self, session: "LabSession", schedule: Schedule, trace: Trace) -> Mapping[str, Any]:
        from explorer.labs.isolation.measure import run_as_json

        return run_as_json(schedule, trace, session.judge(schedule, trace), session.graph(schedule, trace))

    def _went_wrong(self, sentence: str) -> None:
        if self._wanted is not None:
            self._wanted = None
            self.failed.emit(sentence)


async def _end(lab: "Lab") -> None:
    try:
        await lab.stop()
    finally:
        lab.discard()


def _ladder(session: "LabSession", schedule: Schedule, level: str, trace: Trace) -> Steps:
    graph = session.graph(schedule, trace)
    return steps_of(ladder(schedule, level, trace, now_ns(), graph), graph)


def asked(run: Run) -> Steps:
    """The steps before the first is sent. Raises `OptionError`."""
    _, level, schedule = engine.schedule_of(run)
    return Steps(ladder(schedule, level, None, 0))
