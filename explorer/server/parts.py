"""A part of the app: one workload behind one dispatch, at one path, with knobs that change while it serves.

What a handler sees is `app.state`: `work` (the workload's body with its arguments), `run` (awaits the work where the
dispatch lets it run), `knobs` (of the dispatch), `settings` (of the workload), `services` (addresses), `make_pool`,
`make_interpreters`, `make_jobs` (for a cluster), `make_queue` (an asyncio.Queue) and `make_counter` (a number that the
timeline draws; see `explorer.probe.counters`). A live change replaces them; requests that are under way keep what they
began with.

The handler is the dispatch's. A workload whose handler is of another kind (a WebSocket, a stream, a background task)
brings one of its own, in a neighbour `handler` of its body; it calls `await app.state.run(...)`, so that it still works
with every dispatch. Beside `job` either handler module may define:

    lifespan(app)      an async context manager around the app's life
    begin_loop(app)    a coroutine function, called on every event loop that serves, before its first request
    set_KNOB(app, v)   called on the loop of the lifespan when the knob has changed live
"""

import functools
import importlib
import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import FastAPI

from explorer.catalog import Catalog
from explorer.options import Knobs
from explorer.scenario import Chosen
from explorer.server import tracing
from explorer.server.interpreters import Interpreters, start_all
from explorer.server.pool import Died, Pool
from explorer.server.surroundings import Surroundings

if TYPE_CHECKING:
    from explorer.cluster.jobs import Jobs


class Arguments(Protocol):
    """Turns a workload's knobs into the arguments of its body. Workloads that need more than their knobs bring one."""

    def of(self, knobs: Any) -> dict[str, Any]:
        """The keyword arguments for these knobs."""
        ...

    def close(self) -> None:
        """Let go of what was prepared."""
        ...


class Plain:
    """Arguments of a body that takes the knobs as they are."""

    def of(self, knobs: Knobs) -> dict[str, Any]:
        """Every knob by its name."""
        return knobs.model_dump()

    def close(self) -> None:
        """Nothing to let go of."""


class Part:
    """A FastAPI app with `/job`, made from a dispatch and a workload.

    `died(pid, exitcode)` is told of processes of the dispatch's pool that died.
    """

    def __init__(
        self,
        app: FastAPI,
        catalog: Catalog,
        dispatch: Chosen,
        workload: Chosen,
        around: Surroundings,
        died: Died,
    ) -> None:
        self.app = app
        self._tracer = around.tracer
        self._upstream = around.services.get("upstream", "")
        self._died = died
        self._started = False
        feature = catalog.get("workload", workload.id)
        self.calls, self.probes = feature.calls, feature.probes
        handler = catalog.get("dispatch", dispatch.id)
        self._dispatch = importlib.import_module(handler.entry.partition(":")[0])
        body = feature.entry.partition(":")[0]
        self._own = _neighbour(body, "handler")
        self._work = getattr(importlib.import_module(body), handler.form)
        self._arguments = arguments_of(body, around)
        state = app.state
        state.make_pool = self._make_pool
        state.make_interpreters = self._make_interpreters
        state.make_jobs = self._make_jobs
        state.make_queue = functools.partial(tracing.queue, around.tracer)
        state.make_counter = functools.partial(tracing.counter, around.tracer)
        state.services = around.services
        state.knobs, state.settings = dispatch.knobs, workload.knobs
        state.work = functools.partial(self._work, **self._arguments.of(workload.knobs))
        state.run = self._run
        job = getattr(self._own, "job", None) or self._dispatch.job
        if feature.speaks == "websocket":
            app.add_api_websocket_route("/job", job)
        elif feature.speaks == "sse":
            # Here, because an older FastAPI lacks it and can serve all the rest.
            from fastapi.sse import EventSourceResponse

            app.add_api_route("/job", job, methods=["GET"], summary=handler.summary, response_class=EventSourceResponse)
        else:
            # FastAPI would check the declared answer of a plain def in a worker thread: a second token for every
            # request, behind all who still wait for their first.
            app.add_api_route("/job", job, methods=["GET"], summary=handler.summary, response_model=None)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """What dispatch and workload do around the app's life, and the end of the workload's own preparations."""
        self._started = True
        try:
            async with AsyncExitStack() as stack:
                for around in self._hooks("lifespan"):
                    await stack.enter_async_context(around(self.app))
                yield
        finally:
            self.close()

    def close(self) -> None:
        """Let go of what was prepared, for a part whose app never lived."""
        self._arguments.close()

    async def begin_loop(self) -> None:
        """What dispatch and workload do on an event loop before it serves."""
        for hook in self._hooks("begin_loop"):
            await hook(self.app)

    async def _run(self, *arguments: Any) -> Any:
        """Do the work with these arguments, in the way of the dispatch."""
        return await self._dispatch.run(self.app, self.app.state.work, *arguments)

    async def _make_jobs(self, place: str) -> "Jobs":
        # Here, because only one dispatch needs it, and it takes a quarter of a second.
        from explorer.cluster.jobs import Jobs

        jobs = Jobs(place, self._tracer, self.calls, self._upstream, self.probes)
        await jobs.begin()
        return jobs

    async def _make_pool(self, processes: int) -> Pool:
        pool = Pool(processes, tracing.executor(self._tracer, self.calls, self._upstream, self.probes), self._died)
        await pool.begin()
        return pool

    async def _make_interpreters(self, size: int) -> Interpreters:
        pool = tracing.interpreters(self._tracer, size, self.calls, self._upstream)
        await start_all(pool, size)
        return pool

    def change(self, section: str, key: str, knobs: Knobs) -> Callable[[], None]:
        """Prepare a change of `dispatch.KEY` or `workload.KEY`; the result, called on the loop, makes it so.

        `knobs` are all knobs of the section with the new value among them. Slow preparations happen here, on the
        caller's thread.
        """
        state = self.app.state
        work = functools.partial(self._work, **self._arguments.of(knobs)) if section == "workload" else state.work
        handler = self._own if section == "workload" else self._dispatch

        def apply() -> None:
            if section == "workload":
                state.work, state.settings = work, knobs
            else:
                state.knobs = knobs
            hook = getattr(handler, f"set_{key}", None)
            if hook is not None and self._started:  # if not, the handler's own lifespan will see to it
                hook(self.app, getattr(knobs, key))

        return apply

    def _hooks(self, name: str) -> list[Callable[..., Any]]:
        """What the handlers of dispatch and workload define by this name."""
        hooks = (getattr(handler, name, None) for handler in (self._dispatch, self._own))
        return [hook for hook in hooks if hook is not None]


def arguments_of(body: str, around: Surroundings) -> Arguments:
    """What turns knobs into arguments of the functions in module `body`: its neighbour `arguments`, if it has one."""
    neighbour = _neighbour(body, "arguments")
    if neighbour is None:
        return Plain()
    arguments: Arguments = neighbour.Arguments(around)
    return arguments


def _neighbour(body: str, name: str) -> ModuleType | None:
    """The module `name` in the folder of module `body`, if there is one."""
    path = f"{body.rpartition('.')[0]}.{name}"
    return importlib.import_module(path) if importlib.util.find_spec(path) is not None else None
