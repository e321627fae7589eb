"""A trace that is damaged opens as far as it is whole and says what is missing, or is refused; it never crashes."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.option_error import OptionError
from explorer.recording.importers import columns, events, words
from tests.unit.recording.importers.opened import Opened, opened, slice_, trace

EVENTS = [slice_(f"f{number}", number * 10, 5) for number in range(50)]


def read(path: Path) -> Opened | str:
    """The trace, or the sentence with which it was refused."""
    try:
        return opened(path)
    except OptionError as error:
        return str(error)


def test_a_file_that_was_cut_opens_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    text = json.dumps({"traceEvents": EVENTS})
    path.write_text(text[: len(text) * 2 // 3])
    found = opened(path)
    assert 25 < len(found.told()) < 40
    assert "ends in the middle" in found.left_out
    assert not found.complete


def test_a_packed_file_that_was_cut_opens_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    many = [slice_(f"f{number * 7919 % 100_003}", number * 10, 5) for number in range(60_000)]
    data = gzip.compress(json.dumps(many).encode())
    path.write_bytes(data[: len(data) // 2])
    found = opened(path)
    assert 10_000 < found.store.count < 50_000
    assert "damaged" in found.left_out


@pytest.mark.parametrize(
    "bad",
    [
        '{"ph": "X", "name": "bad" "ts": 1}',
        '{"ph": "X", "args": {"a": [{"b": 1}, {"c" 2}]}, "ts": 1}',
        "garbage",
        '{"ph": "X", "ts": 1' + "0" * 5000 + "}",
        "[" * 100_000 + "]" * 100_000,
        "null",
    ],
)
def test_one_bad_event_costs_itself_alone(tmp_path: Path, bad: str) -> None:
    parts = [json.dumps(event) for event in EVENTS]
    path = tmp_path / "a.json"
    path.write_text('{"traceEvents": [' + ",".join([*parts[:20], bad, *parts[20:]]) + '], "displayTimeUnit": "ms"}')
    found = opened(path)
    assert len(EVENTS) - 1 <= len(found.told()) <= len(EVENTS)
    assert "were left out" in found.left_out


@pytest.mark.parametrize(
    "event",
    [
        {"ph": "X", "name": "no time", "pid": 1, "tid": 1, "dur": 5},
        {"ph": "X", "name": "no end", "pid": 1, "tid": 1, "ts": 5},
        slice_("backwards", 5, -1),
        slice_("far", 1e300, 1),
        slice_("nowhere", float("nan"), 1),
        slice_("endless", 1, float("inf")),
        slice_("true", 1, 1) | {"ts": True},
        slice_("list", 1, 1) | {"ts": [1]},
        slice_("list", 1, 1) | {"name": ["a"]},
        {"ph": 5},
        {"ph": "C", "name": "c", "pid": 1, "ts": 1, "args": 7},
        {"ph": "M", "name": "thread_name", "pid": 1, "args": "x"},
    ],
)
def test_events_that_make_no_sense_are_counted(tmp_path: Path, event: dict[str, object]) -> None:
    found = opened(trace(tmp_path / "a.json", [*EVENTS, event]))
    assert len(found.told()) == len(EVENTS)
    assert "1 without a usable time or place" in found.left_out


@pytest.mark.parametrize("filling", [" " * (24 << 20), "1," * (1 << 18)], ids=["blanks", "numbers"])
def test_a_file_that_unpacks_to_very_much_of_nothing_is_read_a_little_at_a_time(tmp_path: Path, filling: str) -> None:
    path = tmp_path / "a.json.gz"
    event = json.dumps(EVENTS[0])
    path.write_bytes(gzip.compress(f'{{"traceEvents": [{filling}{event}]}}'.encode(), 1))
    reader = events.EventReader(path)
    found, calls = [], 0
    try:
        while not reader.finished:
            before = reader._file.tell()
            found += reader.take(4_000)
            assert reader._file.tell() - before <= 10 * events.CHUNK
            calls += 1
    finally:
        reader.close()
    assert found == [EVENTS[0]]
    assert calls > 1


def test_phases_that_cannot_be_shown_are_counted(tmp_path: Path) -> None:
    found = opened(trace(tmp_path / "a.json", [*EVENTS, {"ph": "P", "ts": 1}, {"ph": "O", "ts": 1}]))
    assert found.left_out == "Some events were left out: 1 of phase O, 1 of phase P."


def test_spans_that_overlap_without_nesting_do_not_share_a_row(tmp_path: Path) -> None:
    found = opened(trace(tmp_path / "a.json", [slice_("a", 0, 10), slice_("b", 5, 10), slice_("c", 12, 10)]))
    assert [(name, depth) for name, _, depth, *_ in sorted(found.told())] == [("a", 0), ("b", 1), ("c", 2)]


def test_a_span_that_outlives_its_parent_by_a_rounding_error_ends_with_it(tmp_path: Path) -> None:
    found = opened(trace(tmp_path / "a.json", [slice_("a", 0, 10), slice_("b", 5, 5.001), slice_("c", 10, 5)]))
    assert [(name, depth) for name, _, depth, *_ in sorted(found.told())] == [("a", 0), ("b", 1), ("c", 0)]


def test_deeper_than_there_are_rows_is_left_out(tmp_path: Path) -> None:
    found = opened(trace(tmp_path / "a.json", [slice_("f", number, 1000 - 2 * number) for number in range(300)]))
    assert len(found.told()) == 256
    assert "44 nested too deep" in found.left_out


def test_what_is_kept_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "MOST_NAMES", 10)
    monkeypatch.setattr(words, "MOST_TEXTS", 5)
    monkeypatch.setattr(columns, "MOST_PLACES", 20)
    monkeypatch.setattr(columns, "MOST_EVENTS", 40)
    many = [slice_(f"f{number}", number * 10, 5, number, args={"n": number}) for number in range(50)]
    found = opened(trace(tmp_path / "a.json", many))
    assert found.store.count == 20
    assert {name for name, *_ in found.told()} == {*(f"f{number}" for number in range(10)), words.OTHER}
    assert "20 beyond 10,000 threads" in found.left_out
    assert "names the rest is called other" in found.left_out


def test_a_clock_with_a_stray_moment_centuries_away_still_opens(tmp_path: Path) -> None:
    found = opened(trace(tmp_path / "a.json", [*EVENTS, slice_("stray", 3.9e15, 1), slice_("old", -3.9e15, 1)]))
    assert found.store.count == len(EVENTS) + 2


def test_texts_without_an_end_do_not_take_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LONGEST_EVENT", 100)
    monkeypatch.setattr(events, "MOST_UNENDED", 5)
    path = tmp_path / "a.json"
    path.write_text("[" + json.dumps(slice_("f", 1, 1)) + ',{"name": "x},' * 50_000)
    found = opened(path)
    assert found.store.count == 1


CHECKS = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
TIMES = st.integers(-50, 50) | st.floats(-50, 50) | VALUES
ANY_EVENT = st.fixed_dictionaries(
    {"ph": st.sampled_from("XBEiICMbnestfSTFPO") | VALUES},
    optional={
        "ts": TIMES,
        "dur": TIMES,
        "pid": st.integers(0, 2) | VALUES,
        "tid": st.integers(0, 2) | VALUES,
        "id": st.integers(0, 2) | VALUES,
        "id2": st.fixed_dictionaries({"local": st.integers(0, 2)}) | VALUES,
        "name": st.sampled_from(["a", "b", "process_name", "thread_sort_index"]) | VALUES,
        "cat": st.sampled_from(["c", "blocked"]) | VALUES,
        "args": VALUES | st.fixed_dictionaries({"name": VALUES, "sort_index": VALUES}),
        "tdur": VALUES,
        "bp": VALUES,
        "s": VALUES,
    },
)


@given(st.lists(ANY_EVENT, max_size=25))
@settings(max_examples=80, deadline=None, suppress_health_check=CHECKS)
def test_whatever_events_hold_rows_are_in_order(tmp_path: Path, events: list[dict[str, object]]) -> None:
    found = read(trace(tmp_path / "a.json", events))
    if isinstance(found, str):
        assert found.count(". ") == 1
        return
    for number in found.store.tracks:
        for piece in found.store.slices(number, 0, -(1 << 62), 1 << 62):
            assert (piece.end >= piece.start).all()
            assert (piece.start[1:] >= piece.end[:-1]).all()


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=CHECKS)
def test_cuts_and_changed_bytes_never_crash(tmp_path: Path, data: st.DataObject) -> None:
    text = bytearray(json.dumps({"metadata": {"a": [1]}, "traceEvents": EVENTS, "end": 1}).encode())
    for _ in range(data.draw(st.integers(0, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.sampled_from(b'"{}[]:,\\ \x00\xff9xN'))
    path = tmp_path / "a.json"
    path.write_bytes(text[: data.draw(st.integers(1, len(text)) | st.just(len(text)))])
    found = read(path)
    assert isinstance(found, str) or found.store.count <= len(EVENTS)
