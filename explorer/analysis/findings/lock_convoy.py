"""A lock that is nearly always held while several wait for it: everybody goes at its holder's pace."""

from typing import Final

from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.finding_words import lasting, percent
from explorer.analysis.observed import Observed
from explorer.analysis.span_log import LOCK_HOLDS, LOCK_WAITS

HELD: Final = 0.7
WAITING: Final = 1.0
"""Waiters on average. Who has a lock to himself waits for nobody; one waiter all the time halves what two could do."""


def judge(observed: Observed) -> Found | None:
    """Of the lock with the most waiters. Semaphores and queues are there to make wait, and are left out."""
    if observed.seconds <= 0:
        return None
    holds, waits = observed.spans.group(LOCK_HOLDS), observed.spans.group(LOCK_WAITS)
    worst, most = 0, 0.0
    for number, sums in waits.sums.items():
        lock = observed.locks.trace.locks.get(number)
        if lock is None or "Lock" not in lock.what or number not in holds.sums:
            continue
        waiting = observed.summed(sums)[1] / observed.seconds
        if waiting > most and observed.summed(holds.sums[number])[1] / observed.seconds >= HELD:
            worst, most = number, waiting
    if most < WAITING:
        return None
    lock = observed.locks.trace.locks[worst]
    count, held_s = observed.summed(holds.sums[worst])
    waited = observed.summed(waits.sums[worst])
    held, mean = min(1.0, held_s / observed.seconds), waited[1] / max(1, waited[0])
    spans = waits.spans(observed.begin, observed.end)
    mine = spans[(spans["argument"] & 0xFFFF_FFFF) == worst]
    cured = observed.knob("workload", "cured")
    return Found(
        f"The lock {lock.name} ({lock.place}) was held for {percent(held)} of the time while {most:.1f} others waited "
        f"for it on average, each {lasting(mean)}.",
        {
            "lock": lock.name,
            "place": lock.place,
            "held_share": round(held, 4),
            "holds": count,
            "waiting": round(most, 2),
            "wait_mean_ms": round(mean * 1e3, 2),
        },
        observed.places(mine),
        Change("The same, cured", {"workload.cured": True}) if cured is False else None,
        "Hold the lock for a shorter time: do what is slow before or after it.",
    )


finding = Finding("lock_convoy", "Convoy at a lock", "server", 50, "a lock that is always held and awaited", judge)
