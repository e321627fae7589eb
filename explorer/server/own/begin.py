"""Begins to serve the user's app: imports it under a watch, and tells the session what it should know of it."""

import asyncio
import importlib.util
import math
import threading
from dataclasses import dataclass, field, replace
from typing import Final

import anyio.to_thread

from explorer.child.channel import Channel
from explorer.option_error import OptionError
from explorer.scenario import Scenario
from explorer.server.context import ServerContext
from explorer.server.own.importing import Watch, import_app
from explorer.server.own.routing import known_routes, templates, unanswered
from explorer.server.own.shell import Shell
from explorer.server.own.stopping import expect_answer
from explorer.server.own.veil import Veil

H11: Final = (
    "The app's interpreter lacks httptools, so that h11 reads its requests; install httptools for the faster one."
)
TOGETHER: Final = (
    "Dependencies are not shown one by one, only all of a request together: FastAPI's solve_dependencies is not as "
    "FastAPI made it, or of a version unknown here; the server's log says which."
)
TOO_LATE: Final = (
    "Of the app's variables {} only count when a process starts, which the server's did before it had them: "
    "set them where the explorer is started."
)


@dataclass(frozen=True, slots=True)
class OwnApp:
    """The app of the user's own, ready to be served; `app` is what uvicorn gets."""

    app: Shell
    context: ServerContext = field(repr=False)
    watch: Watch = field(repr=False)

    def stop(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        """It is being told to stop; `loop` serves it on the thread with this identifier."""
        expect_answer(loop, self.context.scenario.app, self.context.channel, thread)

    def started(self) -> None:
        """Its lifespan has begun and it accepts connections: now it has all its routes."""
        self.watch.stop()
        self.app.attach()
        asked, channel = self.context.scenario.routes, self.context.channel
        known = known_routes(self.app.app)
        self.app.doubts.have(unanswered(known, asked))
        if self.app.operations:
            channel.event("operations", source=self.app.operations)
        tokens = anyio.to_thread.current_default_thread_limiter().total_tokens
        if tokens != math.inf:
            channel.event("thread_tokens", tokens=int(tokens))
        if not self.app.dependencies:
            channel.event("app", sentence=TOGETHER, where="app.operations", details="")
        channel.event("routes", templates=templates(known, asked))

    def ended(self) -> None:
        """Its server has ended, or could not start."""
        self.app.detach()


def within_reach(scenario: Scenario, channel: Channel) -> Scenario:
    """The scenario with the parser that the app's interpreter has: uvicorn by itself brings only the one in Python."""
    if scenario.server.http != "httptools" or importlib.util.find_spec("httptools") is not None:
        return scenario
    channel.event("app", sentence=H11, where="server.http", details="")
    return replace(scenario, server=scenario.server.model_copy(update={"http": "h11"}))


def begin(context: ServerContext) -> OwnApp:
    """Import the app of `context`. Raises `OptionError` when that is not possible.

    What is not wrong enough to stop for goes over the channel: routes that nobody answers, requests that fail.
    """
    scenario, channel = context.scenario, context.channel
    knobs = scenario.app
    veil = Veil(knobs, scenario.routes)
    if context.late:
        channel.event("app", sentence=TOO_LATE.format(", ".join(context.late)), where="app.environment", details="")

    def failed(error: OptionError) -> None:
        error = veil.error(error)
        channel.event("app", sentence=str(error), where=error.where, details=error.details)

    def late(error: OptionError) -> None:
        error = veil.error(error)
        channel.error(str(error), error.where, details=error.details)

    watch = Watch(knobs, threading.get_ident(), late)
    try:
        app = import_app(knobs, veil)
    except OptionError as error:
        raise veil.error(error) from None
    watch.imported()
    shell = Shell(app, knobs, context.tracer, failed, veil, lambda over: channel.event("lifespan_ends", over=over))
    return OwnApp(shell, context, watch)
