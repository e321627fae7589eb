"""The load's WebSocket against an independent server, that of the `websockets` package."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.frames import Frame, Opcode

from tests.integration.load.stage import Stage

Handler = Callable[[ServerConnection], Awaitable[None]]


class Served:
    """A server: its port, its connections of all times, the messages that came."""

    def __init__(self) -> None:
        self.port = 0
        self.connections: list[ServerConnection] = []
        self.messages: list[str] = []

    @property
    def open(self) -> list[ServerConnection]:
        return [connection for connection in self.connections if connection.state.name == "OPEN"]

    def codes(self) -> Counter[int | None]:
        """With which codes the clients have closed."""
        received = (one.protocol.close_rcvd for one in self.connections)
        return Counter(None if close is None else close.code for close in received)


@asynccontextmanager
async def serving(
    answer: Callable[[Served, ServerConnection, str], Awaitable[None]], **options: Any
) -> AsyncIterator[Served]:
    """Serve; `answer(served, connection, message)` is called with each message."""
    served = Served()
    quiet = logging.getLogger("tests.websockets")
    quiet.setLevel(logging.CRITICAL)

    async def handler(connection: ServerConnection) -> None:
        served.connections.append(connection)
        async for message in connection:
            assert isinstance(message, str)
            served.messages.append(message)
            await answer(served, connection, message)

    async with serve(handler, "127.0.0.1", 0, max_size=None, logger=quiet, **options) as server:
        served.port = next(iter(server.sockets)).getsockname()[1]
        yield served


async def echo(served: Served, connection: ServerConnection, message: str) -> None:
    await connection.send(message)


async def test_each_user_sends_its_next_message_when_its_own_answer_has_come() -> None:
    async with serving(echo) as served, Stage(served.port, speaks="websocket", users=3) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 60)
        assert stage.driver.client.in_flight <= 3
        stage.driver.end()
        total = await stage.ended()
        await stage.until(lambda: not served.open)
    assert total["failed"] == total["timed_out"] == total["unanswered"] == total["events"] == 0
    assert total["connections"] == len(served.connections) == 3
    assert len(served.messages) == total["sent"]
    assert served.codes() == {1000: 3}  # users who leave close as they should
    assert {name for name, *_ in stage.records.ended.values()} == {"WEBSOCKET /job"}
    assert {status for *_, status in stage.records.ended.values()} == {101}


async def test_a_message_begins_with_the_number_of_its_request_and_the_token() -> None:
    async with serving(echo) as served, Stage(served.port, speaks="websocket", users=2) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 20)
        stage.driver.end()
        await stage.ended()
    words = [message.split(" ")[0] for message in served.messages]
    assert sorted(words) == sorted(f"{number:x}-70ken" for number in stage.records.begun)
    assert {len(message) for message in served.messages} == {128}
    # The handshake names the request for whose sake the connection is opened, and asks for no extension.
    first = [connection.request for connection in served.connections]
    assert [one.headers["x-explorer-request"] for one in first if one is not None] == words[:2]
    assert all("Sec-WebSocket-Extensions" not in one.headers for one in first if one is not None)
    assert sorted(stage.records.connects) == sorted(int(word.split("-")[0], 16) for word in words[:2])


@pytest.mark.parametrize("size", [64, 1000, 70_000, 1 << 20])
async def test_messages_of_all_sizes(size: int) -> None:
    async with serving(echo) as served, Stage(served.port, speaks="websocket", users=2, message_bytes=size) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 8)
        stage.driver.change({"message_bytes": 99})
        await stage.until(lambda: len(served.messages[-1]) == 99)
        stage.driver.end()
        total = await stage.ended()
    assert total["failed"] == 0
    assert {len(message) for message in served.messages} == {size, 99}


async def test_an_answer_may_come_in_fragments_with_control_frames_between_them() -> None:
    async def answer(served: Served, connection: ServerConnection, message: str) -> None:
        data = message.encode()
        for first, last in pairwise((0, 1, 30, 31, len(data))):
            opcode = Opcode.CONT if first else Opcode.TEXT
            frames = [Frame(opcode, data[first:last], last == len(data)), Frame(Opcode.PING, b"there?")]
            connection.transport.write(b"".join(frame.serialize(mask=False) for frame in frames))
            await asyncio.sleep(0)

    async with serving(answer) as served, Stage(served.port, speaks="websocket", users=2) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 20)
        stage.driver.end()
        total = await stage.ended()
    assert total["failed"] == total["events"] == 0


async def test_a_binary_answer_is_an_answer() -> None:
    async def answer(served: Served, connection: ServerConnection, message: str) -> None:
        await connection.send(message.encode())

    async with serving(answer) as served, Stage(served.port, speaks="websocket", users=2) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 10)
        assert stage.tally.failed == 0


async def test_a_ping_is_answered_by_a_pong() -> None:
    pongs = []

    async def answer(served: Served, connection: ServerConnection, message: str) -> None:
        pongs.append(await (await connection.ping(b"are you there")))
        await connection.send(message)

    async with serving(answer) as served, Stage(served.port, speaks="websocket", users=2) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 10)
        assert stage.tally.failed == 0
    assert len(pongs) >= 10


async def test_what_others_say_ends_no_request() -> None:
    async def answer(served: Served, connection: ServerConnection, message: str) -> None:
        broadcast(served.connections, message)

    async with serving(answer) as served, Stage(served.port, speaks="websocket", users=200) as stage:
        stage.driver.begin()
        await stage.until(lambda: len(served.open) == 200 and stage.tally.ok >= 400)
        stage.driver.end()
        total = await stage.ended()
        assert total["events"] > 20 * total["ok"]
        assert stage.summed("events") == total["events"]
    assert total["failed"] == total["timed_out"] == 0
    assert total["connections"] == 200


async def test_a_new_connection_for_each_message_is_closed_as_it_should_be() -> None:
    async with serving(echo) as served, Stage(served.port, speaks="websocket", users=3, keep_alive=False) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 30)
        stage.driver.end()
        total = await stage.ended()
        await stage.until(lambda: not served.open)
        await stage.until(lambda: not stage.driver.client.parting)
    assert total["failed"] == 0
    assert total["connections"] == total["sent"] == len(served.connections)
    assert served.codes() == {1000: total["sent"]}
    assert sorted(stage.records.connects) == sorted(stage.records.begun)


async def test_a_rate_has_one_message_under_way_on_each_connection() -> None:
    under_way: Counter[ServerConnection] = Counter()
    most = 0

    async def answer(served: Served, connection: ServerConnection, message: str) -> None:
        nonlocal most
        under_way[connection] += 1
        most = max(most, under_way[connection])
        await asyncio.sleep(0.02)
        under_way[connection] -= 1
        await connection.send(message)

    async with (
        serving(answer) as served,
        Stage(served.port, speaks="websocket", mode="rate", rate=300, connections=3, duration=0.2) as stage,
    ):
        stage.driver.begin()
        total = await stage.ended()
    assert most == 1
    assert total["connections"] == len(served.connections) <= 3
    assert total["sent"] == 60
    assert total["ok"] + total["unanswered"] == 60
    assert total["ok"] >= 3


async def test_a_burst_over_connections_that_are_used_again() -> None:
    async with (
        serving(echo) as served,
        Stage(served.port, speaks="websocket", mode="burst", requests=50, connections=10) as stage,
    ):
        stage.driver.begin()
        total = await stage.ended()
    assert total["ok"] == 50
    assert len(served.connections) == 10


async def test_single_messages_beside_the_load() -> None:
    async with serving(echo) as served, Stage(served.port, speaks="websocket", users=0) as stage:
        stage.driver.send(10, "/job")
        await stage.until(lambda: stage.tally.ok == 10)
    assert len(served.messages) == 10


async def test_a_mixed_load_keeps_its_connections_apart() -> None:
    async with serving(echo) as served:
        # What the WebSocket server says to plain HTTP is a refusal, over a connection that it closes.
        paths = [("/job", 0.5, "websocket"), ("/plain", 0.5, "http")]
        async with Stage(served.port, paths, users=2) as stage:
            stage.driver.begin()
            await stage.until(lambda: stage.tally.ok >= 20 and stage.tally.failed >= 20)
            assert len(served.connections) == 2
            assert set(stage.tally.errors) == {"status 426"}
        async with Stage(served.port, paths, mode="burst", requests=40, connections=1) as stage:
            stage.driver.begin()  # with room for one connection a spare one of the other kind has to go
            total = await stage.ended()
    assert total["ok"] + total["failed"] == 40
    assert set(total["errors"]) == {"status 426"}


async def failed(answer: Callable[[Served, ServerConnection, str], Awaitable[None]], **options: Any) -> dict[str, int]:
    """The failures of a burst of three."""
    async with (
        serving(answer, **options) as served,
        Stage(served.port, speaks="websocket", mode="burst", requests=3) as stage,
    ):
        stage.driver.begin()
        total = await stage.ended()
    assert total["failed"] == 3
    assert total["latency"] == {}
    errors: dict[str, int] = total["errors"]
    return errors


async def test_the_handshake_belongs_to_connecting_and_not_to_the_service() -> None:
    """As with HTTP, where the service begins when the request is written to a connection that stands."""
    took_s = 0.2

    async def slow(connection: ServerConnection, request: object) -> None:
        await asyncio.sleep(took_s)

    async with (
        serving(echo, process_request=slow) as served,
        Stage(served.port, speaks="websocket", mode="burst", requests=1) as stage,
    ):
        stage.driver.begin()
        total = await stage.ended()
    assert total["ok"] == 1
    assert total["latency_sum"] - total["service_sum"] >= took_s * 0.99
    assert total["send_lag_max"] < total["latency_max"]


async def test_a_refused_handshake_is_told_by_its_status() -> None:
    def refuse(connection: ServerConnection, request: Any) -> Any:
        return connection.respond(503, "full\n")

    assert await failed(echo, process_request=refuse) == {"status 503": 3}


async def test_a_server_that_answers_but_does_not_switch(port: int) -> None:
    for path, sentence in (
        ("/job", "the server did not switch to WebSocket"),
        ("/noise", "answer is not HTTP"),
        ("/drop", "connection closed before the answer"),
    ):
        async with Stage(port, path, speaks="websocket", mode="burst", requests=3) as stage:
            stage.driver.begin()
            total = await stage.ended()
        assert total["errors"] == {sentence: 3}
        assert total["connections"] == 0


async def test_closes_of_the_server_are_told_apart() -> None:
    async def complain(served: Served, connection: ServerConnection, message: str) -> None:
        await connection.close(1011, "cannot")

    async def close(served: Served, connection: ServerConnection, message: str) -> None:
        await connection.close()

    async def drop(served: Served, connection: ServerConnection, message: str) -> None:
        connection.transport.abort()

    async def cut(served: Served, connection: ServerConnection, message: str) -> None:
        connection.transport.write(Frame(Opcode.TEXT, message.encode()).serialize(mask=False)[:-1])
        connection.transport.close()

    assert await failed(complain) == {"the server closed the WebSocket with code 1011": 3}
    assert await failed(close) == {"connection closed before the answer": 3}
    assert set(await failed(drop)) <= {"connection closed before the answer", "connection reset by the server"}
    assert await failed(cut) == {"connection closed in the middle of the answer": 3}


async def test_a_server_that_breaks_the_protocol_is_told_so() -> None:
    seen = Served()

    async def masked(served: Served, connection: ServerConnection, message: str) -> None:
        nonlocal seen
        seen = served
        connection.transport.write(Frame(Opcode.TEXT, message.encode()).serialize(mask=True))

    async def no_text(served: Served, connection: ServerConnection, message: str) -> None:
        nonlocal seen
        seen = served
        connection.transport.write(Frame(Opcode.TEXT, message.encode() + b"\xff").serialize(mask=False))

    assert await failed(masked) == {"the server broke the WebSocket protocol": 3}
    assert seen.codes() == {1002: 3}
    assert await failed(no_text) == {"the server broke the WebSocket protocol": 3}
    assert seen.codes() == {1007: 3}


async def test_a_server_may_close_right_behind_an_answer() -> None:
    async def once(served: Served, connection: ServerConnection, message: str) -> None:
        await connection.send(message)
        await connection.close(1001)

    async with serving(once) as served, Stage(served.port, speaks="websocket", users=3) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 30)
        stage.driver.end()
        total = await stage.ended()
    assert total["failed"] == 0
    assert len(served.connections) == total["connections"] >= total["ok"]


async def test_a_message_that_meets_a_closing_connection_goes_out_again_on_a_new_one() -> None:
    answered: Counter[ServerConnection] = Counter()

    async def three(served: Served, connection: ServerConnection, message: str) -> None:
        """Answer three messages and go at the fourth, in one of three ways."""
        answered[connection] += 1
        if answered[connection] <= 3:
            await connection.send(message)
        elif len(served.connections) % 3:
            await connection.close(1012 if len(served.connections) % 3 == 1 else 1001)
        else:
            connection.transport.abort()

    async with serving(three) as served, Stage(served.port, speaks="websocket", users=3) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 60)
        stage.driver.end()
        total = await stage.ended()
    assert total["failed"] == 0
    assert total["retried"] >= 12
    assert len(stage.records.begun) == total["sent"]  # a retry is the same request


async def silent(served: Served, connection: ServerConnection, message: str) -> None:
    return


async def test_a_message_without_answer_times_out_and_its_user_goes_on() -> None:
    async with serving(silent) as served, Stage(served.port, speaks="websocket", users=3, timeout=0.1) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.timed_out >= 6)
        stage.driver.end()
        total = await stage.ended()
    assert total["ok"] == total["failed"] == 0
    assert total["connections"] == total["sent"]


async def test_a_handshake_without_answer_times_out_too(port: int) -> None:
    async with Stage(port, "/never", speaks="websocket", users=2, timeout=0.1) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.timed_out >= 4)
        assert stage.tally.failed == stage.tally.connections == 0


async def test_a_stop_tells_the_server_and_waits_for_nobody() -> None:
    async with serving(silent) as served, Stage(served.port, speaks="websocket", users=4) as stage:
        stage.driver.begin()
        await stage.until(lambda: len(served.messages) == 4)
        stage.driver.stop()
        assert stage.total is not None
        assert stage.total["unanswered"] == 4
        assert stage.driver.client.in_flight == 0
        await stage.until(lambda: not served.open)
    assert served.codes() == {1001: 4}


async def test_a_stop_does_not_wait_for_a_server_that_never_closes() -> None:
    async def answer(served: Served, connection: ServerConnection, message: str) -> None:
        await connection.send(message)
        connection.transport.pause_reading()  # so that no close frame is ever seen

    async with serving(answer, close_timeout=0.1, ping_interval=None) as served:
        async with Stage(served.port, speaks="websocket", mode="burst", requests=3, keep_alive=False) as stage:
            stage.driver.begin()
            await stage.ended()
            assert len(stage.driver.client.parting) == 3
            stage.driver.stop()
            assert not stage.driver.client.parting
        for connection in served.connections:
            connection.transport.abort()
