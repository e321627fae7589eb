"""What a run shows of each workload: whose work is whose, what waited for what."""

import numpy as np
import psutil
import pytest

from explorer.collect.source import Array
from explorer.records.states import Kind, Role, State, TrackKind
from explorer.session import events
from tests.integration.session.stage import Stage, status


def values(stage: Stage, name: str) -> list[float]:
    """All samples of the counters with a name, by their time."""
    numbers = [number for number, track in stage.tracks.items() if track.name == name]
    parts = [batch.samples[np.isin(batch.samples["track"], numbers)] for batch in list(stage.batches)]
    return [value for _, value in sorted(row for part in parts for row in part[["time", "value"]].tolist())]


def sent(stage: Stage) -> set[int]:
    """Numbers of the requests that the load sent."""
    return set(stage.spans(Kind.CLIENT_REQUEST)["request"].tolist())


def requests_of(spans: Array) -> set[int]:
    return set(spans["request"].tolist())


async def test_a_request_is_followed_into_the_upstream_and_back(stage: Stage) -> None:
    await stage.start("dispatch.id=coroutine", "workload.id=http_upstream", "workload.seconds=0.01", "load.users=2")
    await stage.until(lambda: stage.count(Kind.REQUEST, "GET /slow") >= 10, what="requests at the upstream")
    await stage.change("dispatch.id=thread_pool")
    await stage.until(lambda: stage.session.epoch == 2, what="the next server")
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 10, what="its answers")
    await stage.session.stop()

    assert stage.failures == {}
    (upstream,) = stage.pids(Role.UPSTREAM)
    slow, served = stage.spans(Kind.REQUEST, "GET /slow"), stage.spans(Kind.REQUEST, "GET /job")
    assert {stage.tracks[track].pid for track in set(slow["track"].tolist())} == {upstream}
    assert requests_of(slow) <= requests_of(served) <= sent(stage)
    steps = stage.spans(Kind.STEP)
    there = [number for number, track in stage.tracks.items() if track.pid == upstream]
    assert requests_of(steps[np.isin(steps["track"], there)]) & requests_of(slow), "its steps are the request's too"
    calls = stage.spans(Kind.CALL, "http.client.getresponse")
    assert set(calls["state"].tolist()) == {State.BLOCKED}
    assert requests_of(calls) <= sent(stage)
    routes = {track.name for track in stage.tracks.values() if track.kind is TrackKind.REQUESTS and not track.process}
    assert routes == {"GET /job"}, "the upstream's part of a request lies on the request's own lane"
    assert all(not process.died for process in stage.children)


async def test_an_upstream_that_no_workload_calls_any_more_ends(stage: Stage) -> None:
    await stage.start("dispatch.id=coroutine", "workload.id=http_upstream", "workload.seconds=0.01", "load.users=2")
    await stage.until(lambda: stage.count(Kind.REQUEST, "GET /slow") >= 3, what="requests at the upstream")
    await stage.change("workload.id=sleep", "workload.seconds=0.01")
    (upstream,) = stage.pids(Role.UPSTREAM)
    await stage.until(lambda: stage.processes[upstream].ended_ns is not None, what="its end")
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 5, what="answers without it")
    await stage.session.stop()

    assert stage.processes[upstream].died == ""
    assert stage.said(events.Died) == []
    assert stage.failures == {}


async def test_a_run_outlives_its_upstream_and_the_next_server_gets_a_new_one(stage: Stage) -> None:
    await stage.start("dispatch.id=coroutine", "workload.id=http_upstream", "workload.seconds=0.01", "load.users=2")
    await stage.until(lambda: stage.answered >= 5, what="answers")
    (first,) = stage.pids(Role.UPSTREAM)
    psutil.Process(first).kill()
    await stage.until(lambda: stage.said(events.Died), what="its death to be told")
    await stage.until(lambda: 502 in status(stage.spans(Kind.REQUEST)), what="an answer that says so")
    (died,) = stage.said(events.Died)
    assert (died.role, died.pid, died.fatal) == ("upstream", first, False)

    await stage.change("dispatch.id=blocking_coroutine")
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 5, what="answers by another upstream")
    assert len(stage.pids(Role.UPSTREAM)) == 2


async def test_background_work_comes_after_the_response_and_is_still_the_requests(stage: Stage) -> None:
    await stage.start("workload.id=background", "workload.seconds=0.05", "load.users=2", "load.think_time=0.02")
    await stage.until(lambda: stage.count(Kind.JOB) >= 10, what="background work")
    await stage.session.stop()

    served = stage.spans(Kind.REQUEST)
    ended = dict(zip(served["request"].tolist(), served["end"].tolist(), strict=True))
    jobs = stage.spans(Kind.JOB)
    jobs = jobs[np.isin(jobs["request"], served["request"])]
    assert len(jobs) >= 10
    assert all(start >= ended[request] for start, request in jobs[["start", "request"]].tolist())
    pieces = stage.spans(Kind.PIECE)
    for request, end in ended.items():
        mine = pieces[pieces["request"] == request]
        # The load has the answer a moment after the server has sent it; the work lasts for 50 ms more.
        assert not len(mine) or mine["end"].max() < end + 50_000_000


async def test_who_waits_for_a_loop_that_is_blocked_behind_an_answer_is_not_said_to_await(stage: Stage) -> None:
    """The step that answers goes on with the work behind the answer: how long it had waited is known before it ends."""
    await stage.start(
        "dispatch.id=blocking_coroutine", "workload.id=background", "workload.seconds=0.05", "load.users=3"
    )
    await stage.until(lambda: stage.answered >= 20, what="answers")
    await stage.session.stop()

    pieces = stage.spans(Kind.PIECE)
    pieces = pieces[pieces["end"] - pieces["start"] > 25_000_000]
    found = {(stage.names[name], State(state)) for name, state in pieces[["name", "state"]].tolist()}
    assert ("waits for the loop", State.QUEUED) in found
    assert not {(name, state) for name, state in found if state is State.AWAITING}


@pytest.mark.parametrize("dispatch", ["coroutine", "thread_pool"])
async def test_a_consumer_works_for_the_request_of_its_item(stage: Stage, dispatch: str) -> None:
    words = ("workload.seconds=0.02", "workload.consumers=1", "workload.maxsize=2", "load.users=6")
    await stage.start(f"dispatch.id={dispatch}", "workload.id=queue", *words)
    await stage.until(lambda: stage.answered >= 20, what="answers")
    await stage.session.stop()

    steps = stage.spans(Kind.STEP, "consume")
    assert requests_of(steps) - {0} <= sent(stage)
    if dispatch == "coroutine":
        assert len(requests_of(steps) & sent(stage)) >= 15
    else:
        assert len(requests_of(stage.spans(Kind.JOB)) & sent(stage)) >= 15
    for name in ("waits in the queue", "waits for room in the queue"):
        waits = stage.spans(Kind.QUEUE_WAIT, name)
        assert requests_of(waits) <= sent(stage)
        assert len(stage.spans(Kind.PIECE, name)) >= 10
    length = values(stage, "queue length")
    assert max(length) == 2, "no more than there is room for"
    assert min(length) == 0 or 1 in length


async def test_threads_that_wait_for_a_lock_are_seen_on_their_lanes_and_in_the_requests_way(stage: Stage) -> None:
    words = ("workload.increments=3", "workload.seconds=0.005", "load.users=4")
    await stage.start("workload.id=shared_counter", "workload.lock=true", *words)
    await stage.until(lambda: stage.answered >= 12, what="answers")
    assert set(values(stage, "lost updates")) == {0.0}
    await stage.change("workload.lock=false")
    await stage.until(lambda: max(values(stage, "lost updates")) > 0, what="a lost update")
    await stage.session.stop()

    waits = stage.spans(Kind.LOCK_WAIT)
    assert set(waits["state"].tolist()) == {State.WAITING_LOCK}
    assert set(waits["depth"].tolist()) == {1}
    assert {stage.tracks[track].kind for track in set(waits["track"].tolist())} == {TrackKind.THREAD}
    assert {stage.tracks[argument & 0xFFFF_FFFF].kind for argument in waits["argument"].tolist()} == {TrackKind.LOCK}
    pieces = stage.spans(Kind.PIECE, "waits for a lock")
    assert set(pieces["state"].tolist()) == {State.WAITING_LOCK}
    assert requests_of(pieces) <= requests_of(waits) <= sent(stage)
    lost = values(stage, "lost updates")
    assert min(lost) == 0 < max(lost)  # in between it may fall: a late writer brings back what another one took


async def test_coroutines_that_wait_for_a_lock_leave_the_loop_alone(stage: Stage) -> None:
    words = ("workload.increments=2", "workload.seconds=0.002", "load.users=3")
    await stage.start("dispatch.id=coroutine", "workload.id=shared_counter", "workload.lock=true", *words)
    await stage.until(lambda: stage.count(Kind.PIECE, "waits for a lock") >= 5, what="waits")
    await stage.session.stop()
    waits = stage.spans(Kind.LOCK_WAIT)
    assert {stage.tracks[track].kind for track in set(waits["track"].tolist())} == {TrackKind.REQUESTS}
    assert set(values(stage, "lost updates")) == {0.0}


@pytest.mark.parametrize("dispatch", ["blocking_coroutine", "thread_pool", "process_pool"])
async def test_who_pays_for_a_garbage_collection_is_known_in_every_process(stage: Stage, dispatch: str) -> None:
    few = ("dispatch.processes=1",) if dispatch == "process_pool" else ()
    words = ("workload.id=gc_pressure", "workload.objects=5000", "workload.kept=100", "load.users=2")
    await stage.start(f"dispatch.id={dispatch}", *few, *words)
    role = Role.POOL if dispatch == "process_pool" else Role.SERVER

    def paid() -> set[int]:
        """The requests that paid for a collection in a process of that role."""
        runs = stage.spans(Kind.GC)
        roles = [stage.processes[stage.tracks[track].pid].role for track in runs["track"].tolist()]
        return requests_of(runs[[each is role for each in roles]])

    await stage.until(lambda: paid() & sent(stage), timeout=40, what=f"a collection in a {role}")
    await stage.until(lambda: stage.count(Kind.PIECE, "garbage collection"), timeout=40, what="it in a way")


async def test_timers_show_how_late_they_are(stage: Stage) -> None:
    await stage.start("dispatch.id=coroutine", "workload.id=timers", "workload.period=0.01", "load.users=1")
    await stage.until(lambda: len(values(stage, "timer lateness")) >= 10, what="samples")
    await stage.until(lambda: stage.count(Kind.TIMER, "ring") >= 3, what="timers of requests")
    assert min(values(stage, "timer lateness")) >= 0
    assert stage.count(Kind.TIMER, "Periodic.ring") >= 10
