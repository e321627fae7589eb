"""The load as a real child: its messages, and its records in a ring."""

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.records.schema import RECORD, SIZE
from explorer.records.states import Flag, Kind, Role
from explorer.supervise.channel import Child
from explorer.supervise.spawn import spawn
from tests import run_reading, speaking_server


class Parent:
    """The test's end of the control channel."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.messages: list[dict[str, Any]] = []
        child.on_message(self.messages.append)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [m for m in list(self.messages) if m["type"] == kind]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [m for m in self.of("event") if m["event"] == name]


@pytest.fixture
def parent(run_folder: Path) -> Iterator[Parent]:
    run_reading.make_run(run_folder)
    child = spawn("explorer.load.process", role=Role.LOAD, run=run_folder)
    yield Parent(child)
    child.stop()
    assert child.wait(10) == 0


def configure(parent: Parent, run: Path, port: int, path: str = "/job", **more: Any) -> None:
    knobs = more.pop("load", {"users": 3, "think_time": 0.02})
    config = {
        "host": "127.0.0.1",
        "port": port,
        "token": "7e57",
        "load": knobs,
        "paths": [[path, 1.0, "http"]],
        "phases": [],
    }
    parent.child.configure(run=str(run), **(config | more))


def test_a_life(parent: Parent, port: int, run_folder: Path, wait_until: Callable[..., None]) -> None:
    configure(parent, run_folder, port)
    wait_until(lambda: parent.of("ready"), 20)
    assert parent.of("ready")[0]["pids"] == [parent.child.pid]
    assert not parent.events("load_total")
    parent.child.send("begin")
    wait_until(lambda: len(parent.events("load")) >= 3)
    parent.child.send("set", section="load", values={"users": 5})
    wait_until(lambda: [m["knob"] for m in parent.of("applied")] == ["load.users"])
    wait_until(lambda: parent.events("load")[-1]["users"] == 5)
    parent.child.send("set", section="load", values={"users": -1})
    wait_until(lambda: parent.of("error"))
    assert parent.of("error")[0]["where"] == "load.users"
    parent.child.send("send", count=10, path="/job")
    parent.child.send("end")
    wait_until(lambda: parent.events("load_total"))
    total = parent.events("load_total")[0]
    assert total["failed"] == 0
    assert total["ok"] >= 10
    assert sum(m["ok"] for m in parent.events("load")) == total["ok"]

    pid = parent.child.pid
    rows = run_reading.records(run_folder, pid)
    requests = rows[rows["kind"] == Kind.CLIENT_REQUEST]
    begun = requests[requests["flags"] == Flag.BEGIN]
    ended = requests[requests["flags"] == Flag.COMPLETE]
    assert len(begun) == len(ended) == total["sent"]
    assert set(zip(begun["request"], begun["start"], strict=True)) == set(
        zip(ended["request"], ended["start"], strict=True)
    )
    assert set((ended["argument"] & 0xFFFF_FFFF).tolist()) == {200}
    known = run_reading.names(run_folder, pid)
    assert {known[name] for name in ended["name"].tolist()} == {"GET /job"}
    declared = run_reading.tracks(run_folder, pid)
    assert {declared[track]["kind"] for track in ended["track"].tolist()} == {"requests"}
    assert (rows["kind"] == Kind.CONNECT).sum() == total["connections"]


def test_start_in_the_configuration(
    parent: Parent, port: int, run_folder: Path, wait_until: Callable[..., None]
) -> None:
    configure(parent, run_folder, port, start=True, load={"mode": "burst", "requests": 20})
    wait_until(lambda: parent.events("load_total"), 20)
    assert parent.events("load_total")[0]["ok"] == 20


@pytest.mark.parametrize("speaks", ["http", "websocket", "sse"])
def test_stop_needs_no_answers(
    parent: Parent, port: int, run_folder: Path, wait_until: Callable[..., None], speaks: str
) -> None:
    configure(parent, run_folder, port, paths=[["/never", 1.0, speaks]], start=True)
    wait_until(lambda: parent.events("load") and parent.events("load")[-1]["in_flight"] == 3, 20)
    parent.child.stop(within=30)  # so long it would be left alone; it must go by itself
    wait_until(lambda: parent.child.returncode is not None, 20)
    assert parent.events("load_total")[0]["unanswered"] == 3


def test_messages_and_streams(parent: Parent, run_folder: Path, wait_until: Callable[..., None]) -> None:
    with speaking_server.running() as (port, _):
        paths = [["/echo", 0.5, "websocket"], ["/events/4/0.001", 0.5, "sse"]]
        configure(parent, run_folder, port, paths=paths, start=True)
        wait_until(lambda: sum(m["ok"] for m in parent.events("load")) >= 20, 20)
        parent.child.send("set", section="load", values={"message_bytes": 1 << 20})
        wait_until(lambda: parent.of("applied"))
        parent.child.send("send", count=10, path="/echo")
        parent.child.send("set", section="load", values={"keep_alive": False})
        wait_until(lambda: len(parent.of("applied")) == 2)
        parent.child.send("end")
        wait_until(lambda: parent.events("load_total"))
        total = parent.events("load_total")[0]
        assert total["failed"] == total["timed_out"] == total["unanswered"] == 0
        assert total["ok"] >= 30
        assert total["events"] == sum(m["events"] for m in parent.events("load")) > 0
        parent.child.stop()
        wait_until(lambda: parent.child.returncode is not None, 20)

    rows = run_reading.records(run_folder, parent.child.pid)
    ended = rows[(rows["kind"] == Kind.CLIENT_REQUEST) & (rows["flags"] == Flag.COMPLETE)]
    known = run_reading.names(run_folder, parent.child.pid)
    statuses = {
        (known[name], int(status)) for name, status in zip(ended["name"], ended["argument"] & 0xFFFF_FFFF, strict=True)
    }
    assert statuses == {("WEBSOCKET /echo", 101), ("GET /events/4/0.001", 200)}
    assert (rows["kind"] == Kind.CONNECT).sum() == total["connections"]


def test_what_is_held_is_said_and_sent_after_the_release(
    parent: Parent, port: int, run_folder: Path, wait_until: Callable[..., None]
) -> None:
    configure(parent, run_folder, port, load={"mode": "rate", "rate": 200})
    wait_until(lambda: parent.of("ready"), 20)
    parent.child.send("begin")
    wait_until(lambda: sum(report["ok"] for report in parent.events("load")) >= 20)
    parent.child.send("hold")
    wait_until(lambda: parent.events("held"))
    wait_until(lambda: any(report["in_flight"] > 20 for report in parent.events("load")), what="what is kept")
    parent.child.send("release")
    parent.child.send("end")
    wait_until(lambda: parent.events("load_total"))
    (total,) = parent.events("load_total")
    assert total["ok"] > 40
    assert total["failed"] == 0


def test_what_is_held_goes_where_a_change_before_the_release_says(
    parent: Parent, port: int, run_folder: Path, wait_until: Callable[..., None]
) -> None:
    configure(parent, run_folder, port, load={"mode": "rate", "rate": 200})
    wait_until(lambda: parent.of("ready"), 20)
    parent.child.send("begin")
    parent.child.send("hold")
    wait_until(lambda: any(report["in_flight"] > 20 for report in parent.events("load")), what="what is kept")
    before = sum(report["sent"] for report in parent.events("load"))
    at = time.perf_counter_ns() + 200_000_000
    parent.child.send("set", section="load", values={"paths": [["/status/404", 1.0, "http"]]}, at=at)
    parent.child.send("release", at=at)
    wait_until(lambda: sum(report["failed"] for report in parent.events("load")) > 20)
    assert sum(report["ok"] for report in parent.events("load")) <= before, "some went where they went before"


def test_a_load_holds_when_what_it_had_sent_is_answered(
    parent: Parent, port: int, run_folder: Path, wait_until: Callable[..., None]
) -> None:
    configure(parent, run_folder, port, "/slow/0.1", load={"mode": "rate", "rate": 200})
    wait_until(lambda: parent.of("ready"), 20)
    parent.child.send("begin")
    wait_until(lambda: sum(report["ok"] for report in parent.events("load")) >= 20)
    parent.child.send("hold")
    wait_until(lambda: parent.events("held"))
    held = parent.messages.index(parent.events("held")[0])
    seen = sum(message.get("event") == "load" for message in parent.messages[:held])
    wait_until(lambda: len(parent.events("load")) >= seen + 3)
    reports = parent.events("load")
    # The next report still tells of the time before.
    assert sum(report["sent"] for report in reports[: seen + 1]) == sum(report["ok"] for report in reports[: seen + 1])
    assert [(report["sent"], report["ok"]) for report in reports[seen + 1 :]] == [(0, 0)] * len(reports[seen + 1 :])


def test_a_load_does_not_wait_for_an_answer_that_does_not_come_to_hold(
    parent: Parent, port: int, run_folder: Path, wait_until: Callable[..., None]
) -> None:
    configure(parent, run_folder, port, "/never")
    wait_until(lambda: parent.of("ready"), 20)
    parent.child.send("begin")
    wait_until(lambda: parent.events("load") and parent.events("load")[-1]["in_flight"] == 3)
    parent.child.send("hold")
    wait_until(lambda: parent.events("held"))


def test_a_part_begins_when_it_is_told_to_and_sends_its_records_along(
    parent: Parent, port: int, run_folder: Path, wait_until: Callable[..., None]
) -> None:
    knobs = {"mode": "rate", "rate": 100, "duration": 1}
    forward = {"first": 1_000_000, "most": 500}
    configure(parent, run_folder, port, load=knobs, share=[1, 2], forward=forward)
    wait_until(lambda: parent.of("ready"), 20)
    at = time.perf_counter_ns() + 300_000_000
    parent.child.send("begin", at=at)
    wait_until(lambda: parent.events("load_total"))
    reports = parent.events("load")
    (total,) = parent.events("load_total")
    assert total["sent"] == total["ok"] == sum(report["sent"] for report in reports)
    assert total["sent"] in (49, 50)  # the hundredth of the whole is due at the very end
    data = b"".join(base64.b64decode(report["records"]) for report in reports)
    rows = [RECORD.unpack_from(data, place) for place in range(0, len(data), SIZE)]
    over = sorted(row for row in rows if row[-1] == Flag.COMPLETE)
    assert [row[2] for row in over] == list(range(1_000_000, 1_000_000 + total["sent"]))
    # Every other one of an even rate, from the second on.
    assert [row[0] - at for row in over] == pytest.approx([20_000_000 * n for n in range(1, len(over) + 1)], abs=1_000)
