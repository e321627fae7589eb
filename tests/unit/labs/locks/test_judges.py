"""Verdicts: a claim holds when the run showed it, and only then."""

import pytest

from explorer.analysis.locks.graph import Cycle
from explorer.analysis.locks.owners import Owner
from explorer.analysis.locks.trace import Wait
from explorer.analysis.locks.watch import Deadlock
from explorer.catalog import Catalog
from explorer.labs.locks.lock_scenario import line_of
from explorer.labs.locks.outcome import verdict_of
from explorer.labs.locks.scenarios import scenario_named, scenarios
from explorer.labs.locks.verdict import Judgement, Verdict, count, lasting
from explorer.records.states import TrackKind
from tests.unit.labs.locks.stories import LOOP, MS, REQUESTS, Story

CATALOG = Catalog()


def verdict(name: str, story: Story, *, cured: bool, settings: tuple[str, ...] = ()) -> Verdict:
    lab = scenario_named(name)
    return verdict_of(lab, story.evidence(), lab.scenario(CATALOG, cured=cured, settings=settings))


def test_where_nothing_was_seen_nothing_holds() -> None:
    for name in scenarios():
        for cured in (False, True):
            found = verdict(name, Story(), cured=cured)
            assert not found.holds, (name, cured, found.judgement.sentence)
            assert found.cycle is None
            assert found.judgement.sentence.endswith(".")


@pytest.mark.parametrize(("lost", "holds"), [(0, {True}), (2888, {False})])
def test_additions_are_lost_or_not(lost: int, holds: set[bool]) -> None:
    story = Story()
    story.counter("balance", 0, 8000 - lost)
    story.counter("additions made", 0, 8000)
    story.counter("additions lost", 0, lost)
    found = {cured: verdict("lost_update", story, cured=cured) for cured in (False, True)}
    assert {cured for cured, one in found.items() if one.holds} == holds
    if lost:
        assert found[False].judgement.sentence == (
            "8,000 additions were made and 5,112 are in the counter: 2,888 were lost."
        )
    assert found[False].judgement.figures["expected"] == 8000


@pytest.mark.parametrize(("sold", "twice"), [(10, 0), (40, 30)])
def test_seats_are_sold_twice_or_once(sold: int, twice: int) -> None:
    story = Story()
    for name, value in {"asked": 40, "seats": 10, "seats sold": sold, "sold twice": twice}.items():
        story.counter(name, 0, value)
    story.answers(200, 40)
    assert verdict("check_then_act", story, cured=False).holds == (twice > 0)
    assert verdict("check_then_act", story, cured=True).holds == (twice == 0)


@pytest.mark.parametrize("long", [True, False])
def test_a_convoy_is_one_long_hold_and_a_line_behind_it(long: bool) -> None:
    story = Story()
    lock = story.track(TrackKind.LOCK, "self.lock")
    lanes = [story.track(TrackKind.THREAD, "worker", tid=tid) for tid in range(8)]
    end = 100 if long else 5
    story.held(lock, 0, end, lanes[0])
    for lane in lanes[1:]:
        story.waited(lock, 1, end, lane)
    story.counter("slow lines", 0, 3)
    story.answers(200, 1)
    assert verdict("convoy", story, cured=False).holds == long
    assert verdict("convoy", story, cured=True).holds == (not long)


@pytest.mark.parametrize(("computed", "waited", "holds"), [(50, 8, True), (95, 8, False), (50, 0.2, False)])
def test_an_inversion_is_a_wait_for_who_runs_only_part_of_the_time(computed: int, waited: float, holds: bool) -> None:
    story = Story()
    story.counter("the idle one held the lock", 0, 100)
    story.counter("and computed meanwhile", 0, computed)
    story.counter("the urgent one waited", 0, waited, 0.1, 0.1, 0.1, 0.1)
    assert verdict("priority_inversion", story, cured=False).holds == holds
    assert verdict("priority_inversion", story, cured=True).holds
    story.counter("the urgent one waited", 0, 8, 8)
    assert not verdict("priority_inversion", story, cured=True).holds


@pytest.mark.parametrize(("long", "cured"), [(0, True), (2, True), (3, False), (10, False)])
def test_a_holder_that_lost_its_core_makes_no_convoy(long: int, cured: bool) -> None:
    story = Story()
    lock, lane = story.track(TrackKind.LOCK, "self.lock"), story.track(TrackKind.THREAD, "worker", tid=1)
    for number in range(100):
        story.held(lock, 200 * number, 200 * number + (124 if number < long else 2), lane)
    story.waited(lock, 1, 124 if long else 2, lane)
    for number in range(1, 20):
        story.waited(lock, 200 * number + 1, 200 * number + 2, lane)
    story.counter("slow lines", 0, 10)
    found = verdict("convoy", story, cured=True)
    assert found.holds == cured
    assert found.judgement.figures["holds_of_a_sleep"] == long
    assert found.judgement.figures["median_hold_ms"] == 2
    words = f"{count(long, 'hold')} lasted as long as a sleep, beside 10 slow lines."
    assert (words in found.judgement.sentence) == (long > 0)


@pytest.mark.parametrize("waited", [20, 2900])
def test_a_writer_starves_when_it_waits_much_longer_than_readers_stay(waited: int) -> None:
    story = Story()
    lock, lane = story.track(TrackKind.LOCK, "self.lock"), story.track(TrackKind.THREAD, "worker", tid=1)
    story.waited(lock, 0, waited, lane, f"reader_starvation/{line_of('reader_starvation', 'lock.write()')}")
    story.waited(lock, 0, 5000, lane, f"reader_starvation/{line_of('reader_starvation', 'lock.read()')}")
    story.counter("written", 0, 1)
    assert verdict("reader_starvation", story, cured=False).holds == (waited == 2900)
    assert verdict("reader_starvation", story, cured=True).holds == (waited == 20)


@pytest.mark.parametrize("away", [0, 35])
def test_tokens_leave_nobody_out_and_keep_the_order(away: int) -> None:
    story = Story()
    story.counter("requests served", 0, 50 - away)
    story.counter("requests turned away", 0, away)
    tokens = story.track(TrackKind.LOCK, "self.tokens")
    for task in range(1, 4):
        story.waited(tokens, task, 100 + task, REQUESTS, task=task)
    assert verdict("semaphore_limit", story, cured=False).holds == (away > 0)
    assert verdict("semaphore_limit", story, cured=True).holds == (away == 0)
    story.waited(tokens, 5, 50, REQUESTS, task=9)  # comes last and is first
    assert not verdict("semaphore_limit", story, cured=True).holds


@pytest.mark.parametrize("loop", [True, False])
def test_it_matters_who_waits_for_a_lock_the_loop_or_a_task(loop: bool) -> None:
    story = Story()
    story.load(0, 3000)
    lock = story.track(TrackKind.LOCK, "self.lock")
    if loop:
        story.waited(lock, 0, 190, LOOP)
        story.callback(0, 191)
    else:
        story.waited(lock, 0, 190, REQUESTS, task=3)
        story.callback(0, 3)
    assert verdict("lock_in_async", story, cured=False).holds == loop
    assert verdict("lock_in_async", story, cured=True).holds == (not loop)


def test_requests_that_failed_are_no_cure() -> None:
    story = Story()
    story.counter("transfers", 0, 20)
    story.answers(200, 20)
    assert verdict("lock_order_deadlock", story, cured=True).holds
    story.answers(503, 1)
    found = verdict("lock_order_deadlock", story, cured=True)
    assert not found.holds
    assert found.judgement.sentence == "20 transfers came through, and 1 request did not."


def circle(closed: int, found: int, ended: int | None) -> Deadlock:
    """A circle; times in ms."""
    wait = Wait(1, Owner(1, 1, name="worker-1"), closed * MS, None, 0, "x/body.py:1")
    cycle = Cycle((wait,), (), ("worker-1", "A"), "worker-1 waits.")
    return Deadlock(cycle, found * MS, None if ended is None else ended * MS)


@pytest.mark.parametrize(
    ("released", "circles", "holds", "words"),
    [
        (
            [30],
            [circle(10, 25, 29), circle(40, 71, 90)],  # the second one is opened by the end of the run
            True,
            "It was found 15 ms after it had closed, and each of 2 such circles within 31 ms. "
            "1 of 2 such circles was broken by releasing one who waited: answered 503, and the server goes on.",
        ),
        (
            [42, 80],  # the first one's answer came when the next circle had closed
            [circle(10, 25, 29), circle(40, 71, 79)],
            True,
            "2 of 2 such circles were broken by releasing one who waited: answered 503, and the server goes on.",
        ),
        ([30], [circle(10, 25, 29), circle(40, 71, None)], False, "1 of 2 such circles was broken"),
        (
            [30],
            [circle(10, 25, 29)],
            True,
            "It was found 15 ms after it had closed. It was broken by releasing one who waited: answered 503",
        ),
        ([], [circle(10, 25, 90)], False, "after it had closed. Nobody who waited was released."),
    ],
)
def test_a_circle_that_the_end_of_the_run_opens_was_not_broken(
    released: list[int], circles: list[Deadlock], holds: bool, words: str
) -> None:
    story = Story()
    story.answers(200, 1)
    for until in released:
        story.answers(503, 1, until)
    evidence, lab = story.evidence(), scenario_named("lock_order_deadlock")
    evidence.deadlocks.extend(circles)
    found = verdict_of(lab, evidence, lab.scenario(CATALOG, cured=False))
    assert words in found.judgement.sentence
    assert found.holds == holds
    figures = found.judgement.figures
    assert figures["broken"] == figures["answered_503"] == len(released)
    assert figures["first_found_after_ms"] == 15
    assert figures["longest_found_after_ms"] == (31 if len(circles) > 1 else 15)


def test_an_outcome_as_data_and_as_text() -> None:
    judgement = Judgement(True, "It was so.", {"waits": 1200, "served_afterwards": True, "places": ["a", "b"]})
    found = Verdict("convoy", False, "One slow holder.", judgement, ("worker 1", "A"))
    assert found.as_json() == {
        "scenario": "convoy",
        "cured": False,
        "claim": "One slow holder.",
        "holds": True,
        "evidence": {"verdict": "It was so.", "waits": 1200, "served_afterwards": True, "places": ["a", "b"]},
        "cycle": ["worker 1", "A"],
    }
    assert found.as_text() == (
        "One slow holder.\nIt was so.\nThe claim holds.\n\n"
        "    waits              1,200\n    served_afterwards  yes\n    places             a, b"
    )


def test_numbers_in_sentences() -> None:
    assert count(1, "waiter") == "1 waiter"
    assert count(8000, "addition") == "8,000 additions"
    assert count(1, "was", "were") == "1 was"
    assert (lasting(0.42), lasting(52.4), lasting(3104)) == ("0.4 ms", "52 ms", "3.1 s")
