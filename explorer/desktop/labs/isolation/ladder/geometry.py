"""Where the ladder's cards are, in px: columns beside each other, rows below each other. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from explorer.desktop.labs.isolation.ladder.model import Card, Ladder

GUTTER: Final = 30
COLUMN_GAP: Final = 26
ROW_GAP: Final = 8
HEAD: Final = 40
TALLEST: Final = 92
LOWEST: Final = 44
ERROR: Final = 30
"""What a row is taller by for the bar of an error, where the card does not wait through other rows."""
ROOMY: Final = 440
MESSAGE: Final = 40
"""The same for an engine's message that stands there verbatim."""

Box = tuple[float, float, float, float]
"""Left, top, width, height."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """For a width, columns, and the tops of all rows; the last is where the rows end."""

    width: float
    columns: int
    tops: tuple[float, ...]
    scale: float = 1.0

    @property
    def column_width(self) -> float:
        """Of one column."""
        gaps = self._gap * (self.columns - 1)
        return max(40.0, (self.width - GUTTER * self.scale - gaps - 6 * self.scale) / max(1, self.columns))

    @property
    def roomy(self) -> bool:
        """Whether the SQL can be written larger."""
        return self.column_width >= ROOMY * self.scale and self.tops[1] - self.tops[0] >= 64 * self.scale

    @property
    def _gap(self) -> float:
        return (COLUMN_GAP if self.columns <= 2 else 18) * self.scale

    @property
    def height(self) -> float:
        """Of all."""
        return self.tops[-1] + 4 * self.scale

    def left(self, column: int) -> float:
        """Where a column begins."""
        return GUTTER * self.scale + column * (self.column_width + self._gap)

    def row(self, row: int) -> tuple[float, float]:
        """Top and height of the cards in a row."""
        return self.tops[row], self.tops[row + 1] - self.tops[row] - ROW_GAP * self.scale

    def card(self, card: Card) -> Box:
        """Where a card is."""
        top = self.tops[card.row]
        bottom = self.tops[card.through + 1] - ROW_GAP * self.scale
        return self.left(card.column), top, self.column_width, bottom - top

    def column(self, column: int) -> Box:
        """The ground of a column."""
        pad = 6 * self.scale
        top = self.tops[0]
        return (
            self.left(column) - pad,
            top - pad * 0.7,
            self.column_width + 2 * pad,
            self.tops[-1] - top + pad * 0.7,
        )

    def boundary(self, y: float) -> int:
        """The row above which something at this height would be put: 0 … number of rows."""
        return min(range(len(self.tops)), key=lambda row: abs(self.tops[row] - ROW_GAP * self.scale / 2 - y))

    def at(self, ladder: Ladder, x: float, y: float) -> Card | None:
        """The card at a point."""
        for card in reversed(ladder.cards):
            left, top, width, height = self.card(card)
            if left <= x <= left + width and top <= y <= top + height:
                return card
        return None


def geometry(ladder: Ladder, width: float, room: float, scale: float = 1.0) -> Geometry:
    """For a width, and the height that there is room for; the ladder may be higher than that."""
    extra = [_extra(card) * scale for card in ladder.cards]
    free = (room - HEAD * scale - sum(extra) - 4 * scale) / max(1, ladder.rows)
    high = min(max(free, LOWEST * scale), TALLEST * scale)
    tops = [HEAD * scale]
    if not extra:
        extra = [0.0]
    for more in extra:
        tops.append(tops[-1] + high + more)
    return Geometry(width, max(1, len(ladder.heads)), tuple(tops), scale)


def _extra(card: Card) -> float:
    if card.failure is None or card.through > card.row:
        return 0.0
    return MESSAGE if card.failure.kind == "other" else ERROR


def place_at(ladder: Ladder, steps: int, boundary: int) -> int:
    """The place in the schedule, 0 … `steps`, of something that is put above this row."""
    below: Sequence[Card] = [card for card in ladder.cards if card.movable and card.row >= boundary]
    return min((card.step for card in below), default=steps)


def boundary_at(ladder: Ladder, place: int) -> int:
    """The row above which a step at this place would stand."""
    card = ladder.by_step.get(place)
    return card.row if card is not None else ladder.rows
