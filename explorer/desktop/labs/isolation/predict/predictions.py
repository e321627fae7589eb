"""What was predicted for the levels of an engine, and how much of it was right. No Qt.

It lives as long as what is measured next, and nothing of it is written anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from explorer.desktop.labs.isolation.matrix.look import shown_by
from explorer.labs.isolation.matrix import Matrix


@dataclass(frozen=True, slots=True)
class Score:
    """`marks`: for each scored schedule, in the order of the rows, whether the prediction was right."""

    level: str
    marks: Mapping[str, bool]

    @property
    def right(self) -> int:
        """How many were right."""
        return sum(self.marks.values())

    @property
    def first_miss(self) -> str:
        """The first schedule that was predicted wrongly; empty if none was."""
        return next((schedule for schedule, right in self.marks.items() if not right), "")

    @property
    def sentence(self) -> str:
        """In words: "8 of 12 right"."""
        return f"{self.right} of {len(self.marks)} right"


@dataclass(slots=True)
class Predictions:
    """By level and schedule whether it can happen (True) or cannot (False); what was not marked is not in it."""

    marks: dict[tuple[str, str], bool] = field(default_factory=dict)

    def mark(self, level: str, schedule: str, can: bool) -> None:
        """Mark it; the same mark again takes it away."""
        if self.marks.get((level, schedule)) is can:
            del self.marks[level, schedule]
        else:
            self.marks[level, schedule] = can

    def unmark(self, level: str, schedule: str) -> None:
        """Take a mark away, if there is one."""
        self.marks.pop((level, schedule), None)

    def of(self, level: str, schedule: str) -> bool | None:
        """The mark; None for none."""
        return self.marks.get((level, schedule))

    def count(self, level: str, schedules: Sequence[str]) -> int:
        """How many of these are marked."""
        return sum((level, schedule) in self.marks for schedule in schedules)

    def score(self, level: str, matrix: Matrix) -> Score:
        """How much was right: of what was marked, and could be measured."""
        found = {}
        for schedule in matrix.schedules:
            guess, happened = self.of(level, schedule), shown_by(matrix.cells.get((level, schedule)))
            if guess is not None and happened is not None:
                found[schedule] = guess == happened
        return Score(level, found)
