"""The lanes of a duel: one timeline for each run, one above the other on one axis, moved and zoomed together.

Each run has its own clock; its `origin` is the moment that lies under the others'. Whichever timeline the user moves,
the others follow at the same distance from theirs. Between two of them a band says how much earlier the selected
request was answered.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.duel.between import Band, Head
from explorer.desktop.duel.shown import Lane, Shown, first_view, origins, telling_request
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.axis import HEIGHT as AXIS_HEIGHT
from explorer.desktop.timeline.axis import Axis
from explorer.desktop.timeline.lock_queues import LockQueues
from explorer.desktop.timeline.rows import ICONS, REQUESTS_KEY, Row, RowKind
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.records.states import Role, State

BESIDE: Final = frozenset(ICONS[role] for role in (Role.LOAD, Role.SAMPLER, Role.WINDOW))
"""The icons of the groups that are left out."""
BAND: Final = 34
BAND_COMPACT: Final = 26
LEAST: Final = 84
"""Height below which a run's lanes are scrolled as a whole."""


class DuelLanes(QWidget):
    """Timelines of a duel. `selected(k)`: request number k (from 1, 0 none) was chosen; `length_changed(ns)`;
    `states_met(frozenset)`.
    """

    selected = Signal(int)
    length_changed = Signal(object)
    states_met = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.views: list[TimelineView] = []
        self.bands: list[Band] = []
        self.number = 0
        self.on_request = False
        self._shown: Shown | None = None
        self._origins: list[int] = []
        self._axis: Axis | None = None
        self._moving = False
        self._compact = False
        self._header = 196
        self._heads: list[Head] = []
        self._inside = QWidget()
        self._stack = QVBoxLayout(self._inside)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(0)
        self._scroll = ScrollArea(self._inside)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._scroll, 1)

    def show_duel(self, duel: Shown | None) -> None:
        """Show the lanes of a duel, None for nothing."""
        self._clear()
        self._shown = duel
        if duel is None:
            return
        self.number = telling_request(duel.lanes)
        self.on_request = False
        for place, lane in enumerate(duel.lanes):
            if place:
                band = Band(self._theme, self)
                self.bands.append(band)
                self._stack.addWidget(band)
            head = Head(self._theme, lane)
            self._heads.append(head)
            self._stack.addWidget(head)
            view = self._make_view(lane, place)
            self._stack.addWidget(view, max(2, min(len(lane.store.tracks), 5)))
        self._axis = Axis(self._theme, self.views[0].scene, self)
        self._column.insertWidget(0, self._axis)
        self._style()
        self._align()
        begin, end = first_view(duel.lanes, max(self.number, 1))
        self.look(begin, end)
        self.select(self.number)
        QTimer.singleShot(0, self, self._show_rows)  # once the lanes have their heights

    @property
    def lanes(self) -> Sequence[Lane]:
        """The runs that are shown."""
        return self._shown.lanes if self._shown is not None else ()

    def set_compact(self, compact: bool, header: int) -> None:
        """Lower bands and a narrower `header` (px)."""
        self._compact, self._header = compact, header
        self._style()

    def align(self, on_request: bool) -> None:
        """Lay the runs upon one another by time, or by when the selected request was meant to be sent."""
        if on_request != self.on_request and self.views:
            before = self._relative()
            self.on_request = on_request
            self._align()
            self.look(*before)
            if self.number:
                self._reveal(self.number)
            self._refresh_bands()

    def select(self, number: int) -> None:
        """Select request `number` (from 1) in all runs; 0 selects nothing."""
        before = self._relative() if self.views else (0, 1)
        self.number = number
        self._moving = True
        try:
            for view, lane in zip(self.views, self.lanes, strict=True):
                view.select_request(lane.request(number) if number else 0)
                _show_row(view)
        finally:
            self._moving = False
        if self.on_request:
            self._align()
        if self.views:
            self.look(*before)
        self._refresh_bands()
        self.selected.emit(number)

    def look(self, begin: int, end: int) -> None:
        """Show all runs from `begin` to `end`, ns since their origins."""
        self._moving = True
        try:
            for view, origin in zip(self.views, self._origins, strict=True):
                _place(view, begin + origin, max(1, end - begin))
        finally:
            self._moving = False
        self._moved()

    def fit(self) -> None:
        """Show all of all runs."""
        if self.views:
            ends = [(lane.store.last or origin) - origin for lane, origin in self._with_origins()]
            begin = min(lane.first - origin for lane, origin in self._with_origins())
            length = max(ends) - begin
            self.look(begin - length // 50, max(ends) + length // 50)

    def go(self, *, begin: bool) -> None:
        """To the begin of the runs, or to their end; the length stays."""
        if self.views:
            first, last = self._relative()
            ends = [(lane.store.last or origin) - origin for lane, origin in self._with_origins()]
            start = min(lane.first - origin for lane, origin in self._with_origins())
            shift = start - (last - first) // 40 if begin else max(ends) - (last - first) * 39 // 40
            self.look(shift, shift + last - first)

    def zoom_to_request(self) -> None:
        """Fill the view with the selected request, from its first send to its last answer."""
        pairs = [
            (sent - origin, answered - origin)
            for lane, origin in self._with_origins()
            if (sent := lane.sent(self.number)) is not None and (answered := lane.ended(self.number)) is not None
        ]
        if pairs:
            begin, end = min(sent for sent, _ in pairs), max(answered for _, answered in pairs)
            margin = max(1_000, (end - begin) // 10)
            self.look(begin - margin, end + margin)

    def _with_origins(self) -> list[tuple[Lane, int]]:
        return list(zip(self.lanes, self._origins, strict=True))

    def zoom(self, closer: bool) -> None:
        """One step closer or further away, in all runs."""
        if self.views:
            (self.views[0].zoom_in if closer else self.views[0].zoom_out)()

    def pan(self, share: float) -> None:
        """Move by a share of the view, in all runs."""
        if self.views:
            self.views[0].pan(share)

    def set_legend_filter(self, states: frozenset[State]) -> None:
        """Show only these states in full colour, in all runs."""
        for view in self.views:
            view.set_legend_filter(states)

    @property
    def length_ns(self) -> int:
        """The time across the lanes."""
        return self.views[0].length_ns if self.views else 0

    def x_of(self, place: int, time: int) -> float:
        """Where a moment (ns) of run number `place` lies, px from the left edge of this widget."""
        view = self.views[place]
        return view.lanes.x() + view.scene.view.x(time)

    def _make_view(self, lane: Lane, place: int) -> TimelineView:
        view = TimelineView(self._theme)
        view.show_axis(False)
        view.setMinimumSize(200, self._theme.px(LEAST))
        view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        view.setAccessibleName(f"Timeline of {lane.badge}")
        view.scene.rows_shown = lambda rows: serving_rows(rows, self._compact)
        view.set_store(lane.store, live=False, locks=LockQueues.of(lane.store))
        self.views.append(view)
        view.view_changed.connect(lambda begin, end, place=place: self._follow(place, begin, end))
        view.request_selected.connect(lambda request, place=place: self._chosen(place, request))
        view.header_width_changed.connect(self._set_header)
        view.states_met.connect(lambda states: self.states_met.emit(self._states()))
        return view

    def _states(self) -> frozenset[State]:
        return frozenset().union(*(view.scene.offered for view in self.views))

    def _follow(self, place: int, begin: int, end: int) -> None:
        """The user has moved one of the views: the others go along."""
        if self._moving:
            return
        self._moving = True
        try:
            for other, view in enumerate(self.views):
                if other != place:
                    _place(view, begin - self._origins[place] + self._origins[other], end - begin)
        finally:
            self._moving = False
        self._moved()

    def _chosen(self, place: int, request: int) -> None:
        if not self._moving:
            self.select(self.lanes[place].number_of(int(request)))

    def _moved(self) -> None:
        if self._axis is not None:
            self._axis.update()
        for band in self.bands:
            band.update()
        self.length_changed.emit(self.length_ns)

    def _relative(self) -> tuple[int, int]:
        view = self.views[0].scene.view
        return view.begin - self._origins[0], view.end - self._origins[0]

    def _reveal(self, number: int) -> None:
        """Move, if the selected request is out of sight."""
        begin, end = self._relative()
        sent, answered = self.lanes[0].sent(number), self.lanes[0].ended(number)
        if sent is None or answered is None:
            return
        if sent - self._origins[0] < begin or sent - self._origins[0] > end:
            shift = sent - self._origins[0] - begin - (end - begin) // 20
            self.look(begin + shift, end + shift)

    def _align(self) -> None:
        self._origins = origins(self.lanes, self.number, self.on_request)
        for view, origin in zip(self.views, self._origins, strict=True):
            view.scene.zero = origin

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the selected request in sight when there is less room, or more."""
        super().resizeEvent(event)
        if self.number:
            QTimer.singleShot(0, self, self._show_rows)

    def _show_rows(self) -> None:
        for view in self.views:
            _show_row(view)

    def _refresh_bands(self) -> None:
        for place, band in enumerate(self.bands, 1):
            band.show_pair(place, self.number)

    def _set_header(self, width: int) -> None:
        self._header = width
        self._style()

    def _style(self) -> None:
        px = self._theme.px
        for band in self.bands:
            band.setFixedHeight(px(BAND_COMPACT if self._compact else BAND))
        for view in self.views:
            view.set_header_width(self._header)
        if self._axis is not None:
            self._axis.header = px(self._header)
            self._axis.setFixedHeight(px(AXIS_HEIGHT))

    def _clear(self) -> None:
        while (item := self._stack.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if self._axis is not None:
            self._column.removeWidget(self._axis)
            self._axis.hide()
            self._axis.deleteLater()
            self._axis = None
        self.views, self.bands, self._heads, self._origins = [], [], [], []


def serving_rows(rows: Sequence[Row], compact: bool) -> list[Row]:
    """The rows of those that serve and of the requests: who loads and watches is the same in all runs. Without counters
    and, where there is little room (`compact`), without who holds the GIL.
    """
    groups = {row.group: row for row in rows if row.kind is RowKind.GROUP}
    away = {key for key, row in groups.items() if row.icon in BESIDE}
    kinds = {RowKind.COUNTER, RowKind.GIL} if compact else {RowKind.COUNTER}
    serving = [key for key in groups if key not in away and key != REQUESTS_KEY]
    # The head above the lanes names the run; only several processes need heads of their own, to be told apart.
    heads = set(serving) if len(serving) > 1 else {key for key in serving if not groups[key].is_open}
    return [
        row
        for row in rows
        if row.group not in away and row.kind not in kinds and (row.kind is not RowKind.GROUP or row.group in heads)
    ]


def _show_row(view: TimelineView) -> None:
    """Scroll to the selected request's row, if it is out of sight."""
    scene = view.scene
    for span in scene.selection.spans:
        placed = scene.layout.of_track(span.track)
        if placed is not None and placed.row.kind is RowKind.REQUEST:
            if not scene.in_sight(placed):
                view.scroll_to(scene.scroll_to_see(placed))
            return


def _place(view: TimelineView, begin: int, length: int) -> None:
    """Let a view of a run that has ended show a stretch, wherever in its history that lies."""
    scene = view.scene
    scene.fitting = False
    scene.view = replace(scene.view, begin=begin, length=length)
    view.frame(scene.follow.now)
