"""A task that knows which request it works for.

The number lives in a slot of the task, not in a context variable: keep-alive timers and resumed readers inherit the
context of the previous request of their connection, a task does not. A new task takes the number of the task that
creates it, so that the children of `gather` are not anonymous; the first task of a request gets it from the protocol,
through the loop's `starting`. A task that works for one request after the other (the handler of a WebSocket, message
by message) is told by `work_for`.
"""

import asyncio
import sys
from asyncio import events
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from explorer.probe.steps import TimedCoroutine


class TracedTask(asyncio.Task[Any]):
    """A task with the request it works for (0: none), the word that the loop stores for its steps, and what the locks
    call it once it has met one.
    """

    __slots__ = ("lock_owner", "request", "tag")

    request: int
    tag: int
    lock_owner: object


class _Capture(asyncio.SelectorEventLoop):
    """A loop that only tells what a task schedules itself with."""

    seen: Any = None

    def call_soon(  # type: ignore[override]  # typeshed ties the arguments to the callback by a type variable
        self, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.Handle:
        """Note the first callback's class."""
        if self.seen is None:
            self.seen = type(callback)
        return super().call_soon(callback, *args, context=context)


async def _nothing() -> None:
    """What `_step_class` lets a task run."""


def _step_class() -> type:
    """The class of the callable with which a task schedules its next step; the interpreter does not name it.

    A thread has one running loop at most: where there is one already (a program that reads of a probe, but has none),
    another thread finds out.
    """
    if events._get_running_loop() is None:
        return _captured_class()
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(_captured_class).result()


def _captured_class() -> type:
    loop = _Capture()
    try:
        loop.run_until_complete(loop.create_task(_nothing()))
    finally:
        loop.close()
    found: type = loop.seen
    return found


Step: Final = _step_class()


running_loop: Final[Callable[[], Any]] = events._get_running_loop
"""The running loop, None without one."""
# Before 3.12 the standard library's function is a slow one.
task_of: Final[Callable[[Any], Any]] = (
    vars(asyncio.tasks)["_current_tasks"].get if sys.version_info < (3, 12) else asyncio.current_task
)
"""The running task of a loop, None outside of tasks. Within a coroutine this and `running_loop` are the fastest way."""


def current_task() -> "asyncio.Task[Any] | None":
    """The running task; None outside of tasks."""
    loop = events._get_running_loop()
    task: asyncio.Task[Any] | None = None if loop is None else task_of(loop)
    return task


def current_request() -> int:
    """The request that the running task works for; 0 outside of tasks and in those that no tracer made."""
    loop = events._get_running_loop()
    if loop is None:
        return 0
    request: int = getattr(task_of(loop), "request", 0)
    return request


def work_for(task: object, request: int) -> None:
    """From its next step on `task` works for `request`; what it starts from now on does so too."""
    if isinstance(task, TracedTask):
        task.request = request
        if not task.tag:  # its loop does not look at the task, the coroutine's stand-in times the steps
            coroutine = task.get_coro()
            if isinstance(coroutine, TimedCoroutine):
                coroutine.request = request
