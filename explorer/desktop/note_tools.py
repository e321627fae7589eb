"""The buttons of the notes among the timeline's tools, and what joins timeline, notes and their keeping."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.note_keeping import NoteKeeping
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.notes import NoteHands
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.button import Button, ButtonKind, ghost_button


class NoteTools(QWidget):
    """A button that writes a note, and one with their number that lists them while there are any."""

    def __init__(self, theme: Theme, control: Control, view: TimelineView) -> None:
        super().__init__()
        self._view = view
        self.keeping = NoteKeeping(control, self)
        self.hands = NoteHands(theme, view, self.keeping.put)
        self.write = ghost_button(theme, icon="bookmark", name="Write a note (M)")
        self.list = Button(theme, "0", icon="list", kind=ButtonKind.GHOST, name="Notes of this run")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in (self.write, self.list):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.write.clicked.connect(lambda: self.hands.ask())
        self.list.clicked.connect(self._list)
        self.keeping.changed.connect(self._show)
        self._show()

    def _list(self) -> None:
        menu = self.hands.menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.list.mapToGlobal(QPoint(0, self.list.height() + 2)))

    def _show(self) -> None:
        notes = self.keeping.notes
        self._view.show_notes(notes)
        self.list.setVisible(bool(notes.shown))
        self.list.set_text(f"{len(notes):,}")
        self.list.set_name(f"Notes of this run: {len(notes):,}")
