"""A recording that is read ahead gives what it gives when it is read step by step, damage included."""

import threading
from pathlib import Path

import pytest

from explorer.collect.source import Batch
from explorer.option_error import OptionError
from explorer.recording.ahead import MOST_AHEAD, Ahead
from explorer.recording.file_source import FileSource
from explorer.recording.writer import RecordingWriter
from tests.unit.recording.runs import batches, equal, joined, read_all, run_json


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run, two seconds of it."""
    folder = run_json(tmp_path / "run")
    writer = RecordingWriter(folder)
    for part in batches(100):
        writer.feed(part)
    writer.close()
    return folder


def test_it_gives_the_same_batches_and_knows_how_far_it_is(run: Path) -> None:
    plain = read_all(FileSource(run, chunk_spans=30))
    ahead = Ahead(FileSource(run, chunk_spans=30))
    assert ahead.run["scenario"]["model"] == {"id": "event_loop"}
    shares = []
    found = []
    while not ahead.finished:
        assert not ahead.complete, "not before its last batch was taken"
        batch = ahead.poll()
        assert batch is not None
        found.append(batch)
        shares.append(ahead.progress)
    ahead.close()
    assert len(found) > MOST_AHEAD + 2
    assert equal(joined(found), joined(plain))
    assert ahead.complete
    assert shares == sorted(shares)
    assert shares[0] < 0.5
    assert shares[-1] == 1.0


def test_damage_is_told_after_what_is_whole(run: Path) -> None:
    log = run / "events.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    half = len(lines) // 2
    log.write_bytes(b"".join([*lines[:half], b"{]\n", *lines[half:]]))
    ahead = Ahead(FileSource(run, chunk_spans=30))
    found: list[Batch] = []
    with pytest.raises(OptionError, match=f"line {half + 1} of events.jsonl"):
        found.extend(iter(ahead.poll, None))
    ahead.close()
    assert 0 < sum(len(batch.spans) for batch in found) < 700
    assert not ahead.complete


def test_who_ends_it_half_way_waits_for_nothing_and_leaves_no_thread(run: Path) -> None:
    before = set(threading.enumerate())
    ahead = Ahead(FileSource(run, chunk_spans=30))
    assert ahead.poll() is not None
    [thread] = set(threading.enumerate()) - before
    ahead.close()
    assert not thread.is_alive()
    assert not ahead.finished


def test_a_window_that_has_no_time_goes_on_without() -> None:
    """What cannot be had at once is None, and comes later."""

    class Slow(FileSource):
        def __init__(self) -> None:
            self.run: dict[str, object] = {}
            self.finished = self.complete = False
            self.unreadable_notes = ""
            self.may = threading.Event()

        @property
        def progress(self) -> float:
            return 0.0

        def poll(self) -> Batch:
            assert self.may.wait(60)
            self.finished = True
            return Batch(7)

        def close(self) -> None:
            pass

    source = Slow()
    ahead = Ahead(source)
    assert ahead.poll(0.0) is None
    assert not ahead.finished
    source.may.set()
    batch = ahead.poll()
    assert batch is not None
    assert batch.now == 7
    assert ahead.finished
    ahead.close()
