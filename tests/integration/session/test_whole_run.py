"""One run from start to stop, and what can be seen of it."""

import asyncio
import os

from explorer.recording import owner
from explorer.records.states import Kind, Role, TrackKind
from explorer.session import events
from tests.integration.session.stage import Stage, most_at_once, status


async def test_every_request_is_seen_by_client_server_thread_and_lane(stage: Stage) -> None:
    scenario = await stage.start("load.users=4", "workload.seconds=0.02", "dispatch.tokens=2")
    await stage.until(lambda: stage.answered >= 40, what="40 answers")
    await stage.session.stop()

    sent, served = stage.spans(Kind.CLIENT_REQUEST, "GET /job"), stage.spans(Kind.REQUEST, "GET /job")
    assert set(sent["request"].tolist()) == set(served["request"].tolist())
    assert len(set(sent["request"].tolist())) == len(sent) == len(served)
    assert status(sent) == status(served) == {200}
    requests = set(sent["request"].tolist())
    for kind in (Kind.TOKEN_WAIT, Kind.JOB, Kind.PIECE):
        assert set(stage.spans(kind)["request"].tolist()) >= requests, kind
    naps = stage.spans(Kind.CALL, "time.sleep")
    assert len(naps) == len(sent)
    assert set(naps["request"].tolist()) == requests
    assert most_at_once(naps) == scenario.dispatch.knobs.model_dump()["tokens"]
    assert min((naps["end"] - naps["start"]).tolist()) >= 20_000_000


async def test_the_books_agree_and_everybody_leaves(stage: Stage) -> None:
    await stage.start("load.users=4", "workload.seconds=0.01")
    await stage.until(lambda: stage.answered >= 20 and len(stage.children) == 3, what="20 answers")
    folder, children = stage.session.run, {process.pid for process in stage.children}
    await stage.session.stop()

    tally = stage.tally
    assert tally.written > 0
    assert tally.read + tally.lost == tally.written
    assert tally.lost == 0
    assert {process.role for process in stage.children} == {Role.SERVER, Role.LOAD, Role.SAMPLER}
    assert {process.pid for process in stage.children} == children
    assert all(process.ended_ns and not process.died for process in stage.children)
    (own,) = stage.pids(Role.WINDOW)
    assert own == os.getpid()
    assert [marker.kind for marker in stage.markers] == ["begin", "end"]
    assert isinstance(stage.heard[-1], events.Stopped)
    assert not stage.said(events.Died)
    assert not stage.said(events.Warned)
    assert folder.exists()  # saving is possible until the owner discards it
    assert owner.held(folder)  # and no other process makes room with it
    stage.session.let_go()
    assert not owner.held(folder)
    assert not (folder / "rings").exists()


async def test_the_server_of_a_run_is_its_first_epoch_with_one_loop(stage: Stage) -> None:
    await stage.start("load.users=1", "workload.seconds=0.01")
    await stage.until(lambda: stage.answered >= 3, what="answers")
    await stage.session.stop()

    (server,) = stage.pids(Role.SERVER)
    loops = [track for track in stage.tracks.values() if track.kind is TrackKind.LOOP and track.pid == server]
    assert [(track.epoch, track.tid) for track in loops] == [(1, server)]
    threads = [track for track in stage.tracks.values() if track.kind is TrackKind.THREAD and track.pid == server]
    assert threads
    assert {track.epoch for track in threads} == {1}
    assert stage.said(events.Serving)[0].pids == (server,)


async def test_single_requests_are_sent_without_any_load(stage: Stage) -> None:
    await stage.start("load.users=0", "workload.seconds=0.01")
    stage.session.send(1)
    await stage.until(lambda: stage.count(Kind.CLIENT_REQUEST) == 1, what="one request")
    stage.session.send(10)
    await stage.until(lambda: stage.count(Kind.CLIENT_REQUEST) == 11, what="ten more")
    await stage.session.stop()
    assert stage.count(Kind.REQUEST, "GET /job") == 11
    assert len(set(stage.spans(Kind.PIECE)["request"].tolist())) == 11


async def test_a_request_from_outside_appears_like_any_other(stage: Stage) -> None:
    await stage.start("load.users=0", "workload.seconds=0.02")
    assert await asyncio.to_thread(stage.get, "/job") == 200
    assert await asyncio.to_thread(stage.get, "/nowhere") == 404
    await stage.until(lambda: stage.count(Kind.REQUEST) == 2, what="both requests")
    await stage.session.stop()

    job, other = stage.spans(Kind.REQUEST)
    assert stage.names[int(job["name"])] == "GET /job"
    assert [int(span["argument"]) & 0xFFFF_FFFF for span in (job, other)] == [200, 404]
    assert job["end"] - job["start"] >= 20_000_000
    assert job["request"] != other["request"]
    lanes = {stage.tracks[number].kind for number in set(stage.spans(Kind.PIECE)["track"].tolist())}
    assert lanes == {TrackKind.LANE}
    assert stage.count(Kind.CLIENT_REQUEST) == 0


async def test_stopped_while_it_starts_a_run_just_ends(stage: Stage) -> None:
    starting = asyncio.create_task(stage.start("load.users=2"))
    await stage.until(lambda: stage.said(events.Step), what="the first step of the start")
    await asyncio.gather(stage.session.stop(), stage.session.stop())
    await asyncio.wait_for(starting, 10)

    assert isinstance(stage.heard[-1], events.Stopped)
    assert not stage.said(events.Loading)
    assert not stage.said(events.Failed)
    assert not stage.said(events.Died)


async def test_whoever_asks_a_second_time_waits_for_the_same_end(stage: Stage) -> None:
    await stage.start("load.users=2", "workload.seconds=0.01")
    first = asyncio.create_task(stage.session.stop())
    await asyncio.sleep(0)
    await stage.session.stop()
    assert stage.said(events.Stopped)
    await first
    assert len(stage.said(events.Stopped)) == 1
