"""A callback that keeps the event loop for so long that everybody else waits."""

from dataclasses import dataclass
from typing import Final

from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.finding_words import lasting, percent, times
from explorer.analysis.observed import Observed
from explorer.analysis.place import Place
from explorer.analysis.span_log import CALLBACKS, STACKS

LONG_S: Final = 0.05
"""One callback: from 50 ms on people notice, and a chat or a timer is late."""
SHARE: Final = 0.02
"""All long callbacks together: a single one in a run of minutes is no fault that anybody could cure."""
ONE_S: Final = 0.5
"""Except if it is as long as this."""
MOST_LOOKED_AT: Final = 64


@dataclass(frozen=True, slots=True)
class Blocked:
    """What long callbacks did to one loop: those looked at, with what of each was its own doing (s), longest first; how
    often it happened in all, and the seconds of all.
    """

    looked_at: tuple[tuple[Place, float], ...]
    times: int
    lost_s: float

    @property
    def longest_s(self) -> float:
        """The longest of them."""
        return self.looked_at[0][1]


def judge(observed: Observed) -> Found | None:
    """Only where several share a loop; time without a processor or the GIL does not count, nor the collector's."""
    if observed.one_client_each:
        return None
    found = [loop for loop in _loops(observed) if loop.lost_s >= SHARE * observed.seconds or loop.longest_s >= ONE_S]
    if not found:
        return None
    worst = max(found, key=lambda loop: loop.lost_s)
    places = [place for place, _ in worst.looked_at]
    line, stacks = _line(observed, places)
    at = f" at {line}" if line else (f" in {places[0].name}" if places[0].name else "")
    share = min(1.0, worst.lost_s / observed.seconds) if observed.seconds else 1.0
    return Found(
        f"One callback kept the event loop for up to {lasting(worst.longest_s)}{at}; it happened {times(worst.times)} "
        f"and took {percent(share)} of the time, in which nobody else was served.",
        {
            "blocked_times": worst.times,
            "longest_ms": round(worst.longest_s * 1e3, 1),
            "blocked_share": round(share, 4),
            "callback": places[0].name or None,
            "line": line or None,
            "line_seen": stacks,
        },
        tuple(sorted(places[:12], key=lambda place: place.start)),
        _change(observed),
        f"Await instead of blocking{at}, or do this work in a thread: a plain def, or run_in_threadpool.",
    )


def _loops(observed: Observed) -> list[Blocked]:
    """Loops that long callbacks kept, those that have not ended as well."""
    spans, now = observed.spans.group(CALLBACKS).spans(observed.begin, observed.end), observed.run.now
    rows = [Place(one.track, one.start, now, observed.name(one.name)) for one in observed.spans.running]
    rows += [
        Place(track, start, end, observed.name(name))
        for track, start, end, name in zip(
            *(spans[field].tolist() for field in ("track", "start", "end", "name")), strict=True
        )
    ]
    by_loop: dict[int, list[Place]] = {}
    for place in rows:
        if place.track in observed.run.loops and place.end - place.start >= LONG_S * 1e9:
            by_loop.setdefault(place.track, []).append(place)
    found = (_blocked(observed, track, places) for track, places in by_loop.items())
    return [loop for loop in found if loop is not None]


def _blocked(observed: Observed, track: int, places: list[Place]) -> Blocked | None:
    least = LONG_S * (2 if observed.noisy else 1)  # not all that others did to a thread is always told
    looked_at, length_s, found = places[:MOST_LOOKED_AT], 0.0, []
    for place in looked_at:
        length = (place.end - place.start) / 1e9
        length_s += length
        own = length - observed.hindered_s(track, place.start, place.end) - observed.collected_s(place)
        if own >= least:
            found.append((place, own))
    if not found:
        return None
    count, seconds = len(found), sum(own for _, own in found)
    sums = observed.spans.group(CALLBACKS).sums.get(track)
    if len(places) > MOST_LOOKED_AT and sums is not None:  # the others are as those that were looked at
        every, every_s = observed.summed(sums)
        count = max(count, round(every * count / len(looked_at)))
        seconds = max(seconds, every_s * seconds / length_s)
    return Blocked(tuple(sorted(found, key=lambda each: -each[1])), count, seconds)


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
