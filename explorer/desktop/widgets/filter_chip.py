"""A button of a legend that filters: a sample, a name, maybe a figure; a click shows that alone, Shift adds it."""

from typing import TypeVar

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_text, text_width

EDGE = 7
BEFORE_FIGURE = 6

Value = TypeVar("Value")


def chosen_after(chosen: frozenset[Value], value: Value, add: bool) -> frozenset[Value]:
    """What is chosen once the chip of `value` was pressed, with Shift if `add`; empty means all."""
    if add:
        return chosen ^ {value}
    return frozenset() if chosen == {value} else frozenset({value})


class FilterChip(QAbstractButton):
    """Stands for `value`; a subclass draws its sample. `chosen(value, add)` when pressed, `add` with Shift.

    `widest` is the widest figure that it must have room for: what stands behind must not move when a figure grows.
    """

    chosen = Signal(object, bool)

    def __init__(
        self, theme: Theme, value: object, name: str, sample: float, widest: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sample = sample
        self._widest = widest
        self._figure = ""
        self._out = False
        self._add = False
        self.setText(name)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._ring = FocusRing(theme, self, radius=6)
        self.clicked.connect(lambda: self.chosen.emit(value, self._add))

    def draw_sample(self, painter: QPainter, place: QRectF) -> None:
        """Draw what the name stands for."""

    def set_name(self, name: str) -> None:
        """Show another name for the same."""
        if name != self.text():
            self.setText(name)
            self.updateGeometry()
            self.update()

    def set_figure(self, words: str) -> None:
        """Show how many there are, "812/s" or "12,403"."""
        if words != self._figure:
            self._figure = words
            self.update()

    def set_out(self, out: bool) -> None:
        """Not among the chosen ones."""
        if out != self._out:
            self._out = out
            self.update()

    def sizeHint(self) -> QSize:
        """Sample, name and the widest figure."""
        theme = self._theme
        words = text_width(theme.font(12, 500), self.text())
        if self._widest:
            words += BEFORE_FIGURE + text_width(theme.font(12, 600), self._widest)
        return QSize(round(words) + theme.px(self._sample) + 3 * EDGE + 1, theme.px(24))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._add = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._add = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        if self.isChecked():
            draw_box(painter, QRectF(self.rect()), 6, theme.color("accent_bg"), theme.color("accent"))
        elif self.underMouse():
            draw_box(painter, QRectF(self.rect()), 6, theme.color("hover"))
        if self._out:
            painter.setOpacity(0.5)
        size = theme.px(self._sample)
        self.draw_sample(painter, QRectF(EDGE, (self.height() - size) / 2, size, size))
        painter.setOpacity(1.0)
        font = theme.font(12, 500)
        left = 2.0 * EDGE + size
        draw_text(painter, self._from(left), self.text(), font, theme.color("text3" if self._out else "text2"), LEFT)
        if self._figure:
            left += text_width(font, self.text()) + BEFORE_FIGURE
            ink = theme.color("text3" if self._out else "text")
            draw_text(painter, self._from(left), self._figure, theme.font(12, 600), ink, LEFT)
        painter.end()

    def _from(self, left: float) -> QRectF:
        return QRectF(left, 0, self.width() - left, self.height())
