"""A cell of the status bar: an icon and a few words and figures, which may turn into an alarm."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_text, text_width

GAP = 5
PADDING = 6
ALARM_PADDING = 10


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of a cell. `mono` for pids and URLs."""

    text: str
    color: str = "text2"
    weight: int = 400
    mono: bool = False


def figure(text: str, *, mono: bool = False) -> Words:
    """A number in a cell: stronger than the words around it."""
    return Words(text, "text", 500 if mono else 600, mono)


class StatusCell(QAbstractButton):
    """Shows `Words` one after the other. `link=True`: it can be pressed, and is reached by Tab."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        *,
        icon: str = "",
        compact: bool = False,
        link: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self._icon = icon
        self._size = 11 if compact else 12
        self._words: tuple[Words, ...] = ()
        self._alarm = False
        self._link = link
        self._width = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._ring = FocusRing(theme, self, radius=5)
        self._allow(link)
        self.setAccessibleName(name)
        theme.changed.connect(self._restyle)

    def set_words(self, words: Sequence[Words], *, alarm: bool = False, action: str = "") -> None:
        """Show these words; `alarm` paints the whole cell in danger with a warning, `action` ends it as a link."""
        shown = tuple(words)
        if alarm:
            shown = tuple(Words(word.text, "danger", max(500, word.weight), word.mono) for word in shown)
        if action:
            shown = (*shown, Words(action, "accent", 600))
        if shown == self._words and alarm == self._alarm:
            return
        self._words, self._alarm = shown, alarm
        self._allow(self._link or bool(action))
        said = " ".join(word.text for word in shown)
        self.setAccessibleName(f"{self._name}: {said}" if said else self._name)
        self._restyle()

    def set_compact(self, compact: bool) -> None:
        """11 px instead of 12."""
        self._size = 11 if compact else 12
        self._restyle()

    def sizeHint(self) -> QSize:
        """Icon, words, a margin."""
        theme = self._theme
        width = sum(text_width(self._font(word), word.text) for word in self._words)
        pieces = len(self._words) + bool(self._shown_icon())
        width += theme.px(14) * bool(self._shown_icon()) + theme.px(GAP) * max(0, pieces - 1)
        return QSize(round(width) + 2 * self._padding() + 1, theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words, on red when it is an alarm."""
        theme, painter = self._theme, QPainter(self)
        rect = QRectF(self.rect())
        if self._alarm:
            draw_box(painter, rect, 6, theme.color("danger_bg"))
        elif self.underMouse() and self.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            draw_box(painter, rect, 5, theme.color("hover"))
        left, icon = float(self._padding()), self._shown_icon()
        if icon:
            pixmap = theme.icon(icon, 14, "danger" if self._alarm else "text3")
            painter.drawPixmap(QPointF(left, (self.height() - theme.px(14)) / 2), pixmap)
            left += theme.px(14 + GAP)
        for word in self._words:
            font = self._font(word)
            room = self.width() - self._padding() - left
            text = QFontMetricsF(font).elidedText(word.text, Qt.TextElideMode.ElideRight, room + 1)
            width = text_width(font, text)
            place = QRectF(left, 0, width + 2, self.height())
            draw_text(painter, place, text, font, theme.color(word.color), LEFT)
            if text != word.text:
                break
            left += width + theme.px(GAP)
        painter.end()

    def _font(self, word: Words) -> QFont:
        return self._theme.font(self._size, word.weight, word.mono)

    def _shown_icon(self) -> str:
        return "triangle-alert" if self._alarm else self._icon

    def _padding(self) -> int:
        return self._theme.px(ALARM_PADDING if self._alarm else PADDING)

    def _allow(self, press: bool) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if press else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if press else Qt.CursorShape.ArrowCursor)

    def _restyle(self) -> None:
        # Figures change ten times a second: the bar is laid out anew only when one needs another width.
        width = self.sizeHint().width()
        if width != self._width:
            self._width = width
            self.updateGeometry()
        self.update()
