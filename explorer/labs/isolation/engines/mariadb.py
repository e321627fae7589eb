"""MariaDB and MySQL by PyMySQL, in a database of the lab's own.

MariaDB says at no cost how many statements wait for a row (a status variable), and which ones in the report of InnoDB,
0.4 ms a question; both are always of this moment. For whom they wait is told by `INNODB_LOCK_WAITS`, which is renewed
only when nobody has read it for 100 ms: until then it is known only where a single other session can be meant. There
all transactions that have only read are number 0, so that it may name a reader too many; who herself waits for the one
that waits is none of those meant, for InnoDB ends circles at once. MySQL 8 has the whole in
`performance_schema.data_lock_waits`. Waits for user locks and tables are in the list of processes.
"""

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql
from pymysql.constants import CLIENT, SERVER_STATUS
from pymysql.cursors import SSCursor

from explorer.labs.isolation.engines import mariadb_user
from explorer.labs.isolation.engines.engine import (
    AUTOCOMMIT,
    MOST_ROWS,
    READ_LIMIT_S,
    READ_UNCOMMITTED,
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
from explorer.labs.isolation.schedule import Rows, Table, Value
from explorer.labs.isolation.target import place_of, without_secrets
from explorer.labs.isolation.trace import ErrorKind, Facts, Failure
from explorer.option_error import OptionError
from explorer.records.clock import now_ns
from explorer.server.databases import PORTS

CONNECT_S: Final = 10.0
PATIENCE_S: Final = 10
RENEWED_S: Final = 0.105
"""How old InnoDB's tables may be, and a little."""
LEVELS: Final = (AUTOCOMMIT, READ_UNCOMMITTED, "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
MARKED: Final = "explorer_lab"
"""The table that tells the lab's databases from others, by its comment."""
SETTINGS: Final = (
    "innodb_snapshot_isolation", "innodb_lock_wait_timeout", "innodb_deadlock_detect", "innodb_rollback_on_timeout",
    "innodb_autoinc_lock_mode", "tx_isolation", "transaction_isolation",
)  # fmt: skip
GONE: Final = (0, 1053, 1927, 2006, 2013, 2014, 2055)
NO_RIGHT: Final = (1044, 1142, 1227)
NO_SUCH_THREAD: Final = 1094
_KINDS: Final[Mapping[int, ErrorKind]] = {
    1213: "deadlock", 1020: "serialization", 1205: "timeout", 1317: "timeout", 3572: "timeout"
}  # fmt: skip
_FILES: Final = ("ssl_ca", "ssl_cert", "ssl_key")
_CHECKS: Final = ("ssl_verify_cert", "ssl_verify_identity")
_COUNT: Final = "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'"
_REPORT: Final = "SHOW ENGINE INNODB STATUS"
_WAITER: Final = re.compile(r"\nLOCK WAIT .*\n(?:MariaDB|MySQL) thread id (\d+)")
_FOR_WHOM: Final = """
    SELECT r.trx_mysql_thread_id, b.trx_mysql_thread_id FROM information_schema.INNODB_LOCK_WAITS w
    JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
    JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id
"""
_OF_MYSQL: Final = """
    SELECT r.PROCESSLIST_ID, b.PROCESSLIST_ID FROM performance_schema.data_lock_waits w
    JOIN performance_schema.threads r ON r.THREAD_ID = w.REQUESTING_THREAD_ID
    JOIN performance_schema.threads b ON b.THREAD_ID = w.BLOCKING_THREAD_ID
"""
_STATES: Final = "SELECT id, state FROM information_schema.PROCESSLIST WHERE db = %s"
_USER_LOCK: Final = re.compile(r"GET_LOCK\s*\(\s*('(?:[^'\\]|''|\\.)*'|\"[^\"]*\")", re.IGNORECASE)
_TABLE_LOCK: Final = re.compile(r"Waiting for .*\block\b", re.IGNORECASE)


class MariaConnection(Connection):
    """A session's connection."""

    def __init__(self, connection: "pymysql.Connection", words: str) -> None:
        self.thread_id = connection.thread_id()
        self.open = False
        """Whether it is in a transaction, or a statement is under way that may be one."""
        self.statement = ""
        self._connection = connection
        self._words = words

    def run(self, statements: Sequence[str]) -> Outcome:
        """See `Connection`."""
        self.open, self.statement = True, statements[-1]
        columns: tuple[str, ...] = ()
        count = 0
        try:
            # What is left of more rows than these is read when the cursor is closed, and kept by nobody.
            with self._connection.cursor(SSCursor) as cursor:
                for statement in statements:
                    count = cursor.execute(statement)
                columns = tuple(column[0] for column in cursor.description or ())
                found = cursor.fetchmany(MOST_ROWS + 1) if columns else None
            ended = now_ns()
        except (pymysql.Error, OSError) as error:
            return self._failed(now_ns(), error)
        self.open = self._in_transaction
        if found is not None and len(found) > MOST_ROWS:
            return Outcome(ended, self.open, failure=too_many(is_open=self.open))
        rows = plain_rows(found) if found is not None else None
        changed = count if changes_rows(statements[-1]) else None
        return Outcome(ended, self.open, columns, rows, changed)

    def close(self) -> None:
        """See `Connection`."""
        with suppress(pymysql.Error, OSError):
            # Its locks are gone when this returns; of the end of a connection the server hears later.
            self._connection.rollback()
            self._connection.close()

    @property
    def _in_transaction(self) -> bool:
        return bool(self._connection.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS)

    def _failed(self, ended: int, error: Exception) -> Outcome:
        code, message = _parts(error)
        if code in GONE:
            return Outcome(ended, False, lost=self._words)
        try:
            self._connection.query("DO 0")  # an error does not say whether the transaction lives
        except (pymysql.Error, OSError):
            return Outcome(ended, False, lost=self._words)
        self.open = self._in_transaction
        failure = Failure(str(code), _KINDS.get(code, "other"), message, ends=not self.open)
        return Outcome(ended, self.open, failure=failure)


class MariaDb(Engine):
    """The server at `url`, MariaDB or MySQL: it says itself which. `keep` is called before anything is made there."""

    id = "mariadb"

    def __init__(self, url: str, keep: Keep) -> None:
        self._url, self._keep = url, keep
        self._where = f"at {place_of(url)}"
        self._title = "MySQL" if url.startswith("mysql:") else "MariaDB"
        self._place = new_name()
        self._login: dict[str, str] = {}
        """Of the lab's own user, if the account may make one."""
        self._monitor: pymysql.Connection | None = None
        self._sessions: dict[str, MariaConnection] = {}
        self._asked = 0.0
        self._known: dict[str, tuple[str, ...]] = {}

    def open(self) -> Facts:
        """See `Engine`."""
        try:
            monitor = self._monitor = _connect(self._url)
            version = str(self._ask("SELECT VERSION()")[0][0])
            self.id = "mariadb" if "mariadb" in version.lower() else "mysql"
            self._title = f"{'MariaDB' if self.id == 'mariadb' else 'MySQL'} {version.partition('-')[0]}"
            self._check()
            _remove_old(monitor)
            self._keep(self._url, self._place)
            self._make()
            self._login = mariadb_user.make(monitor, self._place, lambda login: _connect(self._url, self._place, login))
            return self._facts(version.partition("-")[0])
        except (pymysql.Error, OSError, RuntimeError) as error:
            raise OptionError(f"{self._server} cannot be used: {self._said(error)}.") from None

    def fresh(self, tables: Sequence[Table], level: str) -> None:
        """See `Engine`."""
        self._sessions.clear()
        self._known = {}
        try:
            there = "SELECT table_name FROM information_schema.TABLES WHERE table_schema = %s AND table_name <> %s"
            for (name,) in self._ask(there, (self._place, MARKED)):
                self._ask(f"DROP TABLE `{name}`")
            for table in tables:
                for statement in self.making(table, " ENGINE=InnoDB"):
                    self._ask(statement)
        except (pymysql.Error, OSError) as error:
            self._raise_if_gone(error)
            raise OptionError(
                f"{self._title} does not make the tables of this scenario ({self._said(error)})."
            ) from None

    def connect(self, name: str, level: str) -> Connection:
        """See `Engine`."""
        try:
            connection = _connect(self._url, self._place, self._login)
            if level != AUTOCOMMIT:
                connection.query(f"SET SESSION TRANSACTION ISOLATION LEVEL {level}")
        except (pymysql.Error, OSError, RuntimeError) as error:
            raise Lost(f"{self._server} does not let session {name} connect: {self._said(error)}.") from None
        made = self._sessions[name] = MariaConnection(connection, self._gone)
        return made

    def begin(self, level: str) -> str:
        """See `Engine`."""
        return "BEGIN"

    def question(self, sessions: Sequence[str]) -> Mapping[str, Waiting]:
        """See `Engine`."""
        names = {self._sessions[name].thread_id: name for name in sessions}
        try:
            waits = self._of_mysql(names) if self.id == "mysql" else self._of_rows(names)
            return {**waits, **self._of_states(names)}
        except (pymysql.Error, OSError) as error:
            self._raise_if_gone(error)
            raise Lost(f"{self._server} does not say who waits: {self._said(error)}.") from None

    def moved(self) -> None:
        """See `Engine`."""
        self._known = {}

    def cancel(self, name: str) -> None:
        """See `Engine`."""
        try:
            self._ask(f"KILL QUERY {self._sessions[name].thread_id}")
        except (pymysql.Error, OSError) as error:
            self._raise_if_gone(error)
            if _parts(error)[0] != NO_SUCH_THREAD:
                raise Lost(f"{self._server} does not cancel a statement: {self._said(error)}.") from None

    def read(self, query: str) -> Rows:
        """See `Engine`."""
        try:
            assert self._monitor is not None, "open comes first"
            with self._monitor.cursor(SSCursor) as cursor:
                cursor.execute(query)
                rows = cursor.fetchmany(MOST_ROWS + 1)
            return plain_rows(few(rows, query))
        except (pymysql.Error, OSError) as error:
            self._raise_if_gone(error)
            raise OptionError(f"{self._title} cannot run {query} ({self._said(error)}).") from None

    def look(self) -> None:
        """See `Engine`."""
        try:
            if self._monitor is not None:
                self._monitor.ping(reconnect=False)
        except (pymysql.Error, OSError):
            raise Lost(self._gone) from None

    def close(self) -> None:
        """See `Engine`."""
        try:
            if self._monitor is not None:
                self._monitor.close()
                self._monitor = None
            remove(self._url, self._place)
        except (pymysql.Error, OSError) as error:
            raise Lost(f"{self._server} still has {self._place}: {self._said(error)}.") from None

    def literal(self, value: Value) -> str:
        """See `Engine`: a backslash escapes here."""
        return super().literal(value.replace("\\", "\\\\") if isinstance(value, str) else value)

    # -- who waits -------------------------------------------------------------------------------------------------

    def _of_rows(self, names: Mapping[int, str]) -> dict[str, Waiting]:
        """Who of these waits for a row, by MariaDB's InnoDB."""
        if int(self._ask(_COUNT)[0][1]) == 0:
            return {}
        waiters = [int(found) for found in _WAITER.findall(str(self._ask(_REPORT)[0][2]))]
        waiting = [names[each] for each in waiters if each in names]
        found: dict[str, Waiting] = {}
        for name in waiting:
            others = [other for other, one in self._sessions.items() if other != name and one.open]
            found[name] = tuple(others) if len(others) == 1 else self._known.get(name)
        if None in found.values() and time.monotonic() - self._asked > RENEWED_S:
            pairs = self._ask(_FOR_WHOM)
            self._asked = time.monotonic()
            named = self._named({each: name for each, name in names.items() if name in found}, pairs)
            self._known = without_circles(named)
            found |= self._known
        return found

    def _of_mysql(self, names: Mapping[int, str]) -> dict[str, Waiting]:
        return {**self._named(names, self._ask(_OF_MYSQL))}

    def _named(self, names: Mapping[int, str], pairs: Sequence[Sequence[Any]]) -> dict[str, tuple[str, ...]]:
        everybody = {one.thread_id: name for name, one in self._sessions.items()}
        found: dict[str, set[str]] = {}
        for waiter, other in pairs:
            if waiter in names:
                others = found.setdefault(names[waiter], set())
                others.update({everybody[other]} if other in everybody and other != waiter else ())
        return {name: tuple(sorted(others)) for name, others in found.items()}

    def _of_states(self, names: Mapping[int, str]) -> dict[str, Waiting]:
        """Who of these waits for a user lock or for a table."""
        found: dict[str, Waiting] = {}
        for thread, state in self._ask(_STATES, (self._place,)):
            if thread not in names:
                continue
            name = names[thread]
            if state == "User lock":
                holder = self._holder(self._sessions[name].statement)
                if holder != (name,):  # else it has got the lock between the two questions
                    found[name] = holder
            elif _TABLE_LOCK.match(state or ""):
                found[name] = tuple(
                    sorted(other for other, one in self._sessions.items() if other != name and one.open)
                )
        return found

    def _holder(self, statement: str) -> tuple[str, ...]:
        lock = _USER_LOCK.search(statement)
        holder = self._ask(f"SELECT IS_USED_LOCK({lock[1]})")[0][0] if lock is not None else None
        return tuple(name for name, one in self._sessions.items() if one.thread_id == holder)

    # -- inside ----------------------------------------------------------------------------------------------------

    @property
    def _server(self) -> str:
        return f"The {self._title} server {self._where}"

    @property
    def _gone(self) -> str:
        return f"{self._server} has closed the connection; start it again, then run once more."

    def _check(self) -> None:
        try:
            self._ask(_OF_MYSQL if self.id == "mysql" else _REPORT)
        except pymysql.Error as error:
            if _parts(error)[0] not in NO_RIGHT:
                raise
            right = "SELECT ON performance_schema" if self.id == "mysql" else "PROCESS ON *"
            raise OptionError(
                f"{self._server} does not tell this user who waits for whom; GRANT {right}.* TO it, or name another."
            ) from None

    def _make(self) -> None:
        with suppress(pymysql.Error):  # a cluster may know no such locks; nobody then removes what is in use
            self._ask("SELECT GET_LOCK(%s, 0)", (self._place,))
        try:
            self._ask(f"CREATE DATABASE {self._place} CHARACTER SET utf8mb4")
        except pymysql.Error as error:
            if _parts(error)[0] not in NO_RIGHT:
                raise
            raise OptionError(
                f"This user may make no database {self._where}; GRANT ALL ON `explorer\\_lab\\_%`.* TO it, or name "
                "another."
            ) from None
        self._ask(f"USE {self._place}")
        self._ask(f"CREATE TABLE {MARKED} (nothing integer) COMMENT '{mark()}'")
        self._ask(f"SET SESSION lock_wait_timeout = {PATIENCE_S}")
        limit = (
            f"max_statement_time = {READ_LIMIT_S}"
            if self.id == "mariadb"
            else f"max_execution_time = {READ_LIMIT_S}000"
        )
        self._ask(f"SET SESSION {limit}")

    def _facts(self, version: str) -> Facts:
        found = {str(name): str(value) for name, value in self._ask("SHOW VARIABLES")}
        how = (
            "performance_schema.data_lock_waits"
            if self.id == "mysql"
            else "the status Innodb_row_lock_current_waits and InnoDB's own report"
        )
        return Facts(
            engine=self.id,
            title=self._title,
            version=version,
            where=self._where,
            place=f"database {self._place}",
            settings={name: found[name] for name in SETTINGS if name in found},
            levels=LEVELS,
            guard=OWN_USER if self._login else NAMES_ALONE,
            watch=f"The lab asks {how} over a connection of its own every 2 ms while a statement is under way; what is "
            "only slow is never taken for blocked.",
        )

    def _ask(self, query: str, parameters: Sequence[object] | None = None) -> Sequence[tuple[Any, ...]]:
        assert self._monitor is not None, "open comes first"
        with self._monitor.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchall()

    def _raise_if_gone(self, error: Exception) -> None:
        if _parts(error)[0] in GONE:
            raise Lost(self._gone) from None

    def _said(self, error: Exception) -> str:
        return without_secrets(_parts(error)[1], self._url)


def without_circles(waits: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Who waits for whom, without those who wait for the waiter herself, unless nobody else can be meant."""
    found = {}
    for name, others in waits.items():
        meant = tuple(other for other in others if name not in waits.get(other, ()))
        found[name] = meant or others
    return found


def remove(url: str, place: str) -> None:
    """Remove the database `place`, and end who is still connected to it. Raises `pymysql.Error`, `OSError`."""
    connection = _connect(url)
    try:
        mariadb_user.remove(connection, place)  # first: a database without its user is found by a lab that comes later
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM information_schema.PROCESSLIST WHERE db = %s", (place,))
            for (thread,) in cursor.fetchall():
                with suppress(pymysql.Error):
                    cursor.execute(f"KILL CONNECTION {thread}")
            cursor.execute(f"SET SESSION lock_wait_timeout = {PATIENCE_S}")
            cursor.execute(f"DROP DATABASE IF EXISTS {place}")
    finally:
        connection.close()


def _connect(
    url: str, database: str | None = None, login: Mapping[str, str] = MappingProxyType({})
) -> "pymysql.Connection":
    """A connection to the server at `url`, with another user and password if `login` names them."""
    parts = urlsplit(url)
    query = {key: unquote(value) for key, value in parse_qsl(parts.query)}
    options: dict[str, Any] = {key: query[key] for key in _FILES if key in query}
    options |= {key: query[key].lower() in ("1", "true", "yes") for key in _CHECKS if key in query}
    return pymysql.connect(
        user=login.get("user") or (unquote(parts.username) if parts.username else None),
        password=login.get("password") or unquote(parts.password or ""),
        host=parts.hostname or "localhost",
        port=parts.port or PORTS["mariadb"],
        unix_socket=query.get("unix_socket"),
        database=database or unquote(parts.path.strip("/")) or None,
        charset="utf8mb4",
        autocommit=True,
        client_flag=CLIENT.FOUND_ROWS,
        connect_timeout=CONNECT_S,
        **options,
    )


def _remove_old(connection: "pymysql.Connection") -> None:
    """Remove what labs have left that were killed together with their janitor: marked as a lab's, and nobody there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_comment FROM information_schema.TABLES t WHERE table_name = %s "
            "AND table_schema REGEXP %s AND NOT EXISTS "
            "(SELECT 1 FROM information_schema.PROCESSLIST p WHERE p.db = t.table_schema)",
            (MARKED, PATTERN),
        )
        for name, comment in cursor.fetchall():
            if is_old(comment):
                with suppress(pymysql.Error):  # another user's
                    _remove_unused(connection, cursor, name)


def _remove_unused(connection: "pymysql.Connection", cursor: "pymysql.Cursor", name: str) -> None:
    """Remove a database unless its lab lives, which holds a lock by its name: who sees no other user's sessions sees
    that as well.
    """
    cursor.execute("SELECT GET_LOCK(%s, 0)", (name,))
    if cursor.fetchall()[0][0] != 1:
        return
    try:
        mariadb_user.remove(connection, name)
        cursor.execute(f"DROP DATABASE {name}")
    finally:
        cursor.execute("SELECT RELEASE_LOCK(%s)", (name,))


def _parts(error: Exception) -> tuple[int, str]:
    """An error's number and words; 0 for one of the connection itself."""
    if isinstance(error, pymysql.Error) and len(error.args) > 1 and isinstance(error.args[0], int):
        return error.args[0], str(error.args[1])
    return 0, str(error.args[-1]) if error.args else type(error).__name__
