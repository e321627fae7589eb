"""The page of the locks lab, in the place of the whole window: scenarios, lanes over locks over source, verdict."""

from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from explorer.desktop.arrangement import size_class
from explorer.desktop.control import Control
from explorer.desktop.labs.entry import LabPage
from explorer.desktop.labs.locks.code_panel import CodePanel
from explorer.desktop.labs.locks.head import LabHead
from explorer.desktop.labs.locks.invitation import Invitation
from explorer.desktop.labs.locks.lanes import LabLanes
from explorer.desktop.labs.locks.numbers import Numbers
from explorer.desktop.labs.locks.run import LabRun
from explorer.desktop.labs.locks.scenario_list import ScenarioList
from explorer.desktop.labs.locks.side import Side
from explorer.desktop.labs.locks.value_track import ValueTrack
from explorer.desktop.messages import Messages
from explorer.desktop.panels.empty import StartPanel
from explorer.desktop.panels.key_words import LAB, LOOK, SELECT, KeyLine
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.legend import Legend
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.heading import Divider, Mark
from explorer.desktop.widgets.label import ElidedLabel, IconLabel, Label
from explorer.desktop.widgets.status import StatusCell

LIST_WIDTH: Final = {"wide": 232, "compact": 216, "narrow": 184}
SIDE_WIDTH: Final = {"wide": 330, "compact": 286, "narrow": 256}
CODE_HEIGHT: Final = {True: 168, False: 236}
"""Of the source, in a low window and in a higher one, at most."""
LOW: Final = 800
PAN: Final = 0.15


class LocksPage(LabPage):
    """The parts in their places; `entered`: the page comes into sight. What they show is `LocksLab`'s."""

    acting = (
        "open",
        "save",
        "export",
        "recent",
        "palette",
        "view_options",
        "high_contrast",
        "patterns",
        "reduced_motion",
    )
    keys = (
        (
            LAB,
            (
                KeyLine(("Space",), "Run or stop"),
                KeyLine(("C",), "As written or cured"),
                KeyLine(("R",), "Release one who is stuck"),
                KeyLine(("PgUp", "PgDn"), "Scenario before, next"),
                KeyLine(("F6",), "Next part of the page"),
            ),
        ),
        (
            LOOK,
            (
                KeyLine(("F",), "Follow live"),
                KeyLine(("W", "S"), "Zoom in, out"),
                KeyLine(("A", "D"), "Earlier, later"),
                KeyLine(("Home", "End"), "Beginning, now"),
            ),
        ),
        (SELECT, (KeyLine(("Z",), "Zoom to selection"), KeyLine(("Esc",), "Take the selection back, then leave"))),
    )
    entered = Signal()

    def __init__(self, theme: Theme, control: Control, run: LabRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.run = run
        self.lab: QObject | None = None
        """Whose page this is; it lives as long."""
        self.list = ScenarioList(theme, run.scenarios)
        self.head = LabHead(theme, run)
        self.messages = Messages(theme)
        self.numbers = Numbers(theme)
        self.lanes = LabLanes(theme, control)
        self.value = ValueTrack(theme, self.lanes.view)
        self.legend = Legend(theme, self.lanes.view, hints=False, dense=True)
        self.code = CodePanel(theme)
        self.side = Side(theme)
        self.invitation = Invitation(theme)
        self.start = StartPanel(theme, control)
        self._running = QWidget()
        self._places = QStackedWidget()
        for page in (self.invitation, self.start, self._running):
            self._places.addWidget(page)
        self._explore = Button(
            theme, "Explore", icon="arrow-left", kind=ButtonKind.GHOST, height=32, name="Explore (Esc)"
        )
        self._save = Button(theme, "Save", icon="save", kind=ButtonKind.GHOST, height=32, name="Save (Ctrl+S)")
        self._look = Button(theme, icon="sun", kind=ButtonKind.GHOST, height=32, name="Dark or light (Ctrl+T)")
        self.deadlocks = StatusCell(theme, "Deadlocks")
        self.address = StatusCell(theme, "Address of the server", icon="globe")
        self.records = StatusCell(theme, "Records")
        self.checked = StatusCell(theme, "Wait-for graph", icon="timer")
        self._bar, self._status = self._make_bar(), self._make_status()
        self._lay_out()
        self._connect()
        self._keys()

    def enter(self) -> None:
        """The page is shown now."""
        self.entered.emit()

    def tell(self, title: str, sentence: str) -> None:
        """Say something on the page."""
        self.messages.inform(title, sentence)

    # -- what is shown ---------------------------------------------------------------------------------------------

    @property
    def place(self) -> str:
        """What is in the middle: "empty", "starting" or "run"."""
        return ("empty", "starting", "run")[self._places.currentIndex()]

    def show_place(self, place: str) -> None:
        """Show the invitation, the steps of a start, or the run."""
        self._places.setCurrentIndex(("empty", "starting", "run").index(place))

    def show_save(self, possible: bool) -> None:
        """Whether there is anything to be saved."""
        self._save.setEnabled(possible)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the size class."""
        super().resizeEvent(event)
        self.arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground, and the surfaces at both sides."""
        painter, theme = QPainter(self), self._theme
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(self._middle.geometry().translated(self._body.pos()), theme.color("bg"))
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters of the timeline that are no shortcuts."""
        if not (self.lanes.view.isVisible() and self.lanes.view.keys.press_letter(event)):
            super().keyPressEvent(event)

    def arrange(self) -> None:
        """Stand as the present size asks for."""
        px, size = self._theme.px, size_class(self.width() / self._theme.scale)
        low = self.height() < px(LOW)
        self._bar.setFixedHeight(px(48))
        self._status.setFixedHeight(px(28))
        self.list.setFixedWidth(px(LIST_WIDTH[size]))
        self.side.setFixedWidth(px(SIDE_WIDTH[size]))
        self.numbers.set_low(low)
        most = min(px(CODE_HEIGHT[low]), self.height() // 4)
        self.code.setFixedHeight(min(self.code.sizeHint().height(), most))
        self._look.set_text("", "sun" if self._theme.dark else "moon")

    # -- composition -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        theme = self._theme
        running = QVBoxLayout(self._running)
        running.setContentsMargins(0, 0, 0, 0)
        running.setSpacing(8)
        running.addWidget(self.numbers)
        running.addWidget(self.lanes, 1)
        running.addWidget(self.value)
        running.addWidget(self.legend)
        self._middle = QWidget()
        middle = QVBoxLayout(self._middle)
        middle.setContentsMargins(18, 12, 18, 8)
        middle.setSpacing(9)
        middle.addWidget(self.head)
        middle.addWidget(self.messages)
        middle.addWidget(self._places, 1)
        middle.addWidget(self.code)
        self._middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._body = QWidget()
        body = QHBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self.list)
        body.addWidget(Divider(theme, vertical=True))
        body.addWidget(self._middle, 1)
        body.addWidget(Divider(theme, vertical=True))
        body.addWidget(self.side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(Divider(theme))
        column.addWidget(self._body, 1)
        column.addWidget(Divider(theme))
        column.addWidget(self._status)

    def _make_bar(self) -> QWidget:
        theme = self._theme
        bar = QWidget()
        line = QHBoxLayout(bar)
        line.setContentsMargins(14, 0, 12, 0)
        line.setSpacing(8)
        line.addWidget(Mark(theme))
        line.addSpacing(6)
        line.addWidget(Label(theme, "Labs", 13, 500, "text2"))
        line.addWidget(IconLabel(theme, "chevron-right", 14, "text3"))
        line.addWidget(Label(theme, "Locks", 13, 600))
        self._name = ElidedLabel(theme, "", 12, color="text2")
        line.addSpacing(10)
        line.addWidget(self._name, 1)
        for button in (self._explore, self._save, self._look):
            line.addWidget(button)
        return bar

    @property
    def follows_run(self) -> bool:
        """Whether a run of the chosen scenario goes on."""
        return self.run.going

    def show_name(self, name: str) -> None:
        """What is shown besides the lab: the name of a recording."""
        self._name.set_text(name)

    def _make_status(self) -> QWidget:
        status = QWidget()
        line = QHBoxLayout(status)
        line.setContentsMargins(10, 0, 12, 0)
        line.setSpacing(14)
        for cell in (self.deadlocks, self.address, self.records):
            line.addWidget(cell)
        line.addStretch(1)
        line.addWidget(self.checked)
        return status

    def _connect(self) -> None:
        self._explore.clicked.connect(lambda: self.left.emit())
        self._look.clicked.connect(lambda: self.theme_asked.emit())
        self._save.clicked.connect(lambda: self.command_asked.emit("save"))
        self.list.chosen.connect(self.run.choose)
        self.head.run_asked.connect(self.run.toggle)
        self.invitation.run_asked.connect(self.run.run)
        self.start.cancelled.connect(self.run.stop)
        self.side.release_asked.connect(self.run.release)
        self.side.cure_asked.connect(lambda: self.run.set_cured(True))
        self._theme.changed.connect(self.arrange)

    def _keys(self) -> None:
        view = self.lanes.view
        for keys, act in (
            ("Space", self._space),
            ("C", lambda: self.run.set_cured(not self.run.cured)),
            ("R", self.run.release),
            ("F", view.toggle_following),
            ("W", view.zoom_in),
            ("S", view.zoom_out),
            ("A", lambda: view.pan(-PAN)),
            ("D", lambda: view.pan(PAN)),
            ("Z", view.zoom_to_selection),
            ("Home", view.go_begin),
            ("End", view.go_now),
            ("PgUp", lambda: self.list.step(-1)),
            ("PgDown", lambda: self.list.step(1)),
            ("F6", self._next_part),
            ("Esc", self._back),
        ):
            # Of the window, as long as the page is seen: whatever has the keyboard, or nothing.
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(act)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def _back(self) -> None:
        """Take the selection back, then leave the page."""
        if not self.lanes.view.clear():
            self.left.emit()

    def _space(self) -> None:
        focus = QApplication.focusWidget()
        if isinstance(focus, QComboBox):
            focus.showPopup()
        else:
            self.run.toggle()

    def _next_part(self) -> None:
        """The keyboard goes on to the next of list, knobs, lanes and graph."""
        parts = [part for part in (self.list, self.head, self.lanes.view, self.side) if part.isVisible()]
        focus = QApplication.focusWidget()
        inside = [focus is not None and (focus is part or part.isAncestorOf(focus)) for part in parts]
        target = parts[(inside.index(True) + 1) % len(parts) if True in inside else 0]
        if target not in (self.lanes.view, self.list):
            target.focusNextChild()
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)
