"""Saving and opening .cxrec files, those of other people's making included."""

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from explorer.option_error import OptionError
from explorer.recording import archive, files
from explorer.recording.file_source import FileSource
from explorer.recording.files import FORMAT, Archive
from explorer.recording.writer import RecordingWriter
from tests.unit.recording.runs import TOKEN, batches, equal, joined, read_all, run_json


@pytest.fixture
def recorded(run_folder: Path) -> Path:
    """A run folder with everything in it that a live run has."""
    writer = RecordingWriter(run_json(run_folder), segment_bytes=5_000)
    for part in batches(60):
        writer.feed(part)
    writer.close()
    (run_folder / "process-77.json").write_text('{"number":1}')
    (run_folder / "names-77.jsonl").write_text('{"name":1,"text":"a"}\n')
    (run_folder / "log-server-77.txt").write_text(f"x-explorer-request: 1-{TOKEN}")
    (run_folder / "rings").mkdir()
    (run_folder / "rings" / "1.ring").write_bytes(b"x" * 100)
    return run_folder


def made(path: Path, contents: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in contents.items():
            zipped.writestr(name, text)
    return path


RUN_JSON = json.dumps({"format": FORMAT, "schema": 1})


def test_a_saved_run_opens_as_it_was(recorded: Path, tmp_path: Path) -> None:
    shares: list[float] = []
    path = archive.save(recorded, tmp_path / "mine", progress=shares.append).path
    assert path == tmp_path / "mine.cxrec"
    assert equal(joined(read_all(FileSource(path, chunk_spans=10))), joined(batches(60)))
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["mine.cxrec"]


def test_rings_logs_and_the_token_stay_behind(recorded: Path, tmp_path: Path) -> None:
    log = recorded / "events.jsonl"
    log.write_text(
        json.dumps({"type": "event", "event": {"type": "x", "text": f"{TOKEN} leaked"}}) + "\n" + log.read_text()
    )
    path = archive.save(recorded, tmp_path / "a.cxrec").path
    with zipfile.ZipFile(path) as zipped:
        names = zipped.namelist()
        for name in names:
            assert TOKEN.encode() not in zipped.read(name)
    segments = {each.name for each in recorded.glob("*.arrows")}
    assert set(names) == {"run.json", "events.jsonl", *segments}
    assert len(segments) > 2


@pytest.mark.long
def test_a_run_of_very_many_processes_is_saved_so_that_it_opens(recorded: Path, tmp_path: Path) -> None:
    """As many as a process per connection makes in some minutes."""
    for number in range(100, 10_200):
        (recorded / f"process-{number}.json").touch()
        (recorded / f"names-{number}.jsonl").touch()
    path = archive.save(recorded, tmp_path / "a.cxrec").path
    assert equal(joined(read_all(FileSource(path))), joined(batches(60)))


@pytest.mark.parametrize("limit", ["MOST_FILES", "MOST_BYTES", "MOST_RATIO", "MOST_RUN_JSON"])
def test_a_run_that_would_not_open_again_is_not_saved(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    path = tmp_path / "a.cxrec"
    path.write_bytes(b"older")
    # The folder's own run.json may just be read; the saved one is longer.
    most = (recorded / "run.json").stat().st_size if limit == "MOST_RUN_JSON" else 1
    monkeypatch.setattr(files, limit, most)
    monkeypatch.setattr(files, "SMALL", 0)
    with pytest.raises(OptionError, match=r"^The run stays among the recent ones, because .*\.$"):
        archive.save(recorded, path)
    assert path.read_bytes() == b"older"
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["a.cxrec"]


@pytest.mark.skipif(sys.platform == "win32", reason="There is no umask on Windows.")
@pytest.mark.parametrize("mask", [0o077, 0o022, 0o002])
def test_a_saved_file_has_the_permissions_that_the_user_gives_new_files(
    recorded: Path, tmp_path: Path, mask: int
) -> None:
    before = os.umask(mask)
    try:
        path = archive.save(recorded, tmp_path / "a.cxrec").path
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_saving_again_replaces_and_failing_leaves_what_was_there(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.cxrec"
    path.write_bytes(b"older")

    def refuse(*args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(archive, "_copy_text", refuse)
        with pytest.raises(OptionError, match="No space left"):
            archive.save(recorded, path)
    assert path.read_bytes() == b"older"
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["a.cxrec"]
    archive.save(recorded, path)
    assert zipfile.is_zipfile(path)


def test_a_run_that_is_still_recorded_can_be_saved(run_folder: Path, tmp_path: Path) -> None:
    parts = batches(31)
    writer = RecordingWriter(run_json(run_folder))
    for part in parts[:30]:
        writer.feed(part)
    path = archive.save(run_folder, tmp_path / "a.cxrec").path
    writer.feed(parts[30])
    writer.close()
    source = FileSource(path)
    found = joined(read_all(source))
    assert 0 < len(found.spans) < len(joined(parts).spans)
    assert not source.complete


def test_the_whole_run_is_saved_and_said_so(recorded: Path, tmp_path: Path) -> None:
    saved = archive.save(recorded, tmp_path / "a.cxrec")
    assert saved.holds is None
    assert saved.sentence == f"The recording is in {saved.path}."


def test_what_is_left_of_a_rolling_run_is_saved_and_it_is_said_from_when_on(run_folder: Path, tmp_path: Path) -> None:
    parts = batches(200, spans_each=50)
    writer = RecordingWriter(run_json(run_folder), limit_bytes=300_000, segment_bytes=30_000)
    for part in parts:
        writer.feed(part)
    writer.close()
    saved = archive.save(run_folder, tmp_path / "a.cxrec")
    whole, found = joined(parts), joined(read_all(FileSource(saved.path)))
    assert saved.holds is not None
    assert 0 < saved.holds < 4_000_000_000
    begin = whole.now - saved.holds
    assert np.array_equal(found.spans[found.spans["end"] >= begin], whole.spans[whole.spans["end"] >= begin])
    assert begin - int(found.spans["end"].min()) <= 120_000_000
    assert f"It holds the last {saved.holds / 1e9:.0f} s of the run; what was before had been dropped" in saved.sentence


def test_a_segment_that_the_recorder_drops_meanwhile_is_left_out(run_folder: Path, tmp_path: Path) -> None:
    parts = batches(400, spans_each=50)
    writer = RecordingWriter(run_json(run_folder), limit_bytes=300_000, segment_bytes=30_000)
    for part in parts[:50]:
        writer.feed(part)
    rest = iter(parts[50:])
    first = run_folder / "spans-0001.arrows"
    assert first.exists()

    def go_on(share: float) -> None:
        while first.exists():
            writer.feed(next(rest))

    saved = archive.save(run_folder, tmp_path / "a.cxrec", progress=go_on)
    writer.close()
    with zipfile.ZipFile(saved.path) as zipped:
        assert first.name not in zipped.namelist()
    assert saved.holds is not None
    assert len(joined(read_all(FileSource(saved.path))).spans) > 0


@pytest.mark.parametrize("all_goes", [False, True])
def test_a_segment_that_goes_without_being_dropped_is_an_error(recorded: Path, tmp_path: Path, all_goes: bool) -> None:
    path = tmp_path / "a.cxrec"
    path.write_bytes(b"older")

    def lose(share: float) -> None:
        if all_goes:
            shutil.rmtree(recorded, ignore_errors=True)
        else:
            (recorded / "spans-0002.arrows").unlink(missing_ok=True)

    with pytest.raises(OptionError, match="has gone while the run was saved"):
        archive.save(recorded, path, progress=lose)
    assert path.read_bytes() == b"older"


def test_a_folder_that_cannot_be_written_is_one_sentence(recorded: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="Choose another folder"):
        archive.save(recorded, tmp_path / "nowhere" / "a.cxrec")
    with pytest.raises(OptionError, match="not a recording"):
        archive.save(tmp_path / "nothing", tmp_path / "a.cxrec")


@pytest.mark.parametrize(
    ("contents", "word"),
    [
        ({"readme.txt": "hello"}, "not a recording"),
        ({"run.json": RUN_JSON, "../evil": "x"}, "outside its own folder"),
        ({"run.json": RUN_JSON, "/etc/evil": "x"}, "outside its own folder"),
        ({"run.json": RUN_JSON, "a\\evil": "x"}, "outside its own folder"),
        ({"run.json": RUN_JSON, "c:evil": "x"}, "outside its own folder"),
        ({"run.json": RUN_JSON, "..": "x"}, "outside its own folder"),
        ({"run.json": RUN_JSON, "events.jsonl": b"\0" * (64 << 20)}, "absurd size"),
        ({"run.json": "{"}, "damaged"),
        ({"run.json": "[]"}, "not a recording"),
        ({"run.json": '{"schema":1}'}, "not a recording of this program"),
        ({"run.json": json.dumps({"format": FORMAT, "schema": 7})}, "newer version"),
        ({"run.json": "[" * 200_000}, "damaged"),
        ({"run.json": json.dumps({"format": FORMAT, "schema": 1, "scenario": []})}, "scenario in its run.json"),
        ({"run.json": json.dumps({"format": FORMAT, "schema": 1, "scenario": None})}, "scenario in its run.json"),
    ],
)
def test_what_is_no_recording_is_refused_with_a_sentence(
    tmp_path: Path, contents: dict[str, str | bytes], word: str
) -> None:
    path = made(tmp_path / "a.cxrec", contents)
    with pytest.raises(OptionError, match=word):
        FileSource(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_files_packed_in_another_way_are_refused(recorded: Path, tmp_path: Path, method: int) -> None:
    """Damaged, they would raise what nobody expects of a zip file."""
    path = tmp_path / "a.cxrec"
    with zipfile.ZipFile(archive.save(recorded, tmp_path / "good").path) as good, zipfile.ZipFile(path, "w") as other:
        for name in good.namelist():
            other.writestr(name, good.read(name), method if name == "events.jsonl" else zipfile.ZIP_STORED)
    with pytest.raises(OptionError, match="packed in a way"):
        FileSource(path)


@pytest.mark.parametrize("place", [-1, 1 << 62, (1 << 64) - 1])
def test_a_file_that_begins_nowhere_is_one_sentence(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """What a directory of the zip may say of each file's place."""
    found = Archive(archive.save(recorded, tmp_path / "a.cxrec").path)
    found._zip.getinfo("events.jsonl").header_offset = place
    with pytest.raises(OptionError, match=r"damaged: events\.jsonl cannot be read"):
        found.open("events.jsonl")
    found.close()


def test_a_file_that_is_no_zip_or_missing_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="There is no file"):
        FileSource(tmp_path / "none.cxrec")
    (tmp_path / "text.cxrec").write_text("hello")
    with pytest.raises(OptionError, match="not a recording, or it is damaged"):
        FileSource(tmp_path / "text.cxrec")


def test_damage_anywhere_is_one_sentence_or_less_to_see(recorded: Path, tmp_path: Path) -> None:
    path = archive.save(recorded, tmp_path / "a.cxrec").path
    whole = path.read_bytes()
    complaints = 0
    for place in range(0, len(whole), 53):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            source = FileSource(path)
        except OptionError:
            complaints += 1
            continue
        try:
            read_all(source)
        except OptionError:
            complaints += 1
    assert complaints > 20


def test_half_an_archive_is_one_sentence(recorded: Path, tmp_path: Path) -> None:
    path = archive.save(recorded, tmp_path / "a.cxrec").path
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(OptionError, match="damaged"):
        Archive(path)
