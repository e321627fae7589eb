"""The bank's tables: accounts, a journal of what was committed, and whose run they belong to; and the sum over them.

All processes of a run make them together: who comes second finds them. A run that finds those of another begins anew
with full accounts, unless the other lives: its auditors say so every few seconds, in the database's own time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

from explorer.option_error import OptionError
from explorer.server.workloads.bank_transfer.bank import BEGINNING, Bank

TABLES: Final = ("explorer_bank_account", "explorer_bank_transfer", "explorer_bank_run", "explorer_bank_alive")
LOCK_S: Final = 10
SILENT_S: Final = 30
"""A run that has said nothing for so long has ended without saying so."""
_NUMBER: Final = {
    "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "postgresql": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "mysql": "BIGINT AUTO_INCREMENT PRIMARY KEY",
}
_SNAPSHOT: Final = {
    "sqlite": ("BEGIN",),
    "postgresql": ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",),
    "mysql": ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION WITH CONSISTENT SNAPSHOT"),
}
_VERSION: Final = {
    "sqlite": "SELECT sqlite_version()",
    "postgresql": "SHOW server_version",
    "mysql": "SELECT version()",
}
_NOW: Final = {
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)",
    "mysql": "UNIX_TIMESTAMP()",
}
_IN_USE: Final = (
    f"Another run uses the bank's tables in this database; end it, or wait {SILENT_S} s if it was killed, or name "
    "another database."
)
_LOCKED: Final = "Another run makes or removes the bank's tables in this database; begin again when it is done."
_LOCK: Final = "explorer_bank"
_SUM: Final = text("SELECT sum(balance) FROM explorer_bank_account")
_RUN: Final = text("SELECT token FROM explorer_bank_run")
_JOURNAL: Final = text("SELECT count(*) FROM explorer_bank_transfer")
_WRONG: Final = text(
    "SELECT coalesce(sum(abs(a.balance - :beginning - coalesce(m.moved, 0))), 0) FROM explorer_bank_account a"
    " LEFT JOIN (SELECT id, sum(amount) AS moved FROM"
    " (SELECT target AS id, amount FROM explorer_bank_transfer"
    " UNION ALL SELECT source, -amount FROM explorer_bank_transfer) AS moves GROUP BY id) AS m ON m.id = a.id"
)


class TakenOver(Exception):
    """The tables belong to another run by now."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What one snapshot of the tables says.

    `money` is the sum of all balances. The rest is None unless it was asked for: `journal` is how many transfers were
    committed, `misplaced` by how much the balances, each by itself, differ from what the journal says.
    """

    money: int
    journal: int | None = None
    misplaced: int | None = None


def make_tables(bank: Bank) -> Callable[[Connection], None]:
    """What makes the tables for the bank's run, unless another of its processes has made them.

    It raises `OptionError` when they are in use by another run.
    """

    def make(connection: Connection) -> None:
        kind = _kind(connection)
        _lock(connection, kind)
        try:
            token = _token(connection)
            if token != bank.token:
                if token and not bank.owns(token) and _is_alive(connection, kind):
                    raise OptionError(_IN_USE, "workload.url")
                _begin_anew(connection, kind, bank)
            _say(connection, kind, _NOW[kind])
        finally:
            _unlock(connection, kind)

    return make


def say_alive(connection: Connection, token: str) -> None:
    """Keep the tables for another while; those of another run are left alone."""
    kind = _kind(connection)
    if connection.execute(_RUN).scalar() == token:
        _say(connection, kind, _NOW[kind])


def give_up(connection: Connection, token: str) -> None:
    """Whoever comes next need not wait."""
    if connection.execute(_RUN).scalar() == token:
        _say(connection, _kind(connection), "0")


def audit(connection: Connection, token: str, whole: bool) -> Audit:
    """Sum up, in one snapshot; `whole`: with the journal, which takes its time. Raises `TakenOver`."""
    for statement in _SNAPSHOT[_kind(connection)]:
        connection.exec_driver_sql(statement)
    try:
        if connection.execute(_RUN).scalar() != token:
            raise TakenOver
        money = int(connection.execute(_SUM).scalar_one())
        if not whole:
            return Audit(money)
        journal = int(connection.execute(_JOURNAL).scalar_one())
        return Audit(money, journal, int(connection.execute(_WRONG, {"beginning": BEGINNING}).scalar_one()))
    finally:
        connection.exec_driver_sql("COMMIT")


def version_of(connection: Connection) -> str:
    """The number of the engine's version; what a packager adds to it is left out."""
    words = str(connection.exec_driver_sql(_VERSION[_kind(connection)]).scalar_one())
    return words.partition("-")[0].partition(" ")[0]


def drop_tables(connection: Connection, owner: str) -> None:
    """Leave nothing of the bank behind, if it is this owner's (see `owner_of`) or nobody's. Raises `OptionError`."""
    kind = _kind(connection)
    _lock(connection, kind)
    try:
        token = _token(connection)
        if not token or token.startswith(owner):
            for table in TABLES:
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
    finally:
        _unlock(connection, kind)


def _kind(connection: Connection) -> str:
    name = connection.dialect.name
    return "mysql" if name == "mariadb" else name


def _token(connection: Connection) -> str:
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS explorer_bank_run (token VARCHAR(64) PRIMARY KEY)")
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS explorer_bank_alive (id INTEGER PRIMARY KEY, seen BIGINT)")
    return str(connection.execute(_RUN).scalar() or "")


def _is_alive(connection: Connection, kind: str) -> bool:
    found = connection.exec_driver_sql(f"SELECT {_NOW[kind]} - seen FROM explorer_bank_alive").scalar()
    return found is not None and int(found) < SILENT_S


def _say(connection: Connection, kind: str, when: str) -> None:
    connection.exec_driver_sql(f"UPDATE explorer_bank_alive SET seen = {when}")


def _begin_anew(connection: Connection, kind: str, bank: Bank) -> None:
    more = " ENGINE=InnoDB" if kind == "mysql" else ""
    for table in TABLES[:2]:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
    connection.exec_driver_sql(
        "CREATE TABLE explorer_bank_account "
        f"(id INTEGER PRIMARY KEY, balance BIGINT NOT NULL, version INTEGER NOT NULL){more}"
    )
    connection.exec_driver_sql(
        "CREATE TABLE explorer_bank_transfer "
        f"(number {_NUMBER[kind]}, source INTEGER NOT NULL, target INTEGER NOT NULL, amount INTEGER NOT NULL){more}"
    )
    rows = [{"id": number, "balance": BEGINNING} for number in range(bank.accounts)]
    connection.execute(text("INSERT INTO explorer_bank_account (id, balance, version) VALUES (:id, :balance, 0)"), rows)
    connection.exec_driver_sql("DELETE FROM explorer_bank_alive")
    connection.exec_driver_sql("INSERT INTO explorer_bank_alive VALUES (1, 0)")
    connection.exec_driver_sql("DELETE FROM explorer_bank_run")
    connection.execute(text("INSERT INTO explorer_bank_run (token) VALUES (:token)"), {"token": bank.token})


def _lock(connection: Connection, kind: str) -> None:
    """One process at a time; MariaDB commits at every CREATE, so that a transaction would not do there. Raises
    `OptionError` when it is not to be had.
    """
    if kind == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif kind == "postgresql":
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5318009)")
    elif connection.execute(text("SELECT GET_LOCK(:name, :wait)"), {"name": _LOCK, "wait": LOCK_S}).scalar() != 1:
        raise OptionError(_LOCKED, "workload.url")


def _unlock(connection: Connection, kind: str) -> None:
    if kind == "mysql":
        connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": _LOCK})
    else:
        connection.exec_driver_sql("COMMIT")
