"""The tower of those who wait for a lock."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.desktop.timeline.towers import Storey, profile, storeys, tallest

WAITS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 30)), max_size=12).map(
    lambda pairs: [(start, start + length) for start, length in pairs]
)


def standing(waits: list[tuple[int, int]], time: int) -> list[int]:
    """Who waits at a time, the longest first: by definition."""
    there = [at for at, (start, end) in enumerate(waits) if start <= time < end]
    return sorted(there, key=lambda at: (waits[at][0], at))


def test_who_has_waited_longest_is_lowest_and_the_others_come_down_when_it_leaves() -> None:
    assert storeys([0, 2, 4], [10, 12, 8]) == [
        Storey(0, 10, 0, 0),
        Storey(2, 10, 1, 1),
        Storey(4, 8, 2, 2),
        Storey(10, 12, 0, 1),
    ]


@settings(max_examples=40)
@given(WAITS)
def test_the_storeys_are_the_queue_at_every_moment(waits: list[tuple[int, int]]) -> None:
    pieces = storeys([start for start, _ in waits], [end for _, end in waits])
    for time in range(75):
        there = sorted((piece.level, piece.which) for piece in pieces if piece.start <= time < piece.end)
        assert there == list(enumerate(standing(waits, time)))


@settings(max_examples=40)
@given(WAITS, st.integers(1, 9))
def test_the_profile_of_a_column_is_the_highest_in_it(waits: list[tuple[int, int]], wide: int) -> None:
    starts, ends = (np.array([wait[side] for wait in waits], "<i8") for side in (0, 1))
    edges = np.arange(0, 80, wide, dtype="<i8")
    expected = [max(len(standing(waits, time)) for time in range(first, first + wide)) for first in edges[:-1].tolist()]
    assert profile(starts, ends, edges).tolist() == expected
    assert tallest(starts, ends) == max((len(standing(waits, time)) for time in range(75)), default=0)
