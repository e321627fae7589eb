"""What the lab asks of a database: a place of its own, sessions, and who waits for whom right now.

An engine belongs to the thread that conducts a run; a `Connection` to the thread of its session. That somebody waits is
what `question` answers, and nothing else says so: never the time that a statement takes.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from explorer.labs.isolation.schedule import Row, Rows, Table, Value
from explorer.labs.isolation.trace import Facts, Failure
from explorer.option_error import OptionError

AUTOCOMMIT: Final = "AUTOCOMMIT"
READ_UNCOMMITTED: Final = "READ UNCOMMITTED"
Waiting = tuple[str, ...] | None
"""For which sessions somebody waits; empty: for none of the lab's; None: that will be known at the next questions."""
MOST_ROWS: Final = 1000
"""So many rows a statement may return: they go to the window, and nobody looks at more."""
READ_LIMIT_S: Final = 10
"""How long a query outside of all sessions may take."""
_CHANGES: Final = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|MERGE|WITH)\b", re.IGNORECASE)


class Lost(Exception):
    """The database, or a connection to it, is gone; the message is a sentence for the user without any secret."""

    where = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a statement ended: when (ns), with what rows or count, or with which failure.

    `open`: its session is in a transaction afterwards. `lost`: the connection is gone, in one sentence.
    """

    ended: int
    open: bool
    columns: tuple[str, ...] = ()
    rows: Rows | None = None
    count: int | None = None
    failure: Failure | None = None
    lost: str = ""


class Connection(ABC):
    """One session's connection; all but `close` is called by the session's own thread."""

    @abstractmethod
    def run(self, statements: Sequence[str]) -> Outcome:
        """Run these statements one after the other, up to the first that fails; how the last of them ended."""

    @abstractmethod
    def close(self) -> None:
        """Close it; what is open is rolled back. Never raises."""


class Engine(ABC):
    """A database and the lab's place in it. `open` first, `close` last; both may raise what they document."""

    id: str
    poll_s = 0.002
    """How long to wait between two questions."""
    finds_deadlocks = True
    """Whether it ends a circle of waits by itself."""
    rolls_back_nothing = True
    """Whether ROLLBACK is accepted where there is no transaction."""

    @abstractmethod
    def open(self) -> Facts:
        """Connect, make the place, say what this is. Raises `OptionError` with one sentence."""

    @abstractmethod
    def fresh(self, tables: Sequence[Table], level: str) -> None:
        """Have exactly these tables in the place, filled, for a run at this level; no session is connected.

        Raises `OptionError` for what the engine does not take, `Lost`.
        """

    @abstractmethod
    def connect(self, name: str, level: str) -> Connection:
        """A connection for session `name`, by the session's thread. Raises `Lost`."""

    @abstractmethod
    def begin(self, level: str) -> str:
        """The statement that begins a transaction at this level."""

    @abstractmethod
    def question(self, sessions: Sequence[str]) -> Mapping[str, Waiting]:
        """Which of these sessions, whose statements are under way, wait now, and for which others. Raises `Lost`.

        What was known before the latest `moved` is asked anew.
        """

    @abstractmethod
    def cancel(self, name: str) -> None:
        """Have the statement of session `name` end soon; may be called for one that has just ended. Raises `Lost`."""

    @abstractmethod
    def read(self, query: str) -> Rows:
        """The rows of a query outside of all sessions, at most `MOST_ROWS`. Raises `OptionError`, `Lost`."""

    @abstractmethod
    def close(self) -> None:
        """Remove the place and disconnect; sessions are closed before. Raises `Lost` when it could not be removed."""

    def moved(self) -> None:
        """A statement has ended: whoever waits may be able to go on. Engines that ask their server do nothing."""
        return

    def look(self) -> None:
        """Raise `Lost` if the database has gone; called now and then while nothing runs."""
        return

    def literal(self, value: Value) -> str:
        """A value as SQL."""
        if value is None:
            return "NULL"
        return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"

    def making(self, table: Table, options: str = "") -> list[str]:
        """The statements that make a table and fill it."""
        columns = list(table.columns)
        if not any("primary key" in column.lower() for column in columns):
            columns.append(f"PRIMARY KEY ({table.names[0]})")
        made = [f"CREATE TABLE {table.name} ({', '.join(columns)}){options}"]
        if table.rows:
            rows = ", ".join(f"({', '.join(map(self.literal, row))})" for row in table.rows)
            made.append(f"INSERT INTO {table.name} ({', '.join(table.names)}) VALUES {rows}")
        return made


def plain_rows(rows: Iterable[Sequence[Any]]) -> Rows:
    """Rows of a driver as a trace holds them."""
    return tuple(tuple(map(plain, row)) for row in rows)


def plain(value: Any) -> Value:
    """A driver's value as a whole number, a text or nothing: sums come as decimals, truths as numbers or truths."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def changes_rows(statement: str) -> bool:
    """Whether a statement is one that says how many rows it changed."""
    return _CHANGES.match(statement) is not None


def too_many(*, is_open: bool) -> Failure:
    """What becomes of a statement that returns more than `MOST_ROWS`; its work is done."""
    return Failure("too many rows", "other", f"the lab shows {MOST_ROWS:,} at most", ends=not is_open)


def few(rows: Sequence[Row], query: str) -> Sequence[Row]:
    """The rows of a query outside of all sessions. Raises `OptionError` when nobody would look at so many."""
    if len(rows) > MOST_ROWS:
        raise OptionError(f"{query} returns more than {MOST_ROWS:,} rows, which nobody looks at; ask for less.")
    return rows


def first_row(rows: Rows) -> Row:
    """The first row; empty if there is none."""
    return rows[0] if rows else ()
