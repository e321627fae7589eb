"""Replay: a stretch of the recorded past played again, slower than it was. No Qt.

The picture is that of a live view, whose clock is here a moment of the past: `ReplayFollow` stands where `Follow` does
while a replay goes on, and all that paints by `now` and `horizon` draws what a live view would have drawn then, had it
known everything at once. What goes on underneath goes on: the live clock is kept and handed back.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from explorer.collect.source import OpenSpan, Process, Track
from explorer.desktop.timeline.follow import STEP_NS, Follow
from explorer.desktop.timeline.viewport import Viewport
from explorer.store.series import Series
from explorer.store.store import Store

if TYPE_CHECKING:
    from explorer.desktop.timeline.rows import History

MILLION: Final = 1_000_000
"""Speeds are whole millionths of real time, so that the clock stays exact."""
SLOWEST: Final = 1_000
FASTEST: Final = MILLION
SPEEDS: Final = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
"""What the keys go through: 0.001× to 1×."""
LONGEST_FRAME_NS: Final = 1_000_000_000
"""A longer pause between two frames (a hidden window, a machine that slept) is not played: nobody saw it."""
VIEW_TAKES_NS: Final = 10_000_000_000
"""A replay begins with a speed at which what is in view takes about ten seconds."""
NEAR: Final = 0.02
FAR: Final = 0.9
"""Between these shares of the view the now-line moves; beyond them the view moves."""


def speed_for(length: int) -> int:
    """The speed, of those the keys go through, at which `length` ns take about ten seconds."""
    wanted = length * MILLION // VIEW_TAKES_NS
    return min(SPEEDS, key=lambda speed: abs(speed - wanted))


def next_speed(speed: int, step: int) -> int:
    """The speed that a key chooses from `speed`: faster (`step` 1) or slower (-1)."""
    if step > 0:
        return next((one for one in SPEEDS if one > speed), FASTEST)
    return next((one for one in reversed(SPEEDS) if one < speed), SLOWEST)


class ReplayClock:
    """Where the replay is: `moment` (ns), moved by the frames' clock at `speed` millionths of it.

    Whole numbers with a remainder: after any number of frames and changes of speed the moment is exact. It stops at
    `end` or, with `loop`, goes on from `begin`.
    """

    def __init__(self, begin: int, end: int, speed: int) -> None:
        self.begin = begin
        self.end = max(begin, end)
        self.moment = begin
        self.speed = min(max(speed, SLOWEST), FASTEST)
        self.playing = False
        self.loop = False
        self._last: int | None = None
        self._rest = 0

    def play(self) -> None:
        """Go on; from the beginning where it stands at the end."""
        if self.moment >= self.end:
            self.moment = self.begin
        self.playing, self._last, self._rest = True, None, 0

    def pause(self) -> None:
        """Stand still."""
        self.playing = False

    def seek(self, moment: int) -> None:
        """Go to a moment within the stretch."""
        self.moment = min(max(moment, self.begin), self.end)
        self._rest = 0

    def tick(self, clock: int) -> None:
        """Take the clock (ns) of a frame."""
        if not self.playing:
            return
        last, self._last = self._last, clock
        if last is None or clock - last > LONGEST_FRAME_NS:
            return
        moved, self._rest = divmod((clock - last) * self.speed + self._rest, MILLION)
        self.moment += moved
        if self.moment >= self.end:
            self._at_end()

    def _at_end(self) -> None:
        if self.loop and self.end > self.begin:
            self.moment = self.begin + (self.moment - self.begin) % (self.end - self.begin)
        else:
            self.moment, self.playing = self.end, False


class ReplayFollow(Follow):
    """The clock of a view that replays. `under` is the one it stands in for, which goes on meanwhile."""

    replays = True

    def __init__(self, under: Follow, clock: ReplayClock, time: Callable[[], int]) -> None:
        super().__init__()
        self.under = under
        self.replay = clock
        self.live = True
        self._time = time
        self._frame = time()
        self.now = self.horizon = clock.moment

    @property
    def clock(self) -> int:
        """The frames' own clock: what has to do with the eye goes by it, however slowly the run is replayed."""
        return self._frame

    def tick(self, now: int, known: int, length: int, steps: bool = False) -> None:
        """Move the replay by its own clock; the one underneath takes `now`."""
        if self.under.live:
            self.under.tick(now, known, length, steps)
        time = self._time()
        self._frame = time // STEP_NS * STEP_NS if steps else time
        self.replay.tick(self._frame)
        self.now = self.horizon = self.replay.moment

    def end(self, last: int) -> None:
        """The run underneath is over, or more of its recording has been read."""
        self.under.end(last)

    def view(self, view: Viewport) -> Viewport:
        """`view`, moved as little as needed so that the now-line is well within it, if it follows."""
        if not self.on:
            return view
        share = (self.now - view.begin) / view.length
        if NEAR <= share <= FAR:
            return view
        return replace(view, begin=self.now - round(view.length * (NEAR if share < NEAR else FAR)))

    def start(self, view: Viewport) -> Viewport:
        """Follow the now-line again."""
        self.on = True
        return self.view(view)

    def moved(self, view: Viewport) -> None:
        """The user has chosen `view`: let go of the now-line if it is no longer in it."""
        self.on = view.begin <= self.now <= view.end

    def behind(self, view: Viewport) -> int:
        """A replay is behind nothing."""
        return 0

    def until(self, end: int) -> int:
        """Nothing after the replayed moment has happened yet."""
        return min(end, self.now)

    def history(self, store: Store) -> "History":
        """The store as it was."""
        return PastHistory(store, self.now)


class PastSeries(Series):
    """The samples of a counter up to a moment (ns)."""

    def __init__(self, series: Series, moment: int) -> None:
        super().__init__(0)
        self._times, self._values = series.times, series.values
        self._count = int(np.searchsorted(self._times, moment, "right"))


class PastHistory:
    """What rows ask of a store, as it was at a moment (ns): what began later is not there, nothing had ended later."""

    def __init__(self, store: Store, moment: int) -> None:
        self._store = store
        self._moment = moment
        self.processes: Mapping[int, Process] = {
            number: self._process(process)
            for number, process in store.processes.items()
            if process.started_ns <= moment
        }
        self.tracks: Mapping[int, Track] = {number: self._track(track) for number, track in store.tracks.items()}
        self.counters: Mapping[int, Series] = {
            number: PastSeries(series, moment)
            for number, series in store.counters.items()
            if len(series) and int(series.times[0]) <= moment
        }
        self.open_spans: list[OpenSpan] = [span for span in store.open_spans if span.start <= moment]

    def depths(self, track: int) -> Iterable[int]:
        """The depths at which a track had begun something."""
        for depth in self._store.depths(track):
            first = self._store.after(track, depth, -1)
            if first is not None and first.start <= self._moment:
                yield depth

    def _process(self, process: Process) -> Process:
        later = process.ended_ns is not None and process.ended_ns > self._moment
        return replace(process, ended_ns=None, died="") if later else process

    def _track(self, track: Track) -> Track:
        later = track.ended_ns is not None and track.ended_ns > self._moment
        return replace(track, ended_ns=None) if later else track
