"""A handler that blocks its loop for a long time: it is seen while it does, and the run can be stopped nevertheless."""

import time

from explorer.collect.source import Batch, OpenSpan
from explorer.records.states import Kind, State, TrackKind
from tests.integration.session.stage import Stage

SEEN_WITHIN_MS = 200
BLOCKED_S = 30


async def test_a_blocking_handler_is_seen_while_it_blocks_and_does_not_hinder_the_end(stage: Stage) -> None:
    await stage.start("load.users=0", "dispatch.id=blocking_coroutine", f"workload.seconds={BLOCKED_S}")
    stage.session.send(2)
    await stage.until(lambda: stage.first_open(TrackKind.LOOP, "time.sleep"), what="the sleep on the loop's track")
    await stage.until(lambda: stage.first_open(TrackKind.LANE), what="the request on its lane")

    for kind in (TrackKind.LOOP, TrackKind.LANE):
        found = stage.first_open(kind)
        assert found is not None
        assert seen_after_ms(*found) <= SEEN_WITHIN_MS, f"{kind}: by the clocks of the data"
    nap = stage.first_open(TrackKind.LOOP, "time.sleep")
    assert nap is not None
    assert (nap[0].kind, nap[0].state, nap[0].depth) == (Kind.CALL, State.BLOCKED, 1)
    assert nap[0].request

    began = time.monotonic()
    await stage.session.stop()
    # The promise is a second; far from it, a machine under load may take longer, but not as long as the handler.
    assert time.monotonic() - began < BLOCKED_S / 5
    assert all(process.ended_ns and not process.died for process in stage.children)
    assert stage.tally.read + stage.tally.lost == stage.tally.written


def seen_after_ms(span: OpenSpan, batch: Batch) -> float:
    """How long after its beginning an open span came out of the collector, both by the clock of the records."""
    return (batch.now - span.start) / 1e6
