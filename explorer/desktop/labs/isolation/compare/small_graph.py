"""Who depends on whom, so small that it only shows the shape: a circle, an order, or one that an abort cut."""

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.labs.isolation.side.dependency_picture import Arrow, Picture, picture
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, draw_text
from explorer.desktop.widgets.tip import tip
from explorer.labs.isolation.graph import Graph, Node

SIZE: Final = (132, 96)
RADIUS: Final = 13
BEND: Final = 26
BEND_OF_THREE: Final = 9
HEAD: Final = 9
GONE: Final = ("aborted", "rolled back")
ORDER: Final = {"plain": 0, "refused": 1, "cycle": 2}


class SmallGraph(QWidget):
    """Shows a `Graph` without words; these are in its tooltip."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.picture = Picture()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Who depends on whom")
        theme.changed.connect(self.updateGeometry)

    def show_graph(self, graph: Graph) -> None:
        """Show this one."""
        self.picture = picture(graph)
        self.setAccessibleDescription(self.picture.text)
        self.setToolTip(tip(self.picture.text))
        self.update()

    def sizeHint(self) -> QSize:
        """Room for two nodes beside each other and the arrows around them."""
        return QSize(self._theme.px(SIZE[0]), self._theme.px(SIZE[1]))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Arrows, then nodes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for arrow in sorted(self.picture.arrows, key=lambda one: ORDER[one.tone]):
            self._arrow(painter, arrow)
        for node in self.picture.nodes:
            self._node(painter, node)
        painter.end()

    def _middle(self, transaction: int) -> QPointF:
        x, y = self.picture.place(transaction)
        margin = self._theme.px(RADIUS + 6)
        return QPointF(margin + x * (self.width() - 2 * margin), margin + y * (self.height() - 2 * margin))

    def _arrow(self, painter: QPainter, arrow: Arrow) -> None:
        theme, px = self._theme, self._theme.px
        first, second = self._middle(arrow.first), self._middle(arrow.second)
        along = second - first
        length = max(1.0, math.hypot(along.x(), along.y()))
        side = QPointF(along.y(), -along.x()) / length
        bend = BEND * arrow.bend if len(self.picture.nodes) <= 2 else BEND_OF_THREE * min(1.0, arrow.bend)
        control = (first + second) / 2 + side * (2 * min(px(bend), length * 0.55))
        start, stop = _towards(first, control, px(RADIUS + 2)), _towards(second, control, px(RADIUS + 4))
        color = theme.color("text2" if arrow.tone == "plain" else "danger")
        pen = QPen(color, 2.4 * theme.scale if arrow.tone == "cycle" else 2.0 * theme.scale)
        if arrow.tone == "refused":
            pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath(start)
        path.quadTo(control, stop)
        painter.drawPath(path)
        ahead = stop - control
        ahead = ahead / max(1.0, math.hypot(ahead.x(), ahead.y()))
        across, point, head = QPointF(-ahead.y(), ahead.x()), stop + ahead * px(3), px(HEAD)
        back = point - ahead * head
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPolygon(QPolygonF([point, back + across * head * 0.45, back - across * head * 0.45]))

    def _node(self, painter: QPainter, node: Node) -> None:
        theme, radius, at = self._theme, self._theme.px(RADIUS), self._middle(node.transaction)
        gone = node.ended in GONE
        if gone:
            pen = QPen(theme.color("text3"), 1.6)
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
            painter.setBrush(theme.color("panel"))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("ink"))
        painter.drawEllipse(at, radius, radius)
        box = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
        draw_text(painter, box, node.label, theme.font(12, 700), theme.color("text2" if gone else "panel"), CENTER)


def _towards(point: QPointF, other: QPointF, far: float) -> QPointF:
    away = other - point
    return point + away * (far / max(1.0, math.hypot(away.x(), away.y())))
