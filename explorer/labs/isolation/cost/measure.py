"""Measures a plan: one session for each level, with real load over HTTP, until enough transfers are committed."""

import asyncio
import http.client
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from explorer.analysis.load_log import ENDS, LoadLog
from explorer.analysis.statistics import RunStatistics
from explorer.labs.isolation.cost.plan import CostPlan, keeps_money
from explorer.labs.isolation.cost.result import Cost, LevelCost
from explorer.labs.isolation.cost.tally import Tally
from explorer.option_error import OptionError
from explorer.records.clock import now_ns
from explorer.scenario import Scenario, assign
from explorer.session import events
from explorer.session.session import Consumer, Session
from explorer.supervise.interpreters.find import Interpreters

LOOK_S: Final = 0.05
TELL_S: Final = 0.25
STALLED_S: Final = 120.0
"""So long without a single commit means that there will be none."""
DRAIN_S: Final = 90.0
ASK_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: level number `number` (from 0) of `total`, with `done` of `transfers` committed."""

    level: str
    number: int
    total: int
    done: int
    transfers: int

    @property
    def part(self) -> float:
        """Of all levels, 0 to 1."""
        return (self.number + min(1.0, self.done / self.transfers)) / self.total

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.level}: {min(self.done, self.transfers):,} of {self.transfers:,} transfers"


def _nobody(progress: Progress) -> None:
    """Takes what nobody wants to know."""


async def measure(
    plan: CostPlan,
    told: Callable[[Progress], None] = _nobody,
    finished: Callable[[Cost], None] = lambda cost: None,
    *,
    consumers: Sequence[Consumer] = (),
    interpreters: Interpreters | None = None,
) -> Cost:
    """Measure every level; `finished` gets the result after each. Belongs to the asyncio loop of the main thread.

    Raises `OptionError` when a run fails. Cancelled, it ends what runs first; what was measured was handed to
    `finished`. Nothing is left running, and the bank's tables are removed from a database of the user's.
    """
    cost = Cost(plan.knobs, plan.levels)
    for number, level in enumerate(plan.levels):
        run = _LevelRun(plan, level, (number, len(plan.levels)), told, consumers, interpreters)
        try:
            cost.levels[level] = await run.measure()
            cost.engine = run.engine
            finished(cost)
        finally:
            if plan.url and not plan.embedded:
                await asyncio.to_thread(_leave_nothing, plan.url, run.folder)
    return cost


def _leave_nothing(url: str, folder: str) -> None:
    """Remove the bank's tables, if they are those of the run in this folder."""
    # Here, because only who measured needs SQLAlchemy in this process.
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    from explorer.server.databases import with_driver
    from explorer.server.workloads.bank_transfer.bank import owner_of
    from explorer.server.workloads.bank_transfer.tables import drop_tables

    engine = create_engine(with_driver(url, "blocking"))
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            drop_tables(connection, owner_of(folder))
    except (SQLAlchemyError, OSError, OptionError):
        return  # the server is gone: why has been said
    finally:
        engine.dispose()


class _LevelRun:
    """One session. `engine` is what the database calls itself, after `measure`; `folder` is that of its run."""

    def __init__(
        self,
        plan: CostPlan,
        level: str,
        place: tuple[int, int],
        told: Callable[[Progress], None],
        consumers: Sequence[Consumer],
        interpreters: Interpreters | None,
    ) -> None:
        self._plan, self._level, self._place, self._told = plan, level, place, told
        self._tally, self._statistics = Tally(), RunStatistics()
        self._failure: OptionError | None = None
        self._warned = ""
        self._emptied = 0  # when the load had heard that nobody is to send any more, ns
        self._session = Session(
            plan.catalog,
            self._heard,
            [self._tally.feed, self._statistics.feed, *consumers],
            label="isolation lab",
            interpreters=interpreters,
        )
        self.engine = ""
        self.folder = str(self._session.run)

    async def measure(self) -> LevelCost:
        session, scenario = self._session, self._plan.scenarios[self._level]
        self._tell()
        try:
            await session.start(scenario)
            await self._until_enough()
            await self._drain(scenario)
            figures = await asyncio.to_thread(self._ask)
            await session.stop()
        finally:
            await session.stop()
            session.discard()
        return self._cost(figures)

    def _tell(self) -> None:
        number, total = self._place
        self._told(Progress(self._level, number, total, self._tally.committed, self._plan.knobs.transfers))

    async def _until_enough(self) -> None:
        loop = asyncio.get_running_loop()
        done, progressed, told = 0, loop.time(), loop.time()
        while done < self._plan.knobs.transfers:
            self._check()
            await asyncio.sleep(LOOK_S)
            now, before, done = loop.time(), done, self._tally.committed
            progressed = now if done > before else progressed
            if now - progressed > STALLED_S:
                raise OptionError(self._stalled())
            if now - told >= TELL_S:
                told = now
                self._tell()

    def _stalled(self) -> str:
        counts = LoadLog.counts(self._statistics.load.everything())
        ended = sum(counts[end] for end in ENDS)
        return (
            f"At {self._level} no transfer was committed for {STALLED_S:g} s, with {counts['sent']:,} requests sent "
            f"and {ended:,} answered; allow more retries or accounts, or fewer users. {self._warned}".rstrip()
        )

    async def _drain(self, scenario: Scenario) -> None:
        """Let the requests under way end, and send no more."""
        await self._session.change(assign(self._plan.catalog, scenario, ("load.users=0",)))
        loop = asyncio.get_running_loop()
        by = loop.time() + DRAIN_S
        while True:
            self._check()
            load = self._statistics.load
            counts = LoadLog.counts(load.everything())
            # A report from before may be older than the first request, and says then that nothing is under way.
            told = 0 < self._emptied < load.last_report
            if told and counts["sent"] == sum(counts[end] for end in ENDS):
                return
            if loop.time() > by:
                raise OptionError(f"At {self._level} the last requests did not end within {DRAIN_S:g} s.")
            await asyncio.sleep(LOOK_S)

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _ask(self) -> dict[str, Any]:
        """What the database says at the end, by the server."""
        host, _, port = self._session.url.removeprefix("http://").rpartition(":")
        connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=ASK_S)
        try:
            connection.request("GET", "/job?figures=true")
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise OptionError(f"The bank could not be audited at the end: the server answered {answer.status}.")
            found: dict[str, Any] = json.loads(body)
            return found
        except (OSError, http.client.HTTPException) as error:
            raise OptionError(f"The bank could not be audited at the end ({error}).") from None
        finally:
            connection.close()

    def _cost(self, figures: dict[str, Any]) -> LevelCost:
        plan, tally = self._plan, self._tally
        self.engine = str(figures["engine"])
        latency = self._statistics.load.everything().histograms[0]
        answered = latency.count > 0
        began = self._statistics.load.first_send or tally.began
        return LevelCost(
            level=self._level,
            transfers=tally.committed,
            seconds=max(0, tally.last_commit - began) / 1e9,
            aborted=tally.aborted,
            retried=tally.retried,
            given_up=tally.given_up,
            without_connection=tally.without_connection,
            expected=int(figures["expected"]),
            money=int(figures["money"]),
            misplaced=int(figures["misplaced"]),
            journal=int(figures["journal"]),
            p50_ms=round(latency.percentile(50) * 1e3, 3) if answered else None,
            p99_ms=round(latency.percentile(99) * 1e3, 3) if answered else None,
            promised=keeps_money(plan.engine, self._level, plan.knobs.style),
        )

    def _heard(self, event: events.Event) -> None:
        if isinstance(event, events.Applied) and event.knob == "load.users":
            self._emptied = now_ns()
        elif isinstance(event, events.Warned):
            self._warned = event.sentence
        elif isinstance(event, events.Failed):
            self._failure = OptionError(event.sentence, event.where, event.details)
        elif isinstance(event, events.Died) and (event.fatal or event.role == "load"):
            self._failure = OptionError(event.sentence)
