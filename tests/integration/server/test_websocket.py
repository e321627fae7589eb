"""WebSockets of a real server against an independent client, the `websockets` package's."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from socket import create_connection

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from explorer.records.states import Kind
from explorer.server.workloads.websocket.room import MOST_LENGTH
from tests.integration.server.conftest import Running, Serve
from tests.observed import Observed

DISPATCHES = ("coroutine", "blocking_coroutine", "thread_pool", "process_pool")
MEBIBYTE = 1 << 20
QUICK = ("workload.id=websocket", "workload.seconds=0.001")
LIMIT_S = 30
UPGRADE = (
    b"GET /job HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def to(running: Running, path: str = "/job") -> connect:
    """A connection to the server, to be entered."""
    host, port = running.supervisor.address
    return connect(f"ws://{host}:{port}{path}", max_size=None, open_timeout=LIMIT_S, close_timeout=LIMIT_S)


async def echoed(socket: ClientConnection, message: str | bytes) -> None:
    """Send a message and have it back."""
    await socket.send(message)
    assert await asyncio.wait_for(socket.recv(), LIMIT_S) == message


@pytest.mark.parametrize("dispatch", DISPATCHES)
async def test_every_dispatch_echoes_and_works_for_the_message(serve: Serve, dispatch: str) -> None:
    small = ("dispatch.processes=1",) if dispatch == "process_pool" else ()
    running = serve(*QUICK, f"dispatch.id={dispatch}", *small)
    numbers = [0x7FFF000000000001 + place for place in range(3)]
    async with to(running) as socket:
        for number in numbers:
            await echoed(socket, f"{number:x}-c0ffee hello")
        await echoed(socket, b"\x00\xff")
        await echoed(socket, "ü" * (MEBIBYTE // 2))
        await echoed(socket, b"\x00" * MEBIBYTE)
    running.child.stop(5)
    running.child.wait(20)

    observed = Observed(running.run)
    assert observed.exact()
    messages = observed.of(Kind.MESSAGE)
    assert [row.request for row in messages[:3]] == numbers
    assert len(messages) == 6
    place = {"coroutine": None, "blocking_coroutine": Kind.CALL}.get(dispatch, Kind.JOB)
    if place is not None:
        worked = [row for row in observed.of(place) if row.request in numbers]
        assert [row.request for row in worked] == numbers
    for number in numbers:
        assert any(row.request == number for row in observed.of(Kind.STEP))
    observed.close()


async def test_fragments_and_pings_between_them(serve: Serve) -> None:
    running = serve(*QUICK, "dispatch.id=coroutine")
    async with to(running) as socket:
        await socket.send(["fra", "g", "", "mente"])
        assert await socket.recv() == "fragmente"
        await socket.send([b"\x01" * 100_000] * 11)
        assert await socket.recv() == b"\x01" * 1_100_000
        # A ping may come between the fragments of a message.
        protocol, transport = socket.protocol, socket.transport
        protocol.send_text(b"one ", fin=False)
        protocol.send_ping(b"still there?")
        protocol.send_continuation(b"two", fin=True)
        transport.write(b"".join(protocol.data_to_send()))
        assert await socket.recv() == "one two"
        await asyncio.wait_for(await socket.ping(b"and now?"), LIMIT_S)


@pytest.mark.parametrize("code", [1000, 1001, 4000])
async def test_the_clients_close_code_comes_back(serve: Serve, code: int, wait_until: Callable[..., None]) -> None:
    running = serve(*QUICK, "dispatch.id=coroutine")
    async with to(running) as socket:
        await echoed(socket, "hello")
        await socket.close(code, "enough")
        assert socket.close_code == code
        assert socket.protocol.close_rcvd is not None
        assert socket.protocol.close_rcvd.code == code
    await asyncio.to_thread(wait_until, lambda: running.connections() == 0)
    async with to(running) as socket:
        await echoed(socket, "the server goes on")


@pytest.mark.parametrize(("code", "size"), [(1007, 10), (1009, 17 * MEBIBYTE)])
async def test_what_is_no_message_is_refused_with_its_code(serve: Serve, code: int, size: int) -> None:
    running = serve(*QUICK, "dispatch.id=coroutine")
    async with to(running) as socket:
        socket.protocol.send_text(b"\xff" * size)
        socket.transport.write(b"".join(socket.protocol.data_to_send()))
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), LIMIT_S)
        assert socket.close_code == code
    async with to(running) as socket:
        await echoed(socket, "the server goes on")
    running.child.stop(5)
    running.child.wait(20)
    observed = Observed(running.run)
    assert len(observed.of(Kind.MESSAGE)) == 1
    observed.close()


async def test_a_client_that_vanishes_leaves_the_others(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve(*QUICK, "dispatch.id=coroutine", "workload.broadcast=true")
    async with to(running) as stays:
        async with to(running) as goes:
            await echoed(goes, "both")
            assert await stays.recv() == "both"
            goes.transport.abort()
        await asyncio.to_thread(wait_until, lambda: running.connections() == 1)
        await echoed(stays, "alone")


@pytest.mark.long
async def test_everybody_gets_every_message_of_a_broadcast(serve: Serve) -> None:
    clients, each = 200, 3
    running = serve(*QUICK, "dispatch.id=coroutine", "workload.broadcast=true")
    sockets = await asyncio.gather(*(to(running).__aenter__() for _ in range(clients)))
    try:
        wanted = sorted(f"{place} {number}" for place in range(clients) for number in range(each))

        async def talk(place: int, socket: ClientConnection) -> list[str]:
            for number in range(each):
                await socket.send(f"{place} {number}")
            return [str(await asyncio.wait_for(socket.recv(), LIMIT_S)) for _ in wanted]

        heard = await asyncio.gather(*(talk(place, socket) for place, socket in enumerate(sockets)))
        for messages in heard:
            assert sorted(messages) == wanted
            own_order = [message for message in messages if message.startswith("7 ")]
            assert own_order == [f"7 {number}" for number in range(each)], "messages of one sender stay in order"
    finally:
        await asyncio.gather(*(socket.close() for socket in sockets))


async def test_who_does_not_read_keeps_nobody_waiting(serve: Serve) -> None:
    running = serve(*QUICK, "dispatch.id=coroutine", "workload.broadcast=true")
    async with to(running) as talks:
        sleeper = await to(running).__aenter__()
        sleeper.transport.pause_reading()
        message = b"\x00" * MEBIBYTE
        for _ in range(20):  # more than the system keeps for a connection
            await echoed(talks, message)
        sleeper.transport.resume_reading()
        for _ in range(20):
            assert await asyncio.wait_for(sleeper.recv(), LIMIT_S) == message
        await sleeper.close()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_who_reads_nothing_at_all_is_cut_off_in_the_end(serve: Serve, loop: str) -> None:
    running = serve(*QUICK, "dispatch.id=coroutine", "workload.broadcast=true", f"server.loop={loop}")
    with create_connection(running.supervisor.address, LIMIT_S) as sleeper:
        sleeper.sendall(UPGRADE)
        assert (await asyncio.to_thread(sleeper.recv, 12)) == b"HTTP/1.1 101"
        async with to(running) as talks:
            message = b"\x00" * MEBIBYTE
            sent = 0
            while running.connections() == 2:
                await echoed(talks, message)
                sent += MEBIBYTE
                assert sent < 3 * MOST_LENGTH, "nobody has been cut off"
            await echoed(talks, "the server goes on")
    running.child.stop(5)
    assert await asyncio.to_thread(running.child.wait, 20) == 0
    log = "\n".join(path.read_text() for path in running.run.glob("log-*.txt"))
    assert "Traceback" not in log


async def test_both_knobs_change_live(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve(*QUICK, "dispatch.id=coroutine")
    async with to(running) as one, to(running) as other:
        await echoed(one, "to me alone")
        for knob, value in (("workload.broadcast", True), ("workload.seconds", 0)):
            running.child.send("set", knob=knob, value=value)
        await asyncio.to_thread(wait_until, lambda: len(running.of("applied")) == 2)
        await echoed(one, "to all")
        assert await other.recv() == "to all"


async def test_without_the_workload_an_upgrade_is_refused(serve: Serve) -> None:
    running = serve("workload.seconds=0")
    with pytest.raises(InvalidStatus) as refused:
        async with to(running):
            pass
    assert refused.value.response.status_code == 200, "answered as the plain request that it also is"


async def test_beyond_the_limit_of_connections_an_upgrade_gets_503(
    serve: Serve, wait_until: Callable[..., None]
) -> None:
    running = serve(*QUICK, "dispatch.id=coroutine", "server.limit_concurrency=1")
    async with to(running) as socket:
        with pytest.raises(InvalidStatus) as refused:
            async with to(running):
                pass
        assert refused.value.response.status_code == 503
        await echoed(socket, "hello")


@pytest.mark.parametrize("model", ["event_loop", "prefork"])
async def test_a_stop_answers_what_has_come_and_closes_with_1012(serve: Serve, model: str) -> None:
    running = serve("workload.id=websocket", "workload.seconds=0.2", "dispatch.id=coroutine", f"model.id={model}")
    idle = await asyncio.gather(*(to(running).__aenter__() for _ in range(20)))
    busy = await asyncio.gather(*(to(running).__aenter__() for _ in range(20)))
    for socket in busy:
        await socket.send("hello")
    running.child.stop(1.0)
    for socket in busy:
        assert await asyncio.wait_for(socket.recv(), LIMIT_S) == "hello"
    for socket in (*idle, *busy):
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), LIMIT_S)
        assert socket.close_code == 1012
    # 0: it ended by itself within its second. Had it been killed for being late, this were -9.
    assert await asyncio.to_thread(running.child.wait, 20) == 0


async def test_a_stop_does_not_wait_for_a_handler_without_an_end(serve: Serve) -> None:
    running = serve("workload.id=websocket", "workload.seconds=30", "dispatch.id=coroutine")
    async with to(running) as socket:
        await socket.send("hello")
        await asyncio.wait_for(await socket.ping(), LIMIT_S)
        running.child.stop(1.0)
        assert await asyncio.to_thread(running.child.wait, 20) == 0
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), LIMIT_S)


@pytest.mark.parametrize("model", ["event_loop", "prefork"])
@pytest.mark.long
async def test_a_restart_under_load_closes_every_connection_with_1012(serve: Serve, model: str) -> None:
    settings = (*QUICK, "dispatch.id=coroutine", f"model.id={model}")
    first = serve(*settings)
    enough = asyncio.Event()
    answers = [0] * 8
    codes: list[int | None] = []

    async def client(place: int) -> None:
        while not enough.is_set():
            # Who says nothing for a while on a connection to a server that stops finds it closed, and opens another.
            with suppress(InvalidMessage):
                async with to(first) as socket:
                    try:
                        while not enough.is_set():
                            await echoed(socket, f"{place} {answers[place]}")
                            answers[place] += 1
                    except ConnectionClosed:
                        codes.append(socket.close_code)

    async def until(counts: list[int]) -> None:
        while not all(now > before + 3 for now, before in zip(answers, counts, strict=True)):
            await asyncio.sleep(0.005)

    async with asyncio.TaskGroup() as group:
        for place in range(8):
            group.create_task(client(place))
        await asyncio.wait_for(until([0] * 8), LIMIT_S)
        serve(*settings)  # holds up the clients for as long as it takes: children are the main thread's
        first.child.stop(5)
        assert await asyncio.to_thread(first.child.wait, 20) == 0
        await asyncio.wait_for(until(list(answers)), LIMIT_S)
        enough.set()
    assert codes
    assert set(codes) == {1012}, "told to come again, never just cut off"
