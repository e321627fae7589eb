"""Streams of events of a real server, read by a parser of this test's own."""

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from explorer.records.states import Kind
from tests.integration.server.conftest import Running, Serve
from tests.observed import Observed

QUICK = ("workload.id=sse", "workload.events=5", "workload.interval=0.001", "workload.seconds=0.001")
ENDLESS = ("workload.id=sse", "workload.events=1000000", "workload.interval=0.01", "workload.seconds=0.001")


@dataclass(frozen=True)
class Event:
    """What a browser's EventSource would dispatch."""

    data: str
    id: str
    type: str


def parsed(lines: Iterator[str]) -> Iterator[Event]:
    """The HTML standard's "interpreting an event stream", field by field; comments are passed over."""
    data: list[str] = []
    kind, last = "", ""
    for line in lines:
        if not line:
            if data:
                yield Event("\n".join(data), last, kind or "message")
            data, kind = [], ""
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "data":
                data.append(value)
            case "event":
                kind = value
            case "id" if "\0" not in value:
                last = value


@contextmanager
def stream(running: Running, **headers: str) -> Iterator[tuple[http.client.HTTPResponse, Iterator[Event]]]:
    """An open stream: the response, and its events as they come."""
    connection = http.client.HTTPConnection(*running.supervisor.address, timeout=20)
    try:
        connection.request("GET", "/job", headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        yield response, parsed(line.decode().rstrip("\r\n") for line in response)
    finally:
        connection.close()


def test_the_parser_knows_the_standards_examples() -> None:
    text = (
        ": comment\ndata: YHOO\ndata: +2\ndata: 10\n\nevent: x\ndata\n\nid: 1\n\ndata:  space\nid\n\ndata: unfinished\n"
    )
    assert list(parsed(iter(text.splitlines()))) == [
        Event("YHOO\n+2\n10", "", "message"),
        Event("", "", "x"),
        Event(" space", "", "message"),
    ]


@pytest.mark.parametrize("dispatch", ["coroutine", "blocking_coroutine", "thread_pool", "process_pool"])
def test_every_dispatch_makes_the_updates_of_a_stream(serve: Serve, dispatch: str) -> None:
    small = ("dispatch.processes=1",) if dispatch == "process_pool" else ()
    running = serve(*QUICK, f"dispatch.id={dispatch}", *small)
    with stream(running, x_explorer_request="7fff000000000001-c0ffee") as (response, events):
        assert response.status == 200
        assert str(response.getheader("content-type")).startswith("text/event-stream")
        assert [(json.loads(event.data), event.id, event.type) for event in events] == [
            (f"update {number}", str(number), "message") for number in range(1, 6)
        ]
    running.child.stop(5)
    running.child.wait(20)

    observed = Observed(running.run)
    assert observed.exact()
    request = 0x7FFF000000000001
    assert [(row.request, row.value) for row in observed.of(Kind.PUSH)] == [(request, n) for n in range(1, 6)]
    (served,) = observed.of(Kind.REQUEST)
    assert (served.request, served.name, served.value) == (request, "GET /job", 200)
    place = {"coroutine": None, "blocking_coroutine": Kind.CALL}.get(dispatch, Kind.JOB)
    if place is not None:
        assert len([row for row in observed.of(place) if row.request == request]) == 5
    observed.close()


def test_a_client_that_comes_back_gets_the_rest(serve: Serve) -> None:
    running = serve(*QUICK, "dispatch.id=coroutine")
    with stream(running) as (_, events):
        seen = [next(events), next(events)]
    with stream(running, last_event_id=seen[-1].id) as (response, events):
        assert response.status == 200
        assert [event.id for event in events] == ["3", "4", "5"]
    with stream(running, last_event_id="5") as (response, events):
        assert response.status == 204, "there is no more: a browser must not come again"
        assert list(events) == []
    with stream(running, last_event_id="none of ours") as (response, _):
        assert response.status == 422


def test_a_client_that_leaves_ends_its_stream(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve(*ENDLESS, "dispatch.id=coroutine")
    observed = Observed(running.run)
    with stream(running) as (_, events):
        next(events)
    wait_until(lambda: observed.of(Kind.REQUEST), what="the end of the request")
    (request,) = observed.of(Kind.REQUEST)
    assert request.value == 499
    assert running.get("/health")[0] == 200

    def last_step() -> int:
        return max(row.end for row in observed.of(Kind.STEP) if row.request == request.request)

    # The generator woke every 10 ms; uvicorn's own timer does every 100.
    wait_until(
        lambda: sum(row.start > last_step() for row in observed.of(Kind.TIMER)) >= 5, what="the end of the generator"
    )
    assert max(row.end for row in observed.of(Kind.PUSH)) <= last_step()
    observed.close()


def test_the_number_of_updates_changes_live(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve(*ENDLESS, "dispatch.id=coroutine")
    with stream(running) as (_, events):
        assert next(events).id == "1"
        running.child.send("set", knob="workload.events", value=3)
        wait_until(lambda: running.of("applied"))
        assert len(list(events)) < 1000
    with stream(running) as (_, events):
        assert [event.id for event in events] == ["1", "2", "3"]


MODELS = ("event_loop", "prefork", "thread_per_connection", "process_per_connection")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("parser", ["httptools", pytest.param("h11", marks=pytest.mark.long)])
def test_a_stop_cuts_streams_off_between_two_events(serve: Serve, model: str, parser: str) -> None:
    settings = (*ENDLESS, "dispatch.id=coroutine", f"model.id={model}", f"server.http={parser}")
    running = serve(*settings)
    opened = [stream(running) for _ in range(5)]
    entered = [one.__enter__() for one in opened]
    first = [next(events) for _, events in entered]
    assert [event.id for event in first] == ["1"] * 5
    running.child.stop(1.0)
    last = []
    for seen, (_, events) in zip(first, entered, strict=True):
        *_, event = seen, *events  # whole events, until the response is cut off
        last.append(int(event.id))
    for one in opened:
        one.__exit__(None, None, None)
    # 0: it ended by itself within its second. Had it been killed for being late, this were -9.
    assert running.child.wait(20) == 0
    logs = [path.read_text() for path in running.run.glob("log-*.txt")]
    assert any(logs)
    for log in logs:
        assert "Cancel" not in log
        assert "cancelled" not in log
        assert "Traceback" not in log

    again = serve(*settings)
    with stream(again, last_event_id=str(last[0])) as (_, events):
        assert next(events).id == str(last[0] + 1)


def test_a_client_that_does_not_read_does_not_hold_up_the_stop(serve: Serve, wait_until: Callable[..., None]) -> None:
    settings = ("workload.events=1000000", "workload.interval=0", "workload.seconds=0")
    running = serve("workload.id=sse", "dispatch.id=coroutine", *settings)
    observed = Observed(running.run)
    with socket.create_connection(running.supervisor.address, 20) as client:
        client.sendall(b"GET /job HTTP/1.1\r\nhost: x\r\n\r\n")
        wait_until(lambda: len(observed.of(Kind.PUSH)) > 10)
        running.child.stop(1.0)
        assert running.child.wait(20) == 0
    observed.close()
