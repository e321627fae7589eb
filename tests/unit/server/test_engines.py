"""Engines of a process: one for its threads, one for each of its loops, and none left when they end."""

import asyncio
import threading
from pathlib import Path

from sqlalchemy import text

from explorer.server import engines
from explorer.server.engines import Pool
from tests.waiting import wait_until

COUNT = text("SELECT count(*) FROM explorer_account")


def pool(tmp_path: Path) -> Pool:
    return Pool(f"sqlite:///{tmp_path / 'a.db'}", 2, 0, 5.0)


def test_threads_share_an_engine_and_a_loop_has_one_of_its_own_that_ends_with_it(tmp_path: Path) -> None:
    before = threading.active_count()
    seen = []

    async def serve() -> None:
        await engines.prepare(pool(tmp_path), "awaiting")
        first, second = await engines.engine_of_loop(pool(tmp_path)), await engines.engine_of_loop(pool(tmp_path))
        assert first is second
        async with first.connect() as connection:
            assert (await connection.execute(COUNT)).scalar() == engines.ACCOUNTS
        assert threading.active_count() > before, "aiosqlite's thread"
        seen.append(first)

    for _ in range(2):
        with asyncio.Runner() as runner:
            runner.run(serve())
        # Nobody has disposed of the engine but the loop.
        wait_until(lambda: threading.active_count() == before, what="aiosqlite's thread to end")
    assert seen[0] is not seen[1]


async def test_what_is_disposed_of_is_made_anew(tmp_path: Path) -> None:
    await engines.prepare(pool(tmp_path), "blocking")
    threads, loop = engines.engine(pool(tmp_path)), await engines.engine_of_loop(pool(tmp_path))

    await engines.dispose()

    assert threads.pool.checkedin() == 0  # type: ignore[attr-defined]  # a QueuePool
    assert engines.engine(pool(tmp_path)) is not threads
    assert await engines.engine_of_loop(pool(tmp_path)) is not loop
    await engines.dispose()


def test_a_pool_does_not_show_its_password() -> None:
    assert "hunter2" not in repr(Pool("postgresql://me:hunter2@host/shop", 1, 0, 1.0))
