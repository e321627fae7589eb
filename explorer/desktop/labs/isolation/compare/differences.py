"""Which steps of a schedule went differently in two runs, and how each went, in words. No Qt.

Two runs of one schedule have the same steps, so that they are compared step by step: what was read, how many rows were
changed, whether it waited and for whom, and how it ended. Times are no difference.
"""

from dataclasses import dataclass

from explorer.labs.isolation.schedule import ROLLBACK, Rows, Schedule
from explorer.labs.isolation.trace import Ran, Trace

MOST_ROWS = 3


@dataclass(frozen=True, slots=True)
class StepDifference:
    """`step` and `attempt` count from 0; `left` and `right` say how it went on each side, `sentence` both."""

    step: int
    left: str
    right: str
    attempt: int = 0

    @property
    def sentence(self) -> str:
        """For a tooltip, and for who listens."""
        again = f", attempt {self.attempt + 1}" if self.attempt else ""
        return f"Step {self.step + 1}{again}. Left: {self.left}. Right: {self.right}."


def differences(schedule: Schedule, left: Trace, right: Trace) -> list[StepDifference]:
    """The steps that went differently, attempt by attempt, in order. What has not been reached on one side is not
    compared yet.
    """
    ours, theirs = _by_attempt(left), _by_attempt(right)
    attempts = sorted({attempt for _, attempt in (*ours, *theirs)})
    found = []
    for attempt in attempts:
        for step in range(len(schedule.steps)):
            one, other = ours.get((step, attempt)), theirs.get((step, attempt))
            if one is None or other is None:
                if one is other or not (left.over and right.over):
                    continue
            elif _outcome(one) == _outcome(other):
                continue
            found.append(StepDifference(step, in_words(one), in_words(other), attempt))
    return found


def in_words(one: Ran | None) -> str:
    """How a step went: "blocked by A, then aborted 40001"."""
    return _words(one) if one is not None else "not sent"


def steps_in_words(count: int) -> str:
    """ "the same six steps"."""
    small = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    number = small[count] if count < len(small) else f"{count:,}"
    return f"the same {number} step{'' if count == 1 else 's'}"


def _by_attempt(trace: Trace) -> dict[tuple[int, int], Ran]:
    return {(one.step, one.attempt): one for one in trace.ran if one.step >= 0}


def _outcome(one: Ran) -> tuple[object, ...]:
    return (
        one.state if one.state != "running" else "",
        _ended_as(one),
        sorted(one.rows, key=repr) if one.rows is not None else None,
        one.count if one.rows is None else None,
        one.failure.code if one.failure is not None else "",
        tuple(sorted({name for wait in one.waits for name in wait.by})),
        bool(one.waits),
    )


def _ended_as(one: Ran) -> str:
    """A COMMIT of an aborted transaction is sent as ROLLBACK."""
    return ROLLBACK if one.sql.strip().rstrip(";").upper() == ROLLBACK else ""


def _words(one: Ran) -> str:
    parts = []
    if one.waits:
        names = sorted({name for wait in one.waits for name in wait.by})
        parts.append(f"blocked by {' and '.join(names)}" if names else "blocked")
    if one.failure is not None:
        parts.append(f"aborted {one.failure.code}".strip())
    elif one.state == "left out":
        parts.append("left out")
    elif one.state == "cancelled":
        parts.append("cancelled")
    elif one.ended is None:
        if not parts:
            parts.append("goes on")
    elif one.rows is not None:
        parts.append(f"reads {rows_in_words(one.rows)}")
    elif _ended_as(one):
        parts.append("rolls back")
    elif one.count is not None:
        parts.append(f"changes {one.count:,} {'row' if one.count == 1 else 'rows'}")
    else:
        parts.append("done")
    return ", then ".join(parts)


def rows_in_words(rows: Rows) -> str:
    """Few rows by their values, many by their number: "100", "Ann 100 and Bob 50", "4 rows"."""
    if not rows:
        return "no row"
    if len(rows) > MOST_ROWS:
        return f"{len(rows):,} rows"
    told = [" ".join("NULL" if value is None else str(value) for value in row) for row in rows]
    return f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]
