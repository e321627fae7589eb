"""Reads, waits and writes in one transaction, on a connection that the pool lends."""

import asyncio
import random
import time

from sqlalchemy import text

from explorer.server.engines import ACCOUNTS, Pool, engine, engine_of_loop

READ = text("SELECT balance FROM explorer_account WHERE id = :id")
WAIT = text("SELECT pg_sleep(:seconds)")
WRITE = text("UPDATE explorer_account SET balance = balance + 1 WHERE id = :id")


async def awaiting(pool: Pool, seconds: float) -> None:
    """While this request waits for a connection or for the database, the loop serves others."""
    account = {"id": random.randrange(ACCOUNTS)}
    async with (await engine_of_loop(pool)).begin() as connection:  # waits while all connections are lent out
        await connection.execute(READ, account)
        if pool.can_sleep:
            await connection.execute(WAIT, {"seconds": seconds})
        else:
            await asyncio.sleep(seconds)
        await connection.execute(WRITE, account)


def blocking(pool: Pool, seconds: float) -> None:
    """While this request waits for a connection or for the database, its thread stands still."""
    account = {"id": random.randrange(ACCOUNTS)}
    with engine(pool).begin() as connection:  # waits while all connections are lent out
        connection.execute(READ, account)
        if pool.can_sleep:
            connection.execute(WAIT, {"seconds": seconds})
        else:
            time.sleep(seconds)
        connection.execute(WRITE, account)
