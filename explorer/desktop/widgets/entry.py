"""The text line inside a field: no frame of its own, says when it is committed, left, given up or stepped."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from explorer.desktop.theme import Theme

NOTCH = 120
"""Qt counts the wheel in eighths of a degree: a notch of a mouse wheel is 15 degrees, a touchpad sends less."""
MANY = 10


class Entry(QLineEdit):
    """A frameless line edit on a transparent ground, for a field that paints its own box."""

    entered = Signal()
    """Enter was pressed."""
    left = Signal()
    """The focus went elsewhere."""
    escaped = Signal()
    """Escape was pressed while there was something to give up."""
    stepped = Signal(int)
    """Wheel or arrow keys: steps, positive is up, ten at a time with Shift."""
    focus_changed = Signal()

    def __init__(self, theme: Theme, px: int = 13, weight: int = 400, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = (px, weight)
        self._color = "text"
        self._wheel = 0
        self.refused = False
        """Whether what stands here was refused: then there is something to give up."""
        self.setFrame(False)
        self.setTextMargins(0, 0, 0, 0)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setMinimumWidth(8)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_color(self, token: str) -> None:
        """Write in another token's colour."""
        if token != self._color:
            self._color = token
            self._restyle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn the keys of a field into signals; leave Escape to others when there is nothing to give up."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.selectAll()
            self.entered.emit()
        elif key == Qt.Key.Key_Escape and (self.isModified() or self.refused):
            self.escaped.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if key == Qt.Key.Key_Up else -1, event.modifiers())
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """One step a notch; small movements of a touchpad add up. Without the focus the wheel is the panel's."""
        if not self.hasFocus():
            event.ignore()
            return
        turned = event.angleDelta()
        # Shift turns the wheel sideways on some systems.
        self._wheel += turned.y() or turned.x()
        notches = int(self._wheel / NOTCH)
        if notches:
            self._wheel -= notches * NOTCH
            self._step(notches, event.modifiers())
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select all, so that typing replaces."""
        super().focusInEvent(event)
        self.selectAll()
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say so after Qt has dealt with it."""
        super().focusOutEvent(event)
        self.deselect()
        self.left.emit()
        self.focus_changed.emit()

    def _step(self, steps: int, modifiers: Qt.KeyboardModifier) -> None:
        shift = modifiers & Qt.KeyboardModifier.ShiftModifier
        self.stepped.emit(steps * MANY if shift else steps)

    def _restyle(self) -> None:
        self.setFont(self._theme.font(*self._look))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, QColor(0, 0, 0, 0))
        palette.setColor(QPalette.ColorRole.Text, self._theme.color(self._color))
        palette.setColor(QPalette.ColorRole.Highlight, self._theme.color("fill"))
        palette.setColor(QPalette.ColorRole.HighlightedText, self._theme.color("on_fill"))
        self.setPalette(palette)


def hand_back_keyboard(field: QWidget) -> None:
    """Take the focus from a field and give it to the nearest panel above that takes it, else to nobody: keys act."""
    above = field.parentWidget()
    while above is not None and not _takes_clicks(above):
        above = above.parentWidget()
    if above is None:
        field.clearFocus()
    else:
        above.setFocus(Qt.FocusReason.OtherFocusReason)


def _takes_clicks(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.ClickFocus) and widget.focusProxy() is None
