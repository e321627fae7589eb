"""Statements on tiny copies of a schedule's tables in memory: what a read returns on some state, what a write changes.

SQL is not parsed but run, by SQLite, so that a condition selects here what it selects there. A state is plain data:
rows by table and key. What SQLite does not know of another engine's SQL is taken out where it only asks for locks; a
statement that it still refuses has no result here, and nothing is concluded from it.
"""

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from explorer.labs.isolation.schedule import Row, Rows, Schedule, Value
from explorer.labs.isolation.statements import bare

Key = tuple[str, Value]
"""A row: its table and its primary key."""
State = Mapping[Key, Row]
MOST_OPERATIONS: Final = 200_000
"""SQLite's own steps for one statement: a query without an end must not stop the window."""
_FOREIGN: Final = re.compile(
    r"\bFOR\s+(?:NO\s+KEY\s+UPDATE|KEY\s+SHARE|UPDATE|SHARE)(?:\s+OF\s+[\w\s,]+?)?"
    r"(?:\s+SKIP\s+LOCKED|\s+NOWAIT|\s+WAIT\s+\d+)?(?=\s*(?:;|\)|$))|\bLOCK\s+IN\s+SHARE\s+MODE\b"
    r"|\bFROM\s+DUAL\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a write does to a state: the new row by key (None: it is gone), and how many rows it counts."""

    rows: Mapping[Key, Row | None]
    count: int


class Copies:
    """The tables of one schedule; use it in a `with`. Not for two threads."""

    def __init__(self, schedule: Schedule, engine: str) -> None:
        self._tables = {table.name: table for table in schedule.tables}
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self._connection.set_progress_handler(lambda: 1, MOST_OPERATIONS)
        self._known: dict[tuple[str, frozenset[tuple[Key, Row]]], Rows | Changes | None] = {}
        # MariaDB and MySQL compare words without regard to capitals.
        collation = " COLLATE NOCASE" if engine in ("mariadb", "mysql") else ""
        self.usable = self._make(collation)
        self.initial: dict[Key, Row] = {
            (table.name, row[0]): row for table in schedule.tables for row in table.rows
        }  # fmt: skip

    def __enter__(self) -> "Copies":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def touches(self, sql: str) -> str:
        """The first table of the schedule that a statement names, empty if none."""
        words = re.findall(r"\w+", bare(sql).lower())
        return next((name for name in self._tables if name.lower() in words or f'"{name}"' in sql), "")

    def read(self, sql: str, state: State) -> Rows | None:
        """The rows it returns, in an order that is the same for the same rows; None if SQLite cannot run it."""
        found = self._run(sql, state, False)
        return found if isinstance(found, tuple) else None

    def write(self, sql: str, state: State) -> Changes | None:
        """What it changes; None if SQLite cannot run it on this state."""
        found = self._run(sql, state, True)
        return found if isinstance(found, Changes) else None

    def _make(self, collation: str) -> bool:
        try:
            self._connection.execute("CREATE TABLE explorer_hits (name TEXT, key)")
            for name, table in self._tables.items():
                key, *others = (f"{column}{collation}" for column in table.columns)
                columns = ", ".join((f"{key} PRIMARY KEY", *others))
                self._connection.execute(f'CREATE TABLE "{name}" ({columns})')
                for event, rows in (("INSERT", ("NEW",)), ("DELETE", ("OLD",)), ("UPDATE", ("OLD", "NEW"))):
                    body = " ".join(
                        f"INSERT INTO explorer_hits VALUES ('{name}', {row}.\"{table.names[0]}\");" for row in rows
                    )
                    self._connection.execute(
                        f'CREATE TRIGGER "explorer_{event}_{name}" AFTER {event} ON "{name}" BEGIN {body} END'
                    )
        except sqlite3.Error:
            return False
        return True

    def _run(self, sql: str, state: State, writes: bool) -> Rows | Changes | None:
        known = (sql, frozenset(state.items()))
        if known not in self._known:
            self._known[known] = self._fresh(sql, state, writes) if self.usable else None
        return self._known[known]

    def _fresh(self, sql: str, state: State, writes: bool) -> Rows | Changes | None:
        """Run it on this state, which is undone afterwards."""
        execute = self._connection.execute
        try:
            execute("BEGIN")
            for (name, _), row in state.items():
                execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(row))})', row)
            execute("DELETE FROM explorer_hits")
            cursor = execute(_FOREIGN.sub(" ", sql))
            rows = cursor.fetchall()
            return self._changes(max(cursor.rowcount, 0)) if writes else in_order(rows)
        except (sqlite3.Error, sqlite3.Warning, OverflowError):
            return None
        finally:
            if self._connection.in_transaction:
                execute("ROLLBACK")

    def _changes(self, count: int) -> Changes:
        found: dict[Key, Row | None] = {}
        for name, key in self._connection.execute("SELECT DISTINCT name, key FROM explorer_hits").fetchall():
            column = self._tables[name].names[0]
            row = self._connection.execute(f'SELECT * FROM "{name}" WHERE "{column}" IS ?', (key,)).fetchone()
            found[name, key] = tuple(row) if row is not None else None
        return Changes(found, count)

    def rows_of(self, state: State) -> dict[str, Rows]:
        """The tables of a state."""
        return {
            name: in_order([row for (table, _), row in state.items() if table == name]) for name in self._tables
        }  # fmt: skip


def in_order(rows: list[Row] | Rows) -> Rows:
    """The same rows in an order that depends on them alone: without ORDER BY an engine may return them in any."""
    return tuple(sorted((tuple(row) for row in rows), key=lambda row: [(type(one).__name__, str(one)) for one in row]))
