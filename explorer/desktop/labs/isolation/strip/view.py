"""The strip: lanes of the sessions with what each statement took, and the waits with the arrows that ended them."""

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.desktop.labs.isolation.ladder.painter import draw_badge
from explorer.desktop.labs.isolation.ladder.words import at_time, duration
from explorer.desktop.labs.isolation.strip.model import Bar, Strip
from explorer.desktop.theme import Theme, mix
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, draw_box, draw_swatch, draw_text, text_width
from explorer.records.states import State

HEAD: Final = 22
GUTTER: Final = 30
GAP: Final = 6
AXIS: Final = 20
APART: Final = 62
DIM: Final = 0.45
MARGIN: Final = 6
SIGN: Final = 22
"""What the sign of an error takes behind its bar."""


class StripView(QWidget):
    """`lit(number)`: the statement under the mouse, −1 for none; `chosen(number)` follows a click."""

    lit = Signal(int)
    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.strip = Strip()
        self._names: tuple[str, ...] = ("A", "B")
        self._lit = -1
        self.tall = False
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The same run, measured")
        theme.changed.connect(self.updateGeometry)

    def show_strip(self, strip: Strip, names: tuple[str, ...]) -> None:
        """Show these lanes."""
        if (strip, names) == (self.strip, self._names):
            return
        fewer = len(names) != len(self._names)
        self.strip, self._names = strip, names
        self.setAccessibleDescription(self._told())
        if fewer:
            self.updateGeometry()
        self.update()

    def set_tall(self, tall: bool) -> None:
        """Whether there is room for high lanes."""
        if tall != self.tall:
            self.tall = tall
            self.updateGeometry()

    def light(self, number: int) -> None:
        """Let a statement stand out; −1: none."""
        if number != self._lit:
            self._lit = number
            self.update()

    def sizeHint(self) -> QSize:
        """Lanes, head and axis."""
        px, lanes = self._theme.px, len(self._names)
        lane = (24 if lanes <= 2 else 20) + 10 * self.tall
        return QSize(px(400), px(HEAD + AXIS) + lanes * px(lane + GAP))

    # -- where -----------------------------------------------------------------------------------------------------

    def at(self, time: int) -> float:
        """Where a moment is, px."""
        left = self._theme.px(GUTTER)
        return left + self.strip.axis.place(time) * (self.width() - left - self._end)

    @property
    def _end(self) -> int:
        """Room behind the lanes, px: more where the sign of an error stands there."""
        last = max((bar.end for bar in self.strip.bars), default=0)
        signed = any(bar.failed and bar.end == last for bar in self.strip.bars)
        return self._theme.px(SIGN if signed else MARGIN)

    def _lane(self, column: int) -> QRectF:
        px = self._theme.px
        room = self.height() - px(HEAD + AXIS)
        each = room / max(1, len(self._names))
        return QRectF(px(GUTTER), px(HEAD) + column * each, self.width() - px(GUTTER) - self._end, each - px(GAP))

    def box(self, bar: Bar) -> QRectF:
        """Where a bar is, px; at least so wide that it can be seen."""
        lane = self._lane(bar.column)
        left, right = self.at(bar.begin), self.at(bar.end)
        high = lane.height() * (self._theme.state(State.WAITING_LOCK).height if bar.waits else 1.0)
        return QRectF(left, lane.bottom() - high, max(3.0, right - left), high)

    def _under(self, where: QPointF) -> int:
        for bar in reversed(self.strip.bars):
            if self.box(bar).adjusted(-2, -3, 2, 3).contains(where):
                return bar.sent
        return -1

    # -- Qt --------------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light what is under the mouse."""
        number = self._under(event.position())
        if number != self._lit:
            self.lit.emit(number)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose it."""
        self.chosen.emit(self._under(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at."""
        self.lit.emit(-1)
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        """How long it took."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self._under(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._told(number) if number >= 0 else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Head, lanes, bars, arrows, axis."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._head(painter)
        for column, name in enumerate(self._names):
            lane = self._lane(column)
            draw_badge(
                painter, self._theme, QPointF(self._theme.px(12), lane.center().y()), name, self._theme.px(9), 11
            )
            idle = self._theme.color("idle")
            painter.fillRect(QRectF(lane.left(), lane.center().y() - 1, lane.width(), 2), idle)
        for bar in self.strip.bars:
            self._bar(painter, bar)
        self._releases(painter)
        if self.strip.bars:
            self._axis(painter)
        painter.end()

    def _head(self, painter: QPainter) -> None:
        theme, px = self._theme, self._theme.px
        font, x = theme.font(12, 600), 0.0
        words = "The same run, measured"
        draw_text(painter, QRectF(0, 0, self.width(), px(18)), words, font, theme.color("text2"), LEFT)
        x += text_width(font, words) + px(18)
        small = theme.font(11, 500)
        for state, title in ((State.RUNNING, "Running"), (State.WAITING_LOCK, "Blocked"), (State.IDLE, "Idle")):
            swatch = QRectF(x, px(3), px(13), px(12))
            draw_swatch(painter, theme, swatch, state)
            look = theme.state(state)
            if look.hatch is not None:
                painter.fillRect(swatch.adjusted(0, swatch.height() * (1 - look.height), 0, 0), look.hatch)
            draw_text(painter, QRectF(x + px(18), 0, px(120), px(18)), title, small, theme.color("text2"), LEFT)
            x += px(18 + 14) + text_width(small, title)
        told = "Pauses are the lab's own · axis stretched where something happens"
        if self.width() - x > text_width(small, told) + px(20):
            draw_text(painter, QRectF(x, 0, self.width() - x - px(6), px(18)), told, small, theme.color("text3"), RIGHT)

    def _bar(self, painter: QPainter, bar: Bar) -> None:
        theme, px = self._theme, self._theme.px
        look = theme.state(State.WAITING_LOCK if bar.waits else State.RUNNING)
        box, lit = self.box(bar), bar.sent == self._lit
        plain = lit or self._lit < 0
        painter.fillRect(box, look.fill if plain else mix(look.fill, theme.color("bg"), DIM))
        label = bar.label
        font = theme.font(11, 600)
        if bar.waits:
            label = f"{bar.label}  {duration(bar.end - bar.begin)}" if bar.label else ""
            wide = text_width(font, label) + px(12)
            hatched = box.adjusted(wide if wide < box.width() and label else 0, 0, 0, 0)
            if look.hatch is not None:
                painter.fillRect(hatched, look.hatch)
        if label and look.text is not None:
            room = text_width(font, label)
            if room + px(4) <= box.width():
                place = box.adjusted(px(6) if bar.waits else 0, 0, 0, 0)
                draw_text(painter, place, label, font, look.text, LEFT if bar.waits else CENTER)
            elif text_width(font, bar.label) + 2 <= box.width():
                draw_text(painter, box, bar.label, font, look.text, CENTER)
        if lit:
            draw_box(painter, box.adjusted(-2, -2, 2, 2), 2, None, theme.color("accent"), 1.6)
        if bar.failed:
            icon = theme.icon("octagon-x", 16, "danger")
            middle = QPointF(box.right() + px(2), self._lane(bar.column).center().y())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("bg"))
            painter.drawEllipse(middle + QPointF(px(8), 0), px(9), px(9))
            painter.drawPixmap(QPointF(middle.x(), middle.y() - px(8)), icon)

    def _releases(self, painter: QPainter) -> None:
        first = {bar.sent: bar for bar in self.strip.bars}
        for release in self.strip.releases:
            if release.source not in first or release.target not in first:
                continue
            source, target = first[release.source], first[release.target]
            if source.column == target.column:
                continue
            down = target.column > source.column
            begin = self.box(source)
            start = QPointF(begin.center().x(), begin.bottom() + 1 if down else begin.top() - 1)
            lane = self._lane(target.column)
            stop = QPointF(self.at(release.time), lane.top() + 2 if down else lane.bottom() - 2)
            _draw_arrow(painter, start, stop, self._theme.color("text"))

    def _axis(self, painter: QPainter) -> None:
        theme, px = self._theme, self._theme.px
        top = self.height() - px(AXIS)
        left, wide = px(GUTTER), self.width() - px(GUTTER) - self._end
        font = theme.font(11, 500)
        ticks = self.strip.axis.ticks(px(APART) / max(1, wide))
        for at, (moment, place) in enumerate(ticks):
            x = left + place * wide
            painter.setPen(QPen(theme.color("line2"), 1))
            painter.drawLine(QPointF(x, top), QPointF(x, top + 4))
            words = at_time(moment - self.strip.origin)
            flags = LEFT if at == 0 else RIGHT if at == len(ticks) - 1 else CENTER
            box = QRectF(x - px(40), top + 3, px(80), px(16))
            box = box.translated(px(40), 0) if at == 0 else box.translated(-px(40), 0) if flags == RIGHT else box
            draw_text(painter, box, words, font, theme.color("text3"), flags)

    def _told(self, number: int = -1) -> str:
        parts = []
        for bar in self.strip.bars:
            if number in (-1, bar.sent):
                verb = "was blocked for" if bar.waits else "ran"
                who = self._names[bar.column]
                parts.append(
                    f"{who}{f', step {bar.label}' if bar.label else ''} {verb} {duration(bar.end - bar.begin)}."
                )
        return " ".join(parts)


def _draw_arrow(painter: QPainter, start: QPointF, stop: QPointF, color: QColor) -> None:
    painter.setPen(QPen(color, 1.5))
    painter.drawLine(start, stop)
    away = stop - start
    length = max(1.0, (away.x() ** 2 + away.y() ** 2) ** 0.5)
    ahead, side = away / length, QPointF(-away.y(), away.x()) / length
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([stop, stop - ahead * 6 + side * 3.2, stop - ahead * 6 - side * 3.2]))
