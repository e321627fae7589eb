"""The data of the viewer says what the store holds, within its bounds."""

import base64
from typing import Any

import numpy as np
import pytest

from explorer.collect.source import Batch
from explorer.export.html.viewer import viewer_data
from explorer.records.states import ABANDONED, NO_ANSWER, Kind, State
from tests.unit.analysis.runs import ASKED, MS, T0, S, spans
from tests.unit.export.html.invented import LANE, gathered

BEGIN, END = T0, T0 + 4 * S


def decoded(layer: dict[str, Any], name: str, code: str) -> Any:
    return np.frombuffer(base64.b64decode(layer[name]), code)


def row(data: dict[str, Any], title: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in data["rows"] if each["title"] == title)
    return found


def test_spans_are_those_of_the_store() -> None:
    found = gathered()
    data = viewer_data(found, BEGIN, END)
    assert data["detail"]["whole"]
    assert data["detail"]["unit"] == 1
    (layer,) = row(data, "plain")["spans"]
    stored = found.store.slices(LANE, 0, BEGIN, END)
    starts = [start - BEGIN for piece in stored for start in piece.start.tolist()]
    assert decoded(layer, "start", "<u4").tolist() == starts
    assert set(decoded(layer, "length", "<u4").tolist()) == {20 * MS, 40 * MS}
    names = [data["names"][number] for number in decoded(layer, "name", "<u2").tolist()]
    assert names[:2] == ["waits for the loop", "job plain"]
    assert decoded(layer, "state", "u1").tolist()[:2] == [State.QUEUED, State.RUNNING]
    assert decoded(layer, "request", "<u4").tolist()[:3] == [1, 1, 2]


def test_from_afar_each_state_has_its_share() -> None:
    data = viewer_data(gathered(), BEGIN, END)
    far = row(data, "Worker 1")["far"]
    assert list(far) == [str(int(State.BLOCKED))]
    shares = decoded(far, str(int(State.BLOCKED)), "u1")
    assert len(shares) == data["columns"]
    assert shares.sum() / 255 * data["column"] == pytest.approx(40 * 10 * MS, rel=0.05)


def test_of_many_spans_a_stretch_around_the_slowest_request_is_kept() -> None:
    found = gathered()
    slow = int(found.dots["time"][found.dots["ns"].argmax()])
    data = viewer_data(found, BEGIN, END, most=60)
    detail = data["detail"]
    assert not detail["whole"]
    assert 20 < detail["count"] <= 60
    assert detail["begin"] < slow - BEGIN <= detail["end"]
    assert len(decoded(row(data, "Worker 1")["far"], str(int(State.BLOCKED)), "u1")) == data["columns"]


def test_a_long_run_has_a_coarser_unit_and_stays_in_bounds() -> None:
    found = gathered()
    data = viewer_data(found, BEGIN, BEGIN + 100 * S)
    unit = data["detail"]["unit"]
    assert unit == 24
    (layer,) = row(data, "plain")["spans"]
    starts = decoded(layer, "start", "<u4").astype(np.int64) * unit
    stored = found.store.slices(LANE, 0, BEGIN, END)
    assert np.abs(starts - np.concatenate([piece.start - BEGIN for piece in stored])).max() < unit


def test_columns_are_bounded_whatever_the_length() -> None:
    found = gathered()
    for length in (1, 1_000, S, 3_600 * S, 1 << 61):
        data = viewer_data(found, BEGIN, BEGIN + length)
        assert data["columns"] <= 2_049
        assert data["columns"] * data["column"] >= length


def test_lanes_stand_in_groups_as_in_the_window() -> None:
    data = viewer_data(gathered(), BEGIN, END)
    titles = [(each["group"], each["title"]) for each in data["rows"]]
    assert titles == [("server 100", "Worker 1"), ("Requests", "plain")]


def test_a_request_that_waited_when_the_load_ended_is_no_dot_and_no_way_to_learn_from() -> None:
    found = gathered()
    dots, requests = len(found.dots), found.parts.requests
    ends = ((NO_ANSWER, 1), (ABANDONED, 2))
    late = [(ASKED, T0 + S, T0 + 4 * S, Kind.CLIENT_REQUEST, request, status) for status, request in ends]
    found.feed(Batch(T0 + 4 * S, spans=spans(*late)))
    assert len(found.dots) == dots + 1
    assert found.dots["request"][found.dots["failed"]].tolist() == [1]
    assert found.parts.requests == requests - 2
