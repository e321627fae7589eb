"""The offset of another clock from questions and answers."""

from collections.abc import Iterator

import pytest

from explorer.cluster.clocks import Offset, measure


class Line:
    """A line to a clock that is `ahead` ns ahead; each question takes its own time there and back (ns)."""

    def __init__(self, ahead: int, trips: Iterator[tuple[int, int]]) -> None:
        self.now = 1_000_000
        self._ahead = ahead
        self._trips = trips

    def clock(self) -> int:
        return self.now

    async def ask(self) -> int:
        there, back = next(self._trips)
        self.now += there + back
        return self.now - back + self._ahead


async def test_the_quickest_question_counts() -> None:
    line = Line(3_500_000_000, iter([(9_000, 90_000), (100, 100), (50_000, 1_000)]))

    offset = await measure(line.ask, 3, line.clock)

    assert offset == Offset(3_500_000_000, 100)


@pytest.mark.parametrize("trip", [(0, 8_000), (8_000, 0), (3_000, 5_000)])
async def test_the_error_covers_ways_of_any_length(trip: tuple[int, int]) -> None:
    line = Line(-77, iter([trip]))

    offset = await measure(line.ask, 1, line.clock)

    assert abs(offset.ahead_ns - -77) <= offset.error_ns == 4_000


def test_a_moment_is_told_on_either_clock() -> None:
    offset = Offset(250, 10)

    assert offset.here(1_250) == 1_000
    assert offset.there(1_000) == 1_250
