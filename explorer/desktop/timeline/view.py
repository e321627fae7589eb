"""The timeline: axis, headers and lanes of one run, and everything that can be asked of them.

The window makes one, gives it a store and calls `frame` from its one frame timer; the view asks for a repaint only
when something that it shows has changed.
"""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from explorer.analysis.event_log import EventLog
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.axis import HEIGHT as AXIS_HEIGHT
from explorer.desktop.timeline.axis import Axis
from explorer.desktop.timeline.chip import Chip
from explorer.desktop.timeline.cursor import Cursor
from explorer.desktop.timeline.hands import ZOOM_STEP, Hands
from explorer.desktop.timeline.headers import NARROWEST, WIDEST, Headers
from explorer.desktop.timeline.history import Place, ViewHistory
from explorer.desktop.timeline.keys import Keys
from explorer.desktop.timeline.lane_bar import LaneBar
from explorer.desktop.timeline.lane_choices import LaneChoices
from explorer.desktop.timeline.lane_hands import LaneHands
from explorer.desktop.timeline.lanes import Lanes
from explorer.desktop.timeline.layout import Density
from explorer.desktop.timeline.lock_queues import LockQueues
from explorer.desktop.timeline.pinned import PinnedLanes
from explorer.desktop.timeline.range.hands import RangeHands
from explorer.desktop.timeline.range.selection import RangeSelection
from explorer.desktop.timeline.replay.player import Player
from explorer.desktop.timeline.rows import Row
from explorer.desktop.timeline.scene import LOW_WINDOW, Scene
from explorer.desktop.timeline.selection import AnySpan, span_end
from explorer.desktop.timeline.telling import Telling
from explorer.desktop.timeline.viewport import Viewport
from explorer.desktop.widgets.focus import BY_KEYBOARD
from explorer.recording.notes import Notes
from explorer.records.event_kinds import EventKind
from explorer.records.states import State
from explorer.store.store import Store

SMALLEST = (420, 200)


class TimelineView(QWidget):
    """Lanes of a run.

    Signals: `selected(Span | OpenSpan | None)`, `request_selected(int)` (0: none), `following_changed(bool)`,
    `view_changed(t0, t1)` (ns), `behind(seconds)` (0.0 while following), `opened(Span | OpenSpan)` (Enter on the
    cursor), `header_width_changed(px)`, `chosen_states(frozenset)` (Esc has reset the legend's choice),
    `states_met(frozenset)` (the states of this run that can be met).
    """

    selected = Signal(object)
    request_selected = Signal(object)
    following_changed = Signal(bool)
    view_changed = Signal(object, object)
    behind = Signal(float)
    opened = Signal(object)
    header_width_changed = Signal(int)
    chosen_states = Signal(object)
    states_met = Signal(object)
    lanes_changed = Signal()
    """Which lanes are shown, and where, has been changed by hand."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scene = Scene()
        self._axis = Axis(theme, self._scene, self)
        self._headers = Headers(theme, self._scene, self)
        self._lanes = Lanes(theme, self._scene, self)
        self._pinned = PinnedLanes(theme, self, self._lanes)
        self._bar = LaneBar(self)
        self._chip = Chip(theme, self)
        self.keys = Keys(self)
        self._hands = Hands(self, self._chip)
        self.range = RangeSelection(self)
        self._range_hands = RangeHands(self)
        self._history = ViewHistory()
        self._cursor = Cursor(self)
        self.replay = Player(self)
        self.replay.watch(self._lanes, self._axis, self._hands)
        self.lane_hands = LaneHands(self)
        self._header_width, self._axis_height = 196, AXIS_HEIGHT
        self._told = Telling(self)
        self._shown_ranges: dict[int, str] = {}
        self._painted: tuple[object, ...] = ()
        self._headers.opened.connect(self.toggle)
        self._headers.dragged.connect(self.set_header_width)
        self._bar.valueChanged.connect(self._scrolled)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(*SMALLEST)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription("Arrow keys move from span to span and from lane to lane, Enter selects.")
        theme.changed.connect(self._place)

    # what is shown

    @property
    def scene(self) -> Scene:
        """What is shown, to be read."""
        return self._scene

    @property
    def lanes(self) -> Lanes:
        """The widget the lanes are painted on."""
        return self._lanes

    @property
    def headers(self) -> Headers:
        """The widget of the lane headers."""
        return self._headers

    @property
    def axis(self) -> Axis:
        """The widget of the time axis."""
        return self._axis

    @property
    def chip(self) -> Chip:
        """What says what is under the pointer."""
        return self._chip

    @property
    def following(self) -> bool:
        """Whether the view moves with the present."""
        return self._scene.follow.on and self._scene.follow.live

    @property
    def length_ns(self) -> int:
        """The time across the lanes, ns."""
        return self._scene.view.length

    def set_store(
        self, store: Store | None, *, live: bool = True, events: EventLog | None = None, locks: LockQueues | None = None
    ) -> None:
        """Show a run, None: nothing. `live` follows its present; the lanes show its `events` and `locks` as well."""
        self.replay.leave()
        before = self.following
        self._scene.events, self._scene.locks.queues = events, locks or LockQueues()
        self._scene.set_store(store, live)
        self._lanes.set_store(store)
        self._history.clear()
        self._chip.hide()
        self._lay_out()
        self._tell(before)
        self.selected.emit(None)
        self.range.changed.emit(None)

    def set_live(self, live: bool) -> None:
        """The run goes on, or (False) has ended: everything is known, nothing moves any more."""
        follow, before = self._scene.follow, self.following
        if live == follow.live or self._scene.store is None:
            return
        if live:
            follow.live = True
            self._scene.view = follow.start(self._scene.view)
        else:
            self._scene.end()
        self._refresh(before)

    def frame(self, now_ns: int) -> None:
        """Take the clock (ns of perf_counter_ns) of this frame and repaint what has changed."""
        scene, store = self._scene, self._scene.store
        if store is None or not self.isVisible():
            return
        scene.tick(now_ns, self._theme.reduced_motion)
        self.replay.framed()
        if scene.rebuild():
            self._show_layout()
        self._told.tell_states()
        state = scene.appearance(store)
        if state != self._painted or self._lanes.waiting:
            self._painted = state
            self._lanes.update()
            self._axis.update()
        if scene.ranges != self._shown_ranges:
            self._shown_ranges = dict(scene.ranges)
            self._headers.update()
        self._told.tell()

    def set_legend_filter(self, states: set[State] | frozenset[State]) -> None:
        """Show only these states in full colour; an empty set shows all."""
        self._scene.only = frozenset(states)
        self._lanes.update()

    def set_event_kinds(self, kinds: set[EventKind] | frozenset[EventKind]) -> None:
        """Mark the events of these kinds only; an empty set marks all."""
        self._scene.event_kinds = frozenset(kinds)
        self._lanes.update()

    def show_notes(self, notes: Notes) -> None:
        """Show these notes, as they are now."""
        self._scene.notes = notes
        self._lanes.update()
        self._axis.update()

    def set_density(self, density: Density) -> None:
        """How high the lanes are."""
        self._scene.density = density
        self._lay_out()

    def set_header_width(self, width: int) -> None:
        """Width of the lane headers, 120 to 320 px."""
        width = min(max(width, NARROWEST), WIDEST)
        if width != self._header_width:
            self._header_width = width
            self._place()
            self.header_width_changed.emit(width)

    def show_axis(self, shown: bool) -> None:
        """Show the axis, or leave its place to the lanes: another widget shows the time."""
        self._axis_height = AXIS_HEIGHT if shown else 0
        self._place()

    # selection

    def select(self, span: AnySpan | None) -> None:
        """Select a span and with it its request."""
        store = self._scene.store
        if store is None:
            return
        before = self._scene.selection.request
        self._scene.selection.choose(span, store)
        self._scene.cursor = span if span is not None else self._scene.cursor
        self._selection_changed(before)

    def select_request(self, number: int) -> None:
        """Select a request; 0 selects nothing. The view moves to it if it is out of sight."""
        store = self._scene.store
        if store is None:
            return
        before = self._scene.selection.request
        self._scene.selection.choose_request(number, store)
        extent = self._scene.selection.request_extent(self._scene.follow.now)
        if extent is not None and (extent[1] < self._scene.view.begin or extent[0] > self._scene.view.end):
            self.look(self._scene.view.revealing(*extent))
        self._selection_changed(before)

    def show_span(self, span: AnySpan) -> None:
        """Go to a span and select it: the view stays there, moved as little as needed, and its lane is in sight."""
        self.set_following(False)
        self.look(self._scene.view.revealing(span.start, span_end(span, self._scene.follow.now)))
        self.select(span)
        placed = self._scene.layout.of_track(span.track)
        if placed is not None and not self._scene.in_sight(placed):
            self.scroll_to(self._scene.scroll_to_see(placed))

    def clear(self) -> bool:
        """Take one thing back: the selection, else the range, else the legend's choice; False if there was none."""
        if self._scene.selection:
            self.select(None)
            return True
        if self.range.clear():
            return True
        if self._scene.only:
            self.set_legend_filter(frozenset())
            self.chosen_states.emit(frozenset())
            return True
        if self.replay.active:
            self.replay.leave()
            return True
        return False

    # moving about

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Multiply the length of the view (below 1: closer) around pixel `x`, by default the cursor or the middle."""
        view, follow = self._scene.view, self._scene.follow
        at = view.width / 2 if x is None else x
        view = self._scene.reaching(view)
        self.look(view.zoomed(factor, follow.anchor(view, at)), keep=True)

    def zoom_in(self) -> None:
        """One step closer."""
        self.zoom(1 / ZOOM_STEP / ZOOM_STEP)

    def zoom_out(self) -> None:
        """One step further away."""
        self.zoom(ZOOM_STEP * ZOOM_STEP)

    def pan(self, share: float) -> None:
        """Move by a share of the view: positive towards the present."""
        view = self._scene.view
        self.look(view.panned(-share * view.width))

    def fit(self) -> None:
        """The whole run."""
        whole = self._scene.whole()
        self.look(whole, keep=True)
        self._scene.fitting = not self._scene.follow.live

    def go_begin(self) -> None:
        """To the beginning of the history."""
        view = self._scene.view
        self.look(replace(view, begin=self._scene.bounds()[0] - view.length // 20))

    def go_now(self) -> None:
        """To the present, following it; in a run that has ended, to its end."""
        if self._scene.follow.live:
            self.set_following(True)
        else:
            view = self._scene.view
            self.look(replace(view, begin=self._scene.bounds()[1] - round(view.length * 0.95)))

    def set_following(self, on: bool) -> None:
        """Follow the present, or stay here."""
        before, here = self.following, self._scene.place
        follow = self._scene.follow
        follow.on = False
        if on and follow.live:
            self._scene.view = follow.start(self._scene.view)
        self._history.moved(here, self._scene.place)
        self._refresh(before)

    def toggle_following(self) -> None:
        """Follow or stay; out of a replay back to the present."""
        if self.replay.active:
            self.replay.leave()
            self.set_following(True)
        else:
            self.set_following(not self.following)

    def zoom_to_selection(self) -> None:
        """Fill the view with what is selected, else with the range."""
        extent = self._scene.chosen_extent
        if extent is not None:
            self.look(self._scene.view.showing(*extent))

    def show_time(self, start: int, end: int) -> None:
        """Show the time from `start` to `end` (ns)."""
        self.look(self._scene.view.showing(start, end, 0.0))

    def show_moment(self, followed: bool) -> None:
        """The clock has jumped: what was shown later is not shown any more. `followed`: the view did so before."""
        self._scene.shown = {}
        self._scene.view = self._scene.follow.view(self._scene.view)
        self._lay_out()
        self._tell(followed)

    def go_back(self) -> None:
        """To where the view was before the last move."""
        self._visit(self._history.back(self._scene.place))

    def go_forward(self) -> None:
        """To where the view was before somebody went back."""
        self._visit(self._history.forward(self._scene.place))

    def step_span(self, step: int) -> None:
        """Move the cursor to the span before (-1) or after (1) in its lane."""
        self._cursor.step_span(step)

    def step_row(self, step: int) -> None:
        """Move the cursor to the nearest span of the lane above (-1) or below (1)."""
        self._cursor.step_row(step)

    def select_cursor(self) -> None:
        """Select the span at the cursor."""
        if self._scene.cursor is not None:
            self.select(self._scene.cursor)
            self.opened.emit(self._scene.cursor)

    # for hands and cursor

    def look(self, view: Viewport, keep: bool = False) -> None:
        """Show `view`, letting go of the present if that is no longer in it; `keep`: go on following (zooming)."""
        before, here, scene = self.following, self._scene.place, self._scene
        scene.fitting = False
        if not (keep and before):
            view = view.kept_within(*scene.bounds())
            scene.follow.moved(view)
        scene.view = scene.follow.view(view)
        self._history.moved(here, self._scene.place)
        self._refresh(before)

    def scroll_to(self, y: int) -> None:
        """Scroll so that this height of the content is at the top, as far as there is something to scroll."""
        self._bar.setValue(y)

    def toggle(self, row: Row) -> None:
        """Open or close a group or a fold."""
        self._scene.toggle_row(row)
        self._lay_out()
        self.lanes_changed.emit()

    def change_lanes(self, change: Callable[[LaneChoices], object]) -> bool:
        """Pin, hide, move or filter lanes, as `change` does to the choices; returns whether it says that it did."""
        done = change(self._scene.choices)
        self._lay_out()
        self.lanes_changed.emit()
        return bool(done)

    def go_to_row(self, key: str) -> None:
        """Bring a lane or a group into sight, with the keyboard's cursor in it."""
        self.lane_hands.reveal(key)
        placed = self._scene.layout.find(key)
        if placed is None:
            return
        if not self._scene.in_sight(placed):
            self.scroll_to(self._scene.scroll_to_see(placed, 1 / 3))
        self._cursor.into_row(placed)
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The timeline's keys; what it does not know goes on to the window."""
        if not self.keys.press(event):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the cursor, if it was the keyboard that came here."""
        if event.reason() in BY_KEYBOARD:
            self._scene.cursor_shown = True
            if self._scene.cursor is None:
                self._cursor.into_view()
        self._lanes.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the cursor."""
        self._lanes.update()
        super().focusOutEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what came while nobody looked: a recording that has been read sends no more frames."""
        super().showEvent(event)
        self.frame(self._scene.follow.now)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Axis above, headers left, lanes in the rest."""
        self._place()

    # inside

    def _visit(self, place: Place | None) -> None:
        if place is not None:
            before = self.following
            self._scene.go_to(place)
            self._refresh(before)

    def _refresh(self, followed: bool) -> None:
        if self._scene.rebuild():
            self._show_layout()
        self._lanes.update()
        self._axis.update()
        self._tell(followed)

    def _tell(self, followed: bool) -> None:
        if self.following != followed:
            self.following_changed.emit(self.following)
        self._told.again()
        self._told.tell()

    def _scrolled(self, value: int) -> None:
        self._scene.scroll = value
        self._pinned.place()
        self._chip.hide()
        self._lanes.update()
        self._headers.update()

    def _selection_changed(self, request_before: int) -> None:
        selection = self._scene.selection
        if self._scene.rebuild(force=True):  # what belongs to it may have been folded away
            self._show_layout()
        self._lanes.update()
        self.selected.emit(selection.span)
        if selection.request != request_before:
            self.request_selected.emit(selection.request)

    def _place(self) -> None:
        axis = self._theme.px(self._axis_height)
        left = min(self._theme.px(self._header_width), self.width() // 2)
        room = max(1, self.height() - axis)
        self._axis.header = left
        self._axis.setGeometry(0, 0, self.width(), axis)
        self._headers.setGeometry(0, axis, left, room)
        self._lanes.setGeometry(QRect(left, axis, max(1, self.width() - left), room))
        self._bar.setGeometry(self.width() - self._bar.WIDTH, axis, self._bar.WIDTH, room)
        self._scene.view = self._scene.view.resized(self._lanes.width())
        self._scene.room = room
        self._scene.scale = self._theme.scale
        self._scene.compact = self.window().height() < LOW_WINDOW and not self._scene.roomy
        self._lay_out()

    def _lay_out(self) -> None:
        self._scene.rebuild(force=True)
        self._show_layout()

    def _show_layout(self) -> None:
        self._told.tell_states()
        self._bar.show_scene(self._scene)
        self._pinned.place()
        self._lanes.update()
        self._headers.update()
        self._axis.update()
