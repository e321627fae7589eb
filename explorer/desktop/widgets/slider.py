"""A slider over a range of numbers, linear or logarithmic."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.number import NumberRange
from explorer.desktop.widgets.paint import draw_box, draw_dot

STEPS = 1000
"""Positions of a slider: finer than its pixels."""
KNOB = 7


class Slider(QAbstractSlider):
    """`moved(value)` follows each movement by the user. Arrow keys move by the range's step, Shift by ten of them."""

    moved = Signal(float)

    def __init__(
        self,
        theme: Theme,
        bounds: NumberRange,
        value: float,
        *,
        log: bool = False,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        if not math.isfinite(bounds.maximum):
            raise ValueError("A slider needs both bounds.")
        self._theme = theme
        self._range = bounds
        self._log = log
        self._number = value
        self.setRange(0, STEPS)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._ring = FocusRing(theme, self, radius=6)
        self.set_number(value)
        self.actionTriggered.connect(self._act)
        theme.changed.connect(self.update)

    def number(self) -> float:
        """The value in the range's terms."""
        return self._number

    def set_number(self, value: float) -> None:
        """Show a value without telling."""
        self._number = value
        self.setValue(round(self._share(value) * STEPS))
        self.setAccessibleDescription(self._range.text(value))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room; high enough to hit."""
        return QSize(self._theme.px(120), self._theme.px(24))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Steps of the range, not of the pixels."""
        ups, downs = (Qt.Key.Key_Right, Qt.Key.Key_Up), (Qt.Key.Key_Left, Qt.Key.Key_Down)
        if event.key() in (*ups, *downs):
            many = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self._move(self._range.step(self._number, many if event.key() in ups else -many))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The knob comes to the pointer."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._to_pointer(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """And stays with it."""
        if self.isSliderDown():
            self._to_pointer(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel: whoever scrolls by must change nothing."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Groove, the part below the value, knob."""
        theme, painter = self._theme, QPainter(self)
        px, middle = theme.px, self.height() / 2
        radius = px(KNOB)
        left, width = float(radius), self.width() - 2.0 * radius
        at = left + width * self._share(self._number)
        painter.setOpacity(1.0 if self.isEnabled() else 0.45)
        thick = px(4)
        draw_box(painter, QRectF(2, middle - thick / 2, self.width() - 4, thick), thick / 2, theme.color("line2"))
        draw_box(painter, QRectF(2, middle - thick / 2, at - 2, thick), thick / 2, theme.color("accent"))
        draw_dot(painter, QPointF(at, middle), radius, theme.color("accent"))
        draw_dot(painter, QPointF(at, middle), px(3), theme.color("panel"))
        painter.end()

    def _act(self, action: int) -> None:
        # Page keys, Home, End and assistive tools come here; setSliderPosition has been called already.
        self._move(self._value_at(self.sliderPosition() / STEPS))

    def _to_pointer(self, event: QMouseEvent) -> None:
        radius = self._theme.px(KNOB)
        self._move(self._value_at((event.position().x() - radius) / max(1, self.width() - 2 * radius)))

    def _move(self, value: float) -> None:
        if value != self._number:
            self.set_number(value)
            self.moved.emit(value)

    def _share(self, value: float) -> float:
        low, high = self._ends()
        share = (self._scaled(value) - low) / (high - low) if high > low else 0.0
        return min(1.0, max(0.0, share))

    def _value_at(self, share: float) -> float:
        low, high = self._ends()
        at = low + (high - low) * min(1.0, max(0.0, share))
        value = math.expm1(at) if self._log else at
        steps = round((value - self._range.minimum) / self._range.by)
        return self._range.step(self._range.minimum, steps)

    def _ends(self) -> tuple[float, float]:
        return self._scaled(self._range.minimum), self._scaled(self._range.maximum)

    def _scaled(self, value: float) -> float:
        # log1p, as ranges that begin at zero are common.
        return math.log1p(value) if self._log else value
