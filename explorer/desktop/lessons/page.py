"""A lesson's page, in the place of the whole window: text at the left, the run in the middle, its code at the right.

The page puts the parts in their places and hands on keys; what happens is `LessonState`'s, what runs a stage's.
"""

from typing import Final

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.desktop.labs.entry import LabPage
from explorer.desktop.lessons.code_panel import CodePanel
from explorer.desktop.lessons.resource_model import ResourceModel
from explorer.desktop.lessons.state import LessonState, Trouble
from explorer.desktop.lessons.step_bar import StepBar
from explorer.desktop.lessons.text_panel import TextPanel
from explorer.desktop.lessons.trouble_card import TroubleCard
from explorer.desktop.messages import Messages
from explorer.desktop.panels.key_words import LOOK, SELECT, KeyLine
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.heading import Divider, Mark
from explorer.desktop.widgets.label import ElidedLabel, IconLabel
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.desktop.widgets.status import StatusCell

TEXT: Final = 332
SIDE: Final = 322
WIDE_TEXT: Final = 380
WIDE: Final = 1700
"""From this width text and code are wider; below `NARROW` the code stands under the text."""
NARROW: Final = 1100
MOVES: Final = ("W", "S", "A", "D")
LESSON: Final = "Lesson"
"""Heading of its keys on the sheet."""


class LessonPage(LabPage):
    """`keyed(key)`: a key of the lesson was pressed, by its name: "1" … "9", "0", "run", "forward", "back", "left",
    "right", "leave", "enter", or one of the `MOVES`; `shown`: the page comes into sight, or (False) goes.
    """

    acting = ("palette", "view_options", "high_contrast", "patterns", "reduced_motion", "save")
    keys = (
        (
            LESSON,
            (
                KeyLine(("PgDn",), "Next step"),
                KeyLine(("PgUp",), "Step before"),
                KeyLine(("1", "2", "3", "4"), "Take this answer"),
                KeyLine(("0",), "I don't know"),
                KeyLine(("←", "→"), "Move the violet line"),
                KeyLine(("Space",), "Run or stop"),
            ),
        ),
        (LOOK, (KeyLine(("W", "S"), "Zoom in, out"), KeyLine(("A", "D"), "Earlier, later"))),
        (SELECT, (KeyLine(("Esc",), "Back to all lessons"),)),
    )
    keyed = Signal(str)
    shown = Signal(bool)

    def __init__(self, theme: Theme, state: LessonState, stages: QStackedWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._state = theme, state
        self.view: QObject | None = None
        """Whose page this is; it lives as long."""
        self.stages = stages
        self.text = TextPanel(theme, state)
        self.code = CodePanel(theme)
        self.resource = ResourceModel(theme)
        self.bar = StepBar(theme, state)
        self.card = TroubleCard(theme, self)
        self.messages = Messages(theme)
        self._narrow: bool | None = None
        self._has_side = True
        self._title = ElidedLabel(theme, "", 13, 600)
        self._home = Button(theme, "Lessons", kind=ButtonKind.GHOST, height=32, name="All lessons (Esc)")
        self._explore = Button(theme, "Explore", icon="arrow-left", kind=ButtonKind.GHOST, height=32)
        self._look = Button(theme, icon="sun", kind=ButtonKind.GHOST, height=32, name="Dark or light (Ctrl+T)")
        self.address = StatusCell(theme, "Address of the server", icon="globe")
        self.setup = StatusCell(theme, "What runs")
        self.records = StatusCell(theme, "Records")
        self._top, self._status = self._make_top(), self._make_status()
        self._lay_out()
        self._connect()
        self._bind()

    def enter(self) -> None:
        """The page is shown now."""
        self.shown.emit(True)

    def tell(self, title: str, sentence: str) -> None:
        """Say something on the page."""
        self.messages.inform(title, sentence)

    @property
    def busy(self) -> str:
        """A lesson can be left at any time: what runs goes on in the window."""
        return ""

    def show_title(self, title: str) -> None:
        """Name the lesson."""
        self._title.set_text(title)

    # -- composition -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        theme = self._theme
        inner = QWidget()
        side = QVBoxLayout(inner)
        side.setContentsMargins(theme.px(20), theme.px(18), theme.px(18), theme.px(12))
        side.setSpacing(theme.px(14))
        self._pieces = QWidget()
        pieces = QVBoxLayout(self._pieces)
        pieces.setContentsMargins(0, 0, 0, 0)
        pieces.setSpacing(theme.px(16))
        pieces.addWidget(self.code)
        pieces.addWidget(self.resource)
        self._side_column = side
        side.addWidget(self._pieces)
        side.addStretch(1)
        self.side = ScrollArea(inner)
        self.beside = QStackedWidget()
        self.beside.addWidget(self.side)
        self._between = Divider(theme, vertical=True)
        self._middle = QWidget()
        middle = QVBoxLayout(self._middle)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.messages)
        middle.addWidget(self.stages, 1)
        self._body = QWidget()
        body = QHBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        for widget, stretch in ((self.text, 0), (Divider(theme, vertical=True), 0), (self._middle, 1),
                                (self._between, 0), (self.beside, 0)):  # fmt: skip
            body.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top)
        column.addWidget(Divider(theme))
        column.addWidget(self._body, 1)
        column.addWidget(Divider(theme))
        column.addWidget(self.bar)
        column.addWidget(Divider(theme))
        column.addWidget(self._status)

    def _make_top(self) -> QWidget:
        theme, top = self._theme, QWidget()
        line = QHBoxLayout(top)
        line.setContentsMargins(14, 0, 12, 0)
        line.setSpacing(6)
        line.addWidget(Mark(theme))
        line.addWidget(self._home)
        line.addWidget(IconLabel(theme, "chevron-right", 14, "text3"))
        line.addSpacing(4)
        line.addWidget(self._title, 1)
        line.addWidget(self._explore)
        line.addWidget(self._look)
        return top

    def _make_status(self) -> QWidget:
        status = QWidget()
        line = QHBoxLayout(status)
        line.setContentsMargins(10, 0, 12, 0)
        line.setSpacing(14)
        for cell in (self.address, self.setup):
            line.addWidget(cell)
        line.addStretch(1)
        line.addWidget(self.records)
        return status

    def _connect(self) -> None:
        self._home.clicked.connect(lambda: self.command_asked.emit("lessons"))
        self._explore.clicked.connect(self.left)
        self._look.clicked.connect(self.theme_asked)
        self.bar.asked.connect(self._state.go)
        self.bar.back_asked.connect(lambda: self.keyed.emit("back"))
        self.bar.forward_asked.connect(lambda: self.keyed.emit("forward"))
        self._theme.changed.connect(self.arrange)

    def _bind(self) -> None:
        names = {"Space": "run", "PgDown": "forward", "PgUp": "back", "Left": "left", "Right": "right", "Esc": "leave"}
        for keys, name in (*names.items(), *((digit, digit) for digit in "0123456789")):
            # Of the window, as long as the page is seen: whatever has the keyboard, or nothing.
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(lambda name=name: self.keyed.emit(name))
        for letter in MOVES:
            shortcut = QShortcut(QKeySequence(letter), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(lambda letter=letter: self.keyed.emit(letter))
        self._enter_keys = [QShortcut(QKeySequence(key), self) for key in ("Return", "Enter")]
        for shortcut in self._enter_keys:
            shortcut.setEnabled(False)
            shortcut.activated.connect(lambda: self.keyed.emit("enter"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(LESSON)

    # -- Qt --------------------------------------------------------------------------------------------------------

    def arrange(self) -> None:
        """Stand as the present size asks for; below 1,100 px the code is under the text."""
        px, width = self._theme.px, self.width() / self._theme.scale
        self._top.setFixedHeight(px(48))
        self._status.setFixedHeight(px(28))
        wide = width >= WIDE
        self.text.setFixedWidth(px(WIDE_TEXT if wide else TEXT))
        self.beside.setFixedWidth(px(WIDE_TEXT if wide else SIDE))
        narrow = width < NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            if narrow:
                self.text.more.addWidget(self._pieces)
            else:
                self._side_column.insertWidget(0, self._pieces)
            self._pieces.show()
        for widget in (self.beside, self._between):
            widget.setVisible(not narrow and self._has_side)
        self._look.set_text("", "sun" if self._theme.dark else "moon")
        self.place_card()

    def show_beside(self, own: QWidget | None, *, code: bool) -> None:
        """At the right: what the stage has of its `own`, else code and resource if there are any, else nothing."""
        if own is not None and self.beside.indexOf(own) < 0:
            self.beside.addWidget(own)
        self.beside.setCurrentWidget(own or self.side)
        self._has_side = own is not None or code
        self.arrange()

    def show_trouble(self, trouble: Trouble | None) -> None:
        """The card of what is the matter; Enter is for it while there is something that it could do."""
        self.messages.clear()  # the card says it, with what can be done
        self.card.show_trouble(trouble)
        for shortcut in self._enter_keys:
            shortcut.setEnabled(trouble is not None and not trouble.lasting)
        self.place_card()

    def place_card(self) -> None:
        """The card of what is the matter stands in the middle of the run's place."""
        corner = self._middle.mapTo(self, self._middle.rect().topLeft())
        self.card.place(QRectF(corner.x(), corner.y(), self._middle.width(), self._middle.height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the size class."""
        super().resizeEvent(event)
        self.arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surfaces at both sides, and the ground of the run."""
        painter, theme = QPainter(self), self._theme
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(self._middle.geometry().translated(self._body.pos()), theme.color("bg"))
        painter.end()
