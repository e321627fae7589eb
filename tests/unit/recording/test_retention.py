"""Which runs are kept, which were cut short, which go."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.recording import retention
from explorer.recording.writer import RecordingWriter
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


def test_rings_of_a_crashed_run_are_released(tmp_path: Path, gone: int) -> None:
    rings = tmp_path / "memory"
    rings.mkdir()
    run = recorded(tmp_path / "runs" / "a", 20_000, pid=gone, end=False)
    (run / "rings").symlink_to(rings, target_is_directory=True)
    assert retention.trim(tmp_path / "runs") == []
    assert not rings.exists()
    assert retention.recent(tmp_path / "runs")[0].crashed
