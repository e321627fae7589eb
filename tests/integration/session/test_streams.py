"""WebSockets and event streams of a whole run, with clients from outside: lanes, pieces, figures, a restart."""

import asyncio

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from explorer.analysis.statistics import RunStatistics
from explorer.records.states import Kind, TrackKind
from tests.integration.session.stage import Stage

ROUTE = "WEBSOCKET /job"


def to(stage: Stage) -> connect:
    """A WebSocket to the run's server, to be entered."""
    return connect(stage.session.url.replace("http:", "ws:") + "/job")


async def talk(socket: ClientConnection, number: int) -> None:
    """Say something so many times and have it back."""
    for place in range(number):
        await socket.send(f"hello {place}")
        assert await socket.recv() == f"hello {place}"


async def test_a_message_is_a_request_on_a_lane_with_pieces_and_figures(stage: Stage) -> None:
    await stage.start("load.users=0", "workload.id=websocket", "workload.seconds=0.01", "dispatch.tokens=2")
    async with to(stage) as one, to(stage) as other, to(stage) as third:
        await asyncio.gather(talk(one, 10), talk(other, 10), talk(third, 10))
    await stage.session.stop()

    messages = stage.spans(Kind.MESSAGE, ROUTE)
    assert len(messages) == 30
    requests = set(messages["request"].tolist())
    assert len(requests) == 30
    pieces = stage.spans(Kind.PIECE)
    lanes = {track.number: track for track in stage.tracks.values() if track.kind is TrackKind.LANE}
    names = stage.names
    waited = 0
    for message in messages:
        mine = pieces[pieces["request"] == message["request"]]
        assert len({lanes[track].parent for track in set(mine["track"].tolist())}) == 1
        assert int((mine["end"] - mine["start"]).sum()) == int(message["end"] - message["start"]), "no gap, no overlap"
        words = {names[name] for name in mine["name"].tolist()}
        assert "time.sleep" in words, "what the worker thread did for it"
        waited += "waits for a thread" in words
    assert waited, "three at once, two tokens"
    groups = {stage.tracks[track.parent].name for track in lanes.values()}
    assert groups == {ROUTE}

    statistics = RunStatistics()
    for batch in stage.batches:
        statistics.feed(batch)
    assert (statistics.requests.outside, statistics.requests.outside_ok) == (30, 30)
    assert stage.tally.lost == 0
    assert stage.tally.read == stage.tally.written
    assert all(not process.died for process in stage.children)


async def test_an_open_message_is_shown_while_its_handler_works(stage: Stage) -> None:
    await stage.start("load.users=0", "workload.id=websocket", "workload.seconds=20", "dispatch.id=coroutine")
    async with to(stage) as socket:
        await socket.send("first")
        await socket.send("second")
        await stage.until(lambda: stage.first_open(TrackKind.LANE, "awaits"), what="the first message")
        await stage.until(lambda: stage.first_open(TrackKind.LANE, "waits for its handler"), what="the second")
        await stage.session.stop()
        try:
            await socket.recv()
        except ConnectionClosed:
            pass


async def test_a_restart_moves_websockets_to_the_next_server(stage: Stage) -> None:
    await stage.start("load.users=0", "workload.id=websocket", "workload.seconds=0.01", "dispatch.id=coroutine")
    async with to(stage) as before:
        await talk(before, 3)
        await stage.change("server.http=h11")
        assert stage.session.epoch == 2
        try:
            await before.recv()
        except ConnectionClosed:
            pass
        assert before.close_code == 1012
    async with to(stage) as after:
        await talk(after, 3)
    await stage.session.stop()

    messages = stage.spans(Kind.MESSAGE, ROUTE)
    assert {stage.tracks[track].epoch for track in messages["track"].tolist()} == {1, 2}
    assert len(messages) == 6
    assert all(not process.died for process in stage.children)


async def test_every_update_of_a_stream_is_on_the_loop_and_on_the_streams_lane(stage: Stage) -> None:
    words = ("workload.id=sse", "workload.events=5", "workload.interval=0.002", "workload.seconds=0.002")
    await stage.start("load.users=0", "dispatch.id=coroutine", *words)
    assert [await asyncio.to_thread(stage.get) for _ in range(2)] == [200, 200]
    await stage.session.stop()

    served, pushes = stage.spans(Kind.REQUEST, "GET /job"), stage.spans(Kind.PUSH)
    assert len(served) == 2
    for request in served["request"].tolist():
        mine = pushes[pushes["request"] == request]
        assert (mine["argument"] & np.uint64(0xFFFF_FFFF)).tolist() == [1, 2, 3, 4, 5]
        assert {stage.tracks[track].kind for track in mine["track"].tolist()} == {TrackKind.LOOP}
        pieces = stage.spans(Kind.PIECE, "sends an event")
        assert np.count_nonzero(pieces["request"] == request) == 5
