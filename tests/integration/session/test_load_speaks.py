"""The load's messages and streams in whole runs: each a request that client and server tell together."""

import numpy as np
import pytest

from explorer.analysis.statistics import RunStatistics
from explorer.records.states import Kind, TrackKind
from tests.integration.session.stage import Stage

LOW = np.uint64(0xFFFF_FFFF)


def statistics(stage: Stage) -> RunStatistics:
    found = RunStatistics()
    for batch in stage.batches:
        found.feed(batch)
    return found


async def test_a_message_of_the_load_is_one_request_of_both_sides(stage: Stage) -> None:
    await stage.start("load.users=5", "workload.id=websocket", "workload.seconds=0.005", "dispatch.id=coroutine")
    await stage.until(lambda: stage.answered >= 200, what="answers")
    stage.session.send(10)
    await stage.session.stop()

    sent, handled = stage.spans(Kind.CLIENT_REQUEST), stage.spans(Kind.MESSAGE)
    answered = sent[(sent["argument"] & LOW) == 101]
    assert {stage.names[name] for name in sent["name"].tolist()} == {"WEBSOCKET /job"}
    assert len(answered) >= 210
    # The server took each message's number from the message.
    assert set(answered["request"].tolist()) <= set(handled["request"].tolist()) <= set(sent["request"].tolist())
    lanes = {track.number: track for track in stage.tracks.values() if track.kind is TrackKind.LANE}
    assert {stage.tracks[lane.parent].name for lane in lanes.values()} == {"WEBSOCKET /job"}
    assert len(lanes) <= 16  # those of the users, of Send 10, and none that stays taken
    pieces = stage.spans(Kind.PIECE)
    for request in answered[:50]:
        mine = pieces[pieces["request"] == request["request"]]
        assert len(set(mine["track"].tolist())) == 1
        covered = int((mine["end"] - mine["start"]).sum())
        assert covered >= int(request["end"] - request["start"]), "no gap"
    found = statistics(stage)
    assert found.requests.outside == 0
    assert found.load.totals["ok"] >= 210
    assert stage.failures == {}
    assert stage.tally.read == stage.tally.written


async def test_a_restart_of_the_server_fails_no_message(stage: Stage) -> None:
    await stage.start("load.users=10", "workload.id=websocket", "workload.seconds=0.005", "dispatch.id=coroutine")
    await stage.until(lambda: stage.answered >= 50, what="answers")
    await stage.change("server.http=h11")
    assert stage.session.epoch == 2
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 50, what="answers of the next server")
    await stage.session.stop()
    assert stage.failures == {}
    assert all(event["timed_out"] == 0 for event in stage.log("load_total"))


async def test_a_stream_of_the_load_is_one_request_with_its_events(stage: Stage) -> None:
    words = ("workload.id=sse", "workload.events=5", "workload.interval=0.002", "workload.seconds=0.002")
    await stage.start("load.mode=burst", "load.requests=20", "dispatch.id=coroutine", *words)
    await stage.until(lambda: stage.log("load_total"), what="the end of the burst")
    await stage.session.stop()
    (total,) = stage.log("load_total")
    assert (total["ok"], total["events"], total["resumed"]) == (20, 100, 0)
    sent, pushed = stage.spans(Kind.CLIENT_REQUEST), stage.spans(Kind.PUSH)
    assert set((sent["argument"] & LOW).tolist()) == {200}
    assert sorted(pushed["request"].tolist()) == sorted(sent["request"].tolist() * 5)
    assert statistics(stage).load.totals["events"] == 100


@pytest.mark.long
async def test_a_restart_of_the_server_loses_no_event_of_a_stream(stage: Stage) -> None:
    words = ("workload.id=sse", "workload.events=40", "workload.interval=0.02", "workload.seconds=0.001")
    await stage.start("load.mode=burst", "load.requests=10", "dispatch.id=coroutine", *words)
    await stage.until(lambda: sum(event["events"] for event in stage.log("load")) >= 50, what="events")
    await stage.change("server.http=h11")
    await stage.until(lambda: stage.log("load_total"), what="the end of the burst")
    await stage.session.stop()
    (total,) = stage.log("load_total")
    assert (total["ok"], total["events"], total["resumed"]) == (10, 400, 10)
