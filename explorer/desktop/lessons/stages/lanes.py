"""A lesson's lanes: the real timeline, which shows by itself what the lesson watches, and lets the rest fade."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.lessons.stages.fading import Veil
from explorer.desktop.lessons.stages.lane_names import LaneNames
from explorer.desktop.lessons.watched_rows import MANY, faded, named, watched_rows
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.layout import Density
from explorer.desktop.timeline.rows import Row
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.timeline.viewport import Viewport
from explorer.lessons.lesson import Watch
from explorer.records.clock import now_ns

AHEAD = 0.03
"""Share of what is watched that is shown before the first request, and after its end."""
LONGER = 2.0
"""A run that took up to so many times what is watched is shown to its end."""
HEADER = 150
"""Room for "Waiting for a thread"."""


class LessonLanes(QWidget):
    """Shows the run of `control`. Until somebody moves it, the view stays on what `watch` names."""

    def __init__(self, theme: Theme, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._watch = Watch()
        self._held: Viewport | None = None
        self._faded: set[str] = set()
        self.view = TimelineView(theme)
        self.view.set_header_width(HEADER)
        self.view.scene.rows_shown = self._rows
        self._veils = (
            Veil(theme, self.view.scene, self.view.lanes, lambda: self._faded, "bg"),
            Veil(theme, self.view.scene, self.view.headers, lambda: self._faded, "panel"),
        )
        self.names = LaneNames(theme, self.view.scene, self.view.headers, lambda: self._faded)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)

    @property
    def first_send(self) -> int | None:
        """When the first request was sent, ns; None before."""
        return self._control.statistics.load.first_send or None

    def show_run(self, watch: Watch) -> None:
        """Another run is on the screen."""
        control, view = self._control, self.view
        self._watch, self._held = watch, None
        view.scene.zero = None
        view.set_store(control.store, live=control.state != "viewing", events=control.events, locks=control.locks)
        view.set_density(Density.AUTO)
        if view.following and watch.seconds:
            view.zoom(watch.seconds * 1e9 / view.length_ns)

    def frame(self) -> None:
        """Paint what is new."""
        control = self._control
        live = control.state in ("starting", "running", "stopping")
        self._hold()
        self.view.frame(now_ns() if live else (control.store.last or now_ns()))
        for veil in self._veils:
            veil.raise_()
        self.names.raise_()

    def settle(self) -> None:
        """The run has ended: stay on what was watched."""
        self.view.set_live(False)
        load, watch = self._control.statistics.load, self._watch
        took = (load.last_answer - load.first_send) / 1e9 if load.first_send else 0.0
        if not watch.seconds:
            self.view.fit()
        elif watch.seconds < took < LONGER * watch.seconds:  # a slow machine: the end is what was asked for
            self._watch = replace(watch, seconds=took * (1 + AHEAD))
        self.frame()

    def x_of(self, seconds: float) -> float | None:
        """The pixel of a moment in this widget; None before the first request."""
        first = self.first_send
        if first is None:
            return None
        return self.view.lanes.x() + self.view.scene.view.x(first + round(seconds * 1e9))

    def _hold(self) -> None:
        first, scene = self.first_send, self.view.scene
        if first is None:
            return
        scene.zero = first
        if not self._watch.seconds:
            return
        length = round(self._watch.seconds * 1e9)
        wanted = scene.view.showing(first - round(AHEAD * length), first + round((1 + AHEAD) * length), 0.0)
        if self._held is None:
            self.view.set_following(False)
        elif scene.view not in (self._held, wanted) and scene.view.width == self._held.width:
            return  # somebody looks elsewhere
        if scene.view != wanted:
            scene.view = wanted
            self.view.view_changed.emit(wanted.begin, wanted.end)
        self._held = wanted

    def _rows(self, rows: list[Row]) -> list[Row]:
        words, tracks = self._watch.lanes, self._control.store.tracks
        shown = watched_rows(rows, words, tracks)
        self._faded = faded(shown, words, tracks)
        crowded = len(named(shown, words, tracks)) > MANY
        self.view.scene.density = Density.WHOLE if words and crowded else Density.AUTO
        return shown

    @property
    def faded(self) -> Sequence[str]:
        """The keys of the rows that are left at 40 %."""
        return tuple(sorted(self._faded))
