"""What tasks are called."""

import asyncio
from typing import Any

import anyio
import pytest

from explorer.probe.naming import ANYIO, callable_name, coroutine_key, coroutine_name


async def work() -> None:
    """What a task group is to start."""
    await asyncio.sleep(0)


async def test_a_task_of_a_task_group_bears_the_name_of_what_was_started() -> None:
    started: list[Any] = []
    coroutines: list[Any] = []
    loop = asyncio.get_running_loop()

    def note(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
        coroutines.append(coroutine)
        started.append((coroutine.__qualname__, coroutine_name(coroutine), coroutine_key(coroutine)))
        return asyncio.Task(coroutine, loop=loop, **options)

    loop.set_task_factory(note)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(work)
    finally:
        loop.set_task_factory(None)
    assert started == [(ANYIO, "work", "work")]
    assert [coroutine_name(one) for one in coroutines] == [ANYIO], "of one that has ended nothing else is known"


async def test_what_ends_a_sleep_or_brings_the_result_of_a_worker_thread_is_said_in_plain_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop: Any = asyncio.get_running_loop()
    seen: list[str] = []

    def noting(real: Any, place: int) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            seen.append(callable_name(args[place]))
            return real(*args, **options)

        return call

    monkeypatch.setattr(loop, "call_at", noting(loop.call_at, 1))
    monkeypatch.setattr(loop, "call_soon_threadsafe", noting(loop.call_soon_threadsafe, 0))
    await asyncio.sleep(0.001)
    await anyio.to_thread.run_sync(int)

    assert seen == ["asyncio.sleep is over", "result of a thread"]
