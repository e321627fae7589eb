"""Notes: what is kept of them, in what order edits count, and that neither a crash nor a hostile file loses or forges
one.
"""

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.collect.source import Batch
from explorer.option_error import OptionError
from explorer.progress import Cancelled
from explorer.recording import note_files
from explorer.recording.archive import save
from explorer.recording.copies import save_copy
from explorer.recording.file_source import FileSource
from explorer.recording.notes import LONGEST_TEXT, MOST_NOTES, Notes, event_of, plain
from explorer.recording.shorten import shorten
from explorer.recording.writer import RecordingWriter
from tests.unit.recording.importers.opened import slice_, trace
from tests.unit.recording.runs import batches, read_all, run_json


def texts(notes: Notes) -> list[str]:
    return [note.text for note in notes.shown]


def read(path: Path) -> Notes:
    """The notes of a recording, as a window gets them."""
    notes = Notes()
    for batch in read_all(FileSource(path)):
        notes.feed(batch.events)
    return notes


def recorded(folder: Path, *events: dict[str, Any], end: bool = True) -> Path:
    """A run with these events in its log; without `end` its recorder was killed after the last flush."""
    writer = RecordingWriter(run_json(folder))
    for number, batch in enumerate(batches(40)):
        if number < len(events):
            batch.events.append(events[number])
        writer.feed(batch)
    if end:
        writer.close()
    else:
        writer.flush()
        writer._log.close()
        for segment in writer._segments:
            segment.close()
    return folder


def test_notes_are_there_by_time_and_can_be_changed_moved_and_deleted() -> None:
    notes = Notes()
    late, early = notes.put(20, "late"), notes.put(10, "early")
    assert late is not None
    assert early is not None
    assert texts(notes) == ["early", "late"]
    notes.put(5, "first now", late.id)
    assert texts(notes) == ["first now", "early"]
    assert notes.put(5, "first now", late.id) is None, "nothing has changed"
    notes.put(5, "", late.id)
    assert texts(notes) == ["early"]
    assert notes.get(late.id) is None
    assert notes.put(1, "  ") is None


@given(st.permutations(range(4)))
def test_edits_count_by_number_in_whatever_order_they_come(order: list[int]) -> None:
    source, edits = Notes(), []
    first = source.put(1, "a")
    assert first is not None
    for note in (first, source.put(2, "b", first.id), source.put(2, "", first.id), source.put(3, "c", first.id)):
        assert note is not None
        edits.append(event_of([note]))
    notes = Notes()
    for at in order:
        notes.feed([edits[at]])
    assert [(note.time, note.text) for note in notes.shown] == [(3, "c")]


def test_a_deleted_note_does_not_come_back_from_an_older_file() -> None:
    notes = Notes()
    note = notes.put(1, "x")
    assert note is not None
    before = notes.event
    notes.put(1, "", note.id)
    notes.feed([before])
    assert texts(notes) == []


def test_text_is_one_line_of_bounded_length() -> None:
    assert plain("  two\nlines\tand\x1b[31m \u202e<b>tags</b> ") == "two lines and [31m <b>tags</b>"
    assert len(plain("x" * 10_000_000)) == LONGEST_TEXT
    notes = Notes()
    for number in range(MOST_NOTES + 5):
        notes.put(number, "n")
    assert len(notes) == MOST_NOTES


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {},
        {"id": "", "time": 1, "text": "x", "edit": 0},
        {"id": "a" * 99, "time": 1, "text": "x", "edit": 0},
        {"id": "a", "time": "1", "text": "x", "edit": 0},
        {"id": "a", "time": 1 << 70, "text": "x", "edit": 0},
        {"id": "a", "time": 1, "text": 5, "edit": 0},
        {"id": "a", "time": 1, "text": "x", "edit": -1},
        {"id": "a", "time": 1.5, "text": "x", "edit": 0},
    ],
)
def test_what_is_no_note_is_left_out(entry: object) -> None:
    notes = Notes()
    notes.feed([{"type": "notes", "notes": [entry]}, {"type": "notes"}, {"type": "notes", "notes": 3}, {}])
    assert not notes
    assert notes.version == 0


def test_a_flood_of_entries_is_bounded() -> None:
    notes = Notes()
    for part in range(20):
        entries = [{"id": f"{part}-{n}", "time": n, "text": "x", "edit": 0} for n in range(MOST_NOTES)]
        notes.feed([{"type": "notes", "notes": entries}])
    assert len(notes) == MOST_NOTES
    assert len(notes.event["notes"]) <= 2 * MOST_NOTES


def live() -> tuple[Notes, list[dict[str, Any]]]:
    """Three notes as a live run logs them, of which one is changed and one deleted."""
    notes = Notes()
    one, two, three = (notes.put(at * 1_000, f"note {at}") for at in (1, 2, 3))
    assert one is not None
    assert two is not None
    assert three is not None
    changed, gone = notes.put(7, "changed", one.id), notes.put(2, "", two.id)
    assert changed is not None
    assert gone is not None
    return notes, [event_of([note]) for note in (one, two, three, changed, gone)]


@pytest.mark.parametrize("end", [True, False])
def test_notes_of_a_run_are_in_its_log_also_after_a_crash(tmp_path: Path, end: bool) -> None:
    notes, events = live()
    folder = recorded(tmp_path / "run", *events, end=end)
    assert read(folder).shown == notes.shown
    archive = tmp_path / "a.cxrec"
    save(folder, archive)
    assert read(archive).shown == notes.shown


def test_a_rolling_log_keeps_its_notes(tmp_path: Path) -> None:
    notes, events = live()
    folder = recorded(tmp_path / "run", *events)
    before = (folder / "events.jsonl").stat().st_size
    shorten(folder / "events.jsonl", {"spans": 99, "counters": 99})
    assert (folder / "events.jsonl").stat().st_size < before
    assert read(folder).shown == notes.shown


@pytest.mark.parametrize("archived", [True, False])
def test_a_finished_recording_takes_notes_and_is_else_as_it_was(tmp_path: Path, archived: bool) -> None:
    _, events = live()
    path = recorded(tmp_path / "run", *events, end=False)
    if archived:
        save(path, tmp_path / "a.cxrec")
        path = tmp_path / "a.cxrec"
    before = [batch.spans.tobytes() for batch in read_all(FileSource(path))]
    notes = read(path)
    for number in range(3):
        notes.put(number, f"later {number}")
        note_files.write(path, notes.event)
    first = notes.shown[0]
    notes.put(first.time, "", first.id)
    note_files.write(path, notes.event)
    assert read(path).shown == notes.shown
    assert [batch.spans.tobytes() for batch in read_all(FileSource(path))] == before
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")], "nothing is left over"


@pytest.mark.parametrize("letter", ["x", "\U0001f40d"])
def test_as_many_notes_as_there_may_be_can_be_read_again(tmp_path: Path, letter: str) -> None:
    folder, archive = recorded(tmp_path / "run"), tmp_path / "a.cxrec"
    notes = Notes()
    for number in range(MOST_NOTES):
        assert notes.put(number, letter * LONGEST_TEXT) is not None
    note_files.write(folder, notes.event)
    save(folder, archive)
    assert read(archive).shown == notes.shown
    notes.put(0, "", notes.shown[0].id)
    note_files.write(archive, notes.event)
    assert read(archive).shown == notes.shown


def test_a_write_that_fails_leaves_the_archive_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "a.cxrec"
    save(recorded(tmp_path / "run"), archive)
    before = archive.read_bytes()
    notes = Notes()
    notes.put(1, "x")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OptionError, match=r"a\.cxrec cannot be written .*kept on this computer"):
        note_files.write(archive, notes.event)
    assert archive.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["a.cxrec", "run"]


def test_what_could_not_be_written_is_kept_aside_for_that_recording(tmp_path: Path) -> None:
    archive, other = tmp_path / "a.cxrec", tmp_path / "b.cxrec"
    save(recorded(tmp_path / "run"), archive)
    save(run_json(recorded(tmp_path / "run2"), anchor={"monotonic_ns": 5, "wall_ns": 6}), other)
    key = note_files.key_of(archive)
    assert key != note_files.key_of(other)
    notes = Notes()
    notes.put(1, "aside")
    note_files.keep_aside(key, notes.event)
    moved = archive.rename(tmp_path / "moved.cxrec")
    found = Notes()
    found.feed(note_files.read_aside(note_files.key_of(moved)))
    assert texts(found) == ["aside"]
    note_files.forget_aside(key)
    assert note_files.read_aside(key) == []


def test_damaged_notes_are_a_sentence_and_the_rest_is_shown(tmp_path: Path) -> None:
    archive = tmp_path / "a.cxrec"
    save(recorded(tmp_path / "run"), archive)
    with zipfile.ZipFile(archive, "a") as zipped:
        zipped.writestr("notes-0003.json", "[1, 2")
    source = FileSource(archive)
    read_batches: list[Batch] = read_all(source)
    assert sum(len(batch.spans) for batch in read_batches) == 280
    assert "notes" in source.unreadable_notes


@pytest.mark.parametrize("archived", [True, False])
def test_a_copy_has_the_notes(tmp_path: Path, archived: bool) -> None:
    path = recorded(tmp_path / "run", end=False)
    if archived:
        save(path, tmp_path / "a.cxrec")
        path = tmp_path / "a.cxrec"
    notes = Notes()
    notes.put(5, "to pass on")
    sentence = save_copy(path, tmp_path / "copy", notes.event)
    assert str(tmp_path / "copy.cxrec") in sentence
    assert texts(read(tmp_path / "copy.cxrec")) == ["to pass on"]
    with pytest.raises(OptionError, match="cannot be written"):
        save_copy(path, tmp_path / "none" / "copy.cxrec", notes.event)


@pytest.mark.parametrize("kind", ["folder", "archive", "trace"])
def test_a_copy_says_how_far_it_is_and_leaves_nothing_where_it_is_not_wanted(tmp_path: Path, kind: str) -> None:
    path = recorded(tmp_path / "run")
    if kind == "archive":
        save(path, path := tmp_path / "a.cxrec")
    elif kind == "trace":
        path = trace(tmp_path / "a.json", [slice_("f", 0, 1)])
    told: list[float] = []
    save_copy(path, tmp_path / "whole.cxrec", None, lambda done, total: told.append(done / total))
    assert told == sorted(told)
    assert told[-1] == 1.0

    def unwanted(done: int, total: int) -> None:
        raise Cancelled

    before = sorted(each.name for each in tmp_path.iterdir())
    with pytest.raises(Cancelled):
        save_copy(path, tmp_path / "copy.cxrec", None, unwanted)
    assert sorted(each.name for each in tmp_path.iterdir()) == before


@pytest.mark.parametrize("archived", [True, False])
def test_two_windows_keep_the_notes_of_each_other(tmp_path: Path, archived: bool) -> None:
    path = recorded(tmp_path / "run")
    if archived:
        save(path, path := tmp_path / "a.cxrec")
    one, other = Notes(), Notes()
    first = one.put(5, "mine")
    assert first is not None
    note_files.write(path, one.event)
    other.put(6, "yours")
    note_files.write(path, other.event)
    assert texts(read(path)) == ["mine", "yours"]
    one.put(5, "", first.id)
    note_files.write(path, one.event)
    assert texts(read(path)) == ["yours"], "what was deleted stays so"


def test_an_archive_with_notes_holds_nothing_else_that_is_new(tmp_path: Path) -> None:
    archive = tmp_path / "a.cxrec"
    save(recorded(tmp_path / "run"), archive)
    with zipfile.ZipFile(archive) as zipped:
        before = {name: zipped.read(name) for name in zipped.namelist()}
    notes = Notes()
    notes.put(5, "x")
    note_files.write(archive, notes.event)
    with zipfile.ZipFile(archive) as zipped:
        after = {name: zipped.read(name) for name in zipped.namelist()}
    assert json.loads(after.pop("notes-0001.json")) == notes.event
    assert after == before
