"""A callback that keeps the event loop for so long that everybody else waits."""

from typing import Final

from explorer.analysis.finding import Change, Finding, Found, Place
from explorer.analysis.finding_words import lasting, percent, times
from explorer.analysis.observed import Observed
from explorer.analysis.span_log import CALLBACKS, STACKS

LONG_S: Final = 0.05
"""One callback: from 50 ms on people notice, and a chat or a timer is late. The log keeps those from 40 ms."""
SHARE: Final = 0.02
"""All long callbacks together: a single one in a run of minutes is no fault that anybody could cure."""
ONE_S: Final = 0.5
"""Except if it is as long as this."""
MOST_LOOKED_AT: Final = 64


def judge(observed: Observed) -> Found | None:
    """Only where several share a loop; time without a processor or the GIL does not count, nor the collector's."""
    if observed.one_client_each:
        return None
    found = _blocks(observed)
    if not found:
        return None
    lost, longest = sum(seconds for _, seconds in found), max(seconds for _, seconds in found)
    if lost < SHARE * observed.seconds and longest < ONE_S:
        return None
    worst = max(found, key=lambda each: each[1])[0]
    line, stacks = _line(observed, [place for place, _ in found])
    at = f" at {line}" if line else (f" in {worst.name}" if worst.name else "")
    share = min(1.0, lost / observed.seconds) if observed.seconds else 1.0
    return Found(
        f"One callback kept the event loop for up to {lasting(longest)}{at}; it happened {times(len(found))} and took "
        f"{percent(share)} of the time, in which nobody else was served.",
        {
            "blocked_times": len(found),
            "longest_ms": round(longest * 1e3, 1),
            "blocked_share": round(share, 4),
            "callback": worst.name or None,
            "line": line or None,
            "line_seen": stacks,
        },
        tuple(sorted([place for place, _ in found][:12], key=lambda place: place.start)),
        _change(observed),
        f"Await instead of blocking{at}, or do this work in a thread: a plain def, or run_in_threadpool.",
    )


def _blocks(observed: Observed) -> list[tuple[Place, float]]:
    """Long callbacks and what of each was its own doing (s), longest first; those that have not ended as well."""
    spans = observed.spans.group(CALLBACKS).spans(observed.begin, observed.end)
    rows = [
        Place(track, start, end, observed.name(name))
        for track, start, end, name in zip(
            *(spans[field].tolist() for field in ("track", "start", "end", "name")), strict=True
        )
    ]
    now = observed.statistics.now
    least = LONG_S * (2 if observed.noisy else 1)  # not all that others did to a thread is always told
    rows += [Place(one.track, one.start, now, observed.name(one.name)) for one in observed.spans.running]
    found = []
    for place in [row for row in rows if row.track in observed.statistics.loops][:MOST_LOOKED_AT]:
        length = (place.end - place.start) / 1e9
        if length >= LONG_S:
            own = length - observed.hindered_s(place.track, place.start, place.end) - observed.collected_s(place)
            if own >= least:
                found.append((place, own))
    return sorted(found, key=lambda each: -each[1])


def _line(observed: Observed, places: list[Place]) -> tuple[str, int]:
    """The line of source that the watchdog saw longest within these, and how often it told of one."""
    spans = observed.spans.group(STACKS).spans(observed.begin, observed.end)
    total: dict[str, int] = {}
    count = 0
    for track, start, end, name in zip(
        *(spans[field].tolist() for field in ("track", "start", "end", "name")), strict=True
    ):
        told = observed.process_of(track)
        for place in places:
            within = min(end, place.end) - max(start, place.start)
            if within > 0 and observed.process_of(place.track) == told:
                text = observed.name(name)
                total[text] = total.get(text, 0) + within
                count += 1
    return max(total, key=lambda text: total[text], default=""), count


def _change(observed: Observed) -> Change | None:
    if observed.own_app or observed.knob("dispatch", "id") not in ("blocking_coroutine", "coroutine"):
        return None
    return Change("The handler's work in a thread pool", {"dispatch.id": "thread_pool"})


finding = Finding("loop_blocked", "Event loop blocked", "server", 10, "a callback that keeps an event loop", judge)
