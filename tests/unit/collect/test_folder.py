"""What appears in a run folder is found once, lines are read whole."""

from pathlib import Path

import pytest

from explorer import collect
from explorer.collect.folder import Listing, NamesTail, RunFolder


def test_every_entry_is_new_once_even_if_the_clock_of_the_folder_stands_still(tmp_path: Path) -> None:
    listing = Listing(tmp_path)
    seen = []
    for number in range(50):
        (tmp_path / f"{number:02}").touch()
        seen += listing.new()
    assert seen == [f"{number:02}" for number in range(50)]


def test_a_folder_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    listing = Listing(tmp_path / "rings")
    assert listing.new() == []
    (tmp_path / "rings").mkdir()
    (tmp_path / "rings" / "a").touch()
    assert listing.new() == ["a"]


def test_a_line_is_told_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "names-1.jsonl"
    tail = NamesTail(path)
    assert tail.new() == []
    with path.open("w") as file:
        file.write('{"name":1,"text":"a"}\n{"name":2')
        file.flush()
        assert tail.new() == [b'{"name":1,"text":"a"}']
        file.write(',"text":"ä"}\n')
        file.flush()
        assert tail.new() == ['{"name":2,"text":"ä"}'.encode()]
    tail.close()
    tail.close()


def test_many_lines_at_once_are_all_told(tmp_path: Path) -> None:
    path = tmp_path / "names-1.jsonl"
    lines = [b"%05d" % number + b"x" * 90 for number in range(5000)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    tail = NamesTail(path)
    assert tail.new() == lines
    tail.close()


def test_rings_in_the_making_and_other_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "rings").mkdir()
    (tmp_path / "rings" / ".5-1.ring.new").touch()
    (tmp_path / "rings" / "5-1.ring").touch()
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "process-5.json").write_text('{"pid":5}')
    folder = RunFolder(tmp_path)
    assert folder.new_rings() == [tmp_path / "rings" / "5-1.ring"]
    assert folder.new_processes() == [tmp_path / "process-5.json"]


def test_in_a_large_folder_the_owner_of_a_new_ring_is_found_without_listing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect.folder, "PART", 1 << 40)
    (tmp_path / "rings").mkdir()
    for number in range(300):
        (tmp_path / f"process-{number}.json").touch()
    folder = RunFolder(tmp_path)
    assert len(folder.new_processes()) == 300

    for number in (300, 301, 302):
        (tmp_path / f"process-{number}.json").touch()
    (tmp_path / "rings" / "301-1.ring").touch()
    (tmp_path / "rings" / "301-2.ring").touch()

    assert [path.name for path in folder.new_rings()] == ["301-1.ring", "301-2.ring"]
    assert folder.new_processes() == [tmp_path / "process-301.json"]
    assert folder.new_processes() == [], "listing it again is not due yet"
    assert folder.new_processes(whole=True) == [tmp_path / "process-300.json", tmp_path / "process-302.json"]


def test_what_could_not_be_opened_is_new_once_more(tmp_path: Path) -> None:
    (tmp_path / "rings").mkdir()
    ring, note = tmp_path / "rings" / "5-1.ring", tmp_path / "process-5.json"
    for path in (ring, note):
        path.touch()
    folder = RunFolder(tmp_path)
    for _ in range(2):
        assert (folder.new_rings(), folder.new_processes()) == ([ring], [note])
        folder.again(ring)
        folder.again(note)
