"""A thread of a trace made elsewhere is one track again where it is exported, unless its spans overlap oddly."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from explorer.collect.source import SPAN, Array, Process, Track
from explorer.export.format import formats
from explorer.export.job import Job
from explorer.export.nested import Nesting
from explorer.export.recorded import Recorded
from explorer.recording.importers.keep import save_trace
from explorer.records.states import Role, TrackKind
from tests.unit.export.wire import Trace
from tests.unit.recording.importers.opened import opened, slice_, trace

THREAD = [slice_("outer", 0, 100), slice_("inner", 10, 50), slice_("leaf", 20, 10), slice_("leaf", 40, 20)]
ODD = [slice_("first", 0, 100, tid=2), slice_("second", 50, 100, tid=2)]
WRITERS = {one.id: one for one in formats()}


def written(path: Path, identity: str) -> bytes:
    file = io.BytesIO()
    WRITERS[identity].write(Job(Recorded.at(path)), file)
    return file.getvalue()


def nested(trace: Trace) -> list[tuple[str, int, str, int, int | None]]:
    """(track, depth, name, begin, length) of all slices, in µs."""
    origin = min(each.begin for each in trace.slices)
    return sorted(
        (
            trace.track_name(each.track),
            each.depth,
            each.name,
            (each.begin - origin) // 1000,
            None if each.end is None else (each.end - each.begin) // 1000,
        )
        for each in trace.slices
    )


@pytest.mark.parametrize("kept", [False, True])
def test_what_nests_is_on_one_track_and_what_overlaps_oddly_on_a_row_for_each_depth(tmp_path: Path, kept: bool) -> None:
    path = trace(tmp_path / "a.json", [*THREAD, *ODD])
    if kept:  # as a recording of our own
        path = save_trace(path, tmp_path / "a.cxrec", None).path
    assert nested(Trace(written(path, "perfetto"))) == [
        ("Thread 1", 0, "outer", 0, 100),
        ("Thread 1", 1, "inner", 10, 50),
        ("Thread 1", 2, "leaf", 20, 10),
        ("Thread 1", 2, "leaf", 40, 20),
        ("Thread 2", 0, "first", 0, 100),
        ("depth 1", 0, "second", 50, 100),
    ]
    events = json.loads(written(path, "chrome"))["traceEvents"]
    rows: dict[str, list[str]] = {}
    names = {(each["pid"], each["tid"]): each["args"]["name"] for each in events if each["name"] == "thread_name"}
    for each in events:
        if each["ph"] == "X":
            rows.setdefault(names[each["pid"], each["tid"]], []).append(each["name"])
    assert {title: sorted(each) for title, each in rows.items()} == {
        "Thread 1": ["inner", "leaf", "leaf", "outer"], "Thread 2": ["first"], "Thread 2, depth 1": ["second"],
    }  # fmt: skip
    assert len(names) == 4, "these, and one for markers"


def test_a_deep_trace_comes_back_as_it_was_however_it_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(5)
    events: list[dict[str, Any]] = []

    def grow(begin: int, end: int, depth: int) -> None:
        thread = events[-1]["tid"] if depth else random.randint(1, 2)
        events.append(slice_(f"f{depth}", begin, end - begin, tid=thread))
        at = begin + random.randint(0, 3)
        while depth < 9 and at < end:
            until = min(end, at + random.randint(1, (end - begin) // 2 + 1))
            grow(at, until, depth + 1)
            at = until + random.randint(0, 5)

    for turn in range(12):
        grow(turn * 1_000, turn * 1_000 + random.randint(50, 1_000), 0)
    path = trace(tmp_path / "a.json", events)
    monkeypatch.setattr("explorer.export.stretches.STRETCH", 7)
    monkeypatch.setattr("explorer.recording.importers.arrange.BATCH_SPANS", 40)
    there = sorted(opened(path).told())
    assert len(there) > 300
    again = tmp_path / "again.json"
    again.write_bytes(written(path, "chrome"))
    assert sorted(opened(again).told()) == there
    found = Trace(written(path, "perfetto"))
    assert found.ends_without_begin == 0
    assert nested(found) == sorted((thread, depth, name, at, long) for name, thread, depth, at, long in there)


def test_arrows_go_on_to_inner_spans(tmp_path: Path) -> None:
    def arrow(phase: str, ts: float, tid: int, **more: Any) -> dict[str, Any]:
        return {"ph": phase, "id": 1, "name": "way", "cat": "way", "ts": ts, "pid": 7, "tid": tid, **more}

    other = [slice_("outer too", 200, 100, tid=2), slice_("asked", 210, 50, tid=2)]
    arrows = [arrow("s", 22, 1), arrow("f", 215, 2, bp="e")]
    path = trace(tmp_path / "a.json", [*THREAD, *other, *arrows])
    of_flow = {each.name for each in Trace(written(path, "perfetto")).slices if each.flow}
    assert of_flow == {"leaf", "asked"}
    events = json.loads(written(path, "chrome"))["traceEvents"]
    assert [each["ph"] for each in events if each.get("cat") == "request"] == ["s", "f"]


def spans(*rows: tuple[int, int, int]) -> Array:
    """Spans (track, start, end)."""
    made = np.zeros(len(rows), SPAN)
    for name, column in zip(("track", "start", "end"), zip(*rows, strict=True), strict=True):
        made[name] = column
    return made


def nesting(*batches: Array, parent: Callable[[int], int] = lambda number: 1) -> dict[int, tuple[int, int]]:
    """What nests of a thread of three depths, tracks 1 to 3."""
    tracks = {
        number: Track(number, TrackKind.THREAD, "Thread", 1, parent(number) if number > 1 else 0)
        for number in range(1, 4)
    }
    processes = {1: Process(1, 7, Role.FOREIGN, "a", 0, 0, "", 0)}
    found = Nesting()
    for batch in batches:
        found.feed(batch, tracks, processes)
    return found.nested


def test_an_outer_span_may_have_come_with_an_earlier_batch() -> None:
    whole = {2: (1, 1), 3: (1, 2)}
    assert (
        nesting(spans((1, 0, 100)), spans((2, 10, 90)), spans((3, 20, 30), (2, 95, 100)), spans((3, 96, 97))) == whole
    )
    assert nesting(spans((1, 0, 100), (2, 0, 100), (3, 100, 100))) == whole
    assert nesting(spans((1, 0, 100)), spans((2, 10, 101))) == {}
    assert nesting(spans((1, 0, 100), (2, 10, 90)), spans((3, 90, 95))) == {}
    assert nesting(spans((2, 10, 90)), spans((1, 0, 100))) == {}, "an outer one comes first, or nothing is known"


def test_tracks_of_a_damaged_file_stay_where_they_are() -> None:
    assert nesting(spans((1, 0, 100), (2, 10, 90), (3, 20, 30)), parent=lambda number: number) == {}
    assert nesting(spans((1, 0, 100), (2, 10, 90), (3, 20, 30)), parent=lambda number: number - 1) == {2: (1, 1)}
