"""What levels cost, measured with real servers and load; the numbers are those of the database."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from explorer.catalog import Catalog
from explorer.labs.isolation.cost.measure import Progress, measure
from explorer.labs.isolation.cost.place import measure_apart
from explorer.labs.isolation.cost.plan import CostKnobs, CostPlan
from explorer.labs.isolation.cost.result import Cost
from explorer.option_error import OptionError
from explorer.paths import user_data
from tests.database_servers import SHOP, USER, Missing, PostgreSQL, running

PLACES = (
    "SELECT datname FROM pg_database WHERE datname LIKE 'explorer_lab%' "
    "UNION ALL SELECT nspname FROM pg_namespace WHERE nspname LIKE 'explorer_lab%'"
)
SUMS = "SELECT (SELECT count(*) FROM explorer_bank_transfer), (SELECT sum(balance) FROM explorer_bank_account)"


def runs() -> list[Path]:
    return list((user_data() / "runs").glob("*"))


async def test_the_numbers_are_those_of_the_database_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    file = tmp_path / "bank.db"
    with closing(sqlite3.connect(file)) as witness:  # so that writers do not starve
        witness.execute("PRAGMA journal_mode=WAL")
    knobs = CostKnobs(transfers=30, users=4, accounts=2, think=0.005)
    plan = CostPlan(Catalog(), f"sqlite:///{file}", ("autocommit", "immediate"), knobs)
    seen: list[tuple[int, int]] = []
    told: list[Progress] = []
    before = runs()

    def look(cost: Cost) -> None:
        with closing(sqlite3.connect(file)) as witness:
            seen.extend(witness.execute(SUMS).fetchall())

    cost = await measure(plan, told.append, look)

    assert cost.complete
    assert cost.engine == f"SQLite {sqlite3.sqlite_version}"
    loose, safe = cost.levels.values()
    assert seen == [(loose.transfers, loose.money), (safe.transfers, safe.money)]
    assert min(loose.transfers, safe.transfers) >= 30
    assert (loose.journal, safe.journal) == (loose.transfers, safe.transfers)
    assert safe.kept
    assert not loose.kept, "four transfers at once on two accounts, and no transactions"
    for one in (loose, safe):
        assert sum(one.aborted.values()) == one.retried + one.given_up
        assert one.p50_ms is not None
        assert one.p99_ms is not None
        assert 0 < one.p50_ms <= one.p99_ms
        assert one.per_second > 0
    assert next(progress.level for progress in told) == "AUTOCOMMIT"
    with closing(sqlite3.connect(file)) as witness:
        assert witness.execute("SELECT name FROM sqlite_master WHERE name LIKE 'explorer%'").fetchall() == []
    assert runs() == before


@pytest.mark.long
async def test_a_second_measurement_of_one_database_is_refused_and_ends_nothing_of_the_first(tmp_path: Path) -> None:
    file, begun = tmp_path / "bank.db", asyncio.Event()
    url = f"sqlite:///{file}"
    first = CostPlan(Catalog(), url, ("immediate",), CostKnobs(transfers=1_000_000, users=2))
    second = CostPlan(Catalog(), url, ("immediate",), CostKnobs(transfers=10, users=2))

    task = asyncio.ensure_future(measure(first, lambda progress: begun.set() if progress.done else None))
    try:
        await asyncio.wait_for(begun.wait(), 60)
        with pytest.raises(OptionError, match="Another run uses the bank's tables in this database"):
            await measure(second)
        with closing(sqlite3.connect(file, timeout=30)) as witness:
            [(made, _)] = witness.execute(SUMS).fetchall()
        assert made > 0
        assert not task.done()
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_cancelled_it_leaves_nothing_behind(tmp_path: Path) -> None:
    file, begun = tmp_path / "bank.db", asyncio.Event()
    plan = CostPlan(Catalog(), f"sqlite:///{file}", (), CostKnobs(transfers=1_000_000))
    before, family = runs(), psutil.Process().children(recursive=True)

    def told(progress: Progress) -> None:
        if progress.done:
            begun.set()

    task = asyncio.ensure_future(measure(plan, told))
    await asyncio.wait_for(begun.wait(), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert set(psutil.Process().children(recursive=True)) <= set(family)
    assert runs() == before
    with closing(sqlite3.connect(file)) as witness:
        assert witness.execute("SELECT name FROM sqlite_master WHERE name LIKE 'explorer%'").fetchall() == []


@pytest.mark.long
@pytest.mark.parametrize("may_make_databases", [True, False])
async def test_on_a_users_server_it_has_a_place_of_its_own(may_make_databases: bool) -> None:
    try:
        with running(PostgreSQL) as server:
            if not may_make_databases:
                server.query(f"ALTER ROLE {USER} NOCREATEDB")
            places: list[str] = []

            def look(cost: Cost) -> None:
                places.extend(name for (name,) in server.query(PLACES, SHOP))
                tables = server.query("SELECT schemaname FROM pg_tables WHERE tablename LIKE 'explorer_bank%'", SHOP)
                assert {schema for (schema,) in tables} <= set(places), "none in the user's own schemas"

            plan = CostPlan(Catalog(), server.url, ("serializable",), CostKnobs(transfers=10, users=2))
            cost = await measure_apart(plan, lambda progress: None, look)
            assert cost.complete
            assert cost.levels["SERIALIZABLE"].kept
            assert len(places) == 1
            assert server.query(PLACES, SHOP) == []
    except Missing as reason:
        pytest.skip(str(reason))


async def test_a_database_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    plan = CostPlan(Catalog(), "postgresql://me:hunter2@127.0.0.1:9/shop", ("SERIALIZABLE",), CostKnobs(transfers=10))
    with pytest.raises(OptionError, match=r"The database at 127\.0\.0\.1:9 does not answer") as caught:
        await measure(plan)

    assert "hunter2" not in str(caught.value)
