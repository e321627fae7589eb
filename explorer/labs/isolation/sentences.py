"""What came of a run, in one or two sentences for people who do not know the engine, with the values that were seen."""

from collections.abc import Mapping
from typing import Final

from explorer.labs.isolation.circle import AS_IF
from explorer.labs.isolation.dependencies import OldVersion, graph
from explorer.labs.isolation.replay import Copies
from explorer.labs.isolation.schedule import Rows, Schedule
from explorer.labs.isolation.trace import Ran, Trace
from explorer.labs.isolation.transactions import REFUSED, Transaction, transactions
from explorer.server.databases import TITLES

MOST_ROWS: Final = 4


def rows_in_words(rows: Rows) -> str:
    """ "150"; "Ann 120, Bob 190"; "nothing"."""
    if not rows:
        return "nothing"
    shown = [" ".join("NULL" if value is None else str(value) for value in row) for row in rows[:MOST_ROWS]]
    return ", ".join(shown) + (" …" if len(rows) > MOST_ROWS else "")


class Telling:
    """Sentences about one run; `olds` are its reads of old versions by number."""

    def __init__(self, schedule: Schedule, trace: Trace, olds: Mapping[int, OldVersion]) -> None:
        self._schedule, self._trace, self._olds = schedule, trace, olds
        self._engine = TITLES.get(trace.facts.engine, trace.facts.title)

    def prevented(self) -> str:
        """Why it did not happen."""
        reasons = self._reasons()
        words, value = self._schedule.number[1], self._trace.number[:1]
        if self._schedule.kind == "cure" and words and value:
            reasons = f"{words[:1].upper()}{words[1:]}: {value[0]}. {reasons}"
        return reasons

    def so_far(self) -> str:
        """Where a run stands that is not over."""
        waits = [one for one in self._trace.ran if one.blocked]
        if waits:
            return " ".join(f"{one.session} waits for {_who(one.waits[-1].by)}." for one in waits)
        done = len({one.step for one in self._trace.ran if one.step >= 0 and one.ended is not None})
        return f"{done} of {len(self._schedule.steps)} steps are done."

    def deadlock(self, one: Ran) -> str:
        """Who was ended."""
        others = one.waits[-1].by if one.waits and one.waits[-1].by else self._others(one.session)
        other = _who(others)
        again = self._again(one)
        return (
            f"{one.session} and {other} waited for each other. {self._engine} ended {one.session}, so that {other} "
            f"could go on{again}."
        )

    def mistake(self, one: Ran) -> str:
        """A statement that the engine did not understand, or found against a rule of the table."""
        assert one.failure is not None, "only statements that failed come here"
        message = " ".join(one.failure.message.split()).rstrip(".")
        return f"Step {one.step + 1} of {one.session} failed with {one.failure.code}: {message}. Correct its SQL."

    # -- why not ---------------------------------------------------------------------------------------------------

    def _reasons(self) -> str:
        refused = next(
            (one for one in self._trace.ran if one.failure is not None and one.failure.kind in (*REFUSED, "timeout")),
            None,
        )  # fmt: skip
        if refused is not None:
            return self._refused(refused)
        nothing = next((one for one in self._trace.ran if self._changed_nothing(one)), None)
        if nothing is not None:
            return (
                f"{nothing.session}'s write changed no row, since {_who(self._writers(nothing))} had been there "
                f"first{self._again(nothing)}."
            )
        judged = {number - 1 for one in self._schedule.happened for number in one.reads}
        old = next((self._trace.ran[n] for n in self._olds if self._trace.ran[n].step in judged), None)
        old = old or next((self._trace.ran[number] for number in self._olds), None)
        waited = next((one for one in self._trace.ran if one.waits), None)
        if waited is not None and (old is None or not (old.step in judged or _word(waited) == "COMMIT")):
            return self._waited(waited)
        if old is not None:
            more = f" {self._waited(waited)}" if waited is not None and _word(waited) == "COMMIT" else ""
            return self._old(old, self._olds[old.number]) + more
        order = graph(self._schedule, self._trace).sentence
        return order if order.startswith(AS_IF) else "Nobody had to wait for anybody."

    def _changed_nothing(self, one: Ran) -> bool:
        return one.step >= 0 and self._schedule.steps[one.step].must_change and one.state == "done" and one.count == 0

    def _refused(self, one: Ran) -> str:
        failure = one.failure
        assert failure is not None, "only refused statements come here"
        session, again = one.session, self._again(one)
        other = _who(one.waits[-1].by if one.waits and one.waits[-1].by else self._writers(one))
        if failure.kind == "deadlock":
            return self.deadlock(one)
        if failure.kind == "timeout":
            return (
                f"{session} waited for {other} longer than it may, and {self._engine} gave up ({failure.code}){again}."
            )
        if failure.kind == "busy":
            return self._busy(one, other) + self._left_open(one)
        if "dependenc" in failure.message:
            everybody = _who(tuple(each.name for each in self._schedule.sessions))
            return (
                f"What {everybody} read and wrote fits into no order. {self._engine} refused {session}'s "
                f"{_word(one)}{again}."
            )
        return (
            f"{session} wanted to change a row that {other} had changed since {session}'s snapshot. {self._engine} "
            f"refused{again}."
        )

    def _busy(self, one: Ran, other: str) -> str:
        assert one.failure is not None, "only refused statements come here"
        session, again = one.session, self._again(one)
        if "SHAREDCACHE" in one.failure.code:
            return f"{other} was writing, and in a shared cache nobody waits: SQLite refused {session}'s write{again}."
        if "SNAPSHOT" in one.failure.code:
            return (
                f"{session} had read a version that {other} had replaced since, and wanted to write. SQLite "
                f"refused{again}."
            )
        return (
            f"{session} had read and wanted to write, but {other} held the write lock. Waiting could not help, so "
            f"SQLite refused at once{again}."
        )

    def _left_open(self, one: Ran) -> str:
        """A sentence on the transaction that goes on after a refusal; empty if it was begun anew."""
        failure, session = one.failure, one.session
        again = any(ran.session == session and ran.attempt > one.attempt for ran in self._trace.ran)
        if failure is None or not failure.leaves_open or again:
            return ""
        own = transactions(self._schedule, self._trace).get(one.transaction)
        if own is not None and own.ended == "committed":
            return f" {session}'s transaction stayed open, and its COMMIT came without this write."
        if own is not None and own.ended != "open":
            return f" {session}'s transaction stayed open until it was rolled back."
        return f" {session}'s transaction is still open."

    def given_up(self, session: str, refusals: int) -> str:
        """A cure that left a session without what it wanted to write."""
        often = {1: "once", 2: "twice"}.get(refusals, f"{refusals} times")
        return f"{session} was refused {often} and has no attempt left: its write is missing. {self._reasons()}"

    def _again(self, one: Ran) -> str:
        """The end of a sentence: that the session must start again, or that it did, and what it then reads."""
        tries = [ran for ran in self._trace.ran if ran.session == one.session and ran.attempt > one.attempt]
        if not tries:
            value = self._would_read(one)
            return f": {one.session} must start again" + (f" and read {value}" if value else "")
        last = self._last(one.session)
        if last is not None and last.ended == "aborted":
            return f". {one.session} began again, and was refused again"
        read = next((ran.rows for ran in tries if self._shows(ran)), None)
        return f". {one.session} began again" + (f" and read {rows_in_words(read)}" if read else "")

    def _shows(self, one: Ran) -> bool:
        """Whether it read from a table, and the last value that the session computes with."""
        steps = self._schedule.steps
        kept = [place for place, step in enumerate(steps) if step.session == one.session and step.keep]
        return one.rows is not None and (not kept or one.step == kept[-1])

    def _would_read(self, one: Ran) -> str:
        """What the session's last read would return now; empty if that is not known, or more than a value."""
        read = [
            ran
            for ran in self._trace.ran
            if ran.session == one.session
            and ran.number <= one.number
            and ran.attempt == one.attempt
            and (ran.rows is not None or (ran is one and ran.sql.lstrip()[:6].upper() == "SELECT"))
        ]
        if not read or not self._trace.over:
            return ""
        with Copies(self._schedule, self._trace.facts.engine) as copies:
            state = {(name, row[0]): row for name, rows in self._trace.final.items() for row in rows}
            rows = copies.read(read[-1].sql, state) if copies.touches(read[-1].sql) else None
        return rows_in_words(rows) if rows is not None and len(rows) == 1 and len(rows[0]) == 1 else ""

    def _waited(self, one: Ran) -> str:
        who, word = _who(one.waits[0].by), _word(one)
        if word == "COMMIT":
            return f"{one.session}'s COMMIT waited until {who} had ended."
        begins = self._trace.facts.engine == "sqlite" and self._trace.level == "IMMEDIATE"
        touches = any(table.name in one.sql for table in self._schedule.tables)
        read = one.rows
        if begins or not touches:
            read = next((ran.rows for ran in self._trace.ran if self._follows(ran, one) and self._shows(ran)), None)
        what = f"{one.session} waited at its BEGIN" if begins else f"{one.session}'s {word} waited"
        return f"{what} until {who} had ended" + (
            f", and then read {rows_in_words(read)}." if read is not None else "."
        )

    def _follows(self, ran: Ran, one: Ran) -> bool:
        return ran.session == one.session and ran.number >= one.number

    def _old(self, one: Ran, old: OldVersion) -> str:
        by = _who(old.by)
        late = any(self._committed_before(session, one) for session in old.by)
        then = f"as it was when {one.session} began" if late else "as it was last committed"
        change = f"{by}'s change" if late else f"{by}'s open change"
        if one.rows is None or old.newest is None:
            return f"{one.session}'s {_word(one)} looked for its rows {then}, without {change}."
        return (
            f"{one.session} read {rows_in_words(one.rows)}, {then}; with {change} it would be "
            f"{rows_in_words(old.newest)}."
        )

    def _committed_before(self, session: str, one: Ran) -> bool:
        return any(
            each.session == session and each.committed_at is not None and each.committed_at <= one.began
            for each in transactions(self._schedule, self._trace).values()
        )

    def _last(self, session: str) -> Transaction | None:
        own = [each for each in transactions(self._schedule, self._trace).values() if each.session == session]
        return own[-1] if own else None

    def _writers(self, one: Ran) -> tuple[str, ...]:
        """The other sessions that had written something by then."""
        wrote = {
            ran.session for ran in self._trace.ran if ran.state == "done" and ran.count and ran.number < one.number
        }
        return tuple(name for name in self._others(one.session) if name in wrote) or self._others(one.session)

    def _others(self, session: str) -> tuple[str, ...]:
        return tuple(one.name for one in self._schedule.sessions if one.name != session)


def _who(names: tuple[str, ...]) -> str:
    if not names:
        return "another session"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _word(one: Ran) -> str:
    return one.sql.split()[0].upper() if one.sql.split() else ""
