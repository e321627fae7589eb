"""Changes a row; whoever listens is told of it by the database."""

import random

from sqlalchemy import text

from explorer.server.engines import ACCOUNTS, engine, engine_of_loop
from explorer.server.workloads.db_events.place import Place
from explorer.server.workloads.db_events.sqlite import writer

WRITE = text("UPDATE explorer_account SET balance = balance + 1 WHERE id = :id")
NOTIFY = text("SELECT pg_notify(:channel, :ticket)")  # sent when the transaction is committed


async def awaiting(ticket: str, place: Place) -> None:
    """Write without keeping the loop from others."""
    account = {"id": random.randrange(ACCOUNTS)}
    if place.pool is None:
        writer(place).write(account["id"], ticket)  # SQLite is a library: there is no server to await
        return
    async with (await engine_of_loop(place.pool)).begin() as connection:
        await connection.execute(WRITE, account)
        await connection.execute(NOTIFY, {"channel": place.channel, "ticket": ticket})


def blocking(ticket: str, place: Place) -> None:
    """Write while the thread stands still."""
    account = {"id": random.randrange(ACCOUNTS)}
    if place.pool is None:
        writer(place).write(account["id"], ticket)
        return
    with engine(place.pool).begin() as connection:
        connection.execute(WRITE, account)
        connection.execute(NOTIFY, {"channel": place.channel, "ticket": ticket})
