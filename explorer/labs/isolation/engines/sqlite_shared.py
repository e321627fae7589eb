"""SQLite with a cache that several connections share: the only way in which it shows what was not committed.

The package apsw leaves this out, so these connections are those of Python's own module, which has an SQLite of its own.
Between connections of one cache nobody waits: SQLITE_LOCKED comes at once, and no handler is asked.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from explorer.labs.isolation.engines.engine import (
    MOST_ROWS,
    Connection,
    Outcome,
    changes_rows,
    plain_rows,
    too_many,
)
from explorer.labs.isolation.trace import Failure
from explorer.records.clock import now_ns
from explorer.server.databases import has_shared_cache

_BUSY: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")


def version() -> str:
    """Of the SQLite that these connections use."""
    return sqlite3.sqlite_version


def missing() -> str:
    """Why there is no shared cache here; empty if there is."""
    return "" if has_shared_cache() else "left out of this Python's SQLite"


class SharedConnection(Connection):
    """A session's connection to the file `path`, with a cache for all of this process and with dirty reads."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.as_uri()}?cache=shared", uri=True, isolation_level=None, check_same_thread=False, timeout=0
        )
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for pragma in ("read_uncommitted=1", "synchronous=OFF"):
            self._connection.execute(f"PRAGMA {pragma}").close()

    def run(self, statements: Sequence[str]) -> Outcome:
        """See `Connection`."""
        connection = self._connection
        failure = None
        columns: tuple[str, ...] = ()
        rows: list[tuple[object, ...]] = []
        count = None
        try:
            for statement in statements:
                cursor = connection.execute(statement)
                columns = tuple(column[0] for column in cursor.description or ())
                rows = cursor.fetchmany(MOST_ROWS + 1)
                count = cursor.rowcount if changes_rows(statement) and cursor.rowcount >= 0 else None
                cursor.close()
        except (sqlite3.Error, sqlite3.Warning) as error:
            code = getattr(error, "sqlite_errorname", type(error).__name__)
            busy = code.startswith(_BUSY)
            failure = Failure(code, "busy" if busy else "other", str(error), ends=not connection.in_transaction)
        ended, is_open = now_ns(), connection.in_transaction
        if len(rows) > MOST_ROWS:
            failure = too_many(is_open=is_open)
        if failure is not None:
            return Outcome(ended, is_open, failure=failure)
        return Outcome(ended, is_open, columns, plain_rows(rows) if columns else None, count)

    def interrupt(self) -> None:
        """End what it does; from any thread."""
        with suppress(sqlite3.ProgrammingError):
            self._connection.interrupt()

    def close(self) -> None:
        """See `Connection`."""
        self._connection.close()
