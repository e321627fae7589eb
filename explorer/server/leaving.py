"""How a server that stops ends what would never end by itself: WebSockets, and streams of events.

A WebSocket sees to it itself (`explorer.server.websocket_protocol`). A stream is cut off between two events, without
the chunk that would end it: every client can tell that something is missing, and asks the next server for the rest,
with `Last-Event-ID`. Responses of another kind are left to finish: nobody could ask for their rest.
"""

from collections.abc import Iterable
from typing import Any


async def take_leave(connections: Iterable[Any]) -> None:
    """End what is open on these connections of uvicorn's; call it on their loop, as often as you like."""
    for connection in list(connections):
        if hasattr(connection, "said_goodbye"):
            connection.shutdown()
            continue
        cycle = getattr(connection, "cycle", None)
        if cycle is not None and _is_stream(cycle) and not connection.flow.write_paused:
            # The handler hears of it as of a client that has left. What was written before still goes out.
            connection.transport.close()


def _is_stream(cycle: Any) -> bool:
    """Whether a request's answer is a stream of events that has begun and goes on."""
    if not cycle.response_started or cycle.response_complete or cycle.disconnected:
        return False
    return bool(getattr(cycle.scope.get("route"), "is_sse_stream", False))
