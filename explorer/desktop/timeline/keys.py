"""What the keys do while the timeline has the focus. The window's commands say the same; this is for when it alone is
there.
"""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

if TYPE_CHECKING:
    from explorer.desktop.timeline.view import TimelineView

PAN: Final = 0.1
ZOOM: Final = 1.25
FASTER: Final = 5
FAST: Final = frozenset({int(key) for key in (Qt.Key.Key_W, Qt.Key.Key_A, Qt.Key.Key_S, Qt.Key.Key_D)})
STEPS: Final = {int(Qt.Key.Key_Left): -1, int(Qt.Key.Key_Right): 1}


class Keys:
    """Turns key presses into moves of a view."""

    def __init__(self, view: "TimelineView") -> None:
        self._view = view

    def press(self, event: QKeyEvent) -> bool:
        """Act on a key; False if it means nothing here."""
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if self._range(event, modifiers) or self._back_and_forward(event, modifiers):
            return True
        if modifiers & ~Qt.KeyboardModifier.ShiftModifier:
            return False
        times = FASTER if modifiers & Qt.KeyboardModifier.ShiftModifier else 1
        view, key = self._view, Qt.Key(event.key())
        match key:
            case Qt.Key.Key_W:
                view.zoom(ZOOM**-times)
            case Qt.Key.Key_S:
                view.zoom(ZOOM**times)
            case Qt.Key.Key_A:
                view.pan(-PAN * times)
            case Qt.Key.Key_D:
                view.pan(PAN * times)
            case Qt.Key.Key_F:
                view.toggle_following()
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                view.zoom_in()
            case Qt.Key.Key_Minus:
                view.zoom_out()
            case Qt.Key.Key_Home:
                view.go_begin()
            case Qt.Key.Key_End:
                view.go_now()
            case Qt.Key.Key_Left:
                view.step_span(-1)
            case Qt.Key.Key_Right:
                view.step_span(1)
            case Qt.Key.Key_Up:
                view.step_row(-1)
            case Qt.Key.Key_Down:
                view.step_row(1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                view.select_cursor()
            case Qt.Key.Key_Z:
                view.zoom_to_selection()
            case Qt.Key.Key_Escape:
                return view.clear()
            case _:
                return False
        return True

    def press_letter(self, event: QKeyEvent) -> bool:
        """Act on a letter with Shift, which moves five times as far; False if it is none of ours."""
        return event.modifiers() == Qt.KeyboardModifier.ShiftModifier and event.key() in FAST and self.press(event)

    def _range(self, event: QKeyEvent, modifiers: Qt.KeyboardModifier) -> bool:
        """B and Shift+B set the ends of the range; Shift and arrows take in spans."""
        chosen, shift = self._view.range, Qt.KeyboardModifier.ShiftModifier
        if event.key() == Qt.Key.Key_B and not modifiers & ~shift:
            if modifiers:
                chosen.end_here()
            else:
                chosen.begin_here()
        elif modifiers == shift and event.key() in STEPS:
            chosen.step(STEPS[event.key()])
        else:
            return False
        return True

    def _back_and_forward(self, event: QKeyEvent, modifiers: Qt.KeyboardModifier) -> bool:
        if modifiers != Qt.KeyboardModifier.AltModifier or event.key() not in STEPS:
            return False
        if STEPS[event.key()] < 0:
            self._view.go_back()
        else:
            self._view.go_forward()
        return True
