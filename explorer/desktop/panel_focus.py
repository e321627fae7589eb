"""F6: the keyboard goes from panel to panel."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def go_on(panels: Sequence[QWidget], whole: QWidget) -> None:
    """Give the keyboard to the next panel that is shown; `whole` is the one that takes it as a whole."""
    shown = [panel for panel in panels if panel.isVisible()]
    focus = QApplication.focusWidget()
    inside = [focus is not None and (focus is panel or panel.isAncestorOf(focus)) for panel in shown]
    at = inside.index(True) if True in inside else -1
    target = shown[(at + 1) % len(shown)]
    if target is not whole:
        target.focusNextChild()
    target.setFocus(Qt.FocusReason.ShortcutFocusReason)
