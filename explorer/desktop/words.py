"""What the window calls things, and how it writes figures: states, "3.2 ms", "1,204", "19.700 s", "#2664". No Qt."""

from explorer.records.event_kinds import BY_KIND, EventKind
from explorer.records.schema import request_counter
from explorer.wording import MINUTE as MINUTE
from explorer.wording import STATE_WORDS as STATE_WORDS
from explorer.wording import StateWords as StateWords
from explorer.wording import count as count
from explorer.wording import duration as duration
from explorer.wording import state_title as state_title


def event_words(kind: EventKind, wait_ns: int) -> str:
    """An event and its wait: "HTTP request, waited 0.2 ms", "Timer, 1.5 ms late"; below 0 the wait is not known."""
    title = BY_KIND[kind].title
    if wait_ns < 0:
        return title
    return f"{title}, {duration(wait_ns)} late" if kind is EventKind.TIMER else f"{title}, waited {duration(wait_ns)}"


def moment(ns: int, decimals: int) -> str:
    """A point in time since the run began: "19.700 s", "1:05.250" from a minute on, with `decimals` digits of a
    second.
    """
    sign, ns = ("−", -ns) if ns < 0 else ("", ns)
    whole, part = divmod(ns, 1_000_000_000)
    tail = f".{part:09d}"[: decimals + 1] if decimals else ""
    if whole < 60:
        return f"{sign}{whole}{tail} s"
    minutes, seconds = divmod(whole, 60)
    return f"{sign}{minutes}:{seconds:02d}{tail}"


def request_label(number: int) -> str:
    """A request as people call it: its counter, without the number of the process that gave it."""
    return f"#{request_counter(number)}"


def clock(seconds: float) -> str:
    """How long something has gone on, as a clock shows it: "01:05.2"."""
    minutes, rest = divmod(max(0.0, seconds), 60)
    return f"{int(minutes):02d}:{rest:04.1f}"


def rate(per_second: float) -> str:
    """How often: "812/s", "0.5/s"; a rate that rounds to nothing is 0."""
    return f"{per_second:,.0f}/s" if per_second >= 9.95 or per_second == 0 else f"{per_second:.1f}/s"
