"""The page of the duel, in the place of the whole window: its own bar above, then choosing, progress or the result."""

from typing import Final

from PySide6.QtCore import QKeyCombination, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.desktop.arrangement import HEADER_WIDTH, size_class
from explorer.desktop.duel.progress import DuelProgress
from explorer.desktop.duel.result import DuelResult
from explorer.desktop.duel.setup import DuelSetup
from explorer.desktop.duel.shown import Shown
from explorer.desktop.messages import Messages
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.heading import Divider, Mark
from explorer.desktop.widgets.label import ElidedLabel, IconLabel, Label

LOW: Final = 800
"""Below this height there is no room for the dots under the lanes."""
PAN: Final = 0.15


class DuelPage(QWidget):
    """`left` follows Explore, `again` Run again, `save_asked` Save, `export_asked` Export; what choosing, progress and
    result ask for is theirs. `unknown_key(keys)` tells of keys ("J", "Ctrl+F") that nobody here knows.
    """

    left = Signal()
    again = Signal()
    new_asked = Signal()
    save_asked = Signal()
    export_asked = Signal()
    unknown_key = Signal(str)
    theme_asked = Signal()

    def __init__(self, theme: Theme, setup: DuelSetup, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setup = setup
        self.progress = DuelProgress(theme)
        self.result = DuelResult(theme)
        self.messages = Messages(theme)
        self._stack = QStackedWidget()
        for page in (setup, self.progress, self.result):
            self._stack.addWidget(page)
        self._run = Button(theme, "Run again", icon="repeat", kind=ButtonKind.PRIMARY, shortcut="Space", height=34)
        self._new = Button(theme, "New duel", icon="columns-2", height=32)
        self._name = ElidedLabel(theme, "", 13, 500)
        self._explore = Button(theme, "Explore", icon="arrow-left", kind=ButtonKind.GHOST, height=32)
        self._save = Button(theme, "Save", icon="save", kind=ButtonKind.GHOST, height=32)
        self._export = Button(
            theme, icon="share-2", kind=ButtonKind.GHOST, height=32, name="Export as an HTML report (Ctrl+E)"
        )
        self._look = Button(theme, icon="sun", kind=ButtonKind.GHOST, height=32, name="Dark or light (Ctrl+T)")
        self._foot = ElidedLabel(theme, "", 12, color="text2")
        self._foot_right = ElidedLabel(theme, "", 12, color="text2", right=True)
        self._bar, self._status = self._make_bar(), self._make_status()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self._bar, Divider(theme), self.messages):
            column.addWidget(widget)
        column.addWidget(self._stack, 1)
        column.addWidget(Divider(theme))
        column.addWidget(self._status)
        self._connect()
        self._keys()
        self.show_setup()

    @property
    def place(self) -> str:
        """What is shown: "setup", "progress" or "result"."""
        return ("setup", "progress", "result")[self._stack.currentIndex()]

    def show_setup(self) -> None:
        """Let the user choose."""
        self._show(self.setup, "Compare")
        self._foot.set_text("Nothing runs yet.")
        self._foot_right.set_text("")

    def show_progress(self, name: str) -> None:
        """A duel goes on."""
        self._show(self.progress, name)
        self._foot.set_text("A duel goes on; the machine had better do nothing else.")
        self._foot_right.set_text("")

    def show_result(self, duel: Shown, same: str) -> None:
        """Show a finished duel; `same` is what its scenarios have in common."""
        self.result.show_duel(duel, same)
        self._show(self.result, f"Duel: {duel.name}")
        self._save.setEnabled(not duel.saved)
        told = duel.told
        lost = sum(int(one["telemetry"]["lost"]) for run in told["runs"] for one in run["repeats"])
        runs, repeats = len(told["order"]), told["repeat"]
        self._foot.set_text(
            f"{repeats:,} repeat{'s' if repeats != 1 else ''} finished, {runs:,} runs, {lost:,} records lost"
        )
        load = told["load"]
        arrivals = f"same arrivals, {load['planned']:,} requests, seed" if load.get("planned") else "same users, seed"
        self._foot_right.set_text(f"{arrivals} {load['seed']}")

    def note_saved(self, duel: Shown) -> None:
        """A duel lies where the user wants it now; if it is still shown, there is no more to save of it."""
        if self.result.note_saved(duel):
            self._save.setEnabled(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the size class."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes the selection back, then leaves the page."""
        if event.key() != Qt.Key.Key_Escape:
            self.unknown_key.emit(keys_of(event))
            super().keyPressEvent(event)
        elif self.place == "result" and self.result.lanes.number:
            self.result.lanes.select(0)
        elif self.place != "progress":
            self.left.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surface."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        painter.end()

    def _show(self, page: QWidget, name: str) -> None:
        self._stack.setCurrentWidget(page)
        self._name.set_text(name)
        result = page is self.result
        self._run.setVisible(result)
        self._new.setVisible(result)
        self._save.setVisible(result)
        self._export.setVisible(result)
        self._explore.setEnabled(page is not self.progress)
        self._arrange()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _space(self) -> None:
        focus = QApplication.focusWidget()
        if isinstance(focus, QComboBox):
            focus.showPopup()
        elif self.place == "setup":
            self.setup.start()
        elif self.place == "result":
            self.again.emit()

    def _arrange(self) -> None:
        px, size = self._theme.px, size_class(self.width() / self._theme.scale)
        compact = size != "wide"
        low = self.height() < px(LOW)
        self._bar.setFixedHeight(px(48 if compact else 52))
        self._status.setFixedHeight(px(28 if compact else 30))
        self.result.set_compact(compact, low, HEADER_WIDTH[size])
        self._look.set_text("", "sun" if self._theme.dark else "moon")

    def _connect(self) -> None:
        self._run.clicked.connect(lambda: self.again.emit())
        self._new.clicked.connect(lambda: self.new_asked.emit())
        self._explore.clicked.connect(lambda: self.left.emit())
        self._save.clicked.connect(lambda: self.save_asked.emit())
        self._export.clicked.connect(lambda: self.export_asked.emit())
        self._look.clicked.connect(lambda: self.theme_asked.emit())
        self._theme.changed.connect(self._arrange)

    def _keys(self) -> None:
        lanes = self.result.lanes
        for keys, act in (
            ("Space", self._space),
            ("W", lambda: lanes.zoom(True)),
            ("S", lambda: lanes.zoom(False)),
            ("A", lambda: lanes.pan(-PAN)),
            ("D", lambda: lanes.pan(PAN)),
            ("Home", lambda: lanes.go(begin=True)),
            ("End", lambda: lanes.go(begin=False)),
            ("Z", lanes.zoom_to_request),
        ):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def _make_bar(self) -> QWidget:
        theme = self._theme
        bar = QWidget()
        line = QHBoxLayout(bar)
        line.setContentsMargins(16, 0, 12, 0)
        line.setSpacing(8)
        line.addWidget(Mark(theme))
        line.addWidget(Label(theme, "Concurrency Explorer", 15, 600))
        line.addSpacing(12)
        line.addWidget(self._run)
        line.addWidget(self._new)
        line.addSpacing(4)
        line.addWidget(self._name, 1)
        for button in (self._explore, self._save, self._export, self._look):
            line.addWidget(button)
        return bar

    def _make_status(self) -> QWidget:
        status = QWidget()
        line = QHBoxLayout(status)
        line.setContentsMargins(12, 0, 12, 0)
        line.setSpacing(8)
        line.addWidget(IconLabel(self._theme, "columns-2", 14, "text3"))
        line.addWidget(self._foot, 1)
        line.addWidget(self._foot_right, 1)
        return status


def keys_of(event: QKeyEvent) -> str:
    """What was pressed, as commands write it: "Shift+N", "<"."""
    pressed = event.keyCombination()
    if Qt.Key.Key_Exclam <= event.key() <= Qt.Key.Key_At:  # what Shift has made of a key is a key of its own
        pressed = QKeyCombination(pressed.keyboardModifiers() & ~Qt.KeyboardModifier.ShiftModifier, pressed.key())
    return QKeySequence(pressed).toString(QKeySequence.SequenceFormat.PortableText)
