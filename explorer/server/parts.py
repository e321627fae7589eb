"""A part of the app: one workload behind one dispatch, at one path, with knobs that change while it serves.

What a handler sees is `app.state`: `work` (the workload's body with its arguments), `knobs` (of the dispatch) and
`make_pool`. A live change replaces them; requests that are under way keep what they began with.
"""

import functools
import importlib
import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from fastapi import FastAPI

from explorer.catalog import Catalog
from explorer.options import Knobs
from explorer.probe.tracer import Tracer
from explorer.scenario import Chosen
from explorer.server import tracing
from explorer.server.pool import Died, Pool


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
    """A FastAPI app with `GET /job`, made from a dispatch and a workload.

    `died(pid, exitcode)` is told of processes of the dispatch's pool that died.
    """

    def __init__(
        self,
        app: FastAPI,
        catalog: Catalog,
        dispatch: Chosen,
        workload: Chosen,
        tracer: Tracer | None,
        died: Died,
    ) -> None:
        self.app = app
        self._tracer = tracer
        self._died = died
        self._started = False
        self.calls = catalog.get("workload", workload.id).calls
        handler = catalog.get("dispatch", dispatch.id)
        module, _, function = handler.entry.partition(":")
        self._handler = importlib.import_module(module)
        body = catalog.get("workload", workload.id).entry.partition(":")[0]
        self._work = getattr(importlib.import_module(body), handler.form)
        self._arguments = arguments_of(body, tracer.run if tracer is not None else None)
        app.state.make_pool = self._make_pool
        app.state.knobs = dispatch.knobs
        app.state.work = functools.partial(self._work, **self._arguments.of(workload.knobs))
        # FastAPI would check the declared answer of a plain def in a worker thread: a second token for every request,
        # behind all who still wait for their first.
        endpoint = getattr(self._handler, function)
        app.add_api_route("/job", endpoint, methods=["GET"], summary=handler.summary, response_model=None)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """What the dispatch does around the app's life, and the end of the workload's own preparations."""
        around = getattr(self._handler, "lifespan", None)
        self._started = True
        try:
            if around is None:
                yield
            else:
                async with around(self.app):
                    yield
        finally:
            self._arguments.close()

    async def _make_pool(self, processes: int) -> Pool:
        pool = Pool(processes, tracing.executor(self._tracer, self.calls), self._died)
        await pool.begin()
        return pool

    def change(self, section: str, key: str, knobs: Knobs) -> Callable[[], None]:
        """Prepare a change of `dispatch.KEY` or `workload.KEY`; the result, called on the loop, makes it so.

        `knobs` are all knobs of the section with the new value among them. Slow preparations happen here, on the
        caller's thread.
        """
        if section == "workload":
            work = functools.partial(self._work, **self._arguments.of(knobs))
            return lambda: setattr(self.app.state, "work", work)

        def apply() -> None:
            self.app.state.knobs = knobs
            hook = getattr(self._handler, f"set_{key}", None)
            if hook is not None and self._started:  # if not, the dispatch's own lifespan will see to it
                hook(self.app, getattr(knobs, key))

        return apply


def arguments_of(body: str, run: Path | None) -> Arguments:
    """What turns knobs into arguments of the functions in module `body`: its neighbour `arguments`, if it has one."""
    name = f"{body.rpartition('.')[0]}.arguments"
    if importlib.util.find_spec(name) is None:
        return Plain()
    arguments: Arguments = importlib.import_module(name).Arguments(run)
    return arguments
