"""Which steps of a schedule went differently in two runs, and how each went, in words. No Qt.

Two runs of one schedule have the same steps, so that they are compared step by step: what was read, how many rows were
changed, whether it waited and for whom, and how it ended. Times are no difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.labs.isolation.schedule import ROLLBACK, Rows, Schedule
from explorer.labs.isolation.trace import Ran, Trace

MOST_ROWS = 3


@dataclass(frozen=True, slots=True)
class StepDifference:
    """`step` counts from 0; `left` and `right` say how it went on each side, `sentence` both."""

    step: int
    left: str
    right: str

    @property
    def sentence(self) -> str:
        """For a tooltip, and for who listens."""
        return f"Step {self.step + 1}. Left: {self.left}. Right: {self.right}."


def differences(schedule: Schedule, left: Trace, right: Trace) -> list[StepDifference]:
    """The steps that went differently, in order. What has not been reached on one side is not compared yet."""
    found = []
    for step in range(len(schedule.steps)):
        sides = _of_step(left, step), _of_step(right, step)
        if not all(sides):
            if not (left.over and right.over) or not any(sides):
                continue
        elif _outcome(sides[0]) == _outcome(sides[1]):
            continue
        found.append(StepDifference(step, in_words(sides[0]), in_words(sides[1])))
    return found


def in_words(several: Sequence[Ran]) -> str:
    """How a step went, over all its attempts: "waits for A, then aborted 40001; again: changes 1 row"."""
    if not several:
        return "not sent"
    return "; again: ".join(_words(one) for one in several)


def steps_in_words(count: int) -> str:
    """ "the same six steps"."""
    small = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    number = small[count] if count < len(small) else f"{count:,}"
    return f"the same {number} step{'' if count == 1 else 's'}"


def _of_step(trace: Trace, step: int) -> list[Ran]:
    return [one for one in trace.ran if one.step == step]


def _outcome(several: Sequence[Ran]) -> list[tuple[object, ...]]:
    return [
        (
            one.state if one.state != "running" else "",
            _ended_as(one),
            sorted(one.rows, key=repr) if one.rows is not None else None,
            one.count if one.rows is None else None,
            one.failure.code if one.failure is not None else "",
            tuple(sorted({name for wait in one.waits for name in wait.by})),
            bool(one.waits),
        )
        for one in several
    ]


def _ended_as(one: Ran) -> str:
    """A COMMIT of an aborted transaction is sent as ROLLBACK."""
    return ROLLBACK if one.sql.strip().rstrip(";").upper() == ROLLBACK else ""


def _words(one: Ran) -> str:
    parts = []
    if one.waits:
        names = sorted({name for wait in one.waits for name in wait.by})
        parts.append(f"waits for {' and '.join(names)}" if names else "waits")
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
