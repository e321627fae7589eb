"""Traces of other programs show what they hold: processes, threads, depths, names, counters, arrows."""

import gzip
import json
from pathlib import Path

import pytest

from explorer.option_error import OptionError
from explorer.recording.sources import check, open_source
from explorer.records.states import Flag, Role, State, TrackKind
from tests.unit.recording.importers.opened import opened, slice_, trace

RECORDED = Path(__file__).parents[3] / "recordings" / "viztracer.json"


def test_spans_lie_in_their_threads_at_their_depths(tmp_path: Path) -> None:
    events = [slice_("inner", 1010, 20), slice_("outer", 1000, 100), slice_("later", 1050, 10), slice_("b", 1000, 5, 2)]
    told = opened(trace(tmp_path / "a.json", events)).told()
    assert sorted(told) == [
        ("b", "Thread 2", 0, 0, 5),
        ("inner", "Thread 1", 1, 10, 20),
        ("later", "Thread 1", 1, 50, 10),
        ("outer", "Thread 1", 0, 0, 100),
    ]


def test_begins_and_ends_make_spans_whatever_their_order_in_the_file(tmp_path: Path) -> None:
    halves = [("B", 0), ("B", 10), ("E", 20), ("E", 30)]
    events = [
        {"ph": ph, "name": f"at {ts}", "ts": ts, "pid": 1, "tid": 1}
        if ph == "B"
        else {"ph": ph, "ts": ts, "pid": 1, "tid": 1}
        for ph, ts in reversed(halves)
    ]
    told = opened(trace(tmp_path / "a.json", events)).told()
    assert told == [("at 0", "Thread 1", 0, 0, 30), ("at 10", "Thread 1", 1, 10, 10)]


def test_what_has_not_ended_is_drawn_to_the_end_and_said(tmp_path: Path) -> None:
    events = [{"ph": "B", "name": "open", "ts": 5, "pid": 7, "tid": 1}, slice_("last", 50, 50, 2)]
    events.append({"ph": "E", "ts": 1, "pid": 7, "tid": 2})
    found = opened(trace(tmp_path / "a.json", events))
    assert ("open", "Thread 1", 0, 0, 95) in found.told()
    assert "1 spans have no end in the trace" in found.left_out
    assert "1 ends without a begin" in found.left_out


def test_processes_and_threads_have_their_names_and_order(tmp_path: Path) -> None:
    def named(kind: str, name: str, pid: int, tid: int = 0) -> dict[str, object]:
        return {"ph": "M", "name": kind, "pid": pid, "tid": tid, "args": {"name": name}}

    events = [
        slice_("a", 1, 1, 3),
        slice_("b", 1, 1, 4),
        slice_("c", 1, 1, 1) | {"pid": 2},
        named("process_name", "Browser", 7),
        named("thread_name", "IO", 7, 3),
        named("thread_name", "Main", 7, 4),
        {"ph": "M", "name": "process_sort_index", "pid": 2, "args": {"sort_index": 9}},
        {"ph": "M", "name": "thread_sort_index", "pid": 7, "tid": 4, "args": {"sort_index": -1}},
    ]
    store = opened(trace(tmp_path / "a.json", events)).store
    assert [(process.pid, process.label, process.role) for process in store.processes.values()] == [
        (7, "Browser", Role.FOREIGN),
        (2, "Process 2", Role.FOREIGN),
    ]
    assert [(track.name, track.tid) for track in store.tracks.values()] == [("Main", 4), ("IO", 3), ("Thread 1", 1)]


def test_operations_that_overlap_lie_on_rows_of_their_category(tmp_path: Path) -> None:
    def half(ph: str, number: int, ts: int) -> dict[str, object]:
        return {"ph": ph, "cat": "net", "id": number, "name": f"get {number}", "ts": ts, "pid": 1}

    events = [half("b", 1, 0), half("b", 2, 10), half("e", 1, 20), half("e", 2, 30), half("b", 3, 25), half("e", 3, 40)]
    told = opened(trace(tmp_path / "a.json", events)).told()
    assert sorted(told) == [
        ("get 1", "net (asynchronous)", 0, 0, 20),
        ("get 2", "net (asynchronous)", 1, 10, 20),
        ("get 3", "net (asynchronous)", 0, 25, 15),
    ]


def test_an_operation_of_another_process_with_the_same_local_id_is_another(tmp_path: Path) -> None:
    events = [
        {"ph": ph, "cat": "net", "id2": {"local": "0x1"}, "name": "get", "ts": ts + pid, "pid": pid}
        for pid in (1, 2)
        for ph, ts in (("b", 0), ("e", 10))
    ]
    assert [each[-1] for each in opened(trace(tmp_path / "a.json", events)).told()] == [10, 10]


def test_counters_and_moments(tmp_path: Path) -> None:
    events = [
        {"ph": "C", "name": "cpu", "pid": 1, "ts": 5, "args": {"user": 1.5, "system": 2}},
        {"ph": "C", "name": "memory", "pid": 1, "ts": 5, "args": {"value": 3}},
        {"ph": "i", "name": "frame", "pid": 1, "tid": 1, "ts": 6, "s": "t"},
        {"ph": "I", "name": "crash", "pid": 1, "tid": 1, "ts": 7, "s": "g"},
    ]
    found = opened(trace(tmp_path / "a.json", events))
    tracks = found.store.tracks.values()
    counters = [track for track in tracks if track.kind is TrackKind.COUNTER]
    assert {track.name: found.store.counters[track.number].values.tolist() for track in counters} == {
        "Cpu system": [2.0],
        "Cpu user": [1.5],
        "Memory": [3.0],
    }
    assert [(span.duration, span.flags) for span in found.spans()] == [(0, Flag.INSTANT)]
    assert [marker.text for marker in found.store.markers] == ["crash"]


def test_what_arrows_connect_has_one_number(tmp_path: Path) -> None:
    def flow(ph: str, ts: int, tid: int, **more: str) -> dict[str, object]:
        return {"ph": ph, "name": "f", "cat": "f", "id": 5, "ts": ts, "pid": 7, "tid": tid, **more}

    events = [
        slice_("send", 0, 10, 1),
        slice_("write", 2, 5, 1),
        slice_("work", 20, 10, 2),
        slice_("else", 20, 10, 3),
        slice_("take", 40, 10, 3),
        flow("s", 3, 1),
        flow("t", 25, 2, bp="e"),
        flow("f", 32, 3),
    ]
    found = opened(trace(tmp_path / "a.json", events))
    numbers = {found.store.name(span.name): span.request for span in found.spans()}
    assert numbers["write"] == numbers["work"] == numbers["take"] > 0
    assert numbers["send"] == numbers["else"] == 0


def test_states_are_running_unless_category_or_name_says_more(tmp_path: Path) -> None:
    events = [
        slice_("f", 0, 1),
        slice_("g", 2, 1, cat="waiting_gil"),
        slice_("h", 12, 1, cat="waiting for the GIL"),
        slice_("time.sleep", 4, 1),
        slice_("_thread.lock.acquire", 6, 1),
        slice_("asleep", 8, 1),
        slice_("select.epoll.poll", 10, 1),
    ]
    found = opened(trace(tmp_path / "a.json", events))
    assert {found.store.name(span.name): span.state for span in found.spans()} == {
        "f": State.RUNNING,
        "g": State.WAITING_GIL,
        "h": State.WAITING_GIL,
        "time.sleep": State.BLOCKED,
        "_thread.lock.acquire": State.WAITING_LOCK,
        "asleep": State.RUNNING,
        "select.epoll.poll": State.IDLE,
    }
    assert "drawn as running" in found.remarks[0]


def test_arguments_and_processor_time_come_along(tmp_path: Path) -> None:
    event = slice_("get", 0, 100, tdur=51.2, args={"url": "/orders", "tries": 2, "more": {"a": None}})
    found = opened(trace(tmp_path / "a.json", [event]))
    (span,) = found.spans()
    assert found.store.name(span.value) == 'url: /orders, tries: 2, more: {"a": null}'
    assert span.cpu_ns == 51_200


def test_processor_time_of_halves_is_exact_however_long_their_thread_has_run(tmp_path: Path) -> None:
    an_hour = 3_600_000_000.0
    events = [
        {"ph": phase, "name": "work", "ts": ts, "tts": an_hour + ts, "pid": 7, "tid": 1}
        for phase, ts in (("B", 0.0), ("E", 51.2))
    ]
    (span,) = opened(trace(tmp_path / "a.json", events)).spans()
    assert span.cpu_ns == 51_200


def test_all_three_forms_hold_the_same(tmp_path: Path) -> None:
    events = [slice_(f"f{number}", number * 10, 5) for number in range(100)]
    whole = trace(tmp_path / "a.json", events, displayTimeUnit="ms", otherData={"x": [1, {"y": "]"}]})
    plain, packed = tmp_path / "b.json", tmp_path / "c.json.gz"
    plain.write_text(json.dumps(events).removesuffix("]"))
    packed.write_bytes(gzip.compress(whole.read_bytes()))
    before = tmp_path / "d.json"
    before.write_text(json.dumps({"metadata": {"os": ["{", {"a": "traceEvents"}]}, "traceEvents": events}))
    told = [opened(path) for path in (whole, plain, packed, before)]
    assert all(each.told() == told[0].told() and each.complete for each in told)
    assert len(told[0].told()) == 100


def test_a_trace_of_viztracer(tmp_path: Path) -> None:
    found = opened(RECORDED)
    store = found.store
    assert [process.label for process in store.processes.values()] == ["MainProcess"]
    names = [track.name for track in store.tracks.values() if not track.parent]
    assert names == ["MainThread", "worker-0", "worker-1", "worker-2"]
    outermost = [each for each in found.told() if each[2] == 0 and each[1] == "worker-1"]
    assert any(name.startswith("Thread.run ") for name, *_ in outermost)
    inner = {name: depth for name, thread, depth, *_ in found.told() if thread == "worker-1"}
    assert inner["time.sleep"] == inner["branch (/home/user/program.py:3)"] == 2
    assert inner["leaf (/home/user/program.py:2)"] == 3
    assert store.states == {State.RUNNING, State.BLOCKED, State.WAITING_LOCK}
    assert found.left_out == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is no JSON trace"),
        ("hello", "is no JSON trace"),
        ('{"a": 1}', "it has no traceEvents"),
        ('{"traceEvents": 5}', "are no list"),
        ('{"a" 1}', "is no JSON trace"),
        ('{"a": [1, 2', "cannot be read up to"),
    ],
)
def test_what_is_no_trace_is_refused_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(OptionError, match=sentence):
        check(path)


@pytest.mark.parametrize("text", ["[]", '{"traceEvents": []}', "[1, 2]", '[{"a": 1}]', '[{"ph": "X", "ts": NaN}]'])
def test_a_trace_without_events_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(OptionError, match="holds no event"):
        opened(path)


def test_other_files_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="is none of a recording"):
        check(tmp_path / "notes.txt")
    with pytest.raises(OptionError, match="cannot be read"):
        open_source(tmp_path / "missing.json")
