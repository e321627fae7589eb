"""A circle of threads or tasks each of which waits for a lock that the next one holds."""

from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.observed import Observed
from explorer.analysis.place import Place


def judge(observed: Observed) -> Found | None:
    """Found while it lasts and afterwards, also before the measuring window: what is stuck never gets into it."""
    observed.locks.look_back_once(over=observed.run.asked_to_end > 0)
    found = observed.locks.deadlocks
    if not found:
        return None
    last = found[-1]
    cycle, ended = last.cycle, last.ended
    end = ended if ended is not None else observed.run.now
    places = tuple(Place(place.lock, place.start, min(end, place.end or end), place.place) for place in (*cycle.waits,))
    stop = observed.run.asked_to_end
    lasts = ended is None or bool(stop and ended >= stop)  # what ends the server opens the circle
    broken = "It was never opened." if lasts else "It was opened from outside, or by a time-out."
    cured = observed.knob("workload", "cured")
    return Found(
        f"{cycle.sentence} {broken}",
        {
            "circles": len(found),
            "places": ", ".join(cycle.places),
            "lasts": int(lasts),
            "found_after_ms": round(last.found_after_ms, 1),
        },
        places,
        Change("The same, cured", {"workload.cured": True}) if cured is False else None,
        "Take locks in one and the same order everywhere.",
    )


finding = Finding("deadlock", "Deadlock", "server", 5, "circles of those who wait for one another", judge)
