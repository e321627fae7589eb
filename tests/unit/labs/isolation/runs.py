"""Runs to be judged: made by a reference executor under AUTOCOMMIT, recorded on real engines, or written by hand."""

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.labs.isolation.schedule import Rows, Schedule, Step
from explorer.labs.isolation.trace import Facts, Failure, Ran, Trace, Wait, ran_from_json, rows_from_json

RECORDED = Path(__file__).with_name("recorded.json")
MS = 1_000_000


def facts(engine: str = "sqlite") -> Facts:
    return Facts(engine, engine, "1", "here", "its own", {}, ("AUTOCOMMIT",), "It is known.")


def autocommit(schedule: Schedule, engine: str = "sqlite") -> Trace:
    """What an engine does without transactions: one statement after the other, each on what there is."""
    return _Executor(schedule, engine).run()


class _Executor:
    def __init__(self, schedule: Schedule, engine: str) -> None:
        self.schedule = schedule
        self.trace = Trace(schedule.id, "AUTOCOMMIT", facts(engine))
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        for name in ("pg_advisory_xact_lock", "pg_advisory_unlock_all"):
            self.connection.create_function(name, -1, lambda *_: "")
        for table in schedule.tables:
            key, *others = table.columns
            self.connection.execute(f"CREATE TABLE {table.name} ({', '.join((key + ' PRIMARY KEY', *others))})")
            for row in table.rows:
                marks = ", ".join("?" * len(row))
                self.connection.execute(f"INSERT INTO {table.name} VALUES ({marks})", row)
        self.kept: dict[tuple[str, str], Any] = {}
        self.attempts = {session.name: 0 for session in schedule.sessions}

    def run(self) -> Trace:
        for place in range(len(self.schedule.steps)):
            self._step(place)
        self.trace.final = {
            table.name: tuple(self.connection.execute(f"SELECT * FROM {table.name} ORDER BY 1").fetchall())
            for table in self.schedule.tables
        }
        self.trace.ended = {session.name: "committed" for session in self.schedule.sessions}
        self.trace.next = len(self.schedule.steps)
        if self.schedule.number[0]:
            self.trace.number = self.connection.execute(self.schedule.number[0]).fetchone()
        self.trace.over = True
        self.connection.close()
        return self.trace

    def _step(self, place: int) -> None:
        step = self.schedule.steps[place]
        number = len(self.trace.ran)
        began = number * 10 * MS
        one = Ran(number, place, step.session, step.sql, began, self.attempts[step.session], number, began + MS, "done")
        if step.control:
            self.trace.ran.append(replace(one, state="left out", transaction=-1))
            return
        sql = re.sub(r"\{(\w+)\}", lambda found: str(self.kept[step.session, found[1]]), step.sql)
        cursor = self.connection.execute(re.sub(r" FOR UPDATE( SKIP LOCKED)?$", "", sql))
        if cursor.description is None:
            self.trace.ran.append(replace(one, sql=sql, count=cursor.rowcount))
        else:
            rows = tuple(cursor.fetchall())
            self.trace.ran.append(replace(one, sql=sql, rows=rows, columns=tuple(c[0] for c in cursor.description)))
            if step.keep:
                self.kept[step.session, step.keep] = rows[0][0] if rows else "NULL"
        if step.must_change and cursor.rowcount == 0:
            self._again(step, place)

    def _again(self, step: Step, upto: int) -> None:
        session = self.schedule.session(step.session)
        if self.attempts[session.name] < session.retries:
            self.attempts[session.name] += 1
            for place in range(upto + 1):
                if self.schedule.steps[place].session == session.name:
                    self._step(place)


class Story:
    """A run written by hand; statements take a millisecond each, 10 ms apart, unless `until` says when they ended."""

    def __init__(self, schedule: Schedule, level: str, engine: str) -> None:
        self.schedule = schedule
        self.trace = Trace(schedule.id, level, facts(engine))
        self._transactions: dict[tuple[str, int], int] = {}

    def did(
        self, step: int, rows: Rows | None = None, count: int | None = None, *, sql: str = "", attempt: int = 0,
        by: str = "", until: int | None = None, failure: Failure | None = None, open: bool = False,
    ) -> "Story":  # fmt: skip
        """Step `step` (from 1) ran; it waited for session `by` until the end of the statement `until`."""
        place = self.schedule.steps[step - 1]
        return self._add(step - 1, place.session, sql or place.sql, rows, count, attempt, by, until, failure, open)

    def rolled_back(self, session: str, attempt: int = 0) -> "Story":
        """The runner sent a ROLLBACK."""
        return self._add(-1, session, "ROLLBACK", None, None, attempt, "", None, None, False)

    def _add(
        self, step: int, session: str, sql: str, rows: Rows | None, count: int | None, attempt: int, by: str,
        until: int | None, failure: Failure | None, open: bool,
    ) -> "Story":  # fmt: skip
        number = len(self.trace.ran)
        began = number * 10 * MS
        ended = None if open else began + MS if until is None else until * 10 * MS + MS + 5
        transaction = self._transactions.setdefault((session, attempt), len(self._transactions))
        waits = (Wait(began + 1, (by,), ended),) if by else ()
        state: Any = "failed" if failure is not None else "done" if ended is not None else "blocked"
        self.trace.ran.append(
            Ran(number, step, session, sql, began, attempt, transaction, ended, state, waits,
                ("x",) if rows is not None else (), rows, count, failure)
        )  # fmt: skip
        return self

    def over(self, final: Mapping[str, Rows], number: Iterable[Any] = (), **ended: str) -> Trace:
        """It is over; `ended` by session."""
        self.trace.final, self.trace.ended, self.trace.number = dict(final), dict(ended), tuple(number)
        self.trace.next = len(self.schedule.steps)
        self.trace.over = True
        return self.trace


def recorded() -> dict[tuple[str, str, str], Trace]:
    """Runs on real engines, by engine, schedule and level; see `record` in this package."""
    found = {}
    for data in json.loads(RECORDED.read_text(encoding="utf-8")):
        about = Facts(**{**data["facts"], "levels": tuple(data["facts"]["levels"])})
        trace = Trace(data["schedule"], data["level"], about)
        trace.ran = [ran_from_json(one) for one in data["ran"]]
        trace.stuck, trace.ended = data["stuck"], dict(data["ended"])
        trace.final = {name: rows_from_json(rows) for name, rows in data["final"].items()}
        trace.number, trace.over = tuple(data["number"]), True
        found[data["name"], trace.schedule, trace.level] = trace
    return found
