"""A report's lanes are painted as the window's: a job that waited for the GIL is not green all the while."""

import base64
from typing import Any

import numpy as np
import pytest

from explorer.collect.source import SPAN, Batch, Process, Track
from explorer.export.html.gather import Gathered
from explorer.export.html.viewer import NO_LANE, viewer_data
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from tests.unit.analysis.runs import MS, T0, S
from tests.unit.export.html.invented import page_of

LOOP, WORKER, STRIP, GIL, LONELY, WHOLE = range(1, 7)
TRACKS = [
    Track(LOOP, TrackKind.LOOP, "MainThread", 1, tid=100, pid=100),
    Track(WORKER, TrackKind.THREAD, "AnyIO worker thread", 1, tid=101, pid=100),
    Track(STRIP, TrackKind.STATES, "", 2, tid=101, pid=100),
    Track(GIL, TrackKind.GIL, "GIL", 2, pid=100),
    Track(LONELY, TrackKind.STATES, "", 2, tid=999, pid=100),
    Track(WHOLE, TrackKind.REQUESTS, "GET /", 1, pid=100),
]
RUN = [
    (LOOP, 0, 100, Kind.STEP, State.RUNNING, 0, 2, 0),
    (WORKER, 0, 100, Kind.JOB, State.RUNNING, 0, 1, 0),
    (WORKER, 20, 40, Kind.CALL, State.BLOCKED, 1, 3, 0),
    (STRIP, 0, 20, Kind.THREAD_STATE, State.RUNNING, 0, 0, 1_000),
    (STRIP, 20, 25, Kind.THREAD_STATE, State.RUNNABLE, 0, 0, 1_000),
    (STRIP, 25, 45, Kind.THREAD_STATE, State.BLOCKED, 0, 0, 1_000),
    (STRIP, 45, 90, Kind.THREAD_STATE, State.WAITING_GIL, 0, 0, 1_000),
    (GIL, 0, 20, Kind.GIL_HELD, State.RUNNING, 0, 0, 101),
    (GIL, 45, 90, Kind.GIL_HELD, State.RUNNING, 0, 0, 100),
    (GIL, 90, 95, Kind.GIL_HELD, State.RUNNING, 0, 0, 77),
    (LONELY, 0, 90, Kind.THREAD_STATE, State.IDLE, 0, 0, 1_000),
    (WHOLE, 0, 100, Kind.REQUEST, State.NONE, 0, 0, 200),
]


@pytest.fixture(scope="module")
def run() -> Gathered:
    made = np.zeros(len(RUN), SPAN)
    for at, (track, start, end, kind, state, depth, name, value) in enumerate(sorted(RUN, key=lambda one: one[2])):
        times = T0 + start * MS, T0 + end * MS
        made[at] = (*times, 7, span_argument(value), name, track, 0, kind, state, depth, Flag.COMPLETE)
    processes = [
        Process(1, 100, Role.SERVER, "", 1, 1, "cpython 3.13.0", T0),
        Process(2, 200, Role.SAMPLER, "", 1, 1, "cpython 3.13.0", T0),
    ]
    names = [(1, "job"), (2, "step"), (3, "time.sleep")]
    found = Gathered({}, "run")
    found.feed(Batch(T0 + S, spans=made, tracks=TRACKS, names=names, processes=processes))
    return found


@pytest.fixture(scope="module")
def data(run: Gathered) -> dict[str, Any]:
    return viewer_data(run, T0, T0 + 100 * MS)


def row(data: dict[str, Any], title: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in data["rows"] if each["title"] == title)
    return found


def column(layer: dict[str, Any], name: str, code: str) -> list[int]:
    found: list[int] = np.frombuffer(base64.b64decode(layer[name]), code).tolist()
    return found


def told(layer: dict[str, Any]) -> list[tuple[int, int, int]]:
    starts, lengths = column(layer, "start", "<u4"), column(layer, "length", "<u4")
    return [
        (start // MS, (start + length) // MS, state)
        for start, length, state in zip(starts, lengths, column(layer, "state", "u1"), strict=True)
    ]


def test_what_the_sampler_saw_lies_between_and_over_the_spans_of_the_probe(data: dict[str, Any]) -> None:
    layers = row(data, "Worker 1")["spans"]
    assert [layer["seen"] for layer in layers] == [False, True, False, True]
    assert [told(layer) for layer in layers] == [
        [(0, 100, State.RUNNING)],
        [(25, 45, State.BLOCKED)],
        [(20, 40, State.BLOCKED)],
        [(20, 25, State.RUNNABLE), (45, 90, State.WAITING_GIL)],
    ]
    assert column(layers[3], "request", "<u4") == [7, 7], "of the work that it lies in"


def test_from_afar_the_wait_has_its_share_and_no_column_more_than_there_is_time(data: dict[str, Any]) -> None:
    far = {
        int(state): np.frombuffer(base64.b64decode(shares), "u1")
        for state, shares in row(data, "Worker 1")["far"].items()
    }
    times = {state: shares.sum() / 255 * data["column"] / MS for state, shares in far.items()}
    assert times[State.WAITING_GIL] == pytest.approx(45, abs=1)
    assert times[State.RUNNABLE] == pytest.approx(5, abs=0.5)
    assert times[State.BLOCKED] == pytest.approx(20, abs=0.5), "what it waited for a core lies over the call"
    assert times[State.RUNNING] == pytest.approx(30, abs=1)
    assert np.sum([shares.astype(int) for shares in far.values()], axis=0).max() <= 255 + len(far)


def test_who_held_the_gil_is_told_by_the_names_of_the_lanes(data: dict[str, Any]) -> None:
    found = row(data, "Who holds the GIL")
    assert [(each["title"], each["short"]) for each in found["holders"]] == [
        (NO_LANE, ""), ("Event loop", "loop"), ("Worker 1", "W1"),
    ]  # fmt: skip
    assert told(found["spans"][0]) == [(0, 20, 2), (45, 90, 1), (90, 95, 0)]
    held = np.frombuffer(base64.b64decode(found["far"][str(int(State.RUNNING))]), "u1")
    assert held.sum() / 255 * data["column"] / MS == pytest.approx(70, abs=1)
    assert row(data, "Worker 1")["holders"] is None
    titles = [each["title"] for each in data["rows"]]
    assert titles == ["Event loop", "Worker 1", "", "Who holds the GIL"], "at the end of its process"


def test_a_span_is_counted_once_and_what_is_not_shown_is_told(run: Gathered, data: dict[str, Any]) -> None:
    assert run.store.count == 12
    assert data["detail"]["count"] == 10
    page = page_of(run)
    assert "100 ms, 12 spans recorded" in page
    assert "The 10 spans of these lanes from 0.000 s to 0.100 s are all in this file." in page
    assert "The other 2 are 1 of whole requests, which the charts show, and 1 of what has no lane here." in page
    part = page_of(run, begin=T0 + 10 * MS, end=T0 + 50 * MS)
    assert "from 0.010 s to 0.050 s are all in this file." in part
    assert "The other" not in part
