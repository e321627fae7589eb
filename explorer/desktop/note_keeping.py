"""Where the notes of what is on the screen are kept: in the log of a live run, else in its recording."""

import asyncio
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from explorer.desktop.control import Control
from explorer.option_error import OptionError
from explorer.recording import note_files
from explorer.recording.notes import MOST_NOTES, Note, Notes, event_of

NOT_KEPT: Final = "The note is not in the recording"
FULL: Final = f"There are {MOST_NOTES:,} notes already. Delete one first."
LOST: Final = "The note cannot be kept anywhere on this computer ({}). It shows until the window closes; save a copy."


class NoteKeeping(QObject):
    """Puts notes into the model at once and onto the disk behind it. `changed` follows every change of the notes."""

    changed = Signal()

    def __init__(self, control: Control, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._key = ""
        self._wanted: tuple[Path, str, dict[str, Any]] | None = None
        self._writing: asyncio.Task[None] | None = None
        self._told = ""
        self._shown: tuple[Notes, int] | None = None
        control.run_began.connect(self._begin)
        control.state_changed.connect(self._state_changed)
        control.bridge.framed.connect(self._look)

    @property
    def notes(self) -> Notes:
        """The notes of what is on the screen."""
        return self._control.notes

    def put(self, time: int, text: str, identity: str = "") -> Note | None:
        """Write, change or (with an empty text) delete a note."""
        full = not identity and len(self.notes) >= MOST_NOTES
        note = self.notes.put(time, text, identity)
        if note is None:
            if full and text.strip():
                self._control.went_wrong.emit(NOT_KEPT, FULL)
            return None
        control = self._control
        if control.session is not None and control.state in ("starting", "running", "stopping"):
            control.session.annotate(event_of([note]))
        else:
            self._write()
        self._look()
        return note

    async def settled(self) -> None:
        """Wait until everything is on the disk."""
        while self._writing is not None and not self._writing.done():
            await asyncio.wait([self._writing])

    def _begin(self) -> None:
        self._key = self._told = ""
        path = self._control.source_path
        if path is not None:
            try:
                self._key = note_files.key_of(path)
            except OptionError:
                pass  # it will be said of the recording itself
            else:
                self.notes.feed(note_files.read_aside(self._key))
        self._look()

    def _state_changed(self, state: str) -> None:
        # What was written while the recorder came to its end may not be in the log any more.
        if state == "stopped" and self._control.session is not None and self.notes:
            self._write()

    def _look(self) -> None:
        notes = self.notes
        if self._shown is None or self._shown[0] is not notes or self._shown[1] != notes.version:
            self._shown = (notes, notes.version)
            self.changed.emit()

    def _write(self) -> None:
        session = self._control.session
        path = session.run if session is not None else self._control.source_path
        if path is None:
            return
        event = self.notes.event
        if self._key and session is None:
            try:
                note_files.keep_aside(self._key, event)  # at once: copying an archive may take a second
            except OSError as error:
                self._tell(LOST.format(error.strerror or error))
        self._wanted = (path, self._key, event)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_wanted())

    async def _write_wanted(self) -> None:
        """Write the newest state until there is nothing newer: what was typed meanwhile is written once."""
        while self._wanted is not None:
            (path, key, event), self._wanted = self._wanted, None
            try:
                await asyncio.to_thread(note_files.write, path, event)
            except OptionError as error:
                self._tell(str(error))
            else:
                if key and self._wanted is None:
                    note_files.forget_aside(key)

    def _tell(self, sentence: str) -> None:
        if sentence != self._told:  # once is enough for all notes of a recording
            self._told = sentence
            self._control.went_wrong.emit(NOT_KEPT, sentence)
