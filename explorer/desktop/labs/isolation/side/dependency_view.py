"""Who depends on whom: round nodes are transactions, arrows say in words how the second depends on the first.

A circle is red; what an abort cut has scissors and is dashed; an aborted transaction is dashed and grey.
"""

import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.labs.isolation.side.dependency_picture import Arrow, Picture, picture
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, draw_box, draw_text, text_width
from explorer.labs.isolation.graph import Graph

RADIUS: Final = 25
SMALL: Final = 19
BEND: Final = 46
CLOSING_MS: Final = 250
MARGIN: Final = 44
MOST_STEPS: Final = 10
"""So far words give way to others, in 4 px."""


class DependencyView(QWidget):
    """Shows a `Graph`. `small`: without words, for a card."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._graph = Graph()
        self.picture = Picture()
        self.said: list[QRectF] = []
        """Where the words of the arrows were painted last."""
        self._drawn = 1.0
        self._closing = QVariantAnimation(self)
        self._closing.setDuration(CLOSING_MS)
        self._closing.setStartValue(0.0)
        self._closing.setEndValue(1.0)
        self._closing.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._closing.valueChanged.connect(self._draw_further)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Who depends on whom")
        theme.changed.connect(self.updateGeometry)

    def show_graph(self, graph: Graph) -> None:
        """Show how it is now; an edge that closes a circle is drawn once, slowly."""
        if graph == self._graph:
            return
        closed = bool(graph.cycle) and not self._graph.cycle
        more = len(graph.nodes) != len(self._graph.nodes)
        self._graph, self.picture = graph, picture(graph)
        self.setAccessibleDescription(self.picture.text)
        if closed and not self._theme.reduced_motion and self.isVisible():
            self._drawn = 0.0
            self._closing.start()
        if more:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Two nodes are beside each other, more take a circle."""
        high = 166 if len(self.picture.nodes) <= 2 else 232 if self._bulges else 200
        return QSize(self._theme.px(240), self._theme.px(high))

    @property
    def _bulges(self) -> bool:
        """Whether two nodes depend on each other, so that arrows are bent far out."""
        return any(arrow.bend >= 1 for arrow in self.picture.arrows)

    # -- where -----------------------------------------------------------------------------------------------------

    @property
    def _radius(self) -> float:
        return self._theme.px(RADIUS if len(self.picture.nodes) <= 3 else SMALL)

    def middle(self, transaction: int) -> QPointF:
        """Where a node is, px."""
        x, y = self.picture.place(transaction)
        margin, radius = self._theme.px(MARGIN), self._radius
        # What is bent above two nodes that stand beside each other needs room.
        above = 8 if len(self.picture.nodes) <= 2 else 46 if self._bulges else 19
        top, bottom = radius + self._theme.px(above), radius + self._theme.px(20)
        return QPointF(margin + x * (self.width() - 2 * margin), top + y * (self.height() - top - bottom))

    def _curve(self, arrow: Arrow) -> tuple[QPointF, QPointF, QPointF]:
        """Start, control point, stop."""
        first, second = self.middle(arrow.first), self.middle(arrow.second)
        along = second - first
        length = max(1.0, math.hypot(along.x(), along.y()))
        ahead = along / length
        side = QPointF(ahead.y(), -ahead.x())
        bend = min(self._theme.px(BEND) * arrow.bend, length * 0.6)
        control = (first + second) / 2 + side * (2 * bend)
        gap = self._radius + self._theme.px(3)
        return self._towards(first, control, gap), control, self._towards(second, control, gap + self._theme.px(2))

    @staticmethod
    def _towards(point: QPointF, other: QPointF, far: float) -> QPointF:
        away = other - point
        return point + away * (far / max(1.0, math.hypot(away.x(), away.y())))

    # -- painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Arrows, their words, nodes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.picture.nodes:
            words = "Nothing has run yet."
            draw_text(painter, QRectF(self.rect()), words, self._theme.font(12), self._theme.color("text3"), CENTER)
        order = {"plain": 0, "refused": 1, "cycle": 2}
        arrows = sorted(self.picture.arrows, key=lambda arrow: order[arrow.tone])
        last = next((arrow for arrow in reversed(arrows) if arrow.tone == "cycle"), None)
        for arrow in arrows:
            self._arrow(painter, arrow, self._drawn if arrow is last else 1.0)
        for node in self.picture.nodes:
            self._node(painter, node.label, node.ended, self.middle(node.transaction))
        self.said = []
        for arrow in reversed(arrows):  # those of a circle have the first choice of a place
            self.said.append(self._words(painter, arrow, self.said))
        if self.hasFocus():
            draw_box(painter, QRectF(self.rect()), 7, None, self._theme.color("accent"), 2)
        painter.end()

    def _color(self, arrow: Arrow) -> QColor:
        return self._theme.color("text" if arrow.tone == "plain" else "danger")

    def _arrow(self, painter: QPainter, arrow: Arrow, share: float) -> None:
        theme, color = self._theme, self._color(arrow)
        start, control, stop = self._curve(arrow)
        path = QPainterPath(start)
        path.quadTo(control, stop)
        if share < 1.0:
            part = QPainterPath(start)
            for at in range(1, 21):
                part.lineTo(path.pointAtPercent(share * at / 20))
            path, stop = part, path.pointAtPercent(share)
        wide = (2.8 if arrow.tone == "cycle" else 2.3) * theme.scale
        pen = QPen(color, wide)
        if arrow.tone == "refused":
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        away = stop - (control if share >= 1.0 else path.pointAtPercent(0.9))
        length = max(1.0, math.hypot(away.x(), away.y()))
        ahead = away / length
        side = QPointF(-ahead.y(), ahead.x())
        head = 4.4 * wide
        tip = stop + ahead * (head * 0.35)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPolygon(
            QPolygonF([tip, tip - ahead * head + side * head * 0.45, tip - ahead * head - side * head * 0.45])
        )
        if arrow.tone == "refused":
            self._scissors(painter, self._top(arrow))

    def _top(self, arrow: Arrow) -> QPointF:
        """The middle of an arrow's curve."""
        start, control, stop = self._curve(arrow)
        return (start + stop) / 4 + control / 2

    def _scissors(self, painter: QPainter, at: QPointF) -> None:
        theme, px = self._theme, self._theme.px
        painter.setPen(QPen(theme.color("danger"), 2))
        painter.setBrush(theme.color("panel"))
        painter.drawEllipse(at, px(12), px(12))
        painter.drawPixmap(at - QPointF(px(7), px(7)), theme.icon("scissors", 14, "danger"))

    def _words(self, painter: QPainter, arrow: Arrow, said: Sequence[QRectF]) -> QRectF:
        """Write them where they cover none that are `said` already; returns where."""
        theme, px = self._theme, self._theme.px
        start, control, stop = self._curve(arrow)
        inside = (start + stop) / 2 - control
        length = math.hypot(inside.x(), inside.y())
        top = self._top(arrow)
        if self._bulges and arrow.bend < 1 and arrow.tone != "refused":
            top = top + (stop - start) * 0.14  # the words of what bulges are in the middle
        font, high = theme.font(11, 600), px(15)
        wide = max(text_width(font, word) for word in arrow.words) + px(4)
        flat = abs((stop - start).x()) >= abs((stop - start).y())
        straight = len(self.picture.nodes) > 2 and arrow.bend < 1
        cut = arrow.tone == "refused"
        far = 0 if straight and not cut else px(21 + 6 * cut) + high * (len(arrow.words) - 1) / 2
        away = inside / length if length > 1 else QPointF(0, -1)
        straight = straight and not cut  # the scissors stand on the arrow, the words beside them
        middle = top + away * (far if flat or straight else px(10) + wide / 2)
        if not flat:
            middle = QPointF(min(max(middle.x(), wide / 2), self.width() - wide / 2), middle.y())
        box = QRectF(middle.x() - wide / 2, middle.y() - high * len(arrow.words) / 2, wide, high * len(arrow.words))
        box = self._clear_of(box, said)
        draw_box(painter, box, 3, theme.color("panel", 225))
        ink = theme.color("text2") if arrow.tone == "plain" else self._color(arrow)
        for at, word in enumerate(arrow.words):
            draw_text(painter, QRectF(box.left(), box.top() + at * high, wide, high), word, font, ink, CENTER)
        return box

    def _clear_of(self, box: QRectF, said: Sequence[QRectF]) -> QRectF:
        """The box, moved down or up by as little as it takes to cover none of `said`, and if it can be no node."""
        around = QPointF(self._radius, self._radius)
        places = [self.middle(node.transaction) for node in self.picture.nodes]
        nodes = [QRectF(place - around, place + around) for place in places]
        steps = sorted(range(-MOST_STEPS, MOST_STEPS + 1), key=abs)
        moved = [box.translated(0, far * self._theme.px(4)) for far in steps]
        inside = [one for one in moved if QRectF(self.rect()).contains(one)]
        for others in ((*said, *nodes), said):
            free = [one for one in inside if not any(one.intersects(other) for other in others)]
            if free:
                return free[0]
        return box

    def _node(self, painter: QPainter, label: str, ended: str, at: QPointF) -> None:
        theme, radius = self._theme, self._radius
        gone = ended in ("aborted", "rolled back")
        if gone:
            pen = QPen(theme.color("text3"), 2)
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
            painter.setBrush(theme.color("panel"))
            painter.drawEllipse(at, radius - 1, radius - 1)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("ink"))
            painter.drawEllipse(at, radius, radius)
        size = 20 if radius > theme.px(SMALL) and len(label) < 3 else 15
        box = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
        draw_text(painter, box, label, theme.font(size, 700), theme.color("text2" if gone else "panel"), CENTER)
        if gone:
            high = theme.px(15)
            over = len(self.picture.nodes) > 2 and not self._bulges and at.y() < self.height() / 2
            words = QRectF(at.x() - 60, at.y() - radius - 2 - high if over else at.y() + radius + 2, 120, high)
            draw_text(painter, words, ended, theme.font(11, 600), theme.color("text3"), CENTER)

    def _draw_further(self, share: float) -> None:
        self._drawn = share
        self.update()
