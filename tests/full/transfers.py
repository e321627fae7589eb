"""Ten thousand bank transfers over HTTP at each level, on SQLite, PostgreSQL and MariaDB, in each way to write one.

Money is never lost where the engine promises that; it is lost where a balance is read and written back without such a
promise, which shows that the check can fail. What the program shows is what the database itself says: transfers in the
journal, the sum of the balances, deadlocks and rollbacks as the server counts them, asked over connections of our own.
"""

import asyncio
import sqlite3
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import make_url

from explorer.catalog import Catalog
from explorer.labs.isolation.cost.measure import measure
from explorer.labs.isolation.cost.plan import CostKnobs, CostPlan
from explorer.labs.isolation.cost.result import Cost, LevelCost, codes, verdict
from explorer.option_error import OptionError
from explorer.paths import release
from explorer.server.workloads.bank_transfer.levels import AUTOCOMMIT
from explorer.supervise.postgres.programs import find
from explorer.supervise.postgres.server import launch
from tests.database_servers import MariaDB, Missing, running
from tests.full.outcome import Failed, Skipped

TRANSFERS: Final = 10_000
FEWER: Final = 2_000
"""For other forms and several workers, whose transactions are the same."""
SUMS: Final = "SELECT (SELECT count(*) FROM explorer_bank_transfer), (SELECT sum(balance) FROM explorer_bank_account)"
BALANCES: Final = "SELECT id, balance FROM explorer_bank_account"
MOVES: Final = "SELECT source, target, amount FROM explorer_bank_transfer"
BEGINNING: Final = 1000
STYLES: Final = ("read_write", "atomic", "for_update", "version")
Rows = list[tuple[Any, ...]]


class Database(ABC):
    """A database with a witness of ours."""

    name: str
    url: str
    styles: tuple[str, ...] = STYLES

    @abstractmethod
    def query(self, sql: str) -> Rows:
        """The rows of a query over a connection of our own."""

    def counters(self) -> Mapping[str, int]:
        """What the server counts by itself."""
        return {}

    def compare(self, one: LevelCost, counted: Mapping[str, int]) -> Iterator[str]:
        """What is wrong about a level, given what the server counted meanwhile."""
        return iter(())


class Sqlite(Database):
    """A file."""

    name = "SQLite"
    styles = ("read_write", "atomic", "version")

    def __init__(self, folder: Path) -> None:
        self._file = folder / "bank.sqlite"
        self.url = f"sqlite:///{self._file}"

    def query(self, sql: str) -> Rows:
        with closing(sqlite3.connect(self._file)) as connection:
            return connection.execute(sql).fetchall()


class Postgres(Database):
    """The embedded server, started here so that we can get in as well."""

    name = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self.url = url
        self._quiet: int | None = None

    def query(self, sql: str) -> Rows:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(sql.encode()).fetchall()

    def counters(self) -> Mapping[str, int]:
        # From another database, so that the question is not counted.
        elsewhere = make_url(self.url).set(database="template1").render_as_string(hide_password=False)
        with psycopg.connect(elsewhere, autocommit=True) as connection:
            # What a connection counted is there once it has ended.
            while connection.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = 'postgres'").fetchone() != (
                0,
            ):
                continue
            row = connection.execute(
                "SELECT deadlocks, xact_rollback FROM pg_stat_database WHERE datname = 'postgres'"
            ).fetchone()
            assert row is not None
            return {"deadlocks": row[0], "rollbacks": row[1]}

    def compare(self, one: LevelCost, counted: Mapping[str, int]) -> Iterator[str]:
        if counted["deadlocks"] != one.aborted.get("40P01", 0):
            yield f"the server counts {counted['deadlocks']} deadlocks"
        if one.level == AUTOCOMMIT:  # nothing is rolled back there but what SQLAlchemy asks when it begins
            # It asks once more before each of the others: the tables of the level before are removed over a connection
            # of their own, when that level has been counted already.
            self._quiet = counted["rollbacks"] + 1
        elif self._quiet is not None and counted["rollbacks"] - self._quiet != sum(one.aborted.values()):
            yield f"the server counts {counted['rollbacks'] - self._quiet} rollbacks"


class Maria(Database):
    """The system's MariaDB."""

    name = "MariaDB"

    def __init__(self, server: MariaDB) -> None:
        self._server, self.url = server, server.url

    def query(self, sql: str) -> Rows:
        with closing(self._server.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def counters(self) -> Mapping[str, int]:
        rows = self._server.query("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")
        return {"deadlocks": int(rows[0][1])}

    def compare(self, one: LevelCost, counted: Mapping[str, int]) -> Iterator[str]:
        if counted["deadlocks"] != one.aborted.get("1213", 0):
            yield f"the server counts {counted['deadlocks']} deadlocks"


class Report:
    """What was measured, and what was wrong with it."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.levels = self.transfers = self.kept = self.lost = 0

    def add(self, database: Database, where: str, one: LevelCost, counted: Mapping[str, int], must_lose: bool) -> None:
        """Judge one level by what the database says."""
        said = (
            f"{where} {one.level}: {one.transfers:,} at {one.per_second:,.0f}/s, {codes(one.aborted)}, {verdict(one)}"
        )
        print(f"  {said}", file=sys.stderr, flush=True)
        self.levels += 1
        self.transfers += one.transfers
        self.kept += one.promised
        self.lost += not one.kept
        [(journal, money)] = database.query(SUMS)
        misplaced = _misplaced(database)
        for words, shown, own in (
            ("transfers", one.transfers, journal),
            ("transfers in the journal", one.journal, journal),
            ("money", one.money, int(money)),
            ("misplaced", one.misplaced, misplaced),
        ):
            if shown != own:
                self.wrong.append(f"{said}; {words}: {shown:,} shown, {own:,} in the database")
        self.wrong += [f"{said}; {words}" for words in database.compare(one, counted)]
        if one.promised and not one.kept:
            self.wrong.append(f"{said}; it promises to keep the money")
        if must_lose and one.kept:
            self.wrong.append(f"{said}; nothing was lost, so that the check has not shown that it can fail")
        if sum(one.aborted.values()) != one.retried + one.given_up:
            self.wrong.append(f"{said}; {one.retried} retries and {one.given_up} given up do not add up to that")


def _misplaced(database: Database) -> int:
    """By how much balances differ from what the journal says, added up here and not by the database."""
    should: dict[int, int] = {}
    for source, target, amount in database.query(MOVES):
        should[source] = should.get(source, BEGINNING) - amount
        should[target] = should.get(target, BEGINNING) + amount
    return sum(abs(balance - should.get(number, BEGINNING)) for number, balance in database.query(BALANCES))


def run() -> str:
    """All databases; raises `Failed` with everything that was wrong."""
    report = Report()
    skipped = []
    for make in (_sqlite, _postgres, _mariadb):
        try:
            with make() as database:
                _measure_all(database, report)
        except Missing as reason:
            skipped.append(str(reason))
    if report.wrong:
        raise Failed("\n".join(report.wrong))
    if not report.levels:
        raise Skipped(" ".join(skipped))
    return (
        f"{report.transfers:,} transfers at {report.levels} levels and ways; no money lost at any of the {report.kept} "
        f"that promise it, lost at {report.lost} others; every number as the database has it"
        + "".join(f"; {reason}" for reason in skipped)
    )


def _measure_all(database: Database, report: Report) -> None:
    for style in database.styles:
        # Reading and writing must lie apart for updates to get lost. The others only have to be many, and quick: no
        # circles form, which servers find after a while only.
        apart = style == "read_write"
        _measure(database, report, style=style, think=0.001 if apart else 0.0, ordered=not apart)
    for more in ({"workers": 2}, {"form": "awaiting"}):
        if database.name != "MariaDB" or "form" not in more:  # no driver for coroutines is a dependency there
            _measure(database, report, style="read_write", transfers=FEWER, think=0.001, **more)


def _measure(database: Database, report: Report, **knobs: Any) -> None:
    knobs = {"transfers": TRANSFERS, "retries": 100} | knobs
    plan = CostPlan(Catalog(), database.url, (), CostKnobs(**knobs))
    more = [" awaiting"] if "form" in knobs else [" in 2 workers"] if "workers" in knobs else []
    where = "".join((database.name, f" {knobs['style']}", *more))
    before = dict(database.counters())

    def finished(cost: Cost) -> None:
        now = database.counters()
        counted = {name: now[name] - before[name] for name in now}
        before.update(now)
        one = list(cost.levels.values())[-1]
        report.add(database, where, one, counted, must_lose=knobs["style"] == "read_write" and not one.promised)

    try:
        asyncio.run(measure(plan, finished=finished))
    except OptionError as error:
        raise Failed(f"{where}: {error}") from None


@contextmanager
def _sqlite() -> Iterator[Database]:
    # In memory where that is possible: how long a disk takes to have written is not what is checked.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Sqlite(Path(folder))


@contextmanager
def _postgres() -> Iterator[Database]:
    programs = next(find(), None)
    if programs is None:
        raise Missing("There is no PostgreSQL here, and no package of it.")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        server = launch(programs, Path(folder) / "postgres")
        stack.callback(release, Path(folder))
        stack.callback(server.stop)
        yield Postgres(server.url)


@contextmanager
def _mariadb() -> Iterator[Database]:
    with running(MariaDB) as server:
        assert isinstance(server, MariaDB)
        yield Maria(server)
