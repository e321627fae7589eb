"""The middle of a lesson about a server: its real timeline, with the line of what you said over it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.labs.locks.lanes import LabLanes
from explorer.desktop.lessons.code_of import Listing
from explorer.desktop.lessons.reveal import is_number
from explorer.desktop.lessons.stages.ghost import Ghost
from explorer.desktop.lessons.stages.lanes import HEADER, LessonLanes
from explorer.desktop.lessons.stages.marks import FLAG, Marks
from explorer.desktop.lessons.stages.stage import Mark, Stage
from explorer.desktop.lessons.stages.stage_legend import StageLegend
from explorer.desktop.lessons.standing import Standing
from explorer.desktop.own_run import OwnRun
from explorer.desktop.panels.empty import StartPanel
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.label import ElidedLabel
from explorer.lessons.lesson import Lesson, Run
from explorer.lessons.runs import scenario_of
from explorer.scenario import Scenario

SIDES: Final = 18
TIMES: Final = {"s": 1.0, "ms": 0.001}
"""Units of answers that are moments of the run, in seconds."""


class ServerStage(Stage):
    """One timeline for the runs of all lessons about servers."""

    timed = True

    def __init__(self, theme: Theme, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._control = control
        self._lesson: Lesson | None = None
        self._run: Run | None = None
        self._seconds = 1.0
        self.run = OwnRun(control, self)
        self.lanes: LessonLanes | LabLanes = self._make_lanes()
        self.ghost = Ghost(theme)
        self.ghost.header = HEADER
        self.standing_ = Standing(control)
        self._start = StartPanel(theme, control)
        self._start.cancelled.connect(self.run.stop)
        self._places = QStackedWidget()
        self._shown = self._make_shown()
        for page in (self.ghost, self._start, self._shown):
            self._places.addWidget(page)
        self._title = ElidedLabel(theme, "", 14, 600)
        self.legend = StageLegend(theme, self.lanes.view, hints=False, dense=True)
        self._lay_out()
        self.marks = Marks(theme, self._x, self)
        self.marks.spared = self._words_at
        self._places.installEventFilter(self)
        self.ghost.dragged.connect(self.dragged)
        self.lanes.view.view_changed.connect(lambda begin, end: self.marks.update())
        self._connect()

    def _make_lanes(self) -> LessonLanes | LabLanes:
        return LessonLanes(self._theme, self._control)

    def _make_shown(self) -> QWidget:
        """What is in the place of the faint lines once there are records."""
        return self.lanes

    def _lay_out(self) -> None:
        px = self._theme.px
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._title, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(px(SIDES), px(14), px(SIDES), px(6))
        self._column.setSpacing(px(6))
        self._column.addLayout(head)
        self._column.addSpacing(px(FLAG) + 2)
        self._column.addWidget(self._places, 1)
        self._column.addWidget(self.legend)

    def _connect(self) -> None:
        run, bridge = self.run, self._control.bridge
        run.began.connect(self._begin)
        run.ended.connect(self._end)
        run.cut.connect(self._cancelled)
        run.failed.connect(self._failed)
        bridge.framed.connect(self._frame)

    # -- a stage ---------------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self.run.going

    def show_ready(self, lesson: Lesson, run: Run) -> None:
        """Faint lines for the requests, and the seconds that will be watched."""
        self._lesson, self._run = lesson, run
        scenario = self._scenario(lesson, run)
        question = lesson.question
        per = TIMES.get(question.unit, 0.0)
        asked = question.high * per if is_number(question) else 0.0
        self._seconds = lesson.watch.seconds or asked or scenario.load.duration or 1.0
        self._title.set_text(run.title or load_words(scenario))
        self.ghost.show_ready(*ready_words(scenario), self._seconds)
        self._show(self.ghost)
        self.standing_.show_scenario(scenario)

    def start(self, lesson: Lesson, run: Run, *, free_port: bool = False) -> None:
        """Run its scenario."""
        self._lesson, self._run = lesson, run
        scenario = self._scenario(lesson, run)
        if free_port:
            scenario = scenario.changed(self._control.catalog, "server", "port", 0)
        self._title.set_text(run.title or load_words(scenario))
        self.standing_.show_scenario(scenario)
        self.marks.show_marks([mark for mark in self.marks.marks if not mark.dashed and mark.state is None])
        self.run.start(scenario)

    def stop(self) -> None:
        """Stop the run."""
        self.run.stop()

    def drop(self) -> None:
        """Stop it, and tell nothing more of it."""
        self.run.drop()

    def so_far(self) -> Mapping[str, Any] | None:
        """The figures up to now."""
        return self.run.figures() if self.run.state == "running" else None

    def show_hint(self, hint: str) -> None:
        """On the card between the faint lines."""
        self.ghost.set_hint(hint)

    def show_marks(self, marks: Sequence[Mark], draggable: bool) -> None:
        """Mark these moments."""
        self.ghost.draggable = draggable
        self.marks.show_marks(marks)

    @property
    def timeline(self) -> TimelineView | None:
        """That of the run, once there is one."""
        return self.lanes.view if self._places.currentWidget() is self._shown else None

    @property
    def listings(self) -> tuple[Listing, ...]:
        """Handler and body."""
        return self.standing_.listings

    @property
    def standing(self) -> tuple[int, int]:
        """Who is at the marked line."""
        return self.standing_.count(), self.standing_.most

    def _scenario(self, lesson: Lesson, run: Run) -> Scenario:
        return scenario_of(self._control.catalog, lesson, run.id)

    # -- the run ---------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._lesson is not None:
            self._show_run(self._lesson)
        self._show(self._start)

    def _frame(self) -> None:
        if not self.isVisible() or not self.run.state:
            return
        if self._places.currentWidget() is not self._shown and self._control.store.count:
            self._show(self._shown)
        self.lanes.frame()
        self.standing_.look()
        self.marks.update()
        self.advanced.emit()

    def _show_run(self, lesson: Lesson) -> None:
        """Another run is on the screen."""
        assert isinstance(self.lanes, LessonLanes)
        self.lanes.show_run(lesson.watch)

    def _settle(self) -> None:
        """It has ended: stay on what is worth looking at."""
        assert isinstance(self.lanes, LessonLanes)
        self.lanes.settle()

    def _figures(self) -> Mapping[str, Any]:
        return self.run.figures()

    def _end(self) -> None:
        figures = self._figures()
        self._show(self._shown)
        self._settle()
        self.standing_.look_back()
        self.ended.emit(figures)

    def _cancelled(self) -> None:
        self._settle()
        self.cancelled.emit()

    def _failed(self, sentence: str, where: str) -> None:
        self._show(self.ghost)
        self.failed.emit(sentence, where)

    # -- where things are ------------------------------------------------------------------------------------------

    def _show(self, page: QWidget) -> None:
        self._places.setCurrentWidget(page)
        self.legend.setVisible(page is self._shown)
        self.marks.setVisible(page is not self._start)
        self.marks.raise_()
        self.marks.update()

    def _x(self, seconds: float) -> float | None:
        if self._places.currentWidget() is self.ghost:
            return self.ghost.x_of(seconds)
        return self.lanes.x_of(seconds) if isinstance(self.lanes, LessonLanes) else None

    def _words_at(self) -> list[QRectF]:
        """Where the lines that wait say something, in the marks' coordinates."""
        if self._places.currentWidget() is not self.ghost:
            return []
        by = QPointF(self.ghost.mapTo(self, QPoint(0, 0)) - self.marks.pos())
        return [box.translated(by) for box in self.ghost.words_at()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The lines lie over the lanes and as much above them as a flag needs."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            place, high = self._places.geometry(), self._theme.px(FLAG) + 2
            self.marks.setGeometry(place.x(), place.y() - high, place.width(), place.height() + high)
        return False


def load_words(scenario: Scenario) -> str:
    """How it is loaded, as a title."""
    load = scenario.load
    if load.mode == "burst":
        return f"{load.requests:,} requests at once" if load.requests > 1 else "One request"
    if load.mode == "users":
        each = "each asking again after its answer"
        return f"{load.users:,} users, {each}" if load.users > 1 else "One user, asking again after each answer"
    return f"{load.rate:,.0f} requests a second, whether they are answered or not"


def ready_words(scenario: Scenario) -> tuple[int, str]:
    """How many requests or users stand ready, and in words."""
    load = scenario.load
    if load.mode == "burst":
        return load.requests, f"{load.requests:,} requests are ready." if load.requests > 1 else "One request is ready."
    if load.mode == "users":
        return load.users, f"{load.users:,} users are ready." if load.users > 1 else "One user is ready."
    return round(load.rate), f"{load.rate:,.0f} requests a second are ready."
