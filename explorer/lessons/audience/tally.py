"""Votes as rows to be drawn: one for each choice, or numbers in a few equal steps."""

from typing import Final

from explorer.lessons.audience.ballot import Ballot
from explorer.lessons.audience.events import Votes

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
