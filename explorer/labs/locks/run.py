"""A lock scenario without a window: a real session with the load it needs, and the verdict about what was seen.

A circle of waiters is left standing for a moment, so that it can be looked at in the recording, and is then broken by
releasing the one who came last.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from explorer.analysis.locks.watch import Deadlock, noted
from explorer.catalog import Catalog
from explorer.labs.locks.evidence import Evidence
from explorer.labs.locks.lock_scenario import LockScenario
from explorer.labs.locks.outcome import verdict_of
from explorer.labs.locks.verdict import Verdict
from explorer.option_error import OptionError
from explorer.recording.retention import limit, trim
from explorer.scenario import Scenario
from explorer.session import events
from explorer.session.headless import Signals
from explorer.session.session import Consumer, Session

SHOWN_S: Final = 0.25
"""How long a circle is left standing."""
AGAIN_S: Final = 1.0
"""Whoever is released lets the others go on well within this time; if not, another one is released."""
OVERTIME_S: Final = 15.0
LONGEST_S: Final = 120.0
"""The end of a load that has no duration of its own."""
NEVER_BEGAN: Final = "The run was ended before anything could be seen."

Say = Callable[[str], None]


def run_scenario(
    catalog: Catalog,
    lab: LockScenario,
    scenario: Scenario,
    *,
    record: Path | None = None,
    say: Say = lambda line: None,
    consumers: Sequence[Consumer] = (),
    interrupted: Callable[[], None] = lambda: None,
) -> Verdict:
    """Run `scenario`, which `lab` made, to its end, and judge it. Raises `OptionError` if it cannot run.

    With `record` all records are kept there; `consumers` get the batches as well. Ctrl-C ends it early, and
    `interrupted` is called; what was seen until then is judged.
    """
    return asyncio.run(_Run(catalog, lab, scenario, record, say, consumers, interrupted).main())


class Breaker:
    """Breaks the circles of a run: give `told` to its `Evidence`. To be made on the session's loop."""

    def __init__(self, session: Session, say: Say = lambda line: None, shown: float = SHOWN_S) -> None:
        """A circle stands for `shown` seconds before somebody is released."""
        self._session = session
        self._say = say
        self._shown = shown
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._lasting: Deadlock | None = None
        self._said = False

    def told(self, deadlock: Deadlock) -> None:
        """A deadlock was found, or has ended; called on any thread."""
        self._loop.call_soon_threadsafe(self._hear, deadlock)

    def _hear(self, deadlock: Deadlock) -> None:
        self._lasting = deadlock if deadlock.ended is None else None
        if deadlock.ended is None:
            self._session.annotate(noted(deadlock))
            task = asyncio.create_task(self._break(deadlock))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _break(self, deadlock: Deadlock) -> None:
        await asyncio.sleep(self._shown)
        for wait in sorted(deadlock.cycle.waits, key=lambda wait: wait.start, reverse=True):
            if self._lasting is not deadlock:
                return
            if not self._said:  # the next ones are the same again
                self._say(deadlock.cycle.sentence)
            self._said = True
            self._session.release_waiter(wait.owner)
            await asyncio.sleep(AGAIN_S)


class _Run:
    def __init__(
        self,
        catalog: Catalog,
        lab: LockScenario,
        scenario: Scenario,
        record: Path | None,
        say: Say,
        consumers: Sequence[Consumer],
        interrupted: Callable[[], None],
    ) -> None:
        self._catalog, self._lab, self._scenario = catalog, lab, scenario
        self._record, self._say = record, say
        self._consumers = consumers
        self._interrupted = interrupted
        self._over = asyncio.Event()
        self._failure: OptionError | None = None
        self._loading = False
        self._breaker: Breaker | None = None

    def _end(self) -> None:
        self._interrupted()
        self._over.set()

    async def main(self) -> Verdict:
        trim(limit_bytes=limit())
        evidence = Evidence(self._told)
        session = Session(
            self._catalog,
            self._heard,
            [evidence, *self._consumers],
            keep_all=self._record is not None,
            label="command line",
        )
        self._breaker = Breaker(session, self._say)
        keep = False
        try:
            with Signals(self._end):
                await self._start(session)
                keep = self._record is not None
                await self._wait()
                await session.stop()
                if self._record is not None:
                    saved = await session.save(self._record)
                    self._say(f"Recorded in {saved.path}")
                    keep = False
        finally:
            await session.stop()
            if not keep:
                session.discard()
        if self._failure is not None:
            raise self._failure
        if not self._loading:
            raise OptionError(NEVER_BEGAN)
        return verdict_of(self._lab, evidence, session.scenario or self._scenario)

    def _told(self, deadlock: Deadlock) -> None:
        if self._breaker is not None:
            self._breaker.told(deadlock)

    async def _start(self, session: Session) -> None:
        starting = asyncio.ensure_future(session.start(self._scenario))
        over = asyncio.ensure_future(self._over.wait())
        await asyncio.wait((starting, over), return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if not starting.done():
            await session.stop()
        await starting

    async def _wait(self) -> None:
        try:
            most = (self._scenario.load.duration or LONGEST_S) + OVERTIME_S
            await asyncio.wait_for(self._over.wait(), most)
        except TimeoutError:
            self._failure = OptionError("The load did not end in time; give it less to do, or more seconds.")

    def _heard(self, event: events.Event) -> None:
        harmless = isinstance(event, events.Died) and not event.fatal and event.role != "load"
        if isinstance(event, events.Warned) or (isinstance(event, events.Died) and harmless):
            self._say(event.sentence)
        elif isinstance(event, (events.Died, events.Failed)):
            self._failure = OptionError(event.sentence)
            self._over.set()
        elif isinstance(event, events.Loading):
            self._loading = True
        elif isinstance(event, events.LoadEnded):
            self._over.set()
