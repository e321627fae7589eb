"""The load's streams of events against FastAPI, and against bytes that no framework would send."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from explorer.load import event_source
from explorer.load.event_source import Stream
from tests import speaking_server
from tests.integration.load.stage import Stage

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def lost(stage: Stage) -> list[Stream]:
    """The streams that wait to be taken up again."""
    under_way = [(request.stream, request.connection) for request, _ in stage.driver.client._under_way.values()]
    return [stream for stream, connection in under_way if stream is not None and stream.begun and not connection]


class Answers:
    """A server that says one of `answers` after the other, each to one request; the last one again and again.

    An answer is a list of pieces. What follows `None` is left out: the connection is closed there.
    """

    def __init__(self, *answers: list[bytes | None]) -> None:
        self.port = 0
        self.requests: list[bytes] = []
        self._answers = answers

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                answer = self._answers[min(len(self.requests), len(self._answers) - 1)]
                self.requests.append(request)
                for piece in answer:
                    if piece is None:
                        return
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def serving(*answers: list[bytes | None]) -> AsyncIterator[Answers]:
    served = Answers(*answers)
    server = await asyncio.start_server(served.handle, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    async with server:
        yield served


@pytest.fixture(scope="module")
def speaking() -> Iterator[int]:
    """A FastAPI server's port."""
    with speaking_server.running() as (port, _):
        yield port


async def test_a_stream_is_one_request_and_its_events_are_counted(speaking: int) -> None:
    async with Stage(speaking, "/events/7/0.001", speaks="sse", users=3) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 15)
        stage.driver.end()
        total = await stage.ended()
    assert total["failed"] == total["resumed"] == 0
    assert total["events"] >= 7 * total["ok"]
    assert stage.summed("events") == total["events"]
    assert total["connections"] == 3  # a stream that ends leaves its connection for the next
    assert sum(total["first_event"].values()) >= total["ok"]
    assert total["first_event_sum"] < total["latency_sum"]
    assert {name for name, *_ in stage.records.ended.values()} == {"GET /events/7/0.001"}
    assert {status for *_, status in stage.records.ended.values()} <= {200, 0}


async def test_a_burst_of_streams_loses_nothing(speaking: int) -> None:
    paths = [("/events/20/0.001", 1.0, "sse")]
    async with Stage(speaking, paths, mode="burst", requests=30, connections=10) as stage:
        stage.driver.begin()
        total = await stage.ended()
    assert (total["ok"], total["events"], total["connections"]) == (30, 600, 10)


async def test_single_streams_beside_the_load(speaking: int) -> None:
    async with Stage(speaking, "/events/3/0", speaks="sse", users=0) as stage:
        stage.driver.send(10, "/events/3/0")
        await stage.until(lambda: stage.tally.ok == 10)
        assert stage.tally.events == 30


async def test_a_new_connection_for_each_stream(speaking: int) -> None:
    async with Stage(speaking, "/events/2/0", speaks="sse", users=2, keep_alive=False) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 10)
        stage.driver.end()
        total = await stage.ended()
    assert total["failed"] == 0
    assert total["connections"] == total["sent"]


async def test_a_killed_server_and_its_successor_lose_no_event() -> None:
    with speaking_server.running() as (port, first):
        async with Stage(port, "/events/60/0.01", speaks="sse", mode="burst", requests=3) as stage:
            stage.driver.begin()
            await stage.until(lambda: stage.tally.events >= 30)
            first.kill()
            # Every stream finds its connection lost, and then nobody at the port.
            await stage.until(lambda: len(lost(stage)) == 3)
            pauses = [stream._pause for stream in lost(stage)]
            await stage.until(lambda: not {id(stream._pause) for stream in lost(stage)} & set(map(id, pauses)))
            with speaking_server.running(port):
                total = await stage.ended()
    assert total["ok"] == 3
    assert total["failed"] == total["retried"] == 0
    assert total["events"] == 180
    assert total["resumed"] == 3  # not how often it was tried
    assert len(stage.records.begun) == len(stage.records.ended) == 3  # it stays the same request
    assert sum(total["first_event"].values()) == 3


async def test_messages_and_streams_survive_a_killed_server_side_by_side() -> None:
    with speaking_server.running() as (port, first):
        paths = [("/echo", 0.5, "websocket"), ("/events/5/0.005", 0.5, "sse")]
        async with Stage(port, paths, users=12) as stage:
            stage.driver.begin()
            await stage.until(lambda: stage.tally.ok >= 20)
            first.kill()
            await stage.until(lambda: stage.tally.errors["connection refused"] >= 1)  # who streams tries on in silence
            failed = stage.tally.failed
            with speaking_server.running(port):
                ok = stage.tally.ok
                await stage.until(lambda: stage.tally.ok >= ok + 40)
                again = stage.tally.failed
                ok = stage.tally.ok
                await stage.until(lambda: stage.tally.ok >= ok + 40)
                assert stage.tally.failed == again >= failed  # once it serves nothing fails any more
                stage.driver.end()
                await stage.ended()
    # A connection that had brought an answer is opened anew; what fails is the attempt, while nobody listens, and who
    # was just connected when the server was killed: of that the system says one thing or the other.
    killed = {"connection reset by the server", "connection closed before the answer"}
    assert set(stage.tally.errors) - killed == {"connection refused"}


async def test_a_lost_stream_asks_for_what_comes_after_its_last_event() -> None:
    lost = [CHUNKED, chunk(b"retry: 10\nid: one\ndata: 1\n\nid: t\xc3\xb6"), chunk(b"o\ndata: 2\n\ndata: 3"), None]
    rest: list[bytes | None] = [CHUNKED, chunk(b"data: 3\n\nid\ndata: 4\n\n"), b"0\r\n\r\n"]
    async with serving(lost, rest) as served, Stage(served.port, speaks="sse", mode="burst", requests=1) as stage:
        stage.driver.begin()
        total = await stage.ended()
    assert (total["ok"], total["events"], total["resumed"], total["connections"]) == (1, 4, 1, 2)
    first, second = served.requests
    assert b"\r\naccept: text/event-stream\r\n" in first
    assert b"last-event-id" not in first
    assert second == first[:-2] + "last-event-id: töo\r\n\r\n".encode()


async def test_a_stream_that_never_said_when_is_taken_up_after_the_usual_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_source, "RETRY_S", 0.1)
    lost = [CHUNKED, chunk(b"data: 1\n\n"), None]
    async with (
        serving(lost, lost, [CHUNKED, b"0\r\n\r\n"]) as served,
        Stage(served.port, speaks="sse", mode="burst", requests=1) as stage,
    ):
        stage.driver.begin()
        total = await stage.ended()
    assert (total["ok"], total["events"], total["resumed"]) == (1, 2, 2)
    assert total["latency_sum"] >= total["service_sum"] >= 0.2  # one service, over three connections
    assert served.requests[0] == served.requests[2]  # no event had an id


@pytest.mark.parametrize(
    "answer",
    [
        [HEAD + b"content-length: 23\r\n\r\n", b"data: 1\r", b"\r\rdata: 2", b"\n\n:xxx"],
        [HEAD + b"\r\n", b"\xef\xbb", b"\xbfdata: 1\n\nda", b"ta: 2\n\n", None],
        [
            b"HTTP/1.1 103 Early Hints\r\ncontent-type: x\r\n\r\n" + CHUNKED + chunk(b"data\n\ndata\r\n\r\n"),
            b"0\r\n\r\n",
        ],
        [CHUNKED, *(b"1\r\n%c\r\n" % byte for byte in b"data: 1\r\n\r\ndata: 2\r\n\r\n"), b"0\r\n\r\n"],
    ],
    ids=["length", "until the end", "after a hint", "byte by byte"],
)
async def test_streams_however_they_are_framed(answer: list[bytes | None]) -> None:
    async with serving(answer) as served, Stage(served.port, speaks="sse", mode="burst", requests=2) as stage:
        stage.driver.begin()
        total = await stage.ended()
    assert (total["ok"], total["events"], total["resumed"]) == (2, 4, 0)


async def failed(*answers: list[bytes | None]) -> dict[str, int]:
    async with serving(*answers) as served, Stage(served.port, speaks="sse", mode="burst", requests=1) as stage:
        stage.driver.begin()
        total = await stage.ended()
    assert total["failed"] == 1
    assert total["latency"] == {}
    errors: dict[str, int] = total["errors"]
    return errors


async def test_failures_are_told_apart() -> None:
    page = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"
    busy = b"HTTP/1.1 503 Busy\r\ncontent-type: text/event-stream\r\ncontent-length: 9\r\n\r\ndata: x\n\n"
    lost = [CHUNKED, chunk(b"retry: 10\ndata: 1\n\n"), None]
    assert await failed([page]) == {"answer is not a stream of events": 1}
    assert await failed([busy]) == {"status 503": 1}
    assert await failed([b"220 mail.example ESMTP\r\n"]) == {"answer is not HTTP": 1}
    assert await failed([None]) == {"connection closed before the answer": 1}
    assert await failed([CHUNKED[:30], None]) == {"connection closed in the middle of the answer": 1}
    # A browser does not try again either when the successor says no, or says something else.
    assert await failed(lost, [busy]) == {"status 503": 1}
    assert await failed(lost, [page]) == {"answer is not a stream of events": 1}


async def test_no_content_ends_a_stream_that_was_lost() -> None:
    lost = [CHUNKED, chunk(b"retry: 10\ndata: 1\n\n"), None]
    async with (
        serving(lost, [b"HTTP/1.1 204 No Content\r\n\r\n"]) as served,
        Stage(served.port, speaks="sse", mode="burst", requests=1) as stage,
    ):
        stage.driver.begin()
        total = await stage.ended()
    assert (total["ok"], total["events"]) == (1, 1)


async def test_an_idle_connection_that_was_closed_is_replaced_silently() -> None:
    short: list[bytes | None] = [CHUNKED, chunk(b"data: 1\n\n"), b"0\r\n\r\n"]
    async with (
        serving(short, [None], short) as served,
        Stage(served.port, speaks="sse", mode="burst", requests=2, connections=1) as stage,
    ):
        stage.driver.begin()
        total = await stage.ended()
    assert (total["ok"], total["retried"], total["resumed"]) == (2, 1, 0)


async def test_a_stream_that_cannot_be_taken_up_again_times_out() -> None:
    lost = [CHUNKED, chunk(b"retry: 10\ndata: 1\n\n"), None]
    async with (
        serving(lost, [None]) as served,
        Stage(served.port, speaks="sse", mode="burst", requests=1, timeout=0.3) as stage,
    ):
        stage.driver.begin()
        total = await stage.ended()
        asked = len(served.requests)
        assert asked >= 3
        # Nobody asks for a request that is over.
        stage.driver.send(1, "/job")
        await stage.until(lambda: stage.tally.failed == 1)
        assert len(served.requests) == asked + 1
    assert total["timed_out"] == 1


@pytest.mark.parametrize("retry", [b"0", b"60000"])
async def test_a_stop_needs_no_end_of_a_stream(retry: bytes) -> None:
    endless = [CHUNKED, chunk(b"retry: %b\ndata: 1\n\n" % retry), None]
    async with serving(endless) as served, Stage(served.port, speaks="sse", users=4) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.resumed >= 4 or len(lost(stage)) == 4)
        stage.driver.stop()
        assert stage.total is not None
        assert stage.total["unanswered"] == 4
        assert stage.driver.client.in_flight == 0
