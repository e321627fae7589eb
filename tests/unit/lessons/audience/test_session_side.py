"""The explorer's side without a gateway: where requests go, where their time went, votes as rows, addresses."""

import json
import math
import socket
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pytest

from explorer.catalog import Catalog
from explorer.collect.source import SPAN, Batch, OpenSpan, Process
from explorer.lessons.audience import addresses
from explorer.lessons.audience.ballot import Ballot
from explorer.lessons.audience.events import Stay, Votes
from explorer.lessons.audience.figures import SECONDS, figures
from explorer.lessons.audience.from_lesson import ballot_of
from explorer.lessons.audience.reach import reach_of
from explorer.lessons.audience.tally import rows
from explorer.lessons.audience.trips import PATIENCE_NS, Trips
from explorer.lessons.lesson import Choice, Question
from explorer.records.phones import MOST, phone_name, phone_of
from explorer.records.schema import request_number
from explorer.records.states import Kind, Role, State
from explorer.scenario import parse

GATEWAY = Process(5, 100, Role.GATEWAY, "gateway", 1, 0, "cpython 3.12", 0)
REQUEST = request_number(5, 3)


def spans(*given: tuple[Kind, State, int, int, int]) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    found = np.zeros(len(given), SPAN)
    for row, (kind, state, request, start, end) in zip(found, given, strict=True):
        row["kind"], row["state"], row["request"], row["start"], row["end"] = kind, state, request, start, end
    return found


def test_a_trip_is_told_once_its_pieces_are_there() -> None:
    told: list[tuple[int, tuple[Stay, ...]]] = []
    trips = Trips(lambda *one: told.append(one))
    trips.feed(Batch(0, processes=[GATEWAY]))
    trips.feed(Batch(10, open_spans=[OpenSpan(1, 0, 4, 0, REQUEST, Kind.PIECE, State.QUEUED)]))
    assert trips.so_far(REQUEST, 9) == (Stay("queued", 4, 9),)
    trips.feed(Batch(20, spans=spans((Kind.CLIENT_REQUEST, State.AWAITING, REQUEST, 0, 100))))
    assert not told
    other = request_number(4, 3)
    pieces = [(0, 30, State.QUEUED), (30, 40, State.QUEUED), (40, 100, State.BLOCKED)]
    given = [(Kind.PIECE, state, REQUEST, start, end) for start, end, state in pieces]
    trips.feed(Batch(30, spans=spans(*given, (Kind.PIECE, State.RUNNING, other, 0, 9))))
    assert told == [(REQUEST, (Stay("queued", 0, 40), Stay("blocked", 40, 100)))]
    trips.begin()
    trips.feed(Batch(40, spans=spans(*given)))
    assert len(told) == 1


def test_another_run_may_begin_while_trips_are_being_told() -> None:
    told: list[int] = []

    def hear(request: int, stays: tuple[Stay, ...]) -> None:
        told.append(request)
        trips.begin()

    trips = Trips(hear)
    other = request_number(5, 4)
    whole = [(Kind.CLIENT_REQUEST, State.AWAITING, request, 0, 100) for request in (REQUEST, other)]
    trips.feed(Batch(200, processes=[GATEWAY], spans=spans(*whole)))
    trips.feed(Batch(300 + PATIENCE_NS))
    assert told == [REQUEST, other], "of the run before all is told"
    trips.feed(Batch(400 + 2 * PATIENCE_NS, spans=spans(*whole)))
    assert len(told) == 2, "the new one has no gateway yet"


def test_a_trip_whose_pieces_do_not_come_is_told_all_the_same() -> None:
    told: list[tuple[int, tuple[Stay, ...]]] = []
    trips = Trips(lambda *one: told.append(one))
    whole = spans((Kind.CLIENT_REQUEST, State.AWAITING, REQUEST, 0, 100))
    trips.feed(Batch(200, processes=[GATEWAY], spans=whole))
    trips.feed(Batch(300 + PATIENCE_NS))
    assert told == [(REQUEST, ())]


def test_phones_send_the_scenarios_own_request(tmp_path: object) -> None:
    catalog = Catalog()
    url = "http://127.0.0.1:8123"
    found = reach_of(catalog, parse(catalog, {}), url, tmp_path)  # type: ignore[arg-type]
    assert (found.host, found.port, found.path, found.title, found.why) == ("127.0.0.1", 8123, "/job", "GET /job", "")
    spoken = reach_of(catalog, parse(catalog, {"workload": "websocket"}), url, tmp_path)  # type: ignore[arg-type]
    assert not spoken.title
    assert "WebSocket" in spoken.why


def test_phones_are_not_given_the_keys_of_an_app(tmp_path: object) -> None:
    catalog = Catalog()
    app = {"target": "shop:app", "route": [{"path": "/orders?x=1", "headers": {"authorization": "Bearer secret"}}]}
    found = reach_of(catalog, parse(catalog, {"app": app}), "http://127.0.0.1:1", tmp_path)  # type: ignore[arg-type]
    assert not found.title
    assert "secret" not in str(found.plain())
    app["route"] = [{"path": "/orders?x=1"}]
    found = reach_of(catalog, parse(catalog, {"app": app}), "http://127.0.0.1:1", tmp_path)  # type: ignore[arg-type]
    assert found.title == "GET /orders"
    assert found.path == "/orders?x=1"


def test_votes_as_rows() -> None:
    choice = Ballot("Which?", ("a", "b"))
    assert rows(choice, Votes()) == [("a", 0), ("b", 0)]
    assert rows(choice, Votes((3, 1))) == [("a", 3), ("b", 1)]
    number = Ballot("How long?", unit="s", low=0, high=10)
    assert rows(number, Votes(numbers=(0.0, 1.9, 2.0, 10.0))) == [
        ("0–2 s", 2), ("2–4 s", 1), ("4–6 s", 0), ("6–8 s", 0), ("8–10 s", 1)
    ]  # fmt: skip
    assert (Votes((3, 1)).total, Votes(numbers=(1.0,)).total, Votes().total) == (4, 1, 0)


def test_names_of_phones() -> None:
    assert [phone_of(phone_name(number)) for number in (1, 12, MOST)] == [1, 12, MOST]
    for name in ("Phone", "Phone 0", "Phone 01", f"Phone {MOST + 1}", "GET /Phone 1", "Phone 1 ", "Phone ١"):
        assert phone_of(name) == 0


def test_wireless_comes_first_and_virtual_networks_last(monkeypatch: pytest.MonkeyPatch) -> None:
    def inet(text: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(family=socket.AF_INET, address=text)]

    found = {
        "lo": inet("127.0.0.1"), "docker0": inet("172.17.0.1"), "eth0": inet("10.0.0.2"), "wlan0": inet("192.168.1.20"),
        "eth1": inet("10.9.9.9"), "eth2": inet("169.254.3.4"),
        "wlan1": [SimpleNamespace(family=socket.AF_INET6, address="fe80::1%wlan1")],
    }  # fmt: skip
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: found)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {name: SimpleNamespace(isup=name != "eth1") for name in found})
    hosts = [each.host for each in addresses.addresses()]
    assert hosts == ["192.168.1.20", "10.0.0.2", "172.17.0.1", "169.254.3.4"]
    assert addresses.addresses()[0].network == "Wi-Fi (wlan0)"
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"lo": inet("127.0.0.1")})
    assert addresses.addresses() == []


def test_a_lessons_question_as_a_ballot() -> None:
    choice = Question("When?", "choice", "s", "main.x", choices=(Choice("1 s", 1.0), Choice("3 s", 3.0)))
    assert ballot_of(choice) == Ballot("When?", ("1 s", "3 s"), unit="s")
    assert ballot_of(Question("When?", "number", "s", "main.x", 0.0, 10.0)) == Ballot("When?", unit="s", high=10.0)
    assert ballot_of(Question("When?", "number", "s", "main.x")) is None


def test_figures_are_means_of_a_second_twice_a_second() -> None:
    class Statistics:
        now = 60_000_000_000

        def series(self, name: str, since: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
            assert since == self.now - SECONDS * 1_000_000_000
            values = [math.nan] * 7 + [10.0, 0.0] * 10 if name == "throughput" else [math.nan] * 27
            return np.arange(27), np.array(values)

    statistics: Any = Statistics()
    told = figures(statistics)
    assert told["rate"] == [6.0, 5.0, 5.0, 5.0]
    assert told["p50_ms"] == [None] * len(told["rate"])
    assert json.dumps(told)
