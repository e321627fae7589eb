"""A handler that blocks its loop for a long time: it is seen while it does, and the run can be stopped nevertheless."""

from explorer.records.states import Kind, State, TrackKind
from tests.integration.session.stage import Stage

BLOCKED_S = 30


async def test_a_blocking_handler_is_seen_while_it_blocks_and_does_not_hinder_the_end(stage: Stage) -> None:
    await stage.start("load.users=0", "dispatch.id=blocking_coroutine", f"workload.seconds={BLOCKED_S}")
    stage.session.send(2)
    await stage.until(lambda: stage.first_open(TrackKind.LOOP, "time.sleep"), what="the sleep on the loop's track")
    await stage.until(lambda: stage.first_open(TrackKind.LANE), what="the request on its lane")

    nap = stage.first_open(TrackKind.LOOP, "time.sleep")
    assert nap is not None
    assert (nap[0].kind, nap[0].state, nap[0].depth) == (Kind.CALL, State.BLOCKED, 1)
    assert nap[0].request

    await stage.session.stop()
    # By the clocks of the data: the handler would still be asleep. How much earlier, tests/full measures.
    awake = nap[0].start + BLOCKED_S * 1_000_000_000
    assert all(process.ended_ns and process.ended_ns < awake for process in stage.children)
    assert not any(process.died for process in stage.children)
    assert stage.tally.read + stage.tally.lost == stage.tally.written
