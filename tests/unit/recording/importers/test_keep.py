"""A trace made elsewhere can be kept as a recording, with its notes."""

import json
from pathlib import Path

import pytest

from explorer.option_error import OptionError
from explorer.recording import note_files
from explorer.recording.copies import save_copy
from explorer.recording.sources import open_source
from explorer.store.store import Store
from tests.unit.recording.importers.opened import opened, slice_, trace


def stored(path: Path) -> Store:
    source, store = open_source(path), Store()
    while not source.finished:
        store.append(source.poll())
    source.close()
    return store


def test_a_saved_trace_opens_with_the_same_lanes(tmp_path: Path) -> None:
    events = [slice_("outer", 0, 100), slice_("inner", 10, 20, args={"n": 1}), slice_("b", 5, 5, 2)]
    events.append({"ph": "C", "name": "c", "ts": 3, "pid": 7, "args": {"value": 2}})
    path = trace(tmp_path / "a.json", events)
    sentence = save_copy(path, tmp_path / "a", None)
    assert str(tmp_path / "a.cxrec") in sentence
    before, after = opened(path).store, stored(tmp_path / "a.cxrec")
    assert after.tracks == before.tracks
    assert after.processes == before.processes
    assert after.names == before.names
    assert after.count == before.count == 3
    assert {number: series.values.tolist() for number, series in after.counters.items()} == {3: [2.0]}


def test_a_trace_that_is_none_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([]))
    with pytest.raises(OptionError, match="holds no event"):
        save_copy(path, tmp_path / "b.cxrec", None)
    assert not (tmp_path / "b.cxrec").exists()


def test_the_notes_of_a_trace_are_known_by_what_it_holds_and_never_written_into_it(tmp_path: Path) -> None:
    path = trace(tmp_path / "a.json", [slice_("f", 0, 1)])
    before, key = path.read_bytes(), note_files.key_of(path)
    with pytest.raises(OptionError, match="another program's file"):
        note_files.write(path, {"type": "notes"})
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]
    assert note_files.key_of(path.rename(tmp_path / "b.json")) == key
    assert note_files.key_of(trace(path, [slice_("f", 0, 2)])) != key
