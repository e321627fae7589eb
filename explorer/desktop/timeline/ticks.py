"""The axis as data: ticks, their words, and which flag stands where. No Qt.

Below a second between ticks the words are relative ("+50 ms") to one absolute moment that stands at the left; from a
second on the ticks are absolute themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from explorer.desktop.timeline.viewport import Viewport
from explorer.desktop.words import moment

CLOSEST_PX: Final = 84
SECOND: Final = 1_000_000_000
TENTH: Final = SECOND // 10
LONG_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 21_600, 86_400)
UNITS: Final = ((1_000_000, "ms"), (1_000, "µs"), (1, "ns"))


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick at `time` (ns) with its words."""

    time: int
    text: str


@dataclass(frozen=True, slots=True)
class Ticks:
    """The ticks of a view, and the words of the moment at its left that they are counted from."""

    anchor: str
    ticks: tuple[Tick, ...]


def step_for(view: Viewport, closest: float = CLOSEST_PX) -> int:
    """The smallest round step (ns) whose ticks are at least `closest` pixels apart."""
    least = view.ns_per_px * closest
    if least <= SECOND / 2:
        decade = 1
        while True:
            for factor in (1, 2, 5):
                if decade * factor >= least:
                    return decade * factor
            decade *= 10
    for seconds in LONG_STEPS:
        if seconds * SECOND >= least:
            return seconds * SECOND
    return LONG_STEPS[-1] * SECOND


def ticks_for(view: Viewport, origin: int, closest: float = CLOSEST_PX) -> Ticks:
    """The ticks of `view`; the run began at `origin` (ns). A tick exactly at the left edge is left to the anchor.

    The anchor is a round moment at or before the left edge; with the beginning in view it is the beginning.
    """
    step = step_for(view, closest)
    left = view.begin - origin
    first = -(-left // step) * step
    times = range(first, view.end - origin, step)
    if step >= TENTH:
        digits = 0 if step >= SECOND else 1
        return Ticks(moment(left // TENTH * TENTH, 1), tuple(Tick(origin + t, moment(t, digits)) for t in times))
    quantum = 1
    while quantum <= step:
        quantum *= 10
    # Where the beginning is in view it is what everybody counts from.
    base = 0 if left < 0 < view.end - origin else left // quantum * quantum
    size, unit = next((size, unit) for size, unit in UNITS if step >= size)
    return Ticks(
        moment(base, _decimals(quantum)),
        tuple(Tick(origin + t, _from_base(t - base, size, unit)) for t in times if t != base or base > left),
    )


def _from_base(away: int, size: int, unit: str) -> str:
    sign = "−" if away < 0 else "+"
    return f"{sign}{abs(away) // size:,} {unit}" if away else "0 s"


def _decimals(quantum: int) -> int:
    """Digits of a second, in threes, that a moment needs to be exact to `quantum` ns."""
    return 3 if quantum >= 1_000_000 else 6 if quantum >= 1_000 else 9


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag on the axis: `left` and `width` in pixels, which of the markers, and whether it shows words or only its
    icon.
    """

    index: int
    left: float
    width: float
    words: bool


def place_flags(
    xs: Sequence[float], texts: Sequence[str], width_of: Callable[[str], float], icon: float, right: float
) -> list[Flag]:
    """Place a flag at each of `xs` (ascending): with words if they fit before the next flag, else as an icon.

    `width_of` is the width of a flag with these words, `icon` of one without; a flag that would cover the one before
    is left out (its line shows where it is). A flag that would leave the axis at `right` lies left of its line.
    """
    flags: list[Flag] = []
    taken = float("-inf")
    for index, x in enumerate(xs):
        if not -1 <= x <= right:
            continue
        full = width_of(texts[index])
        limit = next((other for other in xs[index + 1 :] if other > x), float("inf"))
        if x + full > right and x - full >= taken:
            flags.append(Flag(index, x - full, full, words=True))
            taken = x
        elif x < taken or x + icon > right:
            continue
        elif x + full <= min(limit, right):
            flags.append(Flag(index, x, full, words=True))
            taken = x + full
        else:
            flags.append(Flag(index, x, icon, words=False))
            taken = x + icon
    return flags


def free_ticks(ticks: Sequence[tuple[float, float]], taken: Sequence[tuple[float, float]], right: float) -> list[int]:
    """Which of the ticks `(left, right)` in pixels can be written: clear of all `taken` stretches and of the right
    edge.
    """
    return [
        index
        for index, (left, end) in enumerate(ticks)
        if end <= right and not any(begin < end and left < stop for begin, stop in taken)
    ]
