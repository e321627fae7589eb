"""Plan, verdict, cause and table of a duel: what is said, and when."""

from typing import Any

import pytest

from explorer.analysis.parts import UNEXPLAINED, TimePart
from explorer.catalog import Catalog
from explorer.collect import way_words
from explorer.option_error import OptionError
from explorer.records.states import State
from explorer.scenario import Scenario, assign, default
from explorer.session.duel_cause import NO_DIFFERENCE, NOT_KNOWN, SAME_TIME, WAITS, Side, cause, widest
from explorer.session.duel_figures import GROUPS, OF_GROUP, grouped, shown
from explorer.session.duel_plan import DURATION_S, plan
from explorer.session.duel_statistics import Difference
from explorer.session.duel_table import interval_words, number, ratio_words
from explorer.session.duel_titles import contestants, in_common
from explorer.session.duel_verdict import NONE, leading, once, unclear, verdict

UNCLEAR = Difference(1.5, (0.5, 4.0), False)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


def scenario(catalog: Catalog, *words: str) -> Scenario:
    return assign(catalog, default(catalog), words)


def clear(ratio: float) -> Difference:
    return Difference(ratio, (ratio * 0.98, ratio * 1.02), True)


# -- the plan


def test_all_get_the_load_of_a_and_the_plan_says_whose_does_not_count(catalog: Catalog) -> None:
    a = scenario(catalog, "load.mode=poisson", "load.rate=50", "load.duration=4", "load.seed=9")
    b = scenario(catalog, "load.users=99", "load.duration=70", "dispatch.id=coroutine")
    found = plan(catalog, [a, b], 2)
    assert [one.load for one in found.scenarios] == [a.load, a.load]
    assert found.scenarios[1].dispatch.id == "coroutine"
    assert found.sentence.startswith("All get A's load, 50 requests/s at random for 4 s with seed 9, ")
    assert f"{len(found.offsets):,} requests at the same moments in every run" in found.sentence
    assert found.sentence.endswith("what B says of the load does not count.")
    assert len(found.offsets) == pytest.approx(200, abs=60)


def test_equal_loads_are_not_remarked_upon_and_a_length_is_given_to_those_without(catalog: Catalog) -> None:
    found = plan(catalog, [scenario(catalog), scenario(catalog, "dispatch.id=coroutine")])
    assert found.sentence == f"All get A's load, 10 users for {DURATION_S:g} s with seed 1."
    assert found.offsets == ()
    assert found.fingerprint == ""
    assert plan(catalog, [scenario(catalog)] * 2, 1, 3.0).load.duration == 3.0


def test_of_very_many_sends_it_is_said_that_there_are_more(catalog: Catalog) -> None:
    one = scenario(catalog, "load.mode=rate", "load.rate=50000", "load.duration=5")
    assert ", 200,000 requests and more at the same moments in every run." in plan(catalog, [one, one]).sentence


def test_where_the_load_of_b_comes_from_does_not_count(catalog: Catalog) -> None:
    found = plan(catalog, [scenario(catalog), scenario(catalog, "load.where=cluster")])
    assert [one.load.where for one in found.scenarios] == ["here", "here"]


def test_runs_go_there_and_back(catalog: Catalog) -> None:
    found = plan(catalog, [scenario(catalog)] * 3, 3)
    assert found.order == [(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1), (0, 2), (1, 2), (2, 2)]


def test_the_fingerprint_is_that_of_the_sends(catalog: Catalog) -> None:
    def of(seed: int) -> str:
        one = scenario(catalog, "load.mode=poisson", "load.duration=1", f"load.seed={seed}")
        return plan(catalog, [one, one]).fingerprint

    assert of(1) == of(1) != of(2)


@pytest.mark.parametrize(
    ("count", "repeat", "words", "said"),
    [
        (1, 5, (), "two to four"),
        (5, 5, (), "two to four"),
        (2, 0, (), "from 1 to 100"),
        (2, 1, ("load.users=0",), "no users"),
        (2, 1, ("load.mode=rate", "load.rate=0.01", "load.duration=1"), "no request is due"),
        (2, 1, ("load.where=cluster",), "several hosts have no schedule in common: set load.where of A to here."),
        (2, 1, ("load.where=cluster", "load.mode=poisson", "load.duration=2"), "no schedule in common"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    catalog: Catalog, count: int, repeat: int, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(OptionError, match=said):
        plan(catalog, [scenario(catalog, *words)] * count, repeat)


# -- names


def test_scenarios_are_called_by_what_differs(catalog: Catalog) -> None:
    pair = [scenario(catalog, "dispatch.id=blocking_coroutine"), scenario(catalog)]
    assert [one.title for one in contestants(catalog, pair)] == ["Blocking coroutine", "Thread pool"]
    assert in_common(catalog, pair) == "event loop, sleep 0.2 s, 10 users"
    pair = [scenario(catalog), scenario(catalog, "dispatch.tokens=4")]
    assert [one.title for one in contestants(catalog, pair)] == ["Tokens 40", "Tokens 4"]
    assert [one.title for one in contestants(catalog, [scenario(catalog)] * 2)] == ["Thread pool", "Thread pool"]


def test_passwords_are_in_no_name(catalog: Catalog) -> None:
    pair = [
        scenario(catalog, "workload.id=database", f"workload.url=postgresql://u:{word}@h/d")
        for word in ("secret", "other")
    ]
    told = " ".join(one.title + one.note for one in contestants(catalog, pair))
    assert "secret" not in told
    assert "other" not in told


# -- the verdict


def told(figure: str, ratio: float) -> str:
    return verdict(figure, [clear(ratio)], ["B"], [1.0, ratio])


def test_the_verdict_says_who_and_how_much() -> None:
    assert told("throughput_rps", 9.87) == "B answers 9.9 times as many requests."
    assert told("throughput_rps", 0.5) == "A answers 2.0 times as many requests."
    assert told("throughput_rps", 1.04) == "B answers 4 % more requests."
    assert told("latency_p50_ms", 0.2) == "B answers 5.0 times as fast at the median."
    assert told("latency_p99_ms", 3.0) == "A answers 3.0 times as fast at the 99th percentile."
    assert verdict("failed", [clear(9.0)], ["B"], [0.0, 12.0]) == (
        "The number of requests that fail differs: A 0 and B 12 in each run."
    )
    assert verdict(None, [UNCLEAR], ["B"], []) == unclear(5) == NONE == "No clear difference."
    assert unclear(2) == "No clear difference: 2 repeats of each hardly show one; give 5 or more."


def test_who_answers_nothing_has_no_factor() -> None:
    all_or_nothing = Difference(None, None, True)
    for values, said in (([0.0, 121.5], "A 0 and B 121.5"), ([121.5, 0.0], "A 121.5 and B 0")):
        found = verdict("throughput_rps", [all_or_nothing], ["B"], values)
        assert found == f"The number of requests that are answered differs: {said} a second."
    found = verdict("throughput_rps", [clear(2.0), all_or_nothing], ["B", "C"], [50.0, 100.0, 0.0])
    assert "A 50, B 100 and C 0 a second" in found


def test_of_more_than_two_each_is_held_against_a() -> None:
    found = verdict("throughput_rps", [clear(9.9), UNCLEAR, clear(4.0)], ["B", "C", "D"], [1.0, 9.9, 1.0, 4.0])
    assert found == (
        "B answers 9.9 times as many requests and D answers 4.0 times as many requests as A; C does not differ clearly."
    )


def test_one_run_of_each_decides_nothing() -> None:
    seen, nothing = Difference(9.9, None, False), Difference(None, None, False)
    assert "In one run of each B answered 9.9 times as many requests as A;" in once([seen], ["B"])
    assert "each B answered 9.9 times and D answered 9.9 times as" in once([seen, nothing, seen], ["B", "C", "D"])
    assert "no clear difference" in once([nothing], ["B"])


def test_what_is_asked_for_first_leads_if_it_is_clear_and_not_tiny() -> None:
    assert leading({"throughput_rps": [clear(2.0)], "latency_p50_ms": [clear(0.1)]}) == "throughput_rps"
    assert leading({"throughput_rps": [UNCLEAR], "latency_p50_ms": [clear(0.1)]}) == "latency_p50_ms"
    found = leading({"throughput_rps": [clear(1.04)], "latency_p50_ms": [clear(0.4)]})
    assert found == "latency_p50_ms", "of a rate all answer about as many"
    assert leading({"throughput_rps": [clear(1.04)], "latency_p50_ms": [clear(1.05)]}) == "throughput_rps"
    assert leading({"throughput_rps": [clear(1.01)], "threads": [clear(5.0)]}) is None


# -- the cause

BLOCKED = Side("A", "blocking_coroutine", 2015.0, {"loop": 1814.0, "work": 201.0})
POOLED = Side("B", "thread_pool", 203.0, {"loop": 0.6, "work": 202.0})


def test_the_cause_is_the_part_that_changed_most() -> None:
    found = cause(BLOCKED, POOLED, differs=True)
    assert found.group == "loop"
    assert found.sentence == (
        "A's requests wait 1,814 ms for the loop on average, B's 0.60 ms, and that is the whole difference: its "
        "handler blocks the event loop, and until it ends nobody else is served."
    )
    assert cause(POOLED, BLOCKED, differs=True).sentence == found.sentence


def test_the_cause_is_silent_where_there_is_none() -> None:
    assert cause(BLOCKED, POOLED, differs=False).sentence == NO_DIFFERENCE
    assert cause(BLOCKED, Side("B", "", 0.0, {}), differs=True).sentence == NOT_KNOWN
    same = Side("B", "coroutine", 2014.0, {"loop": 1813.0, "work": 201.0})
    assert cause(BLOCKED, same, differs=True).sentence == SAME_TIME


def test_every_group_of_waits_has_words() -> None:
    for group in WAITS:
        found = cause(Side("A", "x", 100.0, {group: 100.0}), Side("B", "x", 1.0, {"work": 1.0}), differs=True)
        assert found.group == group
        assert found.sentence.startswith("A's requests ")


def test_of_several_the_one_furthest_from_a_is_explained() -> None:
    sides = [BLOCKED, POOLED, Side("C", "", 3.0, {"work": 3.0}), Side("D", "", 2000.0, {"work": 2000.0})]
    assert widest(sides, [True, True, False]) == 1
    assert widest(sides, [True, False, True]) == 0
    assert widest(sides, []) == 0


def test_parts_are_grouped_by_what_they_wait_for() -> None:
    parts = [
        TimePart("waits for the loop", State.QUEUED, 5e6),
        TimePart("until the server reads it", State.QUEUED, 3e6),
        TimePart("time.sleep", State.BLOCKED, 2e8),
        TimePart("runs", State.RUNNABLE, 1e6),
        TimePart("connects", State.QUEUED, 2e4),
        TimePart("waits in the load", State.QUEUED, 7e6),
        TimePart(UNEXPLAINED, None, 1e6),
    ]
    assert grouped(parts) == pytest.approx({"loop": 8.0, "work": 200.0, "core": 1.0, "load": 7.0})
    assert grouped([]) == {}


def test_every_wait_that_a_way_tells_of_has_its_group() -> None:
    waits = {words for name, words in vars(way_words).items() if name.isupper() and isinstance(words, str)}
    assert waits - GROUPS.keys() == {way_words.RUNS, way_words.AWAITS}, "the handler's own work, and nothing else"
    assert set(GROUPS.values()) <= WAITS.keys()
    assert set(GROUPS.values()) <= OF_GROUP.keys()


def test_what_is_always_zero_is_not_shown() -> None:
    assert not shown([[0.0, 0.0], [0.0, None]])
    assert shown([[0.0, 0.0], [0.0, 1.0]])


# -- the table


@pytest.mark.parametrize(
    ("value", "text"),
    [(1814.2, "1,814"), (49.16, "49.2"), (0.564, "0.56"), (5.0, "5"), (0.0, "0"), (None, "–"), (11.0, "11.0")],
)
def test_figures_have_three_digits(value: Any, text: str) -> None:
    assert number(value) == text


def test_ratios_and_intervals_are_factors() -> None:
    assert ratio_words(9.87) == "×9.9"
    assert ratio_words(1 / 3020) == "÷3,020"
    assert ratio_words(1.0) == "same"
    assert ratio_words(None) == "–"
    assert (ratio_words(None, 0.0, 3.0), ratio_words(None, 3.0, 0.0)) == ("from 0", "to 0")
    assert interval_words(9.9, (9.8, 10.0)) == "×9.8 – 10.0"
    assert interval_words(0.1, (0.08, 0.125)) == "÷8.0 – 12.5"
    assert interval_words(0.5, (1e-9, None)) == "÷0.00 – ∞"
    assert interval_words(None, None) == ""
