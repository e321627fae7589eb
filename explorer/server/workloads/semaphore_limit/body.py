"""Asks a database that has only so many connections, with or without waiting for a token first."""

import asyncio

from sqlalchemy import text

from explorer.server.engines import Pool, engine_of_loop

READ = text("SELECT sum(balance) FROM explorer_account")


class Database:
    """The pool of connections, and as many tokens as it has connections."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.tokens = asyncio.Semaphore(pool.size)


async def awaiting(database: Database, seconds: float, cured: bool) -> int:
    """Ask. Returns what the database said; raises SQLAlchemy's TimeoutError when no connection came back in time."""
    return await (with_tokens if cured else as_written)(database, seconds)


async def as_written(database: Database, seconds: float) -> int:
    """Everybody knocks at the database; who has knocked for too long is turned away."""
    async with (await engine_of_loop(database.pool)).connect() as connection:
        found = await connection.execute(READ)
        await asyncio.sleep(seconds)
        return int(found.scalar_one())


async def with_tokens(database: Database, seconds: float) -> int:
    """Who has no token yet waits here: cheaply, in order, and without troubling the database."""
    async with database.tokens:
        return await as_written(database, seconds)
