"""An entry of the legend: a state's sample and its name. A click asks to see only that state."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_swatch, draw_text, text_width
from explorer.records.states import State

DIMMED = 0.45


class LegendEntry(QAbstractButton):
    """`picked(state, add)`: a click, or with Shift one that adds this state to those already shown."""

    picked = Signal(object, bool)

    def __init__(
        self,
        theme: Theme,
        state: State,
        title: str,
        short: str,
        sentence: str,
        *,
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = state
        self._titles = (title, short)
        self._dimmed = False
        self._shift = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setToolTip(sentence)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        self._ring = FocusRing(theme, self, radius=5)
        self.clicked.connect(lambda _checked=False: self.picked.emit(self._state, self._shift))
        self.set_compact(compact)
        theme.changed.connect(self._restyle)

    @property
    def state(self) -> State:
        """The state it stands for."""
        return self._state

    def set_compact(self, compact: bool) -> None:
        """Show the short name."""
        self.setText(self._titles[1] if compact else self._titles[0])
        self._restyle()

    def set_dimmed(self, dimmed: bool) -> None:
        """Show that the lanes hold this state back."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self.setAccessibleName(f"{self._titles[0]}, held back" if dimmed else self._titles[0])
            self.update()

    def sizeHint(self) -> QSize:
        """Sample, name, a margin."""
        width = text_width(self._theme.font(12), self.text())
        return QSize(round(width) + self._theme.px(12 + 6 + 14) + 1, self._theme.px(24))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep Shift for the click that follows."""
        self._shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter picks, as Space does."""
        self._shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Sample and name."""
        theme, painter = self._theme, QPainter(self)
        if self.underMouse():
            draw_box(painter, QRectF(self.rect()), 5, theme.color("hover"))
        painter.setOpacity(DIMMED if self._dimmed else 1.0)
        size = theme.px(12)
        draw_swatch(painter, theme, QRectF(theme.px(7), (self.height() - size) / 2, size, size), self._state)
        rect = QRectF(theme.px(25), 0, self.width() - theme.px(25), self.height())
        draw_text(painter, rect, self.text(), theme.font(12), theme.color("text2"), LEFT)
        painter.end()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
