"""The wait-for graph: round nodes are threads and coroutines, square ones locks; an arrow says who waits for whom.

Nodes keep their places for as long as they are there. A circle of waiters is red, with a ring around each node in it,
and its last arrow draws itself once.
"""

import math
from typing import Final

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.labs.locks.graph_picture import Arrow, GraphPicture, Node
from explorer.desktop.labs.locks.graph_places import FEW, Place, arrow, cycle_places, places, to_pixels
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, draw_box, draw_text, text_width
from explorer.records.states import State

CLOSING_MS: Final = 250
OWNER_RADIUS: Final = 20
LOCK_SIDE: Final = 42
MANY_SHARE: Final = 0.72
LEAST_SHARE: Final = 0.7
"""How large nodes are, of just more than a few and of very many."""
HIGHEST: Final = 1.1
"""Of its width: what is higher looks drawn out."""
SHORT: Final = 3
"""Letters of a name that is written large."""
LABELLED: Final = 5
"""Nodes, and arrows, up to which each arrow has a word."""
FADED: Final = 80
"""How opaque nodes are that do not belong to the circle, of many, 0 to 255."""


class GraphView(QWidget):
    """Shows a `GraphPicture`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture = GraphPicture()
        self._places: dict[str, Place] = {}
        self._placed_for: tuple[object, ...] = ()
        self._drawn = 1.0
        self._closing = QVariantAnimation(self)
        self._closing.setDuration(CLOSING_MS)
        self._closing.setStartValue(0.0)
        self._closing.setEndValue(1.0)
        self._closing.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._closing.valueChanged.connect(self._draw_further)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Who waits for whom")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self.update)

    @property
    def picture(self) -> GraphPicture:
        """What is shown."""
        return self._picture

    def place(self, key: str) -> QPointF:
        """Where the middle of a node is, px."""
        return self._point(self._places[key])

    def show_picture(self, picture: GraphPicture) -> None:
        """Show the graph as it is now."""
        if picture == self._picture:
            return
        closed = bool(picture.cycle) and not self._picture.cycle
        self._picture = picture
        self._settle()
        if closed and not self._theme.reduced_motion and self.isVisible():
            self._drawn = 0.0
            self._closing.start()
        text = picture.text()
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()

    def sizeHint(self) -> QSize:
        """Low: it takes what room there is."""
        return QSize(self._theme.px(240), self._theme.px(150))

    def minimumSizeHint(self) -> QSize:
        """Two nodes beside each other, two above each other."""
        return QSize(self._theme.px(180), self._theme.px(130))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Arrows, then nodes."""
        painter, picture = QPainter(self), self._picture
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not picture.nodes:
            words = "Nobody waits."
            draw_text(painter, QRectF(self.rect()), words, self._theme.font(12), self._theme.color("text3"), CENTER)
        last = next((each for each in reversed(picture.arrows) if picture.closes(each)), None)
        for each in sorted(picture.arrows, key=picture.closes):  # the circle above the others
            self._arrow(painter, each, self._drawn if each is last else 1.0)
        for node in picture.nodes:
            self._node(painter, node)
        if self.hasFocus():
            draw_box(painter, QRectF(self.rect()), 7, None, self._theme.color("accent"), 2)
        painter.end()

    def _settle(self) -> None:
        picture = self._picture
        owners = tuple(node.key for node in picture.nodes if not node.is_lock)
        locks = tuple(node.key for node in picture.nodes if node.is_lock)
        many = len(picture.nodes) > FEW
        known = (owners, locks, picture.cycle if many else ())
        if known == self._placed_for:
            return
        self._placed_for = known
        if many and picture.cycle:
            others = [node.key for node in picture.nodes if node.key not in picture.cycle]
            self._places = cycle_places(picture.cycle, others)
        else:
            self._places = places(owners, locks, picture.beside())

    def _draw_further(self, share: float) -> None:
        self._drawn = share
        self.update()

    @property
    def _scale(self) -> float:
        """Of the nodes: smaller where there are many or where there is little room."""
        room = min(self.width(), self.height()) / self._theme.px(200)
        many = (
            max(LEAST_SHARE, 9.0 / max(9, len(self._picture.nodes))) * MANY_SHARE
            if len(self._picture.nodes) > FEW
            else 1.0
        )
        return self._theme.scale * many * min(1.0, max(0.6, room))

    def _point(self, place: Place) -> QPointF:
        margin = self._theme.px(10)
        wide, room = self.width() - 2 * margin, self.height() - 2 * margin
        high = min(float(room), wide * HIGHEST)
        x, y = to_pixels(place, wide, high)
        return QPointF(x + margin, y + margin + (room - high) / 3)

    def _arrow(self, painter: QPainter, each: Arrow, share: float) -> None:
        theme, picture = self._theme, self._picture
        if each.source not in self._places or each.target not in self._places:
            return
        red = picture.closes(each)
        color = theme.color("danger" if red else "text2")
        if not red and each.waits:
            color = QColor(theme.state(State.WAITING_LOCK).fill)
        if picture.cycle and not red and len(picture.nodes) > FEW:
            color.setAlpha(FADED)
        x1, y1, x2, y2 = self._line(each)
        x2, y2 = x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
        wide = (3.0 if red else 2.2) * theme.scale
        draw_arrow(painter, QPointF(x1, y1), QPointF(x2, y2), color, wide)
        if max(len(picture.arrows), len(picture.nodes)) <= LABELLED:
            box = self.word_box(each)
            if box is not None:
                ink = color if red else theme.color("text2")
                draw_text(painter, box, _word(each), theme.font(11, 600), ink)

    def _line(self, each: Arrow) -> tuple[float, float, float, float]:
        points = [self._point(self._places[key]) for key in (each.source, each.target)]
        first, last = (self._half(key) for key in (each.source, each.target))
        start, stop = ((point.x(), point.y()) for point in points)
        return arrow(start, stop, ((first[0] + 5, first[1] + 5), (last[0] + 7, last[1] + 7)))

    def _half(self, key: str) -> tuple[float, float]:
        """Half the width and half the height of a node, px."""
        node = next(node for node in self._picture.nodes if node.key == key)
        if not node.is_lock:
            return OWNER_RADIUS * self._scale, OWNER_RADIUS * self._scale
        side = LOCK_SIDE * self._scale
        named = text_width(self._lock_font(node, side), node.badge) + self._theme.px(14)
        return max(side, min(named, self.width() / 2.4)) / 2, side / 2

    def box(self, node: Node) -> QRectF:
        """Where a node is painted, with the ring around one in the circle, px."""
        at, (wide, high), ring = self.place(node.key), self._half(node.key), 5
        return QRectF(at.x() - wide, at.y() - high, 2 * wide, 2 * high).adjusted(-ring, -ring, ring, ring)

    def _lock_font(self, node: Node, side: float) -> QFont:
        """Large for a short name, smaller for a long one and in small squares."""
        short = len(node.badge) <= SHORT and side >= self._theme.px(30)
        return self._theme.font(14 if short else 12, 700, True)

    def word_box(self, each: Arrow) -> QRectF | None:
        """Where an arrow's word stands, px, on its outer side; None where a node is or where there is no room: the
        arrow's colour says it as well.
        """
        theme, line = self._theme, self._line(each)
        x, y = (line[0] + line[2]) / 2, (line[1] + line[3]) / 2
        width, height, away = text_width(theme.font(11, 600), _word(each)), theme.px(16), theme.px(8)
        if math.hypot(line[2] - line[0], line[3] - line[1]) < width:
            return None
        middle = self.width() / 2
        left = x - width - away if x < middle - 1 else x + away if x > middle + 1 else x - width / 2
        left = min(max(left, 0.0), self.width() - width)
        shift = -height if y < self.height() / 2 else 0.0
        if abs(line[0] - line[2]) < away:
            left, shift = x + away, -height / 2
        elif abs(line[1] - line[3]) < away:
            left, shift = x - width / 2, -height - 2
        box = QRectF(left, y + shift, width + 2, height)
        nodes = (node for node in self._picture.nodes if node.key in self._places)
        return None if any(box.intersects(self.box(node)) for node in nodes) else box

    def _node(self, painter: QPainter, node: Node) -> None:
        if node.key not in self._places:
            return
        theme, picture, scale = self._theme, self._picture, self._scale
        at, inside = self._point(self._places[node.key]), node.key in picture.cycle
        painter.setOpacity(1.0 if not picture.cycle or inside or len(picture.nodes) <= FEW else FADED / 255)
        if node.is_lock:
            wide, high = self._half(node.key)
            box = QRectF(at.x() - wide, at.y() - high, 2 * wide, 2 * high)
            border = theme.color("danger" if inside else "line2")
            draw_box(painter, box, 8 * scale, theme.color("panel"), border, 2.4 if inside else 2.0)
            self._lock_words(painter, node, box)
        else:
            radius = OWNER_RADIUS * scale
            if inside:
                painter.setPen(QPen(theme.color("danger"), 2.4))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(at, radius + 4, radius + 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("ink"))
            painter.drawEllipse(at, radius, radius)
            size = max(11, round((16 if len(node.badge) < 3 else 12) * min(1.0, radius / theme.px(OWNER_RADIUS))))
            box = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
            draw_text(painter, box, node.badge, theme.font(size, 700), theme.color("panel"), CENTER)
        painter.setOpacity(1.0)

    def _lock_words(self, painter: QPainter, node: Node, box: QRectF) -> None:
        """The icon above the name, where there is room for both."""
        theme, font = self._theme, self._lock_font(node, box.height())
        icon = theme.icon("lock", 14, "text")
        size = icon.deviceIndependentSize()
        words = QFontMetricsF(font).elidedText(node.badge, Qt.TextElideMode.ElideMiddle, box.width() - 6)
        if box.height() < 2.3 * size.height():
            draw_text(painter, box, words, font, theme.color("text"), CENTER)
            return
        painter.drawPixmap(QPointF(box.center().x() - size.width() / 2, box.top() + box.height() * 0.12), icon)
        name = QRectF(box.left(), box.top() + box.height() * 0.46, box.width(), box.height() * 0.48)
        draw_text(painter, name, words, font, theme.color("text"), CENTER)


def _word(each: Arrow) -> str:
    return "waits for" if each.waits else "held by"


def draw_arrow(painter: QPainter, start: QPointF, stop: QPointF, color: QColor, wide: float) -> None:
    """A straight arrow."""
    head = 4.2 * wide
    angle = math.atan2(stop.y() - start.y(), stop.x() - start.x())
    back = QPointF(stop.x() - head * 0.7 * math.cos(angle), stop.y() - head * 0.7 * math.sin(angle))
    painter.setPen(QPen(color, wide))
    painter.drawLine(start, back)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    sides = [
        QPointF(stop.x() - head * math.cos(angle + turn), stop.y() - head * math.sin(angle + turn))
        for turn in (-0.42, 0.42)
    ]
    painter.drawPolygon(QPolygonF([stop, *sides]))
