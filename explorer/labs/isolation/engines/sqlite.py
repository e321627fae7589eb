"""SQLite on a private file: every wait goes through the busy handler, so that it is known exactly.

SQLite calls the handler of a connection when a lock is not to be had. The handler lets it try once more, and if that
fails too it reports the wait and sleeps until another session's statement has ended; then it lets it try again. Where
waiting could not help (a reader that turns writer) SQLite does not call it, and SQLITE_BUSY comes at once. Level
READ UNCOMMITTED needs a cache that the sessions share, see `sqlite_shared`.
"""

import itertools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import apsw

from explorer.labs.isolation.engines import sqlite_shared
from explorer.labs.isolation.engines.engine import (
    AUTOCOMMIT,
    MOST_ROWS,
    READ_LIMIT_S,
    READ_UNCOMMITTED,
    Connection,
    Engine,
    Outcome,
    Waiting,
    changes_rows,
    few,
    plain_rows,
    too_many,
)
from explorer.labs.isolation.schedule import Rows, Table
from explorer.labs.isolation.target import Journal
from explorer.labs.isolation.trace import Facts, Failure
from explorer.option_error import OptionError
from explorer.records.clock import now_ns

DEFERRED: Final = "DEFERRED"
IMMEDIATE: Final = "IMMEDIATE"
PROGRESS: Final = 1000
"""After so many of SQLite's instructions it is clear that a statement has got its lock."""
_NONE: Final = apsw.SQLITE_TXN_NONE
_WRITE: Final = apsw.SQLITE_TXN_WRITE
UNFORCED: Final = "PRAGMA synchronous=OFF"
"""The files are worth nothing after the run: nobody need wait for the disk."""
WATCH: Final = (
    "SQLite calls the lab whenever a lock is not to be had (its busy handler), so that each wait is known exactly."
)


class Turns:
    """Counts the statements that have ended, and lets those who wait sleep until one more has."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.count = 0

    def next(self) -> None:
        """One more has ended, or somebody is to look again."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def after(self, count: int) -> None:
        """Return once there were more than `count`."""
        with self._changed:
            self._changed.wait_for(lambda: self.count > count)


class SqliteConnection(Connection):
    """A session's connection with the lab's busy handler. `others` gives all connections by session."""

    def __init__(
        self, path: Path, name: str, turns: Turns, others: Mapping[str, "SqliteConnection"], wake: Callable[[], None]
    ) -> None:
        self.waiting: tuple[int, tuple[str, ...]] | None = None
        """Since which turn (it has tried to go on after it) it waits, and for whom; None while it does not."""
        self.transaction = _NONE
        self.cancelled = False
        self._name, self._turns, self._others, self._wake = name, turns, others, wake
        self._asked = -1
        self._columns: tuple[str, ...] = ()
        self._connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        self._connection.set_busy_handler(self._busy)
        self._connection.set_progress_handler(self._goes_on, PROGRESS)
        self._connection.execute(UNFORCED)
        # Whatever a statement hides, no other file is opened.
        self._connection.limit(apsw.SQLITE_LIMIT_ATTACHED, 0)
        self._connection.exec_trace = self._describe

    def run(self, statements: Sequence[str]) -> Outcome:
        """See `Connection`."""
        self.cancelled = False
        connection = self._connection
        rows: list[tuple[object, ...]] = []
        failure = None
        try:
            for statement in statements:
                self._columns = ()
                cursor = connection.execute(statement)
                rows = list(itertools.islice(cursor, MOST_ROWS + 1))
                cursor.close(True)
        except apsw.Error as error:
            failure = self._failure(error)
        ended = now_ns()
        self.waiting = None
        self.transaction = connection.txn_state("main")
        is_open = connection.in_transaction
        if len(rows) > MOST_ROWS:
            failure = too_many(is_open=is_open)
        if failure is not None:
            return Outcome(ended, is_open, failure=failure)
        count = connection.changes() if changes_rows(statements[-1]) else None
        return Outcome(ended, is_open, self._columns, plain_rows(rows) if self._columns else None, count)

    def interrupt(self) -> None:
        """End what it does or waits for; from any thread."""
        self.cancelled = True
        with suppress(apsw.ConnectionClosedError):
            self._connection.interrupt()
        self._turns.next()

    def close(self) -> None:
        """See `Connection`."""
        self._connection.close(True)

    def _describe(self, cursor: apsw.Cursor, statement: str, bindings: object) -> bool:
        self._columns = tuple(column[0] for column in cursor.get_description())
        return True

    def _busy(self, count: int) -> bool:
        """Whether to try again; called by SQLite on the session's thread, `count` times before for this lock."""
        if self.cancelled:
            return False
        turn = self._turns.count
        if count == 0 or self._asked != turn:
            # What it found may be older than the latest end of a statement.
            self._asked = turn
            return True
        self.transaction = self._connection.txn_state("main")
        self.waiting = turn, self._blockers()
        self._wake()
        self._turns.after(turn)
        self._asked = self._turns.count
        return not self.cancelled

    def _goes_on(self) -> bool:
        """Called by SQLite now and then while a statement does something. Never asks it to stop."""
        self.waiting = None
        return False

    def _blockers(self) -> tuple[str, ...]:
        """A writer that commits waits for all who read, everybody else for the one who writes."""
        writes = self.transaction == _WRITE
        return tuple(
            name
            for name, other in self._others.items()
            if name != self._name and (other.transaction != _NONE if writes else other.transaction == _WRITE)
        )

    def _failure(self, error: apsw.Error) -> Failure:
        extended = getattr(error, "extendedresult", 0)
        result = getattr(error, "result", 0)
        code = apsw.mapping_extended_result_codes.get(extended) or apsw.mapping_result_codes.get(result)
        busy = result in (apsw.SQLITE_BUSY, apsw.SQLITE_LOCKED)
        return Failure(
            str(code or type(error).__name__),
            "busy" if busy else "other",
            str(error),
            ends=not self._connection.in_transaction,
        )


class Sqlite(Engine):
    """SQLite in `folder`, a new file for every run. `wake` is called, from any thread, when somebody begins to wait."""

    id = "sqlite"
    finds_deadlocks = False
    rolls_back_nothing = False

    def __init__(self, folder: Path, journal: Journal, wake: Callable[[], None]) -> None:
        self._folder, self._journal, self._wake = folder / "sqlite", journal, wake
        self._turns = Turns()
        self._sessions: dict[str, SqliteConnection] = {}
        self._shared: dict[str, sqlite_shared.SharedConnection] = {}
        self._reader: apsw.Connection | None = None
        self._runs = 0

    def open(self) -> Facts:
        """See `Engine`."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        without = sqlite_shared.missing()
        version = apsw.sqlite_lib_version()
        journal = "WAL" if self._journal == "wal" else "rollback journal"
        settings = {
            "journal_mode": self._journal,
            "synchronous": "off",
            "shared cache": without or f"for {READ_UNCOMMITTED} only, by SQLite {sqlite_shared.version()}",
            "threading mode": "serialized" if "THREADSAFE=1" in apsw.compile_options else "multi-thread",
            "busy handler": "waits as long as another session can still move",
        }
        return Facts(
            engine=self.id,
            title=f"SQLite {version}, {journal}",
            version=version,
            where="in a private file",
            place="a new file for every run, in the run's own folder",
            settings=settings,
            levels=(AUTOCOMMIT, *(() if without else (READ_UNCOMMITTED,)), DEFERRED, IMMEDIATE),
            watch=WATCH,
            guard="Its sessions can open no other file.",
        )

    def fresh(self, tables: Sequence[Table], level: str) -> None:
        """See `Engine`."""
        self._sessions.clear()
        self._shared.clear()
        self._forget()
        self._runs += 1
        try:
            reader = self._reader = apsw.Connection(str(self._path))
            reader.execute(f"PRAGMA journal_mode={self._journal}")
            reader.execute(UNFORCED)
            reader.limit(apsw.SQLITE_LIMIT_ATTACHED, 0)
            for table in tables:
                for statement in self.making(table):
                    reader.execute(statement)
        except (apsw.Error, OSError) as error:
            raise OptionError(f"SQLite does not make the tables of this scenario ({error}).") from None

    def connect(self, name: str, level: str) -> Connection:
        """See `Engine`."""
        if level == READ_UNCOMMITTED:
            shared = self._shared[name] = sqlite_shared.SharedConnection(self._path)
            return shared
        made = self._sessions[name] = SqliteConnection(self._path, name, self._turns, self._sessions, self._wake)
        return made

    def begin(self, level: str) -> str:
        """See `Engine`."""
        return "BEGIN IMMEDIATE" if level == IMMEDIATE else "BEGIN"

    def question(self, sessions: Sequence[str]) -> Mapping[str, Waiting]:
        """See `Engine`: the handlers have said it, or will when they have tried once more."""
        now = self._turns.count
        said = {name: self._sessions[name].waiting for name in sessions if name in self._sessions}
        return {name: it[1] if it[0] == now else None for name, it in said.items() if it is not None}

    def moved(self) -> None:
        """See `Engine`."""
        self._turns.next()

    def cancel(self, name: str) -> None:
        """See `Engine`."""
        one = self._sessions.get(name) or self._shared.get(name)
        if one is not None:
            one.interrupt()

    def read(self, query: str) -> Rows:
        """See `Engine`."""
        assert self._reader is not None, "fresh comes first"
        deadline = time.monotonic() + READ_LIMIT_S
        self._reader.set_progress_handler(lambda: time.monotonic() > deadline, PROGRESS)
        try:
            cursor = self._reader.execute(query)
            rows = list(itertools.islice(cursor, MOST_ROWS + 1))
            cursor.close(True)
            return plain_rows(few(rows, query))
        except apsw.InterruptError:
            raise OptionError(f"SQLite did not answer {query} within {READ_LIMIT_S} s; ask for less.") from None
        except apsw.Error as error:
            raise OptionError(f"SQLite cannot run {query} ({error}).") from None

    def close(self) -> None:
        """See `Engine`."""
        self._forget()
        with suppress(OSError):
            self._folder.rmdir()

    @property
    def _path(self) -> Path:
        return self._folder / f"run-{self._runs}.db"

    def _forget(self) -> None:
        if self._reader is not None:
            self._reader.close(True)
            self._reader = None
        for path in self._folder.glob("run-*"):
            with suppress(OSError):
                path.unlink()
