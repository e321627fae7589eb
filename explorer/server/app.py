"""The one app factory: a FastAPI app out of a scenario, whichever model serves it.

The workload answers at `GET /job`; every `[[also]]` is an app of its own, mounted at `/also/N`, with its own state.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from fastapi import FastAPI

from explorer.catalog import Catalog
from explorer.scenario import Scenario
from explorer.server import tracing
from explorer.server.pages import add_pages
from explorer.server.parts import Part
from explorer.server.pool import Died
from explorer.server.surroundings import Surroundings

TITLE: Final = "Concurrency Explorer"


def _nobody(pid: int, exitcode: int | None) -> None:
    """Takes a death that nobody wants to hear of."""


def make_app(scenario: Scenario, catalog: Catalog, around: Surroundings, died: Died = _nobody) -> FastAPI:
    """The app for `scenario`. `app.state.parts` lists its parts, the main one first.

    `died(pid, exitcode)` is told of pool processes that died. `app.state.failure` is what kept the app from starting.
    A server whose connections are served on other loops than the lifespan's calls `await app.state.begin_loop()` there.
    """
    parts: list[Part] = []

    async def begin_loop() -> None:
        for part in reversed(parts):  # the order of the lifespan, for the same reason
            await part.begin_loop()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            calls = {name: state for part in parts for name, state in part.calls.items()}
            probes = tuple(dict.fromkeys(name for part in parts for name in part.probes))
            stack.callback(tracing.watch(calls, around.tracer, around.services.get("upstream", ""), probes))
            if scenario.server.operations:
                attached = tracing.operations(around.tracer, [app])
                if attached is not None:
                    stack.callback(attached.undo)
            # The main part comes last: all parts share the loop's one limiter of threads, and its word counts.
            try:
                for part in reversed(parts):
                    await stack.enter_async_context(part.lifespan())
                await begin_loop()
            except Exception as error:
                app.state.failure = error
                raise
            yield

    app = FastAPI(title=TITLE, docs_url=None, redoc_url=None, lifespan=lifespan)
    parts.append(Part(app, catalog, scenario.dispatch, scenario.workload, around, died))
    parts.extend(_mounted(app, scenario, catalog, around, died))
    app.state.parts = parts
    app.state.begin_loop = begin_loop
    app.state.failure = None
    add_pages(app, _summary(scenario, catalog), _jobs(scenario, catalog))
    return app


def _mounted(app: FastAPI, scenario: Scenario, catalog: Catalog, around: Surroundings, died: Died) -> list[Part]:
    parts = []
    for number, also in enumerate(scenario.also, 1):
        below = FastAPI(title=TITLE, docs_url=None, redoc_url=None, openapi_url=None)
        parts.append(Part(below, catalog, also.dispatch, also.workload, around, died))
        app.mount(f"/also/{number}", below)
    return parts


def _summary(scenario: Scenario, catalog: Catalog) -> str:
    chosen = (("model", scenario.model), ("dispatch", scenario.dispatch), ("workload", scenario.workload))
    return " ".join(catalog.get(section, feature.id).summary for section, feature in chosen)


def _jobs(scenario: Scenario, catalog: Catalog) -> dict[str, str]:
    jobs = {"/job": catalog.get("workload", scenario.workload.id).summary}
    for number, also in enumerate(scenario.also, 1):
        jobs[f"/also/{number}/job"] = catalog.get("workload", also.workload.id).summary
    return jobs
