"""What the timeline tells of itself, once, when it is new: what is in view, how far behind, which states there are."""

from typing import TYPE_CHECKING, Final

from explorer.records.states import State

if TYPE_CHECKING:
    from explorer.desktop.timeline.view import TimelineView

BEHIND_EVERY_NS: Final = 100_000_000


class Telling:
    """Emits the signals of one view."""

    def __init__(self, view: "TimelineView") -> None:
        self._view = view
        self._shown: tuple[int, int] = (0, 0)
        self._behind = 0
        self._states: frozenset[State] = frozenset()

    def again(self) -> None:
        """Say how far behind the view is, also if it said so last."""
        self._behind = -BEHIND_EVERY_NS

    def tell(self) -> None:
        """Say what is in view, and how far behind the present that is, to a tenth of a second."""
        scene = self._view.scene
        view = scene.view
        if (view.begin, view.end) != self._shown:
            self._shown = (view.begin, view.end)
            self._view.view_changed.emit(view.begin, view.end)
        behind = scene.follow.behind(view)
        if abs(behind - self._behind) >= BEHIND_EVERY_NS or (behind == 0) != (self._behind == 0):
            self._behind = behind
            self._view.behind.emit(behind / 1e9)

    def tell_states(self) -> None:
        """Say which states this run can meet."""
        offered = self._view.scene.offered
        if offered != self._states:
            self._states = offered
            self._view.states_met.emit(offered)
