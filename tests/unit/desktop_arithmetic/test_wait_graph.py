"""The picture of who waits for whom: where nodes stand, which there are, and what is said of them."""

import math

import pytest

from explorer.analysis.locks.graph import WaitForGraph
from explorer.analysis.locks.owners import Owner
from explorer.analysis.locks.trace import Hold, Lock, Wait
from explorer.desktop.labs.locks.graph_model import GraphModel, badge, lock_badge, natural
from explorer.desktop.labs.locks.graph_picture import Arrow, GraphPicture, Node, listed
from explorer.desktop.labs.locks.graph_places import Place, arrow, cycle_places, places

ONE, TWO = Owner(1, 10, name="Worker 1"), Owner(1, 11, name="Worker 2")
TASK = Owner(1, 0, 5, name="request 12")


def distance(one: Place, other: Place) -> float:
    return math.hypot(one.x - other.x, one.y - other.y)


def test_two_and_two_stand_left_and_right_bottom_and_top() -> None:
    found = places(["1", "2"], ["A", "B"])
    assert found["1"].x < 0 < found["2"].x
    assert found["1"].y == found["2"].y == 0
    assert found["B"].y < 0 < found["A"].y
    assert found["A"].x == found["B"].x == 0


def test_a_single_lock_stands_in_the_middle_of_its_queue() -> None:
    owners = [str(number) for number in range(9)]
    found = places(owners, ["A"])
    assert found["A"] == Place(0, 0)
    assert len({round(distance(found[owner], found["A"]), 6) for owner in owners}) == 1


@pytest.mark.parametrize(("owners", "locks"), [(2, 2), (4, 3), (5, 5), (16, 12), (3, 1), (0, 4), (12, 0)])
def test_no_two_nodes_stand_in_the_same_place_and_all_are_inside(owners: int, locks: int) -> None:
    names, keys = [f"o{n}" for n in range(owners)], [f"l{n}" for n in range(locks)]
    found = list(places(names, keys, {name: keys[0] for name in names if keys}).values())
    assert len(found) == owners + locks
    assert min((distance(a, b) for at, a in enumerate(found) for b in found[:at]), default=1) > 0.1
    assert all(-1 < place.x < 1 and -1 < place.y < 1 for place in found)


def test_round_a_table_everyone_stands_behind_the_fork_he_holds() -> None:
    owners, locks = [f"o{n}" for n in range(5)], [f"l{n}" for n in range(5)]
    found = places(owners, locks, {f"o{n}": f"l{(n + 2) % 5}" for n in range(5)})
    for n in range(5):
        nearest = sorted(locks, key=lambda lock: distance(found[lock], found[f"o{n}"]))[:2]
        assert f"l{(n + 2) % 5}" in nearest


def test_a_circle_of_many_is_round_and_the_others_stand_within() -> None:
    ring = [f"n{number}" for number in range(10)]
    found = cycle_places(ring, ["x", "y"])
    outer = {round(distance(found[key], Place(0, 0)), 6) for key in ring}
    assert len(outer) == 1
    assert all(distance(found[key], Place(0, 0)) < outer.copy().pop() for key in ("x", "y"))


def test_an_arrow_ends_at_the_edges_of_what_it_joins() -> None:
    assert arrow((0, 0), (100, 0), ((20, 20), (30, 10))) == (20, 0, 70, 0)
    assert arrow((0, 0), (0, 100), ((20, 20), (30, 10))) == (0, 20, 0, 90)
    assert arrow((0, 0), (10, 0), ((20, 20), (30, 10))) == (0, 0, 10, 0)


def test_names_in_nodes_and_their_order() -> None:
    assert badge("Worker 12") == "12"
    assert badge("request 7") == "7"
    assert badge("consumer") == "co"
    assert badge("Event loop") == "loop"
    assert lock_badge("fork 3") == "3"
    assert lock_badge("lock") == "lock"
    assert sorted(["fork 10", "fork 9", "A"], key=natural) == ["A", "fork 9", "fork 10"]
    assert listed(["A", "B", "C"]) == "A, B and C"


def graph(holds: list[Hold], waits: list[Wait]) -> WaitForGraph:
    locks = {number: Lock(number, name, "threading.Lock", "") for number, name in ((1, "A"), (2, "self.B"))}
    return WaitForGraph(locks, holds, waits, lambda owner: owner.name)


def picture(model: GraphModel, of: WaitForGraph, now: int = 0) -> GraphPicture:
    return model.picture(of, lambda owner: owner.name, now, of.cycle())


def test_a_closed_circle_has_its_nodes_and_arrows_and_is_told_in_words() -> None:
    holds = [Hold(1, ONE, 0, None, 0), Hold(2, TWO, 0, None, 0)]
    waits = [Wait(2, ONE, 5, None, 0, "body.py:3"), Wait(1, TWO, 6, None, 0, "body.py:3")]
    found = picture(GraphModel(), graph(holds, waits))
    assert [(node.title, node.badge, node.is_lock) for node in found.nodes] == [
        ("Worker 1", "1", False),
        ("Worker 2", "2", False),
        ("A", "A", True),
        ("B", "B", True),
    ]
    assert len(found.cycle) == 4
    assert all(found.closes(arrow) for arrow in found.arrows)
    assert found.text() == (
        "Worker 1 holds A and waits for B. Worker 2 holds B and waits for A. It is a circle: nobody in it can go on."
    )


def test_an_arrow_beside_the_circle_does_not_belong_to_it() -> None:
    third = Owner(1, 12, name="Worker 3")
    holds = [Hold(1, ONE, 0, None, 0), Hold(2, TWO, 0, None, 0)]
    waits = [Wait(2, ONE, 5, None, 0, ""), Wait(1, TWO, 6, None, 0, ""), Wait(1, third, 7, None, 0, "")]
    found = picture(GraphModel(), graph(holds, waits))
    outside = [arrow for arrow in found.arrows if not found.closes(arrow)]
    assert [(arrow.source, arrow.waits) for arrow in outside] == [("o1.12.0", True)]


def test_threads_stay_for_a_while_and_tasks_leave_at_once() -> None:
    model = GraphModel()
    picture(model, graph([Hold(1, ONE, 0, None, 0), Hold(2, TASK, 0, None, 0)], []), now=0)
    after = picture(model, graph([], []), now=1_000_000_000)
    assert [node.title for node in after.nodes] == ["Worker 1", "A", "B"]
    assert after.text() == "Nobody waits."
    later = picture(model, graph([], []), now=5_000_000_000)
    assert [node.title for node in later.nodes] == ["A", "B"]


def test_the_words_of_a_graph_say_who_holds_without_waiting() -> None:
    nodes = (Node("o", "Worker 1", "1"), Node("a", "A", "A", is_lock=True), Node("b", "B", "B", is_lock=True))
    found = GraphPicture(nodes, (Arrow("a", "o", waits=False), Arrow("b", "o", waits=False)))
    assert found.text() == "Worker 1 holds A and B."
    assert found.beside() == {"o": "b"}
