"""AnyIO's worker threads: how long a request waits for a token, and what runs on which thread.

Starlette and FastAPI send every `def` handler and dependency to a thread by `anyio.to_thread.run_sync`, looked up in
its module at each call. One wrapper there sees them all. It passes a limiter of its own that stamps the moment the
token was had, and a function of its own that records the job on the thread.
"""

import functools
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

import anyio.to_thread
from anyio import CapacityLimiter

from explorer.probe.jobs import run_job
from explorer.probe.naming import callable_name
from explorer.probe.tasks import current_request
from explorer.probe.tracer import Tracer
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State


class _StampedLimiter:
    """Stands in for the real limiter for one call. AnyIO enters and leaves it, no more."""

    __slots__ = ("ask", "had", "limiter", "tell")

    def __init__(self, limiter: CapacityLimiter, ask: Callable[[], None], tell: Callable[[int], None]) -> None:
        self.limiter = limiter
        self.had = False
        self.ask, self.tell = ask, tell

    async def __aenter__(self) -> None:
        self.ask()
        await self.limiter.acquire()
        # Told at once, not when the job is over: by then the wait would be history that has been drawn without it.
        self.had = True
        self.tell(perf_counter_ns())

    async def __aexit__(self, *error: object) -> None:
        self.limiter.release()


def _handler(function: Callable[..., Any]) -> Callable[..., Any]:
    """What the user wrote: FastAPI passes its handlers on as the keyword argument of a function of its own."""
    if isinstance(function, functools.partial):
        inner: Callable[..., Any] | None = function.keywords.get("function")
        if callable(inner):
            return inner
    return function


def trace_threads(tracer: Tracer) -> Callable[[], None]:
    """Record the jobs of AnyIO's threads from now on. Returns what undoes it."""
    real = anyio.to_thread.run_sync
    track = tracer.requests_track

    async def run_sync(function: Any, *args: Any, limiter: CapacityLimiter | None = None, **options: Any) -> Any:
        limiter = limiter or anyio.to_thread.current_default_thread_limiter()
        request = current_request()
        name = tracer.name(callable_name(_handler(function)))
        ring = tracer.thread_ring()
        start = perf_counter_ns()
        out = 0

        def ask() -> None:
            # Not before: AnyIO lets others run first, and of many that come at once each would find all tokens free.
            nonlocal out
            free = limiter.available_tokens > 0
            out = int(limiter.borrowed_tokens) + free  # with all of them out nobody gets another
            if not free:
                ring.begin(start, request, name, track, Kind.TOKEN_WAIT, State.QUEUED, value=out)

        def tell(now: int) -> None:
            argument = span_argument(out)
            ring.write(
                start, now - start, request, argument, name, track, Kind.TOKEN_WAIT, State.QUEUED, 0, Flag.COMPLETE
            )

        stamped = _StampedLimiter(limiter, ask, tell)

        def job(*arguments: Any) -> Any:
            return run_job(tracer.thread_ring(), name, request, function, *arguments)

        try:
            return await real(job, *args, limiter=stamped, **options)  # type: ignore[arg-type]  # see _StampedLimiter
        finally:
            # Also for a wait that was cancelled: what has begun must end.
            if not stamped.had:
                tell(perf_counter_ns())

    anyio.to_thread.run_sync = run_sync  # type: ignore[assignment]  # a wrapper has not the real one's type variables

    def undo() -> None:
        anyio.to_thread.run_sync = real

    return undo
