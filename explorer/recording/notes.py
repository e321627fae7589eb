"""The notes of a run: what a user wrote to moments of it, kept with its recording.

A note is never rewritten in place: each edit is an entry with a higher number, an empty text takes the note away, and
of several entries of one note the highest counts, in whatever order they come. So a live run appends them to its log,
a finished one keeps them in a file of its own (`note_files`), and both may be read one after the other.

The entries may come from anybody: what is no note is left out, and number and length are bounded.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

TYPE: Final = "notes"
"""`type` of an event of a run's log that holds entries."""
MOST_NOTES: Final = 1_000
LONGEST_TEXT: Final = 1_000
LONGEST_ID: Final = 32
_TIMES: Final = range(-(1 << 62), 1 << 62)
_EDITS: Final = range(1 << 31)


@dataclass(frozen=True, slots=True)
class Note:
    """A note at `time` (ns). `edit` counts its changes; one with an empty text has been deleted."""

    id: str
    time: int
    text: str
    edit: int = 0

    @property
    def entry(self) -> dict[str, Any]:
        """As JSON."""
        return {"id": self.id, "time": self.time, "text": self.text, "edit": self.edit}


class Notes:
    """The notes of one run. `version` changes with them."""

    def __init__(self) -> None:
        self.version = 0
        self._all: dict[str, Note] = {}
        self._shown: tuple[Note, ...] = ()

    @property
    def shown(self) -> Sequence[Note]:
        """Those that are there, by time."""
        return self._shown

    @property
    def event(self) -> dict[str, Any]:
        """All that is known, deletions too, as one event of a run's log."""
        return event_of(self._all.values())

    def __len__(self) -> int:
        return len(self._shown)

    def __bool__(self) -> bool:
        return bool(self._all)

    def get(self, identity: str) -> Note | None:
        """A note by its id, if it is there."""
        note = self._all.get(identity)
        return note if note is not None and note.text else None

    def put(self, time: int, text: str, identity: str = "") -> Note | None:
        """Write a note, or change the one with this id; an empty text deletes it.

        None if there is nothing to do or no room: there are `MOST_NOTES` already.
        """
        text = plain(text)
        before = self._all.get(identity)
        if before is None and (not text or len(self._shown) >= MOST_NOTES):
            return None
        if before is not None and (before.time, before.text) == (time, text):
            return None
        edit = 0 if before is None else before.edit + 1
        note = Note(identity or secrets.token_hex(4), time if text or before is None else before.time, text, edit)
        self._all[note.id] = note
        self._changed()
        return note

    def feed(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Take the notes out of a batch's events."""
        changed = False
        for event in events:
            entries = event.get("notes") if event.get("type") == TYPE else None
            if isinstance(entries, list):
                for entry in entries[: 2 * MOST_NOTES]:
                    changed |= self._take(entry)
        if changed:
            self._changed()

    def _take(self, entry: Any) -> bool:
        note = _parsed(entry)
        if note is None:
            return False
        before = self._all.get(note.id)
        # Twice as many, because deleted ones are remembered too.
        if before.edit >= note.edit if before is not None else len(self._all) >= 2 * MOST_NOTES:
            return False
        self._all[note.id] = note
        return True

    def _changed(self) -> None:
        there = sorted((note for note in self._all.values() if note.text), key=lambda note: (note.time, note.id))
        self._shown = tuple(there[:MOST_NOTES])
        self.version += 1


def event_of(notes: Iterable[Note]) -> dict[str, Any]:
    """Notes as an event of a run's log."""
    return {"type": TYPE, "notes": [note.entry for note in notes]}


def plain(text: str) -> str:
    """`text` as a note may hold it: one line, without control characters, not too long."""
    words = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST_TEXT])
    return " ".join(words.split())[:LONGEST_TEXT]


def _parsed(entry: Any) -> Note | None:
    if not isinstance(entry, dict):
        return None
    match (entry.get("id"), entry.get("time"), entry.get("text"), entry.get("edit")):
        case (str(identity), int(time), str(text), int(edit)):
            good = 0 < len(identity) <= LONGEST_ID and time in _TIMES and edit in _EDITS
            return Note(identity, int(time), plain(text), int(edit)) if good else None
    return None
