"""What a run of a schedule came to: every statement with its times, rows and errors, as it happens and afterwards.

It is plain data that travels from the lab's child to whoever shows it: `Trace.apply` takes the child's messages one by
one, so that a run is drawn while it goes on, and `as_json` is the run as a whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from explorer.labs.isolation.schedule import Row, Rows

State = Literal["running", "blocked", "done", "failed", "left out", "cancelled"]
ErrorKind = Literal["serialization", "deadlock", "busy", "timeout", "aborted", "other"]
"""`busy`: SQLite would have to wait and does not. `aborted`: refused because the transaction is aborted already."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of the engine: its code as the engine writes it ("40001", "1213", "SQLITE_BUSY") and its own words.

    `ends`: the transaction is over. `poisons`: it is not, but only ROLLBACK is accepted (PostgreSQL).
    """

    code: str
    kind: ErrorKind
    message: str
    ends: bool = False
    poisons: bool = False

    @property
    def leaves_open(self) -> bool:
        """Whether the engine has refused the statement alone: its transaction goes on without it (SQLite)."""
        return self.kind == "busy" and not self.ends and not self.poisons


@dataclass(frozen=True, slots=True)
class Wait:
    """A statement that the server reported as blocked: from when (ns), by which sessions, and until when.

    `released_by` is the number in the trace of the statement that let it go on, −1 if it is not known.
    """

    since: int
    by: tuple[str, ...]
    until: int | None = None
    released_by: int = -1


@dataclass(frozen=True, slots=True)
class Ran:
    """One statement that was sent. `number` counts in the order of sending, from 0; `step` is its place in the schedule
    from 0 (−1: what the runner did by itself, such as the ROLLBACK after an abort); `attempt` counts retries from 0.

    Times are in ns of the clock of records. `rows` are what it read (None: it reads nothing), `count` the rows it
    changed. `late`: its session was still blocked when its turn came, so that it was sent later than the schedule says.
    `transaction` counts the transactions of the run from 0; −1 for a statement outside of any.
    """

    number: int
    step: int
    session: str
    sql: str
    began: int
    attempt: int = 0
    transaction: int = -1
    ended: int | None = None
    state: State = "running"
    waits: tuple[Wait, ...] = ()
    columns: tuple[str, ...] = ()
    rows: Rows | None = None
    count: int | None = None
    failure: Failure | None = None
    late: bool = False

    @property
    def blocked(self) -> bool:
        """Whether it waits now."""
        return bool(self.waits) and self.waits[-1].until is None and self.ended is None


@dataclass(frozen=True, slots=True)
class Facts:
    """The engine that a run was made on.

    `engine` is its id ("sqlite", "postgresql", "mariadb", "mysql"), `title` what people call it ("PostgreSQL 18.1"),
    `where` whose it is ("embedded", "at db.example:5432", never with a password), `place` the lab's own database or
    schema in it. `settings` are those that decide results. `levels` are names of levels in the order of the matrix.
    `watch` says how it is known that somebody waits, `guard` what keeps a schedule to the place, in one sentence each.
    """

    engine: str
    title: str
    version: str
    where: str
    place: str
    settings: Mapping[str, str]
    levels: tuple[str, ...]
    watch: str
    guard: str = ""


@dataclass(slots=True)
class Trace:
    """A run of schedule `schedule` (its id) at `level`.

    `next` is the place of the step that comes next; when nobody can go on `stuck` says why in one sentence. `over`: all
    is done, and `final` holds the tables.
    """

    schedule: str
    level: str
    facts: Facts
    ran: list[Ran] = field(default_factory=list)
    next: int = 0
    stuck: str = ""
    over: bool = False
    final: dict[str, Rows] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    """By session how its last transaction ended: "committed", "rolled back" (by the schedule) or "aborted"."""
    number: Row = ()
    """What the schedule's `number` query returned in the end."""
    unread: tuple[str, ...] = ()
    """What could not be read in the end, a sentence for each table."""

    def apply(self, message: Mapping[str, Any]) -> None:
        """Take in an event of the child, `ran`, `next`, `stuck` or `over`; see `messages` in this module."""
        what = message["event"]
        if what == "ran":
            one = ran_from_json(message["ran"])
            if one.number == len(self.ran):
                self.ran.append(one)
            else:
                self.ran[one.number] = one
        elif what == "next":
            self.next = int(message["next"])
        elif what == "stuck":
            self.stuck = str(message["sentence"])
        elif what == "over":
            self.final = {name: rows_from_json(rows) for name, rows in message["final"].items()}
            self.ended = dict(message["ended"])
            self.number = tuple(message.get("number", ()))
            self.unread = tuple(message.get("unread", ()))
            self.over = True

    def of_step(self, step: int) -> Ran | None:
        """The last statement that was sent for this step."""
        return next((one for one in reversed(self.ran) if one.step == step), None)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all errors that aborted a transaction or a statement, each once, in their order."""
        found = (one.failure.code for one in self.ran if one.failure is not None and one.failure.kind != "aborted")
        return tuple(dict.fromkeys(found))

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "schedule": self.schedule,
            "level": self.level,
            "ran": [ran_as_json(one) for one in self.ran],
            "stuck": self.stuck,
            "final": {name: rows_as_json(rows) for name, rows in self.final.items()},
            "ended": dict(self.ended),
            "number": list(self.number),
            "unread": list(self.unread),
        }


def rows_as_json(rows: Sequence[Row]) -> list[list[Any]]:
    """Rows as lists."""
    return [list(row) for row in rows]


def rows_from_json(rows: Sequence[Sequence[Any]]) -> Rows:
    """Rows as tuples again."""
    return tuple(tuple(row) for row in rows)


def ran_as_json(one: Ran) -> dict[str, Any]:
    """A statement as plain data; what has its default is left out."""
    data: dict[str, Any] = {
        "number": one.number, "step": one.step, "session": one.session, "sql": one.sql, "began": one.began,
        "transaction": one.transaction, "state": one.state, "ended": one.ended,
    }  # fmt: skip
    if one.attempt:
        data["attempt"] = one.attempt
    if one.waits:
        data["waits"] = [
            {"since": wait.since, "by": list(wait.by), "until": wait.until, "released_by": wait.released_by}
            for wait in one.waits
        ]
    if one.rows is not None:
        data |= {"columns": list(one.columns), "rows": rows_as_json(one.rows)}
    if one.count is not None:
        data["count"] = one.count
    if one.failure is not None:
        it = one.failure
        data["failure"] = {
            "code": it.code, "kind": it.kind, "message": it.message, "ends": it.ends, "poisons": it.poisons
        }  # fmt: skip
    if one.late:
        data["late"] = True
    return data


def ran_from_json(data: Mapping[str, Any]) -> Ran:
    """The other way round."""
    rows = data.get("rows")
    failure = data.get("failure")
    return Ran(
        number=data["number"],
        step=data["step"],
        session=data["session"],
        sql=data["sql"],
        began=data["began"],
        attempt=data.get("attempt", 0),
        transaction=data["transaction"],
        ended=data["ended"],
        state=data["state"],
        waits=tuple(
            Wait(wait["since"], tuple(wait["by"]), wait["until"], wait["released_by"]) for wait in data.get("waits", ())
        ),
        columns=tuple(data.get("columns", ())),
        rows=rows_from_json(rows) if rows is not None else None,
        count=data.get("count"),
        failure=Failure(**failure) if failure is not None else None,
        late=data.get("late", False),
    )
