"""Who is stuck, by what they wait for; the circle and its sentence."""

import pytest

from explorer.analysis.locks.graph import WaitForGraph
from explorer.analysis.locks.owners import Owner
from explorer.analysis.locks.trace import Hold, Lock, Wait

WORKERS = [Owner(1, track, name=f"worker-{track}") for track in range(5)]


def graph(holds: dict[str, str], waits: dict[str, str], what: str = "threading.Lock", **fields: bool) -> WaitForGraph:
    """Locks are letters and workers digits: {"A": "1"} for who holds, {"1": "A"} for who waits."""
    letters = sorted({*holds, *waits.values()})
    locks = {number: Lock(number, letter, what, "bank.py:1") for number, letter in enumerate(letters, 1)}
    number = {lock.name: lock.number for lock in locks.values()}
    held = [
        Hold(number[letter], WORKERS[int(digit)], 10, None, 0, depth, **fields)
        for letter, digits in holds.items()
        for depth, digit in enumerate(digits)
    ]
    waiting = [
        Wait(number[letter], WORKERS[int(digit)], 20 + index, None, 0, f"app/bank.py:{30 + int(digit)}")
        for index, (digit, letter) in enumerate(waits.items())
    ]
    return WaitForGraph(locks, held, waiting, lambda owner: owner.name)


def test_two_in_a_circle_are_named_with_their_lines() -> None:
    cycle = graph({"A": "1", "B": "2", "C": "3"}, {"1": "B", "2": "A", "4": "A"}).cycle()
    assert cycle is not None
    assert cycle.sentence == (
        "worker-1 holds A and waits for B (bank.py, line 31) and worker-2 holds B and waits for A (bank.py, line 32): "
        "nobody can go on."
    )
    assert cycle.names == ("worker-1", "B", "worker-2", "A")
    assert cycle.places == ("app/bank.py:31", "app/bank.py:32")
    assert (cycle.closed, [owner.name for owner in cycle.owners]) == (21, ["worker-1", "worker-2"])
    assert [hold.owner.name for hold in cycle.holds] == ["worker-2", "worker-1"]


def test_more_than_two_and_one_alone() -> None:
    cycle = graph({"A": "1", "B": "2", "C": "3"}, {"3": "A", "1": "B", "2": "C"}).cycle()
    assert cycle is not None
    assert cycle.names == ("worker-3", "A", "worker-1", "B", "worker-2", "C")
    assert cycle.sentence.startswith("worker-3 holds C and waits for A (bank.py, line 33), worker-1 holds A and")
    alone = graph({"A": "1"}, {"1": "A"}).cycle()
    assert alone is not None
    assert alone.sentence == "worker-1 holds A and waits for it itself (bank.py, line 31): it will wait for ever."


def test_who_waits_for_somebody_in_a_circle_is_stuck_as_well() -> None:
    found = graph({"A": "1", "B": "2", "C": "3"}, {"1": "B", "2": "A", "3": "A", "4": "C"})
    assert {owner.name for owner in found.stuck()} == {"worker-1", "worker-2", "worker-3", "worker-4"}
    assert len(found.arrows) == 7
    assert len(found.owners) == 4


@pytest.mark.parametrize(
    ("holds", "waits", "what", "bound", "stuck"),
    [
        ({"A": "1", "B": "2"}, {"1": "B"}, "threading.Lock", True, False),
        ({"B": "2"}, {"1": "B", "2": "A"}, "threading.Event", True, False),  # nobody holds an event
        ({"A": "12", "B": "34"}, {"1": "B", "3": "A"}, "threading.Semaphore(2)", True, False),  # 2 and 4 go on
        ({"A": "12", "B": "34"}, {"1": "B", "2": "B", "3": "A", "4": "A"}, "threading.Semaphore(2)", True, True),
        ({"A": "1", "B": "2"}, {"1": "B", "2": "A"}, "threading.Semaphore(2)", True, False),  # a token is free
        ({"A": "1", "B": "2"}, {"1": "B", "2": "A"}, "threading.Semaphore(1)", False, False),  # others give it back
        ({"A": "11"}, {"1": "A"}, "asyncio.Semaphore(2)", True, True),
        ({"A": "12", "B": "3"}, {"3": "A", "1": "B"}, "ReadersWriterLock", True, True),  # one reader is enough
        ({"A": "12", "B": "3"}, {"3": "A", "1": "B"}, "threading.Semaphore(2)", True, False),
    ],
)
def test_only_who_has_no_way_out_is_stuck(
    holds: dict[str, str], waits: dict[str, str], what: str, bound: bool, stuck: bool
) -> None:
    found = graph(holds, waits, what, bound=bound)
    assert (found.cycle() is not None) == stuck
    assert bool(found.stuck()) == stuck
