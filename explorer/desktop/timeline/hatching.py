"""Patterns in the far view: the same second code as on bars, pixel by pixel in the stacked columns. No Qt."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from explorer.collect.source import Array
from explorer.records.states import State
from explorer.tokens import Pattern

CELL: Final = 6
LANE_SHARE: Final = 150 / 255
"""How much of the lane is in a pixel of a pattern, as in the textures of bars."""

Hatches = tuple[tuple[State, Pattern], ...]


def mask(pattern: Pattern, height: int, columns: int, first: int) -> Array:
    """Where a pattern has ink: (height, columns) of bool; `first` is the absolute number of the first column."""
    y = np.arange(height)[:, None]
    x = (first + np.arange(columns))[None, :]
    rising = (x + y) % CELL == 0
    found: Array
    match pattern:
        case Pattern.DIAGONAL:
            found = rising
        case Pattern.CROSSED:
            found = rising | ((x - y) % CELL == 0)
        case Pattern.VERTICAL:
            found = np.broadcast_to(x % CELL == 2, (height, columns))
        case Pattern.HORIZONTAL:
            found = np.broadcast_to(y % CELL == 2, (height, columns))
        case Pattern.DOTS:
            found = (x % CELL // 2 == 0) & (y % CELL // 2 == 0) | (x % CELL // 2 == 1) & (y % CELL // 2 == 2)
        case Pattern.WIDE:
            found = (x + y) % (2 * CELL) == 0
        case Pattern.PLAIN:
            found = np.zeros((height, columns), bool)
    return found


def hatch(picture: Array, palette: Array, hatches: Sequence[tuple[State, Pattern]], first: int) -> None:
    """Draw the patterns into columns (rows, height, columns) of u4 that were painted with `palette`."""
    _, height, columns = picture.shape
    lane = int(palette[State.NONE])
    for state, pattern in hatches:
        color = int(palette[state])
        where = (picture == color) & mask(pattern, height, columns, first)[None]
        picture[where] = _blend(color, lane)


def _blend(color: int, lane: int) -> int:
    mixed = 0xFF000000
    for shift in (16, 8, 0):
        here, there = color >> shift & 0xFF, lane >> shift & 0xFF
        mixed |= round(here * (1 - LANE_SHARE) + there * LANE_SHARE) << shift
    return mixed
