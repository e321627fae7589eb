"""An open load above what the server can do: the line of unanswered requests grows without end."""

from typing import Final

from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.observed import Observed
from explorer.analysis.place import Place
from explorer.collect.source import Track
from explorer.records.states import TrackKind

OPEN: Final = ("rate", "poisson")
SHARE: Final = 0.1
"""Of what came in, this part stayed: below it chance arrivals (Poisson) may have made a line that goes away again."""
LEAST: Final = 20
"""Requests more in line at the end than at the beginning."""
QUARTERS: Final = 4
SETTLED_NS: Final = 1_000_000_000


def judge(observed: Observed) -> Found | None:
    """More under way in each quarter of the time than in the one before.

    Not over the measuring window: that begins when two mean responses are over, and here they never are.
    """
    begin, end = _sending(observed)
    if observed.knob("load", "mode") not in OPEN or end - begin < 2_000_000_000:
        return None
    load = observed.run.load
    before = _under_way(load.counts(load.sum(0, begin)))
    length = (end - begin) // QUARTERS
    parts = [load.sum(begin + at * length, begin + (at + 1) * length) for at in range(QUARTERS)]
    gained = [_under_way(load.counts(part)) for part in parts]
    grown = sum(gained)
    sent = sum(load.counts(part)["sent"] for part in parts)
    if grown < max(LEAST, SHARE * sent) or sum(each > 0 for each in gained) < QUARTERS:
        return None
    seconds = (end - begin) / 1e9
    answered, offered = (sent - grown) / seconds, sent / seconds
    slower = [part.histograms[0].mean for part in (parts[0], parts[-1])]
    rate = float(f"{0.8 * answered:.2g}") or 1.0
    return Found(
        f"{offered:,.0f} requests a second came and {answered:,.0f} were answered: the line grew from {before:,} to "
        f"{before + grown:,} requests, and the response time from {slower[0]:.2g} to {slower[1]:.2g} s.",
        {
            "offered_rps": round(offered, 2),
            "answered_rps": round(answered, 2),
            "in_line_at_begin": before,
            "in_line_at_end": before + grown,
            "response_first_quarter_s": round(slower[0], 4),
            "response_last_quarter_s": round(slower[1], 4),
        },
        tuple(Place(track.number, begin, end, track.name) for track in _requests(observed)),
        Change(f"{rate:g} requests a second", {"load.rate": rate}),
        "Send less than the server can answer, or turn requests away early.",
    )


def _sending(observed: Observed) -> tuple[int, int]:
    """From when to when (ns) the load was sent, without its first second."""
    origin, duration = observed.window.origin, float(observed.knob("load", "duration") or 0)
    ends = [observed.run.load.last_report]
    ends += [origin + round(duration * 1e9)] if duration else []
    ends += [observed.run.asked_to_end] if observed.run.asked_to_end else []
    return origin + SETTLED_NS, min(ends)


def _under_way(counts: dict[str, int]) -> int:
    return counts["sent"] - counts["ok"] - counts["failed"] - counts["timed_out"]


def _requests(observed: Observed) -> list[Track]:
    """The groups of requests that the timeline shows."""
    tracks = observed.run.tracks.values()
    return [track for track in tracks if track.kind is TrackKind.REQUESTS and not track.process][:4]


finding = Finding("queue_growth", "The line grows", "server", 25, "an open load above what is answered", judge)
