"""Saving and opening .cxrec files, those of other people's making included."""

import json
import zipfile
from pathlib import Path

import pytest

from explorer.options import OptionError
from explorer.recording import archive
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


def made(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in files.items():
            zipped.writestr(name, text)
    return path


RUN_JSON = json.dumps({"format": FORMAT, "schema": 1})


def test_a_saved_run_opens_as_it_was(recorded: Path, tmp_path: Path) -> None:
    shares: list[float] = []
    path = archive.save(recorded, tmp_path / "mine", progress=shares.append)
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
    path = archive.save(recorded, tmp_path / "a.cxrec")
    with zipfile.ZipFile(path) as zipped:
        names = zipped.namelist()
        for name in names:
            assert TOKEN.encode() not in zipped.read(name)
    assert {"run.json", "events.jsonl", "process-77.json", "names-77.jsonl", "spans-0001.arrows"} <= set(names)
    assert not [name for name in names if "ring" in name or "log-" in name]


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
    path = archive.save(run_folder, tmp_path / "a.cxrec")
    writer.feed(parts[30])
    writer.close()
    source = FileSource(path)
    found = joined(read_all(source))
    assert 0 < len(found.spans) < len(joined(parts).spans)
    assert not source.complete


def test_a_folder_that_cannot_be_written_is_one_sentence(recorded: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="Choose another folder"):
        archive.save(recorded, tmp_path / "nowhere" / "a.cxrec")
    with pytest.raises(OptionError, match="not a recording"):
        archive.save(tmp_path / "nothing", tmp_path / "a.cxrec")


@pytest.mark.parametrize(
    ("files", "word"),
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
    ],
)
def test_what_is_no_recording_is_refused_with_a_sentence(
    tmp_path: Path, files: dict[str, str | bytes], word: str
) -> None:
    path = made(tmp_path / "a.cxrec", files)
    with pytest.raises(OptionError, match=word):
        FileSource(path)


def test_a_file_that_is_no_zip_or_missing_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="There is no file"):
        FileSource(tmp_path / "none.cxrec")
    (tmp_path / "text.cxrec").write_text("hello")
    with pytest.raises(OptionError, match="not a recording, or it is damaged"):
        FileSource(tmp_path / "text.cxrec")


def test_damage_anywhere_is_one_sentence_or_less_to_see(recorded: Path, tmp_path: Path) -> None:
    path = archive.save(recorded, tmp_path / "a.cxrec")
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
    path = archive.save(recorded, tmp_path / "a.cxrec")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(OptionError, match="damaged"):
        Archive(path)
