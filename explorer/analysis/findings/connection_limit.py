"""Requests that the server refuses because it has as many connections as it may have."""

from typing import Final

from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.finding_words import percent
from explorer.analysis.observed import Observed
from explorer.analysis.span_log import REFUSED

SHARE: Final = 0.005
"""Of all answers. A limit is set, and answers say 503: even few of them are people sent away; one may be chance."""
LEAST: Final = 3


def judge(observed: Observed) -> Found | None:
    """Answers 503 of a server that has a limit."""
    limit = observed.knob("server", "limit_concurrency", 0)
    if not limit:
        return None
    told = observed.run.load.sum(observed.begin, observed.end)
    refused, all_ = told.named.get("503", 0), sum(told.named.values())
    if refused < LEAST or refused < SHARE * all_:
        return None
    wanted = max(2 * limit, int(observed.knob("load", "users", 0) or 0) + limit)
    return Found(
        f"{refused:,} of {all_:,} requests ({percent(refused / all_)}) were answered 503, because the server had its "
        f"limit of {limit:,} connections.",
        {"limit": limit, "refused": refused, "answers": all_, "refused_share": round(refused / all_, 4)},
        observed.places(observed.spans.group(REFUSED).spans(observed.begin, observed.end)),
        Change(f"A limit of {wanted:,} connections", {"server.limit_concurrency": wanted}),
        "Raise the limit, or have fewer clients at once.",
    )


finding = Finding(
    "connection_limit", "Connection limit hit", "server", 70, "answers 503 at the connection limit", judge
)
