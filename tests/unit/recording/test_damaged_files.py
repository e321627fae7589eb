"""A few of the damaged copies that `python -m tests.full damaged` makes a thousand of, and what that has found."""

import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from explorer.collect.source import Array
from explorer.recording import archive
from explorer.recording.arrow import SPANS, read_batches
from explorer.recording.files import reason_of
from explorer.recording.flatbuffer import Table
from explorer.recording.writer import RecordingWriter
from tests import damaged
from tests.unit.recording.runs import batches, run_json

MOST_MEMORY = 2


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder and its file."""
    folder = tmp_path_factory.mktemp("healthy")
    writer = RecordingWriter(run_json(folder / damaged.RUN), segment_bytes=20_000)
    for part in batches(80, spans_each=40):
        writer.feed(part)
    writer.close()
    archive.save(folder / damaged.RUN, folder / damaged.FILE)
    return folder


@pytest.fixture(scope="module")
def spans(healthy: Path) -> Array:
    """The spans of the healthy one."""
    return damaged.spans_of(healthy / damaged.RUN)[0]


@pytest.fixture(scope="module")
def peak(healthy: Path) -> int:
    """Bytes that reading the healthy one takes at the most."""
    return damaged.read(healthy / damaged.FILE, None, None).peak


@pytest.mark.parametrize("number", range(30))
def test_a_damaged_copy_opens_or_says_a_sentence(
    healthy: Path, spans: Array, peak: int, number: int, tmp_path: Path
) -> None:
    path, damage = damaged.damaged(healthy, number, tmp_path)
    reading = damaged.read(path, damage, spans)
    assert not reading.fault, reading.damage
    assert reading.peak <= MOST_MEMORY * peak, reading.damage


def test_a_segment_cut_short_gives_its_whole_batches(healthy: Path, spans: Array, tmp_path: Path) -> None:
    (first, *_) = sorted((healthy / damaged.RUN).glob("spans-*"))
    cut = tmp_path / first.name
    cut.write_bytes(first.read_bytes()[: first.stat().st_size // 2])
    found = np.concatenate(list(read_batches(SPANS, cut.open("rb"), cut.name)))
    assert 0 < len(found) < len(spans)
    assert found.tobytes() == spans[: len(found)].tobytes()


def test_a_header_that_promises_a_gigabyte_takes_none(healthy: Path, peak: int, tmp_path: Path) -> None:
    """The length of the first batch's body, turned into one that the file does not have."""
    (first, *_) = sorted((healthy / damaged.RUN).glob("spans-*"))
    contents = bytearray(first.read_bytes())
    at = 8 + int.from_bytes(contents[4:8], "little")  # behind the schema, which has no body
    header = contents[at + 8 : at + 8 + int.from_bytes(contents[at + 4 : at + 8], "little")]
    length = Table.root(bytes(header)).number(3, "<q")
    place = contents.index(length.to_bytes(8, "little"), at)
    contents[place : place + 8] = ((1 << 30) - 64).to_bytes(8, "little")
    copy = tmp_path / first.name
    copy.write_bytes(contents)
    tracemalloc.start()
    assert list(read_batches(SPANS, copy.open("rb"), copy.name)) == []
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < peak


@pytest.mark.parametrize(
    "text", ["File name in directory 'a' and header b'" + r"\x84" * 3_000 + "' differ.", "two\nlines", "\x00"]
)
def test_what_an_error_quotes_does_not_get_into_the_sentence(text: str) -> None:
    said = reason_of(ValueError(text))
    assert said.isprintable()
    assert len(said) < 130


@pytest.mark.parametrize(("field", "turned"), [("start", -(1 << 43)), ("end", 1 << 45), ("start", 0), ("end", 0)])
def test_times_beyond_the_run_are_one_sentence(tmp_path: Path, field: str, turned: int) -> None:
    """A turned bit of a time would have every chart reach back, or on, for days."""
    clock = 20 * 3_600 * 1_000_000_000
    run = run_json(tmp_path / damaged.RUN, anchor={"monotonic_ns": clock, "wall_ns": 0})
    writer = RecordingWriter(run)
    for part in batches(12):
        part.now += clock
        for name in ("start", "end"):
            part.spans[name] += clock
        part.samples["time"] += clock
        part.spans[field][3] += turned
        writer.feed(part)
    writer.close()
    spans, sentence = damaged.spans_of(run)
    assert ("times beyond its own" in sentence) == bool(turned)
    assert turned or len(spans)


@pytest.mark.parametrize("bit", [22, 26, 31])
def test_what_a_file_of_the_archive_is_said_to_take_asks_for_no_memory(
    healthy: Path, peak: int, bit: int, tmp_path: Path
) -> None:
    """Of each file in turn: a size that reaches beyond the archive is damage before anything is read."""
    contents = (healthy / damaged.FILE).read_bytes()
    entries = [match.start() for match in re.finditer(b"PK\x01\x02", contents)]
    assert len(entries) > 3
    for entry in entries:
        copy = bytearray(contents)
        copy[entry + 20 + bit // 8] ^= 1 << bit % 8
        path = tmp_path / damaged.FILE
        path.write_bytes(copy)
        reading = damaged.read(path, None, None)
        assert not reading.fault
        assert "its files reach beyond its end" in reading.sentence
        assert reading.peak <= MOST_MEMORY * peak
