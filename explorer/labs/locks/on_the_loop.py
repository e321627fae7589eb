"""Scenarios about locks and the event loop."""

from typing import Final

from explorer.labs.locks.evidence import Evidence
from explorer.labs.locks.lock_scenario import LockScenario, knobs
from explorer.labs.locks.verdict import Figure, Judgement, count, lasting, ms
from explorer.scenario import Scenario

GROUP: Final = "Locks and the event loop"


# -- a threading.Lock in async def -------------------------------------------------------------------------------------


def _register_figures(evidence: Evidence) -> dict[str, Figure]:
    waits = evidence.waits(evidence.locks())
    return {
        "reports": int(evidence.number("reports")),
        "entries": int(evidence.number("entries")),
        "longest_loop_wait_ms": ms(evidence.longest_ms(evidence.on_loops(waits))),
        "longest_task_wait_ms": ms(evidence.longest_ms([wait for wait in waits if wait.owner.task])),
        "longest_callback_ms": ms(evidence.longest_callback_ms),
        "most_waiting": evidence.tower(waits),
        "seconds": round(evidence.seconds, 3),
    }


def _loop_waits(evidence: Evidence, scenario: Scenario) -> Judgement:
    hold = knobs(scenario).hold * 1e3
    stood = evidence.longest_ms(evidence.on_loops(evidence.waits(evidence.locks())))
    sentence = (
        f"The event loop itself stood at the lock for up to {lasting(stood)}; its longest callback took "
        f"{lasting(evidence.longest_callback_ms)}, and meanwhile it served nobody."
    )
    if not stood:
        sentence = "The event loop never stood at the lock."
    return Judgement(
        stood >= hold / 2 and evidence.longest_callback_ms >= hold / 2, sentence, _register_figures(evidence)
    )


def _tasks_wait(evidence: Evidence, scenario: Scenario) -> Judgement:
    hold = knobs(scenario).hold * 1e3
    waits = evidence.waits(evidence.locks())
    tasks = evidence.longest_ms([wait for wait in waits if wait.owner.task])
    stood = evidence.longest_ms(evidence.on_loops(waits))
    sentence = (
        f"Tasks waited for the lock for up to {lasting(tasks)}, and the loop was free: its longest callback took "
        f"{lasting(evidence.longest_callback_ms)}."
    )
    holds = tasks >= hold / 2 and not stood and 0 < evidence.longest_callback_ms < hold / 2
    if stood:
        sentence = f"The event loop stood at a lock for {lasting(stood)}."
    return Judgement(holds, sentence, _register_figures(evidence))


LOCK_IN_ASYNC: Final = LockScenario(
    id="lock_in_async",
    group=GROUP,
    title="threading.Lock in async def",
    sentence="A thread draws reports and holds a lock meanwhile; coroutines make entries under the same lock.",
    written="The coroutine waits, and the whole loop with it.",
    cured="asyncio.Lock waits without stopping the others.",
    base={"dispatch": {"id": "coroutine"}, "load": {"mode": "users", "users": 4}},
    judge_written=_loop_waits,
    judge_cured=_tasks_wait,
    shown={"load.users": "Requests", "workload.hold": "Hold"},
)


# -- a lock that is held across an await -------------------------------------------------------------------------------


def _page_figures(evidence: Evidence) -> dict[str, Figure]:
    locks = evidence.locks("lock")
    waits = evidence.waits(locks)
    return {
        "lines": int(evidence.number("lines")),
        "lines_per_second": round(_rate(evidence), 2),
        "longest_hold_ms": ms(evidence.longest_ms(evidence.holds(locks))),
        "longest_wait_ms": ms(evidence.longest_ms(waits)),
        "most_waiting": evidence.tower(waits),
        "seconds": round(evidence.seconds, 3),
    }


def _rate(evidence: Evidence) -> float:
    return evidence.number("lines") / evidence.seconds if evidence.seconds else 0.0


def _page_sentence(evidence: Evidence) -> str:
    locks = evidence.locks("lock")
    return (
        f"{_rate(evidence):.1f} lines a second; the lock was held for up to "
        f"{lasting(evidence.longest_ms(evidence.holds(locks)))} while up to "
        f"{count(evidence.tower(evidence.waits(locks)), 'request')} stood outside."
    )


def _one_at_a_time(evidence: Evidence, scenario: Scenario) -> Judgement:
    seconds, locks = knobs(scenario).seconds, evidence.locks("lock")
    holds = (
        evidence.longest_ms(evidence.holds(locks)) >= 0.9 * seconds * 1e3
        and evidence.tower(evidence.waits(locks)) >= max(1, scenario.load.users // 2)
        and 0 < _rate(evidence) * seconds < 1.2
    )
    return Judgement(holds, _page_sentence(evidence), _page_figures(evidence))


def _together(evidence: Evidence, scenario: Scenario) -> Judgement:
    seconds, locks = knobs(scenario).seconds, evidence.locks("lock")
    holds = evidence.longest_ms(evidence.holds(locks)) < seconds * 1e3 / 2 and _rate(evidence) * seconds > 1.5
    return Judgement(holds, _page_sentence(evidence), _page_figures(evidence))


LOCK_ACROSS_AWAIT: Final = LockScenario(
    id="lock_across_await",
    group=GROUP,
    title="Lock held across await",
    sentence="Ten requests fetch a line from elsewhere and write it into one page.",
    written="The lock sleeps with its holder, and every other request stands outside.",
    cured="Await first, then lock for the moment of writing.",
    base={"dispatch": {"id": "coroutine"}, "load": {"mode": "users", "users": 10}},
    judge_written=_one_at_a_time,
    judge_cured=_together,
    shown={"load.users": "Requests", "workload.seconds": "Fetch"},
)

SCENARIOS: Final = (LOCK_IN_ASYNC, LOCK_ACROSS_AWAIT)
