"""Without transactions every anomaly happens: so each detector can fire, and each circle is found."""

import pytest

from explorer.labs.isolation import library
from explorer.labs.isolation.dependencies import graph, old_versions
from explorer.labs.isolation.judge import judge
from tests.unit.labs.isolation.runs import autocommit

SHIPPED = library.shipped()
ANOMALIES = [id for id, one in SHIPPED.items() if one.kind == "anomaly"]
CIRCLES = {
    "G0": "ww ww", "G1b": "rw wr", "G1c": "wr wr", "OTV": "rw wr", "G-single": "rw wr", "G-single-pred": "rw wr",
    "G-single-write": "rw wr", "PMP": "rw wr", "PMP-write": "rw wr", "P4": "rw ww", "G2-item": "rw rw", "G2": "rw rw",
    "G2-three": "rw rw wr",
}  # fmt: skip


@pytest.mark.parametrize("id", ANOMALIES)
def test_each_anomaly_happens_and_is_told_with_its_own_sentence(id: str) -> None:
    verdict = judge(SHIPPED[id], autocommit(SHIPPED[id]))
    assert (verdict.happened, verdict.title, verdict.how, verdict.before) == (True, "Happened", (), False)
    assert verdict.sentence in {one.sentence for one in SHIPPED[id].happened}


@pytest.mark.parametrize("id", ANOMALIES)
def test_the_circle_is_found_and_named(id: str) -> None:
    found = graph(SHIPPED[id], autocommit(SHIPPED[id]))
    assert " ".join(sorted(edge.kind for edge in found.cycle)) == CIRCLES.get(id, "")
    assert {node.label for node in found.nodes} == {session.name for session in SHIPPED[id].sessions}
    if id in CIRCLES:
        assert found.sentence.startswith("Each statement was a transaction of its own; taken together, ")
        assert found.sentence.endswith("gives this.")
    else:
        assert found.sentence.endswith("no order is claimed.")
    assert not any(edge.refused for edge in found.edges)


@pytest.mark.parametrize(
    ("id", "cured", "number"),
    [
        ("for_update", False, 120),  # its lock ends with its statement
        ("retry", False, 120),  # nobody is refused
        ("begin_immediate", False, 120),
        ("skip_locked", False, 1),
        ("advisory_lock", False, 120),
        ("atomic_update", True, 170),
        ("version_column", True, 170),
    ],
)
def test_cures_that_need_a_transaction_cure_nothing_without_one(id: str, cured: bool, number: int) -> None:
    trace = autocommit(SHIPPED[id], "postgresql")
    verdict = judge(SHIPPED[id], trace)
    assert (verdict.title, trace.number) == ("Cured" if cured else "Not cured", (number,))
    assert bool(graph(SHIPPED[id], trace).cycle) is (not cured)


def test_nobody_waits_for_ever_without_transactions() -> None:
    verdict = judge(SHIPPED["lock_order_deadlock"], autocommit(SHIPPED["lock_order_deadlock"]))
    assert (verdict.happened, verdict.title) == (False, "No deadlock")


def test_nothing_is_read_in_an_old_version() -> None:
    for id in (*ANOMALIES, "atomic_update", "version_column"):
        assert old_versions(SHIPPED[id], autocommit(SHIPPED[id])) == {}, id
