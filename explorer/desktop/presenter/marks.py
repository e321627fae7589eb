"""What the speaker draws on a slide: strokes and spots that fade by themselves. No Qt: points are on the slide's grid,
the clock is given.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

STAYS_S: Final = 8.0
FADES_S: Final = 1.0
"""So long before its end a mark begins to fade."""
Point = tuple[float, float]


@dataclass(slots=True)
class Mark:
    """A stroke, or a spot (one point). `kept`: it stays until it is wiped."""

    points: list[Point] = field(default_factory=list)
    ended: float | None = None
    kept: bool = False


class Marks:
    """The marks on the wall; `clock` tells seconds. A stroke that is being drawn does not fade."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.all: list[Mark] = []
        self._drawn: Mark | None = None

    def begin(self, point: Point, *, kept: bool) -> None:
        """The pen goes down."""
        self.end()
        self._drawn = Mark([point], kept=kept)
        self.all.append(self._drawn)

    def draw(self, point: Point) -> None:
        """The pen moves; nothing while it is up."""
        if self._drawn is not None:
            self._drawn.points.append(point)

    def end(self) -> None:
        """The pen goes up: from now on the stroke has its eight seconds."""
        if self._drawn is not None:
            self._drawn.ended = self._clock()
            self._drawn = None

    def wipe(self) -> None:
        """Take all away."""
        self.all, self._drawn = [], None

    def strength(self, mark: Mark, *, motion: bool = True) -> float:
        """How strongly a mark is drawn now, 0 to 1; without `motion` it goes at once."""
        if mark.kept or mark.ended is None:
            return 1.0
        left = mark.ended + STAYS_S - self._clock()
        if not motion:
            return 1.0 if left > 0 else 0.0
        return min(1.0, max(0.0, left / FADES_S))

    def tidy(self) -> bool:
        """Forget what has faded; whether anything is left that will change by itself."""
        self.all = [mark for mark in self.all if self.strength(mark) > 0]
        return any(not mark.kept for mark in self.all)
