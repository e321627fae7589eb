"""PostgreSQL by psycopg: a database of the lab's own, or a schema where the user may not make databases.

Who waits is asked of `pg_blocking_pids` over a connection of the conductor's own, 0.2 ms a question. It knows rows,
tables and advisory locks; `pg_safe_snapshot_blocking_pids` adds those who wait to begin a deferrable transaction.
"""

import select
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, LiteralString

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

from explorer.labs.isolation.engines import postgresql_role
from explorer.labs.isolation.engines.engine import (
    AUTOCOMMIT,
    MOST_ROWS,
    READ_LIMIT_S,
    Connection,
    Engine,
    Lost,
    Outcome,
    Waiting,
    changes_rows,
    few,
    plain_rows,
    too_many,
)
from explorer.labs.isolation.engines.place import NAMES_ALONE, OWN_USER, PATTERN, Keep, is_old, mark, new_name
from explorer.labs.isolation.engines.postgresql_rows import ask
from explorer.labs.isolation.schedule import Rows, Table
from explorer.labs.isolation.target import place_of, without_secrets
from explorer.labs.isolation.trace import ErrorKind, Facts, Failure
from explorer.option_error import OptionError
from explorer.records.clock import now_ns

CONNECT_S: Final = 10
LEVELS: Final = (AUTOCOMMIT, "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
WATCH: Final = (
    "The lab asks pg_blocking_pids over a connection of its own every 2 ms while a statement is under way; what is "
    "only slow is never taken for blocked."
)
SETTINGS: Final = (
    "default_transaction_isolation", "default_transaction_deferrable", "deadlock_timeout", "lock_timeout",
    "statement_timeout", "synchronous_commit",
)  # fmt: skip
DATABASE_ALONE: Final = "PostgreSQL lets a session reach no database but its own, and this one is the lab's."
OLDEST: Final = 100000
NO_RIGHT: Final = "42501"
_KINDS: Final[Mapping[str, ErrorKind]] = {
    "40001": "serialization", "40P01": "deadlock", "25P02": "aborted", "55P03": "timeout", "57014": "timeout",
}  # fmt: skip
_QUESTION: Final = """
    SELECT pid, pg_blocking_pids(pid) || pg_safe_snapshot_blocking_pids(pid) FROM unnest(%s::integer[]) AS asked(pid)
"""
# A backend that waits for a lock does not notice by itself that its client is gone (14 and newer can look).
_QUIET: Final = ("idle_in_transaction_session_timeout = 0", "client_connection_check_interval = '1s'")
_GONE: Final = (TransactionStatus.UNKNOWN,)


class PostgresConnection(Connection):
    """A session's connection."""

    def __init__(self, connection: "psycopg.Connection[Any]", words: str) -> None:
        self._connection = connection
        self._words = words
        self.pid = connection.info.backend_pid

    def run(self, statements: Sequence[str]) -> Outcome:
        """See `Connection`."""
        connection, info = self._connection, self._connection.info
        try:
            for statement in statements:
                answer = ask(connection, statement)
            is_open = info.transaction_status is not TransactionStatus.IDLE
            if len(answer.rows) > MOST_ROWS:
                return Outcome(answer.ended, is_open, failure=too_many(is_open=is_open))
            rows = plain_rows(answer.rows) if answer.columns else None
            count = answer.count if changes_rows(statements[-1]) else None
        except psycopg.Error as error:
            ended, status = now_ns(), info.transaction_status
            if connection.closed or status in _GONE:
                return Outcome(ended, False, lost=self._words)
            idle = status is TransactionStatus.IDLE
            return Outcome(ended, not idle, failure=_failure(error, ends=idle))
        return Outcome(answer.ended, is_open, answer.columns, rows, count)

    def close(self) -> None:
        """See `Connection`."""
        with suppress(psycopg.Error):
            self._connection.close()


class Postgres(Engine):
    """The server at `url`. `keep` is called before anything is made there; `embedded`: the server is the lab's own."""

    id = "postgresql"

    def __init__(self, url: str, keep: Keep, *, embedded: bool = False) -> None:
        self._url, self._keep, self._embedded = url, keep, embedded
        self._where = "embedded" if embedded else f"at {place_of(url)}"
        self._server = "The embedded PostgreSQL" if embedded else f"The PostgreSQL server {self._where}"
        self._place = new_name()
        self._in_database: str | None = None
        self._login: dict[str, str] = {}
        """Of the lab's own role, if it has one."""
        self._monitor: psycopg.Connection[Any] | None = None
        self._pids: dict[str, int] = {}

    def open(self) -> Facts:
        """See `Engine`."""
        try:
            with self._connect() as connection:
                self._check(connection)
                _remove_old(connection)
                self._keep(self._url, self._place)
                schema = self._make(connection)
                database = connection.info.dbname
            self._in_database = None if schema else self._place
            self._monitor = self._connect(self._in_database)
            self._settle(self._monitor)
            # First what holds for the sessions, then what is for this connection alone.
            facts = self._facts(f"schema {self._place} in database {database}" if schema else f"database {self._place}")
            _execute(self._monitor, f"SET statement_timeout = '{READ_LIMIT_S}s'")
            return facts
        except psycopg.Error as error:
            raise OptionError(f"{self._server} cannot be used: {self._said(error)}.") from None

    def fresh(self, tables: Sequence[Table], level: str) -> None:
        """See `Engine`."""
        self._pids.clear()
        place = self._place
        statements = [f"DROP SCHEMA IF EXISTS {place} CASCADE", f"CREATE SCHEMA {place}"]
        statements.append(f"COMMENT ON SCHEMA {place} IS '{mark()}'")
        for table in tables:
            # A vacuum of its own accord would change what the planner does, and so what SERIALIZABLE watches.
            statements += self.making(table, " WITH (autovacuum_enabled = false)")
        if self._login and self._in_database is None:
            statements += postgresql_role.rights(place)
        try:
            self._ask("; ".join(statements))
        except psycopg.Error as error:
            self._raise_if_gone()
            raise OptionError(f"PostgreSQL does not make the tables of this scenario ({self._said(error)}).") from None

    def connect(self, name: str, level: str) -> Connection:
        """See `Engine`."""
        try:
            connection = self._connect(self._in_database, own=True)
            self._settle(connection)
        except psycopg.Error as error:
            raise Lost(f"{self._server} does not let session {name} connect: {self._said(error)}.") from None
        made = PostgresConnection(connection, self._gone)
        self._pids[name] = made.pid
        return made

    def begin(self, level: str) -> str:
        """See `Engine`."""
        return f"BEGIN ISOLATION LEVEL {level}"

    def question(self, sessions: Sequence[str]) -> Mapping[str, Waiting]:
        """See `Engine`."""
        names = {self._pids[name]: name for name in sessions}
        everybody = {pid: name for name, pid in self._pids.items()}
        try:
            found = self._ask(_QUESTION, [list(names)]).fetchall()
        except psycopg.Error as error:
            self._raise_if_gone()
            raise Lost(f"{self._server} does not say who waits: {self._said(error)}.") from None
        return {
            names[pid]: tuple(sorted({everybody[other] for other in blockers if other in everybody}))
            for pid, blockers in found
            if blockers
        }

    def cancel(self, name: str) -> None:
        """See `Engine`."""
        try:
            self._ask("SELECT pg_cancel_backend(%s)", [self._pids[name]])
        except psycopg.Error as error:
            self._raise_if_gone()
            raise Lost(f"{self._server} does not cancel a statement: {self._said(error)}.") from None

    def read(self, query: str) -> Rows:
        """See `Engine`."""
        try:
            assert self._monitor is not None, "open comes first"
            return plain_rows(few(ask(self._monitor, query).rows, query))
        except psycopg.Error as error:
            self._raise_if_gone()
            raise OptionError(f"PostgreSQL cannot run {query} ({self._said(error)}).") from None

    def look(self) -> None:
        """See `Engine`."""
        monitor = self._monitor
        # Nothing is to be read from it between two questions but the news that the server ends.
        if monitor is None or monitor.closed or select.select([monitor.fileno()], [], [], 0)[0]:
            with suppress(psycopg.Error):
                self._ask("SELECT 1")
                return
            raise Lost(self._gone)

    def close(self) -> None:
        """See `Engine`."""
        if self._monitor is not None:
            self._monitor.close()
            self._monitor = None
        try:
            remove(self._url, self._place)
        except psycopg.Error as error:
            raise Lost(f"{self._server} still has {self._place}: {self._said(error)}.") from None

    # -- inside ----------------------------------------------------------------------------------------------------

    @property
    def _gone(self) -> str:
        if self._embedded:
            return f"{self._server} has ended; begin anew, which starts another."
        return f"{self._server} has closed the connection; start it again, then run once more."

    def _raise_if_gone(self) -> None:
        if self._monitor is None or self._monitor.closed:
            raise Lost(self._gone) from None

    def _connect(self, database: str | None = None, *, own: bool = False) -> "psycopg.Connection[Any]":
        """A connection, in the lab's own database as its own role; in a schema that is so for sessions (`own`)."""
        as_role = self._login and (own or database is not None)
        url = make_conninfo(self._url, **self._login) if as_role else self._url
        return _connect(url, self._place, database)

    def _settle(self, connection: "psycopg.Connection[Any]") -> None:
        """Set what every connection of the lab needs."""
        _execute(connection, f"SET search_path = {self._place}")
        _execute(connection, "SET standard_conforming_strings = on")  # a schedule's texts are checked as such
        for setting in _QUIET:
            with suppress(psycopg.Error):  # an older server, or a system that cannot look
                _execute(connection, f"SET {setting}")

    def _check(self, connection: "psycopg.Connection[Any]") -> None:
        if connection.info.server_version < OLDEST:
            raise OptionError("The lab needs PostgreSQL 10 or newer, which says who waits for whom.")
        connection.execute(_QUESTION, [[connection.info.backend_pid]])

    def _make(self, connection: "psycopg.Connection[Any]") -> bool:
        """Make the place; whether it is a schema because the user may not make databases."""
        owner = ""
        if self._embedded:
            self._login = postgresql_role.make(connection, self._place)
            owner = f"OWNER {self._place} "
        try:
            _execute(connection, f"CREATE DATABASE {self._place} {owner}TEMPLATE template0")
            _execute(connection, f"COMMENT ON DATABASE {self._place} IS '{mark()}'")
            return False
        except psycopg.errors.InsufficientPrivilege:
            pass
        try:
            _execute(connection, f"CREATE SCHEMA {self._place}")
        except psycopg.errors.InsufficientPrivilege:
            raise OptionError(
                f"User {connection.info.user} may make neither a database nor a schema {self._where}; grant CREATEDB, "
                "or CREATE on the database."
            ) from None
        _execute(connection, f"COMMENT ON SCHEMA {self._place} IS '{mark()}'")
        self._login = postgresql_role.make_for_schema(connection, self._place)
        if self._login and not self._lets_in():
            postgresql_role.remove(connection, self._place)
            self._login = {}
        return True

    def _lets_in(self) -> bool:
        """Whether the server lets the lab's own role connect: it may know its users by a list."""
        try:
            _connect(make_conninfo(self._url, **self._login), self._place).close()
        except psycopg.Error:
            return False
        return True

    def _facts(self, place: str) -> Facts:
        asked = self._ask(
            "SELECT name, setting, coalesce(unit, '') FROM pg_settings WHERE name = ANY(%s)", [list(SETTINGS)]
        )
        found = {name: f"{setting} {unit}".strip() for name, setting, unit in asked.fetchall()}
        version = str(self._ask("SHOW server_version").fetchall()[0][0]).split()[0]
        return Facts(
            engine=self.id,
            title=f"PostgreSQL {version}",
            version=version,
            where=self._where,
            place=place,
            settings={name: found[name] for name in SETTINGS if name in found},
            levels=LEVELS,
            watch=WATCH,
            guard=OWN_USER if self._login else DATABASE_ALONE if self._in_database is not None else NAMES_ALONE,
        )

    def _ask(self, query: str, parameters: Sequence[object] | None = None) -> "psycopg.Cursor[Any]":
        assert self._monitor is not None, "open comes first"
        return self._monitor.execute(query.encode(), parameters)

    def _said(self, error: psycopg.Error) -> str:
        said = error.diag.message_primary or str(error) or type(error).__name__
        said, asks, _ = said.removeprefix("connection failed: ").partition("Is the server running")
        return without_secrets(said, self._url) + ("; start the server, or check host and port" if asks else "")


def remove(url: str, place: str) -> None:
    """Remove the database or schema `place`, and end who is still connected to it. Raises `psycopg.Error`."""
    with _connect(url, place) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [place]).fetchone():
            if connection.info.server_version >= 130000:
                _execute(connection, f"DROP DATABASE IF EXISTS {place} WITH (FORCE)")
            else:
                _end_sessions(connection, "datname", place)
                _execute(connection, f"DROP DATABASE IF EXISTS {place}")
        elif connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [place]).fetchone():
            _end_sessions(connection, "application_name", place)
            _execute(connection, f"DROP SCHEMA IF EXISTS {place} CASCADE")
        postgresql_role.remove(connection, place)


def _connect(url: str, name: str, database: str | None = None) -> "psycopg.Connection[Any]":
    return psycopg.connect(
        url,
        autocommit=True,
        connect_timeout=CONNECT_S,
        application_name=name,
        dbname=database,
        client_encoding="utf8",  # statements are sent in it, whatever the database's is
    )


def _execute(connection: "psycopg.Connection[Any]", statement: str) -> None:
    connection.execute(statement.encode())


def _end_sessions(connection: "psycopg.Connection[Any]", column: LiteralString, value: str) -> None:
    connection.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {column} = %s AND pid <> pg_backend_pid()",
        [value],
    )


def _remove_old(connection: "psycopg.Connection[Any]") -> None:
    """Remove what labs have left that were killed together with their janitor: marked as a lab's, and nobody there."""
    databases = connection.execute(
        "SELECT datname, shobj_description(d.oid, 'pg_database') FROM pg_database d WHERE datname ~ %s "
        "AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)",
        [PATTERN],
    ).fetchall()
    schemas = connection.execute(
        "SELECT nspname, obj_description(n.oid, 'pg_namespace') FROM pg_namespace n WHERE nspname ~ %s "
        "AND pg_get_userbyid(nspowner) = current_user "
        "AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.application_name = nspname)",
        [PATTERN],
    ).fetchall()
    for kind, found in (("DATABASE", databases), ("SCHEMA", schemas)):
        for name, comment in found:
            if is_old(comment):
                with suppress(psycopg.Error):  # another user's, or somebody has come
                    _execute(connection, f"DROP {kind} {name}" + (" CASCADE" if kind == "SCHEMA" else ""))
    postgresql_role.remove_old(connection)


def _failure(error: psycopg.Error, *, ends: bool) -> Failure:
    code = error.sqlstate or type(error).__name__
    message = error.diag.message_primary or str(error).strip()
    return Failure(code, _KINDS.get(code, "other"), message, ends=ends, poisons=not ends)
