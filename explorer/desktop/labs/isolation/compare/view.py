"""The Compare tab: the same steps on two levels, or on two databases, row by row, and what each came to."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from explorer.desktop.labs.isolation.compare.alignment import align
from explorer.desktop.labs.isolation.compare.board import BETWEEN, CompareBoard
from explorer.desktop.labs.isolation.compare.chooser import Chooser
from explorer.desktop.labs.isolation.compare.databases import Choice, choices, level_on
from explorer.desktop.labs.isolation.compare.differences import StepDifference, differences, steps_in_words
from explorer.desktop.labs.isolation.compare.result import ResultCard
from explorer.desktop.labs.isolation.compare.side import Side
from explorer.desktop.labs.isolation.lab_view import LabView
from explorer.desktop.labs.isolation.ladder.model import Ladder, ladder
from explorer.desktop.labs.isolation.outcome import OPEN, outcome
from explorer.desktop.labs.isolation.session import LabSession
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.labs.isolation.schedule import Schedule
from explorer.option_error import OptionError
from explorer.records.clock import now_ns
from explorer.supervise.postgres.programs import find

PACE_S: Final = 0.15
"""Between two steps, so that one sees them come."""
FIRST: Final = ("READ COMMITTED", "REPEATABLE READ")
"""Levels to begin with, where the engine has them."""
FAVOURITE: Final = "P4"


class CompareView(LabView):
    """Around one session. A side may run on a database of its own, which is started for it."""

    def __init__(self, theme: Theme, session: LabSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._session = theme, session
        schedules = session.schedules
        self.schedule: Schedule = schedules.get(FAVOURITE) or next(iter(schedules.values()))
        self.sides = (Side(session, self), Side(session, self))
        self.choosers = tuple(
            Chooser(theme, side, name, self.databases) for side, name in zip(self.sides, ("Left", "Right"), strict=True)
        )
        self.results = (ResultCard(theme), ResultCard(theme))
        self.board = CompareBoard(theme)
        self.found: list[StepDifference] = []
        self._task: asyncio.Task[Any] | None = None
        self._title = Label(theme, "", 21, 700)
        self._which = Button(
            theme, icon="chevron-down", kind=ButtonKind.GHOST, height=30, name="Choose a scenario (PgUp, PgDown)"
        )
        self.said = ElidedLabel(theme, "", 13, 400, "text2", whole_words=True)
        self.run_both = Button(theme, "Run both", icon="play", kind=ButtonKind.PRIMARY, shortcut="Space", height=32)
        self._lay_out()
        self._connect()
        self._begin_levels()
        self._show()

    # -- a tab -----------------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether the two are run now."""
        return self._task is not None

    def enter(self) -> None:
        """Have the database ready."""
        self._session.spawn(self._session.start())

    def show_schedule(self, identity: str, levels: tuple[str, ...] = ()) -> None:
        """Compare this schedule, at these levels if two are given."""
        self._take(self._session.schedules[identity])
        if len(levels) == 2:
            for side, level in zip(self.sides, levels, strict=True):
                if side.facts is None or level in side.facts.levels:
                    side.set_level(level)
        self._recall()

    def take_back(self) -> bool:
        """End the run."""
        if self.running:
            self._stop()
            return True
        return False

    def space(self) -> None:
        """Run both, or end that."""
        if self.running:
            self._stop()
        elif all(side.level and not side.starting for side in self.sides):
            self._task = self._session.spawn(self._run())
            # Not in the task: one that is cancelled before its first step runs nothing, not even a `finally`.
            self._task.add_done_callback(self._over)
            self._show()

    # -- what can be done ------------------------------------------------------------------------------------------

    def databases(self) -> Sequence[Choice]:
        """On what a side can run."""
        return choices(self._session.facts, self._session.target, embedded=next(find(), None) is not None)

    def use(self, at: int, choice: Choice) -> None:
        """Let side `at` (0, 1) run on another database."""
        self._stop()
        self._session.spawn(self._use(at, choice))

    def step(self, by: int) -> None:
        """The scenario before, or the next."""
        names = list(self._session.schedules)
        name = names[(names.index(self.schedule.id) + by) % len(names)]
        self.show_schedule(name)
        self.chosen.emit(name)

    async def _use(self, at: int, choice: Choice) -> None:
        side, other = self.sides[at], self.sides[1 - at]
        if await side.use(choice.target, choice.title) and side.facts is not None:
            taken = other.level if other.target == side.target else ""
            side.set_level(level_on(side.facts, side.level, taken))
            side.recall(self.schedule)

    async def _run(self) -> None:
        pace = 0.0 if self._theme.reduced_motion else PACE_S
        for side in self.sides:
            side.forget()
        if all(side.shared for side in self.sides):
            for side in self.sides:
                await side.run(self.schedule, pace)
        else:
            await self._run_at_once(pace)

    def _over(self, _: object) -> None:
        self._task = None
        self._begin_levels()  # a side whose database is gone is on the lab's own
        self._show()

    async def _run_at_once(self, pace: float) -> None:
        """On two databases. Raises `OptionError`."""
        try:
            async with asyncio.TaskGroup() as group:
                for side in self.sides:
                    group.create_task(side.run(self.schedule, pace))
        except* OptionError as several:
            raise next(error for error in several.exceptions if isinstance(error, OptionError)) from None

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    # -- what is shown ---------------------------------------------------------------------------------------------

    def _begin_levels(self) -> None:
        facts = self._session.facts
        if facts is None:
            return
        left, right = self.sides
        for side, wanted, other in ((left, left.level or FIRST[0], None), (right, right.level or FIRST[1], left)):
            if side.shared and side.level not in facts.levels:
                taken = other.level if other is not None and other.shared else ""
                side.set_level(level_on(facts, wanted, taken))

    def _facts_changed(self) -> None:
        """The lab is on another database: so are the sides that run on it."""
        self._stop()
        self._begin_levels()
        self._recall()

    def _edited(self, identity: str) -> None:
        if identity == self.schedule.id:
            self._take(self._session.schedules[identity])
            self._show()

    def _take(self, schedule: Schedule) -> None:
        """Another schedule: what was run of the one before is none of its runs."""
        self._stop()
        for side in self.sides:
            side.forget()
        self.schedule = schedule

    def _recall(self) -> None:
        for side in self.sides:
            side.recall(self.schedule)
        self._show()

    def _show(self) -> None:
        one = self.schedule
        self._title.setText(one.title)
        left, right = self.sides
        self.found = []
        if left.trace is not None and right.trace is not None:
            self.found = differences(one, left.trace, right.trace)
        aligned = align(*(self._ladder(side) for side in self.sides))
        self.board.show_runs(aligned, self.found)
        for side, result in zip(self.sides, self.results, strict=True):
            number = side.trace.number if side.trace is not None and side.trace.over else ()
            shows = outcome(side.verdict, side.trace) if side.verdict is not None and side.trace is not None else OPEN
            result.show_result(side.verdict, side.graph, number, one.number[1], shows)
        self.run_both.set_text("Cancel" if self.running else "Run both", "x" if self.running else "play")
        self.run_both.set_kind(ButtonKind.QUIET if self.running else ButtonKind.PRIMARY)
        self._say()

    def _say(self) -> None:
        left, right = self.sides
        on = "levels" if left.target == right.target else "databases"
        over = all(side.trace is not None and side.trace.over for side in self.sides)
        words = f"{steps_in_words(len(self.schedule.steps))} on two {on}"
        if self.board.current >= 0 and self.found:
            words = self.found[self.board.current].sentence
        elif over and not self.found:
            words += "; nothing went differently"
        elif self.found:
            words += "; what is the same is dimmed"
        self.said.set_text(words)

    def _ladder(self, side: Side) -> Ladder:
        return ladder(self.schedule, side.level, side.trace, now_ns(), side.graph)

    # -- composition -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._title)
        head.addWidget(self._which)
        head.addSpacing(6)
        head.addWidget(self.said, 1)
        head.addWidget(self.run_both)
        fields = QHBoxLayout()
        fields.setSpacing(BETWEEN)
        feet = QHBoxLayout()
        feet.setSpacing(28)
        for chooser, result in zip(self.choosers, self.results, strict=True):
            half = QHBoxLayout()
            half.addWidget(chooser)
            half.addStretch(1)
            fields.addLayout(half, 1)
            feet.addWidget(result, 1)
        self._area = ScrollArea(self.board)
        self._area.viewport().installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 12, 24, 12)
        column.setSpacing(10)
        column.addLayout(head)
        column.addLayout(fields)
        column.addWidget(self._area, 1)
        column.addLayout(feet)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocusProxy(self.board)

    def _connect(self) -> None:
        for at, (side, chooser) in enumerate(zip(self.sides, self.choosers, strict=True)):
            side.changed.connect(self._show)
            chooser.level_chosen.connect(lambda level, at=at: self._choose_level(at, level))
            chooser.database_chosen.connect(lambda choice, at=at: self.use(at, choice))
        self._session.facts_changed.connect(self._facts_changed)
        self._session.schedules_changed.connect(self._edited)
        self.run_both.clicked.connect(self.space)
        self._which.clicked.connect(self.offer_schedules)
        self.board.chosen.connect(lambda _: self._say())
        for keys, by in (("PgUp", -1), ("PgDown", 1)):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(lambda by=by: self.step(by))

    def offer_schedules(self) -> None:
        """A menu of all scenarios, by group."""
        menu = QMenu(self)
        for group, several in groupby(self._session.schedules.values(), key=lambda one: one.group):
            menu.addSection(group)
            for one in several:
                action = menu.addAction(one.title)
                action.setCheckable(True)
                action.setChecked(one.id == self.schedule.id)
                action.triggered.connect(lambda _=False, name=one.id: self._choose_schedule(name))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._title.mapToGlobal(QPoint(0, self._title.height() + 2)))

    def _choose_schedule(self, name: str) -> None:
        self.show_schedule(name)
        self.chosen.emit(name)

    def _choose_level(self, at: int, level: str) -> None:
        self._stop()
        self.sides[at].set_level(level)
        self.sides[at].recall(self.schedule)

    # -- Qt --------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The board may use the height that the scroll area has."""
        if event.type() is QEvent.Type.Resize:
            self.board.set_room(self._area.viewport().height())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("bg"))
        painter.end()
