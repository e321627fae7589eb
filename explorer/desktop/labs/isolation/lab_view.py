"""What a tab of the isolation lab is: a widget that is told when it is shown and which schedule is chosen."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class LabView(QWidget):
    """`run_asked(schedule id, level)`: show that run. `compare_asked(schedule id, level, other level)`: both, side by
    side. `chosen(schedule id)`: this one is looked at now; the other tabs follow.
    """

    run_asked = Signal(str, str)
    compare_asked = Signal(str, str, str)
    chosen = Signal(str)

    def enter(self) -> None:
        """The tab is shown now."""

    def show_schedule(self, identity: str, levels: tuple[str, ...] = ()) -> None:
        """This schedule was chosen elsewhere, at these levels if any."""

    def show_chosen(self, identity: str) -> None:
        """This schedule is looked at on another tab: look at it as well."""
        self.show_schedule(identity)

    def take_back(self) -> bool:
        """Esc: take one thing back; False when there is nothing, so that the page is left."""
        return False

    def space(self) -> None:
        """The space bar, whatever has the keyboard but a field: run, or pause."""
