"""A database pool whose connections are all lent out while requests wait for one."""

from typing import Final

from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.finding_words import lasting, percent
from explorer.analysis.observed import Observed
from explorer.analysis.span_log import CONNECTIONS

LONG_S: Final = 0.02
"""Below that a wait is the change of hands of a connection, or its making."""
SHARE: Final = 0.1


def judge(observed: Observed) -> Found | None:
    """Waits for a connection that last, and are a good part of the response."""
    group = observed.spans.group(CONNECTIONS)
    sums = [observed.summed(each) for track, each in group.sums.items() if observed.serves(track)]
    count, seconds = sum(one for one, _ in sums), sum(one for _, one in sums)
    waits = group.spans(observed.begin, observed.end)
    if not count or not len(waits):
        return None
    mean = seconds / count
    response = observed.run.load.sum(observed.begin, observed.end).histograms[0].mean
    least = LONG_S * (5 if observed.noisy else 1)
    if mean < least or mean < SHARE * response:
        return None
    longest = float((waits["end"] - waits["start"]).max()) / 1e9
    share = min(1.0, mean / response) if response else 1.0
    size = observed.knob("workload", "pool_size")
    lent = f"All {size:,} connections of the database pool were lent out" if size else "The database pool was exhausted"
    return Found(
        f"{lent}: requests waited {lasting(mean)} for one on average, {percent(share)} of their response time "
        f"(at most {lasting(longest)}).",
        {
            "pool_size": size,
            "waits": count,
            "wait_mean_ms": round(mean * 1e3, 2),
            "wait_max_ms": round(longest * 1e3, 2),
            "share_of_response": round(share, 4),
        },
        observed.places(waits),
        Change(f"{2 * size:,} connections instead of {size:,}", {"workload.pool_size": 2 * size}) if size else None,
        "Give the pool more connections, as far as the database can take them, or keep each for a shorter time.",
    )


finding = Finding("pool_exhausted", "Database pool exhausted", "server", 30, "waiting for a database connection", judge)
