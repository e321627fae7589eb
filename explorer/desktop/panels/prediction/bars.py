"""Three bars of one quantity: you (violet), the law (dashed outline), measured (ink). Yours follows the mouse."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.analysis.predict.prediction import Quantity
from explorer.analysis.predict.told import value_words
from explorer.desktop.panels.prediction.model import Shown
from explorer.desktop.panels.prediction.scale import end_of, share_of, value_at
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_text

LINE: Final = 19
BAR: Final = 10
NAMES: Final = 62
VALUES: Final = 62
STEP: Final = 0.05
NO_LAW: Final = "no law"
HIDDEN: Final = "after the run"


@dataclass(frozen=True, slots=True)
class Bar:
    """A name, the value or None, what stands in the value's place if there is none."""

    name: str
    value: float | None
    missing: str


class PredictionBars(QWidget):
    """`expected(value)` follows the hand; `show_values` draws."""

    expected = Signal(float)

    def __init__(self, theme: Theme, quantity: Quantity, title: str) -> None:
        super().__init__()
        self._theme = theme
        self.quantity = quantity
        self._title = title
        self._bars: tuple[Bar, ...] = ()
        self._end = 1.0
        self._dragging = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setToolTip("Drag in the violet line, or use the arrow keys: what you expect.")
        self._ring = FocusRing(theme, self, radius=5)
        theme.changed.connect(self.updateGeometry)

    def show_values(self, shown: Shown, *, hidden: bool) -> None:
        """Draw these; `hidden`: the law is kept back."""
        self._bars = (
            Bar("you", shown.yours, "–"),
            Bar("law", shown.law, HIDDEN if hidden else NO_LAW),
            Bar("measured", shown.measured, "–"),
        )
        if not self._dragging:
            self._end = end_of(bar.value for bar in self._bars)
        words = ", ".join(f"{bar.name} {self._words(bar)}" for bar in self._bars)
        self.setAccessibleName(f"{self._title}: {words}")
        self.update()

    def sizeHint(self) -> QSize:
        """Three lines."""
        return QSize(self._theme.px(180), self._theme.px(3 * LINE))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._dragging = True
            self._expect(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """What is expected follows the hand."""
        if self._dragging:
            self._expect(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The scale may follow now."""
        self._dragging = False
        self._expect(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right make it less or more, by a twentieth of the scale."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if steps is None:
            super().keyPressEvent(event)
            return
        now = self._bars[0].value if self._bars else None
        share = share_of(now, self._end) if now is not None else 0.5
        self.expected.emit(max(value_at(share + steps * STEP, self._end), 1e-6))

    def _expect(self, x: float) -> None:
        left, width = self._place()
        value = value_at((x - left) / max(1.0, width), self._end)
        if value > 0:
            self.expected.emit(value)

    def _place(self) -> tuple[float, float]:
        px = self._theme.px
        return px(NAMES), max(1.0, self.width() - px(NAMES) - px(VALUES) - 4)

    def _words(self, bar: Bar) -> str:
        return bar.missing if bar.value is None else value_words(self.quantity, bar.value)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name, bar, value, three times."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, width = self._place()
        for number, bar in enumerate(self._bars):
            top = px(LINE) * number
            draw_text(painter, QRectF(0, top, left, px(LINE)), bar.name, theme.font(12), theme.color("text2"), LEFT)
            missing = bar.value is None
            place = QRectF(left, top, self.width() - left, px(LINE))
            font = theme.font(12, 400 if missing else 600)
            draw_text(painter, place, self._words(bar), font, theme.color("text3" if missing else "text"), RIGHT)
            if bar.value is not None:
                long = max(3.0, width * share_of(bar.value, self._end))
                self._draw_bar(painter, number, QRectF(left, top + (px(LINE) - px(BAR)) / 2, long, px(BAR)))
        painter.end()

    def _draw_bar(self, painter: QPainter, number: int, rect: QRectF) -> None:
        theme = self._theme
        if number == 1:
            pen = QPen(theme.color("text"), 1.2, Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
            painter.setBrush(QColor(0, 0, 0, 0))
            rect = rect.adjusted(0.5, 0.5, -0.5, -0.5)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("fill" if not number else "ink"))
        painter.drawRoundedRect(rect, 3, 3)
        if not number:  # something to take hold of
            painter.setBrush(theme.color("accent"))
            painter.drawRoundedRect(QRectF(rect.right() - 2, rect.top() - 2, 4, rect.height() + 4), 2, 2)
