"""One real run, recorded, in the formats of other programs; each is read by something else than what wrote it."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from explorer.export.format import choose, export, formats
from explorer.export.job import Job
from explorer.export.recorded import Recorded
from explorer.records.states import Kind, TrackKind
from tests.end2end.command import explorer
from tests.end2end.recorded import Recorded as Read
from tests.unit.export.wire import Trace

RUN = ("--dispatch", "thread_pool", "--workload", "sleep", "--set", "workload.seconds=0.01", "--burst", "40")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A burst of forty requests through a thread pool."""
    file = tmp_path_factory.mktemp("exported") / "burst.cxrec"
    ended = explorer("run", *RUN, "--record", file)
    assert ended.status == 0, ended.err
    return file


@pytest.fixture(scope="module")
def read(recording: Path) -> Read:
    """What is in the recording."""
    return Read(recording)


def exported(recording: Path, name: str) -> bytes:
    """The recording as a file of this name."""
    target = recording.parent / name
    export(Job(Recorded.at(recording)), choose(formats(), None, target), target)
    return target.read_bytes()


def drawn(read: Read) -> dict[int, int]:
    """How many spans each track has that a timeline shows."""
    tracks = [number for number, track in read.tracks.items() if track.kind is not TrackKind.REQUESTS]
    return Counter(read.spans["track"][np.isin(read.spans["track"], tracks)].tolist())


def test_perfetto_has_every_span_of_every_track_nested_as_it_was(recording: Path, read: Read) -> None:
    trace = Trace(exported(recording, "burst.pftrace"))
    requests = len(read.of(Kind.CLIENT_REQUEST))
    assert trace.ends_without_begin == 0
    of_lanes = {number for number, track in read.tracks.items() if track.kind is TrackKind.LANE}
    whole = [each for each in trace.slices if each.track in of_lanes and each.depth == 0]
    assert [each.name for each in whole] == ["GET /job"] * requests == ["GET /job"] * 40
    found = Counter(each.track for each in trace.slices)
    found.subtract(each.track for each in whole)
    assert +found == drawn(read)
    # A viewer finds the end of a slice by nesting: where that went wrong, begins and ends are paired otherwise.
    seen = sorted((each.track, each.begin, each.end) for each in trace.slices if each.track not in of_lanes)
    spans = read.spans[np.isin(read.spans["track"], list(drawn(read).keys() - of_lanes))]
    assert seen == sorted(zip(*(spans[name].tolist() for name in ("track", "start", "end")), strict=True))


def test_the_way_of_each_request_goes_over_lane_loop_thread_and_loop(recording: Path, read: Read) -> None:
    trace = Trace(exported(recording, "ways.pftrace"))
    ways: dict[int, list[tuple[int, str]]] = {}
    for each in trace.slices:
        if each.flow:
            ways.setdefault(each.flow, []).append((each.begin, trace.track_name(each.track)))
    assert set(ways) == set(read.of(Kind.CLIENT_REQUEST)["request"].tolist())
    for way in ways.values():
        places = [name for _, name in sorted(way)]
        assert places[0].startswith("GET /job")
        thread = places.index("AnyIO worker thread")
        assert "event loop" in places[1:thread]
        assert places[-1] == "event loop"


def test_chrome_has_the_same_spans_and_as_many_flows_as_requests(recording: Path, read: Read) -> None:
    events = json.loads(exported(recording, "burst.json"))["traceEvents"]
    phases = Counter(each["ph"] for each in events)
    assert phases["X"] == sum(drawn(read).values()) + 40
    assert phases["s"] == phases["f"] == 40
    assert phases["t"] >= 80
    known = {(each["pid"], each["tid"]) for each in events if each["name"] == "thread_name"}
    assert {(each["pid"], each["tid"]) for each in events if each["ph"] == "X"} <= known
    rows: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for each in events:
        if each["ph"] == "X":
            start = round(each["ts"] * 1000)
            rows.setdefault((each["pid"], each["tid"]), []).append((start, start + round(each["dur"] * 1000)))
    for spans in rows.values():
        assert_nested(spans)


def assert_nested(spans: list[tuple[int, int]]) -> None:
    """In order of their starts each span lies within those around it."""
    around: list[int] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        while around and around[-1] <= start:
            around.pop()
        assert not around or end <= around[-1]
        around.append(end)


def test_the_command_writes_a_table_of_every_span_or_of_a_part(recording: Path, read: Read) -> None:
    target = recording.parent / "burst.csv"
    ended = explorer("export", recording, "-o", target)
    assert (ended.status, ended.out, ended.err) == (0, "", f"Written: {target}\n")
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"), newline="")))
    assert len(rows) == len(read.spans)
    calls = [float(row["duration_ns"]) for row in rows if row["name"] == "time.sleep" and row["kind"] == "call"]
    assert len(calls) == 40
    assert min(calls) >= 10_000_000


def test_percentiles_are_of_all_requests_of_the_burst(recording: Path, read: Read) -> None:
    text = exported(recording, "burst.hgrm").decode()
    rows = [line.split() for line in text.splitlines()[2:] if not line.startswith("#")]
    spans = read.of(Kind.CLIENT_REQUEST)
    longest = float((spans["end"] - spans["start"]).max()) / 1e6
    assert rows[-1][2] == "40"
    assert float(rows[-1][0]) == pytest.approx(longest, rel=0.02)


def test_no_export_holds_the_token_or_a_header(recording: Path) -> None:
    for name in ("secret.pftrace", "secret.json", "secret.csv", "secret.arrow"):
        assert b"x-explorer" not in exported(recording, name).lower()
