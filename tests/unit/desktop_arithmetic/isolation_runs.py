"""Runs of the isolation lab made by hand: a lost update whose second write waits and is aborted."""

from dataclasses import replace

from explorer.labs.isolation.schedule import Schedule, Session, Step, Table
from explorer.labs.isolation.trace import Facts, Failure, Ran, Trace, Wait

MS = 1_000_000
FACTS = Facts(
    "postgresql", "PostgreSQL 18.4", "18.4", "embedded", "database explorer_lab_1", {},
    ("AUTOCOMMIT", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"), "It is asked.",
)  # fmt: skip
READ = "SELECT balance FROM account WHERE owner = 'Ann'"
LOST_UPDATE = Schedule(
    id="P4",
    title="Lost update",
    group="Lost and skewed writes",
    sentence="Both read 100.",
    tables=(Table("account", ("owner varchar(20)", "balance integer"), (("Ann", 100),)),),
    sessions=(Session("A", "Rent"), Session("B", "Bonus")),
    steps=(
        Step("A", READ, keep="seen"),
        Step("B", READ, keep="seen"),
        Step("A", "UPDATE account SET balance = {seen} + 50 WHERE owner = 'Ann'"),
        Step("B", "UPDATE account SET balance = {seen} + 20 WHERE owner = 'Ann'"),
        Step("A", "COMMIT"),
        Step("B", "COMMIT"),
    ),
    happened=(),
    serial=({"account": (("Ann", 170),)},),
    number=("SELECT balance FROM account", "Ann's balance"),
)
REFUSED = Failure("40001", "serialization", "could not serialize access", poisons=True)


def trace(ran: list[Ran], following: int, **more: object) -> Trace:
    """A run that came so far."""
    return Trace("P4", "REPEATABLE READ", FACTS, ran, following, **more)  # type: ignore[arg-type]


def reads() -> list[Ran]:
    """The first three steps: both read 100, A writes 150."""
    write = "UPDATE account SET balance = 100 + 50 WHERE owner = 'Ann'"
    return [
        Ran(0, 0, "A", READ, 0, transaction=0, ended=MS, state="done", columns=("balance",), rows=((100,),)),
        Ran(1, 1, "B", READ, 2 * MS, transaction=1, ended=3 * MS, state="done", columns=("balance",), rows=((100,),)),
        Ran(2, 2, "A", write, 4 * MS, transaction=0, ended=5 * MS, state="done", count=1),
    ]


def blocked() -> Trace:
    """B's write waits for A, since 7 ms."""
    write = "UPDATE account SET balance = 100 + 20 WHERE owner = 'Ann'"
    waits = Ran(3, 3, "B", write, 6 * MS, transaction=1, waits=(Wait(7 * MS, ("A",)),))
    return trace([*reads(), waits], 4)


def aborted(over: bool = True) -> Trace:
    """A commits at 647 ms, B is aborted and rolls back."""
    waits = replace(
        blocked().ran[3], ended=648 * MS, state="failed", failure=REFUSED,
        waits=(Wait(7 * MS, ("A",), 647 * MS, released_by=4),),
    )  # fmt: skip
    ends = [
        Ran(4, 4, "A", "COMMIT", 646 * MS, transaction=0, ended=647 * MS, state="done"),
        Ran(5, 5, "B", "ROLLBACK", 650 * MS, transaction=1, ended=651 * MS, state="done"),
    ]
    ended = {"A": "committed", "B": "aborted"}
    return trace([*reads(), waits, *ends], 6, over=over, final={"account": (("Ann", 150),)}, ended=ended, number=(150,))


def retried() -> Trace:
    """The same, and B begins again: the lab rolls back, the steps of B are sent once more."""
    known = aborted().ran[:5]
    again = [
        Ran(5, -1, "B", "ROLLBACK", 650 * MS, transaction=1, ended=651 * MS, state="done"),
        Ran(6, 1, "B", READ, 652 * MS, attempt=1, transaction=2, ended=653 * MS, state="done",
            columns=("balance",), rows=((150,),)),
        Ran(7, 3, "B", "UPDATE account SET balance = 150 + 20 WHERE owner = 'Ann'", 654 * MS, attempt=1, transaction=2,
            ended=655 * MS, state="done", count=1),
        Ran(8, 5, "B", "COMMIT", 656 * MS, attempt=1, transaction=2, ended=657 * MS, state="done"),
    ]  # fmt: skip
    ended = {"A": "committed", "B": "committed"}
    return trace([*known, *again], 6, over=True, final={"account": (("Ann", 170),)}, ended=ended)
