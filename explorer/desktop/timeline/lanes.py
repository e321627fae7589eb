"""The lanes' widget: paints one scene, in pixels, on one canvas.

From the back to the front: far rows as images, the grid, group rows, what has not arrived, near bars depth by depth,
words, counters, then selection, losses, markers and the present. Near or far is decided per row, for requests together
(`near.dense_rows`).
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.collect.source import Array
from explorer.desktop.theme import Theme
from explorer.desktop.timeline import overlay
from explorer.desktop.timeline.bands import Band, Form, bands_of
from explorer.desktop.timeline.counters import CounterPainter
from explorer.desktop.timeline.exposed import Exposed
from explorer.desktop.timeline.far import HELD, HOLDERS, FarPainter
from explorer.desktop.timeline.flow_painter import FlowPainter
from explorer.desktop.timeline.labels import Labels, bar_text
from explorer.desktop.timeline.lane_choices import words_for_nothing
from explorer.desktop.timeline.layout import Layout, Placed, bar_room, strip_room
from explorer.desktop.timeline.lock_painter import LockPainter
from explorer.desktop.timeline.marks import MarkedLane, MarkPainter
from explorer.desktop.timeline.near import Bars, RowSpans, dense_rows, near_bars, pixels, shown_state, spans_in
from explorer.desktop.timeline.range.painter import draw_range
from explorer.desktop.timeline.raster import RasterRow
from explorer.desktop.timeline.rects import BarPainter, Rects, bar_box, mixed
from explorer.desktop.timeline.rows import RowKind
from explorer.desktop.timeline.scene import Scene
from explorer.desktop.timeline.search.painter import FoundPainter
from explorer.desktop.timeline.seen import OVER_ALL, SeenPainter
from explorer.desktop.timeline.selection import AnySpan, span_end
from explorer.desktop.timeline.ticks import CLOSEST_PX, ticks_for
from explorer.desktop.widgets.paint import CENTER, LEFT, draw_text
from explorer.desktop.words import request_label
from explorer.records.sampling import GIL_WAITING
from explorer.records.states import State, TrackKind
from explorer.store.store import Store

ALLOWANCE_S = 0.001
ALLOWANCE_LIVE_S = 0.003
AGAIN_ALLOWANCE_S = 0.008
"""Time of a frame that may go into new columns of the far view. A live view needs new ones in every frame; else what is
missing is painted right after (`AGAIN_MS`), and more at a time if nothing has moved since: the hand waits for nothing.
"""
RESTYLED_ALLOWANCE_S = 0.1
"""The same where the colours or the scale are others: all is new then, and no hand is moving the lanes."""
AGAIN_MS = 1
AGAIN_LIVE_MS = 100
"""How long after an unfinished picture the next is painted: at once, as others may have their turn in between. A live
view, and a recording that is being read, have frames of their own, which come before.
"""

UNLINED = (RowKind.GROUP, RowKind.FOLD, RowKind.REQUEST, RowKind.DEPTH)
"""Rows without a line below them."""
PALETTE = {Form.HOLDERS: HOLDERS, Form.HELD: HELD}
CHOSEN = OVER_ALL + 1
"""The place of the selection among the layers."""


class Lanes(QWidget):
    """Paints; hands and keys are the view's. `clock` (seconds) measures the far view's allowance."""

    def __init__(
        self, theme: Theme, scene: Scene, parent: QWidget | None = None, clock: Callable[[], float] = time.thread_time
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scene = scene
        self._clock = clock
        self._exposed = Exposed(scene)
        self._bars = BarPainter(theme)
        self._rects = Rects()
        self._hatch = overlay.pending_brush(theme)
        self._banded: Layout | None = None
        self._bands_of: list[Band] = []
        self._places: list[RasterRow] = []
        self._far = FarPainter(theme)
        self._seen = SeenPainter(theme, scene)
        self._labels = Labels(theme)
        self._counters = CounterPainter(theme)
        self._marks = MarkPainter(theme)
        self._locks = LockPainter(theme, scene)
        self._found = FoundPainter(theme)
        self.flows = FlowPainter(theme, scene)
        self.over: QWidget | None = None
        """What lies over the lanes and shows the same scene."""
        self._dense: set[int] = set()
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._go_on)
        # Whether something has changed that is not painted yet; and whether a picture is only to be completed.
        self._changed = self._completes = self._restyled = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.changed.connect(self._restyle)

    def hatch(self, states: frozenset[State]) -> None:
        """Paint these states with their pattern also where patterns are switched off."""
        self._bars.hatched = self._labels.hatched = states
        self.update()

    @property
    def waiting(self) -> bool:
        """Whether the far view needs another frame to be finished."""
        return self._far.waiting

    @property
    def dense(self) -> frozenset[int]:
        """The tracks last painted as columns."""
        return frozenset(self._dense)

    @property
    def framed_height(self) -> int:
        """Height of what the frame goes around while the keyboard is here, px."""
        return self.height()

    def set_store(self, store: Store | None) -> None:
        """Paint another run."""
        self._far.set_store(store)
        self._labels.clear()
        self._dense = set()
        self.update()

    def update(self, *area: Any) -> None:
        """The scene has changed."""
        self._changed, self._completes = True, False
        self._exposed.forget()
        super().update(*area)
        if self.over is not None:
            self.over.update(*area)

    def _go_on(self) -> None:
        """Nothing but the last picture's missing columns is to be painted, unless something has changed meanwhile."""
        completes = not self._changed
        self.update()
        self._completes = completes

    def paintEvent(self, event: QPaintEvent) -> None:
        """The whole scene; from memory where only something that lay over it has moved."""
        # An unfinished picture is gone on with by whoever asks, or it would be shown again as it is.
        if not self.waiting and self._exposed.paint(self, event, self._whole):
            return
        painter = QPainter(self)
        self._whole(painter)
        self._changed = self._completes = False
        painter.end()
        if self.waiting:
            # A run that has ended has no frames: what is missing would be missing until someone moves the view.
            more_comes = self._scene.follow.live or self._scene.growing
            self._again.start(AGAIN_LIVE_MS if more_comes else AGAIN_MS)
        else:
            self._again.stop()

    def _whole(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), self._theme.color("lane"))
        if self._scene.store is not None:
            self._paint(painter, self._scene.store)

    def _paint(self, painter: QPainter, store: Store) -> None:
        scene, theme, view = self._scene, self._theme, self._scene.view
        rows = scene.visible()
        follow = scene.follow
        horizon = follow.horizon if follow.live else view.end
        ends = min(view.end, horizon if follow.live else view.end)
        top, floor = scene.scroll, scene.scroll + scene.room
        bands = [band for band in self._every_band() if band.placed.bottom > top and band.placed.y < floor]
        spans = [spans_in(store, band.track, view.begin, ends) for band in bands]
        self._dense = dense_rows(spans, view.width, self._dense, _families(bands))
        self._paint_far(painter, bands, horizon)
        free = overlay.lane_bands((placed for placed in rows if placed.row.track not in self._dense), scene.scroll)
        free = overlay.without(free, [band for band in bands if band.track in self._dense], scene.scroll)
        if scene.layout.height - scene.scroll < self.height():
            free.append((scene.layout.height - scene.scroll, self.height()))
        ticks = ticks_for(view, scene.origin, CLOSEST_PX * scene.scale).ticks
        overlay.draw_grid(painter, theme, view, ticks, free, self._rects)
        self._paint_frames(painter, rows)
        overlay.draw_moments(painter, theme, view, scene.moments, self.height())
        if follow.live:
            overlay.draw_pending(painter, theme, view, horizon, follow.now, self.height(), self._hatch)
        both = list(zip(bands, spans, strict=True))
        self._seen.look(both, self._dense, horizon)
        barred = [(band, row) for band, row in both if band.form is Form.BARS]
        self._paint_near(painter, store, [band for band, _ in barred], [row for _, row in barred], horizon)
        self._seen.paint(painter)
        locks = [placed for placed in rows if placed.row.kind is RowKind.LOCK]
        self._locks.paint(painter, store, locks, self._dense, horizon)
        if scene.found is not None:
            self._found.ticks(painter, view, scene.found, bands, self._dense, scene.scroll)
        self._paint_marks(painter, rows, ends)
        self._paint_counters(painter, store, rows, horizon if follow.live else min(view.end, store.last or view.end))
        if store.losses:
            overlay.draw_losses(painter, theme, view, store.losses, rows, scene.scroll)
        overlay.draw_history_begin(painter, theme, view, store.begin, rows, scene.scroll, self.height())
        overlay.draw_markers(painter, theme, view, scene.markers(), rows, scene.scroll)
        if follow.replays:  # whatever was painted of later times has not happened yet
            overlay.draw_pending(painter, theme, view, horizon, follow.now, self.height(), self._hatch)
        if scene.rows and not scene.layout.placed:
            words = words_for_nothing(scene.choices, scene.hidden)
            draw_text(painter, QRectF(self.rect()), words, theme.font(13), theme.color("text2"), CENTER)
        draw_range(painter, theme, view, scene.range, self.height())
        self._paint_request_outline(painter, store)
        self.flows.paint(painter, store, self.height())
        self._paint_cursor(painter)
        if follow.live:
            overlay.draw_now(painter, theme, view, follow.now, self.height())

    def _paint_counters(self, painter: QPainter, store: Store, rows: list[Placed], until: int) -> None:
        """Counters in rows of their own, and above who holds the GIL how many wait for it."""
        scene = self._scene
        for placed in rows:
            row = placed.row
            if row.kind is RowKind.COUNTER and row.track in store.counters:
                room, counter, name, unit = bar_room(placed), row.track, row.title, ""
            elif row.kind is RowKind.GIL and row.strip in store.counters:
                room, counter, name, unit = strip_room(placed), row.strip, GIL_WAITING, " wait"
            else:
                continue
            top, floor = room[0] - scene.scroll, room[1] - scene.scroll
            words = self._counters.paint(painter, scene.view, store.counters[counter], name, top, floor, until)
            scene.ranges[row.track] = words + unit if words else ""

    def _paint_far(self, painter: QPainter, bands: list[Band], horizon: int) -> None:
        scene = self._scene
        if not self._dense:
            self._far.keep_up()
            return
        self._every_band()
        places = self._places
        shown = self._dense & {band.track for band in bands}
        began, allowance = self._clock(), ALLOWANCE_LIVE_S if scene.follow.live else ALLOWANCE_S
        if self._completes:
            allowance = AGAIN_ALLOWANCE_S
        if self._restyled:
            allowance, self._restyled = RESTYLED_ALLOWANCE_S, False
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        until = min(horizon, scene.view.end)
        edge = round(scene.view.x(until))
        painter.setClipRect(QRect(0, 0, max(0, edge), self.height()))
        self._far.paint(
            painter,
            scene.view,
            places,
            shown,
            (scene.layout.height, scene.scroll, min(self.height(), scene.layout.height - scene.scroll)),
            until,
            scene.share,
            lambda: self._clock() - began < allowance,
        )
        if scene.selection or scene.found:
            self._far.step_back(painter, [row for row in places if row.track in shown], scene.scroll, self.width())
        painter.restore()

    def _every_band(self) -> list[Band]:
        """The bands of all rows; made anew, with their places in the far view, where the layout is another."""
        layout = self._scene.layout
        if layout is not self._banded:
            self._banded = layout
            self._bands_of = [band for placed in layout.placed for band in bands_of(placed)]
            self._places = [
                RasterRow(
                    band.track,
                    band.top,
                    band.floor - band.top,
                    PALETTE.get(band.form, 0),
                    band.placed.row.strip if band.form is Form.BARS else 0,
                )
                for band in self._bands_of
            ]
        return self._bands_of

    def _paint_frames(self, painter: QPainter, rows: list[Placed]) -> None:
        """Group rows with their notes, and the lines between rows."""
        theme, scene, width = self._theme, self._scene, self.width()
        line, group = theme.color("line", 120), theme.color("group")
        font = theme.font(11)
        metrics = QFontMetricsF(font)
        for placed in rows:
            top, row = placed.y - scene.scroll, placed.row
            if row.kind in (RowKind.GROUP, RowKind.FOLD):
                if row.kind is RowKind.GROUP:
                    painter.fillRect(QRectF(0, top, width, placed.height), group)
                    painter.fillRect(QRectF(0, top, width, 1), theme.color("line"))
                if row.note:
                    color = theme.color("danger" if row.died else "text2")
                    text = metrics.elidedText(row.note, Qt.TextElideMode.ElideRight, width - 90)
                    draw_text(painter, QRectF(8, top, width - 16, placed.height), text, font, color, int(LEFT))
        floors = [placed.bottom - scene.scroll for placed in rows if placed.row.kind not in UNLINED]
        bottom = np.array(floors, "<i4")
        self._rects.fill(painter, 0, bottom - 1, width, bottom, QBrush(line))

    def _paint_near(
        self,
        painter: QPainter,
        store: Store,
        bands: list[Band],
        spans: list[RowSpans],
        horizon: int,
    ) -> None:
        scene, view = self._scene, self._scene.view
        if not bands:
            return
        rooms = np.array([(band.top, band.floor) for band in bands], "<i4") - scene.scroll
        tops, floors = rooms[:, 0], rooms[:, 1]
        near = []
        for index, row in enumerate(spans):
            if row.track not in self._dense:
                near.append((index, row))
            elif scene.follow.live and view.end > horizon:
                # Columns end at the horizon; what was seen open beyond it goes on as a bar.
                depths = store.depths(row.track)
                seen = [depth for depth in depths if scene.shown.get((row.track, depth), 0) > horizon]
                if seen:
                    near.append((index, spans_in(store, row.track, horizon + 1, view.end, seen)))
        rows_of_open = {band.track: index for index, band in enumerate(bands)}
        now = scene.follow.now
        layers = near_bars(near, scene.open_spans, rows_of_open, view, horizon, now, scene.shown)
        layers = self._seen.divided(layers)
        chosen = self._chosen_far(rows_of_open)
        if chosen is not None:
            layers.append((CHOSEN, chosen))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        unmarked = np.array([band.placed.row.kind is RowKind.LANE for band in bands])
        for depth, bars in layers:
            bright = self._bright(depth, bars, rows_of_open) if scene.selection or scene.found else None
            if depth and depth != CHOSEN:
                self._bars.erase(painter, bars, tops, floors)
            self._bars.paint(painter, bars, tops, floors, scene.share, bright)
            if scene.found is not None:
                self._found.outline(painter, bars, scene.found.bars(bars), tops, floors)
            if scene.selection and bright is not None and bright.any():
                # One pair of lines around what encloses the rest.
                some = np.flatnonzero(bright & unmarked[bars.row])
                self._bars.mark(painter, bars, some, tops, floors)
                unmarked[bars.row[some]] = False
        for at, (_, bars) in enumerate(layers):
            inner = [other for _, other in layers[at + 1 :]]
            weak = None if not (scene.selection or scene.found) else ~self._bright(0, bars, rows_of_open)
            if scene.only:
                out = ~np.isin(bars.state, list(scene.only))
                weak = out if weak is None else weak | out
            self._labels.paint(painter, bars, tops, floors, view.width, self._text, weak, inner, self._weak_fill)

    def _paint_marks(self, painter: QPainter, rows: list[Placed], until: int) -> None:
        scene = self._scene
        if scene.events is None:
            return
        lanes = [
            MarkedLane(placed.row.track, placed.y - scene.scroll)
            for placed in rows
            if placed.row.kind is RowKind.LANE and scene.is_loop(placed.row.track)
        ]
        request = 0 if self._theme.high_contrast else scene.selection.request
        self._marks.paint(painter, scene.view, scene.events, lanes, until, scene.event_kinds, request)

    def _weak_fill(self, state: State) -> QColor:
        """What a bar that stands back is filled with."""
        lane, stands_back = self._theme.color("lane"), bool(self._scene.selection or self._scene.found)
        if stands_back and self._theme.high_contrast:
            return lane  # an outline is all that is left
        share = max(self._scene.share(state), self._theme.tokens.dim if stands_back else 0.0)
        return mixed(self._theme.state(state).fill, lane, share)

    def _text(self, name: int, state: State) -> str:
        store = self._scene.store
        return bar_text(store.name(name), state) if store is not None else ""

    def _bright(self, depth: int, bars: Bars, rows: dict[int, int]) -> Array:
        """Which bars belong to the selection; without one, to what was found."""
        selection = self._scene.selection
        if not selection and self._scene.found is not None:
            return self._scene.found.bars(bars)
        if selection.request:
            return np.asarray(bars.request == selection.request)
        span = selection.span
        if span is None or span.track not in rows:
            return np.zeros(len(bars), bool)
        left, right = self._pixels(span)
        same = (bars.row == rows[span.track]) & (bars.left == left) & (bars.right == right)
        return np.asarray(same & (bars.name == span.name))

    def _pixels(self, span: AnySpan) -> tuple[int, int]:
        follow = self._scene.follow
        end = follow.until(span_end(span, follow.now))
        left, right = pixels(self._scene.view, np.array([span.start]), np.array([end]))
        return int(left[0]), int(right[0])

    def _chosen_far(self, rows: dict[int, int]) -> Bars | None:
        """The selected request's pieces in rows that are painted as columns, as bars over them."""
        selection = self._scene.selection
        view = self._scene.view
        pieces = [
            span
            for span in selection.spans
            if span.track in self._dense and span.track in rows and span.end > view.begin and span.start < view.end
        ]
        if not pieces:
            return None
        left, right = pixels(view, np.array([s.start for s in pieces]), np.array([s.end for s in pieces]))
        return Bars(
            left,
            right,
            np.array([rows[span.track] for span in pieces], "<i4"),
            shown_state(np.array([span.state for span in pieces], "u1")),
            np.array([span.name for span in pieces], "<u4"),
            np.array([span.request for span in pieces], "<u8"),
        )

    def _paint_request_outline(self, painter: QPainter, store: Store) -> None:
        scene, view = self._scene, self._scene.view
        number = scene.selection.request
        if not number:
            return
        now = scene.follow.now
        extents: dict[int, tuple[int, int]] = {}
        every: list[AnySpan] = [*scene.selection.spans, *scene.selection.open_spans]
        for span in every:
            track = store.tracks.get(span.track)
            if track is not None and track.kind is TrackKind.LANE and scene.follow.until(span.start) == span.start:
                first, last = extents.get(span.track, (span.start, span.start))
                extents[span.track] = min(first, span.start), max(last, scene.follow.until(span_end(span, now)))
        for lane, (first, last) in extents.items():
            placed = scene.layout.of_track(lane)
            if placed is None or last < view.begin or first > view.end:
                continue
            top, floor = bar_room(placed)
            left, right = max(view.x(first), -10.0), min(view.x(last), view.width + 10.0)
            overlay.draw_request_outline(
                painter,
                self._theme,
                round(left),
                round(right),
                top - scene.scroll,
                floor - scene.scroll,
                request_label(number),
                view.width,
            )

    def _paint_cursor(self, painter: QPainter) -> None:
        scene = self._scene
        parent = self.parentWidget()
        if not scene.cursor_shown or parent is None or not parent.hasFocus():
            return
        overlay.draw_focus(painter, self._theme, self.width(), self.framed_height)
        if scene.cursor is None:
            return
        placed = scene.layout.of_track(scene.cursor.track)
        if placed is None:
            return
        top, floor = bar_room(placed)
        left, right = self._pixels(scene.cursor)
        look = self._theme.state(State(int(shown_state(np.array([scene.cursor.state], "u1"))[0])))
        upper, lower = bar_box(look, np.array([top]), np.array([floor]))
        overlay.draw_cursor(
            painter, self._theme, left, right, int(upper[0]) - scene.scroll, int(lower[0]) - scene.scroll
        )

    def _restyle(self) -> None:
        self._restyled = True
        self._labels.clear()
        self._marks.restyle()
        self._hatch = overlay.pending_brush(self._theme)
        self.update()


def _families(bands: list[Band]) -> dict[int, str]:
    """Requests look alike; and what the sampler saw of a thread is in its strip and in its bars."""
    found = {band.track: band.placed.row.group for band in bands if band.placed.row.kind is RowKind.REQUEST}
    for band in bands:
        if band.form is Form.STRIP:
            found[band.track] = found[band.placed.row.track] = band.placed.row.key
    return found
