"""Playing, pausing, stepping and seeking in a replay of one view; and the hand that drags the now-line."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from explorer.desktop.timeline.replay.clock import (
    FAR,
    NEAR,
    SPEEDS,
    ReplayClock,
    ReplayFollow,
    next_speed,
    speed_for,
)
from explorer.desktop.timeline.replay.steps import step_of_lanes, step_of_request
from explorer.desktop.timeline.rows import NO_ROUTE, REQUESTS, RowKind
from explorer.records.clock import now_ns
from explorer.records.states import TrackKind
from explorer.store.store import Store

if TYPE_CHECKING:
    from explorer.desktop.timeline.hands import Hands
    from explorer.desktop.timeline.view import TimelineView

GRIP_PX: Final = 5
"""So near to the now-line the pointer holds it."""
Stretch = tuple[int, int]


class Player(QObject):
    """The replay of one view, if there is one.

    `changed` follows begin, end, play, pause, speed and loop; `moved` the moment. `time` is the frames' clock (ns).
    """

    changed = Signal()
    moved = Signal()

    def __init__(self, view: "TimelineView", time: Callable[[], int] = now_ns) -> None:
        super().__init__(view)
        self._view = view
        self._scene = view.scene
        self._time = time
        self._follow: ReplayFollow | None = None
        self._whole = False
        self._from = 0
        self._told = (0, False)
        self._dragging = False

    @property
    def active(self) -> bool:
        """Whether the view replays."""
        return self._follow is not None

    @property
    def clock(self) -> ReplayClock | None:
        """Where the replay is, if there is one."""
        return None if self._follow is None else self._follow.replay

    @property
    def playing(self) -> bool:
        """Whether the now-line moves by itself."""
        return self._follow is not None and self._follow.replay.playing

    @property
    def live(self) -> bool:
        """Whether a run goes on, be it under the replay."""
        follow = self._follow.under if self._follow is not None else self._scene.follow
        return follow.live

    @property
    def bounded(self) -> bool:
        """Whether it is a chosen stretch that is replayed, and not all there is."""
        return self._follow is not None and not self._whole

    @property
    def speed(self) -> int:
        """Millionths of real time."""
        return SPEEDS[0] if self._follow is None else self._follow.replay.speed

    # -- beginning and ending --------------------------------------------------------------------------------------

    def begin(self) -> bool:
        """Replay the chosen range, or from what is selected or in view on; while it replays, once more from there.

        False if there is nothing yet.
        """
        if self._follow is not None:
            self.seek(self._from)
            self._play(self._follow.replay)
            return True
        store, scene = self._scene.store, self._scene
        if store is None or store.first is None or store.last is None:
            return False
        chosen = scene.range
        first, last = scene.bounds()[0], self._latest(store)
        self._whole = chosen is None
        begin, end = (first, last) if chosen is None else (max(first, chosen.begin), min(last, chosen.end))
        if end <= begin:
            return False
        at, length = self._start(begin, end) if chosen is None else (begin, end - begin)
        clock = ReplayClock(begin, end, speed_for(length))
        clock.seek(at)
        self._from = clock.moment
        before = self._view.following
        self._follow = ReplayFollow(scene.follow, clock, self._time)
        scene.follow = self._follow
        if not scene.view.begin <= self._from <= scene.view.end:
            scene.view = self._follow.view(scene.view)
        clock.play()
        self._view.show_moment(before)
        self._tell()
        return True

    def leave(self) -> None:
        """Back to what goes on; a view of a recording stays where it is."""
        if self._follow is None:
            return
        before, self._dragging = self._view.following, False
        self._scene.follow, self._follow = self._follow.under, None
        self._view.show_moment(before)
        self._tell()

    def _start(self, begin: int, end: int) -> Stretch:
        """From where on, and how much (ns) is to take ten seconds: what is selected and in view, else the view."""
        scene = self._scene
        view, extent = scene.view, scene.selection.extent(end)
        if extent is not None and extent[0] < view.end and extent[1] > view.begin:
            return extent[0], extent[1] - extent[0]
        at = max(view.begin, begin)
        return (at, view.length) if at < end else (max(begin, end - view.length), view.length)

    def _latest(self, store: Store) -> int:
        """Up to when there is something to replay."""
        follow = self._follow.under if self._follow is not None else self._scene.follow
        return follow.horizon if follow.live else (store.end or store.now)

    # -- while it goes on ------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Pause or go on; begins a replay if there is none."""
        if self._follow is None:
            self.begin()
        elif self._follow.replay.playing:
            self._follow.replay.pause()
            self._tell()
        else:
            self._play(self._follow.replay)

    def _play(self, clock: ReplayClock) -> None:
        before = clock.moment
        clock.play()
        self.seek(clock.moment) if clock.moment != before else self.show()
        self._tell()

    def set_speed(self, speed: int) -> None:
        """Play at `speed` millionths of real time."""
        if self._follow is not None:
            self._follow.replay.speed = min(max(speed, SPEEDS[0]), SPEEDS[-1])
            self._tell()

    def change_speed(self, step: int) -> None:
        """Faster (1) or slower (-1)."""
        self.set_speed(next_speed(self.speed, step))

    def set_loop(self, on: bool) -> None:
        """Begin again at the end of the stretch, or stop there."""
        if self._follow is not None:
            self._follow.replay.loop = on
            self._tell()

    def step(self, step: int) -> None:
        """Pause, and go to the next (1) or previous (-1) event: of the selected request if there is one, else the next
        begin or end of a span in the lanes in sight or of a request, or the next marker. Begins a replay if there is
        none.
        """
        store = self._scene.store
        if store is None or (self._follow is None and not self.begin()) or self._follow is None:
            return
        clock = self._follow.replay
        clock.pause()
        selection = self._scene.selection
        if selection.request:
            found = step_of_request(selection, store.markers, clock.moment, step)
        else:
            found = step_of_lanes(store, self._tracks(store), clock.moment, step)
        if found is not None and clock.begin <= found <= clock.end:
            self.seek(found)
        self._tell()

    def seek(self, moment: int, *, show: bool = True) -> None:
        """Go to a moment; `show`: the view goes with it."""
        follow = self._follow
        if follow is None:
            return
        follow.replay.seek(moment)
        follow.now = follow.horizon = follow.replay.moment
        follow.on = show or follow.on
        self._view.show_moment(self._view.following)
        self._tell_moment()

    def show(self) -> None:
        """Bring the now-line back into view, which follows it from here on."""
        if self._follow is not None:
            before, self._follow.on = self._view.following, True
            self._view.show_moment(before)

    def framed(self) -> None:
        """The view has taken the clock of a frame."""
        if self._follow is None or self._scene.store is None:
            return
        if self._whole and self._follow.under.live:
            self._follow.replay.end = max(self._follow.replay.end, self._latest(self._scene.store))
        self._tell_moment()

    def _tracks(self, store: Store) -> set[int]:
        """The lanes in sight; and those of all requests that are not hidden, which have a row only once something is in
        them.
        """
        lanes = (RowKind.LANE, RowKind.REQUEST, RowKind.DEPTH)
        found = {placed.row.track for placed in self._scene.in_view() if placed.row.kind in lanes}
        routes = {track.parent for track in store.tracks.values() if track.kind is TrackKind.LANE}
        names = {route: store.tracks[route].name if route in store.tracks else "" for route in routes}
        shown = {route for route, name in names.items() if self._scene.choices.shows(REQUESTS, name or NO_ROUTE)}
        return found | {
            track.number for track in store.tracks.values() if track.kind is TrackKind.LANE and track.parent in shown
        }

    def _tell(self) -> None:
        self._told = (self._told[0], self.playing)
        self.changed.emit()
        self._tell_moment()

    def _tell_moment(self) -> None:
        clock = self.clock
        told = (clock.moment if clock is not None else 0, self.playing)
        if told != self._told:
            ended, self._told = told[1] != self._told[1], told
            self.moved.emit()
            if ended:
                self.changed.emit()

    # -- the hand on the now-line ----------------------------------------------------------------------------------

    def watch(self, lanes: QWidget, axis: QWidget, hands: "Hands") -> None:
        """Let the now-line be dragged on the lanes, and go to the pointer on the axis; what `hands` say goes along."""
        self.moved.connect(hands.look_again)
        self._lanes, self._axis = lanes, axis
        for widget in (lanes, axis):
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what concerns the now-line; the rest goes on to the lanes' own hands."""
        if self._follow is None or not isinstance(event, QMouseEvent) or not isinstance(watched, QWidget):
            return False
        kind = event.type()
        x = event.position().x() - (watched.width() - self._lanes.width() if watched is self._axis else 0)
        near = (watched is self._axis and x >= 0) or abs(x - self._scene.view.x(self._follow.now)) <= GRIP_PX
        if kind is QEvent.Type.MouseButtonPress and event.button() is Qt.MouseButton.LeftButton and near:
            self._dragging = True
            self._drag_to(x)
            return True
        if kind is QEvent.Type.MouseMove:
            if self._dragging:
                self._drag_to(x)
                return True
            if not event.buttons():
                watched.setCursor(Qt.CursorShape.SplitHCursor) if near else watched.unsetCursor()
        elif kind is QEvent.Type.MouseButtonRelease and self._dragging:
            self._dragging = False
            return True
        return False

    def _drag_to(self, x: float) -> None:
        view = self._scene.view
        if self._follow is not None:
            self._follow.replay.pause()
            self.seek(view.time(min(max(x, NEAR * view.width), FAR * view.width)), show=False)
            self._tell()


def handlers(player: Callable[[], Player]) -> Mapping[str, Callable[[], object]]:
    """What the window's commands do."""
    return {
        "replay": lambda: player().begin(),
        "replay_play": lambda: player().toggle(),
        "replay_next": lambda: player().step(1),
        "replay_previous": lambda: player().step(-1),
        "replay_slower": lambda: player().change_speed(-1),
        "replay_faster": lambda: player().change_speed(1),
    }
