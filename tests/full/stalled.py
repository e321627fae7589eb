"""A collector that stands still for ten seconds loses nothing at 1,000 requests a second: the rings hold it all."""

import asyncio
import threading
import time

import numpy as np

from explorer.catalog import Catalog
from explorer.collect.source import Batch
from explorer.records.states import Kind
from explorer.scenario import assign, default
from explorer.session import events
from explorer.session.session import Session
from tests.full.outcome import Failed

RATE = 1000
STALL_S = 10
SETTINGS = (
    "dispatch.id=coroutine",
    "workload.seconds=0.002",
    "load.mode=rate",
    f"load.rate={RATE}",
    f"load.duration={STALL_S + 3}",
)


class Stall:
    """A consumer that, once asked to, keeps the collector's thread for `STALL_S`."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.over = threading.Event()
        self.batches: list[Batch] = []

    def __call__(self, batch: Batch) -> None:
        """Take a batch, and time if it is time."""
        self.batches.append(batch)
        if self.asked.is_set() and not self.over.is_set():
            time.sleep(STALL_S)
            self.over.set()


def run() -> str:
    """Run such a load with such a stall; how many records there were."""
    return asyncio.run(_run())


async def _run() -> str:
    stall, ended = Stall(), asyncio.Event()

    def heard(event: events.Event) -> None:
        if isinstance(event, events.LoadEnded | events.Died | events.Failed):
            ended.set()

    catalog = Catalog()
    session = Session(catalog, heard, [stall])
    try:
        await session.start(assign(catalog, default(catalog), SETTINGS))
        await asyncio.sleep(1)
        stall.asked.set()
        await asyncio.wait_for(ended.wait(), STALL_S + 30)
        await session.stop()
    finally:
        await session.stop()
        session.discard()
    return _judge(stall)


def _judge(stall: Stall) -> str:
    tally = stall.batches[-1].tally
    load = [event for batch in stall.batches for event in batch.events if event.get("type") == "load"]
    sent, ok = sum(event["sent"] for event in load), sum(event["ok"] for event in load)
    spans = np.concatenate([batch.spans[batch.spans["kind"] == Kind.REQUEST] for batch in stall.batches])
    longest = max(b.now - a.now for a, b in zip(stall.batches, stall.batches[1:], strict=False)) / 1e9
    said = f"{tally.written:,} records of {ok:,} requests, a gap of {longest:.1f} s, {tally.lost} lost"
    if longest < STALL_S:
        raise Failed(f"the collector did not stall: {said}")
    if tally.lost or tally.read != tally.written:
        raise Failed(f"records were lost: {said}")
    if ok != sent or len(spans) != sent:
        raise Failed(f"{sent} requests were sent, {ok} answered, {len(spans)} are in the records")
    return said
