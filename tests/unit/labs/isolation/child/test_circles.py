"""Who waits for whom in the end, in words."""

import pytest

from explorer.labs.isolation.child.circles import circle, why_stuck


@pytest.mark.parametrize(
    ("waits", "found"),
    [
        ({"A": ("B",)}, []),
        ({"A": ("B",), "B": ("A",)}, ["A", "B"]),
        ({"A": ("B",), "B": ("C",), "C": ("B",)}, ["B", "C"]),
        ({"A": ("C", "B"), "B": ("A",)}, ["A", "B"]),
        ({"A": ()}, []),
    ],
)
def test_circles(waits: dict[str, tuple[str, ...]], found: list[str]) -> None:
    assert sorted(circle(waits)) == found


@pytest.mark.parametrize(
    ("waits", "says"),
    [
        ({"B": ("A",)}, "B waits for A, and A has no step left."),
        ({"A": ("B",), "B": ("A",)}, "A and B wait for one another."),
        ({"C": ("B",), "B": ("A",)}, "B waits for A, and A has no step left."),
        ({"A": ()}, "A cannot go on: somebody outside of the lab holds the lock."),
    ],
)
def test_why_it_is_stuck(waits: dict[str, tuple[str, ...]], says: str) -> None:
    assert why_stuck(waits, lambda name: False) == says
