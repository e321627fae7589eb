"""Scenarios in which something gets lost because others come in between."""

from typing import Final

from explorer.labs.locks.evidence import OK, Evidence
from explorer.labs.locks.lock_scenario import LockScenario, knobs
from explorer.labs.locks.verdict import Figure, Judgement, count, lasting, ms
from explorer.scenario import Scenario

GROUP: Final = "Races"


# -- lost update -------------------------------------------------------------------------------------------------------


def _additions(evidence: Evidence) -> dict[str, Figure]:
    made = int(evidence.number("additions made"))
    waits = evidence.waits(evidence.locks("lock"))
    return {
        "expected": made,
        "in_the_counter": int(evidence.number("balance")),
        "lost": int(evidence.number("additions lost")),
        "lost_share": round(evidence.number("additions lost") / made, 4) if made else 0.0,
        "waits": len(waits),
        "longest_wait_ms": ms(evidence.longest_ms(waits)),
        "most_waiting": evidence.tower(waits),
        "seconds": round(evidence.seconds, 3),
    }


def _lost(evidence: Evidence, scenario: Scenario) -> Judgement:
    figures = _additions(evidence)
    made, lost = evidence.number("additions made"), evidence.number("additions lost")
    told = f"{count(made, 'addition')} were made"
    if lost > 0:
        sentence = (
            f"{told} and {evidence.number('balance'):,.0f} are in the counter: {count(lost, 'was', 'were')} lost."
        )
    else:
        sentence = f"{told} and none was lost this time; a race need not be lost every time."
    return Judgement(lost > 0, sentence, figures)


def _none_lost(evidence: Evidence, scenario: Scenario) -> Judgement:
    figures = _additions(evidence)
    made, lost = evidence.number("additions made"), evidence.number("additions lost")
    if made and not lost:
        line = count(float(evidence.tower(evidence.waits(evidence.locks("lock")))), "thread")
        longest = lasting(evidence.longest_ms(evidence.waits(evidence.locks("lock"))))
        sentence = (
            f"{count(made, 'addition')} were made and all are in the counter; up to {line} waited at the lock, "
            f"the longest {longest}."
        )
    else:
        sentence = f"{count(made, 'addition')} were made with the lock, and {lost:,.0f} are missing."
    return Judgement(made > 0 and lost == 0, sentence, figures)


LOST_UPDATE: Final = LockScenario(
    id="lost_update",
    group=GROUP,
    title="Lost update on a counter",
    sentence="Eight threads add 1 a thousand times each.",
    written="Read, then write: between the two somebody else did both.",
    cured="The lock makes two steps one; the price is the line at the lock.",
    base={"dispatch": {"id": "thread_pool", "tokens": 8}, "load": {"mode": "burst", "requests": 8}},
    judge_written=_lost,
    judge_cured=_none_lost,
    seconds=None,
    shown={"load.requests": "Threads", "workload.additions": "Additions", "workload.rounds": "In between"},
    note="A bare counter += 1 seldom loses on CPython, which looks for another thread only at calls and at the end of "
    "a loop; so the handler reads, calls something, and writes.",
)


# -- check, then act ---------------------------------------------------------------------------------------------------


def _sales(evidence: Evidence) -> dict[str, Figure]:
    waits = evidence.waits(evidence.locks("lock"))
    return {
        "asked": int(evidence.number("asked")),
        "seats": int(evidence.number("seats")),
        "sold": int(evidence.number("seats sold")),
        "sold_twice": int(evidence.number("sold twice")),
        "longest_wait_ms": ms(evidence.longest_ms(waits)),
        "most_waiting": evidence.tower(waits),
        "seconds": round(evidence.seconds, 3),
    }


def _sold_sentence(evidence: Evidence) -> str:
    asked, seats, sold = (evidence.number(name) for name in ("asked", "seats", "seats sold"))
    return f"{count(asked, 'guest')} asked for {count(seats, 'seat')}, and {sold:,.0f} were sold"


def _sold_twice(evidence: Evidence, scenario: Scenario) -> Judgement:
    twice = evidence.number("sold twice")
    end = f": {twice:,.0f} twice, all by one thread." if twice else ": none twice this time."
    return Judgement(twice > 0, _sold_sentence(evidence) + end, _sales(evidence))


def _sold_once(evidence: Evidence, scenario: Scenario) -> Judgement:
    sold, twice = evidence.number("seats sold"), evidence.number("sold twice")
    enough = 0 < sold <= evidence.number("seats")
    end = f": {twice:,.0f} twice." if twice else ": none twice."
    if knobs(scenario).cure == "lock":
        waits = evidence.waits(evidence.locks("lock"))
        end = f"{end[:-1]}; up to {count(evidence.tower(waits), 'guest')} waited for the lock."
    return Judgement(
        enough and not twice and evidence.statuses[OK] > 0, _sold_sentence(evidence) + end, _sales(evidence)
    )


CHECK_THEN_ACT: Final = LockScenario(
    id="check_then_act",
    group=GROUP,
    title="Check, then act (async)",
    sentence="Forty guests ask for ten seats at the same time; a payment is awaited before a seat is taken.",
    written="No thread, still a race: at the await others run.",
    cured="Check and act with no await between, or hold an asyncio.Lock.",
    base={"dispatch": {"id": "coroutine"}, "load": {"mode": "burst", "requests": 40}},
    judge_written=_sold_twice,
    judge_cured=_sold_once,
    seconds=None,
    shown={"load.requests": "Guests", "workload.seats": "Seats", "workload.seconds": "Payment"},
)

SCENARIOS: Final = (LOST_UPDATE, CHECK_THEN_ACT)
