"""What was recorded comes back: whole, cut short anywhere, after segments were dropped, or when the disk was full."""

import errno
import json
from pathlib import Path

import nanoarrow
import numpy as np
import pytest

from explorer.collect.source import Batch, Tally
from explorer.option_error import OptionError
from explorer.recording.file_source import FileSource
from explorer.recording.segments import SegmentWriter
from explorer.recording.writer import GIB, RecordingWriter
from tests.unit.recording.runs import batches, equal, joined, read_all, run_json


def record(folder: Path, parts: list[Batch], *, close: bool = True, segment_bytes: int = 1 << 26) -> RecordingWriter:
    writer = RecordingWriter(run_json(folder), segment_bytes=segment_bytes)
    for part in parts:
        writer.feed(part)
    writer.flush()
    if close:
        writer.close()
    return writer


def end_abruptly(writer: RecordingWriter) -> None:
    """Let go of the files as a killed process does: nothing more is written."""
    for segment in writer._segments:
        segment._file.close()
    writer._log.close()


@pytest.mark.parametrize("segment_bytes", [1 << 26, 2000])
@pytest.mark.parametrize("chunk_spans", [1, 50, 100_000])
def test_batches_in_are_batches_out(run_folder: Path, chunk_spans: int, segment_bytes: int) -> None:
    parts = batches(40)
    record(run_folder, parts, segment_bytes=segment_bytes)
    source = FileSource(run_folder, chunk_spans=chunk_spans)
    found = read_all(source)
    assert equal(joined(found), joined(parts))
    assert source.complete
    assert source.progress == 1
    assert len(found) > 5 or chunk_spans > 1


def test_names_and_tracks_come_no_later_than_the_spans_that_use_them(run_folder: Path) -> None:
    record(run_folder, batches(40))
    known: set[int] = set()
    for batch in read_all(FileSource(run_folder, chunk_spans=1)):
        known.update(number for number, _ in batch.names)
        assert set(batch.spans["name"].tolist()) <= known


def test_batches_are_written_100_ms_apart_by_their_own_clock(run_folder: Path) -> None:
    record(run_folder, batches(21))
    lines = [json.loads(line) for line in (run_folder / "events.jsonl").read_text().splitlines()]
    clocks = [line["now"] for line in lines if line["type"] == "flush"]
    assert len(clocks) in (5, 6, 7)
    assert max(np.diff(clocks)) <= 120_000_000


def test_a_burst_is_written_before_its_time(run_folder: Path) -> None:
    writer = RecordingWriter(run_json(run_folder))
    writer.feed(batches(1)[0])
    before = writer.bytes_written
    burst = batches(2, spans_each=150_000)[0]
    burst.now += 1
    writer.feed(burst)
    assert writer.bytes_written > before + 150_000 * 40
    writer.close()


def test_a_recording_that_was_not_closed_is_read_and_called_incomplete(run_folder: Path) -> None:
    parts = batches(30)
    end_abruptly(record(run_folder, parts, close=False))
    source = FileSource(run_folder)
    assert equal(joined(read_all(source)), joined(parts))
    assert not source.complete


def test_rows_behind_the_last_flush_line_are_given(run_folder: Path) -> None:
    """The recorder can be killed between the rows and their flush line."""
    parts = batches(30)
    record(run_folder, parts)
    log = run_folder / "events.jsonl"
    lines = log.read_text().splitlines(keepends=True)
    last = max(at for at, line in enumerate(lines) if '"spans":[' in line and '"flush"' in line)
    log.write_text("".join(lines[:last]))
    found = joined(read_all(FileSource(run_folder)))
    assert np.array_equal(found.spans, joined(parts).spans)
    assert found.now == int(found.spans["end"].max())


def test_a_segment_cut_anywhere_reads_up_to_its_last_whole_batch(run_folder: Path) -> None:
    parts = batches(16)
    record(run_folder, parts)
    segment = run_folder / "spans-0001.arrows"
    whole, expected = segment.read_bytes(), joined(parts).spans
    borders = set()
    for cut in [*range(0, len(whole), 21), len(whole)]:
        segment.write_bytes(whole[:cut])
        found = joined(read_all(FileSource(run_folder))).spans
        assert np.array_equal(found, expected[: len(found)])
        borders.add(len(found))
    assert max(borders) == len(expected)
    assert borders == {0, 35, 70, 105, 112}


def test_a_log_cut_anywhere_reads_without_error(run_folder: Path) -> None:
    parts = batches(8)
    record(run_folder, parts)
    log = run_folder / "events.jsonl"
    whole = log.read_bytes()
    for cut in range(0, len(whole), 7):
        log.write_bytes(whole[:cut])
        source = FileSource(run_folder)
        found = joined(read_all(source))
        assert len(found.spans) == len(joined(parts).spans)
        assert not source.complete


def test_without_a_log_the_spans_are_still_there(run_folder: Path) -> None:
    record(run_folder, batches(8))
    (run_folder / "events.jsonl").unlink()
    assert len(joined(read_all(FileSource(run_folder))).spans) == 56


def test_a_rolling_set_drops_the_oldest_segments_and_says_so(run_folder: Path) -> None:
    parts = batches(200, spans_each=50)
    writer = RecordingWriter(run_json(run_folder), limit_bytes=60_000, segment_bytes=10_000)
    for part in parts:
        writer.feed(part)
    writer.close()
    assert writer.bytes_written <= 60_000
    assert writer.bytes_written == sum(path.stat().st_size for path in run_folder.glob("*.arrows"))
    assert not (run_folder / "spans-0001.arrows").exists()
    found = joined(read_all(FileSource(run_folder)))
    assert np.array_equal(found.spans, joined(parts).spans[-len(found.spans) :])
    said = [event["text"] for event in found.events if event["type"] == "recording"]
    assert said[0].startswith("spans-0001.arrows was dropped")
    assert writer.rolled.startswith("The run is long: its recording keeps the last ")


def test_a_segment_is_called_dropped_before_it_goes(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that whoever misses it while saving can tell why."""
    told: list[bool] = []
    unlink = Path.unlink

    def watch(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".arrows":
            told.append(f'"dropped":"{path.name}"' in (run_folder / "events.jsonl").read_text())
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", watch)
    writer = RecordingWriter(run_json(run_folder), limit_bytes=60_000, segment_bytes=10_000)
    for part in batches(200, spans_each=50):
        writer.feed(part)
    writer.close()
    assert len(told) > 3
    assert all(told)


def test_the_log_of_a_rolling_set_is_bounded_too_and_says_what_it_dropped(run_folder: Path) -> None:
    """All that is declared stays, and spans, counters and figures of the time that is left fit each other."""
    parts = batches(600, spans_each=20)
    for part in parts:
        part.events[0] = {**part.events[0], "latency": {str(number): 1 for number in range(100)}}
        part.open_spans = parts[-1].open_spans
    log, limit = run_folder / "events.jsonl", 150_000
    writer = RecordingWriter(run_json(run_folder), limit_bytes=limit, segment_bytes=10_000)
    largest = 0
    for part in parts:
        writer.feed(part)
        largest = max(largest, writer.bytes_written + log.stat().st_size)
    writer.close()
    assert largest < 1.3 * limit
    first = json.loads(log.read_text().splitlines()[0])
    assert first["type"] == "begin"
    whole, found = joined(parts), joined(read_all(FileSource(run_folder)))
    assert 0 < len(found.spans) < len(whole.spans)
    assert np.array_equal(found.spans, whole.spans[-len(found.spans) :])
    assert np.array_equal(found.samples, whole.samples[-len(found.samples) :])
    for kind in ("names", "tracks", "processes", "markers", "losses", "open_spans", "tally", "now"):
        assert getattr(found, kind) == getattr(whole, kind)
    load = [event for event in found.events if event["type"] == "load"]
    assert load == whole.events[-len(load) :]
    assert len(load) < 600
    assert load[-1]["time"] - load[0]["time"] >= int(found.spans["end"][-1] - found.spans["end"][0]) - 40_000_000
    said = [event["text"] for event in found.events if event["type"] == "recording"]
    assert any("What the load reported before" in text for text in said)
    assert not list(run_folder.glob("*.new"))


def test_keep_all_stops_when_little_of_the_disk_is_left(run_folder: Path) -> None:
    parts = batches(60)
    free = iter([2 * GIB] * 5)
    writer = RecordingWriter(run_json(run_folder), keep_all=True, free=lambda folder: next(free, GIB - 1))
    for part in parts:
        writer.feed(part)
    writer.close()
    assert "less than 1 GiB of the disk is left" in writer.stopped
    found = joined(read_all(FileSource(run_folder)))
    assert 0 < len(found.spans) < len(joined(parts).spans)
    assert np.array_equal(found.spans, joined(parts).spans[: len(found.spans)])
    assert [event["text"] for event in found.events if event["type"] == "recording"] == [writer.stopped]
    assert found.events[-1]["ok"] == 59, "figures go on"
    assert found.tally == Tally(590, 590, 0, 59, 2)


def test_keep_all_drops_nothing(run_folder: Path) -> None:
    parts = batches(100, spans_each=50)
    writer = RecordingWriter(
        run_json(run_folder), keep_all=True, limit_bytes=10_000, segment_bytes=10_000, free=lambda folder: 2 * GIB
    )
    for part in parts:
        writer.feed(part)
    writer.close()
    assert equal(joined(read_all(FileSource(run_folder))), joined(parts))


def test_a_disk_that_refuses_ends_the_recording_with_a_sentence(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = RecordingWriter(run_json(run_folder))
    writer.feed(batches(1)[0])

    def refuse(self: SegmentWriter, rows: object) -> tuple[int, int]:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(SegmentWriter, "write", refuse)
    for part in batches(20)[1:]:
        writer.feed(part)
    writer.close()
    assert "No space left on device" in writer.stopped


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the file that refuses every byte")
@pytest.mark.parametrize("spans_each", [7, 2_000])
def test_a_full_disk_below_the_segments_is_told_and_holds_no_memory(run_folder: Path, spans_each: int) -> None:
    """Few rows fail when they are flushed, many already within nanoarrow, which raises no OSError."""
    (run_folder / "spans-0001.arrows").symlink_to("/dev/full")
    writer = RecordingWriter(run_json(run_folder))
    for part in batches(20, spans_each):
        writer.feed(part)
    assert "No space left on device" in writer.stopped
    assert not writer._spans
    assert not writer._samples
    writer.close()


def test_segments_open_as_plain_arrow(run_folder: Path) -> None:
    record(run_folder, batches(3))
    with nanoarrow.ArrayStream.from_path(run_folder / "spans-0001.arrows") as stream:
        table = stream.read_all()
    assert len(table) == 21
    assert [field.name for field in table.schema.fields][:4] == ["start", "end", "request", "argument"]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("{no json}\n", "line 1"),
        ('{"type":"track","kind":"nonsense"}\n', "line 1"),
        ('{"type":"flush","now":1,"tally":[],"spans":"x"}\n', "rows"),
        ('{"type":"begin","version":99}\n', "newer version"),
        ("7\n", "line 1"),
    ],
)
def test_a_damaged_log_is_one_sentence(run_folder: Path, line: str, word: str) -> None:
    run_json(run_folder)
    (run_folder / "events.jsonl").write_text(line)
    source = FileSource(run_folder)
    with pytest.raises(OptionError, match=word):
        source.poll()
    source.close()


def test_lines_of_a_later_version_are_passed_over(run_folder: Path) -> None:
    run_json(run_folder)
    (run_folder / "events.jsonl").write_text(
        '{"type":"hologram","x":1}\n{"type":"marker","time":1,"kind":"note","text":"a","detail":"","colour":3}\n'
    )
    assert joined(read_all(FileSource(run_folder))).markers[0].text == "a"


def test_spans_that_end_before_they_begin_are_damage(run_folder: Path) -> None:
    parts = batches(3)
    parts[1].spans["end"][3] = 5
    record(run_folder, parts)
    with pytest.raises(OptionError, match="end before they begin"):
        read_all(FileSource(run_folder))


def test_flipped_bits_in_a_segment_never_crash(run_folder: Path) -> None:
    record(run_folder, batches(6))
    segment = run_folder / "spans-0001.arrows"
    whole = segment.read_bytes()
    sentences = []
    for place in range(0, len(whole), 11):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        segment.write_bytes(damaged)
        try:
            read_all(FileSource(run_folder))
        except OptionError as error:
            sentences.append(str(error))
    assert all("damaged" in sentence or "no column" in sentence for sentence in sentences)
    assert sentences
