"""Timers that go off long after they were due, because the loop was at something else."""

from typing import Final

from explorer.analysis.buckets import bucket_of
from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.finding_words import lasting, times
from explorer.analysis.observed import Observed
from explorer.analysis.span_log import LATE_TIMERS, TIMERS

LATE_S: Final = 0.05
"""As for a blocked loop: what people notice."""
SHARE: Final = 0.05
"""One timer in twenty: keep-alive and time-out timers that are late once do no harm."""
LEAST: Final = 2
AT_IT: Final = 0.7
"""So much of the lateness the loop must have been running something."""


def judge(observed: Observed) -> Found | None:
    """Timers of loops that several share, and that were at something else meanwhile.

    Lateness for want of a processor or the GIL does not count; where others use the machine that is not always told.
    """
    if observed.one_client_each:
        return None
    group = observed.spans.group(TIMERS)
    spans = group.spans(observed.begin, observed.end)
    least = LATE_S * (4 if observed.noisy else 1)
    looked_at = [
        (at, own)
        for at, (track, start, end) in enumerate(
            zip(*(spans[field].tolist() for field in ("track", "start", "end")), strict=True)
        )
        if track in observed.run.loops
        and end - start >= least * 1e9
        and (own := (end - start) / 1e9 - observed.hindered_s(track, start, end)) >= least
        and _at_something(observed, track, start, end)
    ]
    # Of very many only the longest and the newest are kept to be looked at: the others are as they are.
    late = round(len(looked_at) / max(1, len(spans)) * max(len(spans), _counted(observed, LATE_TIMERS)))
    all_ = max(_counted(observed, TIMERS), late)
    if late < max(LEAST, SHARE * all_):
        return None
    longest = max(own for _, own in looked_at)
    blocking = observed.knob("dispatch", "id") in ("blocking_coroutine", "coroutine") and not observed.own_app
    return Found(
        f"Timers went off up to {lasting(longest)} late, {times(late)} of {all_:,}: the event loop was at "
        "something else.",
        {"late": late, "timers": all_, "latest_ms": round(longest * 1e3, 1)},
        observed.places(spans[[at for at, _ in looked_at]]),
        Change("The handler's work in a thread pool", {"dispatch.id": "thread_pool"}) if blocking else None,
        "Keep callbacks short: what takes long belongs into a thread or a process.",
    )


def _counted(observed: Observed, group: int) -> int:
    """How many timers of loops there are in a group, over the window."""
    sums = observed.spans.group(group).sums.items()
    return sum(observed.summed(each)[0] for track, each in sums if track in observed.run.loops)


def _at_something(observed: Observed, track: int, start: int, end: int) -> bool:
    """Whether the loop ran callbacks for most of a time."""
    first, last = bucket_of(start), bucket_of(end) + 1
    busy = observed.run.loops[track].busy_s(first, last)
    return busy >= AT_IT * (end - start) / 1e9


finding = Finding("timers_late", "Timers come late", "server", 55, "timers that go off too late", judge)
