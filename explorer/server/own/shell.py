"""What stands between uvicorn and the user's app: nothing that a request would notice.

Requests are handed on as they are. The probe is attached when the lifespan has begun, or for an app without one when
that is known; what fails in it, and what fails in a request for the first time, is told in a sentence.
"""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from types import SimpleNamespace
from typing import Any, Final

from explorer.option_error import OptionError
from explorer.own_app import AppKnobs
from explorer.probe.operations import OperationLog
from explorer.probe.tracer import Tracer
from explorer.server import tracing
from explorer.server.own import words
from explorer.server.own.doubts import Doubts
from explorer.server.own.failures import Failures
from explorer.server.own.importing import fastapi_apps
from explorer.server.own.veil import Veil

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Told = Callable[[OptionError], None]
NO_CALLS: Final[dict[str, Any]] = {}


class Shell:
    """The app as uvicorn gets it. `state` is what a server asks an app for, as in `explorer.server.app`."""

    def __init__(
        self,
        app: Any,
        knobs: AppKnobs,
        tracer: Tracer | None,
        told: Told,
        veil: Veil,
        ends: Callable[[bool], None] = lambda over: None,
    ) -> None:
        """`told` hears of requests that the app failed to answer, on the thread where it happens; `ends` is called
        when the end of the lifespan begins (False) and when it is over (True).
        """
        self.app = app
        self.state = SimpleNamespace(parts=[], begin_loop=self.begin_loop, failure=None)
        self._knobs = knobs
        self._tracer = tracer
        self._ends = ends
        self._veil = veil
        self.doubts = Doubts(told)
        self._failures = Failures(knobs, told, veil)
        self._undo: Callable[[], None] | None = None
        self.operations = ""
        """Whose word its operations are, see `explorer.server.operations`; empty if they are not shown."""
        self.dependencies = True
        """Whether each of its dependencies is shown by itself, if its operations are."""
        self._log: OperationLog | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve what ASGI calls a scope."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        log = self._log
        entry = log.enter(scope["type"] == "websocket") if log is not None else 0
        try:
            await self.app(scope, receive, self.doubts.listened(scope, send))
        except Exception as error:
            self._failures.note(scope, error)
            raise
        finally:
            if log is not None:
                log.leave(entry)

    async def begin_loop(self) -> None:
        """Nothing of the app's belongs to a loop that serves."""

    async def _live(self, scope: Message, receive: Receive, send: Send) -> None:
        """The lifespan, with the probe around it."""

        async def pass_on(message: Message) -> None:
            kind = message["type"]
            if kind == "lifespan.startup.failed":
                # Frameworks say so while they handle the error, and pass on no more than a text.
                error, text = sys.exception(), str(message.get("message", ""))
                self.state.failure = self._veil.error(words.of_lifespan(self._knobs, error, text, self._veil))
            elif kind == "lifespan.startup.complete":
                self.attach()
            elif kind.startswith("lifespan.shutdown."):
                self._ends(True)
            await send(message)

        async def hear() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                self._ends(False)
            return message

        try:
            await self.app(scope, hear, pass_on)
        finally:
            # An app, or what is around it, need not know of lifespans: it is served all the same.
            if self.state.failure is None:
                self.attach()

    def attach(self) -> None:
        """Let the probe see the app, unless it does or has done so."""
        if self._undo is not None:
            return
        undo = [tracing.watch(NO_CALLS, self._tracer)]
        if self._knobs.operations:
            attached = tracing.operations(self._tracer, fastapi_apps(self.app))
            if attached is not None:
                self.operations, self.dependencies = attached.source, attached.dependencies
                self._log = attached.log
                undo.append(attached.undo)
        self._undo = lambda: [step() for step in reversed(undo)].clear()

    def detach(self) -> None:
        """The server has ended: leave everything as it was."""
        undo, self._undo, self._log = self._undo, _nothing, None
        if undo is not None:
            undo()


def _nothing() -> None:
    """Undoes nothing."""
