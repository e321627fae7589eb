"""Schedules of the isolation lab written in a few words, and runs of them in this process, on a real engine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from explorer.labs.isolation.child.mailbox import Mailbox
from explorer.labs.isolation.child.runner import Run
from explorer.labs.isolation.child.spans import Spans
from explorer.labs.isolation.engines.engine import Engine
from explorer.labs.isolation.schedule import Row, Schedule, Session, Step, Table
from explorer.labs.isolation.trace import Facts, Ran, Trace, Wait

ACCOUNT = Table("account", ("id integer", "owner varchar(20)", "balance integer"), ((1, "Ann", 100), (2, "Bob", 100)))
READ = "SELECT balance FROM account WHERE id = 1"


def put(row: int, balance: object) -> str:
    """The statement that sets a balance."""
    return f"UPDATE account SET balance = {balance} WHERE id = {row}"


def schedule(*steps: str, retries: int = 0, keep: Mapping[int, str] | None = None, **more: Any) -> Schedule:
    """A schedule of steps such as "A: COMMIT". `keep` gives names to what steps (from 1) read."""
    parts = [step.split(": ", 1) for step in steps]
    made = [Step(session, sql, keep=(keep or {}).get(place, "")) for place, (session, sql) in enumerate(parts, start=1)]
    sessions = tuple(Session(name, name, retries) for name in sorted({step.session for step in made}))
    number = ("SELECT sum(balance) FROM account", "together")
    return Schedule("test", "A test", "", "", (ACCOUNT,), sessions, tuple(made), (), number=number, **more)


def must_change(one: Schedule, place: int) -> Schedule:
    """The same with a step (from 1) that has to change a row."""
    steps = list(one.steps)
    steps[place - 1] = replace(steps[place - 1], must_change=True)
    return replace(one, steps=tuple(steps))


LOST_UPDATE = schedule(
    f"A: {READ}", f"B: {READ}", f"A: {put(1, '{seen} + 10')}", f"B: {put(1, '{seen} + 20')}", "A: COMMIT", "B: COMMIT",
    keep={1: "seen", 2: "seen"},
)  # fmt: skip
DIRTY_WRITE = schedule(
    f"A: {put(1, 11)}", f"B: {put(1, 12)}", f"A: {put(2, 21)}", "A: COMMIT", f"B: {put(2, 22)}", "B: COMMIT"
)
DEADLOCK = schedule(
    f"A: {put(1, 11)}", f"B: {put(2, 22)}", f"A: {put(2, 21)}", f"B: {put(1, 12)}", "A: COMMIT", "B: COMMIT"
)
STUCK = schedule(f"A: {put(1, 11)}", f"B: {put(1, 12)}", "B: COMMIT")


class Bench:
    """One engine that is open, with what the lab's child has around it."""

    def __init__(self, make: Callable[[Mailbox], Engine]) -> None:
        self.mailbox = Mailbox()
        self.engine = make(self.mailbox)
        self.facts: Facts = self.engine.open()

    @contextmanager
    def begun(self, one: Schedule, level: str) -> Iterator[tuple[Run, Trace]]:
        """A run that has begun, and the trace that grows with it."""
        trace = Trace(one.id, level, self.facts)
        run = Run(self.engine, one, level, self.mailbox, Spans(None), trace.apply)
        try:
            yield run, trace
        finally:
            run.close()

    def run(self, one: Schedule, level: str) -> Trace:
        """All of a run."""
        with self.begun(one, level) as (run, trace):
            run.advance(None, 0.0, lambda: False)
            run.finish()
        return trace

    def close(self) -> None:
        """Remove what the engine has made."""
        self.engine.close()


@contextmanager
def bench(make: Callable[[Mailbox], Engine]) -> Iterator[Bench]:
    """A bench that is closed afterwards."""
    one = Bench(make)
    try:
        yield one
    finally:
        with suppress(OSError):
            one.close()


def of(trace: Trace, step: int) -> Ran:
    """The last statement for a step, counted from 1."""
    found = trace.of_step(step - 1)
    assert found is not None, f"step {step} was never sent"
    return found


def wait(ran: Ran) -> Wait:
    """The only wait of a statement."""
    assert len(ran.waits) == 1, ran
    return ran.waits[0]


def balances(trace: Trace) -> tuple[Any, ...]:
    """What the accounts hold in the end."""
    rows: Sequence[Row] = trace.final["account"]
    return tuple(row[2] for row in rows)
