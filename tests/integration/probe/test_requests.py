"""Requests of a real uvicorn with FastAPI, over real sockets."""

import asyncio
import http.client
import itertools
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
import uvloop
from fastapi import APIRouter, FastAPI, HTTPException, Request

from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind, State
from tests.observed import Observed

both = pytest.mark.parametrize("parser", ["httptools", "h11"])


# libuv opens a pipe for signals with the first loop and keeps it for good.
uvloop.new_event_loop().close()


def make_app() -> FastAPI:
    app = FastAPI()
    inner = FastAPI()
    router = APIRouter(prefix="/routed")

    @app.get("/job")
    async def job() -> str:
        await asyncio.sleep(0)
        return "done"

    @app.get("/item/{number}")
    async def item(number: int) -> int:
        return number

    @app.get("/slow")
    async def slow(request: Request) -> str:
        while not await request.is_disconnected():
            await asyncio.sleep(0.005)
        return "too late"

    @app.get("/fails")
    async def fails() -> None:
        raise HTTPException(418)

    @app.post("/body")
    async def body(values: list[int]) -> int:
        async def add(value: int) -> int:
            await asyncio.sleep(0)
            return value

        return sum(await asyncio.gather(*(add(value) for value in values)))

    @inner.get("/job")
    async def inner_job() -> str:
        return "inner"

    @router.get("/{what}")
    async def routed(what: str) -> str:
        return what

    app.mount("/also/1", inner)
    app.include_router(router)
    return app


def get(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={key.replace("_", "-"): value for key, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@both
def test_a_request_has_a_name_a_status_and_a_number(
    serve: Callable[..., Any], observed: Observed, tracer: Tracer, parser: str, wait_until: Callable[..., None]
) -> None:
    port = serve(make_app(), parser=parser).port
    before = time.perf_counter_ns()
    for path in ("/job", "/item/5", "/item/6", "/nowhere/5", "/fails", "/also/1/job", "/routed/x", "/job"):
        get(port, path)
    wait_until(lambda: len(observed.of(Kind.REQUEST)) == 8)
    rows = observed.of(Kind.REQUEST)
    assert [(row.name, row.value) for row in rows] == [
        ("GET /job", 200),
        ("GET /item/{number}", 200),
        ("GET /item/{number}", 200),
        ("GET other", 404),
        ("GET /fails", 418),
        ("GET /also/1/job", 200),
        ("GET /routed/{what}", 200),
        ("GET /job", 200),
    ]
    assert {row.track for row in rows} == {"requests requests"}
    assert [row.request >> 40 for row in rows] == [tracer.number] * 8
    assert len({row.request for row in rows}) == 8
    assert all(before <= row.start <= row.end <= time.perf_counter_ns() for row in rows)
    begins = observed.of(Kind.REQUEST, Flag.BEGIN)
    assert [(row.request, row.start) for row in begins] == [(row.request, row.start) for row in rows]
    assert begins[-1].name == "GET /job", "known beforehand the second time"


@both
def test_a_number_comes_with_the_runs_token_only(
    serve: Callable[..., Any], observed: Observed, parser: str, wait_until: Callable[..., None]
) -> None:
    port = serve(make_app(), parser=parser).port
    get(port, "/job", x_explorer_request="2000000000007-abcd")
    get(port, "/job", x_explorer_request="2000000000008-guess")
    wait_until(lambda: len(observed.of(Kind.REQUEST)) == 2)
    first, second = (row.request for row in observed.of(Kind.REQUEST))
    assert first == 0x2000000000007
    assert second != 0x2000000000008


@both
def test_every_step_of_a_request_knows_it(
    serve: Callable[..., Any], observed: Observed, parser: str, wait_until: Callable[..., None]
) -> None:
    port = serve(make_app(), parser=parser).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/body", b"[1, 2, 3]", {"content-type": "application/json"})
    assert connection.getresponse().read() == b"6"
    connection.close()
    wait_until(lambda: observed.of(Kind.REQUEST))
    (request,) = observed.of(Kind.REQUEST)
    steps = [row for row in observed.of(Kind.STEP) if row.request == request.request]
    names = [row.name.rsplit(".", 1)[-1] for row in steps]
    assert names.count("add") == 6, "the children of gather are not anonymous"
    assert "run_asgi" in names
    assert all(row.state == State.RUNNING for row in steps)


@both
def test_pipelined_requests_answer_in_order(
    serve: Callable[..., Any], observed: Observed, parser: str, wait_until: Callable[..., None]
) -> None:
    port = serve(make_app(), parser=parser).port
    one = "GET {} HTTP/1.1\r\nhost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall("".join(one.format(path) for path in ("/job", "/fails", "/item/3")).encode())
        wait_until(lambda: len(observed.of(Kind.REQUEST)) == 3)
        assert client.recv(100_000)
    rows = observed.of(Kind.REQUEST)
    assert [(row.name, row.value) for row in rows] == [
        ("GET /job", 200),
        ("GET /fails", 418),
        ("GET /item/{number}", 200),
    ]
    starts = {row.request: row.start for row in rows}
    assert {row.request: row.start for row in observed.of(Kind.REQUEST, Flag.BEGIN)} == starts


@both
def test_a_client_that_leaves_is_a_failed_request(
    serve: Callable[..., Any], observed: Observed, parser: str, wait_until: Callable[..., None]
) -> None:
    port = serve(make_app(), parser=parser).port
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        wait_until(lambda: observed.of(Kind.REQUEST, Flag.BEGIN))
        assert observed.of(Kind.REQUEST) == []
    wait_until(lambda: observed.of(Kind.REQUEST))
    (row,) = observed.of(Kind.REQUEST)
    assert (row.name, row.value) == ("GET /slow", 499)


@both
def test_a_websocket_still_works(
    serve: Callable[..., Any], observed: Observed, parser: str, wait_until: Callable[..., None]
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                message = await receive()
                await send({"type": message["type"] + ".complete"})
            return
        await receive()
        await send({"type": "websocket.accept"})
        message = await receive()
        await send({"type": "websocket.send", "text": message["text"].upper()})
        await send({"type": "websocket.close"})

    async def talk(port: int) -> str:
        from websockets.asyncio.client import connect

        async with connect(f"ws://127.0.0.1:{port}/chat") as client:
            await client.send("hello")
            return str(await client.recv())

    port = serve(app, parser=parser).port
    assert asyncio.run(talk(port)) == "HELLO"
    wait_until(lambda: observed.of(Kind.REQUEST))
    (row,) = observed.of(Kind.REQUEST)
    assert (row.name, row.value) == ("WEBSOCKET other", 101)


@both
def test_nonsense_is_answered_and_the_server_goes_on(
    serve: Callable[..., Any], observed: Observed, parser: str, wait_until: Callable[..., None]
) -> None:
    port = serve(make_app(), parser=parser).port
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(b"\x00\x01\x02\r\n\r\n")
        assert b"400" in client.recv(1000)
    get(port, "/job")
    wait_until(lambda: observed.of(Kind.REQUEST))
    assert [row.value for row in observed.of(Kind.REQUEST)] == [200]


def test_uvloop_shows_steps_and_requests(
    serve: Callable[..., Any], observed: Observed, wait_until: Callable[..., None]
) -> None:
    port = serve(make_app(), loop="uvloop").port
    get(port, "/job")
    wait_until(lambda: observed.of(Kind.REQUEST))
    (request,) = observed.of(Kind.REQUEST)
    steps = [row for row in observed.of(Kind.STEP) if row.request == request.request]
    assert len(steps) == 2
    assert {row.track for row in steps} == {"loop server"}


def test_the_books_balance_after_many_requests(
    serve: Callable[..., Any], observed: Observed, wait_until: Callable[..., None]
) -> None:
    server = serve(make_app())
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    for number in range(300):
        connection.request("GET", "/job")
        assert connection.getresponse().read() == b'"done"'
        if number % 50 == 0:
            observed.poll()
    connection.close()
    wait_until(lambda: len(observed.of(Kind.REQUEST)) == 300)
    server.stop()
    wait_until(observed.exact)
    loop_rows = sorted(
        (row for row in observed.rows if row.track.startswith("loop") and row.depth == 0 and row.kind != Kind.THREAD),
        key=lambda row: row.start,
    )
    assert all(one.end <= other.start for one, other in itertools.pairwise(loop_rows))
