"""Knobs that change while a run goes on: who says that it has, and what the records show afterwards."""

import numpy as np

from explorer.collect.source import Array
from explorer.records.states import Kind, Role
from explorer.session import events
from tests.integration.session.stage import Stage, most_at_once


def since(spans: Array, time: int) -> Array:
    """The spans that began after `time`."""
    return spans[spans["start"] > time]


async def applied(stage: Stage, knob: str) -> int:
    """Wait until every process says that `knob` has changed; when that was."""
    await stage.until(lambda: [event for event in stage.log("applied") if event["knob"] == knob], what=knob)
    return int(next(event["time"] for event in stage.log("applied") if event["knob"] == knob))


async def test_tokens_and_work_change_under_the_load(stage: Stage) -> None:
    await stage.start("load.users=6", "workload.seconds=0.02", "dispatch.tokens=6")
    await stage.until(lambda: most_at_once(stage.spans(Kind.CALL, "time.sleep")) == 6, what="six at once")

    await stage.change("dispatch.tokens=2")
    fewer = await applied(stage, "dispatch.tokens")
    await stage.change("workload.seconds=0.09")
    longer = await applied(stage, "workload.seconds")
    await stage.until(lambda: len(since(stage.spans(Kind.CALL, "time.sleep"), longer)) >= 6, what="longer sleeps")
    await stage.session.stop()

    (server,) = stage.pids(Role.SERVER)
    assert [(event.knob, event.pids) for event in stage.said(events.Applied)] == [
        ("dispatch.tokens", (server,)),
        ("workload.seconds", (server,)),
    ]
    naps = stage.spans(Kind.CALL, "time.sleep")
    # What had a token already keeps it to its end.
    last_before = naps["end"][naps["start"] <= fewer].max()
    assert most_at_once(since(naps, last_before)) == 2
    lengths = (naps["end"] - naps["start"]) / 1e6
    queued = np.searchsorted(naps["start"], longer) + 2  # two may have been on their way
    assert lengths[queued:].min() >= 90
    assert np.median(lengths[naps["start"] < fewer]) < 90
    assert [marker.text for marker in stage.markers if marker.kind == "change"] == ["Tokens 6 → 2", "Sleep 0.02 → 0.09"]
    assert stage.failures == {}


async def test_users_come_and_a_rate_replaces_them(stage: Stage) -> None:
    await stage.start("load.users=2", "dispatch.id=coroutine", "workload.seconds=0.05")
    await stage.until(lambda: stage.answered >= 4, what="answers to two users")
    assert most_at_once(stage.spans(Kind.CLIENT_REQUEST)) == 2

    await stage.change("load.users=9")
    await applied(stage, "load.users")
    await stage.until(lambda: most_at_once(stage.spans(Kind.CLIENT_REQUEST)) == 9, what="nine users")
    await stage.until(lambda: any(event["users"] == 9 for event in stage.log("load")), what="their report")
    await stage.change("load.mode=rate", "load.rate=200")
    await applied(stage, "load.mode")
    await stage.until(lambda: any(event["rate"] == 200 for event in stage.log("load")), what="a rate")
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 50, what="answers at that rate")
    await stage.session.stop()

    (load,) = stage.pids(Role.LOAD)
    assert {event.knob for event in stage.said(events.Applied)} == {"load.users", "load.mode", "load.rate"}
    assert {event.pids for event in stage.said(events.Applied)} == {(load,)}
    assert max(event["users"] for event in stage.log("load")) == 9
    assert stage.failures == {}


async def test_every_worker_of_prefork_says_that_it_has_changed(stage: Stage) -> None:
    await stage.start("model.id=prefork", "model.workers=2", "load.users=4", "workload.seconds=0.01")
    await stage.until(lambda: len(stage.pids(Role.WORKER)) == 2, what="two workers")
    await stage.change("workload.seconds=0.06")
    time = await applied(stage, "workload.seconds")
    await stage.until(lambda: len(since(stage.spans(Kind.CALL, "time.sleep"), time)) >= 8, what="longer sleeps")
    await stage.session.stop()

    (event,) = stage.said(events.Applied)
    assert sorted(event.pids) == sorted(stage.pids(Role.WORKER))
    assert stage.said(events.Serving)[0].pids == tuple(sorted(stage.pids(Role.WORKER)))
    assert stage.failures == {}


async def test_what_looking_may_cost_is_the_samplers_knob(stage: Stage) -> None:
    await stage.start("load.users=1")
    await stage.change("server.sampling=0", "server.gc=false")
    await applied(stage, "server.sampling")
    await applied(stage, "server.gc")
    await stage.session.stop()
    answers = {event.knob: event.pids for event in stage.said(events.Applied)}
    assert answers == {
        "server.sampling": tuple(stage.pids(Role.SAMPLER)),
        "server.gc": tuple(stage.pids(Role.SERVER)),
    }
    assert stage.failures == {}
