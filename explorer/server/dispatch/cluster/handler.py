"""The work goes to a worker of a Dask cluster, which may be another machine; the loop awaits the result."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request

from explorer.server.dispatch.cluster.feature import service_name


async def job(request: Request) -> dict[str, str]:
    """Let a worker of the cluster do the work."""
    state = request.app.state
    await state.jobs.run(state.work)
    return {"answer": "done"}


async def run(app: FastAPI, work: Any, *arguments: Any) -> Any:
    """Let a worker of the cluster do the work, for handlers of another kind."""
    return await app.state.jobs.run(work, *arguments)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Be a client of the cluster's scheduler for as long as the app lives."""
    state = app.state
    state.jobs = await state.make_jobs(state.services[service_name(state.knobs)])
    try:
        yield
    finally:
        await state.jobs.close()
