"""A schedule: tables, two or three sessions, their SQL steps in one order, and what to look for afterwards.

It is what a TOML file under resources/scenarios/isolation holds. A transaction begins with its session's first step,
at the level that is chosen for the run, and after a step BEGIN; COMMIT and ROLLBACK are steps. Under AUTOCOMMIT these
three are left out, and each statement is a transaction of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Value = int | str | None
"""What a cell holds. Floating-point numbers and dates have no place in a schedule."""
Row = tuple[Value, ...]
Rows = tuple[Row, ...]
Kind = Literal["anomaly", "deadlock", "cure"]
BEGIN: Final = "BEGIN"
COMMIT: Final = "COMMIT"
ROLLBACK: Final = "ROLLBACK"
ENDS: Final = (COMMIT, ROLLBACK)
CONTROLS: Final = (BEGIN, *ENDS)


@dataclass(frozen=True, slots=True)
class Table:
    """A table and its rows before the first step. Its columns are written as SQL ("owner varchar(20)"), the first is
    the primary key.
    """

    name: str
    columns: tuple[str, ...]
    rows: Rows

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.split()[0] for column in self.columns)


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of one session.

    `sql` may hold `{name}`: the value that an earlier step of the same session kept under this name. `keep` is the name
    for the first value of the first row that this step reads. `instead` is the statement for engines that need another,
    by the engine's id; what is said of MariaDB holds for MySQL unless that has its own. `must_change`: when the
    statement changes no row its transaction is rolled back.
    """

    session: str
    sql: str
    keep: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)
    must_change: bool = False

    def on(self, engine: str) -> str:
        """The statement for this engine."""
        return self.instead.get(self.variant(engine), self.sql)

    def variant(self, engine: str) -> str:
        """Whose statement in `instead` this engine gets; empty if it gets `sql`."""
        candidates = (engine, "mariadb") if engine == "mysql" else (engine,)
        return next((one for one in candidates if one in self.instead), "")

    @property
    def control(self) -> str:
        """ "BEGIN", "COMMIT" or "ROLLBACK" if it is that, else empty."""
        word = self.sql.strip().rstrip(";").upper()
        return word if word in CONTROLS else ""


@dataclass(frozen=True, slots=True)
class Session:
    """A column of the ladder: "A", and what it does in a few words. `retries`: how often it begins anew after the
    engine has aborted its transaction, or a step that had to change a row changed none.
    """

    name: str
    title: str
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """What must have been seen; all of it must hold.

    `reads`: rows by the number of the step that returned them (from 1), in any order. `counts`: rows changed, by step.
    `final`: rows of a table in the end, in any order. `not_final`: the table holds anything but this in the end.
    `committed`: sessions whose (last) transaction was committed; under AUTOCOMMIT all are whose statements ran.
    `aborted`: sessions that the engine aborted at least once. `sentence` says, with the values that are asked for, what
    came of it.
    """

    reads: Mapping[int, Rows] = field(default_factory=dict)
    counts: Mapping[int, int] = field(default_factory=dict)
    final: Mapping[str, Rows] = field(default_factory=dict)
    not_final: Mapping[str, Rows] = field(default_factory=dict)
    committed: tuple[str, ...] = ()
    aborted: tuple[str, ...] = ()
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One scenario. `happened` are alternatives: the anomaly happened when one of them holds.

    `id` is the field's name for it ("G2-item", "P4"; cures: "for_update"). `kind`: an anomaly is a row of the matrix; a
    deadlock happens when the engine calls it one; a cure is judged by the same conditions as what it `cures`.
    `engines` it makes sense on, empty = all. `serial`: what the tables may hold in the end if the sessions had run one
    after the other, alternatives. `number` is one figure to show large: a query with one value, and what it is called.
    """

    id: str
    title: str
    group: str
    sentence: str
    tables: tuple[Table, ...]
    sessions: tuple[Session, ...]
    steps: tuple[Step, ...]
    happened: tuple[Condition, ...]
    kind: Kind = "anomaly"
    cures: str = ""
    engines: tuple[str, ...] = ()
    serial: tuple[Mapping[str, Rows], ...] = ()
    number: tuple[str, str] = ("", "")
    order: int = 0
    note: str = ""

    def session(self, name: str) -> Session:
        """The session of this name; raises KeyError."""
        for each in self.sessions:
            if each.name == name:
                return each
        raise KeyError(name)
