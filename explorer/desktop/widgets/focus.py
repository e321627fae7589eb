"""The ring around what has the keyboard: 2 px accent outside the control, and only when the keyboard brought the focus.

The ring is no part of its control but a widget above it, clear to the mouse, in the panel that holds both: so it may
reach beyond the control's own parent, and it scrolls and clips with the panel. It exists only while it is seen.
"""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

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
        self._control = control
        self._around = around or control
        self._chain: list[QWidget] = []
        self._overlay: _Overlay | None = None
        control.installEventFilter(self)

    @property
    def shown(self) -> bool:
        """Whether the ring is visible."""
        return self._overlay is not None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See FocusIn and what ends or moves the ring; consume nothing."""
        kind = event.type()
        if kind is QEvent.Type.FocusIn:
            if watched is self._control and isinstance(event, QFocusEvent) and event.reason() in BY_KEYBOARD:
                self._show()
        elif self._overlay is not None:
            if kind in _MOVES:
                self._overlay.surround(self._around)
            elif kind in _ENDS and watched is self._control:
                self._hide()
        return False

    def _show(self) -> None:
        if self._overlay is not None:
            return
        self._chain = _up_to_panel(self._around)
        self._overlay = _Overlay(self._theme, self._radius, self._chain[-1])
        self._overlay.surround(self._around)
        self._overlay.show()
        for widget in self._chain[:-1]:
            widget.installEventFilter(self)

    def _hide(self) -> None:
        if self._overlay is not None:
            self._overlay.hide()
            self._overlay.deleteLater()
            self._overlay = None
            for widget in self._chain[:-1]:
                if widget is not self._control:
                    widget.removeEventFilter(self)


def _up_to_panel(widget: QWidget) -> list[QWidget]:
    """`widget` and its ancestors up to the window, or to what a scroll area scrolls."""
    chain = [widget]
    while not chain[-1].isWindow() and (parent := chain[-1].parentWidget()) is not None:
        above = parent.parentWidget()
        if isinstance(above, QAbstractScrollArea) and above.viewport() is parent:
            break
        chain.append(parent)
    return chain


class _Overlay(QWidget):
    def __init__(self, theme: Theme, radius: float, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._radius = radius
        self._panel = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def surround(self, widget: QWidget) -> None:
        out = WIDTH + GAP
        corner = QPoint(0, 0) if widget is self._panel else widget.mapTo(self._panel, QPoint(0, 0))
        self.setGeometry(QRect(corner, widget.size()).adjusted(-out, -out, out, out))
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), self._radius + GAP, None, self._theme.color("accent"), WIDTH)
        painter.end()
