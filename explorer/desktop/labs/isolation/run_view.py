"""The Run tab: scenarios at the left, the ladder and the same run on a time axis in the middle, the verdict at the
right.
"""

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.desktop.labs.isolation.head import RunHead
from explorer.desktop.labs.isolation.lab_view import LabView
from explorer.desktop.labs.isolation.ladder.area import LadderArea
from explorer.desktop.labs.isolation.ladder.model import Card, ladder, may_retry
from explorer.desktop.labs.isolation.ladder.view import LadderView
from explorer.desktop.labs.isolation.no_database import NoDatabase
from explorer.desktop.labs.isolation.other_level import near, other_level, sentence, unlike
from explorer.desktop.labs.isolation.outcome import outcome
from explorer.desktop.labs.isolation.rows_panel import RowsPanel
from explorer.desktop.labs.isolation.run_files import RunFiles
from explorer.desktop.labs.isolation.runner import Runner
from explorer.desktop.labs.isolation.scenario_list import ScenarioList
from explorer.desktop.labs.isolation.session import LabSession
from explorer.desktop.labs.isolation.side.panel import SidePanel
from explorer.desktop.labs.isolation.strip.model import Strip, strip
from explorer.desktop.labs.isolation.strip.view import StripView
from explorer.desktop.labs.isolation.transport import Transport
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.heading import Divider
from explorer.desktop.widgets.label import Label
from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.target import Target
from explorer.labs.isolation.transactions import AUTOCOMMIT
from explorer.records.clock import now_ns

LIST: Final = 232
SIDE: Final = {False: 300, True: 340}
WIDE: Final = 1500
LIVE_MS: Final = 50
"""How often a wait that goes on is drawn anew."""
TALL_RUN: Final = 800


class RunView(LabView):
    """Around one session."""

    def __init__(self, theme: Theme, session: LabSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._session = theme, session
        self.runner = Runner(session, self)
        self.list = ScenarioList(theme, session.schedules)
        self.head = RunHead(theme, self.runner)
        self.ladder = LadderView(theme, self.runner)
        self.strip = StripView(theme)
        self.transport = Transport(theme, self.runner)
        self.side = SidePanel(theme)
        self.stuck = Label(theme, "", 13, 500, "danger", wrap=True)
        self.rows = RowsPanel(theme, self)
        self.files = RunFiles(self.runner, self)
        self._other = ""
        self._card: NoDatabase | None = None
        self._live = QTimer(self)
        self._live.setInterval(LIVE_MS)
        self._live.timeout.connect(self._draw)
        self._lay_out()
        self._connect()
        self._keys()
        self._choose_shown()

    # -- a tab -----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Have the database ready; where there is no PostgreSQL, ask first."""
        session = self._session
        if session.lab is None and not session.busy:
            if session.chosen:
                session.spawn(session.start())
            elif self._card is None:
                self._card = NoDatabase(self._theme, session)
                self._places.addWidget(self._card)
                self._card.chosen.connect(self._take)
        self._show_place()

    def _take(self, target: Target) -> None:
        self._session.spawn(self._session.change_target(target))

    def _show_place(self) -> None:
        """The card until a database is chosen, then the run."""
        card = self._card if not self._session.chosen else None
        self._places.setCurrentWidget(card or self._middle)
        self.side.setVisible(card is None)
        self.setFocusProxy(card or self.list)

    def show_schedule(self, identity: str, levels: tuple[str, ...] = ()) -> None:
        """Show it, and run it if it was not."""
        self.ladder.choose(None)
        self.runner.choose(identity, levels[0] if levels else "")
        if self.runner.trace is None and self._session.facts is not None:
            self.runner.go_to(len(self.runner.schedule.steps))

    def show_chosen(self, identity: str) -> None:
        """Show it as the list does: as it was left."""
        self._chosen(identity)

    def take_back(self) -> bool:
        """A drag, an edit, a choice."""
        return self.ladder.take_back()

    def space(self) -> None:
        """Run or pause."""
        self.runner.toggle()

    # -- what is shown ---------------------------------------------------------------------------------------------

    def _choose_shown(self) -> None:
        """Another schedule, level, or form of it."""
        self.list.show_current(self.runner.schedule.id)
        self._show_marks()
        self._draw()

    def _draw(self) -> None:
        runner, now = self.runner, now_ns()
        schedule, trace = runner.served, runner.trace
        graph = self._session.graph(schedule, trace) if trace is not None else Graph()
        verdict = self._session.judge(schedule, trace) if trace is not None and trace.ran else None
        shown = ladder(schedule, runner.level, trace, now, graph)
        self.ladder.show_ladder(shown)
        names = tuple(one.name for one in schedule.sessions)
        self.strip.show_strip(strip(trace, names, now) if trace is not None else Strip(), names)
        self.stuck.setText(f"These steps cannot finish: {shown.stuck}" if shown.stuck else "")
        self.stuck.setVisible(bool(shown.stuck))
        self.side.set_predicting(self.head.predict.isChecked())
        self.side.show_run(schedule, trace, verdict, graph)
        self._show_retry()
        self._show_other()
        waits = any(card.waits or card.state == "running" for card in shown.cards)
        if waits and not self._live.isActive():
            self._live.start()
        elif not waits:
            self._live.stop()

    def _show_retry(self) -> None:
        runner, trace = self.runner, self.runner.trace
        fails = trace is not None and trace.over and bool(may_retry(trace))
        has = any(one.retries for one in runner.schedule.sessions)
        self.side.show_retry(offered=not has and (fails or runner.retries), on=runner.retries)

    def _show_other(self) -> None:
        runner = self.runner
        hidden = self.head.predict.isChecked()
        over = runner.trace is not None and runner.trace.over
        found = other_level(self._session.verdicts, runner.schedule.id, runner.level, runner.levels)
        self._other = found if found and over and not hidden else ""
        words = ""
        if self._other:
            key = runner.schedule.id, self._other
            words = sentence(runner.schedule, self._other, self._session.verdicts[key], self._session.traces[key])
        self.side.show_other(words)

    def _show_marks(self) -> None:
        level = self.runner.level
        predicting = self.head.predict.isChecked()
        kinds = {identity: one.kind for identity, one in self._session.schedules.items()}
        marks = {
            identity: outcome(verdict, self._session.traces[identity, at])
            for (identity, at), verdict in self._session.verdicts.items()
            if at == level and kinds.get(identity) in ("anomaly", "deadlock") and not predicting
        }
        self.list.show_marks(marks)

    def _measured(self, identity: str, level: str) -> None:
        self._show_marks()
        if identity == self.runner.schedule.id:
            self._show_other()

    def _run_beside(self) -> None:
        """Measure the same steps at the levels beside this one, the nearest first, until something else comes out at
        one: then there is a difference to be told.
        """
        runner = self.runner
        if not runner.retries and not self.head.predict.isChecked():
            self._session.spawn(self._measure_beside(runner.schedule, runner.level))

    async def _measure_beside(self, schedule: Schedule, level: str) -> None:
        session, runner = self._session, self.runner
        for other in near(runner.levels, level):
            if any(unlike(session.verdicts, schedule.id, level, one) for one in runner.levels if one != AUTOCOMMIT):
                return
            if (runner.schedule, runner.level) != (schedule, level):
                return  # something else is looked at by now
            if (schedule.id, other) not in session.verdicts:
                await session.run(schedule, other)

    def _light(self, number: int) -> None:
        self.ladder.light(number)
        self.strip.light(number)

    def _show_rows(self, card: Card) -> None:
        box = self.ladder.card_box(card)
        self.rows.show_card(card, self.runner.trace, self.ladder, box)

    def _predict(self) -> None:
        if self.head.predict.isChecked() and self.runner.sent:
            self.runner.rewind()
        self._show_marks()
        self._draw()

    # -- composition -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        theme = self._theme
        self._middle = _Ground(theme)
        area = LadderArea(self.ladder)
        inner = QVBoxLayout()
        inner.setContentsMargins(20, 10, 16, 6)
        inner.setSpacing(6)
        inner.addWidget(self.head)
        inner.addWidget(area, 1)
        inner.addWidget(self.stuck)
        inner.addWidget(self.strip)
        column = QVBoxLayout(self._middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(inner, 1)
        column.addWidget(Divider(theme))
        column.addWidget(self.transport)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.list)
        row.addWidget(Divider(theme, vertical=True))
        self._places = QStackedWidget()
        self._places.addWidget(self._middle)
        row.addWidget(self._places, 1)
        row.addWidget(Divider(theme, vertical=True))
        row.addWidget(self.side)
        self._arrange()

    def _connect(self) -> None:
        runner = self.runner
        runner.chosen.connect(self._choose_shown)
        runner.changed.connect(self._draw)
        runner.ended.connect(self._draw)
        runner.ended.connect(self._run_beside)
        self.list.chosen.connect(self._chosen)
        self.head.predict_changed.connect(self._predict)
        self.head.save_asked.connect(self.files.save)
        for widget in (self.ladder, self.strip):
            widget.lit.connect(self._light)
        self.strip.chosen.connect(self.ladder.choose_statement)
        self.ladder.rows_asked.connect(self._show_rows)
        self.side.retry_asked.connect(lambda: runner.set_retries(not runner.retries))
        self.side.export_asked.connect(self.files.export)
        self.side.compare_asked.connect(lambda: self.compare_asked.emit(runner.schedule.id, self._other, runner.level))
        self._session.facts_changed.connect(self._show_place)
        self._session.measured.connect(self._measured)
        self._theme.changed.connect(self._arrange)

    def _chosen(self, identity: str) -> None:
        self.ladder.choose(None)
        self.runner.choose(identity)
        self.chosen.emit(identity)

    def _keys(self) -> None:
        runner = self.runner
        for keys, act in (
            ("Right", runner.step),
            ("Left", runner.back),
            ("Home", runner.rewind),
            ("/", self.list.search),
            ("[", lambda: self.head.step_level(-1)),
            ("]", lambda: self.head.step_level(1)),
            ("PgUp", lambda: self.list.step(-1)),
            ("PgDown", lambda: self.list.step(1)),
            ("Ctrl+Z", runner.undo),
            ("Ctrl+S", self.files.save),
            ("F6", self._next_part),
        ):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(act)

    def _next_part(self) -> None:
        """The keyboard goes on to the next of list, head, ladder, side."""
        parts = [self.list, self.head, self.ladder, self.side]
        focus = QApplication.focusWidget()
        inside = [focus is not None and (focus is part or part.isAncestorOf(focus)) for part in parts]
        target = parts[(inside.index(True) + 1) % len(parts) if True in inside else 0]
        if target in (self.head, self.side):
            target.focusNextChild()
        target.setFocus(Qt.FocusReason.TabFocusReason)

    def _arrange(self) -> None:
        px = self._theme.px
        wide = self.width() >= px(WIDE)
        tall = self.height() >= px(TALL_RUN)
        self.list.setFixedWidth(px(LIST + 30 * wide))
        self.side.setFixedWidth(px(SIDE[wide]))
        self.transport.setFixedHeight(px(58 if tall else 46))
        self.strip.set_tall(tall)
        self.transport.hint.setVisible(self.width() >= px(1180))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose what has room."""
        super().resizeEvent(event)
        self._arrange()


class _Ground(QWidget):
    """The surface behind the ladder."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("bg"))
        painter.end()
