"""Scenarios in which others wait longer than they need to."""

import statistics
from collections.abc import Sequence
from typing import Final

from explorer.analysis.locks.trace import Hold, Wait
from explorer.labs.locks.evidence import Evidence
from explorer.labs.locks.lock_scenario import LockScenario, is_cured, knobs, line_of
from explorer.labs.locks.verdict import Figure, Judgement, count, lasting, ms
from explorer.scenario import Scenario

GROUP: Final = "Waiting"


# -- convoy ------------------------------------------------------------------------------------------------------------

SELDOM: Final = 1 / 4
"""Of the slow lines: as written each of them holds the lock for its sleep; with the sleep outside, a hold is as long
only where the system takes a holder's core away."""


def _convoy_figures(evidence: Evidence, sleep: float) -> dict[str, Figure]:
    locks = evidence.locks("lock")
    waits, holds = evidence.waits(locks), evidence.holds(locks)
    lines = evidence.number("slow lines") + evidence.number("quick lines")
    return {
        "lines": int(lines),
        "lines_per_second": round(lines / evidence.seconds, 1) if evidence.seconds else 0.0,
        "median_hold_ms": ms(_median_ms(evidence, holds)),
        "longest_hold_ms": ms(evidence.longest_ms(holds)),
        "slow_lines": int(evidence.number("slow lines")),
        "holds_of_a_sleep": _as_long(evidence, holds, sleep),
        "longest_wait_ms": ms(evidence.longest_ms(waits)),
        "median_wait_ms": ms(_median_ms(evidence, waits)),
        "mean_wait_ms": ms(statistics.fmean(map(evidence.length_ms, waits))) if waits else 0.0,
        "most_waiting": evidence.tower(waits),
        "seconds": round(evidence.seconds, 3),
    }


def _convoy_sentence(evidence: Evidence) -> str:
    locks = evidence.locks("lock")
    waits = evidence.waits(locks)
    held, waited = evidence.longest_ms(evidence.holds(locks)), evidence.longest_ms(waits)
    return (
        f"The lock was held for {lasting(held)} at most; up to {count(evidence.tower(waits), 'thread')} stood in line, "
        f"the longest for {lasting(waited)}."
    )


def _marches(evidence: Evidence, scenario: Scenario) -> Judgement:
    locks = evidence.locks("lock")
    sleep = knobs(scenario).sleep * 1e3
    waits = evidence.waits(locks)
    holds = (
        evidence.longest_ms(evidence.holds(locks)) >= sleep
        and evidence.longest_ms(waits) >= sleep / 2
        and evidence.tower(waits) >= scenario.load.users // 2
    )
    return Judgement(holds, _convoy_sentence(evidence), _convoy_figures(evidence, sleep))


def _flows(evidence: Evidence, scenario: Scenario) -> Judgement:
    locks = evidence.locks("lock")
    sleep = knobs(scenario).sleep * 1e3
    slow, long = evidence.number("slow lines"), _as_long(evidence, evidence.holds(locks), sleep)
    holds = slow > 0 and long < SELDOM * slow and _median_ms(evidence, evidence.waits(locks)) < sleep
    sentence = _convoy_sentence(evidence)
    if long:
        sentence += f" {count(long, 'hold')} lasted as long as a sleep, beside {count(slow, 'slow line')}."
    return Judgement(holds, sentence, _convoy_figures(evidence, sleep))


def _as_long(evidence: Evidence, holds: Sequence[Hold], sleep: float) -> int:
    return sum(evidence.length_ms(hold) >= sleep for hold in holds)


def _median_ms(evidence: Evidence, some: Sequence[Hold | Wait]) -> float:
    return statistics.median(map(evidence.length_ms, some)) if some else 0.0


CONVOY: Final = LockScenario(
    id="convoy",
    group=GROUP,
    title="Convoy at one lock",
    sentence="Eight threads write short lines into one log; one line in ten is followed by a sleep.",
    written="One slow holder, and everybody marches in its step.",
    cured="Hold it shorter: the sleep moved outside the lock.",
    base={"dispatch": {"id": "thread_pool"}, "load": {"mode": "users", "users": 8}},
    judge_written=_marches,
    judge_cured=_flows,
    shown={
        "load.users": "Threads",
        "workload.write": "Hold",
        "workload.sleep": "Sleep",
        "workload.every": "Slow: one in",
    },
)


# -- readers and a writer ----------------------------------------------------------------------------------------------

PATIENCE: Final = 10
"""A writer that waits for so many lengths of a reader's stay is starved; in turn it would wait for one or two."""


def _writer_wait(evidence: Evidence) -> float:
    return evidence.longest_ms(evidence.waits(evidence.locks("lock"), line_of("reader_starvation", "lock.write()")))


def _library_figures(evidence: Evidence) -> dict[str, Figure]:
    reading = evidence.waits(evidence.locks("lock"), line_of("reader_starvation", "lock.read()"))
    return {
        "read": int(evidence.number("read")),
        "written": int(evidence.number("written")),
        "longest_writer_wait_ms": ms(_writer_wait(evidence)),
        "longest_reader_wait_ms": ms(evidence.longest_ms(reading)),
        "most_waiting": evidence.tower(evidence.waits(evidence.locks("lock"))),
        "seconds": round(evidence.seconds, 3),
    }


def _library_sentence(evidence: Evidence) -> str:
    return (
        f"{count(evidence.number('read'), 'reader')} went in and {count(evidence.number('written'), 'writer')}; "
        f"a writer waited for up to {lasting(_writer_wait(evidence))}."
    )


def _starves(evidence: Evidence, scenario: Scenario) -> Judgement:
    holds = _writer_wait(evidence) >= PATIENCE * knobs(scenario).read * 1e3
    return Judgement(holds, _library_sentence(evidence), _library_figures(evidence))


def _gets_in(evidence: Evidence, scenario: Scenario) -> Judgement:
    short = _writer_wait(evidence) < PATIENCE * knobs(scenario).read * 1e3
    holds = short and evidence.number("written") > 0
    return Judgement(holds, _library_sentence(evidence), _library_figures(evidence))


READERS: Final = LockScenario(
    id="reader_starvation",
    group=GROUP,
    title="Readers starve the writer",
    sentence="Eight readers come and go, each for a moment; one writer needs the shelf for itself.",
    written="There is always one more reader, so the writer never gets in.",
    cured="Writers queue first; new readers wait behind them.",
    base={"dispatch": {"id": "thread_pool"}, "load": {"mode": "users", "users": 9}},
    judge_written=_starves,
    judge_cured=_gets_in,
    shown={"load.users": "Threads", "workload.read": "Read", "workload.write": "Write"},
)


# -- producer and consumer ---------------------------------------------------------------------------------------------


def _belt_figures(evidence: Evidence) -> dict[str, Figure]:
    return {
        "put": int(evidence.number("items put")),
        "taken": int(evidence.number("items taken")),
        "longest_queue": int(evidence.most("items in the queue")),
        "left_in_the_queue": int(evidence.number("items put") - evidence.number("items taken")),
        "oldest_item_ms": ms(evidence.most("time in the queue") * 1e3),
        "longest_wait_for_a_place_ms": ms(_longest_put(evidence)),
        "waits_for_a_place": len(_puts(evidence)),
        "seconds": round(evidence.seconds, 3),
    }


def _puts(evidence: Evidence) -> list[float]:
    waits = evidence.waits(evidence.locks(), line_of("producer_consumer", "items.put("))
    return [evidence.length_ms(wait) for wait in waits]


def _longest_put(evidence: Evidence) -> float:
    return max(_puts(evidence), default=0.0)


def _piles_up(evidence: Evidence, scenario: Scenario) -> Judgement:
    put, taken = evidence.number("items put"), evidence.number("items taken")
    places = knobs(scenario).places
    waited = _longest_put(evidence)
    holds = put - taken > places and waited < knobs(scenario).consume * 1e3
    oldest = lasting(evidence.most("time in the queue") * 1e3)
    sentence = (
        f"{count(put, 'item')} were put and {taken:,.0f} taken: {put - taken:,.0f} lie in the queue, and the last one "
        f"had lain there for {oldest}. No producer waited."
    )
    if waited >= knobs(scenario).consume * 1e3:
        sentence = f"Of {count(put, 'item')} {taken:,.0f} were taken; a producer waited for {lasting(waited)}."
    return Judgement(holds, sentence, _belt_figures(evidence))


def _waits_for_places(evidence: Evidence, scenario: Scenario) -> Judgement:
    most, places = evidence.most("items in the queue"), knobs(scenario).places
    puts = _puts(evidence)
    holds = 0 < most <= places and bool(puts)
    sentence = (
        f"Never more than {count(most, 'item')} in the queue; producers waited {count(len(puts), 'time')} for a place, "
        f"up to {lasting(_longest_put(evidence))}, and no item was older than "
        f"{lasting(evidence.most('time in the queue') * 1e3)} when it was taken."
    )
    return Judgement(holds, sentence, _belt_figures(evidence))


BELT: Final = LockScenario(
    id="producer_consumer",
    group=GROUP,
    title="Producer and consumer",
    sentence="Eight threads make an item every 20 ms each; one consumer takes 20 ms for each of them.",
    written="Without a limit the queue only hides that one side is too slow.",
    cured="Ten places: the fast side learns to wait.",
    base={"dispatch": {"id": "thread_pool"}, "load": {"mode": "users", "users": 8}},
    judge_written=_piles_up,
    judge_cured=_waits_for_places,
    shown={
        "load.users": "Threads", "workload.places": "Places", "workload.produce": "Produce",
        "workload.consume": "Consume",
    },
)  # fmt: skip


# -- a semaphore as a limit --------------------------------------------------------------------------------------------


def _database_figures(evidence: Evidence) -> dict[str, Figure]:
    tokens = evidence.waits(evidence.locks("tokens"))
    return {
        "asked": evidence.asked,
        "served": int(evidence.number("requests served")),
        "turned_away": int(evidence.number("requests turned away")),
        "longest_wait_ms": ms(evidence.longest_ms(tokens)),
        "most_waiting": evidence.tower(tokens),
        "in_order": evidence.in_order(tokens) if tokens else None,
        "seconds": round(evidence.seconds, 3),
    }


def _turned_away(evidence: Evidence, scenario: Scenario) -> Judgement:
    away, served = evidence.number("requests turned away"), evidence.number("requests served")
    sentence = f"Of {count(evidence.asked, 'request')} {served:,.0f} were served and {away:,.0f} turned away."
    return Judgement(away > 0, sentence, _database_figures(evidence))


def _each_in_turn(evidence: Evidence, scenario: Scenario) -> Judgement:
    away, served = evidence.number("requests turned away"), evidence.number("requests served")
    tokens = evidence.waits(evidence.locks("tokens"))
    order = "in the order in which they came" if evidence.in_order(tokens) else "not always in order"
    sentence = (
        f"All {served:,.0f} were served: up to {evidence.tower(tokens)} waited for a token, {order}, the longest "
        f"{lasting(evidence.longest_ms(tokens))}."
    )
    if away:
        sentence = f"{served:,.0f} were served and {away:,.0f} turned away in spite of the tokens."
    holds = served > 0 and not away and bool(tokens) and evidence.in_order(tokens)
    return Judgement(holds, sentence, _database_figures(evidence))


SEMAPHORE: Final = LockScenario(
    id="semaphore_limit",
    group=GROUP,
    title="Semaphore as a limit",
    sentence="Fifty requests at once, and a database with five connections.",
    written="Fifty knock at a database that can take five.",
    cured="Five tokens: forty-five wait here, cheaply, in order.",
    base={"dispatch": {"id": "coroutine"}, "load": {"mode": "burst", "requests": 50}},
    judge_written=_turned_away,
    judge_cured=_each_in_turn,
    seconds=None,
    shown={
        "load.requests": "Requests", "workload.connections": "Connections", "workload.seconds": "Hold",
        "workload.patience": "Time-out",
    },
)  # fmt: skip


# -- priority inversion ------------------------------------------------------------------------------------------------


WAITED_MS: Final = 1.0
"""A look that took longer had to wait for the lock."""
OF_ITS_HOLDS: Final = 2 / 3
"""Who holds a lock and computes for no more of the time than this lets others wait for others."""


def _looks(evidence: Evidence) -> tuple[list[float], list[float]]:
    """How long the urgent one's looks waited (ms): all of them, and those that had to wait."""
    looks = evidence.values("the urgent one waited")
    return looks, [look for look in looks if look > WAITED_MS]


def _held(evidence: Evidence) -> tuple[float, float]:
    """How long the idle one held the lock, and how long of that it ran, by its thread's processor time (ms)."""
    return evidence.number("the idle one held the lock"), evidence.number("and computed meanwhile")


def _urgent_figures(evidence: Evidence, scenario: Scenario) -> dict[str, Figure]:
    looks, waited = _looks(evidence)
    held, computed = _held(evidence)
    return {
        "looks": len(looks),
        "had_to_wait": len(waited),
        "median_wait_ms": ms(statistics.median(waited)) if waited else None,
        "longest_wait_ms": ms(max(waited, default=0.0)),
        "held_ms": ms(held),
        "computed_meanwhile_ms": ms(computed),
        "longest_hold_ms": ms(evidence.longest_ms(evidence.holds(evidence.locks("lock")))),
        "busy_threads": max(0, scenario.load.users - 2),
        "seconds": round(evidence.seconds, 3),
    }


def _urgent_sentence(evidence: Evidence, scenario: Scenario) -> str:
    looks, waited = _looks(evidence)
    if not waited:
        return f"The urgent thread looked {count(len(looks), 'time')} and never had to wait for the lock."
    sentence = (
        f"The urgent thread had to wait {len(waited)} of {count(len(looks), 'time')}, "
        f"{lasting(statistics.median(waited))} in the median and {lasting(max(waited))} at most."
    )
    if is_cured(scenario):
        return sentence
    held, computed = _held(evidence)
    busy = count(max(0, scenario.load.users - 2), "busy thread")
    return (
        f"{sentence} The idle one held the lock for {lasting(held)} and ran for {lasting(computed)} of them: {busy} "
        "took turns in between."
    )


def _inverted(evidence: Evidence, scenario: Scenario) -> Judgement:
    _, waited = _looks(evidence)
    held, computed = _held(evidence)
    holds = bool(waited) and 0 < computed <= OF_ITS_HOLDS * held
    return Judgement(holds, _urgent_sentence(evidence, scenario), _urgent_figures(evidence, scenario))


def _soon(evidence: Evidence, scenario: Scenario) -> Judgement:
    looks, waited = _looks(evidence)
    holds = bool(looks) and len(waited) <= len(looks) / 5
    return Judgement(holds, _urgent_sentence(evidence, scenario), _urgent_figures(evidence, scenario))


INVERSION: Final = LockScenario(
    id="priority_inversion",
    group=GROUP,
    title="Priority inversion",
    sentence="An idle thread draws a report under a lock that an urgent one wants; four busy ones compute.",
    written="The urgent thread waits for the idle one, which shares the GIL with busy ones.",
    cured="Short sections; Python has no thread priorities to lend.",
    base={"dispatch": {"id": "thread_pool"}, "load": {"mode": "users", "users": 6}},
    judge_written=_inverted,
    judge_cured=_soon,
    shown={"load.users": "Threads", "workload.seconds": "Hold", "workload.pause": "Think"},
    note="Python has no thread priorities: who is urgent is known to the reader alone. What can be seen is that the "
    "holder of the lock runs for a part of the time only, and the urgent one waits meanwhile; without a GIL and with a "
    "core for each thread it would run all the time.",
)

SCENARIOS: Final = (CONVOY, READERS, BELT, SEMAPHORE, INVERSION)
