"""Rounding parts so that what is displayed adds up to the displayed whole."""

import math
from collections.abc import Sequence


def round_parts(parts: Sequence[float], decimals: int = 1) -> list[float]:
    """`parts` rounded to `decimals`, their sum equal to the rounded sum of `parts` (largest remainder first)."""
    unit = 10.0**decimals
    scaled = [part * unit for part in parts]
    floors = [math.floor(value) for value in scaled]
    missing = round(sum(scaled)) - sum(floors)
    by_remainder = sorted(range(len(parts)), key=lambda place: floors[place] - scaled[place])
    for place in by_remainder[: max(0, missing)]:
        floors[place] += 1
    return [floor / unit for floor in floors]
