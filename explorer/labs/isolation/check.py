"""Whether a schedule can be run and judged: names that exist, steps in an order that means something."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from explorer.labs.isolation.reach import calls
from explorer.labs.isolation.schedule import (
    BEGIN,
    ENDS,
    Condition,
    Rows,
    Schedule,
    Table,
)
from explorer.labs.isolation.statements import fault, placeholders
from explorer.option_error import OptionError
from explorer.options import suggest
from explorer.server.databases import TITLES

Place = tuple[str | int, ...]
"""Where in a file: ("step", 2, "sql") is the SQL of the third step."""
MOST_STEPS: Final = 60
MOST_ROWS: Final = 200
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_COLUMN: Final = re.compile(r"[\w\s=<>+-]*(?:\([\w\s,=<>+-]*\)[\w\s=<>+-]*)*")
"""Nothing that is quoted, qualified, or ends the table's parentheses."""
_SESSION: Final = re.compile(r"[A-Za-z0-9]{1,3}")


class Wrong(Exception):
    """Something at `place` cannot be used; `sentence` goes on from "line 12: " and says what to do."""

    def __init__(self, place: Place, sentence: str) -> None:
        super().__init__(sentence)
        self.place = place
        self.sentence = sentence

    def told(self) -> OptionError:
        """The same of a schedule that stands in no file."""
        at = f"Step {int(self.place[1]) + 1}: " if self.place[:1] == ("step",) else ""
        sentence = self.sentence if at else self.sentence[:1].upper() + self.sentence[1:]
        return OptionError(at + sentence, where(self.place))


def where(place: Place) -> str:
    """A place as an error has it, counted from 1: "step.3.sql"."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place)


def check(schedule: Schedule) -> None:
    """Raises `Wrong` at the first thing that cannot be run or judged."""
    count = len(schedule.sessions)
    if not 2 <= count <= 3:
        raise Wrong((), f"a schedule has two or three sessions, this one {count}; mend the [[session]] parts.")
    check_run(schedule)
    _judging(schedule)


def check_run(schedule: Schedule) -> None:
    """Raises `Wrong` at the first thing that cannot be run, or would reach what is not the lab's.

    What a window or a program has made goes through here as well as what a file holds: nothing else is sent.
    """
    _tables(schedule)
    _sessions(schedule)
    _steps(schedule)
    if schedule.number[0] and (reason := fault(schedule.number[0])):
        raise Wrong(("number",), reason)


def _tables(schedule: Schedule) -> None:
    if not schedule.tables:
        raise Wrong((), "a schedule needs a table; add [[table]] with name, columns and rows.")
    for at, table in enumerate(schedule.tables):
        place: Place = ("table", at)
        if not _NAME.fullmatch(table.name):
            raise Wrong((*place, "name"), f"'{table.name}' is no name for a table; use letters, digits and _.")
        if [one.name.lower() for one in schedule.tables].index(table.name.lower()) != at:
            raise Wrong((*place, "name"), f"there are two tables '{table.name}'; give one of them another name.")
        _columns(place, table)
        _check_rows((*place, "rows"), table, table.rows)


def _columns(place: Place, table: Table) -> None:
    for column in table.columns:
        words = column.split()
        if len(words) < 2 or not _NAME.fullmatch(words[0]) or not _plain_column(column):
            raise Wrong(
                (*place, "columns"),
                f"'{column}' is no column; write its name and its type, such as \"balance integer\".",
            )
    names = [name.lower() for name in table.names]
    if not names or len(set(names)) < len(names):
        raise Wrong((*place, "columns"), "a table needs at least one column, and each another name.")


def _plain_column(column: str) -> bool:
    return _COLUMN.fullmatch(column) is not None and "--" not in column and not calls(column)


def _check_rows(place: Place, table: Table, rows: Rows) -> None:
    if len(rows) > MOST_ROWS:
        raise Wrong(place, f"{len(rows)} rows are too many to look at; keep to {MOST_ROWS}.")
    for number, row in enumerate(rows, 1):
        if len(row) != len(table.columns):
            raise Wrong(
                place, f"row {number} of {table.name} has {len(row)} values; it needs {len(table.columns)}, "
                f"one for each of {', '.join(table.names)}.",
            )  # fmt: skip
    keys = [row[0] for row in rows]
    for key in keys:
        if key is None or keys.count(key) > 1:
            raise Wrong(
                place, f"the first column of {table.name} is its key; give each row a value of its own there."
            )  # fmt: skip


def _sessions(schedule: Schedule) -> None:
    names = [session.name for session in schedule.sessions]
    for at, session in enumerate(schedule.sessions):
        if not _SESSION.fullmatch(session.name):
            raise Wrong(
                ("session", at, "name"), f"'{session.name}' is no name for a session; use one letter, as in \"A\"."
            )
        if names.index(session.name) != at:
            raise Wrong(("session", at, "name"), f"there are two sessions '{session.name}'; name one of them anew.")
        if not 0 <= session.retries <= 9:
            raise Wrong(("session", at, "retries"), "retries must be a whole number from 0 to 9.")


def _steps(schedule: Schedule) -> None:
    if not 1 <= len(schedule.steps) <= MOST_STEPS:
        raise Wrong(
            (), f"a schedule has from 1 to {MOST_STEPS} steps, this one {len(schedule.steps)}; mend the [[step]] parts."
        )
    names = [session.name for session in schedule.sessions]
    open_: dict[str, bool] = {}
    kept: dict[str, set[str]] = {name: set() for name in names}
    for at, step in enumerate(schedule.steps):
        place: Place = ("step", at)
        if step.session not in names:
            raise Wrong((*place, "session"), f"there is no session '{step.session}'. {suggest(step.session, names)}")
        for key, sql in _variants(place, step.sql, step.instead):
            reason = fault(sql)
            if reason:
                raise Wrong(key, reason)
            for name in placeholders(sql):
                if name not in kept[step.session]:
                    raise Wrong(
                        key, f"no earlier step of {step.session} keeps '{name}'; give the step that reads it "
                        f'keep = "{name}".',
                    )  # fmt: skip
        _control(place, step.session, step.control, open_)
        if step.keep:
            if not _NAME.fullmatch(step.keep):
                raise Wrong((*place, "keep"), f"'{step.keep}' is no name for a value; use letters, digits and _.")
            kept[step.session].add(step.keep)
        if step.control and (step.keep or step.must_change or step.instead):
            raise Wrong(place, f"{step.control} stands alone; leave out keep, must_change and instead.")
    for at, session in enumerate(schedule.sessions):
        if session.name not in open_:
            raise Wrong(("session", at), f"{session.name} has no step; give it one, or remove the session.")


def _variants(place: Place, sql: str, instead: Mapping[str, str]) -> Iterator[tuple[Place, str]]:
    yield (*place, "sql"), sql
    for engine, other in instead.items():
        if engine not in TITLES:
            raise Wrong((*place, "instead"), f"there is no engine '{engine}'. {suggest(engine, TITLES)}")
        yield (*place, "instead"), other


def _control(place: Place, session: str, control: str, open_: dict[str, bool]) -> None:
    """Follow the session's transactions; `open_` holds whether it has one, no entry before its first step."""
    if session not in open_:
        if control:
            raise Wrong((*place, "sql"), f"{session} begins by itself with its first step; leave out this {control}.")
        open_[session] = True
    elif control == BEGIN:
        if open_[session]:
            raise Wrong((*place, "sql"), f"{session} has a transaction already; end it before BEGIN.")
        open_[session] = True
    elif control in ENDS:
        if not open_[session]:
            raise Wrong((*place, "sql"), f"{session} has no transaction to end here; remove this {control}.")
        open_[session] = False


def _judging(schedule: Schedule) -> None:
    if not schedule.happened and schedule.kind != "deadlock":
        raise Wrong((), "nothing says when the anomaly happened; add [[happened]] with what must be seen.")
    for at, condition in enumerate(schedule.happened):
        _condition(schedule, ("happened", at), condition)
    for at, tables in enumerate(schedule.serial):
        _finals(schedule, ("serial", at), tables)
    for engine in schedule.engines:
        if engine not in TITLES:
            raise Wrong(("engines",), f"there is no engine '{engine}'. {suggest(engine, TITLES)}")


def _condition(schedule: Schedule, place: Place, condition: Condition) -> None:
    parts: Sequence[Any] = [getattr(condition, name) for name in Condition.__dataclass_fields__ if name != "sentence"]
    if not any(parts):
        raise Wrong(place, "this [[happened]] asks for nothing; say what must be seen, or remove it.")
    for key, numbers in (("reads", condition.reads), ("counts", condition.counts)):
        for number in numbers:
            if not 1 <= number <= len(schedule.steps):
                raise Wrong((*place, key), f"there is no step {number}; the steps are 1 to {len(schedule.steps)}.")
    _finals(schedule, (*place, "final"), condition.final)
    _finals(schedule, (*place, "not_final"), condition.not_final)
    names = [session.name for session in schedule.sessions]
    for key, sessions in (("committed", condition.committed), ("aborted", condition.aborted)):
        for name in sessions:
            if name not in names:
                raise Wrong((*place, key), f"there is no session '{name}'. {suggest(name, names)}")


def _finals(schedule: Schedule, place: Place, tables: Mapping[str, Rows]) -> None:
    known = {table.name: table for table in schedule.tables}
    for name, rows in tables.items():
        if name not in known:
            raise Wrong(place, f"there is no table '{name}'. {suggest(name, known)}")
        _check_rows(place, known[name], rows)
