"""The legend under a lesson's lanes: each state that it shows has its name, in a low window as well."""

from collections.abc import Set

from explorer.desktop.timeline.legend import BEHIND_TITLE, MARGIN, SPACING, Legend
from explorer.records.states import State

EDGES = 4
"""What a dense legend leaves free at its two ends, px."""


class StageLegend(Legend):
    """A dense one: the room that others leave between the states and at their ends is for names, and a sample for which
    there is no name left stays away.
    """

    def set_states(self, states: Set[State]) -> None:
        """Which states are listed."""
        self._listed = frozenset(states)
        super().set_states(self._listed)

    def _fit(self) -> None:
        for state in self._listed:
            self._entries[state].show()
        super()._fit()
        for entry in self._entries.values():
            if not entry.text():
                entry.hide()

    def _room(self) -> int:
        shown = sum(not entry.isHidden() for entry in self._entries.values())
        free = 2 * MARGIN - EDGES + SPACING * (shown + 2) + (BEHIND_TITLE if self._title.isHidden() else 0)
        return super()._room() + free
