"""Makes a transfer in the way of the dispatch; the answer says how many attempts it took, or why it was given up.

`/job?figures=true` makes none: it looks at the tables and answers with the figures so far.
"""

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, HTTPException, Request

from explorer.records.sql_errors import meaning
from explorer.server.databases import TITLES
from explorer.server.engines import dispose, prepare
from explorer.server.workloads.bank_transfer.auditor import Auditor
from explorer.server.workloads.bank_transfer.bank import Bank, Outcome
from explorer.server.workloads.bank_transfer.figures import Figures
from explorer.server.workloads.bank_transfer.tables import make_tables


async def job(request: Request, figures: bool = False) -> dict[str, Any]:
    """Move some money."""
    state = request.app.state
    if figures:
        found = await state.auditor.look(whole=True)
        engine = TITLES[state.work.keywords["bank"].engine]
        return {"engine": f"{engine} {await state.auditor.version()}", **state.figures.plain(found)}
    outcome: Outcome = await state.run()
    state.figures.add(outcome)
    if not outcome.committed:
        raise HTTPException(503, why(outcome, state.settings.pool_timeout))
    return {"answer": "done", "attempts": 1 + outcome.retried, "aborted": outcome.aborted}


def why(outcome: Outcome, seconds: float) -> str:
    """Why a transfer was not made, in one sentence."""
    if outcome.dry:
        return f"No connection of the pool came back within {seconds:g} s."
    code = outcome.aborted[-1]
    words = f"{code}, {meaning(code)}" if meaning(code) else code
    attempts = len(outcome.aborted)
    if attempts == 1:
        return f"The transfer was given up: the database aborted it ({words})."
    return f"The transfer was given up after {attempts} attempts, the last of which the database aborted ({words})."


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have accounts with money in them before the first request, and audit them until after the last."""
    state = app.state
    bank: Bank = state.work.keywords["bank"]
    form = "awaiting" if inspect.iscoroutinefunction(state.work.func) else "blocking"
    await prepare(bank.pool, form, make_tables(bank))
    figures = state.figures = Figures(state.make_counter, bank.expected)
    auditor = state.auditor = Auditor(bank, form, figures.look)
    try:
        yield
    finally:
        await auditor.end()
        await dispose()
