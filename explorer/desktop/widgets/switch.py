"""A switch for something that is on or off."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import draw_box, draw_dot

WIDTH, HEIGHT = 34, 20


class Switch(QAbstractButton):
    """Checkable; `toggled` tells. Its name is what a screen reader says, as the label stands elsewhere."""

    def __init__(self, theme: Theme, name: str, on: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        self.setChecked(on)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._ring = FocusRing(theme, self, radius=12)
        theme.changed.connect(self._restyle)

    def sizeHint(self) -> QSize:
        """A target of at least 24 px, larger than what is drawn."""
        return QSize(self._theme.px(WIDTH), self._theme.px(24))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter switches, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Filled and right: on. Outlined and left: off."""
        theme, painter, on = self._theme, QPainter(self), self.isChecked()
        painter.setOpacity(1.0 if self.isEnabled() else 0.45)
        height = theme.px(HEIGHT)
        rect = QRectF(0, (self.height() - height) / 2, self.width(), height)
        fill = theme.color("fill" if on else "raised")
        # text3 reaches 3:1 on every surface; the usual border of a control would not tell where the switch is.
        draw_box(painter, rect, height / 2, fill, None if on else theme.color("text3"))
        center = QPointF(rect.right() - height / 2 if on else rect.left() + height / 2, rect.center().y())
        draw_dot(painter, center, height / 2 - 4, theme.color("on_fill" if on else "text3"))
        painter.end()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
