"""A coroutine that awaits something else while it holds a lock that others wait for."""

from typing import Final

import numpy as np

from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.finding_words import lasting, times
from explorer.analysis.observed import Observed
from explorer.analysis.span_log import LOCK_HOLDS, LOCK_WAITS
from explorer.collect.source import Array
from explorer.records.lock_owners import task_of

LONG_S: Final = 0.02
"""A lock held for a shorter time by a task is held while it computes, or hardly longer."""
WAITING: Final = 0.5
"""Waiters on average over the window: without any it does no harm."""
BUSY: Final = 0.5
"""A loop that is busy for more of the time than this may be what made the holder slow."""


def judge(observed: Observed) -> Found | None:
    """Holds by tasks that last although the loop has time, of a lock that others wait for."""
    holds = observed.spans.group(LOCK_HOLDS).spans(observed.begin, observed.end)
    long = holds[(holds["end"] - holds["start"] >= LONG_S * 1e9) & _by_task(holds)]
    if not len(long) or observed.seconds <= 0 or _busy(observed) > BUSY:
        return None
    waits = observed.spans.group(LOCK_WAITS)
    waited = {number: observed.summed(sums)[1] / observed.seconds for number, sums in waits.sums.items()}
    locks = observed.locks.trace.locks
    candidates = [number for number in np.unique(long["track"]).tolist() if number in locks]
    number = max(candidates, key=lambda one: waited.get(one, 0.0), default=0)
    if not number or waited.get(number, 0.0) < WAITING or "Lock" not in locks[number].what:
        return None
    mine, lock = long[long["track"] == number], locks[number]
    longest = float((mine["end"] - mine["start"]).max()) / 1e9
    count = observed.summed(observed.spans.group(LOCK_HOLDS).sums[number])[0]
    cured = observed.knob("workload", "cured")
    return Found(
        f"The lock {lock.name} ({lock.place}) was held across an await for up to {lasting(longest)}, "
        f"{times(count)} in all, while {waited[number]:.1f} others waited for it on average and the loop had time.",
        {
            "lock": lock.name,
            "place": lock.place,
            "holds": count,
            "longest_ms": round(longest * 1e3, 1),
            "waiting": round(waited[number], 2),
        },
        observed.places(mine),
        Change("The same, cured", {"workload.cured": True}) if cured is False else None,
        "Await first, and take the lock only for the moment of writing.",
    )


def _by_task(holds: Array) -> Array:
    words = (holds["argument"] >> np.uint64(32)).tolist()
    return np.array([task_of(word) != 0 for word in words], bool)


def _busy(observed: Observed) -> float:
    shares = [loop.busy_s(observed.first, observed.last) / observed.seconds for loop in observed.run.loops.values()]
    return max(shares, default=0.0)


finding = Finding(
    "lock_across_await", "Lock held across an await", "server", 45, "coroutines that await with a lock in hand", judge
)
