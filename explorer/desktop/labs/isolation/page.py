"""The isolation lab's page: its tabs, the database it works on, and what the status bar says about that."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.desktop.actions import typing
from explorer.desktop.control import Control
from explorer.desktop.labs.entry import LabPage
from explorer.desktop.labs.isolation import tabs
from explorer.desktop.labs.isolation.keys import KEYS
from explorer.desktop.labs.isolation.lab_view import LabView
from explorer.desktop.labs.isolation.parts import Parts
from explorer.desktop.labs.isolation.run_view import RunView
from explorer.desktop.labs.isolation.session import LabSession
from explorer.desktop.messages import Messages
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.heading import Divider, Mark
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.segmented import SegmentedControl
from explorer.desktop.widgets.status import StatusCell
from explorer.desktop.widgets.status import Words as StatusWords

RUN: Final = "run"
TROUBLE: Final = "The database"
"""Title of what went wrong with it."""


class IsolationPage(LabPage):
    """The tabs around one `LabSession`. A tab beside Run is made when it is first opened."""

    keys = KEYS

    def __init__(self, theme: Theme, control: Control, parts: Parts | None = None) -> None:
        super().__init__()
        self._theme = theme
        self.session = LabSession(control, parts, self)
        self.messages = Messages(theme)
        self._looked_at = ""
        self._shows: dict[str, str] = {}  # by tab: the schedule that it was told of last
        self.run = RunView(theme, self.session)
        self.views: dict[str, LabView] = {RUN: self.run}
        self._choice = SegmentedControl(theme, [(RUN, "Run"), *tabs.TABS], name="Tab of the lab (Ctrl+Tab)")
        self._places = QStackedWidget()
        self._places.addWidget(self.run)
        self._explore = Button(
            theme, "Explore", icon="arrow-left", kind=ButtonKind.GHOST, height=32, name="Explore (Esc)"
        )
        self._look = Button(theme, icon="sun", kind=ButtonKind.GHOST, height=32, name="Dark or light (Ctrl+T)")
        self.engine = StatusCell(theme, "Database", icon="database")
        self.place = StatusCell(theme, "Where the lab works", icon="shield-check")
        self.watch = StatusCell(theme, "How a wait is known", icon="timer")
        self._bar, self._status = self._make_bar(), self._make_status()
        self._lay_out()
        self._connect()
        self._show_facts()
        self._arrange()

    # -- a lab's page ----------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """The page is shown now: the database is started, if it was not."""
        self.view.enter()

    def tell(self, title: str, sentence: str) -> None:
        """As a message on the page."""
        self.messages.inform(title, sentence)

    # -- tabs ------------------------------------------------------------------------------------------------------

    @property
    def tab(self) -> str:
        """Which tab is shown."""
        return self._choice.current()

    @property
    def tabs(self) -> tuple[str, ...]:
        """All tabs."""
        return (RUN, *(name for name, _ in tabs.TABS))

    @property
    def view(self) -> LabView:
        """The tab that is shown."""
        return self.views[self.tab]

    def show_tab(self, name: str) -> LabView:
        """Go to a tab."""
        view = self._made(name)
        self._choice.set_current(name)
        self._places.setCurrentWidget(view)
        if self._shows.get(name, "") != self._looked_at:
            self._shows[name] = self._looked_at
            view.show_chosen(self._looked_at)
        if self.isVisible():
            view.enter()
            view.setFocus(Qt.FocusReason.OtherFocusReason)
        return view

    def show_run(self, identity: str, level: str) -> None:
        """Show a schedule at a level on the Run tab."""
        self.show_tab(RUN).show_schedule(identity, (level,))
        self._look_at(identity)

    def compare(self, identity: str, level: str, other: str) -> None:
        """Show a schedule at two levels side by side."""
        self.show_tab("compare").show_schedule(identity, (level, other))
        self._look_at(identity)

    def _made(self, name: str) -> LabView:
        if name not in self.views:
            view = self.views[name] = tabs.make(name, self._theme, self.session)
            self._join(view)
            self._places.addWidget(view)
        return self.views[name]

    def _join(self, view: LabView) -> None:
        view.run_asked.connect(self.show_run)
        view.compare_asked.connect(self.compare)
        view.chosen.connect(self._look_at)

    def _look_at(self, identity: str) -> None:
        """The tab that is shown looks at this schedule; the others follow when they are shown."""
        self._looked_at = self._shows[self.tab] = identity

    def _next_tab(self, by: int) -> None:
        self.show_tab(self.tabs[(self.tabs.index(self.tab) + by) % len(self.tabs)])

    # -- what is said ----------------------------------------------------------------------------------------------

    def _show_facts(self) -> None:
        facts = self.session.facts
        if facts is None:
            self.engine.set_words([StatusWords("No database is open yet.")])
        else:
            self.messages.drop(TROUBLE)  # what was wrong with a database is no longer so
            self.engine.set_words([StatusWords(f"{facts.title}, {facts.where}", "text")])
            self.place.set_words([StatusWords(f"works only in {own(facts.place)}")])
            self.place.setToolTip(facts.guard)
            self.watch.set_words([StatusWords(briefly(facts.watch))])
            self.watch.setToolTip(facts.watch)
        for cell in (self.place, self.watch):
            cell.setVisible(facts is not None)

    def _warn(self, sentence: str) -> None:
        self.messages.warn(TROUBLE, sentence)

    # -- composition -----------------------------------------------------------------------------------------------

    def _make_bar(self) -> QWidget:
        theme, bar = self._theme, QWidget()
        line = QHBoxLayout(bar)
        line.setContentsMargins(14, 0, 12, 0)
        line.setSpacing(8)
        line.addWidget(Mark(theme))
        line.addSpacing(6)
        line.addWidget(Label(theme, "Labs", 13, 500, "text2"))
        line.addWidget(IconLabel(theme, "chevron-right", 14, "text3"))
        line.addWidget(Label(theme, "Isolation", 13, 600))
        line.addSpacing(16)
        line.addWidget(self._choice)
        line.addStretch(1)
        line.addWidget(self._explore)
        line.addWidget(self._look)
        return bar

    def _make_status(self) -> QWidget:
        status = QWidget()
        line = QHBoxLayout(status)
        line.setContentsMargins(10, 0, 12, 0)
        line.setSpacing(14)
        for cell in (self.engine, self.place, self.watch):
            line.addWidget(cell)
        line.addStretch(1)
        return status

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self._bar, Divider(self._theme), self.messages):
            column.addWidget(widget)
        column.addWidget(self._places, 1)
        column.addWidget(Divider(self._theme))
        column.addWidget(self._status)

    def _connect(self) -> None:
        self._explore.clicked.connect(lambda: self.left.emit())
        self._look.clicked.connect(lambda: self.theme_asked.emit())
        self._choice.chosen.connect(self.show_tab)
        self._theme.changed.connect(self._arrange)
        self.session.facts_changed.connect(self._show_facts)
        self.session.went_wrong.connect(self._warn)
        self._join(self.run)
        self.run.files.said.connect(self.messages.inform)
        for keys, act in (
            ("Esc", self._back),
            ("Space", self._space),
            ("Ctrl+Tab", lambda: self._next_tab(1)),
            ("Ctrl+Shift+Tab", lambda: self._next_tab(-1)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(act)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def _back(self) -> None:
        """Take one thing back, then leave the page."""
        if not self.view.take_back():
            self.left.emit()

    def _space(self) -> None:
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractButton) and focus.focusPolicy() & Qt.FocusPolicy.TabFocus:
            focus.click()
        elif not typing(focus):
            self.view.space()

    def _arrange(self) -> None:
        px = self._theme.px
        compact = self.height() < px(800)
        self._bar.setFixedHeight(px(48 if compact else 52))
        self._status.setFixedHeight(px(28 if compact else 30))
        self._look.set_text("", "sun" if self._theme.dark else "moon")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As high as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surface."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        painter.end()


def briefly(watch: str) -> str:
    """How a wait is known, without what follows from it: that has its place in the tooltip."""
    ends = [at for mark in ("; ", ", so that ", " (") if (at := watch.find(mark)) > 0]
    return watch[: min(ends, default=len(watch))].rstrip(".")


def own(place: str) -> str:
    """ "database explorer_lab_1" is "its own database …"; "a new file" is that."""
    return place if place.startswith("a ") else f"its own {place}"
