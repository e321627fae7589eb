"""Leads to a request and along its way: a click on a dot, the next slower one by key, a step of the way, a setting to
try, the source of what ran.
"""

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer.analysis.critical_path import by_latency
from explorer.desktop.control import Control
from explorer.desktop.panels.inspector import Inspector
from explorer.desktop.panels.metrics import MetricStrip
from explorer.desktop.panels.request.advice import Change
from explorer.desktop.panels.request.path_words import Step
from explorer.desktop.panels.request.source_window import SourceWindow, source_files
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView

NONE = "There is no request that is over: run something, or open a recording of a run."
GONE = "This request is no longer in memory: the history that is kept begins after it."


class RequestsGuide(QObject):
    """Connects what leads to requests. `unknown(sentence)` says why it cannot lead to one."""

    unknown = Signal(str)

    def __init__(
        self, theme: Theme, control: Control, timeline: TimelineView, inspector: Inspector, metrics: MetricStrip
    ) -> None:
        super().__init__(timeline)
        self._theme = theme
        self._control = control
        self._timeline = timeline
        metrics.dot_clicked.connect(self.show)
        page = inspector.page
        page.step_asked.connect(self._go)
        page.change_asked.connect(self._try)
        page.source_asked.connect(self._show_source)
        control.scenario_changed.connect(lambda: page.source.setVisible(bool(source_files(control.scenario))))

    def show(self, request: int) -> None:
        """Select a request and bring it into view, which stays there."""
        if not self._control.store.request(request):
            self.unknown.emit(GONE)
            return
        self._timeline.set_following(False)
        self._timeline.select_request(request)

    def step(self, direction: int) -> None:
        """To the next slower request (1), or to the next faster (-1); with none selected, to the slowest."""
        known = by_latency(self._control.store)
        if not len(known):
            self.unknown.emit(NONE)
            return
        at = np.flatnonzero(known == self._timeline.scene.selection.request)
        place = int(at[0]) + direction if len(at) else len(known) - 1
        self.show(int(known[min(max(place, 0), len(known) - 1)]))

    def _go(self, step: Step) -> None:
        timeline = self._timeline
        timeline.set_following(False)
        timeline.look(timeline.scene.view.revealing(step.start, step.end))
        placed = timeline.scene.layout.of_track(step.track)
        if placed is not None and not timeline.scene.in_sight(placed):
            timeline.scroll_to(timeline.scene.scroll_to_see(placed))

    def _try(self, change: Change) -> None:
        self._control.change(change.section, change.key, change.value)

    def _show_source(self) -> None:
        SourceWindow(self._theme, self._control.scenario, self._timeline.window()).show()
