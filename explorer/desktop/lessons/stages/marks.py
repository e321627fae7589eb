"""Over the timeline: the violet line of what you said, the dashed one of the law, the one of what was measured."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from explorer.desktop.lessons.stages.stage import Mark
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, draw_box, draw_text, text_width

FLAG: Final = 20
"""Height of a flag, px."""
PAD: Final = 8
WIDE: Final = 2.2


class Marks(QWidget):
    """Flags in the topmost `FLAG` pixels, lines below them down to the foot. `x` gives the pixel of a moment (seconds
    from the first request) in this widget, None where it has none yet.
    """

    def __init__(self, theme: Theme, x: Callable[[float], float | None], parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._x = x
        self._marks: tuple[Mark, ...] = ()
        self.spared: Callable[[], Sequence[QRectF]] = tuple
        """Where words stand, in this widget: no line is drawn over them."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.changed.connect(self.update)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is marked."""
        return self._marks

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Mark these."""
        self._marks = tuple(marks)
        self.setAccessibleName(", ".join(mark.words for mark in self._marks))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lines, then flags: to the right of their line, to the left where that is taken or ends."""
        painter = QPainter(self)
        flags = self.flags()
        for mark, _ in flags:
            x, (fill, _) = self._x(mark.seconds) or 0.0, self._colors(mark)
            painter.setPen(QPen(fill, WIDE, Qt.PenStyle.DashLine if mark.dashed else Qt.PenStyle.SolidLine))
            for begin, end in self._pieces(x):
                painter.drawLine(QLineF(x, begin, x, end))
        for mark, box in flags:
            fill, ink = self._colors(mark)
            draw_box(painter, box, 4, fill)
            draw_text(painter, box, mark.words, self._theme.font(12, 700), ink, CENTER)
        painter.end()

    def flags(self) -> list[tuple[Mark, QRectF]]:
        """The marks that are in sight, each with the place of its words: none lies over another one's."""
        found: list[tuple[Mark, QRectF]] = []
        for mark in self._marks:
            x = self._x(mark.seconds)
            if x is not None and 0 <= x <= self.width():
                found.append((mark, self._place(mark, x, [box for _, box in found])))
        return found

    def _pieces(self, x: float) -> list[tuple[float, float]]:
        """The parts of a line at `x` that cross no words."""
        at, found = self._theme.px(FLAG) * 1.0, []
        for box in sorted(self.spared(), key=QRectF.top):
            if box.left() - WIDE <= x <= box.right() + WIDE and box.bottom() > at:
                found.append((at, box.top()))
                at = box.bottom()
        return [(begin, end) for begin, end in [*found, (at, float(self.height()))] if end > begin]

    def _place(self, mark: Mark, x: float, placed: Sequence[QRectF]) -> QRectF:
        px = self._theme.px
        wide = text_width(self._theme.font(12, 700), mark.words) + px(2 * PAD)
        right, left = QRectF(x - 1, 0, wide, px(FLAG)), QRectF(x + 1 - wide, 0, wide, px(FLAG))
        boxes = (left, right) if mark.dashed else (right, left)
        fitting = [box for box in boxes if box.left() >= 0 and box.right() <= self.width()] or [right]
        # Where answers are near one another their flags stand below one another, over the axis and further down.
        places = [box.translated(0, level * (px(FLAG) + 2)) for level in range(len(placed) + 1) for box in fitting]
        taken = [other.adjusted(-2, 0, 2, 0) for other in placed]
        return next((box for box in places if not any(box.intersects(other) for other in taken)), places[-1])

    def _colors(self, mark: Mark) -> tuple[QColor, QColor]:
        theme = self._theme
        if mark.dashed:
            return theme.color("ink"), theme.color("panel")
        if mark.state is None:
            return theme.color("fill"), theme.color("on_fill")
        look = theme.state(mark.state)
        return look.fill, look.text or theme.color("panel")
