"""Two ladders of one schedule beside each other: what belongs together is in the same row. No Qt.

Each run has rows of its own, as a retry or a ROLLBACK that the lab sends is a row where it happened. Rows are matched
by step and attempt, in order; what one side has alone leaves a gap on the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from explorer.desktop.labs.isolation.compare.differences import StepDifference
from explorer.desktop.labs.isolation.ladder.model import Card, Ladder


@dataclass(frozen=True, slots=True)
class Aligned:
    """Both ladders, their cards in common rows. `matched`: by row whether both sides have a card there."""

    left: Ladder
    right: Ladder
    matched: tuple[bool, ...]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.matched)

    def same(self, card: Card, differences: Sequence[StepDifference]) -> bool:
        """Whether a card is as on the other side."""
        key = card.step, card.attempt
        return self.matched[card.row] and all((one.step, one.attempt) != key for one in differences)

    def row_of(self, one: StepDifference) -> int:
        """The row of a difference, on whichever side has it; −1 if none has."""
        key = one.step, one.attempt
        cards = (card for side in (self.left, self.right) for card in side.cards)
        return next((card.row for card in cards if (card.step, card.attempt) == key), -1)

    def begins(self, row: int) -> bool:
        """Whether a row is to have a sign: of several below each other that only one side has, the first."""
        return self.matched[row] or row == 0 or self.matched[row - 1]


def align(left: Ladder, right: Ladder) -> Aligned:
    """Put two ladders into common rows."""
    ours, theirs = _keys(left.cards), _keys(right.cards)
    places: tuple[list[int], list[int]] = ([], [])
    matched: list[bool] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        for _ in range(i1, i2):
            places[0].append(len(matched))
            if tag == "equal":
                places[1].append(len(matched))
            matched.append(tag == "equal")
        if tag != "equal":
            for _ in range(j1, j2):
                places[1].append(len(matched))
                matched.append(False)
    return Aligned(_moved(left, places[0], len(matched)), _moved(right, places[1], len(matched)), tuple(matched))


def _keys(cards: Sequence[Card]) -> list[tuple[int, int, str]]:
    """What makes two cards the same place of the schedule; what the lab sent by itself is matched by its session."""
    return [(card.step, card.attempt, card.session if card.step < 0 else "") for card in cards]


def _moved(ladder: Ladder, places: Sequence[int], rows: int) -> Ladder:
    cards = tuple(
        replace(card, row=places[card.row], through=places[min(card.through, len(places) - 1)]) for card in ladder.cards
    )
    return replace(ladder, cards=cards, rows=rows, by_step={card.step: card for card in cards if card.movable})
