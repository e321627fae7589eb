"""The transactions of a run: which statements belong to which, when each ended and how.

Under AUTOCOMMIT each statement is a transaction of its own. What is of interest there is whether the *meant* ones, from
a session's first step to its COMMIT or ROLLBACK, could have been transactions: so those are put together.
"""

from dataclasses import dataclass, field
from typing import Final

from explorer.labs.isolation.schedule import BEGIN, COMMIT, ENDS, ROLLBACK, Schedule
from explorer.labs.isolation.trace import Ran, Trace

AUTOCOMMIT: Final = "AUTOCOMMIT"
REFUSED: Final = ("serialization", "deadlock", "busy")
"""Kinds of errors by which an engine refuses what is no mistake: the same may succeed if it is tried again."""


@dataclass(slots=True)
class Transaction:
    """`number` is that of the trace where it has one. `ended` is as in `graph.Node`. Times are in ns.

    `alone`: each of its statements took effect for good with its end. `gone` is from when on its writes may have been
    taken back, and `surely_gone` from when on they were.
    """

    number: int
    session: str
    attempt: int
    statements: list[Ran] = field(default_factory=list)
    ended: str = "open"
    committed_from: int | None = None
    committed_at: int | None = None
    gone: int | None = None
    surely_gone: int | None = None
    alone: bool = False

    @property
    def began(self) -> int:
        """When its first statement was sent."""
        return self.statements[0].began

    @property
    def lives(self) -> bool:
        """Whether it was committed, or still may be."""
        return self.ended in ("committed", "open")


def transactions(schedule: Schedule, trace: Trace) -> dict[int, Transaction]:
    """All of them by number, in the order in which they began."""
    found: dict[object, Transaction] = {}
    free = max((one.transaction for one in trace.ran), default=-1) + 1
    alone = trace.level == AUTOCOMMIT
    meant = _meant(schedule)
    for one in trace.ran:
        if one.state == "left out":
            continue
        if alone:
            name: object = (one.session, meant.get(one.step, 0), one.attempt)
        else:
            name = one.transaction if one.transaction >= 0 else ("alone", one.number)
        if name not in found:
            if alone or one.transaction < 0:
                number, free = (len(found), free) if alone else (free, free + 1)
            else:
                number = one.transaction
            found[name] = Transaction(number, one.session, one.attempt, alone=alone or one.transaction < 0)
        found[name].statements.append(one)
    for each in found.values():
        _end(each, schedule, trace)
    for session, number, attempt in [name for name in found if alone and isinstance(name, tuple)]:
        tried = found[session, number, attempt]
        if (session, number, attempt + 1) in found and not any(one.count for one in tried.statements):
            tried.ended = "rolled back"  # it changed nothing, and was begun anew
    return {each.number: each for each in found.values()}


def _meant(schedule: Schedule) -> dict[int, int]:
    """By step: the number of its transaction among those of its session."""
    found: dict[int, int] = {}
    count: dict[str, int] = {}
    for place, step in enumerate(schedule.steps):
        found[place] = count.setdefault(step.session, 0)
        if step.control in ENDS:
            count[step.session] += 1
    return found


def word(one: Ran) -> str:
    """BEGIN, COMMIT or ROLLBACK if the statement is that, else empty."""
    said = one.sql.strip().rstrip(";").upper()
    first = said.split(" ")[0] if said else ""
    return first if first in (BEGIN, *ENDS) and " TO " not in said else ""


def _end(each: Transaction, schedule: Schedule, trace: Trace) -> None:
    if each.alone:
        each.ended = "open" if any(one.ended is None for one in each.statements) else "committed"
        return
    for one in each.statements:
        if each.gone is None and refuses(one):
            each.gone, each.surely_gone = one.began, one.ended
        if one.state != "done":
            continue
        # Where an error leaves the transaction open (SQLite), what it did before, and after, can still be committed.
        if word(one) == COMMIT:
            each.ended, each.committed_from, each.committed_at = "committed", one.began, one.ended
            each.gone = each.surely_gone = None
            return
        if word(one) == ROLLBACK and each.gone is None:
            each.ended, each.gone, each.surely_gone = "rolled back", one.began, one.ended
            return
    if each.gone is not None:
        each.ended = "aborted"
    elif trace.over:
        each.ended = "rolled back"


def refuses(one: Ran) -> bool:
    """Whether the engine ended the transaction with this statement: by an error after which nothing but a new
    beginning is possible. SQLite leaves a transaction open whose wish to write it refuses; it too must begin anew.
    """
    failure = one.failure
    return failure is not None and (failure.ends or failure.poisons or failure.kind in REFUSED)
