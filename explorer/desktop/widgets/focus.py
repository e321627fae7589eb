"""The ring around what has the keyboard: 2 px accent outside the control, and only when the keyboard brought the focus.

The ring is a sibling of its control, above it and clear to the mouse, so that it scrolls and clips with the control and
no control has to keep room for it. It exists only while it is seen.
"""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import draw_box

WIDTH = 2
GAP = 1
BY_KEYBOARD = frozenset(
    {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason}
)
_MOVES = frozenset({QEvent.Type.Move, QEvent.Type.Resize})
_ENDS = frozenset(
    {QEvent.Type.FocusOut, QEvent.Type.Hide, QEvent.Type.MouseButtonPress, QEvent.Type.ParentAboutToChange}
)


class FocusRing(QObject):
    """Watches `control` (or `control` on behalf of the larger `around`) and shows the ring while it is due.

    Code that moves the focus for a key must say so: `setFocus(Qt.FocusReason.ShortcutFocusReason)`.
    """

    def __init__(self, theme: Theme, control: QWidget, *, radius: float = 7, around: QWidget | None = None) -> None:
        super().__init__(control)
        self._theme = theme
        self._radius = radius
        self._around = around or control
        self._overlay: _Overlay | None = None
        control.installEventFilter(self)
        if self._around is not control:
            self._around.installEventFilter(self)

    @property
    def shown(self) -> bool:
        """Whether the ring is visible."""
        return self._overlay is not None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See FocusIn and what ends or moves the ring; consume nothing."""
        kind = event.type()
        if kind is QEvent.Type.FocusIn:
            if isinstance(event, QFocusEvent) and event.reason() in BY_KEYBOARD:
                self._show()
        elif self._overlay is not None:
            if kind in _MOVES:
                self._overlay.surround(self._around)
            elif kind in _ENDS:
                self._hide()
        return False

    def _show(self) -> None:
        parent = self._around.parentWidget()
        if self._overlay is None and parent is not None:
            self._overlay = _Overlay(self._theme, self._radius, parent)
            self._overlay.surround(self._around)
            self._overlay.show()

    def _hide(self) -> None:
        if self._overlay is not None:
            self._overlay.hide()
            self._overlay.deleteLater()
            self._overlay = None


class _Overlay(QWidget):
    def __init__(self, theme: Theme, radius: float, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._radius = radius
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def surround(self, widget: QWidget) -> None:
        out = WIDTH + GAP
        self.setGeometry(widget.geometry().adjusted(-out, -out, out, out))
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), self._radius + GAP, None, self._theme.color("accent"), WIDTH)
        painter.end()
