"""How a lesson writes numbers: few digits, with their unit. No Qt."""

import math
from typing import Final

LONG: Final = 2
"""Units with more letters than this are nouns."""
GLUED: Final = ("%", "×")
"""Units that stand right behind the number."""


def number(value: float) -> str:
    """A number with two or three digits that matter: "0.21", "3.2", "48", "1,250"."""
    size = abs(value)
    if not math.isfinite(value):
        return "–"
    if size >= 100 or (size >= 1 and float(value).is_integer()):
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.0f}" if abs(value - round(value)) < 0.05 else f"{value:.1f}"
    if size >= 1 or value == 0:
        return f"{value:.1f}" if value else "0"
    places = max(2, 1 - math.floor(math.log10(size)))
    return f"{value:.{min(places, 6)}f}"


def told(value: float, unit: str) -> str:
    """A number with its unit: "3.2 s", "80 %"."""
    if unit == "s" and abs(value) >= 1 and float(value).is_integer() and abs(value) < 100:
        return f"{value:.1f} s"
    return f"{number(value)}{'' if unit in GLUED[1:] else ' ' if unit else ''}{unit_of(value, unit)}"


def unit_of(value: float, unit: str) -> str:
    """A unit as it stands beside a number: "1 thread", "2 threads"."""
    several = len(unit) > LONG and unit.isalpha() and unit.endswith("s") and not unit.endswith("ss")
    return unit[:-1] if value == 1 and several else unit


def in_whole_terms(formula: str) -> str:
    """A formula that is broken, where it must be, between words and before a plus, never inside of a term."""
    for sign in (" / ", " · ", " − ", ", "):
        formula = formula.replace(sign, sign.replace(" ", "\u00a0"))
    return formula.replace("+ ", "+\u00a0")


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 run", "2 runs"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
