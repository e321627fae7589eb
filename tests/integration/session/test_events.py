"""Events of whole runs: every request, message, update and hand-over once, on its loop, in a callback that is there."""

import asyncio

import pytest

from explorer.analysis.event_log import EVENT, EventLog
from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import Array
from explorer.records.event_kinds import NUMBER, EventKind
from explorer.records.states import Kind, TrackKind
from explorer.store.store import Store
from tests.integration.session.stage import Stage
from tests.integration.session.test_streams import talk, to


class Told:
    """What log, statistics and store make of a run's batches."""

    def __init__(self, stage: Stage) -> None:
        self.log, self.store, statistics = EventLog(), Store(), RunStatistics()
        for batch in stage.batches:
            self.log.feed(batch)
            self.store.append(batch)
            statistics.feed(batch)
        self.counts = statistics.events.between(0, 1 << 40)
        assert self.log.totals() == self.counts, "the list and the figures agree"

    def of(self, kind: EventKind) -> Array:
        rows, number = self.log.newest(100_000, {kind})
        assert len(rows) == number == self.counts[kind]
        assert rows.dtype == EVENT
        return rows

    def check(self, kind: EventKind, number: int) -> None:
        """So many events, each taken by a loop in a callback that the store has; none waited longer than the run."""
        rows = self.of(kind)
        assert len(rows) == number
        for row in rows:
            assert row["kind"] == NUMBER[kind]
            assert self.store.tracks[int(row["track"])].kind is TrackKind.LOOP
            span = self.store.find(int(row["track"]), 0, int(row["time"]))
            assert span is not None
            assert span.start <= row["time"] <= span.end
            assert row["end"] >= row["time"]


@pytest.mark.parametrize("model", ["event_loop", "prefork"])
async def test_requests_to_a_thread_pool(stage: Stage, model: str) -> None:
    await stage.start("load.users=0", f"model.id={model}", "workload.seconds=0.005", "dispatch.tokens=2")
    assert await asyncio.gather(*(asyncio.to_thread(stage.get) for _ in range(20))) == [200] * 20
    await stage.session.stop()
    told = Told(stage)
    asked = stage.spans(Kind.REQUEST)
    told.check(EventKind.HTTP, len(asked))
    assert set(told.of(EventKind.HTTP)["request"].tolist()) == set(asked["request"].tolist())
    assert (told.of(EventKind.HTTP)["wait"] >= 0).all()
    jobs = len(stage.spans(Kind.JOB))
    told.check(EventKind.THREAD, len(stage.spans(Kind.HANDOVER)))
    assert told.counts[EventKind.THREAD] >= jobs >= 20
    told.check(EventKind.TIMER, len(stage.spans(Kind.TIMER)))
    assert told.counts[EventKind.TIMER] > 0
    assert told.counts[EventKind.WEBSOCKET] == told.counts[EventKind.SSE] == 0


async def test_messages_are_events_and_neither_they_nor_the_upgrade_are_requests(stage: Stage) -> None:
    await stage.start("load.users=0", "workload.id=websocket", "workload.seconds=0.01", "dispatch.tokens=2")
    async with to(stage) as one, to(stage) as other:
        await asyncio.gather(talk(one, 10), talk(other, 10))
    await stage.session.stop()
    told = Told(stage)
    told.check(EventKind.WEBSOCKET, 20)
    http = [span for span in stage.spans(Kind.REQUEST) if int(span["argument"]) & 0xFFFF_FFFF != 101]
    assert told.counts[EventKind.HTTP] == len(http)


async def test_updates_of_a_stream(stage: Stage) -> None:
    words = ("workload.id=sse", "workload.events=5", "workload.interval=0.002", "workload.seconds=0.002")
    await stage.start("load.users=0", "dispatch.id=coroutine", *words)
    assert [await asyncio.to_thread(stage.get) for _ in range(2)] == [200, 200]
    await stage.session.stop()
    told = Told(stage)
    told.check(EventKind.SSE, 10)
    assert (told.of(EventKind.SSE)["wait"] == -1).all()
    told.check(EventKind.HTTP, len(stage.spans(Kind.REQUEST)))
