"""One run of a job: cut it, hand the tasks out, take the results in, put them together; with a clock at every step."""

import asyncio
import functools
import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, perf_counter_ns
from typing import Any, Final

from explorer.labs.parallelism.child import machine, parts
from explorer.labs.parallelism.child.envelope import Done, Envelope, InFile, pack, unpack
from explorer.labs.parallelism.child.parts import Sent
from explorer.labs.parallelism.job import Fetch, Job, Piece, filled
from explorer.labs.parallelism.runners.feature import Runner, Workers
from explorer.probe.tasks import work_for
from explorer.probe.tracer import Tracer

ONCE: Final = 2e-3
"""After so many seconds of handing out the loop may look around."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: the job, its size and grain, tasks in an envelope (0: one envelope for each worker), the share
    that is done by one alone, whether data travels as a file.
    """

    job: Job
    size: int
    grain: int
    chunk: int
    serial: float
    shared: bool


@dataclass(frozen=True, slots=True)
class Data:
    """What the job's tasks work on, and the file in which the same lies for those that map it."""

    contents: bytes
    file: Path | None
    words: str = ""

    def fetch(self, shares: bool, shared: bool) -> Fetch:
        """How a piece travels: as bytes, as a place in the file, or for workers that share memory as a view."""
        if shares:
            view = memoryview(self.contents)
            return lambda piece: view[piece.offset : piece.offset + piece.length]
        if shared:
            path = str(self.file)
            return lambda piece: InFile(path, piece.offset, piece.length)
        return self._bytes

    def _bytes(self, piece: Piece) -> bytes:
        return self.contents[piece.offset : piece.offset + piece.length]


def prepare(order: Order, scratch: Path) -> Data:
    """Make the job's data. Raises ValueError with a sentence when it cannot be made."""
    contents, words = order.job.body().prepare(order.size)
    file = None
    if contents and order.shared:
        file = scratch / f"{order.job.id}.data"
        file.write_bytes(contents)
    return Data(contents, file, words)


def alone(count: int, share: float) -> Sequence[bool]:
    """Which of `count` tasks are done by one alone, so that they are this share of all, spread evenly."""
    return [int((number + 1) * share) > int(number * share) for number in range(count)]


def envelopes(tasks: int, chunk: int, workers: int) -> Iterator[range]:
    """Which tasks travel together."""
    size = chunk or max(1, -(-tasks // workers))
    for first in range(0, tasks, size):
        yield range(first, min(first + size, tasks))


class Run:
    """One run of an order by the workers of a runner. `measure` may be called again."""

    def __init__(
        self, order: Order, data: Data, runner: Runner, workers: Workers, count: int, tracer: Tracer | None
    ) -> None:
        self._order, self._data = order, data
        self._workers, self._count = workers, count
        self._pickled = not runner.shares
        self._fetch = data.fetch(runner.shares, order.shared)
        job = order.job
        self._body = job.body()
        self._own: Callable[..., Any] = getattr(self._body, job.task)
        self._module = job.numpy_module if runner.vectorised else job.module
        self._uncut = runner.vectorised and job.own_threads
        self._tracer = tracer
        self._title = f"{job.one}" if order.chunk == 1 else f"{job.one}s"

    async def measure(self) -> dict[str, Any]:
        """Do the job once; what was measured, as plain data. Raises what a task raised."""
        before = machine.read()
        begun = perf_counter()
        grain = self._order.size if self._uncut else self._order.grain
        tasks = self._body.cut(self._order.size, grain, self._data.contents)
        results: list[Any] = [None] * len(tasks)
        mine = alone(len(tasks), self._order.serial)
        others = [number for number in range(len(tasks)) if not mine[number]]
        serial = self._alone(tasks, [number for number in range(len(tasks)) if mine[number]], results)
        pairs = await self._hand_out(tasks, others, results)
        merging = perf_counter()
        check = hashlib.sha256(self._body.combine(results)).hexdigest()[:16]
        ended = perf_counter()
        meanwhile = machine.between(before, machine.read())
        return {
            "seconds": ended - begun,
            "serial_s": serial,
            "combine_s": ended - merging,
            "tasks": len(tasks),
            "envelopes": len(pairs),
            "check": check,
            "parts": parts.a_task(pairs),
            "gap": parts.gap(pairs),
            "run_s": sum(end - start for _, done in pairs for start, end in done.runs) / 1e9,
            "cpu_s": sum(done.cpu for _, done in pairs) / 1e9,
            "workers_seen": len(parts.lanes(pairs)),
            "cores_seen": sorted({done.core for _, done in pairs if done.core >= 0}),
            "machine": meanwhile,
        }

    def _alone(self, tasks: Sequence[Any], which: Sequence[int], results: list[Any]) -> float:
        if not which:
            return 0.0
        begun = perf_counter()
        fetch = self._data.fetch(True, False)
        for number in which:
            results[number] = self._own(*filled(tasks[number], fetch))
        return perf_counter() - begun

    async def _hand_out(
        self, tasks: Sequence[Any], which: Sequence[int], results: list[Any]
    ) -> list[tuple[Sent, Done]]:
        under_way: list[tuple[Sent, range, asyncio.Future[Done]]] = []
        ended: asyncio.Queue[int] = asyncio.Queue()
        looked = perf_counter()
        try:
            for some in envelopes(len(which), self._order.chunk, self._count):
                sent, future = self._send([tasks[which[place]] for place in some])
                answer = asyncio.wrap_future(future)
                answer.add_done_callback(functools.partial(_note, ended, len(under_way)))
                under_way.append((sent, some, answer))
                if perf_counter() - looked > ONCE:
                    await asyncio.sleep(0)
                    looked = perf_counter()
            pairs = []
            for _ in range(len(under_way)):
                sent, some, answer = under_way[await ended.get()]
                done = answer.result()
                self._take(sent, done, [which[place] for place in some], results)
                pairs.append((sent, done))
            return pairs
        finally:
            for _, _, answer in under_way:
                answer.cancel()

    def _send(self, tasks: Sequence[Any]) -> "tuple[Sent, Future[Done]]":
        begun = perf_counter()
        request = self._begin(begun)
        made = perf_counter_ns()
        contents: Any = [filled(task, self._fetch) for task in tasks]
        if self._pickled:
            contents = pack(contents)
        packed = perf_counter_ns()
        envelope = Envelope(self._title, self._module, self._order.job.task, contents, self._pickled)
        submitting = perf_counter_ns()
        future = self._workers.submit(envelope)
        sent = Sent(len(tasks), made, packed, submitting, perf_counter_ns(), request, begun)
        return sent, future

    def _take(self, sent: Sent, done: Done, numbers: Sequence[int], results: list[Any]) -> None:
        for number, result in zip(numbers, unpack(done.results) if self._pickled else done.results, strict=True):
            results[number] = result
        sent.opened = perf_counter_ns()
        if self._tracer is not None:
            name = self._tracer.name(self._title)
            self._tracer.request_ring().write(sent.begun, sent.opened / 1e9, sent.request, name)

    def _begin(self, begun: float) -> int:
        """Every envelope is a request of its own: so its wait and its work are seen as one on the timeline."""
        if self._tracer is None:
            return 0
        request = self._tracer.next_request()
        self._tracer.request_ring().write(begun, 0.0, request, self._tracer.name(self._title))
        work_for(asyncio.current_task(), request)
        return request


def _note(ended: "asyncio.Queue[int]", place: int, answer: "asyncio.Future[Done]") -> None:
    ended.put_nowait(place)
