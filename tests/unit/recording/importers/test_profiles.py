"""Sampled call stacks of a Chrome trace are spans by depth, on a row below their thread."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from explorer.recording.importers import profiles
from explorer.recording.importers.words import Words
from explorer.records.states import State
from tests.unit.recording.importers.opened import Opened, opened, slice_, trace

ROOT, IDLE, MAIN, WORK, LEAF, OTHER = 1, 2, 3, 4, 5, 6
NODES: tuple[tuple[int, int | None, str], ...] = (
    (ROOT, None, "(root)"), (IDLE, ROOT, "(idle)"), (MAIN, ROOT, "main"), (WORK, MAIN, "work"), (LEAF, WORK, ""),
    (OTHER, MAIN, "other"),
)  # fmt: skip


def node(number: int, parent: int | None, name: str) -> dict[str, Any]:
    call = {"functionName": name, "url": "app.js", "lineNumber": number} if name == "work" else {"functionName": name}
    return {"id": number, "callFrame": call, **({} if parent is None else {"parent": parent})}


def begin(ts: float = 100, tid: int = 1, number: str = "0x1") -> dict[str, Any]:
    data = {"startTime": ts}
    return {"ph": "P", "name": "Profile", "pid": 7, "tid": tid, "id": number, "ts": ts + 3, "args": {"data": data}}


def chunk(samples: Sequence[Any], deltas: Sequence[Any], nodes: Sequence[Any] = (), **more: Any) -> dict[str, Any]:
    profile = {"nodes": [node(*each) for each in nodes], "samples": list(samples)}
    data = {"cpuProfile": profile, "timeDeltas": list(deltas), **more}
    return {"ph": "P", "name": "ProfileChunk", "pid": 7, "tid": 99, "id": "0x1", "ts": 5, "args": {"data": data}}


def stacks(found: Opened) -> list[tuple[str, int, int, int]]:
    """(name, depth, start, length) of the sampled row, in µs."""
    return sorted(
        ((name, depth, at, long) for name, thread, depth, at, long in found.told() if thread.endswith("sampled")),
        key=lambda each: (each[2], each[1]),
    )


def test_equal_stacks_that_follow_each_other_are_one_span_for_each_frame(tmp_path: Path) -> None:
    events = [
        begin(),
        chunk([IDLE, WORK, LEAF], [0, 10, 10], NODES),
        chunk([LEAF, OTHER, ROOT], [10, 10, 10]),
        chunk([WORK], [20], endTime=170),
    ]
    found = opened(trace(tmp_path / "a.json", events))
    assert stacks(found) == [
        ("(idle)", 0, 0, 10),
        ("main", 0, 10, 40),
        ("work", 1, 10, 30),
        ("(anonymous)", 2, 20, 20),
        ("other", 1, 40, 10),
    ]
    assert 'Rows whose names end in "sampled" show 7 samples' in found.left_out


def test_the_row_is_below_its_thread_and_idle_is_a_state(tmp_path: Path) -> None:
    events = [
        chunk([IDLE, WORK, WORK], [0, 10, 10], NODES),  # a trace is in no order
        slice_("task", 100, 50, tid=1),
        slice_("task", 100, 50, tid=2),
        begin(),
        {"ph": "M", "name": "thread_name", "pid": 7, "tid": 1, "args": {"name": "Main"}},
    ]
    found = opened(trace(tmp_path / "a.json", events))
    assert [track.name for track in found.store.tracks.values() if not track.parent] == [
        "Main", "Main, sampled", "Thread 2",
    ]  # fmt: skip
    told = {found.store.name(span.name): span for span in found.spans() if span.duration}
    assert told["(idle)"].state is State.IDLE
    assert told["work"].state is State.RUNNING
    assert found.store.name(told["work"].value) == "url: app.js, line: 4"
    assert told["work"].duration == 20_000, "the last sample lasts as long as samples usually do"


def test_samples_that_were_written_late_are_put_in_order(tmp_path: Path) -> None:
    found = opened(trace(tmp_path / "a.json", [begin(), chunk([MAIN, IDLE, MAIN], [0, 20, -10], NODES)]))
    assert stacks(found)[:2] == [("main", 0, 0, 20), ("(idle)", 0, 20, 10)]


def test_what_cannot_be_placed_is_said(tmp_path: Path) -> None:
    events = [
        slice_("task", 0, 10),
        chunk([MAIN, MAIN], [0, 5], NODES),
        {"ph": "P", "name": "sample", "pid": 7, "tid": 1, "ts": 5, "sf": 12},
        {"ph": "P", "name": "sample", "pid": 7, "tid": 1, "ts": 5},
    ]
    found = opened(trace(tmp_path / "a.json", events))
    assert found.left_out == (
        "Some events were left out: 2 samples of call stacks whose profile's beginning is not in the trace, "
        "1 of phase P, 1 of phase P whose call stack is not among the events."
    )


@pytest.mark.parametrize(
    "data",
    [
        {"cpuProfile": {"nodes": [{"id": "x"}], "samples": []}},
        {"cpuProfile": {"nodes": [7]}},
        {"cpuProfile": {"nodes": [{"callFrame": {}}]}},
        {"cpuProfile": 7},
        {"cpuProfile": {"samples": [MAIN]}, "timeDeltas": ["soon"]},
        {"cpuProfile": {"samples": [MAIN]}, "timeDeltas": [1e300]},
        {"cpuProfile": {"samples": [None]}, "timeDeltas": [1]},
        {"cpuProfile": {"nodes": [{"id": 1, "callFrame": 5}]}},
        {"cpuProfile": {"samples": 5}, "timeDeltas": [1]},
    ],
)
def test_a_damaged_piece_costs_itself_alone(tmp_path: Path, data: dict[str, Any]) -> None:
    bad = chunk([], []) | {"args": {"data": data}}
    found = opened(trace(tmp_path / "a.json", [begin(), chunk([MAIN, IDLE], [0, 10], NODES), bad]))
    assert stacks(found)[0] == ("main", 0, 0, 10)
    assert "1 without a usable time or place" in found.left_out


def test_stacks_deeper_than_a_timeline_shows_and_very_many_frames_end_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = [(number, number - 1 or None, f"f{number}") for number in range(1, 1_000)]
    found = opened(trace(tmp_path / "a.json", [begin(), chunk([999, 999], [0, 10], deep)]))
    assert max(depth for _, depth, *_ in stacks(found)) == profiles.DEEPEST
    monkeypatch.setattr(profiles, "MOST_FRAMES", 4)
    monkeypatch.setattr(profiles, "MOST_SPANS", 2)
    found = opened(trace(tmp_path / "b.json", [begin(), chunk([4, 4], [0, 10], deep)]))
    assert len(stacks(found)) == 2
    assert "frames of call stacks beyond" in found.left_out
    assert "2 spans of call stacks beyond" in found.left_out


def test_a_frame_that_is_its_own_caller_ends_the_walk() -> None:
    profile, words = profiles.Profile(), Words()
    profile.add_frame(1, 1, {"functionName": "a"}, words)
    profile.add_frame(2, 1, {"functionName": "b"}, words)
    profile.add_frame(1, 2, {"functionName": "c"}, words)
    for _ in range(2):
        profile.add_sample(1, 5.0)
    assert len(profile.spans()) == 3


def test_a_trace_of_a_profile_alone_opens_and_is_read_from_arrays_too(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([begin(), chunk([WORK, IDLE], [0, 10], NODES)]))
    assert [name for name, *_ in stacks(opened(path))] == ["main", "work", "(idle)"]
