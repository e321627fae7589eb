"""Votes as rows to be drawn: one for each choice, or numbers in a few equal steps."""

from typing import Final

from explorer.lessons.audience.ballot import Ballot
from explorer.lessons.audience.events import Votes
from explorer.lessons.lesson import Question

STEPS: Final = 5


def rows(ballot: Ballot, votes: Votes) -> list[tuple[str, int]]:
    """What each row is called, and how many answered so."""
    if ballot.choices:
        counts = votes.counts or (0,) * len(ballot.choices)
        return list(zip(ballot.choices, counts, strict=False))
    width = (ballot.high - ballot.low) / STEPS
    edges = [ballot.low + width * step for step in range(STEPS + 1)]
    found = [0] * STEPS
    for number in votes.numbers:
        found[min(STEPS - 1, max(0, int((number - ballot.low) / width)))] += 1
    unit = f" {ballot.unit}" if ballot.unit else ""
    return [(f"{edges[at]:g}–{edges[at + 1]:g}{unit}", count) for at, count in enumerate(found)]


def right_row(question: Question, ballot: Ballot, measured: float) -> int:
    """Which of the `rows` of a question's ballot is the one that was measured; −1 where none of them is."""
    if ballot.choices:
        values = [choice.value for choice in question.choices[: len(ballot.choices)]]
        nearest = min(values, key=lambda value: abs(value - measured))
        words = question.kind == "choice" and not question.unit  # of words none is nearly right
        return -1 if words and nearest != measured else values.index(nearest)
    if not ballot.low <= measured <= ballot.high:
        return -1
    return min(STEPS - 1, int((measured - ballot.low) / ((ballot.high - ballot.low) / STEPS)))
