"""uvicorn's WebSocket class, with an end that loses no message.

When it is to stop, uvicorn sends 1012 ("restart") into whatever is going on and closes the socket behind it. What the
client has sent by then is answered no more, and since nobody reads it the system resets the connection, which can cost
the client even the close frame. Here a connection first answers what has come, then sends 1012, and waits a moment
for the client's own close frame.

A close frame goes behind what the client has still to read. uvicorn's waits for that, for ever if the client reads no
more; here the application's close then cuts the connection off.
"""

import logging
from collections.abc import Coroutine
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

CLOSING_S: Final = 0.3
RESTART: Final = 1012
UNAVAILABLE: Final = 503

# uvicorn has no access log here, and its WebSocket class would write three lines for each connection.
logger: Final = logging.getLogger(__name__)
logger.setLevel(logging.WARNING)


class WebSocket(WebSocketsSansIOProtocol):
    """One connection. `leaving` is set once the server stops."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = self.conn.logger = logger
        self.leaving = False
        self.waits = False
        """Whether the handler waits for a message."""
        self.said_goodbye = False

    def handle_connect(self, event: Any) -> None:
        """A client asks for the upgrade. Beyond the limit of connections it gets the answer that HTTP gives."""
        limit = self.config.limit_concurrency
        if limit is None or (len(self.connections) <= limit and len(self.tasks) < limit):
            super().handle_connect(event)
            return
        self.response = self.conn.reject(UNAVAILABLE, "Exceeded concurrency limit.")
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        self.conn.send_response(self.response)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def shutdown(self) -> None:
        """The server stops: close the connection, at once if nothing is going on."""
        if self.leaving:
            return
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.leaving = True
        if self.waits and self.queue.empty():
            self._say_goodbye()

    async def receive(self) -> Any:
        """The next message for the application."""
        if self.leaving and self.queue.empty():
            self._say_goodbye()
        self.waits = self.queue.empty()
        try:
            return await super().receive()
        finally:
            self.waits = False

    def send(self, message: Any) -> Coroutine[Any, Any, None]:
        """Send for the application. Closing a connection whose client does not keep up with reading cuts it off."""
        if message["type"] == "websocket.close" and self.handshake_complete and not self.writable.is_set():
            return self._cut_off()
        return super().send(message)

    async def _cut_off(self) -> None:
        self.stop_keepalive()
        self.disconnected = True  # who waits to send may not any more
        self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        """A message is complete; behind our close frame it is none any more."""
        if self.said_goodbye:
            self.frames = []
        else:
            super().send_receive_event_to_app()

    def _say_goodbye(self) -> None:
        """Send the close frame and read on until the client's comes."""
        if self.said_goodbye or self.close_sent or self.transport.is_closing():
            return
        self.said_goodbye = True
        self.stop_keepalive()
        self.conn.send_close(RESTART)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.queue.put_nowait({"type": "websocket.disconnect", "code": RESTART})
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        # uvicorn leaves the transport open as long as there is such a timer.
        self.close_timer = self.loop.call_later(CLOSING_S, self.transport.close)
