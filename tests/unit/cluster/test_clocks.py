"""The offset of another clock from questions and answers."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from explorer.cluster import clocks
from explorer.cluster.clocks import Clocks, Offset, measure


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


async def test_a_way_that_is_slow_gives_what_was_answered_in_time() -> None:
    asked = 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        if asked > 1:
            await asyncio.Event().wait()
        return 0

    assert (await measure(ask, 3, limit_s=0.01)).error_ns > 0


class Direct:
    """The direct way to a worker."""

    def __init__(self, open: bool, ways: list[str]) -> None:
        self._open = open
        self._ways = ways

    async def explorer_clock(self) -> int:
        """Its time, or no answer for as long as one waits."""
        self._ways.append("direct")
        if not self._open:
            await asyncio.Event().wait()
        return 0

    async def close_rpc(self) -> None:
        """Nothing is to be let go."""


class Client:
    """A client of workers: "near" answers, "far" only through the scheduler, "busy" not at all, "gone" has left."""

    def __init__(self) -> None:
        self.ways: dict[str, list[str]] = {name: [] for name in ("near", "far", "busy", "gone")}

    def rpc(self, worker: str) -> Direct:
        """The direct way."""
        return Direct(worker == "near", self.ways[worker])

    async def run(self, function: object, workers: list[str]) -> dict[str, Any]:
        """Through the scheduler."""
        (worker,) = workers
        self.ways[worker].append("scheduler")
        if worker == "busy":
            await asyncio.Event().wait()
        return {} if worker == "gone" else {worker: 0}


async def test_all_are_asked_within_one_limit_and_the_way_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "LIMIT_S", 0.2)
    monkeypatch.setattr(clocks, "DIRECT_LIMIT_S", 0.1)
    client = Client()
    asked = Clocks(client)

    assert set(await asked.measure(client.ways, 2)) == {"near", "far"}
    assert client.ways["far"] == ["direct", "scheduler", "scheduler"]
    assert set(await asked.measure(client.ways, 1)) == {"near", "far"}
    assert client.ways["far"][3:] == ["scheduler"]
    # One that was busy may still have a direct way.
    assert client.ways["busy"] == ["direct", "scheduler"] * 2


class Told(Clocks):
    """Clocks of which the test says what they answer."""

    def __init__(self, answers: dict[str, Offset]) -> None:
        super().__init__(None)
        self._answers = answers

    async def measure(self, workers: object, questions: int = 0) -> dict[str, Offset]:
        """What the test says."""
        return self._answers


async def test_what_is_known_stays_with_its_drift_unless_the_answer_is_better() -> None:
    known = {name: Offset(500, 300_000) for name in ("better", "worse", "silent")}
    told = Told({"better": Offset(900_000, 1_200_000), "worse": Offset(700, 1_400_000)})

    found = await told.follow(known, 10_000_000_000)

    # Ten seconds at 100 µs a second are a millisecond more.
    drifted = Offset(500, 1_300_000)
    assert found == {"better": Offset(900_000, 1_200_000), "worse": drifted, "silent": drifted}
