"""Computes in Python and holds the GIL meanwhile."""


def blocking(loops: int) -> int:
    """Add up `loops` numbers; a fixed amount of work, so that only the waiting differs between requests."""
    total = 0
    for number in range(loops):
        total += number * number % 7
    return total
