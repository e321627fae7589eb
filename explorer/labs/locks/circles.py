"""Scenarios in which each waits for the next one, and the last for the first."""

from typing import Final

from explorer.labs.locks.evidence import OK, UNAVAILABLE, Evidence
from explorer.labs.locks.lock_scenario import LockScenario, knobs
from explorer.labs.locks.verdict import Figure, Judgement, count, lasting, ms
from explorer.scenario import Scenario

GROUP: Final = "Circles"
FOUND_WITHIN_MS: Final = 100.0
CURES: Final = {
    "order": "Everyone asks for A before B: a circle cannot form.",
    "timeout": "Who has waited too long gives back what it holds and begins again: a circle cannot last.",
    "try_lock": "Nobody waits for the second lock while holding the first: a circle cannot form.",
}


def _circles(evidence: Evidence, done: str) -> dict[str, Figure]:
    found = evidence.deadlocks
    first = found[0] if found else None
    waits = evidence.waits(evidence.locks())
    after = [each.found_after_ms for each in found]
    return {
        done.replace(" ", "_"): int(evidence.number(done)),
        "deadlocks": len(found),
        "first_found_after_ms": ms(after[0]) if found else None,
        "longest_found_after_ms": ms(max(after)) if found else None,
        "broken": evidence.broken,
        "answered_503": evidence.statuses[UNAVAILABLE],
        "served_afterwards": _goes_on(evidence) if found else None,
        "sentence": first.cycle.sentence if first else None,
        "places": list(first.cycle.places) if first else None,
        "longest_wait_ms": ms(evidence.longest_ms(waits)),
        "most_waiting": evidence.tower(waits),
        "seconds": round(evidence.seconds, 3),
    }


def _goes_on(evidence: Evidence) -> bool:
    """Whether the server answered as it should after the first circle had been found."""
    return bool(evidence.deadlocks) and evidence.last_ok > evidence.deadlocks[0].found


def _closed(evidence: Evidence, done: str) -> Judgement:
    found = evidence.deadlocks
    figures = _circles(evidence, done)
    if not found:
        return Judgement(False, f"No circle closed; {count(evidence.number(done), 'request')} came through.", figures)
    over = all(each.ended is not None for each in found)
    in_time = max(each.found_after_ms for each in found) <= FOUND_WITHIN_MS
    holds = in_time and over and _goes_on(evidence) and evidence.broken > 0
    return Judgement(holds, f"{found[0].cycle.sentence} {_found(evidence)} {_broken(evidence)}", figures)


def _found(evidence: Evidence) -> str:
    after = [each.found_after_ms for each in evidence.deadlocks]
    first = f"It was found {lasting(after[0])} after it had closed"
    return (
        f"{first}."
        if len(after) == 1
        else f"{first}, and each of {len(after)} such circles within {lasting(max(after))}."
    )


def _broken(evidence: Evidence) -> str:
    circles, broken = len(evidence.deadlocks), evidence.broken
    if not broken:
        return "Nobody who waited was released."
    which = "It was" if circles == 1 else f"{broken} of {circles} such circles {'was' if broken == 1 else 'were'}"
    serves = "the server goes on." if _goes_on(evidence) else "the server did not answer afterwards."
    return f"{which} broken by releasing one who waited: answered 503, and {serves}"


# -- two transfers, two locks ------------------------------------------------------------------------------------------


def _deadlock(evidence: Evidence, scenario: Scenario) -> Judgement:
    return _closed(evidence, "transfers")


def _no_deadlock(evidence: Evidence, scenario: Scenario) -> Judgement:
    cure, circles = knobs(scenario).cure, evidence.deadlocks
    done, again = evidence.number("transfers"), evidence.number("begun again")
    figures = _circles(evidence, "transfers") | {"begun_again": int(again)}
    # A wait with a time-out may close a circle, which then opens by itself.
    lasting_one = next((each for each in circles if cure != "timeout" or each.ended is None), None)
    holds = done > 0 and lasting_one is None and not _failed(evidence)
    longest = lasting(evidence.longest_ms(evidence.waits(evidence.locks())))
    sentence = f"{count(done, 'transfer')} came through, and the longest wait for a lock was {longest}."
    if circles:
        sentence += f" A circle closed {count(len(circles), 'time')} and opened by itself."
    if cure != "order":
        sentence += f" {count(again, 'time')} somebody had to begin again."
    if lasting_one is not None:
        sentence = f"In spite of the cure: {lasting_one.cycle.sentence}"
    elif _failed(evidence):
        sentence = f"{count(done, 'transfer')} came through, and {count(_failed(evidence), 'request')} did not."
    return Judgement(holds, sentence, figures)


def _failed(evidence: Evidence) -> int:
    return evidence.asked - evidence.statuses[OK]


LOCK_ORDER: Final = LockScenario(
    id="lock_order_deadlock",
    group=GROUP,
    title="Two transfers, two locks",
    sentence="One moves money from A to B, the other from B to A, at the same moment.",
    written="worker-1 holds A and waits for B; worker-2 holds B and waits for A. Nobody can go on.",
    cured=CURES["order"],
    base={"dispatch": {"id": "thread_pool"}, "load": {"mode": "users", "users": 2}},
    judge_written=_deadlock,
    judge_cured=_no_deadlock,
    shown={"load.users": "Threads", "workload.hold": "Hold", "workload.timeout": "Time-out"},
    cured_by=CURES,
)


# -- dining philosophers -----------------------------------------------------------------------------------------------


def _all_hungry(evidence: Evidence, scenario: Scenario) -> Judgement:
    return _closed(evidence, "meals")


def _all_eat(evidence: Evidence, scenario: Scenario) -> Judgement:
    figures, meals = _circles(evidence, "meals"), evidence.number("meals")
    longest = lasting(evidence.longest_ms(evidence.waits(evidence.locks())))
    sentence = f"{count(meals, 'meal')} and no circle; the longest wait for a fork was {longest}."
    if evidence.deadlocks:
        sentence = f"In spite of the cure: {evidence.deadlocks[0].cycle.sentence}"
    elif _failed(evidence):
        sentence = f"{count(meals, 'meal')}, and {count(_failed(evidence), 'request')} went away hungry."
    return Judgement(meals > 0 and not evidence.deadlocks and not _failed(evidence), sentence, figures)


DINING: Final = LockScenario(
    id="dining_philosophers",
    group=GROUP,
    title="Dining philosophers",
    sentence="Five at a table with five forks; each needs the two beside the plate and takes the left one first.",
    written="Five left forks taken, five right forks awaited.",
    cured="One of them reaches for the right fork first.",
    base={"dispatch": {"id": "thread_pool"}, "load": {"mode": "users", "users": 5}},
    judge_written=_all_hungry,
    judge_cured=_all_eat,
    shown={"load.users": "Threads", "workload.eat": "Hold", "workload.think": "Think", "workload.reach": "Reach"},
)

SCENARIOS: Final = (LOCK_ORDER, DINING)
