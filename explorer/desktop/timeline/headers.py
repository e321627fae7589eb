"""The headers at the left of the lanes: groups that open and close, lanes with title and tag, a width that can be
dragged.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.lane_choices import words_for_hidden
from explorer.desktop.timeline.layout import Placed, bar_room
from explorer.desktop.timeline.rows import Row, RowKind
from explorer.desktop.timeline.scene import Scene
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_text, text_width
from explorer.desktop.widgets.tip import tip

NARROWEST, WIDEST = 120, 320
GRIP = 5
LEAST_WORDS = 11
"""Lanes lower than this have no name at their side: it would lie over the next one's."""
INDENT = 28
MOVE_FROM = 6
TITLE_PX, SMALL_TITLE_PX = 12, 11
RANGED = (RowKind.COUNTER, RowKind.GIL)


class Headers(QWidget):
    """Paints the headers of a scene. `opened(row)` asks to open or close a group; `dragged(width)` to be that wide;
    `moved(row, y)`: a header was dragged to that height; `menu_asked(row, place on the screen)`.

    `place_of` says for a row and a height where the row would go: the height of a line to be drawn, or None.
    """

    opened = Signal(object)
    dragged = Signal(int)
    moved = Signal(object, int)
    menu_asked = Signal(object, QPoint)

    def __init__(self, theme: Theme, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scene = scene
        self._hover: str = ""
        self._dragging = False
        self._elided: dict[str, str] = {}
        self._pressed: Row | None = None
        self._press_y = 0
        self._line: int | None = None
        self._moving = False
        self.place_of: Callable[[Row, int], int | None] = lambda row, y: None
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Lane names")
        theme.changed.connect(self.update)

    def event(self, event: QEvent) -> bool:
        """Tooltips where a title or tag did not fit."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            placed = self._scene.row_at(event.pos().y())
            text = self._elided.get(placed.row.key, "") if placed is not None else ""
            if text:
                QToolTip.showText(event.globalPos(), tip(text), self)
            else:
                QToolTip.hideText()
            return True
        if event.type() is QEvent.Type.Leave:
            self._set_hover("")
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Drag the right edge or a header, or open and close."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if event.position().x() >= self.width() - GRIP:
            self._dragging = True
            return
        placed = self._scene.row_at(event.position().y())
        self._pressed = placed.row if placed is not None else None
        self._press_y = round(event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow a drag; else show what can be clicked."""
        if self._dragging:
            self.dragged.emit(min(max(round(event.position().x() / self._theme.scale), NARROWEST), WIDEST))
            return
        y = round(event.position().y())
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._move(self._pressed, y)
            return
        at_edge = event.position().x() >= self.width() - GRIP
        self.setCursor(Qt.CursorShape.SplitHCursor if at_edge else Qt.CursorShape.ArrowCursor)
        placed = self._scene.row_at(event.position().y())
        clickable = placed is not None and placed.row.kind in (RowKind.GROUP, RowKind.FOLD) and not at_edge
        self._set_hover(placed.row.key if clickable and placed is not None else "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End of a drag, or a click."""
        self._dragging = False
        row, moving = self._pressed, self._moving
        self._pressed, self._line, self._moving = None, None, False
        self.unsetCursor()
        if moving and row is not None:
            self.moved.emit(row, round(event.position().y()))
        elif row is not None and row.kind in (RowKind.GROUP, RowKind.FOLD):
            self.opened.emit(row)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of a header."""
        placed = self._scene.row_at(event.pos().y())
        if placed is not None and placed.row.kind is not RowKind.FOLD:
            self.menu_asked.emit(placed.row, event.globalPos())

    def _move(self, row: Row, y: int) -> None:
        """A header is being dragged: show where it would go."""
        if not self._moving and abs(y - self._press_y) < MOVE_FROM:
            return
        self._moving = True
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._line = self.place_of(row, y)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows in sight."""
        painter, theme = QPainter(self), self._theme
        painter.fillRect(self.rect(), theme.color("lane"))
        self._elided = {}
        head = self._scene.head if self._scene.scroll else 0
        for placed in self._scene.visible():
            if placed.bottom - self._scene.scroll > head:
                self._row(painter, placed, placed.y - self._scene.scroll)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if head:
            painter.fillRect(QRectF(0, 0, self.width(), head), theme.color("lane"))
            for placed in self._scene.head_rows():
                self._row(painter, placed, placed.y)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.fillRect(QRectF(0, head - 1, self.width(), 1), theme.color("line2"))
        painter.fillRect(QRectF(self.width() - 1, 0, 1, self.height()), theme.color("line"))
        self._say_hidden(painter)
        if self._line is not None:
            painter.fillRect(QRectF(0, self._line - 1, self.width(), 2), theme.color("accent"))
        painter.end()

    def _say_hidden(self, painter: QPainter) -> None:
        """How many lanes are hidden, below the last that is shown, if there is room."""
        theme, scene = self._theme, self._scene
        top = scene.layout.height - scene.scroll + theme.px(4)
        if scene.hidden and top + theme.px(20) <= self.height():
            place = QRectF(theme.px(12), top, self.width() - theme.px(16), theme.px(20))
            words = words_for_hidden(scene.hidden)
            draw_text(painter, place, words, theme.font(11), theme.color("text3"), int(LEFT))

    def _row(self, painter: QPainter, placed: Placed, top: int) -> None:
        row, theme = placed.row, self._theme
        box = QRectF(0, top, self.width() - 1, placed.height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if row.kind is RowKind.GROUP:
            painter.fillRect(box, theme.color("hover" if row.key == self._hover else "group"))
            painter.fillRect(QRectF(0, top, self.width(), 1), theme.color("line"))
            self._group(painter, row, box)
        elif row.kind is RowKind.FOLD:
            if row.key == self._hover:
                painter.fillRect(box, theme.color("hover"))
            self._fold(painter, row, box)
        else:
            if row.kind not in (RowKind.REQUEST, RowKind.DEPTH):
                painter.fillRect(QRectF(0, box.bottom() - 1, self.width(), 1), theme.color("line", 120))
            if row.kind is RowKind.LOCK:
                self._lock(painter, row, placed)
            elif row.title and (row.kind is RowKind.REQUEST or box.height() >= LEAST_WORDS):
                self._lane(painter, row, box)

    def _group(self, painter: QPainter, row: Row, box: QRectF) -> None:
        theme, middle, px = self._theme, box.center().y(), self._theme.px
        chevron = theme.icon("chevron-down" if row.is_open else "chevron-right", 14, "text3")
        painter.drawPixmap(QPointF(px(7), middle - px(14) / 2), chevron)
        painter.drawPixmap(QPointF(px(25), middle - px(15) / 2), theme.icon(row.icon, 15, "text2"))
        left, right = float(px(46)), box.right() - 6
        font, mono = theme.font(12, 600), theme.font(11, 400, True)
        title = self._elide(row, row.title, font, right - left)
        draw_text(
            painter, QRectF(left, box.top(), right - left, box.height()), title, font, theme.color("text"), int(LEFT)
        )
        left += text_width(font, title) + 8
        # "8 in flight" becomes "8" where there is no room; a pid is whole or not there.
        choices = [row.pid, row.pid.split(maxsplit=1)[0]] if row.pid else []
        pid = next((words for words in choices if text_width(mono, words) <= right - left), "")
        if pid:
            place = QRectF(left, box.top(), right - left, box.height())
            draw_text(painter, place, pid, mono, theme.color("text3"), int(LEFT))
        if pid != row.pid:
            self._elided[row.key] = f"{row.title} {row.pid}"

    def _fold(self, painter: QPainter, row: Row, box: QRectF) -> None:
        theme = self._theme
        icon = theme.icon("chevron-down" if not row.hidden else "chevron-right", 14, "text3")
        painter.drawPixmap(QPointF(theme.px(INDENT - 3), box.center().y() - theme.px(14) / 2), icon)
        font = theme.font(11, 500)
        left = float(theme.px(INDENT + 14))
        text = self._elide(row, row.title, font, box.right() - 6 - left)
        place = QRectF(left, box.top(), box.right() - left, box.height())
        draw_text(painter, place, text, font, theme.color("text3"), int(LEFT))

    def _lane(self, painter: QPainter, row: Row, box: QRectF) -> None:
        theme = self._theme
        font, small = theme.font(TITLE_PX, 500), theme.font(11)
        left, right = float(theme.px(INDENT)), box.right() - 10
        height = max(box.height(), float(theme.px(16)))
        if text_width(font, row.title) > right - left:
            font = theme.font(SMALL_TITLE_PX, 500)  # a little smaller says more than an ellipsis
        title_width = text_width(font, row.title)
        tag = self._tag(row)
        tag_width = text_width(small, tag) + 8 if tag else 0.0
        shows_tag = bool(tag) and title_width + tag_width <= right - left
        title = self._elide(row, row.title, font, right - left - (tag_width if shows_tag else 0))
        draw_text(painter, QRectF(left, box.top(), right - left, height), title, font, theme.color("text2"), int(LEFT))
        if shows_tag:
            place = QRectF(left, box.top(), right - left, height)
            draw_text(painter, place, tag, small, theme.color("text3"), int(RIGHT))
        elif tag:
            self._elided[row.key] = f"{row.title}, {tag}"

    def _lock(self, painter: QPainter, row: Row, placed: Placed) -> None:
        """The name of a lock beside the bar of who holds it."""
        theme, px = self._theme, self._theme.px
        top, floor = (edge - self._scene.scroll for edge in bar_room(placed))
        high = max(floor - top, px(13))
        box = QRectF(0, floor - high, self.width() - 1, high)
        painter.drawPixmap(QPointF(px(INDENT - 17), box.center().y() - px(12) / 2), theme.icon("lock", 12, "text2"))
        font = theme.font(SMALL_TITLE_PX, 600, True)
        left = float(px(INDENT))
        title = self._elide(row, row.title, font, box.right() - 10 - left)
        place = QRectF(left, box.top(), box.right() - left, box.height())
        draw_text(painter, place, title, font, theme.color("text2"), int(LEFT))
        small, tag = theme.font(11), row.tag.rpartition(".")[2]
        if tag and text_width(font, title) + text_width(small, tag) + px(24) <= box.right() - left:
            draw_text(painter, box.adjusted(0, 0, -10, 0), tag, small, theme.color("text3"), int(RIGHT))

    def _tag(self, row: Row) -> str:
        """The tag of a lane; of a counter the range of what is in view."""
        return self._scene.ranges.get(row.track, row.tag) if row.kind in RANGED else row.tag

    def _elide(self, row: Row, text: str, font: QFont, room: float) -> str:
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
        if shown != text:
            self._elided[row.key] = f"{text}, {row.tag}" if row.tag else text
        return shown

    def _set_hover(self, key: str) -> None:
        if key != self._hover:
            self._hover = key
            self.update()
