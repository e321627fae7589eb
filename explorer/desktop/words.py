"""What the window calls things, and how it writes figures: states, "3.2 ms", "1,204", "19.700 s", "#2664". No Qt."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from explorer.records.event_kinds import BY_KIND, EventKind
from explorer.records.schema import request_counter
from explorer.records.states import State
from explorer.scenario import Scenario


class StateWords(NamedTuple):
    """A state's title, its short form (at most 24 characters), and a sentence that explains it."""

    title: str
    short: str
    sentence: str


STATE_WORDS: Final[Mapping[State, StateWords]] = {
    State.RUNNING: StateWords("Running", "Running", "Executes on a core, Python or native."),
    State.WAITING_GIL: StateWords(
        "Waiting for the GIL", "GIL wait", "Ready to run Python, but another thread holds the GIL."
    ),
    State.RUNNABLE: StateWords("Waiting for a core", "Runnable", "Ready to run, but all cores are busy."),
    State.QUEUED: StateWords("Queued", "Queued", "Ready, but waits for its turn at a loop or for a free thread."),
    State.BLOCKED: StateWords("Blocked", "Blocked", "The thread stands still in the system: I/O, or a sleep."),
    State.WAITING_LOCK: StateWords(
        "Waiting for a lock", "Lock wait", "Stands still until another thread releases a lock."
    ),
    State.AWAITING: StateWords("Awaiting", "Awaiting", "A suspended coroutine: it waits without occupying a thread."),
    State.IDLE: StateWords("Idle", "Idle", "Has nothing to do."),
    State.UNKNOWN: StateWords("Unknown", "Unknown", "The system does not say what this thread waits for."),
}
"""In the order of the legend."""

UNITS: Final = ((1, "ns", 0), (1_000, "µs", 2), (1_000_000, "ms", 2), (1_000_000_000, "s", 2))
MINUTE: Final = 60_000_000_000


def state_title(state: State) -> str:
    """The name of a state; NONE is unknown, as nobody said what it is."""
    return STATE_WORDS[State.UNKNOWN if state is State.NONE else state].title


def duration(ns: float) -> str:
    """A length of time with three digits at most: "850 ns", "3.25 ms", "12.4 s", "2:05 min" from a minute on."""
    if ns < 0:
        return "−" + duration(-ns)
    if ns >= MINUTE - 5e7:
        minutes, rest = divmod(round(ns / 1e9), 60)
        return f"{minutes:,}:{rest:02d} min"
    words = ""
    for size, unit, digits in UNITS:
        value = ns / size
        digits = min(digits, 2 if value < 9.995 else 1 if value < 99.95 else 0)
        words = f"{value:.{digits}f}"
        words = (words.rstrip("0").rstrip(".") if digits else words) + f" {unit}"
        if value < 999.5:
            break
    return words


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


def count(number: float) -> str:
    """A number with thousands comma, no decimals where there are none."""
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"


def file_stem(scenario: Scenario, now: datetime | None = None) -> str:
    """What a file of this scenario may be called, without its ending: its name or its choices, and a recording's time.

    Only what every system takes in a file's name.
    """
    served = scenario.app.target if scenario.own else f"{scenario.dispatch.id} {scenario.workload.id}"
    name = scenario.name or f"{scenario.model.id} {served}"
    plain = " ".join("".join(each if each.isalnum() or each in "-_ " else " " for each in name).split())
    return plain if now is None else f"{plain} {now:%Y-%m-%d %H.%M.%S}"


def rate(per_second: float) -> str:
    """How often: "812/s", "0.5/s"; a rate that rounds to nothing is 0."""
    return f"{per_second:,.0f}/s" if per_second >= 9.95 or per_second == 0 else f"{per_second:.1f}/s"
