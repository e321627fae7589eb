"""Writes to SQLite over one connection that has an update hook: SQLite tells of changes where they are made.

The hook is called on the thread that writes, in the middle of the statement; there is no other process and no server
that could tell. The connections of a process are found by their file, since the body gets nothing but its arguments.
"""

import threading
from typing import Any, Final

from explorer.server.engines import ACCOUNTS, BUSY_S
from explorer.server.workloads.db_events.changes import Changes
from explorer.server.workloads.db_events.place import Place

MAKE: Final = "CREATE TABLE IF NOT EXISTS explorer_account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)"
FILL: Final = "INSERT OR IGNORE INTO explorer_account (id, balance) VALUES (?, 0)"
WRITE: Final = "UPDATE explorer_account SET balance = balance + 1 WHERE id = ?"


class Writer:
    """One connection, which one thread at a time uses. Raises `apsw.Error` when the file cannot be used."""

    def __init__(self, place: Place, changes: Changes) -> None:
        import apsw  # here, because an interpreter that works with PostgreSQL alone need not have it

        self._changes = changes
        self._ticket = ""
        self._lock = threading.Lock()
        self._connection: Any = apsw.Connection(place.file)
        self._connection.set_busy_timeout(int(BUSY_S * 1000))
        with self._connection:
            self._connection.execute(MAKE)
            self._connection.executemany(FILL, [(number,) for number in range(ACCOUNTS)])
        self._connection.set_update_hook(self._changed)

    def write(self, account: int, ticket: str) -> None:
        """Change one account; the report names the ticket."""
        with self._lock:
            self._ticket = ticket
            self._connection.execute(WRITE, (account,))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _changed(self, kind: int, database: str, table: str, row: int) -> None:
        """SQLite's call."""
        self._changes.report(self._ticket)


_writers: Final[dict[Place, Writer]] = {}


def writer(place: Place) -> Writer:
    """The one that was opened for this database."""
    return _writers[place]


def open_writer(place: Place, changes: Changes) -> Writer:
    """Write to `place` from now on."""
    made = _writers[place] = Writer(place, changes)
    return made


def close_writer(place: Place) -> None:
    """Write to it no more."""
    _writers.pop(place).close()
