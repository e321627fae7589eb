"""A lock's row: at the bottom who holds it, above it the tower of those who wait, and an arrow from each release to the
waiter it woke.

Holders are painted in ink, as holding is no state of a lane; waits are hatched in any case: they are what the row is
there to show. Who holds comes from the store like all spans; who waited, and in what order, from the book of locks
(`labs.locks`), since a wait lies on its waiter's lane.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPen, QPolygonF

from explorer.collect.source import Array
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.layout import Placed, bar_room, strip_room
from explorer.desktop.timeline.near import pixels
from explorer.desktop.timeline.rects import Rects
from explorer.desktop.timeline.rows import RowKind
from explorer.desktop.timeline.scene import Scene
from explorer.desktop.timeline.towers import Storey, profile, storeys
from explorer.desktop.widgets.paint import LEFT, draw_text, text_width
from explorer.records.states import State
from explorer.store.store import Store

LABEL_FROM: Final = 26
LABEL_HEIGHT: Final = 10
MOST_LABELS: Final = 120
MOST_WAITS: Final = 0.75
"""Waits in view for each pixel beyond which the tower is painted as a profile, without its storeys."""
MARK_FROM: Final = 4
MARK: Final = 2
"""Height of the line above a lane whose thread holds a lock."""
MOST_ARROWS: Final = 60
ARROW_FROM: Final = 9
"""Pixels that a release and the next must be apart for an arrow."""
HATCH_FROM: Final = 5
"""Height of a storey from which it is hatched, px."""


class LockPainter:
    """Paints the rows of locks of one scene."""

    def __init__(self, theme: Theme, scene: Scene) -> None:
        self._theme = theme
        self._scene = scene
        self._rects = Rects()
        self._held_by: list[tuple[int, int, int]] = []

    def paint(self, painter: QPainter, store: Store, rows: Sequence[Placed], dense: set[int], horizon: int) -> None:
        """Paint these rows of locks; of those in `dense` the holders are painted already, as columns."""
        self._held_by = []
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for placed in rows:
            painter.setClipRect(QRectF(0, placed.y - self._scene.scroll, self._scene.view.width, placed.height))
            self._tower(painter, placed, horizon)
            if placed.row.track not in dense:
                self._held(painter, store, placed, horizon)
        painter.restore()
        self._mark_holders(painter)

    # -- who holds -------------------------------------------------------------------------------------------------

    def _held(self, painter: QPainter, store: Store, placed: Placed, horizon: int) -> None:
        holds = self._scene.locks.holds(store, placed.row.track, horizon)
        if not len(holds):
            return
        theme, scroll = self._theme, self._scene.scroll
        top, floor = (edge - scroll for edge in bar_room(placed))
        left, right = pixels(self._scene.view, holds.start, holds.end)
        deep = max(placed.row.holders, int(holds.depth.max()) + 1)
        high = max(1.0, (floor - top) / deep)
        uppers = np.rint(floor - (holds.depth + 1) * high).astype("<i4") + (1 if deep > 1 and high >= 3 else 0)
        lowers = np.rint(floor - holds.depth * high).astype("<i4")
        self._rects.fill(painter, left, uppers, right, lowers, QBrush(theme.color("ink")))
        some = (holds.task == 0) & (right - left >= MARK_FROM)
        self._held_by += zip(holds.holder[some].tolist(), left[some].tolist(), right[some].tolist(), strict=True)
        if high < theme.px(LABEL_HEIGHT):
            return
        room = np.minimum(right, self._scene.view.width) - np.maximum(left, 0)
        chosen = np.flatnonzero(room >= LABEL_FROM // 2)
        if len(chosen) > MOST_LABELS:
            chosen = chosen[np.argpartition(-room[chosen], MOST_LABELS)[:MOST_LABELS]]
        font = theme.font(11, 600)
        for at in chosen.tolist():
            whole, short = self._scene.locks.owner_title(
                int(holds.holder[at]), int(holds.task[at]), int(holds.request[at]), store.name(int(holds.name[at]))
            )
            x, wide = max(int(left[at]), 0) + 4, int(room[at]) - 6
            words = next((text for text in (f"held by {whole}", whole, short) if text_width(font, text) <= wide), "")
            place = QRectF(x, uppers[at], wide + 2, lowers[at] - uppers[at])
            draw_text(painter, place, words, font, theme.color("panel"), LEFT)

    def _mark_holders(self, painter: QPainter) -> None:
        """A thin line in ink at the top of a lane for as long as its thread holds a lock."""
        tops = {placed.row.track: placed.y for placed in self._scene.visible() if placed.row.kind is RowKind.LANE}
        ink = self._theme.color("ink")
        for lane, left, right in self._held_by:
            if lane in tops:
                painter.fillRect(left, tops[lane] - self._scene.scroll + 1, right - left, MARK, ink)

    # -- who waits -------------------------------------------------------------------------------------------------

    def _tower(self, painter: QPainter, placed: Placed, horizon: int) -> None:
        waits = self._scene.locks.waits(placed.row.track, horizon)
        if not len(waits):
            return
        top, floor = (edge - self._scene.scroll for edge in strip_room(placed))
        floor -= 1
        high = max(placed.row.storeys, 1)
        storey = min(float(floor - top), (floor - top) / high)
        view = self._scene.view
        if len(waits) > view.width * MOST_WAITS:
            self._profile(painter, waits, floor, storey, horizon)
            return
        pieces = storeys(waits["start"].tolist(), waits["end"].tolist())
        self._storeys(painter, waits, pieces, floor, storey)
        self._arrows(painter, placed, waits, floor, horizon)

    def _profile(self, painter: QPainter, waits: Array, floor: int, storey: float, horizon: int) -> None:
        """The outline of the tower only, column by column."""
        view = self._scene.view
        columns = np.arange(view.width + 1, dtype="<i8")
        edges = view.begin + columns * view.length // view.width
        edges = edges[edges <= min(view.end, horizon) + view.length // view.width]
        if len(edges) < 2:
            return
        standing = profile(waits["start"], waits["end"], edges)
        some = np.flatnonzero(standing)
        high = np.maximum(1, np.rint(standing[some] * storey)).astype("<i4")
        look = self._theme.state(State.WAITING_LOCK)
        left = some.astype("<i4")
        for brush in (QBrush(look.fill), self._hatching()):
            painter.setBrushOrigin(QPoint(0, 0))
            self._rects.fill(painter, left, floor - high, left + 1, floor, brush)

    def _storeys(self, painter: QPainter, waits: Array, pieces: Sequence[Storey], floor: int, storey: float) -> None:
        theme = self._theme
        start = np.array([piece.start for piece in pieces], "<i8")
        end = np.array([piece.end for piece in pieces], "<i8")
        level = np.array([piece.level for piece in pieces], "<i4")
        left, right = pixels(self._scene.view, start, end)
        lower = np.rint(floor - level * storey).astype("<i4")
        upper = np.rint(floor - (level + 1) * storey).astype("<i4") + (1 if storey >= 3 else 0)
        upper = np.minimum(upper, lower - 1)
        look = theme.state(State.WAITING_LOCK)
        self._rects.fill(painter, left, upper, right, lower, QBrush(look.fill))
        if storey >= HATCH_FROM:
            painter.setBrushOrigin(QPoint(0, 0))
            self._rects.fill(painter, left, upper, right, lower, self._hatching())
        if storey >= theme.px(LABEL_HEIGHT):
            self._labels(painter, waits, pieces, left, right, upper, lower)

    def _labels(
        self,
        painter: QPainter,
        waits: Array,
        pieces: Sequence[Storey],
        left: Array,
        right: Array,
        upper: Array,
        lower: Array,
    ) -> None:
        theme, scene = self._theme, self._scene
        font, look = theme.font(11, 600), theme.state(State.WAITING_LOCK)
        room = np.minimum(right, scene.view.width) - np.maximum(left, 0)
        chosen = np.flatnonzero(room >= LABEL_FROM // 2)
        if len(chosen) > MOST_LABELS:
            chosen = chosen[np.argpartition(-room[chosen], MOST_LABELS)[:MOST_LABELS]]
        high = QFontMetricsF(font).height()
        for at in chosen.tolist():
            who = waits[pieces[at].which]
            lane, task, request = int(who["lane"]), int(who["task"]), int(who["request"])
            whole, short = scene.locks.owner_title(lane, task, request, "")
            x, wide = max(int(left[at]), 0) + 4, int(room[at]) - 6
            words = next((text for text in (f"{whole} waits", whole, short) if text_width(font, text) <= wide), "")
            if not words:
                continue
            tall = int(lower[at] - upper[at])
            plate = QRectF(x - 3, upper[at] + 1, text_width(font, words) + 6, tall - 2)
            painter.fillRect(plate, look.fill)
            place = QRectF(x, upper[at] + (tall - high) / 2, wide + 2, high)
            draw_text(painter, place, words, font, look.text or theme.color("text"), LEFT)

    def _arrows(self, painter: QPainter, placed: Placed, waits: Array, floor: int, horizon: int) -> None:
        """From a release to the waiter that got the lock: down from its storey to the bar that begins there."""
        if len(waits) > 2 * MOST_ARROWS:
            return
        got = self._scene.locks.got(waits, placed.row.track, horizon)
        view = self._scene.view
        got = got[(got > view.begin) & (got <= view.end)]
        at = np.rint(view.xs(got)).astype("<i4")
        if not len(at) or len(at) > MOST_ARROWS or (len(at) > 1 and int(np.diff(at).min()) < ARROW_FROM):
            return
        theme, px = self._theme, self._theme.px
        held = bar_room(placed)[0] - self._scene.scroll
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x in at.tolist():
            tip = QPointF(x + 0.5, held + px(6))
            top = floor - px(9)
            for color, wide in (("halo", 4.0), ("text", 1.6)):
                painter.setPen(QPen(theme.color(color), wide * theme.scale))
                painter.drawLine(QLineF(x + 0.5, top, x + 0.5, tip.y() - px(3)))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("text"))
            painter.drawPolygon(QPolygonF([tip, tip + QPointF(-px(3), -px(5)), tip + QPointF(px(3), -px(5))]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _hatching(self) -> QBrush:
        look = self._theme.state(State.WAITING_LOCK)
        return look.hatch or QBrush(look.fill)
