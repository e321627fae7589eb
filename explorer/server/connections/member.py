"""The process of one connection: starts, waits until it is given the connection, serves it, ends with it.

A standby does before it has a connection whatever can be done before: loop, lifespan, rings, and one request of its
own, for what the app only does for the first. Without a standby all of that is part of the first answer's time, save
the request.
"""

import asyncio
import copy
import logging
import socket
from collections.abc import Callable
from types import FrameType
from typing import Final, NoReturn

import uvicorn

from explorer.catalog import Catalog
from explorer.records.states import Role
from explorer.ring.pool import SizeClass
from explorer.server import tracing
from explorer.server.connections.one import ConnectionState, serve
from explorer.server.context import ServerContext
from explorer.server.one_loop import serve_one_loop
from explorer.server.serving import STOP_WITHIN_S, Server
from explorer.server.team import Plan, be_member

TICK_S: Final = 1.0
"""How often the date in answers is renewed. uvicorn looks ten times a second, and there may be 500 of us."""
REHEARSAL: Final = b"GET /health HTTP/1.1\r\nhost: standby\r\nconnection: close\r\n\r\n"
STANDS_BY: Final = "stands by"
ASK_AGAIN_S: Final = 0.05


class ConnectionServer(Server):
    """A server without a listener. `take` gives it its one connection; it ends when that does."""

    def __init__(
        self, config: uvicorn.Config, on_started: Callable[[], None] | None, context: ServerContext, *, warm: bool
    ) -> None:
        super().__init__(config, on_started)
        self._context = context
        self._warm = warm
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._state: ConnectionState | None = None
        self._serving: asyncio.Task[None] | None = None

    async def warm_up(self) -> None:
        """Prepare what the first connection would have to wait for."""
        self._loop = asyncio.get_running_loop()
        if self._warm:
            if self._context.tracer is not None:
                self._context.tracer.request_ring()
            if not self._context.scenario.own:  # what a request does to an app of the user's own nobody knows
                await self._rehearse()

    def take(self, sock: socket.socket) -> None:
        """Serve this connection; called on the channel's thread, after `ready`."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._take, sock)

    async def _rehearse(self) -> None:
        """Serve one request that comes from here; by uvicorn's plain protocol, so that it is in no record."""
        config = copy.copy(self.config)
        config.http_protocol_class = tracing.protocol(self._context.scenario.server.http, None)  # type: ignore[assignment]  # a class, as uvicorn's own
        client, ours = socket.socketpair()
        with client:
            client.sendall(REHEARSAL)
            await serve(config, ours, ConnectionState(self.server_state), self.lifespan.state)

    def _take(self, sock: socket.socket) -> None:
        tracer = self._context.tracer
        if tracer is not None:
            tracer.become(Role.CONNECTION, _client(sock))
        self._state = ConnectionState(self.server_state)
        self._serving = asyncio.get_running_loop().create_task(
            serve(self.config, sock, self._state, self.lifespan.state)
        )
        self._serving.add_done_callback(self._over)

    def _over(self, serving: "asyncio.Task[None]") -> None:
        if not serving.cancelled():
            serving.exception()  # a client that is gone already is nobody's fault
        self.should_exit = True
        self._wake.set()

    async def main_loop(self) -> None:
        """As uvicorn's, but idle until the connection is over or somebody asks to stop."""
        while not await self.on_tick(0):
            try:
                await asyncio.wait_for(self._wake.wait(), TICK_S)
            except TimeoutError:
                continue

    def stop(self, within: float = STOP_WITHIN_S) -> None:
        """As the base's, and at once."""
        super().stop(within)
        self._rouse()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """As uvicorn's, and at once."""
        super().handle_exit(sig, frame)
        self._rouse()

    @property
    def open_connections(self) -> int:
        """One while it lasts."""
        return int(self._serving is not None and not self._serving.done())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """After the connection, or without ever having had one, there is nothing to wait for."""
        if self.open_connections:
            await super().shutdown(sockets)
        else:
            await self.lifespan.shutdown()

    async def leave(self) -> None:
        """As the base's, on the connection, of which the base does not know."""
        if self._state is not None:
            await self._state.leave()

    async def end_connections(self, patience: float) -> None:
        """Close the connection once no request is under way, or cancel what is."""
        if self._state is None or self._serving is None:
            return
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while not self._serving.done() and loop.time() < deadline:
            self._state.close()
            await asyncio.wait((self._serving,), timeout=ASK_AGAIN_S)
        self._state.cancel()

    def _rouse(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake.set)


def be_connection(plan: Plan, warm: bool, catalog: Catalog | None = None) -> NoReturn:
    """Be the process of a connection that will come, or with `warm` a standby; end the process."""
    # How uvicorn starts and stops takes six lines each time; of thousands of processes nobody could read anything else.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    waiting: list[ConnectionServer] = []

    def serve_it(context: ServerContext) -> None:
        if context.tracer is not None:
            context.tracer.loop_size = context.tracer.thread_size = SizeClass.CONNECTION

        def make(config: uvicorn.Config, started: Callable[[], None]) -> Server:
            config.limit_concurrency = None  # the server's process counts
            waiting.append(ConnectionServer(config, started, context, warm=warm))
            return waiting[0]

        serve_one_loop(context, make)

    role, label = (Role.STANDBY, STANDS_BY) if warm else (Role.CONNECTION, "")
    be_member(plan, role, label, None, serve_it, lambda sock: waiting[0].take(sock), catalog)


def _client(sock: socket.socket) -> str:
    try:
        host, port = sock.getpeername()[:2]
    except OSError:  # it is gone already
        return "a client that has gone"
    return f"client {host}:{port}"
