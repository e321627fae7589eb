"""A queue whose length and waits are seen."""

import asyncio

from explorer.probe.loop import traced_loop_factory
from explorer.probe.queues import TracedQueue
from explorer.probe.step_loop import StepLoop
from explorer.probe.tasks import TracedTask, current_request
from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind, State
from tests.observed import Observed
from tests.run_reading import counter_value, records, tracks


def test_an_item_takes_its_request_through_the_queue(tracer: Tracer, observed: Observed) -> None:
    seen: list[tuple[str, int]] = []

    async def produce(queue: TracedQueue, request: int) -> None:
        task = asyncio.current_task()
        assert isinstance(task, TracedTask)
        task.request = request
        await queue.put(f"item {request}")

    async def main() -> None:
        queue = TracedQueue(tracer, "queue", maxsize=1)
        producers = asyncio.gather(*(produce(queue, request) for request in (1, 2)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert queue.full()
        for _ in range(2):
            item = await queue.get()
            seen.append((item, current_request()))
        await producers
        # Whoever asks for the next item works for nobody.
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        seen.append(("waiting", getattr(waiting, "request", -1)))
        waiting.cancel()

    with asyncio.Runner(loop_factory=traced_loop_factory(tracer)) as runner:
        runner.run(main())

    assert seen == [("item 1", 1), ("item 2", 2), ("waiting", 0)]
    waits = observed.of(Kind.QUEUE_WAIT)
    assert {(row.request, row.name) for row in waits} == {
        (1, "waits in the queue"),
        (2, "waits for room in the queue"),
        (2, "waits in the queue"),
    }
    assert {(row.state, row.track) for row in waits} == {(State.QUEUED, "requests requests")}
    room, turn = (row for row in waits if row.request == 2)
    assert room.value == 1, "one was in it before"
    assert room.start <= turn.start <= turn.end
    assert len(observed.of(Kind.QUEUE_WAIT, Flag.BEGIN)) == 3


def test_the_length_is_a_counter(tracer: Tracer) -> None:
    async def main() -> None:
        queue = TracedQueue(tracer, "queue")
        for item in range(3):
            queue.put_nowait(item)
        assert [queue.get_nowait() for _ in range(3)] == [0, 1, 2]

    asyncio.run(main())
    rows = records(tracer.run, tracer.pid)
    samples = rows[rows["kind"] == Kind.COUNTER]
    assert [counter_value(row["argument"]) for row in samples] == [1, 2, 3, 2, 1, 0]
    declared = tracks(tracer.run, tracer.pid)[int(samples["track"][0])]
    assert (declared["kind"], declared["text"], declared["unit"]) == ("counter", "queue length", "items")


def test_a_consumers_steps_are_its_items_also_where_stand_ins_time_them(tracer: Tracer, observed: Observed) -> None:
    async def consume(queue: TracedQueue) -> None:
        await queue.get()
        await asyncio.sleep(0)

    async def main(loop: SteppedSelector) -> None:
        queue = TracedQueue(tracer, "queue")
        consumer = loop.create_task(consume(queue))
        await asyncio.sleep(0)
        task = asyncio.current_task()
        assert isinstance(task, TracedTask)
        task.request = 7
        queue.put_nowait("item")
        await consumer

    loop = SteppedSelector(tracer)
    loop.run_until_complete(main(loop))
    loop.close()

    steps = [row.request for row in observed.of(Kind.STEP) if row.name.endswith("consume")]
    assert steps == [0, 0, 7], "it asks, takes the item in the middle of a step, and works for it from the next one on"


class SteppedSelector(StepLoop, asyncio.SelectorEventLoop):
    """A loop of which only the steps of tasks are seen, as uvloop is."""
