"""A duel: the same arrivals under two to four scenarios, several times, and what differs.

A `Duel` runs one session after the other on the asyncio loop of whoever owns it, the command line's or the window's.
The first run of each scenario is kept: its store for the window's lanes, and its recording if there is a folder.
Whatever happens, `run` leaves no process behind.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from explorer.analysis.parts import mean_parts
from explorer.analysis.statistics import RunStatistics
from explorer.catalog import Catalog
from explorer.collect.source import Array
from explorer.option_error import OptionError
from explorer.records.clock import now_ns
from explorer.session import events
from explorer.session.duel_figures import facts
from explorer.session.duel_file import discard, recording_of
from explorer.session.duel_plan import BADGES, BETWEEN_S, Plan, check
from explorer.session.duel_result import Measured, Result, conclude
from explorer.session.duel_sends import Sends, answered, replay
from explorer.session.duel_titles import contestants
from explorer.session.headless import OVERTIME_S
from explorer.session.run_file import versions
from explorer.session.session import Session
from explorer.store.store import Store
from explorer.supervise.interpreters.find import Interpreters

MEMORY: Final = 128 << 20
"""Of the history of one run; four are kept at most."""
TICK_S: Final = 0.1
NOT_ONCE: Final = "The duel was ended before each scenario had run once, so that there is nothing to compare."


@dataclass(frozen=True, slots=True)
class Progress:
    """Run `number` (from 1) of `total`: which scenario, which repeat of how many (from 1); `seconds` since the duel
    began and about how many are `left`.
    """

    number: int
    total: int
    badge: str
    repeat: int
    repeats: int
    seconds: float
    left: float


@dataclass(slots=True)
class Kept:
    """The first run of each scenario, by place: what its timeline shows, and what its load sent (`duel_sends.SENT`)."""

    stores: dict[int, Store] = field(default_factory=dict)
    requests: dict[int, Array] = field(default_factory=dict)


class Duel:
    """One duel. `told` hears of progress, `said` of what sessions say in a sentence; both on the loop of `run`."""

    def __init__(
        self,
        catalog: Catalog,
        plan: Plan,
        *,
        told: Callable[[Progress], None] = lambda progress: None,
        said: Callable[[str], None] = lambda sentence: None,
        folder: Path | None = None,
        label: str = "command line",
        interpreters: Interpreters | None = None,
    ) -> None:
        self._catalog = catalog
        self._plan = plan
        self._told = told
        self._said = said
        self._folder = folder
        self._label = label
        self._interpreters = interpreters
        self._cancelled = asyncio.Event()
        self._over = asyncio.Event()
        self._failure = ""
        self._began = 0
        self.kept = Kept()
        self.measured: list[Measured] = []

    def cancel(self) -> None:
        """End the present run and begin no other. What all scenarios have run by then is compared nevertheless."""
        self._cancelled.set()
        self._over.set()

    async def run(self) -> Result:
        """Run all, and compare. Raises `OptionError` when a scenario cannot run, or its server dies, or when too little
        was run to compare; then nothing is left in the folder.
        """
        try:
            return await self._run_all()
        except BaseException:
            if self._folder is not None:
                discard(self._folder)
            raise

    async def _run_all(self) -> Result:
        plan = self._plan
        await asyncio.to_thread(check, self._catalog, plan, self._interpreters)
        self._began = now_ns()
        for number, (place, turn) in enumerate(plan.order, 1):
            if self._cancelled.is_set():
                break
            try:
                one = await self._measure(number, place, turn)
            except OptionError as error:
                if self._cancelled.is_set():
                    break
                words = f"{BADGES[place]} could not run to its end: {error}"
                raise OptionError(words, error.where, error.details) from None
            if one is not None:
                self.measured.append(one)
        found = conclude(plan, contestants(self._catalog, plan.scenarios), self.measured)
        if found is None:
            raise OptionError(NOT_ONCE)
        return found

    async def _measure(self, number: int, place: int, turn: int) -> Measured | None:
        """One run; None if it was cancelled."""
        scenario = self._plan.scenarios[place]
        store, statistics, sends = Store(MEMORY), RunStatistics(), Sends()
        keep = turn == 0
        self._over.clear()
        if self._cancelled.is_set():
            return None
        self._failure = ""
        session = Session(
            self._catalog,
            self._heard,
            [store.append, statistics.feed, sends.feed],
            keep_all=keep and self._folder is not None,
            label=self._label,
            interpreters=self._interpreters,
        )
        try:
            await self._start(session, number, place, turn)
            await self._wait(number, place, turn)
            await session.stop()
            if self._cancelled.is_set():
                return None
            if self._failure:
                raise OptionError(self._failure)
            plain = (session.scenario or scenario).to_dict(masked=True)
            report = statistics.figures(plain, versions())
            window = statistics.window(plain)
            requests = sends.requests
            among = answered(requests, window.start, window.end)
            parts = mean_parts(store, window.start, window.end, among=among if len(among) else None).parts
            if keep:
                self.kept.stores[place], self.kept.requests[place] = store, requests
                if self._folder is not None:
                    await session.save(recording_of(self._folder, place))
            sent = replay(requests, self._plan.offsets)
            return Measured(place, turn, facts(report, statistics, store, window, parts), sent)
        finally:
            await session.stop()
            session.discard()

    async def _start(self, session: Session, number: int, place: int, turn: int) -> None:
        """Start, unless somebody ends it first."""
        self._tell(number, place, turn, 0.0)
        starting = asyncio.ensure_future(session.start(self._plan.scenarios[place]))
        over = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait((starting, over), return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            if not starting.done():
                await session.stop()
        await starting

    async def _wait(self, number: int, place: int, turn: int) -> None:
        began, load = now_ns(), self._plan.load
        while not self._over.is_set():
            elapsed = (now_ns() - began) / 1e9
            self._tell(number, place, turn, elapsed)
            if load.duration and elapsed > load.duration + load.timeout + OVERTIME_S:
                self._failure = "its load did not end in time."
                return
            try:
                await asyncio.wait_for(self._over.wait(), TICK_S)
            except TimeoutError:
                continue

    def _tell(self, number: int, place: int, turn: int, elapsed: float) -> None:
        total = len(self._plan.order)
        each = self._plan.load.duration + BETWEEN_S
        seconds = (now_ns() - self._began) / 1e9
        if number > 1:
            each = max(each, (seconds - elapsed) / (number - 1))
        left = max(0.0, (total - number + 1) * each - elapsed)
        self._told(Progress(number, total, BADGES[place], turn + 1, self._plan.repeat, seconds, left))

    def _heard(self, event: events.Event) -> None:
        if isinstance(event, events.Warned):
            self._said(event.sentence)
        elif isinstance(event, events.Died):
            if event.fatal or event.role == "load":
                self._failure = event.sentence
                self._over.set()
            else:
                self._said(event.sentence)
        elif isinstance(event, events.Failed):
            self._failure = event.sentence
            self._over.set()
        elif isinstance(event, events.LoadEnded):
            self._over.set()
