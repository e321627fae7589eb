"""A recording may come from anybody: whatever its log holds, the reader raises a sentence or gives what can be used."""

import contextlib
import copy
import json
import math
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.run_log import SERIES
from explorer.analysis.statistics import RunStatistics
from explorer.option_error import OptionError
from explorer.recording.file_source import FileSource
from explorer.recording.writer import RecordingWriter
from explorer.store.store import Store
from tests.unit.recording.runs import batches, run_json

ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 1 << 31, 1 << 62, 1 << 63, 1 << 64, -(1 << 63) - 1, 10**30, 10**400]),
    st.sampled_from([0.5, -1.5, 1e300, math.inf, math.nan]),
    st.sampled_from(["", "x", "1", "process", "track", "name", "flush", "begin", "load", "load_total", "end"]),
    st.sampled_from([[], [1], {}, {"x": 1}, [[]], {"612": "x"}, {"612": 1 << 70}, {"-1": 3}]),
)


def lines_of_a_run() -> list[dict[str, Any]]:
    """The log of a small run."""
    with tempfile.TemporaryDirectory() as folder:
        writer = RecordingWriter(run_json(Path(folder)))
        for part in batches(12):
            writer.feed(part)
        writer.close()
        return [json.loads(line) for line in (Path(folder) / "events.jsonl").read_text().splitlines()]


LINES = lines_of_a_run()
LINES.append(
    {
        "type": "event",
        "event": {
            "type": "load_total",
            "time": 5,
            "sent": 7,
            "ok": 7,
            "failed": 0,
            "timed_out": 0,
            "first_send": 1,
            "last_answer": 4,
        },
    }
)


def places(value: Any) -> list[tuple[Any, ...]]:
    """The paths to everything inside a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[tuple[Any, ...]] = []
    for key, each in pairs:
        found += [(key,), *((key, *deeper) for deeper in places(each))]
    return found


@st.composite
def damaged(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The lines of a run in which some values are others, or missing."""
    lines = copy.deepcopy(LINES)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        paths = places(lines[at])
        if not paths:
            continue
        *way, last = draw(st.sampled_from(paths))
        inner: Any = lines[at]
        for key in way:
            inner = inner[key]
        if isinstance(inner, dict) and draw(st.booleans()) and draw(st.booleans()):
            del inner[last]
        else:
            inner[last] = copy.deepcopy(draw(ODD))
    return lines


def read(folder: Path, lines: list[dict[str, Any]]) -> Store:
    """Read a folder with these lines into all that reads recordings."""
    (folder / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    source, store, statistics = FileSource(folder), Store(), RunStatistics()
    try:
        while not source.finished:
            batch = source.poll()
            store.append(batch)
            statistics.feed(batch)
    finally:
        source.close()
    json.dumps(statistics.figures({"load": {"mode": "users"}}))
    for name in SERIES:
        statistics.series(name, 0)
    statistics.usage()
    statistics.observing_share()
    return store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with its rows, whose log is written anew for each case."""
    run = run_json(tmp_path_factory.mktemp("damage"))
    writer = RecordingWriter(run)
    for part in batches(12):
        writer.feed(part)
    writer.close()
    return run


@settings(max_examples=150, deadline=None)
@given(lines=damaged())
def test_whatever_the_log_holds_there_is_a_sentence_or_a_run(folder: Path, lines: list[dict[str, Any]]) -> None:
    with contextlib.suppress(OptionError):
        read(folder, lines)


@pytest.mark.parametrize(
    "line",
    [
        {"type": "begin", "version": "x"},
        {"type": "name", "number": -1, "text": "x"},
        {"type": "name", "number": 10**9, "text": "x"},
        {"type": "name", "number": "1", "text": "x"},
        {"type": "name", "number": 1, "text": ["x"]},
        {"type": "event", "event": [["type", "load"]]},
        {"type": "flush", "now": 10**30, "tally": []},
        {"type": "flush", "now": 1, "tally": ["x"]},
        {"type": "open", "spans": [["3", 0, 1, 1, 8, 12, 5]]},
        {"type": "marker", "time": "1", "kind": "note", "text": "x"},
        {"type": "loss", "tracks": [[]], "start": 1, "end": 2, "count": 3},
        {**next(line for line in LINES if line["type"] == "process"), "number": [1]},
        {**next(line for line in LINES if line["type"] == "track"), "tid": None},
    ],
    ids=str,
)
def test_values_of_another_type_or_size_are_one_sentence(folder: Path, line: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=r"damaged: line 1 of events\.jsonl"):
        read(folder, [line])


def test_names_may_come_in_any_order_but_not_leave_gaps_that_fill_the_memory(folder: Path) -> None:
    """Each line is in itself near what came before."""
    names = [{"type": "name", "number": number, "text": str(number)} for number in (3, 1, 2)]
    assert read(folder, names).names == ["", "1", "2", "3"]
    leaping = [{"type": "name", "number": number * 800, "text": "x"} for number in range(1_000)]
    with pytest.raises(OptionError, match="damaged"):
        read(folder, leaping)
