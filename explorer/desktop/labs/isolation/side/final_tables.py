"""The tables after a run, beside what any serial order could have left there. No Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.desktop.labs.isolation.ladder.model import may_retry
from explorer.desktop.labs.isolation.ladder.words import listed, value
from explorer.labs.isolation.schedule import Row, Rows, Schedule
from explorer.labs.isolation.trace import Trace


@dataclass(frozen=True, slots=True)
class Final:
    """A table in the end. `serial`: what it could hold, each alternative as one line; `fits`: it is one of them (None:
    nobody says what it could hold). `changed`: cells, by row and column, that no alternative has.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    serial: tuple[str, ...] = ()
    fits: bool | None = None
    changed: frozenset[tuple[int, int]] = frozenset()


def finals(schedule: Schedule, trace: Trace) -> tuple[Final, ...]:
    """Of all tables, in the schedule's order. All of a serial order must fit, so the tables are judged together; not
    while a session that was aborted has not done its part.
    """
    undone = set(trace.ended.values()) & {"aborted"} or may_retry(trace)
    fits = any(_same(one, trace.final) for one in schedule.serial) if schedule.serial and not undone else None
    missing = f" with {listed(may_retry(trace))}'s retry" if may_retry(trace) else ""
    return tuple(
        _final(schedule, table.name, table.names, trace.final[table.name], fits, missing)
        for table in schedule.tables
        if table.name in trace.final
    )


def _same(wanted: Mapping[str, Rows], final: Mapping[str, Rows]) -> bool:
    return all(_sorted(rows) == _sorted(final.get(name, ())) for name, rows in wanted.items())


def _final(
    schedule: Schedule, name: str, columns: tuple[str, ...], rows: Rows, fits: bool | None, missing: str
) -> Final:
    ordered = tuple(_sorted(rows))
    alternatives = [_sorted(one[name]) for one in schedule.serial if name in one]
    changed = set()
    if fits is False and alternatives and all(len(one) == len(ordered) for one in alternatives):
        changed = {
            (at, column)
            for at, row in enumerate(ordered)
            for column in range(len(row))
            if all(one[at][column] != row[column] for one in alternatives)
        }
    told = tuple(dict.fromkeys(f"{_line(one, ordered)}{missing}" for one in alternatives))
    shown = tuple(tuple(value(cell) for cell in row) for row in ordered)
    return Final(name, columns, shown, told, fits, frozenset(changed))


def _line(rows: Sequence[Row], ordered: Sequence[Row]) -> str:
    """An alternative in few words: only the values that may differ, if all have the same keys."""
    if not rows:
        return "no row"
    if len(rows) == len(ordered) and all(row[0] == mine[0] for row, mine in zip(rows, ordered, strict=True)):
        values = [", ".join(value(cell) for cell in row[1:]) for row in rows]
        if len(rows) == 1:
            return values[0]
        return ", ".join(f"{value(row[0])} {one}" for row, one in zip(rows, values, strict=True))
    return ", ".join(" ".join(value(cell) for cell in row) for row in rows)


def _sorted(rows: Rows) -> list[Row]:
    return sorted(rows, key=lambda row: [(cell is None, isinstance(cell, str), str(cell).rjust(24)) for cell in row])
