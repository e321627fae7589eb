"""What the ladder shows of a run, row by row: cards, waits, arrows, and the same in words. No Qt.

Rows are statements in the order in which they were sent, then the steps that are still to come. So a statement that was
late, a retry and a ROLLBACK that the runner sent have rows where they happened, and what a session waits through never
covers a row of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from explorer.desktop.labs.isolation.ladder.holder import holder
from explorer.desktop.labs.isolation.ladder.words import duration, listed, pace_in_words, shown_rows, spoken, wait_forms
from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.schedule import BEGIN, COMMIT, CONTROLS, ROLLBACK, Schedule
from explorer.labs.isolation.trace import Failure, Ran, Trace

Look = Literal["read", "write", "begin", "commit", "rollback", "other"]
CardState = Literal["to come", "running", "blocked", "done", "failed", "left out", "cancelled"]
ChipKind = Literal["read", "count", "old", "note"]
FAILED: Final = {
    "serialization": "Aborted", "deadlock": "Aborted", "busy": "Busy", "timeout": "Timed out", "aborted": "Refused",
    "other": "Error",
}  # fmt: skip


PASSING: Final = ("serialization", "deadlock", "busy")


@dataclass(frozen=True, slots=True)
class Chip:
    """A few words at the right of a card."""

    text: str
    kind: ChipKind


@dataclass(frozen=True, slots=True)
class Card:
    """A statement in its row, `through` the last row that it waited through.

    `step` is its place in the schedule (−1: the runner's own), `sent` its number in the trace (−1: still to come).
    `label` stands in the gutter. `wait` says by whom it was blocked and how long, `waits` that it is so now, `pace` how
    much of that is the lab's own, `paced` the same in a sentence. `movable`: it is the step itself, no retry of it, and
    can be given another place.
    """

    row: int
    through: int
    column: int
    session: str
    step: int
    sent: int
    label: str
    sql: str
    look: Look
    state: CardState
    attempt: int = 0
    chips: tuple[Chip, ...] = ()
    wait: str = ""
    waits: bool = False
    pace: str = ""
    paced: str = ""
    failure: Failure | None = None
    faded: bool = False
    movable: bool = False
    spoken: str = ""

    @property
    def aborts(self) -> bool:
        """Whether the engine ended its transaction with this."""
        return self.failure is not None and (self.failure.ends or self.failure.poisons)

    @property
    def failed(self) -> str:
        """ "Aborted", "Busy", "Error" …; empty when it did not fail."""
        return FAILED[self.failure.kind] if self.failure is not None else ""


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow between two rows: `waits` from a blocked card to what it waits for, else from what released it."""

    source: int
    target: int
    waits: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """All of it. `heads`: by column name, title, and what BEGIN says."""

    heads: tuple[tuple[str, str, str], ...] = ()
    cards: tuple[Card, ...] = ()
    links: tuple[Link, ...] = ()
    rows: int = 0
    stuck: str = ""
    by_step: Mapping[int, Card] = field(default_factory=dict)

    def in_row(self, row: int) -> Card | None:
        """The card of a row."""
        return self.cards[row] if 0 <= row < len(self.cards) else None


def ladder(schedule: Schedule, level: str, trace: Trace | None, now: int, graph: Graph | None = None) -> Ladder:
    """`now` in ns of the clock of records is what a wait lasts until if it goes on. `graph` tells old reads."""
    engine = trace.facts.engine if trace is not None else ""
    columns = {session.name: at for at, session in enumerate(schedule.sessions)}
    sent = list(trace.ran) if trace is not None else []
    began = {one.step for one in sent}
    old = old_reads(trace, graph) if trace is not None and graph is not None else frozenset()
    shown: list[Card] = []
    faded: dict[str, bool] = {}
    for row, one in enumerate(sent):
        card = _sent(schedule, sent, row, columns, now, one.number in old, faded.get(one.session, False))
        shown.append(card)
        faded[one.session] = _fades(card, faded.get(one.session, False))
    for at, step in enumerate(schedule.steps):
        if at not in began:
            shown.append(_to_come(schedule, at, len(shown), columns[step.session], engine))
    cards = tuple(shown)
    return Ladder(
        heads=tuple((one.name, one.title, _begin(level)) for one in schedule.sessions),
        cards=cards,
        links=tuple(_links(cards, sent)),
        rows=len(cards),
        stuck=trace.stuck if trace is not None else "",
        by_step={card.step: card for card in cards if card.movable},
    )


def old_reads(trace: Trace, graph: Graph) -> frozenset[int]:
    """Reads that returned what had been overwritten by then: the write had ended when the read began."""
    found = set()
    for edge in graph.edges:
        if edge.kind == "rw":
            read, write = (trace.ran[number] for number in edge.statements)
            if read.rows is not None and write.ended is not None and write.ended <= read.began:
                found.add(read.number)
    return frozenset(found)


def may_retry(trace: Trace) -> tuple[str, ...]:
    """Sessions that the engine refused something, in their last attempt, for a reason that passes."""
    last = {one.session: one.attempt for one in trace.ran}
    refused = {
        one.session: True
        for one in trace.ran
        if one.failure is not None and one.failure.kind in PASSING and one.attempt == last[one.session]
    }
    return tuple(refused)


def _begin(level: str) -> str:
    return "no transaction" if level == "AUTOCOMMIT" else f"{BEGIN} {level}"


def _to_come(schedule: Schedule, at: int, row: int, column: int, engine: str) -> Card:
    step = schedule.steps[at]
    sql = step.on(engine)
    return Card(
        row=row, through=row, column=column, session=step.session, step=at, sent=-1, label=str(at + 1), sql=sql,
        look=look_of(sql), state="to come", movable=True,
        spoken=f"Step {at + 1}, {step.session}, {sql}, still to come.",
    )  # fmt: skip


def _sent(
    schedule: Schedule, sent: Sequence[Ran], row: int, columns: Mapping[str, int], now: int, old: bool, faded: bool
) -> Card:
    one = sent[row]
    label = str(one.step + 1) if one.step >= 0 else ""
    wait = _wait(one, now)
    pace, paced = _pace(one, sent)
    state: CardState = "blocked" if one.blocked else one.state
    return Card(
        row=row,
        through=_through(sent, row),
        column=columns[one.session],
        session=one.session,
        step=one.step,
        sent=one.number,
        label=label,
        sql=one.sql,
        look=look_of(one.sql),
        state=state,
        attempt=one.attempt,
        chips=tuple(_chips(one, old)),
        wait=wait,
        waits=one.blocked,
        pace=pace,
        paced=paced,
        failure=one.failure,
        faded=one.state == "left out" or (faded and look_of(one.sql) != "rollback" and not one.attempt),
        movable=one.step >= 0 and all(before.step != one.step for before in sent[:row]),
        spoken=spoken(one, wait_forms(wait, pace)[0], old, FAILED),
    )


def look_of(sql: str) -> Look:
    """What kind of statement it is, for its edge."""
    first = sql.split(maxsplit=1)[0].rstrip(";").upper() if sql.strip() else ""
    if first in CONTROLS:
        return {BEGIN: "begin", COMMIT: "commit", ROLLBACK: "rollback"}[first]  # type: ignore[return-value]
    if first == "SELECT":
        return "read"
    return "write" if first in ("UPDATE", "INSERT", "DELETE", "REPLACE") else "other"


def _through(sent: Sequence[Ran], row: int) -> int:
    """The last row that began while this statement waited, or that ended its wait."""
    one = sent[row]
    if not one.waits:
        return row
    until = one.waits[-1].until if not one.blocked else None
    during = [at for at in range(row, len(sent)) if until is None or sent[at].began <= until]
    released = [at for at in range(row, len(sent)) if sent[at].number == one.waits[-1].released_by]
    own = next((at for at in range(row + 1, len(sent)) if sent[at].session == one.session), len(sent))
    return min(max([row, *during, *released]), own - 1)


def _wait(one: Ran, now: int) -> str:
    if not one.waits:
        return ""
    by = listed(dict.fromkeys(name for wait in one.waits for name in wait.by))
    lasted = sum((wait.until if wait.until is not None else one.ended or now) - wait.since for wait in one.waits)
    return f"blocked{f' by {by}' if by else ''} · {duration(max(0, lasted))}"


def _pace(one: Ran, sent: Sequence[Ran]) -> tuple[str, str]:
    """How much of a wait that is over passed before the lab sent what ended it, as a duration and in a sentence; the
    rest is the database's. Empty where that is not known.
    """
    by_number = {ran.number: ran for ran in sent}
    ends = [(wait, by_number.get(wait.released_by)) for wait in one.waits]
    if not ends or any(wait.until is None or ended_by is None for wait, ended_by in ends):
        return "", ""
    own = sum(max(0, ran.began - wait.since) for wait, ran in ends if ran is not None)
    whole = sum((wait.until or wait.since) - wait.since for wait, _ in ends)
    return pace_in_words(own, max(0, whole - own), ends[-1][1])


def _chips(one: Ran, old: bool) -> list[Chip]:
    found = []
    if one.state in ("left out", "cancelled"):
        found.append(Chip(one.state, "note"))
    if one.attempt:
        found.append(Chip(f"attempt {one.attempt + 1}", "note"))
    if one.late:
        found.append(Chip("late", "note"))
    if one.step < 0:
        found.append(Chip("sent by the lab", "note"))
    if old:
        found.append(Chip("old version", "old"))
    if one.rows is not None:
        found.append(Chip(shown_rows(one.rows), "read"))
    elif one.count is not None and look_of(one.sql) == "write":
        found.append(Chip(f"{one.count:,} row{'s' if one.count != 1 else ''}", "count"))
    return found


def _fades(card: Card, faded: bool) -> bool:
    """Whether the session's lane is faded below this card."""
    if card.aborts:
        return True
    return faded and card.look not in ("rollback", "begin") and card.attempt == 0


def _links(cards: Sequence[Card], sent: Sequence[Ran]) -> list[Link]:
    rows = {one.number: at for at, one in enumerate(sent)}
    found = []
    for row, one in enumerate(sent):
        if not one.waits:
            continue
        for name in dict.fromkeys(one.waits[-1].by):
            at = holder(sent, row, name)
            if at is not None:
                found.append(Link(row, at, waits=True))
        released = rows.get(one.waits[-1].released_by)
        if released is not None and cards[released].session != one.session:
            found.append(Link(released, row, waits=False))
    return found
