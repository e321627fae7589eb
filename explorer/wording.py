"""What states are called and how figures are written, in the window and in reports alike: "3.2 ms", "1,204"."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from explorer.records.states import State


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
    State.RUNNABLE: StateWords("Waiting for a core", "Core wait", "Ready to run, but all cores are busy."),
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


def within_sentence(title: str) -> str:
    """A title that is not the first word: "waiting for the GIL", "thread pool", but "WebSocket" and "CPU work"."""
    first = title.split(" ")[0]
    return title if first[1:] != first[1:].lower() else title[:1].lower() + title[1:]


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


def count(number: float) -> str:
    """A number with thousands comma, no decimals where there are none."""
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
