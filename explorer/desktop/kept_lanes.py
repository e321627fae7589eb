"""Keeps what was chosen of the lanes and of the legend with the scenario, and brings it back with the next run.

A trace made elsewhere has no scenario: it opens with all its lanes, and nothing is kept of it.
"""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from explorer.desktop.control import Control
from explorer.desktop.lane_memory import LaneMemory, key_of
from explorer.desktop.timeline.lane_choices import LaneChoices
from explorer.desktop.timeline.legend import Legend
from explorer.desktop.timeline.view import TimelineView
from explorer.records.states import State

QUIET_MS = 300
"""Changes are written once the hands are still."""


class KeptLanes(QObject):
    """Make it after whatever gives the view its store: the choices belong to the run that has just begun."""

    def __init__(self, control: Control, view: TimelineView, legend: Legend, folder: Path | None) -> None:
        super().__init__(view)
        self._control, self._view, self._legend = control, view, legend
        self._memory = LaneMemory(folder)
        self._scenario: str | None = key_of(control.scenario)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET_MS)
        self._timer.timeout.connect(self.save)
        control.run_began.connect(self._begin)
        view.lanes_changed.connect(self._timer.start)
        legend.chosen_by_hand.connect(self._chosen)

    def save(self) -> None:
        """Write now."""
        self._timer.stop()
        if self._scenario is not None:
            self._memory.keep(self._scenario, self._view.scene.choices)

    def _begin(self) -> None:
        if self._timer.isActive():
            self.save()
        self._scenario = None if self._control.elsewhere else key_of(self._control.scenario)
        choices = LaneChoices() if self._scenario is None else self._memory.of(self._scenario)
        self._view.scene.choices = choices
        self._legend.choose(choices.states)
        self._view.change_lanes(lambda choices: False)
        self._timer.stop()

    def _chosen(self, states: frozenset[State]) -> None:
        self._view.scene.choices.states = states
        self._timer.start()
