"""Notes on the timeline: flags on the axis that can be written, read, moved and deleted, by hand and by keyboard."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.axis import decimals
from explorer.desktop.timeline.hands import DRAG_FROM
from explorer.desktop.timeline.scene import NoteMarker
from explorer.desktop.widgets.button import ghost_button
from explorer.desktop.widgets.entry import Entry
from explorer.desktop.widgets.label import IconLabel
from explorer.desktop.widgets.paint import draw_box
from explorer.desktop.widgets.tip import tip
from explorer.desktop.words import moment
from explorer.recording.notes import LONGEST_TEXT, Note, Notes

if TYPE_CHECKING:
    from explorer.desktop.timeline.view import TimelineView

WIDTH: Final = 300
LISTED: Final = 60
"""Letters of a note in the list."""
Put = Callable[[int, str, str], object]
"""Time (ns), text, and the id of the note that is changed, or nothing."""


class NoteEditor(QWidget):
    """One line below the axis: Enter keeps what was written, and so does going elsewhere; Esc gives it up.

    `done(time, text, id)` follows; an empty text deletes the note.
    """

    done = Signal(object, str, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._time = 0
        self._id = ""
        self._before = ""
        self.entry = Entry(theme, 13, parent=self)
        self.entry.setMaxLength(LONGEST_TEXT)
        self.entry.installEventFilter(self)
        self.entry.entered.connect(self.keep)
        self.entry.left.connect(self.keep)
        self.entry.escaped.connect(self.give_up)
        self.delete = ghost_button(theme, "Delete", height=24)
        self.delete.setToolTip("Deletes this note (Delete, while its whole text is selected)")
        self.delete.clicked.connect(self.remove)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 4, 4)
        row.setSpacing(8)
        row.addWidget(IconLabel(theme, "bookmark", 14, "accent"))
        row.addWidget(self.entry, 1)
        row.addWidget(self.delete)
        theme.changed.connect(self.update)
        self.hide()

    def ask(self, time: int, words: str, note: Note | None, x: int, y: int) -> None:
        """Write a note at a time (ns; `words` say it), or change one; at a place of the parent."""
        if self.isVisible():
            self.keep()
        self._time, self._id, self._before = time, note.id if note else "", note.text if note else ""
        self.entry.setText(self._before)
        self.entry.setPlaceholderText(f"Note at {words}")
        self.entry.setAccessibleName(f"Note at {words}")
        self.entry.setAccessibleDescription("Enter keeps it, Escape gives it up.")
        self.delete.setVisible(note is not None)
        parent = self.parentWidget()
        room = parent.width() if parent is not None else WIDTH
        self.resize(min(self._theme.px(WIDTH), room - 8), self._theme.px(36))
        self.move(max(4, min(x, room - self.width() - 4)), y)
        self.show()
        self.raise_()
        self.entry.setFocus(Qt.FocusReason.OtherFocusReason)

    def keep(self) -> None:
        """Keep what is written; nothing if that is what was there."""
        if not self.isVisible() or self.delete.hasFocus():
            return
        text, changed = self.entry.text().strip(), self.entry.text() != self._before
        self._close()
        if changed and (text or self._id):
            self.done.emit(self._time, text, self._id)

    def give_up(self) -> None:
        """Leave the note as it was."""
        self._close()

    def remove(self) -> None:
        """Delete the note."""
        self._close()
        if self._id:
            self.done.emit(self._time, "", self._id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc, where there is nothing to give up, closes as well."""
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Delete, while the whole text is chosen as on opening, deletes the note."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Delete:
            untouched = not self.entry.isModified() and self.entry.selectedText() == self._before
            if self._id and untouched:
                self.remove()
                return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """A field with an accent outline."""
        painter = QPainter(self)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        draw_box(painter, box, 6, self._theme.color("raised"), self._theme.color("accent"))
        painter.end()

    def _close(self) -> None:
        self.hide()
        self.entry.setModified(False)
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus(Qt.FocusReason.OtherFocusReason)


class NoteHands(QObject):
    """Writes and moves the notes of a view; `put` is told what the user wants."""

    def __init__(self, theme: Theme, view: "TimelineView", put: Put) -> None:
        super().__init__(view)
        self._view = view
        self._scene = view.scene
        self._axis = view.axis
        self._put = put
        self._pressed: NoteMarker | None = None
        self._from = 0.0
        self._moved = False
        self.editor = NoteEditor(theme, view)
        self.editor.done.connect(lambda time, text, identity: put(time, text, identity))
        self._pointer: float | None = None
        """Where the pointer is over the lanes, px."""
        self._axis.installEventFilter(self)
        view.lanes.installEventFilter(self)

    @property
    def notes(self) -> Notes | None:
        """What is shown."""
        return self._scene.notes

    def place(self) -> int | None:
        """Where a new note goes (ns): to the now-line of a replay, the pointer over the lanes, the selected span, the
        keyboard's cursor, the present while it is followed, else to the middle of the view. None: there is no run.
        """
        scene, view = self._scene, self._scene.view
        if scene.store is None:
            return None
        if scene.follow.replays:
            return scene.follow.now
        if self._pointer is not None:
            return view.time(self._pointer)
        if scene.selection.span is not None:
            return scene.selection.span.start
        if scene.cursor is not None and scene.cursor_shown:
            return scene.cursor.start
        return scene.follow.now if self._view.following else view.time(view.width / 2)

    def ask(self) -> None:
        """Write a note there."""
        time = self.place()
        if time is not None:
            self._open(time, None)

    def edit(self, note: Note) -> None:
        """Go to a note and change it."""
        view = self._scene.view
        if not view.begin <= note.time <= view.end:
            self._view.set_following(False)
            self._view.look(view.revealing(note.time, note.time))
        self._open(note.time, note)

    def menu(self, parent: QWidget) -> QMenu:
        """The notes as a list; choosing one goes there."""
        menu = QMenu(parent)
        menu.setToolTipsVisible(True)
        for note in self.notes.shown if self.notes is not None else ():
            text = note.text if len(note.text) <= LISTED else f"{note.text[: LISTED - 1]}…"
            words = f"{moment(note.time - self._scene.origin, 3)}   {text}"
            action = menu.addAction(words.replace("&", "&&"))
            action.setToolTip(tip(note.text))
            action.triggered.connect(lambda _=False, note=note: self.edit(note))
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on a note's flag changes the note, dragging it moves it."""
        if watched is not self._axis:
            if isinstance(event, QMouseEvent):
                self._pointer = event.position().x()
            elif event.type() is QEvent.Type.Leave:
                self._pointer = None
            return False
        if not isinstance(event, QMouseEvent):
            return False
        kind, x = event.type(), event.position().x()
        if kind is QEvent.Type.MouseButtonPress and event.button() is Qt.MouseButton.LeftButton:
            marker = self._axis.flag_at(x)
            self._pressed = marker if isinstance(marker, NoteMarker) else None
            self._from, self._moved = x, False
            return self._pressed is not None
        if kind is QEvent.Type.MouseMove and self._pressed is not None:
            self._moved |= abs(x - self._from) >= DRAG_FROM
            if self._moved:
                self._axis.setCursor(Qt.CursorShape.ClosedHandCursor)
                self._axis.show_moved(self._pressed, self._time(x))
            return True
        if kind is QEvent.Type.MouseButtonRelease and self._pressed is not None:
            self._release(x)
            return True
        return False

    def _release(self, x: float) -> None:
        time = self._time(x)
        marker, self._pressed = self._pressed, None
        self._axis.unsetCursor()
        self._axis.show_moved(None, 0)
        note = self.notes.get(marker.id) if marker is not None and self.notes is not None else None
        if note is None:
            return
        if self._moved:
            self._put(time, note.text, note.id)
        else:
            self._open(note.time, note)

    def _time(self, x: float) -> int:
        """The time under the flag's line, which was held at some distance."""
        view, marker = self._scene.view, self._pressed
        start = view.x(marker.time) if marker is not None else self._from
        return view.time(start + x - self._from)

    def _open(self, time: int, note: Note | None) -> None:
        scene = self._scene
        words = moment(time - scene.origin, decimals(scene.view.ns_per_px))
        place = self._axis.mapTo(self._view, QPoint(self._axis.header + round(scene.view.x(time)), self._axis.height()))
        self.editor.ask(time, words, note, place.x(), place.y() + 4)
