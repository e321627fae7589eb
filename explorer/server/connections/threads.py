"""A thread for each connection, with an event loop of its own that ends with the connection.

The app is one for all: its lifespan runs on the control loop, its handlers run on the loop of whatever connection calls
them. What belongs to a loop, AnyIO's limiter of worker threads above all, there is one of for each connection.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from typing import Any, Final

import uvicorn

from explorer.child.files import allow_many_files
from explorer.ring.pool import SizeClass
from explorer.server.connections.accepting import Accepting
from explorer.server.connections.one import ConnectionState, serve
from explorer.server.context import ServerContext
from explorer.server.one_loop import serve_one_loop

ASK_AGAIN_S: Final = 0.05
NAME: Final = "connection"

logger: Final = logging.getLogger(__name__)


class ConnectionThread(threading.Thread):
    """Serves one connection on a loop of its own. `close` and `cancel` may be called from any thread."""

    def __init__(self, server: "ThreadServer", sock: socket.socket) -> None:
        super().__init__(name=NAME, daemon=True)  # a blocked handler must not keep the process
        self._server = server
        self._sock = sock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._state: ConnectionState | None = None

    def run(self) -> None:
        """Serve, then tell the server."""
        try:
            loop = self._server.loop_factory()
        except OSError as error:  # it takes file descriptors
            self._server.take_back(self, self._sock, error)
            return
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(self._serve())
        except asyncio.CancelledError:  # the time for a graceful stop was over
            pass
        except Exception:
            logger.exception("A connection ended badly")
        finally:
            self._server.forget(self)
            self._sock.close()

    def close(self) -> None:
        """Close the connection once no request is under way."""
        if self._state is not None:
            self._call(self._state.close)

    def leave(self) -> None:
        """End what would stay open for ever."""
        loop, state = self._loop, self._state
        if loop is not None and state is not None:
            self._call(lambda: loop.create_task(state.leave()))

    def cancel(self) -> None:
        """Cancel what is under way."""
        if self._state is not None:
            self._call(self._state.cancel)

    async def _serve(self) -> None:
        server = self._server
        state = ConnectionState(server.server_state)
        self._loop, self._state = asyncio.get_running_loop(), state
        state.over.add_done_callback(lambda _: server.open.discard(self))
        await server.begin_loop()
        await serve(server.config, self._sock, state, server.lifespan.state)

    def _call(self, action: Callable[[], object]) -> None:
        if self._loop is None:
            return
        try:
            self._loop.call_soon_threadsafe(action)
        except RuntimeError:  # it has just been closed
            return


class ThreadServer(Accepting):
    """Gives each connection a thread. `open` holds those whose connection is not over, `running` also those that work
    on after their connection's end.
    """

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None] | None = None) -> None:
        super().__init__(config, on_started)
        self.loop_factory: Any = config.loop
        """Makes the loops of connections as it made the server's own."""
        self.open: set[ConnectionThread] = set()  # adding and discarding are atomic
        self.running: set[ConnectionThread] = set()
        self._app: Any = config.app
        self._next_leave = 0.0
        self._control: asyncio.AbstractEventLoop | None = None

    async def warm_up(self) -> None:
        """Know the control loop, which is running."""
        self._control = asyncio.get_running_loop()

    async def begin_loop(self) -> None:
        """Prepare the running loop for the app's handlers."""
        await self._app.state.begin_loop()

    def take(self, sock: socket.socket) -> None:
        """Start a thread."""
        thread = ConnectionThread(self, sock)
        self.open.add(thread)
        self.running.add(thread)
        try:
            thread.start()
        except RuntimeError:
            self.forget(thread)
            raise

    def forget(self, thread: ConnectionThread) -> None:
        """The thread does nothing any more; called on any thread."""
        self.open.discard(thread)
        self.running.discard(thread)

    def take_back(self, thread: ConnectionThread, sock: socket.socket, error: OSError) -> None:
        """The thread has no loop for its connection, which is refused; called on the thread."""
        self.forget(thread)
        try:
            assert self._control is not None
            self._control.call_soon_threadsafe(self.cannot_serve, sock, error)
        except RuntimeError:  # the server has ended meanwhile
            sock.close()

    @property
    def open_connections(self) -> int:
        """Those that a thread serves, and those that are being refused."""
        return len(self.open) + self.refused

    async def leave(self) -> None:
        """As the base's, on every connection's loop, though not as often as it is called."""
        now = asyncio.get_running_loop().time()
        if now < self._next_leave:
            return
        self._next_leave = now + ASK_AGAIN_S
        await super().leave()
        for thread in list(self.open):
            thread.leave()

    async def end_connections(self, patience: float) -> None:
        """Ask all threads to close their connection, wait also for what goes on after that, and cancel what is left."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while self.running and loop.time() < deadline:
            for thread in list(self.running):  # again and again: some may just have begun
                thread.close()
            await asyncio.sleep(ASK_AGAIN_S)
        if self.running:
            logger.error("%s request(s) did not end in time and are cancelled", len(self.running))
        for thread in list(self.running):
            thread.cancel()


def serve_in_threads(context: ServerContext) -> None:
    """Serve with a thread for each connection until the channel says stop."""
    allow_many_files()
    knobs = context.scenario.server
    if context.tracer is not None:
        context.tracer.thread_size = SizeClass.CONNECTION
        context.tracer.become(context.tracer.role, f"a thread for each connection, {knobs.loop} loops")

    def make(config: uvicorn.Config, started: Callable[[], None]) -> ThreadServer:
        return ThreadServer(config, started)

    serve_one_loop(context, make)
