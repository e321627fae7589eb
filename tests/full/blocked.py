"""A handler that blocks its loop is on the screen within 200 ms, and the run stops within a second nevertheless."""

import asyncio

from explorer.catalog import Catalog
from explorer.collect.source import Batch
from explorer.records.states import State
from explorer.scenario import assign, default
from explorer.session.session import Session
from tests.full.outcome import Failed

BLOCKED_S = 30
SEEN_WITHIN_MS = 200
STOPPED_WITHIN_MS = 1500
"""The promised second, and the watching of it, which polls."""
PATIENCE_S = 20
SETTINGS = ("load.users=0", "dispatch.id=blocking_coroutine", f"workload.seconds={BLOCKED_S}")


def run() -> str:
    """Run such a handler; how soon it was seen and how soon the run was over."""
    return asyncio.run(_run())


async def _run() -> str:
    batches: list[Batch] = []
    catalog = Catalog()
    session = Session(catalog, lambda event: None, [batches.append])
    try:
        await session.start(assign(catalog, default(catalog), SETTINGS))
        session.send(1)
        async with asyncio.timeout(PATIENCE_S):
            while (seen := _seen_after_ms(batches)) is None:
                await asyncio.sleep(0.01)
        asked = batches[-1].now
        await session.stop()
    finally:
        await session.stop()
        session.discard()
    ends = [process.ended_ns for batch in batches for process in batch.processes if process.ended_ns is not None]
    stopped = (max(ends) - asked) / 1e6
    said = f"seen after {seen:.0f} ms, stopped after {stopped:.0f} ms"
    if seen > SEEN_WITHIN_MS or stopped > STOPPED_WITHIN_MS:
        raise Failed(f"{said}; promised are {SEEN_WITHIN_MS} and {STOPPED_WITHIN_MS} ms")
    return said


def _seen_after_ms(batches: list[Batch]) -> float | None:
    """How long after its beginning a blocking call came out of the collector, both by the clock of the records."""
    for batch in list(batches):
        for span in batch.open_spans or ():
            if span.state == State.BLOCKED:
                return (batch.now - span.start) / 1e6
    return None
