"""Words of the panels: the four questions, the order of processes, causes and results."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from explorer.records.states import ABANDONED, Kind, Role
from explorer.store.rows import Span

QUESTIONS: Final = (
    "Who serves the connections?",
    "Where does a handler's work run?",
    "What does a handler do?",
    "How is it loaded?",
)

SERVING: Final = (Role.SERVER, Role.WORKER, Role.STANDBY, Role.CONNECTION, Role.POOL, Role.FORK_SERVER)
ROLE_ORDER: Final = (*SERVING, *(role for role in Role if role not in SERVING))
"""The order in which processes are listed: what is observed first."""

SWITCHED: Final = 101
"""HTTP's status of a connection that goes on as a WebSocket: the load's word for a message that was answered."""

WORDED: Final = frozenset(("awaits", "runs", "connects"))


def role_words(role: Role, number: int = 1) -> str:
    """What `number` processes of a role are called: "server", "4 workers", "8 pool processes"."""
    if number == 1:
        return str(role)
    return f"{number:,} {f'{role} processes' if role in (Role.POOL, Role.CLUSTER) else f'{role}s'}"


def cause_words(cause: str) -> str:
    """A cause as a line of its own: words begin with a capital, the name of a function stays as it is."""
    return cause[:1].upper() + cause[1:] if " " in cause or cause in WORDED else cause


def status_phrase(status: int) -> str:
    """A status with its name: "200 OK"; the bare number where it has none."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def status_words(sides: Iterable[Span]) -> str:
    """The result of a request from its records: "200 OK", or what went wrong."""
    sides = sorted(sides, key=lambda one: one.kind != Kind.REQUEST)
    for span in sides:
        if span.value and span.kind is not Kind.MESSAGE:  # a message's value is a wait
            if span.value == ABANDONED:
                return "given up: the load ended or changed"
            return status_phrase(span.value) if span.value != SWITCHED else "message answered"
    return "handled" if sides and all(span.kind is Kind.MESSAGE for span in sides) else "no answer"
