"""Runs a plan: one child does all points, one after the other, and what it measured is put together.

Whatever goes wrong, and when it is cancelled, nothing is left running.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from explorer.labs.parallelism.options import BASE, SECTION, Plan, Point
from explorer.labs.parallelism.result import Measured, Result
from explorer.labs.parallelism.runners.find import runners
from explorer.labs.parallelism.words import workers
from explorer.labs.run import Consumer, LabRun, interpreter_path
from explorer.option_error import OptionError
from explorer.recording.archive import Saved
from explorer.supervise.interpreters.find import Interpreters

CHILD: Final = "explorer.labs.parallelism.child.process"
CLUSTER: Final = "cluster"
CANCELLED: Final = "The sweep was cancelled before one coroutine was measured: there is nothing to compare with."


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sweep is: the point that is measured now, runs done and in all, and the result so far.

    `repeat` counts from 0; −1 while the workers start.
    """

    point: Point
    repeat: int
    done: int
    total: int
    result: Result

    @property
    def words(self) -> str:
        """What goes on, for a line of progress."""
        what = f"repeat {self.repeat + 1}" if self.repeat >= 0 else "starting"
        return f"{runners()[self.point.runner].title}, {workers(self.point.workers)}, {what}"


class Sweep:
    """One sweep. `told` hears of its progress, on the loop that `run` runs on; `consumers` on the collector's thread.

    `observed`: tasks are recorded for the timeline, which costs a little of each.
    """

    def __init__(
        self,
        plan: Plan,
        told: Callable[[Progress], None] = lambda progress: None,
        *,
        observed: bool = False,
        consumers: Sequence[Consumer] = (),
        interpreters: Interpreters | None = None,
    ) -> None:
        self.result = Result(plan)
        self._plan = plan
        self._told = told
        self._observed, self._consumers = observed, consumers
        self._interpreters = interpreters or Interpreters()
        self._lab: LabRun | None = None
        self._answer: asyncio.Future[Mapping[str, Any]] | None = None
        self._dead = ""
        self._cancelled = asyncio.Event()
        self._now = plan.points[0]
        self._done = 0
        self._kept: Saved | None = None

    def cancel(self) -> None:
        """End it; what was measured so far stays. May be called at any time."""
        self._cancelled.set()

    async def run(self, record: Path | None = None) -> Result:
        """Measure all points, or until `cancel`; with `record` the recording is saved there.

        Raises `OptionError`, also when it was cancelled before there was anything to compare with.
        """
        try:
            path = await asyncio.to_thread(interpreter_path, self._interpreters, self._plan.knobs.interpreter)
            # Made here: from now on there is a folder, and soon a process, that the end of this must see to.
            self._lab = lab = LabRun(
                self._heard,
                self._lost,
                observed=self._observed,
                consumers=self._consumers,
                interpreters=self._interpreters,
            )
            await self._until_cancelled(self._all(lab, path))
            await lab.stop()
            if record is not None:
                self._kept = await lab.save(record)
        finally:
            if self._lab is not None:
                await self._lab.stop()
                self._lab.discard()
        if self.result.base is None:
            raise OptionError(self.result.refused.get(BASE, CANCELLED))
        return self.result

    async def _until_cancelled(self, work: Any) -> None:
        task, over = asyncio.ensure_future(work), asyncio.ensure_future(self._cancelled.wait())
        try:
            await asyncio.wait((task, over), return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            if not task.done():
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _all(self, lab: LabRun, path: str) -> None:
        plan, knobs = self._plan, self._plan.knobs
        ready = await lab.start(
            CHILD,
            path,
            job=plan.job.id,
            size=plan.size,
            grain=plan.grain,
            chunk=knobs.chunk,
            serial=knobs.serial,
            shared=knobs.travel == "shared",
            repeat=knobs.repeat,
            start_method=knobs.start_method,
        )
        self.result.told = ready
        refused = {name: reason for name, reason in ready["refused"].items() if name in self._names()}
        self.result.refused |= refused
        if refused and not self._names() - refused.keys() - {BASE}:
            raise OptionError(" ".join(refused.values()), f"{SECTION}.runner")
        for point in plan.points:
            if point.runner not in self.result.refused:
                await self._measure(lab, point, path)
            self._done += 1
        self.result.complete = True

    def _names(self) -> set[str]:
        return {point.runner for point in self._plan.points}

    async def _measure(self, lab: LabRun, point: Point, path: str) -> None:
        self._now = point
        self._tell(-1)
        lab.mark(f"{runners()[point.runner].title}, {workers(point.workers)}")
        address = ""
        if point.runner == CLUSTER:
            name = f"cluster:{point.workers}x1"
            settings = {"address": "", "workers": point.workers, "threads": 1}
            address = (await lab.services({name: settings}, path))[name]
        self._answer = asyncio.get_running_loop().create_future()
        lab.send("measure", serial=self._done, runner=point.runner, workers=point.workers, cluster=address)
        if self._dead:
            raise OptionError(self._dead)
        answer = await self._answer
        if answer["event"] == "refused":
            self.result.refused[point.runner] = str(answer["sentence"])
            return
        self.result.died += answer["died"]
        self.result.add(Measured(point, float(answer["start_s"]), answer["runs"]))
        if point.runner == CLUSTER:
            await lab.services({}, path)

    def _heard(self, message: Mapping[str, Any]) -> None:
        if message.get("type") == "error":
            self._lost(str(message.get("sentence", "")))
        elif message.get("event") == "ending" and self._lab is not None:
            self._lab.expect_end(message["pids"])
            self._lab.send("heard")
        elif message.get("event") == "repeating":
            self._tell(int(message["repeat"]))
        elif message.get("event") in ("measured", "refused") and message["serial"] == self._done and self._waiting:
            self._waiting.set_result(message)

    def _lost(self, sentence: str) -> None:
        self._dead = sentence
        if self._waiting:
            self._waiting.set_exception(OptionError(sentence))

    @property
    def _waiting(self) -> "asyncio.Future[Mapping[str, Any]] | None":
        """The answer that is waited for."""
        return self._answer if self._answer is not None and not self._answer.done() else None

    def _tell(self, repeat: int) -> None:
        repeats = self._plan.knobs.repeat
        done = self._done * repeats + max(repeat, 0)
        self._told(Progress(self._now, repeat, done, len(self._plan.points) * repeats, self.result))
