"""The kinds of events that an event loop handles, and by which records each is known.

An event is what makes a loop do something: a request, a message, a timer that is due, a call from another thread. The
figures of a run count them by kind; the window lists them and marks them on the loop's lane. Declared once, here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from explorer.records.states import Kind


class EventKind(StrEnum):
    """What an event is; the value is its name in figures and files."""

    HTTP = "http"
    WEBSOCKET = "websocket"
    SSE = "sse"
    DATABASE = "database"
    TIMER = "timer"
    THREAD = "thread"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class EventDeclaration:
    """What people read about a kind, and the records that tell of its events.

    `title` names one event, `short` the kind where there is little room. `wait` says what the event's wait is.
    """

    kind: EventKind
    title: str
    short: str
    sentence: str
    wait: str
    records: tuple[Kind, ...]


EVENTS: Final[tuple[EventDeclaration, ...]] = (
    EventDeclaration(
        EventKind.HTTP,
        "HTTP request",
        "HTTP",
        "A request has come in, and its task takes its first step.",
        "how long its first step was ready before the loop took it",
        (Kind.REQUEST,),
    ),
    EventDeclaration(
        EventKind.WEBSOCKET,
        "WebSocket message",
        "WebSocket",
        "A message has come in on a WebSocket, and its handler takes it.",
        "from its arrival until its handler took it",
        (Kind.MESSAGE,),
    ),
    EventDeclaration(
        EventKind.SSE,
        "Stream update",
        "SSE",
        "The server sends one update on an open response.",
        "not known",
        (Kind.PUSH,),
    ),
    EventDeclaration(
        EventKind.DATABASE,
        "Database event",
        "Database",
        "The database reports a change, and the loop takes it.",
        "from the report until the loop took it",
        (Kind.NOTIFICATION,),
    ),
    EventDeclaration(
        EventKind.TIMER,
        "Timer",
        "Timer",
        "A set time has come: a sleep is over, a time limit, a periodic call.",
        "how late it was",
        (Kind.TIMER,),
    ),
    EventDeclaration(
        EventKind.THREAD,
        "Thread hand-over",
        "Thread",
        "Another thread hands something to the loop, such as the result of its work.",
        "how long it was ready before the loop took it",
        (Kind.HANDOVER,),
    ),
    EventDeclaration(
        EventKind.SIGNAL,
        "Signal",
        "Signal",
        "The system has sent the process a signal, and the loop handles it.",
        "how long it was ready before the loop took it",
        (Kind.SIGNAL,),
    ),
)
"""In the order of lists; the number of a kind in arrays is its place here plus one."""

EVENT_KINDS: Final[tuple[EventKind, ...]] = tuple(declared.kind for declared in EVENTS)
BY_KIND: Final[dict[EventKind, EventDeclaration]] = {declared.kind: declared for declared in EVENTS}
NUMBER: Final[dict[EventKind, int]] = {kind: at for at, kind in enumerate(EVENT_KINDS, 1)}
SWITCHING_PROTOCOLS: Final = 101
"""Status of a request that became a WebSocket: no HTTP event, its messages are events of their own."""
TOLD_BY_LOOPS: Final = (EventKind.TIMER, EventKind.THREAD, EventKind.SIGNAL)
"""Kinds that only a loop can tell that records each of its callbacks: not uvloop."""
