"""What each format says of a small invented run, read by something else than what wrote it."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import nanoarrow
import numpy as np
import pytest
from nanoarrow.ipc import InputStream

from explorer.collect.source import Batch, Loss, Marker, OpenSpan, Track
from explorer.export.format import Format, export, formats
from explorer.export.formats.hgrm import lines
from explorer.export.job import Job
from explorer.export.recorded import Recorded
from explorer.export.table import TEXT, Table
from explorer.load.histogram import Histogram
from explorer.option_error import OptionError
from explorer.recording.notes import Note, event_of
from explorer.records.states import Kind, State, TrackKind
from tests.unit.export.runs import LANE, LOOP, WORKER, batch, declared, recorded, span
from tests.unit.export.wire import Trace
from tests.unit.recording.importers.opened import slice_, trace

REQUEST = (4 << 40) + 12


def run() -> list[Batch]:
    """A request that is read by the loop, handled in a thread and answered by the loop; a thread still runs."""
    mine: dict[str, Any] = {"request": REQUEST}
    first = declared(
        batch(
            3_000,
            [
                span(LANE, 1_000, 1_100, kind=Kind.PIECE, state=State.QUEUED, name=5, **mine),
                span(LOOP, 1_100, 1_300, kind=Kind.IO, name=1, **mine),
                span(WORKER, 1_500, 2_400, depth=1, kind=Kind.CALL, name=3, state=State.BLOCKED, **mine),
                span(WORKER, 1_400, 2_500, kind=Kind.JOB, cpu_ns=512, value=7, **mine),
                span(LOOP, 2_600, 2_800, **mine),
                span(LANE, 1_100, 2_800, kind=Kind.PIECE, name=4, **mine),
                span(LOOP, 2_900, 2_900, name=0, state=State.IDLE, kind=Kind.SELECT),
            ],
        )
    )
    first.tracks.append(Track(9, TrackKind.COUNTER, "cpu", 1, unit="%"))
    first.samples = first.samples.copy()
    first.samples.resize(2)
    first.samples["time"], first.samples["value"], first.samples["track"] = (1_000, 2_000), (12.5, 80.0), 9
    first.markers = [Marker(1_000, "begin", "Load begins")]
    first.events = [event_of([Note("a", 1_600, "Here it waits")])]
    first.losses = [Loss((LOOP,), 1_200, 1_400, 1_204)]
    last = batch(4_000)
    last.open_spans = [OpenSpan(WORKER, 0, 3_500, 2, 0, Kind.JOB, State.RUNNING)]
    return [first, last]


def written(identity: str, batches: list[Batch] | None = None) -> bytes:
    """What a format makes of a run."""
    [chosen] = [one for one in formats() if one.id == identity]
    file = io.BytesIO()
    chosen.write(Job(recorded(batches or run())), file)
    return file.getvalue()


def test_perfetto_has_tracks_below_their_process_with_names() -> None:
    trace = Trace(written("perfetto"))
    titles = {trace.track_name(track) for track in trace.tracks}
    assert titles == {
        "Markers", "Lost records", "Requests", "server: FastAPI", "GET /job", "event loop", "AnyIO worker thread",
        "GET /job 1", "cpu",
    }  # fmt: skip
    [thread] = trace.tracks[WORKER].messages(4)
    assert (thread.number(1), thread.number(2)) == (77, 78)
    parents = {
        trace.track_name(track): trace.track_name(each.number(5))
        for track, each in trace.tracks.items()
        if 5 in each.all
    }
    assert parents["event loop"] == parents["cpu"] == "server: FastAPI"
    assert parents["GET /job 1"] == "GET /job"
    assert parents["GET /job"] == "Requests"
    [counter] = trace.tracks[9].messages(8)
    assert counter.text(6) == "%"


def test_perfetto_has_every_span_in_its_place_with_name_state_and_notes() -> None:
    trace = Trace(written("perfetto"))
    found = sorted((each.track, each.depth, each.begin, each.end, each.name, each.category) for each in trace.slices)
    assert found == [
        (LOOP, 0, 1_100, 1_300, "read", "running"),
        (LOOP, 0, 2_600, 2_800, "handler", "running"),
        (LOOP, 0, 2_900, 2_900, "idle", "idle"),
        (WORKER, 0, 1_400, 2_500, "handler", "running"),
        (WORKER, 0, 3_500, None, "handler", "running"),
        (WORKER, 1, 1_500, 2_400, "time.sleep", "blocked"),
        (LANE, 0, 1_000, 2_800, "GET /job", "none"),
        (LANE, 1, 1_000, 1_100, "awaits", "queued"),
        (LANE, 1, 1_100, 2_800, "runs", "running"),
    ]
    assert trace.ends_without_begin == 0
    [job] = [each for each in trace.slices if each.begin == 1_400]
    assert job.notes == {"request": 12, "cpu_ns": 512, "value": 7, "kind": b"job"}


def test_perfetto_s_flow_leads_from_the_request_through_loop_and_thread_back_to_the_loop() -> None:
    trace = Trace(written("perfetto"))
    way = sorted((each.begin, trace.track_name(each.track)) for each in trace.slices if each.flow == REQUEST)
    assert way == [
        (1_000, "GET /job 1"), (1_100, "event loop"), (1_400, "AnyIO worker thread"), (2_600, "event loop"),
    ]  # fmt: skip
    assert {each.flow for each in trace.slices} == {0, REQUEST}


def test_perfetto_has_counters_markers_losses_and_the_calendar() -> None:
    trace = Trace(written("perfetto"))
    assert trace.counters == [(1_000, 9, 12.5), (2_000, 9, 80.0)]
    told = {(time, trace.track_name(track), name) for time, track, name in trace.instants}
    assert (1_000, "Markers", "Load begins") in told
    assert (1_600, "Markers", "Here it waits") in told
    assert (1_200, "Lost records", "1,204 records lost") in told
    [clocks] = [found for packet in trace.packets for found in packet.messages(6)]
    moments = {clock.number(1): clock.number(2) for clock in clocks.messages(1)}
    assert moments == {3: 1_000, 1: 1_790_000_000_000_000_000}
    assert clocks.number(2) == 3


def test_chrome_s_events_nest_and_its_flow_begins_steps_and_ends() -> None:
    trace = json.loads(written("chrome"))
    events = trace["traceEvents"]
    spans = [each for each in events if each["ph"] == "X"]
    assert len(spans) == 8
    [job] = [each for each in spans if each["name"] == "handler" and each["tid"] == 78]
    assert job | {"args": {}} == {
        "ph": "X", "name": "handler", "cat": "running", "ts": 1.4, "dur": 1.1, "pid": 77, "tid": 78, "args": {},
    }  # fmt: skip
    assert job["args"] == {"kind": "job", "request": 12, "cpu_us": 0.512}
    [running] = [each for each in events if each["ph"] == "B"]
    assert running["ts"] == 3.5
    flow = [(each["ph"], each["ts"]) for each in events if each.get("id") == hex(REQUEST)]
    assert flow == [("s", 1.0), ("t", 1.1), ("t", 1.4), ("f", 2.6)]
    names = {each["args"]["name"] for each in events if each["name"] == "thread_name"}
    assert names == {"event loop", "AnyIO worker thread", "GET /job 1", "Markers", "Lost records"}
    counters = [(each["name"], each["args"]) for each in events if each["ph"] == "C"]
    assert counters == [("cpu", {"%": 12.5}), ("cpu", {"%": 80.0})]
    assert {each["name"] for each in events if each["ph"] == "i"} == {
        "Load begins",
        "Here it waits",
        "1,204 records lost",
    }


def test_csv_has_a_line_for_each_span() -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv").decode(), newline="")))
    assert len(rows) == 8
    [job] = [row for row in rows if row["kind"] == "job" and row["finished"] == "yes"]
    assert job == {
        "start_s": "0.000000400", "start_ns": "1400", "duration_ns": "1100", "process": "server", "pid": "77",
        "track": "AnyIO worker thread", "track_id": str(WORKER), "depth": "0", "kind": "job", "name": "handler",
        "state": "running", "request": "12", "request_id": str(REQUEST), "cpu_ns": "512", "value": "7",
        "finished": "yes",
    }  # fmt: skip
    [idle] = [row for row in rows if row["kind"] == "select"]
    assert (idle["request"], idle["cpu_ns"], idle["name"]) == ("", "", "idle")
    assert [row["start_ns"] for row in rows if row["finished"] == "no"] == ["3500"]


def test_csv_holds_no_formula_and_arrow_the_names_as_they_are(tmp_path: Path) -> None:
    path = trace(tmp_path / "a.json", [slice_("=1+1", 0, 100), slice_("-fast", 200, 10), slice_("plain", 300, 10)])
    found = {}
    for one in formats():
        if one.id in ("csv", "arrow"):
            export(Job(Recorded.at(path)), one, tmp_path / one.id)
            found[one.id] = (tmp_path / one.id).read_bytes()
    rows = csv.DictReader(io.StringIO(found["csv"].decode(), newline=""))
    assert [row["name"] for row in rows] == ["'=1+1", "'-fast", "plain"]
    assert b"=1+1" in found["arrow"]
    assert b"'=1+1" not in found["arrow"]


def test_a_thread_of_a_foreign_trace_is_one_track_with_its_depths(tmp_path: Path) -> None:
    path = trace(tmp_path / "a.json", [slice_("outer", 0, 100), slice_("inner", 10, 50), slice_("leaf", 20, 10)])
    target = tmp_path / "a.csv"
    [chosen] = [one for one in formats() if one.id == "csv"]
    export(Job(Recorded.at(path)), chosen, target)
    places = Job(Recorded.at(path)).places
    assert [place.title for place in places.all.values()] == ["Thread 1"]
    rows = list(csv.DictReader(io.StringIO(target.read_text(), newline="")))
    assert {row["name"]: int(row["depth"]) for row in rows} == {"outer": 0, "inner": 1, "leaf": 2}
    assert len({row["track_id"] for row in rows}) == len({row["track"] for row in rows}) == 1


def test_arrow_holds_the_same_as_csv() -> None:
    raw = written("arrow")
    assert raw[:6] == raw[-6:] == b"ARROW1"
    with InputStream.from_readable(io.BytesIO(raw[8:])) as stream:
        rows = nanoarrow.ArrayStream(stream).read_all().to_pylist()
    text = list(csv.DictReader(io.StringIO(written("csv").decode(), newline="")))
    assert len(rows) == len(text) == 8
    for row, line in zip(rows, text, strict=True):
        for name, value in row.items():
            if name == "start_s":
                assert value == pytest.approx(float(line[name]), abs=1e-9)
            elif name == "finished":
                assert value == (line[name] == "yes")
            else:
                assert ("" if value is None else str(value)) == line[name]


@pytest.mark.parametrize("identity", ["perfetto", "chrome", "csv", "arrow"])
def test_texts_and_numbers_that_make_no_sense_stop_nobody(identity: str) -> None:
    batches = run()
    batches[0].names[1] = (2, "half a pair \ud800")
    batches[0].tracks[0] = replace(batches[0].tracks[0], name="loop \udfff")
    batches[0].markers[0] = replace(batches[0].markers[0], text="\ud800")
    batches[0].tracks.append(Track(1 << 40, TrackKind.THREAD, "far", 1))
    batches[0].samples["value"][0] = np.nan
    batches[0].spans["track"][-1] = 1 << 31
    batches[0].spans["name"][-1] = 1 << 31
    batches[0].spans["state"][-2], batches[0].spans["kind"][-2] = 200, 200
    assert len(written(identity, batches)) > 500


def test_no_category_comes_twice() -> None:
    batches = run()
    batches[0].names += [(6, "handler"), (7, "idle")]
    for column in Table(Job(recorded(batches))).columns:
        if column.code == TEXT:
            assert len(set(column.texts)) == len(column.texts), column.name


def test_percentiles_are_those_of_the_values_in_the_form_of_hdrhistogram() -> None:
    histogram = Histogram()
    histogram.add([0.001 * number for number in range(1, 101)])
    text = list(lines(histogram))
    assert text[0].split() == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]
    rows = [line.split() for line in text[2:] if not line.startswith("#")]
    values = [float(row[0]) for row in rows]
    assert values == sorted(values)
    median = next(row for row in rows if float(row[1]) == 0.5)
    assert float(median[0]) == pytest.approx(50, rel=0.01)
    assert median[2:] == ["50", "2.00"]
    assert rows[-1] == ["100.000", "1.000000000000", "100"]
    assert text[-3].startswith("#[Mean    =       50.500, StdDeviation   =       28.8")
    assert text[-2] == "#[Max     =      100.000, Total count    =          100]"


def test_without_an_answer_there_are_no_latencies() -> None:
    with pytest.raises(OptionError, match="no request that was answered"):
        written("hgrm")


def test_every_format_says_what_it_is() -> None:
    known = formats()
    assert {"perfetto", "chrome", "csv", "arrow", "parquet", "hgrm", "png", "svg"} <= {one.id for one in known}
    for one in known:
        assert one.suffix.startswith("."), one.id
        assert one.sentence.endswith("."), one.id
    assert len({one.suffix for one in known}) == len(known)
    assert all(isinstance(one, Format) for one in known)
