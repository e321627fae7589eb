"""uvicorn, set up by the server's knobs, with an end that loses no request.

When it is to stop, uvicorn closes idle connections at once, and a request that is just arriving on one is lost.
`Server` first stops accepting and answers for a moment longer with `connection: close`, so that clients move over to
the next server by themselves. What would stay open for ever is ended: see `explorer.server.leaving`.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Final, Literal

import uvicorn

from explorer.scenario import ServerKnobs
from explorer.server.leaving import take_leave

MOVE_OVER_S: Final = 0.2
TICK_S: Final = 0.1
TICKS_A_DAY: Final = 864_000
CLOSE: Final = (b"connection", b"close")
# Of the time that a stop may take, the share for requests that are under way.
SHARE_FOR_REQUESTS: Final = 0.5
STOP_WITHIN_S: Final = 1.0


class Server(uvicorn.Server):
    """uvicorn's server; `on_started` is called on its loop when it accepts connections."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None] | None = None) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            await self.warm_up()
            if self._on_started is not None:
                self._on_started()

    async def main_loop(self) -> None:
        """As uvicorn's, which looks ten times a second whether it is to end; by a timer of its own name.

        uvicorn sleeps in between: among the events of a loop its sleeps would look like those of a handler.
        """
        loop, ticks = asyncio.get_running_loop(), 0
        while not await self.on_tick(ticks):
            ticks = (ticks + 1) % TICKS_A_DAY
            due: asyncio.Future[None] = loop.create_future()
            loop.call_later(TICK_S, self._tick, due)
            await due

    def _tick(self, due: "asyncio.Future[None]") -> None:
        if not due.done():
            due.set_result(None)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let clients move over, then stop as uvicorn does."""
        self.stop_accepting()
        # A new list: uvicorn's connections read it anew for each request.
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSE]
        deadline = asyncio.get_running_loop().time() + MOVE_OVER_S
        await self.leave()
        while self.open_connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)
            await self.leave()
        await self.end_connections(float(self.config.timeout_graceful_shutdown or 0))
        await super().shutdown(sockets)

    async def warm_up(self) -> None:
        """What is done between the beginning of the lifespan and the word that this server serves."""

    @property
    def open_connections(self) -> int:
        """How many connections are being served."""
        return len(self.server_state.connections)

    async def leave(self) -> None:
        """End what would stay open for ever; called again and again."""
        await take_leave(self.server_state.connections)

    def stop_accepting(self) -> None:
        """Take no more connections from the listener."""
        for server in self.servers:
            server.close()

    async def end_connections(self, patience: float) -> None:
        """End the connections that uvicorn does not know of; requests under way get `patience` seconds."""

    def stop(self, within: float = STOP_WITHIN_S) -> None:
        """End soon; may be called from any thread. Requests under way get a share of `within` seconds."""
        set_patience(self.config, within)
        self.should_exit = True


def set_patience(config: uvicorn.Config, within: float) -> None:
    """Divide the seconds that a stop may take."""
    patience: Any = within * SHARE_FOR_REQUESTS
    config.timeout_graceful_shutdown = patience  # uvicorn hands it to asyncio.wait_for, which takes fractions


def uvicorn_config(
    app: Callable[..., Any],
    knobs: ServerKnobs,
    *,
    loop: Callable[[], asyncio.AbstractEventLoop],
    http: Callable[..., asyncio.Protocol],
    ws: Callable[..., asyncio.Protocol] | None = None,
    factory: bool = False,
    workers: int = 1,
    lifespan: Literal["on", "auto"] = "on",
) -> uvicorn.Config:
    """uvicorn's configuration for these knobs.

    `loop` makes the event loop, `http` a connection's protocol, `ws` that of a WebSocket; None refuses upgrades.
    """
    # uvicorn also takes the things themselves where its types ask for their names.
    by_itself: dict[str, Any] = {"loop": loop, "http": http, "ws": ws or "none"}
    config = uvicorn.Config(
        app,
        **by_itself,
        factory=factory,
        workers=workers,
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        backlog=knobs.backlog,
        limit_concurrency=knobs.limit_concurrency or None,
        proxy_headers=False,
    )
    keep_alive: Any = knobs.keep_alive
    config.timeout_keep_alive = keep_alive  # handed to loop.call_later, which takes fractions
    set_patience(config, STOP_WITHIN_S)
    return config
