"""What stands between the lanes of a duel: the head of each run, and the band that tells two runs apart."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.duel.badge import draw_badge
from explorer.desktop.duel.shown import Lane, band_words
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, draw_text, text_width

if TYPE_CHECKING:
    from explorer.desktop.duel.lanes import DuelLanes

HEAD: Final = 28


class Head(QWidget):
    """The row above a run's lanes: badge, title, what it was set to."""

    def __init__(self, theme: Theme, lane: Lane) -> None:
        super().__init__()
        self._theme = theme
        self._lane = lane
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{lane.badge}, {lane.title}")
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """One row."""
        return QSize(300, self._theme.px(HEAD))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Badge, title, note."""
        theme, px, painter = self._theme, self._theme.px, QPainter(self)
        painter.fillRect(self.rect(), theme.color("group"))
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), theme.color("line"))
        size, left = px(18), px(12)
        draw_badge(painter, theme, QRectF(left, (self.height() - size) / 2, size, size), self._lane.badge)
        left += size + px(8)
        font = theme.font(13, 600)
        draw_text(
            painter, QRectF(left, 0, self.width(), self.height()), self._lane.title, font, theme.color("text"), LEFT
        )
        left += round(text_width(font, self._lane.title)) + px(14)
        where = QRectF(left, 0, self.width() - left, self.height())
        draw_text(painter, where, self._lane.note, theme.font(12), theme.color("text2"), LEFT)
        painter.end()


class Band(QWidget):
    """Between two runs: how much earlier the lower one answers the selected request than A."""

    def __init__(self, theme: Theme, lanes: "DuelLanes") -> None:
        super().__init__()
        self._theme = theme
        self._lanes = lanes
        self._place = self._number = 0
        self.words = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_pair(self, place: int, number: int) -> None:
        """Compare run number `place` with A by request `number`."""
        self._place, self._number = place, number
        lanes = self._lanes.lanes
        ends = self._ends()
        if not number:
            self.words = "Click a request to see when each run answers it."
        elif ends is None:
            self.words = f"Request {number:,} was not answered in both."
        else:
            self.words = band_words(lanes[place].badge, ends[0] - ends[1], several=len(lanes) > 2)
        self.setAccessibleName(f"Request {number:,}: {self.words}" if number else self.words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The number at the left; a line between the two answers with the words on it."""
        theme, painter = self._theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        for y in (0, self.height() - 1):
            painter.fillRect(QRectF(0, y, self.width(), 1), theme.color("line"))
        views = self._lanes.views
        if not views:
            painter.end()
            return
        left = views[0].lanes.x()
        if self._number:
            where = QRectF(theme.px(16), 0, left, self.height())
            draw_text(painter, where, f"Request {self._number:,}", theme.font(12, 600), theme.color("text"), LEFT)
        room = QRectF(left, 0, self.width() - left, self.height())
        painter.setClipRect(room)
        self._paint_difference(painter, room)
        painter.end()

    def _paint_difference(self, painter: QPainter, room: QRectF) -> None:
        theme, font = self._theme, self._theme.font(12, 600)
        wide = text_width(font, self.words) + theme.px(20)
        ends = self._ends()
        middle = room.center()
        if ends is not None:
            views = self._lanes.views
            origin_a, origin = views[0].scene.origin, views[self._place].scene.origin
            xs = sorted((self._lanes.x_of(0, origin_a + ends[0]), self._lanes.x_of(self._place, origin + ends[1])))
            xs = [min(max(x, room.left() - 10), room.right() + 10) for x in xs]
            y = self.height() / 2
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(theme.color("text"), 2))
            painter.drawLine(QPointF(xs[0], y), QPointF(xs[1], y))
            for x in xs:
                painter.drawLine(QPointF(x, y - theme.px(7)), QPointF(x, y + theme.px(7)))
            inside = max(xs[0], room.left()), min(xs[1], room.right())
            middle.setX((inside[0] + inside[1]) / 2)
            if inside[1] - inside[0] < wide + theme.px(16):  # beside the line, where it is too short for the words
                beyond = inside[1] + theme.px(10) + wide / 2
                middle.setX(beyond if beyond + wide / 2 < room.right() else inside[0] - theme.px(10) - wide / 2)
        middle.setX(min(max(middle.x(), room.left() + wide / 2), room.right() - wide / 2))
        box = QRectF(middle.x() - wide / 2, theme.px(3), wide, self.height() - theme.px(6))
        painter.fillRect(box, theme.color("panel"))
        token = "text" if ends is not None else "text3"
        draw_text(painter, box, self.words, font, theme.color(token), CENTER)

    def _ends(self) -> tuple[int, int] | None:
        """When A and the other answered, each counted from its run's origin; None if one did not."""
        lanes, views = self._lanes.lanes, self._lanes.views
        if not self._number or self._place >= len(views):
            return None
        first, other = lanes[0].answered(self._number), lanes[self._place].answered(self._number)
        if first is None or other is None:
            return None
        return first - views[0].scene.origin, other - views[self._place].scene.origin
