"""A flame summary, drawn from the top downwards: each bar is a caller, below it stand those it called, as wide as long
they took. A bar has the hues of the states that its time was spent in, each as wide as its share.

A click makes a bar as wide as the whole; a click on the topmost bar, or Backspace, goes back by one. Arrow keys move
from bar to bar, Enter does what a click does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import BY_KEYBOARD
from explorer.desktop.widgets.paint import LEFT, draw_text
from explorer.desktop.widgets.tip import tip
from explorer.records.states import State

ROW: Final = 20
GAP: Final = 1
LABEL_FROM: Final = 30
NARROWEST: Final = 1.0
"""Bars narrower than this many pixels are not drawn: their caller's ground stays, in its place."""
INSET: Final = 5


@dataclass(frozen=True, eq=False)
class Flame:
    """A bar: its text, what is said of it in full, its width, how much of that was each state (nothing: it is grey),
    what it called.

    The children together are not wider than the bar; the states are drawn in proportion, in their order.
    """

    text: str
    words: str
    width: int
    states: Sequence[tuple[State, int]] = ()
    children: Sequence["Flame"] = field(default_factory=tuple)


class FlameChart(QWidget):
    """Shows one `Flame`. `zoomed(str)` says what is shown in full width now, "" for the whole."""

    zoomed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._whole = Flame("", "", 0)
        self._path: list[Flame] = []
        self._current: Flame | None = None
        self._boxes: list[tuple[QRectF, Flame]] = []
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Call stacks")
        self.setAccessibleDescription("Arrow keys move from bar to bar, Enter widens one, Backspace goes back.")
        theme.changed.connect(self._restyle)

    @property
    def shown(self) -> Flame:
        """The bar that is as wide as the whole."""
        return self._path[-1] if self._path else self._whole

    def show_flame(self, whole: Flame) -> None:
        """Show another summary, as a whole."""
        self._whole, self._path, self._current = whole, [], None
        self._restyle()

    def box_of(self, text: str) -> QRectF | None:
        """Where the first bar with this text is, or None."""
        self._place()
        return next((box for box, flame in self._boxes if flame.text == text), None)

    def widen(self, flame: Flame) -> None:
        """Make a bar as wide as the whole; if it is that already, go back by one."""
        if flame is self.shown:
            self._back()
            return
        found = _path_to(self._whole, flame)
        if found is not None:
            self._path = found[1:]
            self._changed()

    def sizeHint(self) -> QSize:
        """As high as the stacks are deep."""
        return QSize(300, self._theme.px(ROW) * max(1, len(self._path) + _depth(self.shown)))

    # -- painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars that are wide enough, their labels where there is room."""
        theme, painter = self._theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        self._place()
        font = theme.font(11, 600)
        metrics = QFontMetricsF(font)
        for box, flame in self._boxes:
            place = box.adjusted(INSET, 0, -INSET, 0)
            text = metrics.elidedText(flame.text, Qt.TextElideMode.ElideRight, place.width())
            for part, state in parts_of(box, flame):
                ink = self._fill(painter, part, state, box)
                if box.width() >= LABEL_FROM:
                    # The text goes on over the edge of a hue, in what can be read on each.
                    painter.save()
                    painter.setClipRect(part)
                    draw_text(painter, place, text, font, ink, LEFT)
                    painter.restore()
            if flame is self._current and self.hasFocus():
                painter.setPen(QPen(theme.color("accent"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(box.adjusted(1, 1, -1, -1))
        painter.end()

    def _fill(self, painter: QPainter, part: QRectF, state: State | None, box: QRectF) -> QColor:
        """Fill a part of a bar; gives the colour of text on it."""
        theme = self._theme
        if state is None:
            painter.fillRect(part, theme.color("hover"))
            return theme.color("text")
        look = theme.state(state)
        painter.fillRect(part, look.fill)
        if state in _LOW and box.width() >= LABEL_FROM:
            # No text can be read on these hues.
            painter.fillRect(part.intersected(box.adjusted(3, 2, -3, -2)), theme.color("panel"))
            return theme.color("text")
        return look.text or theme.color("text")

    def _place(self) -> None:
        """Where each bar is; those above the widened one are its callers, as wide as it."""
        self._boxes = []
        high = float(self._theme.px(ROW))
        width = float(self.width())
        callers = [self._whole, *self._path][:-1]
        for row, flame in enumerate(callers):
            self._boxes.append((QRectF(0, row * high, width, high - GAP), flame))
        if self.shown.width:
            self._place_below(self.shown, 0.0, width / self.shown.width, len(callers))

    def _place_below(self, flame: Flame, left: float, scale: float, row: int) -> None:
        width = flame.width * scale
        if width < NARROWEST:
            return
        high = float(self._theme.px(ROW))
        self._boxes.append((QRectF(left, row * high, max(NARROWEST, width - GAP), high - GAP), flame))
        for child in flame.children:
            self._place_below(child, left, scale, row + 1)
            left += child.width * scale

    # -- hands -----------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Says of a bar all that there is to say, where the pointer is."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            flame = self._at(event.pos().x(), event.pos().y())
            if flame is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), tip(flame.words), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Widen what is under the pointer."""
        flame = self._at(event.position().x(), event.position().y())
        if event.button() is Qt.MouseButton.LeftButton and flame is not None:
            self._current = flame
            self.widen(flame)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, widen, go back; other keys are the window's."""
        match Qt.Key(event.key()):
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._current is not None:
                self.widen(self._current)
            case Qt.Key.Key_Backspace:
                self._back()
            case Qt.Key.Key_Left | Qt.Key.Key_Right | Qt.Key.Key_Up | Qt.Key.Key_Down:
                self._move(Qt.Key(event.key()))
            case _:
                event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the top."""
        if self._current is None and event.reason() in BY_KEYBOARD:
            self._current = self.shown
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The outline goes."""
        self.update()
        super().focusOutEvent(event)

    def _move(self, key: Qt.Key) -> None:
        path = _path_to(self._whole, self._current) if self._current is not None else None
        if path is None:
            self._current = self.shown
        elif key is Qt.Key.Key_Down and path[-1].children:
            self._current = path[-1].children[0]
        elif key is Qt.Key.Key_Up and len(path) > 1:
            self._current = path[-2]
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and len(path) > 1:
            siblings = list(path[-2].children)
            at = next(place for place, one in enumerate(siblings) if one is path[-1])
            at += 1 if key is Qt.Key.Key_Right else -1
            self._current = siblings[min(max(at, 0), len(siblings) - 1)]
        if self._current is not None:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self._current.words))
        self.update()

    def _back(self) -> None:
        if self._path:
            self._path.pop()
            self._changed()

    def _changed(self) -> None:
        self._restyle()
        self.zoomed.emit(self._path[-1].text if self._path else "")

    def _at(self, x: float, y: float) -> Flame | None:
        self._place()
        return next((flame for box, flame in reversed(self._boxes) if box.contains(x, y)), None)

    def _restyle(self) -> None:
        self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()


def parts_of(box: QRectF, flame: Flame) -> list[tuple[QRectF, State | None]]:
    """The parts of a bar's `box` with their states, from the left; one without a state if nobody knows of any."""
    total = sum(time for _, time in flame.states)
    if not total:
        return [(box, None)]
    found: list[tuple[QRectF, State | None]] = []
    before = 0
    for state, time in flame.states:
        left, right = (box.left() + box.width() * share / total for share in (before, before + time))
        before += time
        if time:
            found.append((QRectF(left, box.top(), right - left, box.height()), state))
    return found


_LOW: Final = frozenset({State.AWAITING, State.IDLE, State.UNKNOWN})


def _depth(flame: Flame) -> int:
    return 1 + max((_depth(child) for child in flame.children), default=0)


def _path_to(root: Flame, wanted: Flame) -> list[Flame] | None:
    """The bars from the root to one, or None if it is not there."""
    if root is wanted:
        return [root]
    for child in root.children:
        found = _path_to(child, wanted)
        if found is not None:
            return [root, *found]
    return None
