"""One connection on a loop of its own: what uvicorn's protocol classes need around them, and how its end is seen."""

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.server import ServerState

from explorer.server.leaving import take_leave

if TYPE_CHECKING:
    from uvicorn.server import Protocols

    ProtocolSet = set[Protocols]
else:
    ProtocolSet = set


class _Open(ProtocolSet):
    """The protocols of one connection: one, or for a moment none, while the connection becomes a WebSocket.

    Every protocol class of uvicorn, HTTP or WebSocket, puts itself into its server's set when its connection is made
    and takes itself out when that is lost. So this set sees the end whatever the class, and without a change to it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, over: "asyncio.Future[None]") -> None:
        super().__init__()
        self._loop = loop
        self._over = over

    def discard(self, protocol: Any) -> None:
        """A protocol is done with the connection; another one may take over before this callback ends."""
        super().discard(protocol)
        self._loop.call_soon(self._look)

    def remove(self, protocol: Any) -> None:
        """As `discard`."""
        super().remove(protocol)
        self._loop.call_soon(self._look)

    def _look(self) -> None:
        if not self and not self._over.done():
            self._over.set_result(None)


class ConnectionState(ServerState):
    """What uvicorn keeps for a server, for one connection on the running loop; `over` is done when it is lost."""

    def __init__(self, server: ServerState) -> None:
        """Headers of every answer are those of `server`, which keeps the date in them up to date."""
        loop = asyncio.get_running_loop()
        self._server = server
        self.over: asyncio.Future[None] = loop.create_future()
        self.total_requests = 0
        self.connections = _Open(loop, self.over)
        self.tasks = set()

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:  # type: ignore[override]  # an attribute in the base
        """As the server's are now."""
        return self._server.default_headers

    def close(self) -> None:
        """Close the connection if it is idle, else after the answer that is under way."""
        for protocol in list(self.connections):
            protocol.shutdown()

    async def leave(self) -> None:
        """End what would stay open for ever."""
        await take_leave(self.connections)

    def cancel(self) -> None:
        """Cancel the requests under way."""
        for task in list(self.tasks):
            task.cancel(msg="The time for a graceful stop is over.")


async def serve(config: uvicorn.Config, sock: socket.socket, state: ConnectionState, app_state: dict[str, Any]) -> None:
    """Serve the connection `sock` on the running loop; return when it has ended and its tasks have."""
    loop = asyncio.get_running_loop()
    make: Any = config.http_protocol_class
    sock.setblocking(False)
    await loop.connect_accepted_socket(
        lambda: make(config=config, server_state=state, app_state=app_state, _loop=loop), sock
    )
    await state.over
    while state.tasks:
        await asyncio.wait(state.tasks)
