"""More handlers than the thread pool has tokens: requests wait for a thread before anything is done for them."""

from typing import Final

from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.finding_words import lasting, percent
from explorer.analysis.observed import Observed
from explorer.analysis.span_log import TOKENS

P99_S: Final = 0.02
"""A wait that only one in a hundred has, and not for longer than this, is a burst and not a shortage."""
SHARE: Final = 0.1
"""The mean wait as a part of the mean response: below a tenth more tokens would change nothing that one sees."""


def judge(observed: Observed) -> Found | None:
    """All tokens were out, and waiting for one is a good part of what a response takes."""
    tokens = observed.run.tokens
    limit = observed.knob("dispatch", "tokens") or tokens.limit
    wait = tokens.wait_p99(observed.begin, observed.end)
    peak = tokens.borrowed.maximum(observed.first, observed.last)
    response = observed.run.load.sum(observed.begin, observed.end).histograms[0].mean
    if not limit or wait is None or peak is None or peak < limit or wait < P99_S:
        return None
    group = observed.spans.group(TOKENS)
    sums = [observed.summed(each) for track, each in group.sums.items() if observed.serves(track)]
    count, seconds = sum(one for one, _ in sums), sum(one for _, one in sums)
    mean = seconds / count if count else 0.0
    if not count or mean < SHARE * response or _no_processor(observed, wait):
        return None
    share = min(1.0, mean / response) if response else 1.0
    waits = group.spans(observed.begin, observed.end)
    # Twice as many, but at least as many as would have been in use: peak counts those with a token only.
    wanted = min(1000, max(2 * int(limit), round(int(limit) * (1 / max(0.05, 1 - share)))))
    return Found(
        f"All {limit:,} tokens of the thread pool were taken: requests waited {lasting(mean)} for a thread on average, "
        f"{percent(share)} of their response time (p99 {lasting(wait)}).",
        {
            "tokens": limit,
            "peak": int(peak),
            "wait_mean_ms": round(mean * 1e3, 2),
            "wait_p99_ms": round(wait * 1e3, 2),
            "share_of_response": round(share, 4),
        },
        observed.places(waits),
        None
        if observed.own_app or observed.knob("dispatch", "tokens") is None
        else Change(f"{wanted:,} tokens instead of {limit:,}", {"dispatch.tokens": wanted}),
        "Give the pool more tokens, or make handlers that only wait async def.",
    )


def _no_processor(observed: Observed, wait: float) -> bool:
    """On a machine that others use, handlers take longer than they would: a short wait is then not the pool's fault."""
    return observed.noisy and wait < 5 * P99_S


finding = Finding("token_starvation", "Too few tokens", "server", 20, "waiting for a thread-pool token", judge)
