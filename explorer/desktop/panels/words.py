"""Words and figures as panels show them: states, durations, requests."""

from collections.abc import Iterable, Mapping
from typing import Final

from explorer.records.states import Kind, Role, State
from explorer.store.rows import Span

QUESTIONS: Final = (
    "Who serves the connections?",
    "Where does a handler's work run?",
    "What does a handler do?",
    "How is it loaded?",
)
STATE_TITLES: Final[Mapping[State, str]] = {
    State.NONE: "Unknown",
    State.RUNNING: "Running",
    State.RUNNABLE: "Waiting for a core",
    State.WAITING_GIL: "Waiting for the GIL",
    State.WAITING_LOCK: "Waiting for a lock",
    State.BLOCKED: "Blocked",
    State.QUEUED: "Queued",
    State.AWAITING: "Awaiting",
    State.IDLE: "Idle",
    State.UNKNOWN: "Unknown",
}

SERVING: Final = (Role.SERVER, Role.WORKER, Role.STANDBY, Role.CONNECTION, Role.POOL)
ROLE_ORDER: Final = (*SERVING, *(role for role in Role if role not in SERVING))
"""The order in which processes are listed: what is observed first."""

WORDED: Final = frozenset(("awaits", "runs", "connects"))


def cause_words(cause: str) -> str:
    """A cause as a line of its own: words begin with a capital, the name of a function stays as it is."""
    return cause[:1].upper() + cause[1:] if " " in cause or cause in WORDED else cause


def milliseconds(ns: float) -> str:
    """A duration with a unit that keeps three digits: "0.4 µs", "12.3 ms", "1.20 s"."""
    if ns < 0:
        return "–" + milliseconds(-ns)
    if ns < 1_000:
        return f"{ns:.0f} ns"
    for limit, divisor, unit in ((1e6, 1e3, "µs"), (1e9, 1e6, "ms"), (float("inf"), 1e9, "s")):
        if ns < limit:
            value = ns / divisor
            digits = 2 if value < 10 else 1 if value < 100 else 0
            return f"{value:,.{digits}f} {unit}"
    raise AssertionError("unreachable")


def request_label(request: int) -> str:
    """How a request is called on the screen: the counter of the process that first saw it."""
    return f"#{request & 0xFFFF_FFFF_FFFF:,}"


def status_words(sides: Iterable[Span]) -> str:
    """The result of a request from its records: "status 200", or what went wrong."""
    for span in sorted(sides, key=lambda one: one.kind != Kind.REQUEST):
        if span.value:
            return f"status {span.value}"
    return "no answer"
