"""Bank transfers on SQLite files of the test: what is lost, what is kept, and what the books and audits say of it."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.scenario import parse
from explorer.server import engines
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.bank_transfer import body
from explorer.server.workloads.bank_transfer.arguments import Arguments
from explorer.server.workloads.bank_transfer.bank import OWNER, Bank, Conflict, Outcome, Transfer, token_of
from explorer.server.workloads.bank_transfer.feature import BankKnobs, needed_drivers
from explorer.server.workloads.bank_transfer.figures import Figures
from explorer.server.workloads.bank_transfer.handler import why
from explorer.server.workloads.bank_transfer.levels import begins
from explorer.server.workloads.bank_transfer.statements import script
from explorer.server.workloads.bank_transfer.tables import (
    SILENT_S,
    Audit,
    TakenOver,
    audit,
    drop_tables,
    give_up,
    make_tables,
    say_alive,
)
from explorer.server.workloads.bank_transfer.transfers import attempt

THERE, BACK = Transfer(0, 1, 10, 0.0), Transfer(2, 1, 5, 0.0)
FIVE = {"accounts": 5, "retries": 0}


class Shelf:
    """Banks on files of their own, whose tables are made, and connections to them."""

    def __init__(self) -> None:
        self._arguments: list[Arguments] = []
        self._banks: list[Bank] = []

    def bank(self, **knobs: Any) -> Bank:
        arguments = Arguments(Surroundings())
        self._arguments.append(arguments)
        bank: Bank = arguments.of(BankKnobs(**(FIVE | knobs)))["bank"]
        self._banks.append(bank)
        with engines.engine(bank.pool).connect() as connection:
            make_tables(bank)(connection)
        return bank

    def close(self) -> None:
        for bank in self._banks:
            engines.engine(bank.pool).dispose()
        for arguments in self._arguments:
            arguments.close()


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    shelf = Shelf()
    yield shelf
    shelf.close()


def between(bank: Bank) -> Callable[[float], None]:
    """What somebody else does while a transfer thinks: another one, to the same account."""

    def act(seconds: float) -> None:
        with engines.engine(bank.pool).connect() as other:
            attempt(other, bank, BACK, lambda seconds: None)

    return act


def look(bank: Bank) -> Audit:
    with engines.engine(bank.pool).connect() as connection:
        return audit(connection, bank.token, whole=True)


def try_it(bank: Bank, wait: Callable[[float], None]) -> float:
    with engines.engine(bank.pool).connect() as connection:
        return attempt(connection, bank, THERE, wait)


@pytest.mark.parametrize(("journal", "style"), [("wal", "read_write"), ("delete", "read_write"), ("wal", "version")])
def test_each_transfer_moves_what_it_says_and_is_in_the_journal(shelf: Shelf, journal: str, style: str) -> None:
    bank = shelf.bank(level="IMMEDIATE", style=style, journal=journal)
    for _ in range(3):
        try_it(bank, lambda seconds: None)

    assert look(bank) == Audit(5000, 3, 0)
    file = bank.pool.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as witness:
        assert witness.execute("SELECT balance FROM explorer_bank_account ORDER BY id").fetchall() == [
            (970,), (1030,), (1000,), (1000,), (1000,),
        ]  # fmt: skip
        assert witness.execute("PRAGMA journal_mode").fetchone() == (journal,)


def test_a_balance_that_was_read_buries_what_others_added_meanwhile(shelf: Shelf) -> None:
    bank = shelf.bank(level="AUTOCOMMIT", style="read_write")
    try_it(bank, between(bank))

    # Account 1 was given 5 and 10, and has 10: the 5 are gone.
    assert look(bank) == Audit(money=4995, journal=2, misplaced=5)


def test_money_in_wrong_accounts_is_told_although_the_sum_is_right(shelf: Shelf) -> None:
    bank = shelf.bank()
    with engines.engine(bank.pool).connect() as connection:
        connection.exec_driver_sql("UPDATE explorer_bank_account SET balance = 1000 + CASE id WHEN 3 THEN 7 ELSE -7 END"
                                   " WHERE id > 2")  # fmt: skip

    assert look(bank) == Audit(money=5000, journal=0, misplaced=14)


def test_an_atomic_update_buries_nothing(shelf: Shelf) -> None:
    bank = shelf.bank(level="AUTOCOMMIT", style="atomic")
    try_it(bank, between(bank))

    assert look(bank) == Audit(5000, 2, 0)


def test_a_deferred_transaction_that_read_an_old_balance_may_not_write_it_back(shelf: Shelf) -> None:
    bank = shelf.bank(level="DEFERRED", style="read_write")
    with pytest.raises(OperationalError) as caught:
        try_it(bank, between(bank))

    assert getattr(caught.value.orig, "sqlite_errorname", "") == "SQLITE_BUSY_SNAPSHOT"
    assert look(bank) == Audit(5000, 1, 0)


def test_a_version_that_is_another_by_now_undoes_the_transfer(shelf: Shelf) -> None:
    bank = shelf.bank(level="AUTOCOMMIT", style="version")
    with pytest.raises(Conflict):
        try_it(bank, between(bank))

    # Without a transaction half of it stands: the money left account 0 and came nowhere.
    assert look(bank) == Audit(money=4990, journal=1, misplaced=10)


def test_the_lock_is_taken_at_the_begin_of_an_immediate_transaction(shelf: Shelf) -> None:
    bank = shelf.bank(level="IMMEDIATE")
    seen = []

    def wait(seconds: float) -> None:
        file = bank.pool.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, timeout=0)) as other, pytest.raises(sqlite3.OperationalError, match="lock"):
            other.execute("BEGIN IMMEDIATE")
        seen.append(True)

    try_it(bank, wait)
    assert seen == [True]


def test_what_fails_is_begun_anew_as_often_as_allowed(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = shelf.bank(retries=2, backoff=0.0, think=0.0)
    failures = [Conflict(), Conflict(), None]

    def now_and_then(connection: Connection, *rest: Any) -> float:
        if (failure := failures.pop(0)) is not None:
            raise failure
        return attempt(connection, *rest)

    monkeypatch.setattr(body, "attempt", now_and_then)
    outcome = body.blocking(bank)
    assert (outcome.committed, outcome.aborted, outcome.retried) == (True, ["version", "version"], 2)

    failures[:] = [Conflict(), Conflict(), Conflict()]
    outcome = body.blocking(bank)
    assert (outcome.committed, outcome.aborted, outcome.retried) == (False, ["version"] * 3, 2)
    assert why(outcome, 1.0) == (
        "The transfer was given up after 3 attempts, the last of which the database aborted (version)."
    )
    assert look(bank).journal == 1


async def test_both_forms_do_the_same(shelf: Shelf) -> None:
    bank = shelf.bank(level="IMMEDIATE", think=0.0)
    assert body.blocking(bank).committed
    assert (await body.awaiting(bank)).committed
    await engines.dispose()

    assert look(bank) == Audit(5000, 2, 0)


def test_a_pool_that_stays_dry_is_an_outcome(shelf: Shelf) -> None:
    bank = shelf.bank(pool_size=1, pool_timeout=0.01)
    with engines.engine(bank.pool).connect():
        outcome = body.blocking(bank)

    assert (outcome.committed, outcome.dry, outcome.aborted) == (False, True, [])
    assert why(outcome, 0.01) == "No connection of the pool came back within 0.01 s."


def test_tables_stay_for_the_same_run_and_are_filled_anew_for_another(shelf: Shelf) -> None:
    bank, other = shelf.bank(), shelf.bank()
    try_it(bank, lambda seconds: None)
    with engines.engine(bank.pool).connect() as connection:
        make_tables(bank)(connection)
        assert audit(connection, bank.token, whole=True).journal == 1
        with pytest.raises(OptionError, match="Another run uses the bank's tables in this database; end it, or wait"):
            make_tables(other)(connection)
        drop_tables(connection, other.token[:OWNER])
        say_alive(connection, other.token)
        give_up(connection, other.token)
        with pytest.raises(OptionError, match="Another run uses"):
            make_tables(other)(connection)
        assert audit(connection, bank.token, whole=True).journal == 1
        give_up(connection, bank.token)
        make_tables(other)(connection)
        assert audit(connection, other.token, whole=True).journal == 0
        with pytest.raises(TakenOver):
            audit(connection, bank.token, whole=False)
        drop_tables(connection, other.token[:OWNER])
        assert connection.exec_driver_sql(
            "SELECT count(*) FROM sqlite_master WHERE name LIKE 'explorer%'"
        ).scalar() == 0  # fmt: skip


def test_a_run_that_was_killed_is_in_nobodys_way_for_long_and_one_that_changes_is_not_in_its_own(shelf: Shelf) -> None:
    bank, other = shelf.bank(), shelf.bank()
    with engines.engine(bank.pool).connect() as connection:
        make_tables(replace(bank, token=bank.token[:OWNER] + token_of("x", "another level")[OWNER:]))(connection)
        connection.exec_driver_sql(f"UPDATE explorer_bank_alive SET seen = seen - {SILENT_S}")
        make_tables(other)(connection)
        assert audit(connection, other.token, whole=True).journal == 0


class Numbers:
    """Counters by their names."""

    def __init__(self) -> None:
        self.shown: dict[str, float] = {}

    def make(self, name: str, unit: str) -> Any:
        numbers = self.shown

        class Counter:
            def set(self, value: float) -> None:
                numbers[name] = value

        return Counter()


def test_the_books_add_up() -> None:
    numbers = Numbers()
    figures = Figures(numbers.make, 5000)
    figures.add(Outcome(committed=True, aborted=["40001", "40P01"], retried=2, seconds=0.25))
    figures.add(Outcome(aborted=["40001", "40001"], retried=1))
    figures.add(Outcome(dry=True))
    figures.look(Audit(4990))
    whole = Audit(4980, 1, 20)
    figures.look(whole)
    figures.look(Audit(4970))

    assert figures.plain(whole) == {
        "committed": 1, "aborted": {"40001": 3, "40P01": 1}, "retried": 3, "given_up": 1, "without_connection": 1,
        "expected": 5000, "money": 4980, "missing": 20, "misplaced": 20, "journal": 1,
    }  # fmt: skip
    assert numbers.shown == {
        "transfers committed": 1, "transfers retried": 3, "transfers given up": 1, "no connection in time": 1,
        "a transaction took": 250.0, "money missing": 30, "aborted: 40001": 3, "aborted: 40P01": 1,
        "money in the bank": 4970, "transfers in the journal": 1, "money misplaced": 20,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"level": "SERIALIZABLE"}, "SQLite has no level SERIALIZABLE; choose AUTOCOMMIT, DEFERRED or IMMEDIATE."),
        ({"url": "embedded", "level": "READ UNCOMMITTED"}, "PostgreSQL has no level READ UNCOMMITTED; choose"),
        ({"url": "mariadb://me@host/shop", "level": "IMMEDIATE"}, "MariaDB has no level IMMEDIATE; choose AUTOCOMMIT"),
        ({"style": "for_update"}, "SQLite locks no single rows and has no SELECT … FOR UPDATE; choose the level"),
    ],
)
def test_what_the_engine_does_not_have_is_said_before_anything_starts(knobs: dict[str, str], sentence: str) -> None:
    with pytest.raises(OptionError, match=re.escape(sentence)):
        needed_drivers(BankKnobs.model_validate(knobs), "blocking")


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(OptionError, match="the bank knows SQLite, PostgreSQL, MariaDB and MySQL; name one of those"):
        parse(Catalog(), {"workload": {"id": "bank_transfer", "url": "oracle+oracledb://me@host/shop"}})


def test_the_driver_that_is_missing_for_coroutines_is_named() -> None:
    url = "mariadb://me@host/shop"
    assert needed_drivers(BankKnobs(url=url), "awaiting") == {"aiomysql": "workload.url"}
    assert needed_drivers(BankKnobs(url=url), "blocking") == {"pymysql": "workload.url"}
    assert needed_drivers(BankKnobs(url="embedded"), "awaiting") == {"psycopg": "workload.url"}


def test_transactions_begin_as_the_level_says() -> None:
    assert begins("sqlite", "IMMEDIATE") == ("BEGIN IMMEDIATE",)
    assert begins("postgresql", "SERIALIZABLE") == ("BEGIN ISOLATION LEVEL SERIALIZABLE",)
    assert begins("mariadb", "READ COMMITTED") == ("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "BEGIN")
    assert begins("postgresql", "AUTOCOMMIT") == ()


@pytest.mark.parametrize("style", ["read_write", "atomic", "version"])
def test_what_is_shown_of_a_transfer_is_what_is_sent(shelf: Shelf, style: str) -> None:
    bank, sent = shelf.bank(level="IMMEDIATE", style=style), []

    def hear(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(engines.engine(bank.pool), "before_cursor_execute", hear)
    try_it(bank, lambda seconds: sent.append("-- think"))

    def plain(statement: str) -> str:
        return re.sub(r":\w+", "?", statement)

    assert sent == [plain(statement) for statement in script("sqlite", "IMMEDIATE", style)]


def test_an_embedded_server_that_was_asked_for_is_not_replaced_by_something_else() -> None:
    with pytest.raises(OptionError, match=re.escape("No PostgreSQL could be started for this run; name")):
        Arguments(Surroundings(services={"postgres": ""})).of(BankKnobs(url="embedded"))


def test_pauses_grow_and_have_an_end(tmp_path: Path) -> None:
    bank = Arguments(Surroundings(services={"postgres": "postgresql://x"})).of(BankKnobs(url="embedded", backoff=0.1))
    longest = [max(bank["bank"].pause(attempt) for _ in range(200)) for attempt in (1, 3, 10, 1000)]
    assert longest[0] <= 0.1 < longest[1] <= 0.4 < longest[2] <= 1.0
    assert longest[3] <= 1.0
