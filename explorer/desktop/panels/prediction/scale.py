"""Where the bars of a prediction end, and which value a place between them means. Plain arithmetic, no Qt."""

from collections.abc import Iterable

ROOM = 1.3
"""The longest bar leaves so much room behind it, to drag beyond."""
EMPTY = 100.0


def end_of(values: Iterable[float | None]) -> float:
    """The value at the right end of all bars, above the largest."""
    largest = max((value for value in values if value is not None and value > 0), default=0.0)
    return largest * ROOM if largest > 0 else EMPTY


def share_of(value: float, end: float) -> float:
    """How long the bar of a value is, 0 to 1."""
    return min(1.0, max(0.0, value / end)) if end > 0 else 0.0


def value_at(share: float, end: float) -> float:
    """The value that a place means, rounded to what a hand can point at: three digits."""
    return float(f"{min(1.0, max(0.0, share)) * end:.3g}")


def parsed(text: str, unit: float) -> float | None:
    """The value that a text says, in the quantity's own unit times `unit`; None for no number or none above 0."""
    try:
        value = float(text.replace(",", "").strip())
    except ValueError:
        return None
    return value * unit if 0 < value < 1e12 else None
