"""Paints the shape of a run: a row for each lane, the axis under it, numbers over waves on plates of their own."""

import math
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from explorer.desktop.presenter.curve_shape import CurveShape
from explorer.desktop.presenter.grid import LABEL, font, ground
from explorer.desktop.presenter.ladder_shape import LadderShape
from explorer.desktop.presenter.picture import Picture
from explorer.desktop.presenter.slide_view import SlideView, Standing
from explorer.desktop.theme import StateLook, Theme
from explorer.desktop.timeline.rects import Rects
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, draw_box, draw_text, text_width
from explorer.records.states import State

PLACE: Final = QRectF(56, 140, 770, 470)
HIGHEST: Final = 47.0
"""A row is no higher than this: a single lane is a line, not a wall."""
NAMED_FROM: Final = 60.0
"""Rows have a name above them from this height on."""
NAMED_ROW: Final = 112.0
FEW: Final = 6
PHONE_ROW: Final = 40.0
BETWEEN: Final = 14.0
"""Between the shape and the lines of phones."""
TICKS: Final = 4.5
HELD: Final = 0.5
"""Height of the bar of a lock that is held, of its row: as in the timeline it is no thread's state."""
GAP: Final = 2.0
GAP_FROM: Final = 10.0
EDGE_FROM: Final = 6.0
"""Lower bars have no outline in grid units: it would be all that is seen of them."""


class ShapePainter:
    """Paints pictures; it keeps a buffer of rectangles."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._rects = Rects()
        self._ladder, self._curve = LadderShape(theme), CurveShape(theme)
        self._place = PLACE

    def paint(self, painter: QPainter, view: SlideView) -> None:
        """The shape, or the lines that wait for it, and the axis."""
        picture, phones = view.picture, view.picture.phones
        self._place = PLACE
        if view.ladder is not None:
            self._ladder.paint(painter, view.ladder, view.size)
            return
        if view.curve is not None:
            self._curve.paint(painter, view.curve, view.size)
            return
        if view.standing is Standing.ASKED:
            self._ready(painter, view.requests)
        else:
            if phones is not None:
                band = QRectF(PLACE)
                band.setTop(PLACE.bottom() - phones.rows * PHONE_ROW)
                self._place = band
                self._phones(painter, phones)
                self._place = PLACE.adjusted(0, 0, 0, -band.height() - BETWEEN)
            if picture.rows:
                self._bars(painter, picture, self._row_height(picture))
                self._names(painter, picture, view.size)
                self._plates(painter, view)
        self._axis(painter, picture.seconds, view.size)

    # -- rows ------------------------------------------------------------------------------------------------------

    def _row_height(self, picture: Picture) -> float:
        named = picture.rows <= FEW and any(picture.titles)
        return min(NAMED_ROW if named else HIGHEST, self._place.height() / max(1, picture.rows))

    def _bars(self, painter: QPainter, picture: Picture, high: float) -> None:
        """All bars in whole device pixels: thin rows must be alike, and stay apart."""
        named = high >= NAMED_FROM and any(picture.titles)
        # What a row leaves free at its top: the name, else a hairline between it and the row above.
        head = 36.0 if named else 0.0
        scale, left, top = _lies(painter)
        tops = self._place.top() + np.arange(picture.rows) * high + head
        rooms = high - head
        gap = rooms * (0.28 if rooms < 6 else 0.14)
        x0 = np.rint(left + scale * (PLACE.left() + picture.left / picture.seconds * PLACE.width())).astype("i4")
        x1 = np.rint(left + scale * (PLACE.left() + picture.right / picture.seconds * PLACE.width())).astype("i4")
        # What ends where the next begins is two things: a gap between them, as in the timeline, for the last row too.
        x1 = np.maximum(np.where(x1 - x0 >= GAP_FROM * scale, x1 - round(GAP * scale), x1), x0 + 1)
        middles = tops + (rooms - gap) / 2
        held = picture.held
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        ground_brush = QBrush(ground(self._theme))
        for deep in (False, True):
            layer = picture.deep == deep
            if deep and layer.any():
                some = np.flatnonzero(layer)
                y0, y1 = self._across(middles[picture.row[some]], rooms - gap, top, scale)
                self._rects.fill(painter, x0[some], y0, x1[some], y1, ground_brush)
            for value in np.unique(picture.state[layer & ~held]):
                some = np.flatnonzero(layer & ~held & (picture.state == value))
                look = self._theme.state(State(int(value)))
                part = look.height if not look.line else 0.12
                y0, y1 = self._across(middles[picture.row[some]], (rooms - gap) * part, top, scale)
                self._fill(painter, look, (x0[some], y0, x1[some], y1), (rooms - gap) * part)
        y0, y1 = self._across(middles[picture.row[held]], (rooms - gap) * HELD, top, scale)
        self._rects.fill(painter, x0[held], y0, x1[held], y1, QBrush(self._theme.color("ink")))
        painter.restore()

    @staticmethod
    def _across(middle: np.ndarray, high: float, top: float, scale: float) -> tuple[np.ndarray, np.ndarray]:
        """Upper and lower edge of bars around these middles, device px: all equally high, at least one."""
        pixels = max(1, round(high * scale))
        y0 = np.rint(top + scale * (middle - high / 2)).astype("i4")
        return y0, y0 + pixels

    def _fill(self, painter: QPainter, look: StateLook, box: tuple[np.ndarray, ...], high: float) -> None:
        x0, y0, x1, y1 = box
        edged = look.edge is not None and high >= EDGE_FROM
        self._rects.fill(painter, x0, y0, x1, y1, QBrush(look.edge if edged and look.edge else look.fill))
        if edged:
            wide = x1 - x0 >= 4
            self._rects.fill(painter, x0[wide] + 1, y0[wide] + 1, x1[wide] - 1, y1[wide] - 1, QBrush(look.fill))
        pattern = look.hatch or look.texture  # on a wall the two waits are told apart by more than their hue
        if pattern is not None and high >= EDGE_FROM:
            painter.setBrushOrigin(QPointF(0, 0))
            self._rects.fill(painter, x0, y0, x1, y1, pattern)

    def _names(self, painter: QPainter, picture: Picture, size: float) -> None:
        high = self._row_height(picture)
        if high < NAMED_FROM:
            return
        made = font(self._theme, min(LABEL * size, 32), 600)
        for at, title in enumerate(picture.titles):
            box = QRectF(PLACE.left(), self._place.top() + at * high, PLACE.width(), 34)
            draw_text(painter, box, title or "Request", made, self._theme.color("text"), LEFT)

    def _plates(self, painter: QPainter, view: SlideView) -> None:
        high = self._row_height(view.picture)
        for middle, row, count in view.waves:
            tall = min(64.0, max(40.0, count * high * 0.5))
            made = font(self._theme, tall, 700)
            words = f"{count:,}"
            wide = text_width(made, words) + tall * 0.7
            x = PLACE.left() + middle / view.picture.seconds * PLACE.width()
            y = self._place.top() + (row + 0.5) * high
            plate = QRectF(x - wide / 2, y - tall * 0.65, wide, tall * 1.3)
            draw_box(painter, plate, tall * 0.3, ground(self._theme))
            draw_text(painter, plate, words, made, self._theme.color("text"), CENTER)

    def _phones(self, painter: QPainter, phones: Picture) -> None:
        """The room's own requests at the foot, each with its phone's number on a badge where its first bar begins."""
        theme, place = self._theme, self._place
        line = QPen(theme.color("line2"), 2)
        for at in range(phones.rows):
            middle = place.top() + (at + 0.43) * PHONE_ROW
            painter.setPen(line)
            painter.drawLine(QPointF(place.left(), middle), QPointF(place.right(), middle))
        self._bars(painter, replace(phones, titles=("",) * phones.rows), PHONE_ROW)
        made = font(theme, LABEL, 700)
        for at, number in enumerate(phones.titles):
            begins = phones.left[phones.row == at].min()
            wide = max(PHONE_ROW - 4, text_width(made, number) + 22)
            x = place.left() + begins / phones.seconds * place.width() - wide - 6
            badge = QRectF(max(x, place.left() - wide / 2), place.top() + at * PHONE_ROW, wide, PHONE_ROW - 5)
            draw_box(painter, badge, badge.height() / 2, theme.color("ink"), ground(theme), 3)
            draw_text(painter, badge, number, made, ground(theme), CENTER)

    def _ready(self, painter: QPainter, requests: int) -> None:
        """A faint line for each request that stands ready."""
        rows = min(max(requests, 1), 100)
        high = min(HIGHEST, PLACE.height() / rows)
        line = max(1.0, min(4.0, high * 0.25))
        color = self._theme.color("line2")
        for at in range(rows):
            middle = PLACE.top() + (at + 0.5) * high
            painter.fillRect(QRectF(PLACE.left(), middle - line / 2, PLACE.width(), line), color)

    # -- the axis --------------------------------------------------------------------------------------------------

    def _axis(self, painter: QPainter, seconds: float, size: float) -> None:
        theme = self._theme
        y = PLACE.bottom() + 8
        pen = QPen(theme.color("line2"), 2)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(PLACE.left(), y), QPointF(PLACE.right(), y))
        made = font(theme, min(LABEL * size, 30), 600)
        step, unit, per = nice(seconds)
        count = math.floor(seconds / step + 1e-6)
        for at in range(count + 1):
            x = PLACE.left() + at * step / seconds * PLACE.width()
            painter.setPen(QPen(theme.color("text2"), 2))
            painter.drawLine(QPointF(x, y), QPointF(x, y + 8))
            words = f"{at * step / per:.10g} {unit}"
            flags, box = CENTER, QRectF(x - 80, y + 8, 160, 36)
            if not at:
                flags, box = LEFT, box.translated(80, 0)
            elif x + text_width(made, words) / 2 > PLACE.right() + 24:
                flags, box = RIGHT, QRectF(PLACE.right() - 160, y + 8, 160, 36)
            draw_text(painter, box, words, made, theme.color("text"), flags)


def nice(seconds: float) -> tuple[float, str, float]:
    """The step between ticks (s), the unit in which they are written, and how many seconds that is."""
    least = seconds / TICKS
    power: float = 10 ** math.floor(math.log10(least))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= least * 0.999)
    return (step, "s", 1.0) if seconds >= 1 else (step, "ms", 0.001)


def _lies(painter: QPainter) -> tuple[float, float, float]:
    """The painter's scale, and where its grid begins, in logical px: it is never turned."""
    lies = painter.transform()
    return lies.m11(), lies.dx(), lies.dy()


def swatch(painter: QPainter, theme: Theme, box: QRectF, state: State | None) -> None:
    """A sample of a state's bar, as high as it is in its lane; None: of a lock that is held."""
    if state is None:
        high = box.height() * HELD
        bar = QRectF(box.left(), box.center().y() - high / 2, box.width(), high)
        draw_box(painter, bar, 4, theme.color("ink"))
        return
    look = theme.state(state)
    high = max(6.0, box.height() * (0.12 if look.line else look.height))
    bar = QRectF(box.left(), box.center().y() - high / 2, box.width(), high)
    draw_box(painter, bar, 4, QColor(look.fill), look.edge)
    pattern = look.hatch or look.texture
    if pattern is not None:
        painter.fillRect(bar, pattern)
