"""How a server that stops ends what would never end by itself: WebSockets, and streams of events.

A WebSocket sees to it itself (`explorer.server.websocket_protocol`). A stream is ended between two events, as if it
had been the last; its client asks the next server for the rest, with `Last-Event-ID`. Of a response of another kind
nobody could tell that something is missing, so those are left to finish.
"""

from collections.abc import Iterable
from typing import Any, Final

END: Final = {"type": "http.response.body", "body": b"", "more_body": False}


async def take_leave(connections: Iterable[Any]) -> None:
    """End what is open on these connections of uvicorn's; call it on their loop, as often as you like."""
    for connection in list(connections):
        if hasattr(connection, "said_goodbye"):
            connection.shutdown()
            continue
        cycle = getattr(connection, "cycle", None)
        if cycle is not None and _is_stream(cycle) and not connection.flow.write_paused:
            cycle.keep_alive = False
            await cycle.send(END)
            # The handler has not heard of it yet; what it still sends is for nobody.
            cycle.disconnected = True


def _is_stream(cycle: Any) -> bool:
    """Whether a request's answer is a stream of events that has begun and goes on."""
    if not cycle.response_started or cycle.response_complete or cycle.disconnected:
        return False
    return bool(getattr(cycle.scope.get("route"), "is_sse_stream", False))
