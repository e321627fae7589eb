"""Requests that a process sends on: they take their number along, to the one server that is of the run."""

import asyncio
import http.client
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Request

from explorer.probe.jobs import run_job
from explorer.probe.outgoing import trace_outgoing
from explorer.probe.tracer import Tracer
from explorer.records.states import Kind, State
from tests.observed import Observed
from tests.waiting import wait_until

NUMBER = 0x0007_0000_0000_0001


@pytest.fixture
def upstream(serve: Callable[..., Any]) -> int:
    """The port of a server that tells which number it was given."""
    app = FastAPI()

    @app.get("/number", response_model=None)
    async def number(request: Request) -> dict[str, str]:
        return {"number": request.headers.get("x-explorer-request", "none"), "host": request.headers["host"]}

    port: int = serve(app).port
    return port


@pytest.fixture
def traced(tracer: Tracer, upstream: int) -> Iterator[None]:
    undo = trace_outgoing(tracer, f"127.0.0.1:{upstream}")
    yield
    undo()


def ask(port: int, host: str = "127.0.0.1") -> str:
    """With http.client."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/number")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


async def ask_by_stream(port: int, host: str = "127.0.0.1") -> str:
    """With a stream of asyncio."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET /number HTTP/1.1\r\nHost: there\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.decode()


@pytest.mark.usefixtures("traced")
def test_a_thread_takes_the_number_of_its_job_along(tracer: Tracer, observed: Observed, upstream: int) -> None:
    answer = run_job(tracer.thread_ring(), tracer.name("ask"), NUMBER, ask, upstream)

    assert f"{NUMBER:x}-{tracer.token}" in answer
    wait_until(lambda: observed.of(Kind.REQUEST), what="the request's end at the other server")
    assert [row.request for row in observed.of(Kind.REQUEST)] == [NUMBER], "it is known there by this number"
    calls = observed.of(Kind.CALL)
    assert [(row.name, row.state, row.request) for row in calls] == [
        ("http.client.connect", State.BLOCKED, NUMBER),
        ("http.client.getresponse", State.BLOCKED, NUMBER),
    ]


@pytest.mark.usefixtures("traced")
def test_a_task_takes_its_number_along(tracer: Tracer, upstream: int) -> None:
    from explorer.probe.loop import traced_loop_factory

    async def main() -> str:
        task = asyncio.current_task()
        task.request = NUMBER  # type: ignore[union-attr]  # it is a traced one
        return await ask_by_stream(upstream)

    with asyncio.Runner(loop_factory=traced_loop_factory(tracer)) as runner:
        answer = runner.run(main())

    assert f"{NUMBER:x}-{tracer.token}" in answer
    assert '"host":"there"' in answer, "the other headers are as they were"


@pytest.mark.usefixtures("traced")
def test_what_is_for_no_request_or_for_another_server_is_left_as_it_is(tracer: Tracer, upstream: int) -> None:
    assert '"number":"none"' in ask(upstream)
    assert '"number":"none"' in asyncio.run(ask_by_stream(upstream))
    # The same port under another name stands for a server that has no business with the run's token.
    asked = run_job(tracer.thread_ring(), tracer.name("ask"), NUMBER, ask, upstream, "localhost")
    assert '"number":"none"' in asked


def test_undoing_leaves_the_library_as_it_was(tracer: Tracer) -> None:
    connection = http.client.HTTPConnection
    before = (asyncio.open_connection, connection.putrequest, connection.getresponse, connection.connect)
    trace_outgoing(tracer, "127.0.0.1:1")()
    assert (asyncio.open_connection, connection.putrequest, connection.getresponse, connection.connect) == before
