"""The lab's child: it makes the job's data, says which runners it can have, and then measures what it is told to.

A message `measure {serial, runner, workers, cluster}` starts the workers, does the job `repeat` times and is answered
by an event `measured` with what came out, or by `refused` with a sentence; before each repeat comes `repeating`. Before
worker processes end comes `ending`, which is to be answered by `heard`.
"""

import asyncio
import contextlib
import multiprocessing
import sys
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from explorer.child.channel import Channel, Message
from explorer.labs.parallelism.child import machine
from explorer.labs.parallelism.child.measure import Data, Order, Run
from explorer.labs.parallelism.child.measure import prepare as make_data
from explorer.labs.parallelism.job import job_of
from explorer.labs.parallelism.runners.feature import Conditions
from explorer.labs.parallelism.runners.find import runners
from explorer.probe import calls
from explorer.probe.tracer import Tracer
from explorer.records.states import Role, State
from explorer.server import tracing

HEARD_S: Final = 1.0
ENVELOPE: Final = "explorer.labs.parallelism.child.envelope"


class Refusal(ValueError):
    """Something that cannot be done, in one sentence for the user; `where` is the knob at fault."""

    where = ""


def main(channel: Channel, config: Message) -> None:
    """Measure until told to stop. `config`: the fields of `Order` with the job's name, `repeat`, `start_method`,
    `scratch`; `run` when it is to be observed.
    """
    tracing.log_everything()
    tracer = tracing.join(Role.LAB, "parallelism lab") if "run" in config else None
    try:
        with asyncio.Runner(loop_factory=tracing.loop_factory("asyncio", tracer)) as runner:
            runner.run(_Lab(channel, config, tracer).serve())
    finally:
        if tracer is not None:
            tracer.close()


class _Lab:
    def __init__(self, channel: Channel, config: Message, tracer: Tracer | None) -> None:
        self._channel = channel
        self._config = config
        self._tracer = tracer
        fields = ("size", "grain", "chunk", "serial", "shared")
        self._order = Order(job_of(config["job"]), **{name: config[name] for name in fields})
        self._scratch = Path(config["scratch"])
        self._orders: asyncio.Queue[Message] = asyncio.Queue()
        self._heard = asyncio.Event()
        job = self._order.job
        self._calls = {
            f"{job.module}.{job.task}": State.RUNNING,
            f"{ENVELOPE}.pack": State.RUNNING,
            f"{ENVELOPE}.unpack": State.RUNNING,
        }

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()

        def stop(message: Message) -> None:
            loop.call_soon_threadsafe(task.cancel)

        def measure(message: Message) -> None:
            loop.call_soon_threadsafe(self._orders.put_nowait, message)

        task = asyncio.ensure_future(self._work())
        self._channel.on("measure", measure)
        self._channel.on("heard", lambda message: loop.call_soon_threadsafe(self._heard.set))
        self._channel.on("stop", stop)
        undo = calls.wrap(self._tracer, self._calls) if self._tracer is not None else None
        try:
            await task
        except asyncio.CancelledError:
            return
        finally:
            if undo is not None:
                undo()

    async def _work(self) -> None:
        try:
            data = make_data(self._order, self._scratch)
        except (ValueError, OSError, MemoryError) as error:
            raise Refusal(str(error) or "The job's data does not fit into memory; choose a smaller size.") from None
        refused = {each.id: reason for each in runners().values() if (reason := each.refusal(self._order.job))}
        self._channel.ready(
            refused=refused,
            data=data.words,
            machine=machine.read() is not None,
            python="{}.{}.{}".format(*sys.version_info[:3]),
            free_threaded=tracing.free_threaded() and not _gil(),
        )
        while True:
            await self._measure(await self._orders.get(), data)

    async def _measure(self, message: Message, data: Data) -> None:
        serial = message["serial"]
        try:
            answer = await self._point(message, data)
        except Exception as error:
            what = str(error) if hasattr(error, "where") else f"{type(error).__name__}: {error}"
            self._channel.event("refused", serial=serial, sentence=what)
            tracing.logger.exception("A measurement failed")
        else:
            self._channel.event("measured", serial=serial, **answer)

    async def _point(self, message: Message, data: Data) -> dict[str, Any]:
        runner, count = runners()[message["runner"]], int(message["workers"])
        lost: list[str] = []

        def died(pid: int, exitcode: int | None) -> None:
            lost.append(f"A worker process ({pid}) ended by itself, with status {exitcode}.")

        begun = perf_counter()
        workers = await runner.open(
            Conditions(
                count,
                self._config["start_method"],
                self._tracer,
                self._traced(runner.vectorised),
                self._scratch,
                str(message.get("cluster", "")),
                died,
            )
        )
        started = perf_counter() - begun
        try:
            run = Run(self._order, data, runner, workers, count, self._tracer)
            if not runner.shares:
                await run.measure()  # the first one also imports the body where the workers are
            measured = []
            for repeat in range(int(self._config["repeat"])):
                self._channel.event("repeating", serial=message["serial"], repeat=repeat)
                measured.append(await run.measure())
        finally:
            await self._let_end()
            await workers.close()
        return {"start_s": started, "runs": measured, "died": lost}

    async def _let_end(self) -> None:
        """Say which processes are going to end, so that nobody takes it for a death; go on when that was heard."""
        self._heard.clear()
        self._channel.event("ending", pids=[process.pid for process in multiprocessing.active_children()])
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._heard.wait(), HEARD_S)

    def _traced(self, vectorised: bool) -> dict[str, State]:
        """The calls that are seen in workers; those of NumPy's body are not the plain one's."""
        if not vectorised:
            return self._calls
        job = self._order.job
        plain = f"{job.module}.{job.task}"
        return {name: state for name, state in self._calls.items() if name != plain} | {
            f"{job.numpy_module}.{job.task}": State.RUNNING
        }


def _gil() -> bool:
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())
