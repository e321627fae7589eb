"""A client of a stream or a WebSocket that does not take what it is sent, so that its handler stands still."""

from typing import Final

from explorer.analysis.finding import Finding, Found
from explorer.analysis.finding_words import lasting
from explorer.analysis.observed import Observed
from explorer.analysis.span_log import DRAINS

LONG_S: Final = 0.5
"""All waits of one client: a full buffer empties within a round trip if somebody reads."""


def judge(observed: Observed) -> Found | None:
    """Clients that kept the server waiting, told of by the watchdog from 200 ms on."""
    waits = observed.spans.group(DRAINS).spans(observed.begin, observed.end)
    by_client: dict[int, int] = {}
    for request, length in zip(waits["request"].tolist(), (waits["end"] - waits["start"]).tolist(), strict=True):
        by_client[request] = by_client.get(request, 0) + length
    slow = {request: length / 1e9 for request, length in by_client.items() if length / 1e9 >= LONG_S}
    if not slow:
        return None
    worst = max(slow, key=lambda request: slow[request])
    name = next(observed.name(int(wait["name"])) for wait in waits if int(wait["request"]) == worst)
    who = "A client" if len(slow) == 1 else f"{len(slow):,} clients"
    return Found(
        f"{who} of {name or 'a stream'} did not take what was sent: the server waited up to {lasting(slow[worst])} for "
        "room in the connection.",
        {"clients": len(slow), "waited_max_s": round(slow[worst], 3), "waited_s": round(sum(slow.values()), 3)},
        observed.places(waits[waits["request"] == worst]),
        None,
        "Send such a client less, or close its connection after a time-out: keep only the newest message for it.",
    )


finding = Finding("slow_consumer", "Slow consumer", "server", 80, "clients that do not read what they are sent", judge)
