"""Which runs are kept, which were cut short, which go."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer.collect.source import Batch, OpenSpan
from explorer.recording import owner, retention
from explorer.recording.writer import RecordingWriter
from explorer.records.states import Kind, State
from tests.unit.recording.runs import batches, run_json

DAY_NS = 86_400_000_000_000


def recorded(folder: Path, day: int, *, pid: int | None = None, end: bool = True) -> Path:
    """A run of one second, started on that day; `pid` stands for the recorder's."""
    folder.parent.mkdir(exist_ok=True)
    run_json(folder, anchor={"monotonic_ns": 1_000, "wall_ns": day * DAY_NS})
    writer = RecordingWriter(folder)
    for part in batches(50):
        writer.feed(part)
    writer.close()
    log = folder / "events.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    lines[0] |= {"pid": os.getpid() if pid is None else pid}
    log.write_text("".join(json.dumps(line) + "\n" for line in (lines if end else lines[:-1])))
    return folder


@pytest.fixture
def gone() -> int:
    """The number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


def test_runs_are_listed_newest_first_with_name_time_and_length(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    assert retention.recent(runs) == []
    recorded(runs / "a", 20_000)
    recorded(runs / "b", 20_001)
    (runs / "unrelated").mkdir()
    found = retention.recent(runs)
    assert [run.path.name for run in found] == ["b", "a"]
    assert found[0].started == 20_001 * 86_400
    assert found[0].duration == pytest.approx(1.0)
    assert found[0].title == "event_loop, sleep"
    assert found[0].bytes > 1000
    assert (found[0].crashed, found[0].running) == (False, False)


def test_a_run_begins_when_it_is_run_not_when_its_folder_was_made_ready(tmp_path: Path) -> None:
    run = recorded(tmp_path / "a", 20_000)
    minute = 60_000_000_000
    log = run / "events.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    later = [line | {"now": line["now"] + minute} if "now" in line else line for line in lines]
    log.write_text("".join(json.dumps(line) + "\n" for line in later))
    (found,) = retention.recent(tmp_path)
    assert found.started == pytest.approx(20_000 * 86_400 + 60, abs=0.2)
    assert found.duration == pytest.approx(1.0, abs=0.2)


def test_a_run_without_end_is_recovered_unless_its_recorder_lives(tmp_path: Path, gone: int) -> None:
    recorded(tmp_path / "dead", 20_002, pid=gone, end=False)
    recorded(tmp_path / "live", 20_001, end=False)
    dead, live = retention.recent(tmp_path)
    assert (dead.crashed, dead.running, dead.title) == (True, False, "Recovered run: event_loop, sleep")
    assert (live.crashed, live.running) == (False, True)


def test_the_oldest_go_beyond_the_limit_but_never_the_newest_or_a_running_one(tmp_path: Path) -> None:
    for day, name in enumerate("abcd"):
        recorded(tmp_path / name, 20_000 + day, end=name != "a")
    size = retention.recent(tmp_path)[0].bytes
    assert retention.trim(tmp_path, limit_bytes=2 * size + 100) == [tmp_path / "b"]
    assert retention.trim(tmp_path, limit_bytes=0) == [tmp_path / "c"]
    assert [run.path.name for run in retention.recent(tmp_path)] == ["d", "a"]


def test_a_session_that_only_stood_by_is_no_run_and_goes_when_it_is_over(tmp_path: Path, gone: int) -> None:
    recorded(tmp_path / "real", 20_000)
    alive = RecordingWriter(run_json(tmp_path / "spare"))
    dead = run_json(tmp_path / "dead")
    (dead / "events.jsonl").write_text(json.dumps({"type": "begin", "pid": gone, "wall_ns": 0}) + "\n")
    assert [run.path.name for run in retention.recent(tmp_path)] == ["real"]
    assert retention.trim(tmp_path) == [dead]
    assert (tmp_path / "spare").is_dir()
    alive.close()


def test_a_crashed_run_whose_last_line_is_very_long_is_not_empty(tmp_path: Path, gone: int) -> None:
    """Killed while it wrote what was open: thousands of spans in one line."""
    recorded(tmp_path / "newer", 20_001)
    run = recorded(tmp_path / "a", 20_000, pid=gone, end=False)
    with (run / "events.jsonl").open("a") as log:
        log.write('{"type":"open","spans":[' + "[1,2,3,4,5,6,7]," * retention.TAIL_BYTES)
    assert retention.trim(tmp_path) == []
    assert [(kept.path, kept.crashed) for kept in retention.recent(tmp_path)][1:] == [(run, True)]


def test_a_run_that_could_record_figures_alone_is_not_empty(tmp_path: Path) -> None:
    """The disk was nearly full from the start: no rows, but markers, open spans and what the load reports."""
    writer = RecordingWriter(run_json(tmp_path / "a"), free=lambda folder: 0)
    spans = [OpenSpan(3, 0, 1234, 1, 8, Kind.JOB, State.BLOCKED)]
    writer.feed(Batch(now=1, events=[{"type": "load", "time": 1}], open_spans=spans))
    writer.close()
    assert retention.trim(tmp_path) == []
    assert [kept.path for kept in retention.recent(tmp_path)] == [tmp_path / "a"]


def test_a_run_that_failed_to_start_is_empty(tmp_path: Path) -> None:
    RecordingWriter(run_json(tmp_path / "a")).close()
    assert retention.recent(tmp_path) == []
    assert retention.trim(tmp_path) == [tmp_path / "a"]


def test_a_run_that_is_over_stays_while_its_process_shows_it(tmp_path: Path, gone: int) -> None:
    for day, name in enumerate(("shown", "forgotten", "its process ended", "newest")):
        run = recorded(tmp_path / name, 20_000 + day)
        owner.hold(run)
    RecordingWriter(run_json(tmp_path / "failed")).close()
    owner.hold(tmp_path / "failed")
    owner.let_go(tmp_path / "forgotten")
    mark = tmp_path / "its process ended" / owner.FILE
    mark.write_text(json.dumps(json.loads(mark.read_text()) | {"pid": gone}))
    assert sorted(retention.trim(tmp_path, limit_bytes=0)) == [tmp_path / "forgotten", tmp_path / "its process ended"]
    owner.let_go(tmp_path / "shown")
    owner.let_go(tmp_path / "failed")
    assert sorted(retention.trim(tmp_path, limit_bytes=0)) == [tmp_path / "failed", tmp_path / "shown"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": "x"}', "[" * 50_000, '{"pid": 1e400, "wall_ns": []}'])
def test_a_mark_that_cannot_be_read_holds_nothing(tmp_path: Path, text: str) -> None:
    run = recorded(tmp_path / "a", 20_000)
    (run / owner.FILE).write_text(text)
    assert not owner.held(run)
    owner.let_go(run)
    owner.let_go(run)


def test_rings_of_a_crashed_run_are_released(tmp_path: Path, gone: int) -> None:
    rings = tmp_path / "memory"
    rings.mkdir()
    run = recorded(tmp_path / "runs" / "a", 20_000, pid=gone, end=False)
    (run / "rings").symlink_to(rings, target_is_directory=True)
    assert retention.trim(tmp_path / "runs") == []
    assert not rings.exists()
    assert retention.recent(tmp_path / "runs")[0].crashed


def left_behind(folder: Path, *, minutes: int) -> Path:
    """A run folder as the session makes it, with rings in memory, in which nothing has changed for so long."""
    memory = folder.parent.parent / f"memory-{folder.name}"
    memory.mkdir()
    (folder / "numbers").mkdir(parents=True)
    (folder / "rings").symlink_to(memory, target_is_directory=True)
    age(folder, minutes)
    return memory


def age(folder: Path, minutes: int) -> None:
    then = time.time() - minutes * 60
    for each in (*folder.iterdir(), folder):
        os.utime(each, (then, then), follow_symlinks=False)


def test_what_never_became_a_recording_goes_with_its_rings_unless_it_is_new(tmp_path: Path, gone: int) -> None:
    runs = tmp_path / "runs"
    old, new = left_behind(runs / "old", minutes=60), left_behind(runs / "new", minutes=0)
    (runs / "not ours").mkdir()
    age(runs / "not ours", 60)
    without_log = left_behind(runs / "without log", minutes=60)
    run_json(runs / "without log")
    alive = left_behind(runs / "alive", minutes=60)
    (runs / "alive" / "events.jsonl").write_text(json.dumps({"type": "begin", "pid": os.getpid()}) + "\n")
    held = left_behind(runs / "held", minutes=60)
    owner.hold(runs / "held")
    for each in ("without log", "alive", "held"):
        age(runs / each, 60)
    assert sorted(retention.trim(runs)) == [runs / "old", runs / "without log"]
    assert [memory.exists() for memory in (old, new, without_log, alive, held)] == [False, True, False, True, True]
    assert (runs / "not ours").is_dir()


def test_spans_without_a_run_json_are_kept_but_not_their_rings(tmp_path: Path, gone: int) -> None:
    run = recorded(tmp_path / "runs" / "a", 20_000, pid=gone, end=False)
    memory = left_behind(run, minutes=0)
    (run / "run.json").unlink()
    age(run, 60)
    assert retention.trim(tmp_path / "runs") == []
    assert (run / "spans-0001.arrows").is_file()
    assert not memory.exists()


def test_nonsense_in_a_log_hides_no_run(tmp_path: Path) -> None:
    run = recorded(tmp_path / "a", 20_000)
    with (run / "events.jsonl").open("a") as log:
        log.write("\n" + "[" * 50_000 + "\n")
    assert [found.path for found in retention.recent(tmp_path)] == [run]


@pytest.mark.parametrize("anchor", [[], "x", {"wall_ns": "x"}, {"wall_ns": 10**400, "monotonic_ns": []}])
def test_a_damaged_anchor_hides_no_run(tmp_path: Path, anchor: object) -> None:
    run = recorded(tmp_path / "a", 20_000)
    run_json(run, anchor=anchor)
    (found,) = retention.recent(tmp_path)
    assert (found.path, found.duration) == (run, 0.0)
