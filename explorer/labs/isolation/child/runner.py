"""Carries out a schedule: sends one statement after the other and waits until each has ended or is reported blocked.

It runs on the child's main thread and is the only one that decides anything; the sessions' threads do what they are
sent. That a statement waits is known from the engine's answer to a question (`Engine.question`) and from nothing else;
a question counts only if nothing has ended since it was put.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from explorer.labs.isolation.child.circles import circle, why_stuck
from explorer.labs.isolation.child.mailbox import Ended, Mailbox
from explorer.labs.isolation.child.plan import OWN, Item, Plan, statement
from explorer.labs.isolation.child.session import CONNECTED, SessionThread
from explorer.labs.isolation.child.spans import Spans
from explorer.labs.isolation.child.trail import Tell, Trail
from explorer.labs.isolation.engines.engine import AUTOCOMMIT, Engine, Lost, Outcome, Waiting, first_row
from explorer.labs.isolation.schedule import BEGIN, CONTROLS, ENDS, ROLLBACK, Rows, Schedule, Step, Value
from explorer.labs.isolation.trace import Failure, Ran, State, rows_as_json
from explorer.option_error import OptionError
from explorer.records.clock import now_ns

LIMIT_S: Final = 30.0
"""How long a statement may take, not counting the time for which it is known to wait for another session."""
CANCEL_S: Final = 5.0
CANCEL_AGAIN_S: Final = 0.2
CONNECT_S: Final = 15.0
RETRIED: Final = ("serialization", "deadlock", "busy")


@dataclass(slots=True)
class _Member:
    """A session in this run. `flying` is the number of its statement under way, −1 for none; `first` the step with
    which its transaction began; `broken`: what comes up to the end of the transaction is left out; `undone`: the runner
    has rolled it back by itself; `behind` are the transactions that must end before it tries again.
    """

    thread: SessionThread
    retries: int
    first: int
    flying: int = -1
    begun: bool = False
    broken: bool = False
    failed: bool = False
    undone: bool = False
    transaction: int = -1
    latest: int = -1
    attempt: int = 0
    behind: frozenset[int] = frozenset()
    kept: dict[str, Value] = field(default_factory=dict)
    result: str = ""


class Run:
    """One run of `schedule` at `level`. `tell` gets the events of `Trace.apply`. All but `close` may raise `Lost`."""

    def __init__(
        self, engine: Engine, schedule: Schedule, level: str, mailbox: Mailbox, spans: Spans, tell: Tell
    ) -> None:
        """Make the tables and connect the sessions. Raises `OptionError` for what the engine refuses, `Lost`."""
        self._engine, self._schedule, self._level = engine, schedule, level
        self._mailbox, self._spans, self._tell = mailbox, spans, tell
        self._plan = Plan(schedule)
        self._names = [step.keep for step in schedule.steps if step.keep]
        self._trail = Trail(tell, spans)
        self._members: dict[str, _Member] = {}
        self._cancelled: dict[str, str] = {}
        self._transactions = 0
        self._over = False
        engine.fresh(schedule.tables, level)
        self._number()  # whether it can be read is to be known before anything is sent
        self._connect()

    # -- orders ----------------------------------------------------------------------------------------------------

    def advance(self, steps: int | None, pace: float, paused: Callable[[], bool]) -> None:
        """Send so many steps (None: all that are left), `pace` seconds apart, or until `paused`."""
        sent, waited = 0, False
        while not self._over and not self._mailbox.abandon.is_set():
            item = self._next
            if item is None and self._held:
                self._let_all_go()
                continue
            if item is None:
                if not self._flying or not self._others_let_go():
                    break
                continue
            if item.step != OWN:
                if paused() or (steps is not None and sent >= steps):
                    break
                if pace > 0 and sent and not waited:
                    waited = self._rest(pace, paused)
                    continue
                sent, waited = sent + 1, False
            self._perform(item)
            self._settle()
            self._tell_next()

    def take(self, one: Ended) -> None:
        """A statement that waited has ended while nothing was asked of this run."""
        self._take(one)
        self._settle()
        self._tell_next()

    def finish(self) -> None:
        """Cancel and roll back what is open, and tell what the tables hold now."""
        if self._over:
            return
        self._cancel()
        self._plan.clear()
        for name, member in self._members.items():
            if member.transaction >= 0:
                self._send(member, Item(name, OWN), ROLLBACK)
                self._settle()
        final, unread = {}, []
        for table in self._schedule.tables:
            try:
                final[table.name] = self._engine.read(f"SELECT * FROM {table.name} ORDER BY 1")
            except OptionError as error:
                unread.append(f"What {table.name} holds in the end is not known: {error}")
        number: Rows = ()
        try:
            number = self._number()
        except OptionError as error:
            unread.append(f"The figure at the end is not known: {error}")
        self._over = True
        self._tell(
            {
                "event": "over",
                "final": {name: rows_as_json(rows) for name, rows in final.items()},
                "ended": {name: member.result for name, member in self._members.items() if member.result},
                "number": list(first_row(number)),
                "unread": unread,
            }
        )

    def close(self) -> None:
        """End the sessions, whatever they do. Raises `Lost` when one does not end."""
        self._cancel()
        for member in self._members.values():
            member.thread.close()
        for member in self._members.values():
            if not member.thread.join(CANCEL_S):
                raise Lost(f"Session {member.thread.name} cannot be closed.")

    # -- sending ---------------------------------------------------------------------------------------------------

    def _perform(self, item: Item) -> None:
        self._plan.take(item)
        member = self._members[item.session]
        if item.step == OWN:
            self._send(member, item, ROLLBACK)
            return
        step = self._schedule.steps[item.step]
        control = step.control
        if self._level == AUTOCOMMIT:
            if control:
                self._leave_out(item, control)
            else:
                self._send(member, item, self._sql(member, step))
        elif member.broken:
            can = self._engine.rolls_back_nothing and not member.undone
            if control in ENDS and (can or member.transaction >= 0):
                self._send(member, item, ROLLBACK)
            else:
                member.broken = control not in ENDS
                self._leave_out(item, self._sql(member, step))
        else:
            self._send(member, item, control or self._sql(member, step))

    def _send(self, member: _Member, item: Item, sql: str) -> None:
        control = sql if sql in CONTROLS else ""
        statements = [sql]
        begin = self._engine.begin(self._level) if self._level != AUTOCOMMIT else ""
        if item.step != OWN and begin and (control == BEGIN or not (member.begun or control)):
            statements = [begin] if control == BEGIN else [begin, sql]
            member.first = item.step
        if self._level == AUTOCOMMIT or statements[0] == begin:
            member.transaction = member.latest = self._transactions
            self._transactions += 1
            member.failed = member.undone = False
        member.begun = member.begun or item.step != OWN
        of_broken = member.broken or item.step == OWN
        ran = Ran(
            number=len(self._trail),
            step=item.step,
            session=item.session,
            sql=statements[-1],
            began=now_ns(),
            attempt=item.attempt,
            transaction=member.latest if of_broken else member.transaction,
            late=item.late,
        )
        member.flying = ran.number
        self._trail.put(ran)
        member.thread.send(ran.number, statements)

    def _leave_out(self, item: Item, sql: str) -> None:
        now = now_ns()
        member = self._members[item.session]
        number = member.latest if member.broken else member.transaction
        self._trail.put(
            Ran(
                number=len(self._trail), step=item.step, session=item.session, sql=sql, began=now, ended=now,
                attempt=item.attempt, transaction=-1 if self._level == AUTOCOMMIT else number,
                state="left out", late=item.late,
            )
        )  # fmt: skip

    def _sql(self, member: _Member, step: Step) -> str:
        return statement(step, self._engine, member.kept, self._names)

    # -- waiting ---------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Return when each statement under way is known to wait, and none of them for one another."""
        deadline = time.monotonic() + LIMIT_S
        while self._flying:
            one = self._mailbox.take(self._engine.poll_s)
            if one is not None:
                self._take(one)
                continue
            if self._mailbox.abandon.is_set():
                self._cancel()
                return
            waits = self._engine.question(self._flying)
            if self._settled(waits):
                return
            if time.monotonic() > deadline:
                slow = [name for name in self._flying if name not in waits]
                self._cancel(
                    slow or circle(_known(waits)) or self._flying,
                    f"It took longer than {LIMIT_S:g} s and was cancelled.",
                )
                deadline = time.monotonic() + LIMIT_S

    def _settled(self, waits: Mapping[str, Waiting]) -> bool:
        """Whether this answer to a question settles it."""
        moved = False
        while (one := self._mailbox.take(0)) is not None:
            self._take(one)
            moved = True
        self._trail.report([self._members[name].flying for name in self._flying], waits)
        if moved or any(waits.get(name) is None for name in self._flying):
            return False
        return not (self._engine.finds_deadlocks and circle(_known(waits)))

    def _others_let_go(self) -> bool:
        """Nothing can be sent: whether somebody outside of the lab has let go in the end. Else it is over."""
        waits = {name: self._trail[self._members[name].flying].waits[-1].by for name in self._flying}
        if any(not by for by in waits.values()):
            deadline, before = time.monotonic() + LIMIT_S, list(self._flying)
            while self._flying == before and time.monotonic() < deadline and not self._mailbox.abandon.is_set():
                self._rest(self._engine.poll_s, lambda: False)
            if self._flying != before:
                self._settle()
                return True
        self._tell({"event": "stuck", "sentence": why_stuck(waits, self._plan.has)})
        self._cancel()
        for item in self._plan.clear():
            if item.step != OWN:
                self._leave_out(item, self._sql(self._members[item.session], self._schedule.steps[item.step]))
        self._tell_next()
        return False

    def _rest(self, seconds: float, paused: Callable[[], bool]) -> bool:
        """Wait so long, minding what ends meanwhile. Always True."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not paused() and not self._mailbox.abandon.is_set():
            one = self._mailbox.take(left)
            if one is not None:
                self._take(one)
                self._settle()
        return True

    def _cancel(self, names: Sequence[str] | None = None, why: str = "") -> None:
        """Cancel what these sessions, or all, do; `why` is a sentence for the statement, or nothing. Raises `Lost`."""
        deadline = time.monotonic() + CANCEL_S
        self._cancelled = dict.fromkeys(self._flying if names is None else names, why)
        while left := [name for name in self._flying if name in self._cancelled]:
            if time.monotonic() > deadline:
                raise Lost(f"The statement of session {left[0]} cannot be cancelled.")
            for name in left:
                self._engine.cancel(name)
            one = self._mailbox.take(CANCEL_AGAIN_S)
            while one is not None:
                self._take(one)
                one = self._mailbox.take(0)
        self._cancelled = {}

    # -- what has ended --------------------------------------------------------------------------------------------

    def _take(self, one: Ended) -> None:
        member = self._members.get(one.session)
        if member is None or one.outcome is None or one.number != member.flying:
            return
        if one.outcome.lost:
            raise Lost(one.outcome.lost)
        outcome, failure = one.outcome, one.outcome.failure
        member.flying = -1
        state: State = "done" if failure is None else "failed"
        if failure is not None and one.session in self._cancelled:
            state, why = "cancelled", self._cancelled[one.session]
            failure = Failure(failure.code, "timeout", why, failure.ends, failure.poisons) if why else None
        ran = self._trail.end(one.number, outcome, state, failure)
        self._engine.moved()
        self._conclude(member, ran, outcome)

    def _conclude(self, member: _Member, ran: Ran, outcome: Outcome) -> None:
        """What the end of a statement means for its session's transaction and for its next steps."""
        step = self._schedule.steps[ran.step] if ran.step != OWN else None
        failure, ends = outcome.failure, ran.sql in ENDS
        fatal = failure is not None and (failure.ends or failure.poisons)
        member.failed = member.failed or (fatal and ran.session not in self._cancelled)
        if fatal and member.transaction >= 0:
            member.broken = not ends
        elif ends and ran.step != OWN:
            member.broken = False
        member.undone = member.undone or (ends and ran.step == OWN)
        if member.transaction >= 0 and not outcome.open:
            member.transaction = -1
            lost = "aborted" if member.failed else "rolled back"
            member.result = lost if failure is not None or ran.sql == ROLLBACK else "committed"
        if step is None or ran.session in self._cancelled:
            return
        if failure is None and step.keep:
            member.kept[step.keep] = first_row(outcome.rows or ((None,),))[0]
        if failure is None and step.must_change and outcome.count == 0:
            self._changed_nothing(member, step.session)
        elif failure is not None and self._may_retry(member, failure):
            member.failed = True
            self._retry(member, step.session)
            if failure.kind == "busy":
                # Nobody has waited for the lock, so that to try again at once would be refused again.
                others = (one.transaction for one in self._members.values() if one is not member)
                member.behind = frozenset(number for number in others if number >= 0)

    def _may_retry(self, member: _Member, failure: Failure) -> bool:
        return failure.kind in RETRIED and self._level != AUTOCOMMIT and member.attempt < member.retries

    def _changed_nothing(self, member: _Member, session: str) -> None:
        if member.attempt < member.retries:
            self._retry(member, session)
        elif self._level != AUTOCOMMIT:
            member.broken = True
            self._plan.roll_back(session, member.attempt)

    def _retry(self, member: _Member, session: str) -> None:
        self._plan.again(session, member.first, member.attempt + 1)
        if self._level != AUTOCOMMIT and (member.transaction >= 0 or self._engine.rolls_back_nothing):
            self._plan.roll_back(session, member.attempt)
        member.broken = False
        member.begun = self._schedule.steps[member.first].control == BEGIN
        member.attempt += 1

    # -- little things ---------------------------------------------------------------------------------------------

    @property
    def _next(self) -> Item | None:
        return self._plan.peek(self._flying, self._held)

    @property
    def _held(self) -> list[str]:
        """Who tries again only when the transactions have ended that stood in the way."""
        now = {member.transaction for member in self._members.values()}
        return [name for name, member in self._members.items() if member.behind & now]

    def _let_all_go(self) -> None:
        """Nobody else has anything left to do: those who are held try in any case."""
        for member in self._members.values():
            member.behind = frozenset()

    @property
    def _flying(self) -> list[str]:
        return [name for name, member in self._members.items() if member.flying >= 0]

    def _connect(self) -> None:
        for session in self._schedule.sessions:
            steps = [place for place, step in enumerate(self._schedule.steps) if step.session == session.name]
            thread = SessionThread(session.name, self._engine, self._level, self._mailbox, self._spans)
            self._members[session.name] = _Member(thread, session.retries, steps[0] if steps else 0)
        missing = set(self._members)
        deadline = time.monotonic() + CONNECT_S
        while missing:
            one = self._mailbox.take(0.1)
            if one is not None and one.number == CONNECTED:
                if one.outcome is not None:
                    raise Lost(one.outcome.lost)
                missing.discard(one.session)
            if time.monotonic() > deadline:
                raise Lost(f"Session {min(missing)} could not connect within {CONNECT_S:g} s.")

    def _number(self) -> Rows:
        query = self._schedule.number[0]
        return self._engine.read(query) if query else ()

    def _tell_next(self) -> None:
        item = self._next or self._plan.peek(self._flying) or self._plan.peek(())
        place = item.step if item is not None and item.step != OWN else None
        if item is None:
            place = len(self._schedule.steps)
        if place is not None:
            self._tell({"event": "next", "next": place})


def _known(waits: Mapping[str, Waiting]) -> dict[str, tuple[str, ...]]:
    return {name: by or () for name, by in waits.items()}
