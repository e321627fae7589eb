"""A server that accepts connections itself and gives each away, to a thread or to a process.

What accepts is the loop of the process's main thread, the control loop. The app's lifespan runs there too, and so do
connections that are refused: beyond the limit nothing is made for a connection but the answer 503.
"""

import asyncio
import copy
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any, Final

import uvicorn

from explorer.server.serving import Server

AT_ONCE: Final = 100
"""Connections accepted before the loop gets round to other things."""
TRY_AGAIN_S: Final = 0.2

logger: Final = logging.getLogger(__name__)


class Accepting(Server):
    """Base of such servers: `take` gets each connection, `open_connections` says how many there are."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None] | None = None) -> None:
        super().__init__(config, on_started)
        # uvicorn would count the connections of one thread or process; here those of all count, once each.
        self._limit, config.limit_concurrency = config.limit_concurrency, None
        self._refusing: uvicorn.Config | None = None
        self._listener: socket.socket | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._holds_back = False
        self._complained = False

    def take(self, sock: socket.socket) -> None:
        """Serve a connection. Raises `RuntimeError` or `OSError` when there is nothing to serve it with."""
        raise NotImplementedError

    @property
    def has_room(self) -> bool:
        """Whether one more connection may be accepted. If not, they wait in the listener until `go_on` is called."""
        return True

    @property
    def is_full(self) -> bool:
        """Whether there are as many connections as may be; more are accepted only to be refused."""
        return self._limit is not None and self.open_connections - self.refused >= self._limit

    def lacks_room(self) -> None:
        """Somebody may be waiting in the listener for whom there is no room."""

    def go_on(self) -> None:
        """Accept again if there is room again."""
        if self._holds_back and self.has_room:
            self._accept()

    @property
    def refused(self) -> int:
        """Connections that are being answered with 503 on this loop."""
        return len(self.server_state.connections)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin the lifespan, then accept."""
        await super().startup(sockets=[])
        self._refusing = copy.copy(self.config)
        self._refusing.limit_concurrency = 0
        if self.started and sockets:
            self._listener = sockets[0]
            self._accept()

    def stop_accepting(self) -> None:
        """Leave the listener alone."""
        listener, self._listener = self._listener, None
        if self._waiting is not None:
            self._waiting.cancel()
        elif listener is not None:
            asyncio.get_running_loop().remove_reader(listener)

    def refuse(self, sock: socket.socket) -> None:
        """Answer the connection's request with 503, on this loop."""
        loop = asyncio.get_running_loop()
        sock.setblocking(False)
        make: Any = self.config.http_protocol_class
        refusing = {"config": self._refusing, "server_state": self.server_state, "app_state": self.lifespan.state}
        refusal = loop.create_task(loop.connect_accepted_socket(lambda: make(_loop=loop, **refusing), sock))
        self.server_state.tasks.add(refusal)  # type: ignore[arg-type]  # it is waited for as uvicorn's own tasks are
        refusal.add_done_callback(self.server_state.tasks.discard)

    def cannot_serve(self, sock: socket.socket, error: Exception) -> None:
        """There is nothing to serve a connection with: refuse it, on this loop."""
        self._complain("A connection is refused: nothing can be started to serve it", error)
        self.refuse(sock)

    def _accept(self) -> None:
        if self._listener is None:
            return
        loop = asyncio.get_running_loop()
        self._holds_back = False
        self._listener.setblocking(False)
        if sys.platform == "win32":  # untried
            self._waiting = loop.create_task(self._accept_one_by_one(self._listener))
        else:
            # Not `loop.sock_accept`: when that is cancelled, a connection may be lost that has just been accepted.
            loop.add_reader(self._listener, self._on_ready)

    def _on_ready(self) -> None:
        for accepted in range(AT_ONCE):
            if self._listener is None:
                return
            if not self.has_room:
                if not accepted:  # otherwise the loop comes again if there are more
                    asyncio.get_running_loop().remove_reader(self._listener)
                    self._holds_back = True
                    self.lacks_room()
                return
            try:
                sock, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._pause(error)
                return
            self._take(sock)

    async def _accept_one_by_one(self, listener: socket.socket) -> None:
        while True:
            while not self.has_room:
                self.lacks_room()
                await asyncio.sleep(TRY_AGAIN_S)
            sock, _ = await asyncio.get_running_loop().sock_accept(listener)
            self._take(sock)

    def _take(self, sock: socket.socket) -> None:
        if self.is_full:
            self.refuse(sock)
            return
        try:
            self.take(sock)
        except (RuntimeError, OSError) as error:
            self.cannot_serve(sock, error)

    def _pause(self, error: OSError) -> None:
        """No file descriptors, usually: connections wait in the listener for a while."""
        self._complain("No connection can be accepted just now", error)
        loop = asyncio.get_running_loop()
        if self._listener is not None:
            loop.remove_reader(self._listener)
            loop.call_later(TRY_AGAIN_S, self._accept)

    def _complain(self, what: str, error: Exception) -> None:
        if not self._complained:
            self._complained = True
            logger.warning("%s (%s).", what, error)
