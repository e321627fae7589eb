"""Numbers as they stand in a formula: few digits, with their unit."""

from math import inf, isfinite


def number(value: float) -> str:
    """Three digits that count; whole numbers as they are."""
    if value == inf:
        return "∞"
    if abs(value - round(value)) < 1e-9 * max(1.0, abs(value)) and abs(value) < 1e6:
        return str(round(value))
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def seconds(value: float) -> str:
    """A time: 3 s, 500 ms, 92 µs."""
    if not isfinite(value):
        return "∞"
    if value >= 1 or value == 0:
        return f"{number(value)} s"
    return f"{number(value * 1e3)} ms" if value >= 0.0005 else f"{number(value * 1e6)} µs"


def rate(value: float) -> str:
    """So many a second."""
    return f"{number(value)}/s"
