"""What lies over the lanes: markers, losses, the beginning of history, the live edge; and the grid below them."""

from collections.abc import Iterable, Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPoint, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap

from explorer.collect.source import Loss, Marker
from explorer.desktop.theme import Theme, mix
from explorer.desktop.timeline.bands import Band
from explorer.desktop.timeline.layout import Placed
from explorer.desktop.timeline.rects import Rects
from explorer.desktop.timeline.rows import RowKind
from explorer.desktop.timeline.ticks import Tick
from explorer.desktop.timeline.viewport import Viewport
from explorer.desktop.widgets.paint import CENTER, LEFT, draw_box, draw_text, text_width
from explorer.desktop.words import count

GRID_SHARE = 0.5
SMALLEST_BAND = 3.0
TILE = 64
"""Pixels of a tile of hatching: a multiple of what its pattern repeats after."""


def draw_grid(
    painter: QPainter,
    theme: Theme,
    view: Viewport,
    ticks: Sequence[Tick],
    bands: Sequence[tuple[int, int]],
    rects: Rects,
) -> None:
    """A faint line at each tick through the bands (top and bottom in pixels).

    The colour is mixed beforehand: blending a line one pixel wide costs ten times as much as painting it.
    """
    color = mix(theme.color("lane"), theme.color("line"), GRID_SHARE)
    if ticks and bands:
        at = np.repeat([round(view.x(tick.time)) for tick in ticks], len(bands))
        tops, bottoms = np.tile(np.array(bands, "<i4"), (len(ticks), 1)).T
        rects.fill(painter, at, tops, at + 1, bottoms, QBrush(color))


def draw_moments(
    painter: QPainter, theme: Theme, view: Viewport, moments: Sequence[tuple[int, bool]], height: int
) -> None:
    """A red line for each time (ns), solid or dashed."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for time, solid in moments:
        x = round(view.x(time))
        if 0 <= x <= view.width:
            style = Qt.PenStyle.SolidLine if solid else Qt.PenStyle.DashLine
            painter.setPen(QPen(theme.color("danger"), 2 if solid else 1.4, style))
            painter.drawLine(x, 0, x, height)


def pending_brush(theme: Theme) -> QBrush:
    """What has not arrived, as a tile without transparency: blending a pattern takes twenty times as long."""
    tile = QPixmap(TILE, TILE)
    tile.fill(theme.color("lane"))
    painter = QPainter(tile)
    painter.fillRect(tile.rect(), QBrush(theme.color("line2", 130), Qt.BrushStyle.BDiagPattern))
    painter.end()
    return QBrush(tile)


def draw_pending(
    painter: QPainter, theme: Theme, view: Viewport, horizon: int, now: int, height: int, hatch: QBrush
) -> None:
    """What has not arrived yet is hatched, what has not happened yet is shaded."""
    known, present = view.x(horizon), view.x(now)
    if known < view.width:
        left = max(0.0, known)
        pending = QRectF(left, 0, min(present, view.width) - left, height)
        painter.setBrushOrigin(QPoint(0, 0))
        painter.fillRect(pending, hatch)
    if present < view.width:
        left = max(0.0, present)
        painter.fillRect(QRectF(left, 0, view.width - left, height), theme.color("shade"))


def draw_now(painter: QPainter, theme: Theme, view: Viewport, now: int, height: int) -> None:
    """The accent line of the present."""
    x = view.x(now)
    if 0 <= x <= view.width:
        painter.fillRect(QRectF(round(x) - 1, 0, 2, height), theme.color("accent"))


def draw_markers(
    painter: QPainter, theme: Theme, view: Viewport, markers: Sequence[Marker], rows: Sequence[Placed], scroll: int
) -> None:
    """A dashed accent line per change through the lanes (not the group rows); a death is solid and red."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    bands = lane_bands(rows, scroll)
    for marker in markers:
        x = round(view.x(marker.time)) + 0.5
        if marker.kind == "death":
            painter.setPen(QPen(theme.color("danger"), 2))
        else:
            painter.setPen(QPen(theme.color("accent"), 1, Qt.PenStyle.DashLine))
        for top, bottom in bands:
            painter.drawLine(QLineF(x, top, x, bottom))


def draw_losses(
    painter: QPainter, theme: Theme, view: Viewport, losses: Sequence[Loss], rows: Sequence[Placed], scroll: int
) -> None:
    """A red hatched band through the lanes whose records were overwritten, with how many."""
    for loss in losses:
        if loss.end < view.begin or loss.start > view.end:
            continue
        left = max(view.x(loss.start), -4.0)
        right = min(max(view.x(loss.end), left + SMALLEST_BAND), view.width + 4.0)
        hit = [placed for placed in rows if placed.row.track and (not loss.tracks or placed.row.track in loss.tracks)]
        for placed in hit:
            band = QRectF(left, placed.y - scroll, right - left, placed.height)
            painter.fillRect(band, theme.color("danger_bg"))
            painter.fillRect(band, QBrush(theme.color("danger", 150), Qt.BrushStyle.BDiagPattern))
        if hit:
            words = f"{count(loss.count)} records lost"
            _chip(painter, theme, (left + right) / 2, hit[0].y - scroll + 2, words, "danger", view.width)


def draw_history_begin(
    painter: QPainter, theme: Theme, view: Viewport, begin: int | None, rows: Sequence[Placed], scroll: int, height: int
) -> None:
    """Where the history begins, if older spans were dropped."""
    if begin is None or begin < view.begin:
        return
    x = min(view.x(begin), float(view.width))
    bands = lane_bands(rows, scroll)
    below = rows[-1].bottom - scroll if rows else 0
    for top, bottom in (*bands, (below, max(below, height))):
        painter.fillRect(QRectF(0, top, x, bottom - top), theme.color("shade"))
    if x < view.width:
        painter.fillRect(QRectF(round(x), 0, 1, height), theme.color("text2"))
    words = "History begins here"
    font = theme.font(11, 500)
    wide = text_width(font, words)
    left = x + 8 if x + 8 + wide < view.width else x - 8 - wide
    if left >= 4:
        top = bands[0][0] if bands else 0
        painter.fillRect(QRectF(left - 4, top + 2, wide + 8, 16), theme.color("lane", 225))
        draw_text(painter, QRectF(left, top + 2, wide + 4, 16), words, font, theme.color("text2"), int(LEFT))


def draw_request_outline(
    painter: QPainter, theme: Theme, left: float, right: float, top: float, bottom: float, words: str, width: int
) -> None:
    """The ink outline around the selected request's row, and its number beside it."""
    ink = theme.color("text")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(ink, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for grown in (1, 2):
        painter.drawRect(QRectF(left - grown, top - grown, right - left + 2 * grown - 1, bottom - top + 2 * grown - 1))
    font = theme.font(11, 600)
    wide = text_width(font, words) + 8
    at = left - wide - 4
    if at < 2:
        # It began left of the view: the number goes behind its end, or inside if that is out of sight too.
        at = right + 4 if right + wide + 6 < width else max(left + 4, 4.0)
    middle = (top + bottom) / 2
    box = QRectF(at, middle - 8, wide, 16)
    draw_box(painter, box, 3, theme.color("lane", 235))
    draw_text(painter, box, words, font, ink, int(CENTER))


def draw_cursor(painter: QPainter, theme: Theme, left: float, right: float, top: float, bottom: float) -> None:
    """The keyboard's place: an accent outline around a bar."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(theme.color("accent"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(left - 2, top - 2, max(right - left, 2.0) + 4, bottom - top + 4))


def lane_bands(rows: Iterable[Placed], scroll: int) -> list[tuple[int, int]]:
    """Top and bottom of neighbouring rows that are not groups, joined."""
    bands: list[tuple[int, int]] = []
    for placed in rows:
        if placed.row.kind is RowKind.GROUP:
            continue
        top, bottom = placed.y - scroll, placed.bottom - scroll
        if bands and bands[-1][1] == top:
            bands[-1] = (bands[-1][0], bottom)
        else:
            bands.append((top, bottom))
    return bands


def without(stretches: Iterable[tuple[int, int]], bands: Sequence[Band], scroll: int) -> list[tuple[int, int]]:
    """The stretches (top and bottom in pixels) less those that `bands`, from the top downwards, take."""
    left = []
    for top, bottom in stretches:
        for band in bands:
            upper, lower = band.top - scroll, band.floor - scroll
            if top < lower and upper < bottom:
                left.append((top, upper))
                top = lower
        left.append((top, bottom))
    return [(top, bottom) for top, bottom in left if bottom > top]


def _chip(painter: QPainter, theme: Theme, middle: float, top: float, words: str, token: str, width: int) -> None:
    font = theme.font(11, 600)
    wide = text_width(font, words) + 14
    left = min(max(middle - wide / 2, 2.0), max(2.0, width - wide - 2))
    box = QRectF(left, top, wide, 18)
    draw_box(painter, box, 4, theme.color(token))
    ink: QColor = theme.color("panel")
    draw_text(painter, box, words, font, ink, int(CENTER))


def draw_focus(painter: QPainter, theme: Theme, width: int, height: int) -> None:
    """The keyboard is here: an accent frame inside the lanes."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(theme.color("accent"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(1, 1, width - 2, height - 2))
