"""What a duel concludes from the figures of its runs, put together as the command line and the window get it."""

from dataclasses import replace
from typing import Any

import pytest

from explorer.analysis.statistics import RunStatistics
from explorer.analysis.window import Window
from explorer.catalog import Catalog
from explorer.collect.source import Batch
from explorer.scenario import assign, default
from explorer.session.duel_figures import facts
from explorer.session.duel_plan import Plan, plan
from explorer.session.duel_result import Measured, as_json, conclude
from explorer.session.duel_sends import Replay
from explorer.session.duel_statistics import compare
from explorer.session.duel_table import CHANCE, number, table
from explorer.session.duel_titles import contestants
from explorer.store.store import Store
from tests.unit.session.test_duel_sends import batches

S = 1_000_000_000
WINDOW = Window(0, 0, 5 * S, False, "")


def report(throughput: float, **more: Any) -> dict[str, Any]:
    """As much of a run's report as figures are read from."""
    times = {"p50": 5.0, "p90": 6.0, "p99": 7.0} if throughput else dict.fromkeys(("p50", "p90", "p99"))
    return {
        "throughput_rps": throughput,
        "latency_ms": times,
        "first_event_ms": {"p50": None},
        "requests": {"ok": throughput * 5, "failed": 0, "timed_out": 0},
        "event_loops": [],
        "processes": [],
        "gil": None,
        "valid": True,
        "invalid_reason": None,
        "telemetry": {"lost": 0},
        **more,
    }


def measured(place: int, turn: int, throughput: float, store: Store | None = None, **more: Any) -> Measured:
    made = facts(report(throughput, **more), RunStatistics(), store or Store(), WINDOW, ())
    return Measured(place, turn, made, Replay(0, 5, None))


@pytest.fixture(scope="module")
def two() -> Plan:
    catalog = Catalog()
    return plan(catalog, [default(catalog), assign(catalog, default(catalog), ("dispatch.id=coroutine",))], 3)


def told(plan: Plan, runs: list[Measured]) -> dict[str, Any]:
    found = conclude(plan, contestants(Catalog(), plan.scenarios), runs)
    assert found is not None
    return as_json(found)


def test_who_answers_nothing_loses_clearly_and_by_no_factor(two: Plan) -> None:
    runs = [measured(place, turn, 0.0 if place else 100.0 + turn) for turn in range(3) for place in (0, 1)]
    found = told(two, runs)
    assert found["verdict"] == "The number of requests that are answered differs: A 101 and B 0 a second."
    assert found["figure"] == "throughput_rps"
    [throughput] = [each for each in found["differences"] if each["figure"] == "throughput_rps"]
    assert throughput["clear"] is True
    assert throughput["ratio"] is None


def test_differences_are_corrected_for_the_number_of_figures(two: Plan) -> None:
    """B's throughput by itself would be clear; as one of several figures, of which no other differs, it is not."""
    a, b = [100.0, 100.0, 100.0], [103.0, 106.0, 104.0]
    alone = compare(a, b)
    assert alone.clear
    found = told(two, [measured(place, turn, each[turn]) for turn in range(3) for place, each in enumerate((a, b))])
    [throughput] = [each for each in found["differences"] if each["figure"] == "throughput_rps"]
    assert len(found["differences"]) > 2
    assert throughput["ratio"] == pytest.approx(alone.ratio, rel=1e-5)
    assert throughput["clear"] is False
    assert throughput["interval"][0] < 1 < throughput["interval"][1]
    assert found["verdict"].startswith("No clear difference")


def test_the_table_says_what_chance_does(two: Plan) -> None:
    runs = [measured(place, turn, 100.0 + turn + place) for turn in range(3) for place in (0, 1)]
    assert CHANCE in table(told(two, runs))
    assert CHANCE not in table(told(two, runs[:2])), "one run of each has no interval"


def test_repeats_that_some_lack_are_left_out(two: Plan) -> None:
    runs = [measured(0, 0, 100.0), measured(1, 0, 200.0), measured(1, 1, 900.0)]
    found = told(two, runs)
    assert found["repeat"] == 1
    assert found["verdict"].startswith("In one run of each B answered 2.0 times as many requests as A;")
    assert conclude(two, (), [measured(0, 0, 1.0)]) is None


def test_what_figures_lack_is_said(two: Plan) -> None:
    """A run longer than its store remembers, and one that is not valid."""
    small = Store(1 << 20)
    for batch in batches(5_000):
        small.append(batch)
    small.append(Batch(5 * S))
    assert small.begin is not None
    kept = (5 * S - small.begin) / S
    runs = [measured(0, 0, 100.0, small), measured(1, 0, 100.0, valid=False, invalid_reason="Too short.")]
    assert told(two, runs)["notes"] == [
        f"A's run: only the waits of the last {kept:.1f} of 5.0 s are known.",
        "B's run is not valid: Too short.",
    ]


def test_the_cause_says_the_figures_of_the_table(two: Plan) -> None:
    runs = []
    for place, waits in ((0, (100.0, 400.0, 100.0)), (1, (1.0, 4.0, 1.0))):
        for turn, wait in enumerate(waits):
            one = measured(place, turn, 50.0 / (1 + 9 * (1 - place)) + turn / 100)
            runs.append(replace(one, facts=replace(one.facts, groups={"loop": wait}, total_ms=wait)))
    found = told(two, runs)
    [waited] = [each for each in found["differences"] if each["figure"] == "wait_loop_ms"]
    assert found["cause_figure"] == "wait_loop_ms"
    a, b = (number(value) for value in waited["values"])
    assert f"A's requests wait {a} ms for the loop on average, B's {b} ms" in found["cause"]
