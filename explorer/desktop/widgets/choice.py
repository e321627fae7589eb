"""One choice: a picture, a title and a sentence; as a row of an open list, or as the card of a closed one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import WRAP, draw_box, draw_text, wrapped_height
from explorer.desktop.widgets.picture import SIZE, PictureBar, draw_picture

FADED = 0.4
COPIED_MS = 4000
COPIED = "The command is on the clipboard; paste it into a terminal."


@dataclass(frozen=True, slots=True)
class ChoiceItem:
    """What is offered. `reason` says why it cannot be chosen, `command` what would help (copied by a click on it, or on
    Ctrl+C). A `picture` of None leaves no room for one.
    """

    id: str
    title: str
    short: str
    sentence: str
    picture: Sequence[PictureBar] | None = ()
    reason: str = ""
    command: str = ""
    group: str = ""

    @property
    def available(self) -> bool:
        """Whether it can be chosen."""
        return not self.reason


class Choice(QAbstractButton):
    """Paints a `ChoiceItem` and can be pressed. One that is not available stays focusable, so that its reason is heard.

    `form` is `row` (in an open list: the short sentence, the whole one if selected) or `card` (closed, with a chevron).
    """

    step_asked = Signal(int)
    """An arrow key: -1 up, 1 down; the list moves the focus."""

    def __init__(
        self,
        theme: Theme,
        item: ChoiceItem,
        *,
        form: Literal["row", "card"] = "row",
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._item = item
        self._card = form == "card"
        self._compact = compact
        self._selected = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._offer_copy)
        self._copied = False
        if not self._card:  # a click on the card opens the list
            self.clicked.connect(self._copy)
        self._ring = FocusRing(theme, self, radius=8 if self._card else 7)
        self.set_item(item)
        theme.changed.connect(self._restyle)

    @property
    def item(self) -> ChoiceItem:
        """What is shown."""
        return self._item

    def set_item(self, item: ChoiceItem) -> None:
        """Show another item."""
        self._item = item
        self._copied = False
        self.setText(item.title)
        self._tell_reader()
        self._restyle()

    def set_selected(self, selected: bool) -> None:
        """Show that this is the current choice."""
        if selected != self._selected:
            self._selected = selected
            self._tell_reader()
            self._restyle()

    def set_compact(self, compact: bool) -> None:
        """Show the short form instead of the sentence."""
        if compact != self._compact:
            self._compact = compact
            self._restyle()

    def sentence(self) -> str:
        """What stands below the title now."""
        item = self._item
        if self._copied:
            return COPIED
        if item.reason:
            return item.reason
        chosen = self._card or self._selected
        return item.sentence if chosen and not self._compact else item.short

    def height_for(self, width: int) -> int:
        """Height of picture or words at a width, whichever needs more."""
        px = self._theme.px
        pad = px(8 if self._card and self._compact else 9 if self._card else 5)
        words = self._title_height(width) + wrapped_height(
            self._theme.font(12), self.sentence(), self._words_width(width)
        )
        picture = px(SIZE.height()) if self._item.picture is not None else 0
        return int(max(picture, words) + 2 * pad) + 1

    def sizeHint(self) -> QSize:
        """The height is that of the present width: Qt's own height-for-width ends where a parent's policy is fixed."""
        return QSize(self._theme.px(220), self.height_for(self.width()))

    def minimumSizeHint(self) -> QSize:
        """Narrower is fine, lower is not."""
        return QSize(self._theme.px(140), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width wraps the words anew."""
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses, arrows ask for a neighbour, Copy takes the command that would help."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step_asked.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif event.matches(QKeySequence.StandardKey.Copy) and self._item.command:
            self._copy()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, picture, words, mark."""
        theme, item, painter = self._theme, self._item, QPainter(self)
        self._draw_ground(painter)
        px = theme.px
        if item.picture is not None:
            picture = QRectF(px(10), (self.height() - px(SIZE.height())) / 2, px(SIZE.width()), px(SIZE.height()))
            painter.setOpacity(1.0 if item.available else FADED)
            draw_picture(painter, theme, picture, item.picture)
            painter.setOpacity(1.0)
        left, width, sentence = self._words_left(), self._words_width(self.width()), self.sentence()
        title_height = self._title_height(self.width())
        sub = theme.font(12)
        below = wrapped_height(sub, sentence, width)
        top = (self.height() - title_height - below) / 2
        weight = 600 if self._card or self._selected else 500
        ink = theme.color("text" if item.available else "text3")
        draw_text(painter, QRectF(left, top, width, title_height), item.title, theme.font(13, weight), ink, WRAP)
        if sentence:
            second = theme.color("text2" if item.available else "text3")
            draw_text(painter, QRectF(left, top + title_height, width, below + 2), sentence, sub, second, WRAP)
        self._draw_mark(painter)
        painter.end()

    def _draw_ground(self, painter: QPainter) -> None:
        color, rect = self._theme.color, QRectF(self.rect())
        hover = self.underMouse() and self._item.available
        if self._card:
            draw_box(painter, rect, 8, color("hover" if hover else "raised"), color("line2" if hover else "line"))
        elif self._selected:
            draw_box(painter, rect, 7, color("accent_bg"), color("accent"))
        elif hover:
            draw_box(painter, rect, 7, color("hover"))

    def _draw_mark(self, painter: QPainter) -> None:
        if self._card:
            name, ink = "chevron-down", "text3"
        elif not self._item.available:
            name, ink = ("copy" if self._item.command else "lock"), "text3"
        elif self._selected:
            name, ink = "check", "accent"
        else:
            return
        size = self._theme.px(16)
        where = QPointF(self.width() - self._theme.px(11) - size, (self.height() - size) / 2)
        painter.drawPixmap(where, self._theme.icon(name, 16, ink))

    def _words_left(self) -> int:
        return self._theme.px(10 + SIZE.width() + 12 if self._item.picture is not None else 10)

    def _words_width(self, width: int) -> float:
        # The mark's place is kept, with its margins, so that choosing moves no word.
        return width - self._words_left() - self._theme.px(10 + 16 + 10)

    def _title_height(self, width: int) -> float:
        # As the chosen one is set, so that choosing moves no word.
        title = wrapped_height(self._theme.font(13, 600), self._item.title, self._words_width(width))
        return max(self._theme.px(18), title)

    def _tell_reader(self) -> None:
        item = self._item
        if item.reason:
            self.setAccessibleName(f"{item.title}, not available")
            self.setAccessibleDescription(f"{item.reason} {item.command}".strip())
        else:
            self.setAccessibleName(f"{item.title}, chosen" if self._selected or self._card else item.title)
            self.setAccessibleDescription(item.sentence)
        self.setToolTip(item.sentence if item.available else f"Copy: {item.command}" if item.command else "")

    def _offer_copy(self, where: QPoint) -> None:
        if self._item.command:
            menu = QMenu(self)
            copy = menu.addAction("Copy command")
            copy.triggered.connect(self._copy)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.mapToGlobal(where))

    def _copy(self) -> None:
        if self._item.command and not self._item.available:
            QGuiApplication.clipboard().setText(self._item.command)
            self._show_copied(True)
            QTimer.singleShot(COPIED_MS, self, lambda: self._show_copied(False))

    def _show_copied(self, copied: bool) -> None:
        self._copied = copied
        self._restyle()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
