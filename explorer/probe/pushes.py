"""Events that a response of the type `text/event-stream` sends, seen where uvicorn writes its body.

Frameworks send one event, or one comment that keeps the connection alive, per message of the application; what carries
data is an event. It is a short span in the step of the loop that wrote it: a client that reads slowly makes the stream
wait before it.
"""

from collections.abc import Callable
from time import perf_counter_ns
from typing import Any, Final

from explorer.probe.tracer import Tracer
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State

UNANSWERED: Final = {"type": "http.response.start", "status": 0, "headers": []}
"""Stands in for the start of a response that has not begun."""

_DEPTH: Final = 1
_PUSH: Final = int(Kind.PUSH)
_RUNNING: Final = int(State.RUNNING)
_COMPLETE: Final = int(Flag.COMPLETE)


def is_stream(opening: Any) -> bool:
    """Whether a response that began with this message is a stream of events."""
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in opening.get("headers", ())
    )


def pusher(send: Callable[..., Any], tracer: Tracer, name_of: Callable[[Any], int]) -> Callable[..., Any]:
    """What stands in for `send` of a watched cycle once its response is a stream; `name_of` gives a scope's name."""

    async def push(cycle: Any, message: Any) -> None:
        if not cycle.request or b"data:" not in message.get("body", b""):
            await send(cycle, message)
            return
        if cycle.flow.write_paused and not cycle.disconnected:
            tracer.paused[id(cycle)] = perf_counter_ns(), cycle.request, cycle.name or name_of(cycle.scope)
            try:
                await cycle.flow.drain()
            finally:
                tracer.paused.pop(id(cycle), None)
        if cycle.disconnected:  # nobody is there to send it to
            return
        cycle.pushed += 1
        name = cycle.name = cycle.name or name_of(cycle.scope)
        ring, start = tracer.thread_ring(), perf_counter_ns()
        request, value = cycle.request, span_argument(cycle.pushed)
        try:
            await send(cycle, message)  # does not wait: the transport takes more
        finally:
            duration = perf_counter_ns() - start
            ring.write(start, duration, request, value, name, ring.track, _PUSH, _RUNNING, _DEPTH, _COMPLETE)

    return push
