"""The request writes in the way of the dispatch, then waits for the database to call."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI, HTTPException, Request

from explorer.option_error import OptionError
from explorer.server.engines import dispose, prepare, unusable
from explorer.server.workloads.db_events.changes import Changes, NoReports
from explorer.server.workloads.db_events.place import Place
from explorer.server.workloads.db_events.sqlite import close_writer, open_writer

REPORT_WITHIN_S = 30.0
NOT_HERE = (
    "SQLite reports changes only to the process that makes them; choose another dispatch than the process pool, or "
    "name a PostgreSQL in workload.url."
)


async def job(request: Request) -> dict[str, str]:
    """Make a change, and wait for the report of it."""
    state = request.app.state
    try:
        with state.changes.expected() as change:
            await state.run(change.ticket)
            async with asyncio.timeout(REPORT_WITHIN_S):
                await change.reported
    except NoReports:
        raise HTTPException(503, "The database reports no more changes.") from None
    except TimeoutError:
        raise HTTPException(503, f"The database reported no change within {REPORT_WITHIN_S:g} s.") from None
    return {"answer": "done"}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Listen for as long as the app lives."""
    place: Place = app.state.work.keywords["place"]
    changes = app.state.changes = Changes()
    around = (
        _sqlite if place.pool is None else partial(_postgres, awaits=inspect.iscoroutinefunction(app.state.work.func))
    )
    async with around(app, place, changes):
        yield


@asynccontextmanager
async def _sqlite(app: FastAPI, place: Place, changes: Changes) -> AsyncIterator[None]:
    import apsw  # see sqlite.Writer

    if hasattr(app.state, "pool"):
        raise OptionError(NOT_HERE, "dispatch")
    try:
        open_writer(place, changes)
    except apsw.Error as error:
        raise unusable(f"sqlite:///{place.file}", str(error)) from None
    try:
        yield
    finally:
        close_writer(place)


@asynccontextmanager
async def _postgres(app: FastAPI, place: Place, changes: Changes, awaits: bool) -> AsyncIterator[None]:
    import psycopg  # an interpreter that works with SQLite alone need not have it

    from explorer.server.workloads.db_events.postgres import Listener

    assert place.pool is not None
    await prepare(place.pool, "awaiting" if awaits else "blocking")
    try:
        listener = await asyncio.to_thread(Listener, place, changes)
    except psycopg.Error as error:
        raise unusable(place.pool.url, str(error)) from None
    try:
        yield
    finally:
        await asyncio.to_thread(listener.close)
        await dispose()
