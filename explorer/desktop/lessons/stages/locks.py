"""The middle of a lesson about locks: the lab's own lanes over its lock tracks, and a circle that is found and broken.

The run is the lab's scenario on the window's own session, judged from the same records by the lab's own judge.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.collect.source import Batch
from explorer.desktop.control import Control
from explorer.desktop.labs.locks.circles import Circles
from explorer.desktop.labs.locks.lanes import LabLanes
from explorer.desktop.labs.locks.source import shown_lines
from explorer.desktop.labs.locks.value_track import ValueTrack
from explorer.desktop.labs.locks.values import first_lost
from explorer.desktop.labs.locks.watched import Watched
from explorer.desktop.labs.locks.words import WORDS
from explorer.desktop.lessons.code_of import Listing
from explorer.desktop.lessons.stages.lanes import HEADER
from explorer.desktop.lessons.stages.server import ServerStage
from explorer.desktop.lessons.stages.stage import Mark
from explorer.desktop.theme import Theme
from explorer.labs.locks.lock_scenario import LockScenario, is_cured
from explorer.labs.locks.outcome import verdict_of
from explorer.lessons.lesson import Lesson, Run
from explorer.lessons.runs import lock_scenario_of
from explorer.scenario import Scenario


class LocksStage(ServerStage):
    """Around the lab's lanes."""

    timed = False

    def __init__(self, theme: Theme, control: Control, parent: QWidget | None = None) -> None:
        self._lab: LockScenario | None = None
        self._served: Scenario | None = None
        self._watched: Watched | None = None
        self._circles: Circles | None = None
        super().__init__(theme, control, parent)
        control.bridge.consumers.append(self._consume)

    def _make_lanes(self) -> LabLanes:
        lanes = LabLanes(self._theme, self._control)
        lanes.view.set_header_width(HEADER)
        return lanes

    def _make_shown(self) -> QWidget:
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.value = ValueTrack(self._theme, self.lanes.view)
        column.addWidget(self.lanes, 1)
        column.addWidget(self.value)
        return shown

    @property
    def listings(self) -> tuple[Listing, ...]:
        """The functions that the scenario's requests run, those of the cure if it is cured."""
        lab, served = self._lab, self._served
        if lab is None or served is None:
            return ()
        written = WORDS[lab.id].functions["written"]
        functions = WORDS[lab.id].functions
        cure = str(getattr(served.workload.knobs, "cure", "cured"))
        names = functions.get(cure, functions.get("cured", written)) if is_cured(served) else written
        lines = shown_lines(lab.source, names, written if is_cured(served) else ())
        return (Listing(f"{lab.source.parent.name}/{lab.source.name}", tuple(tuple(some) for some in lines)),)

    def show_marks(self, marks: Sequence[Mark], draggable: bool) -> None:
        """Moments are not what is asked for here."""

    def so_far(self) -> Mapping[str, Any] | None:
        """What the lab's judge says up to now."""
        return self._judged() if self.run.state == "running" and self._control.store.count else None

    def _scenario(self, lesson: Lesson, run: Run) -> Scenario:
        self._lab, scenario = lock_scenario_of(self._control.catalog, run)
        self._served = scenario
        return scenario

    # -- the run ---------------------------------------------------------------------------------------------------

    def _show_run(self, lesson: Lesson) -> None:
        lanes, lab, served = self.lanes, self._lab, self._served
        assert isinstance(lanes, LabLanes)
        assert lab is not None
        assert served is not None
        words = WORDS[lab.id]
        self._watched = Watched(live=True)
        self._circles = Circles(self._watched)
        lanes.tasks = served.dispatch.id == "coroutine"
        lanes.counters, lanes.most = words.counters, words.threads
        lanes.length_ns = round((lesson.watch.seconds or words.seconds) * 1e9)
        lanes.show_run()
        self.value.counter = words.value
        self.value.setVisible(bool(words.value) and not is_cured(served))

    def _consume(self, batch: Batch) -> None:
        watched = self._watched
        if watched is not None and self.run.state:
            watched(batch)

    def _frame(self) -> None:
        super()._frame()
        if self.run.state:
            self.value.update()
            self._look_for_circles()

    def _look_for_circles(self) -> None:
        """Show a circle that has closed; after a moment let the one who closed it go, so that the run goes on."""
        found = self._circles.look(self._control.session) if self._circles is not None else None
        if found is not None and isinstance(self.lanes, LabLanes):
            self.lanes.show_deadlock(found, look=True)

    def _judged(self) -> Mapping[str, Any] | None:
        watched, lab, served = self._watched, self._lab, self._served
        if watched is None or lab is None or served is None:
            return None
        return watched.ask(lambda evidence: verdict_of(lab, evidence, served).as_json())

    def _figures(self) -> Mapping[str, Any]:
        if self._watched is not None:
            self._watched.ask(lambda evidence: evidence.watch.look_back())
        return self._judged() or {}

    def _settle(self) -> None:
        lanes, watched = self.lanes, self._watched
        assert isinstance(lanes, LabLanes)
        view = lanes.view
        view.set_live(False)
        series = self.value.series(self._control.store) if self.value.counter else None
        lost = first_lost(series) if series is not None else None
        found = watched.deadlocks if watched is not None else []
        if found:
            lanes.show_deadlock(found[-1], look=True)
        elif lost is not None:
            view.show_time(*lost)
        elif lanes.extent is not None:
            view.look(view.scene.view.showing(*lanes.extent, 0.06))
        lanes.frame()
