"""The statements of a run in the order in which they were sent, and their waits; every change is told at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from explorer.labs.isolation.child.spans import Spans
from explorer.labs.isolation.engines.engine import Outcome, Waiting
from explorer.labs.isolation.trace import Failure, Ran, State, Wait, ran_as_json
from explorer.records.clock import now_ns

Tell = Callable[[Mapping[str, Any]], None]


class Trail:
    """`tell` gets an event `ran` for each change, `spans` the waits."""

    def __init__(self, tell: Tell, spans: Spans) -> None:
        self._tell, self._spans = tell, spans
        self._ran: list[Ran] = []

    def __len__(self) -> int:
        return len(self._ran)

    def __getitem__(self, number: int) -> Ran:
        return self._ran[number]

    def put(self, ran: Ran) -> None:
        """A statement is new, or is to replace what it was."""
        if ran.number == len(self._ran):
            self._ran.append(ran)
        else:
            self._ran[ran.number] = ran
        self._tell({"event": "ran", "ran": ran_as_json(ran)})

    def report(self, under_way: Iterable[int], waits: Mapping[str, Waiting]) -> None:
        """An answer to a question: of these statements those wait whose sessions are in `waits`."""
        now = now_ns()
        for ran in map(self._ran.__getitem__, under_way):
            by = waits.get(ran.session) or ()
            if ran.session in waits and not ran.blocked:
                self.put(replace(ran, state="blocked", waits=(*ran.waits, Wait(now, by))))
                self._spans.wait_begins(ran.session, now, _words(by))
            elif ran.session in waits and by and by != ran.waits[-1].by:
                self.put(replace(ran, waits=(*ran.waits[:-1], replace(ran.waits[-1], by=by))))
            elif ran.session not in waits and ran.blocked:
                self.put(replace(ran, state="running", waits=self._released(ran, now)))

    def end(self, number: int, outcome: Outcome, state: State, failure: Failure | None) -> Ran:
        """A statement has ended; how it is held now."""
        ran = self._ran[number]
        ended = replace(
            ran, ended=outcome.ended, state=state, waits=self._released(ran, outcome.ended),
            columns=outcome.columns, rows=outcome.rows, count=outcome.count, failure=failure,
        )  # fmt: skip
        self.put(ended)
        if outcome.failure is not None and (outcome.failure.ends or outcome.failure.poisons):
            self._let_go(ended)
        return ended

    def _released(self, ran: Ran, until: int) -> tuple[Wait, ...]:
        """The waits of a statement that waits no more, the last of them with its end."""
        if not ran.waits:
            return ()
        wait = ran.waits[-1]
        if wait.until is not None:  # noticed while the news of the statement's end was on its way
            return (*ran.waits[:-1], replace(wait, until=min(wait.until, until)))
        theirs = [one for one in self._ran if one.session in wait.by]
        # Whoever lets go may hear of it later than the one who waited.
        by = max((one.number for one in theirs if one.ended is None and not one.blocked), default=-1)
        if by < 0:
            since = {one.number: one.ended for one in theirs if one.ended is not None and one.ended > wait.since}
            by = max(since, key=since.__getitem__, default=-1)
        self._spans.wait_ends(ran.session, wait.since, until, _words(wait.by))
        return (*ran.waits[:-1], replace(wait, until=until, released_by=by))

    def _let_go(self, ended: Ran) -> None:
        """A transaction that the engine has ended lets others go on, who may have been heard of first."""
        for ran, wait in self._unexplained():
            if ended.session in wait.by and ended.began < (wait.until or 0):
                self.put(replace(ran, waits=(*ran.waits[:-1], replace(wait, released_by=ended.number))))

    def _unexplained(self) -> Iterator[tuple[Ran, Wait]]:
        """Statements that wait no more for an unknown reason, and their last waits."""
        for ran in list(self._ran):
            wait = ran.waits[-1] if ran.waits else None
            if wait is not None and wait.until is not None and wait.released_by < 0 and ran.state != "cancelled":
                yield ran, wait


def _words(by: tuple[str, ...]) -> str:
    return f"waits for {' and '.join(by)}" if by else "waits"
