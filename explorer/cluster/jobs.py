"""Handing work to the cluster and awaiting the result, seen from the side that waits.

One client serves a whole process; it lives on the event loop that `begin` ran on, and work from other loops is handed
over to that one: a client of its own for each loop would mean new connections for every connection of a server.

Work goes only to workers of the roster. When all that a task was meant for have gone, it is handed in again, for those
that have come since; that a task moves on when some of them are left is Dask's own doing.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from time import perf_counter_ns
from typing import Any, Final

from explorer.cluster.aboard import RECEIPT, Receipt, perform
from explorer.cluster.access import Access
from explorer.cluster.carrying import hand_in
from explorer.cluster.connection import AsyncClient, connect
from explorer.cluster.observed import Watch
from explorer.cluster.roster import Roster, jobs_topic, roster_topic
from explorer.option_error import OptionError
from explorer.probe.counters import Counter
from explorer.probe.naming import callable_name
from explorer.probe.tasks import current_request
from explorer.probe.tracer import Tracer
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State

ROSTER_LIMIT_S: Final = 10.0
NOT_DONE: Final[Receipt] = ("", 0, 0)
NOBODY_S: Final = 30.0
NOBODY: Final = "No worker of the Dask cluster has been there for {:g} s; start one."
GONE: Final = "The connection to the Dask scheduler was lost; see whether it still runs."


class ClusterError(RuntimeError):
    """Work could not be done because of the cluster, not because of the work."""


class Jobs:
    """Work for one run's cluster. `place` is what the cluster's service says of where it is."""

    def __init__(
        self,
        place: str,
        tracer: Tracer | None,
        traced_calls: Mapping[str, State] | None = None,
        upstream: str = "",
        probes: Sequence[str] = (),
    ) -> None:
        """Without `tracer` nothing is recorded.

        The rest is as for `explorer.probe.pool.TracedProcessPool`; it holds for the embedded cluster.
        """
        self._inside = dict(traced_calls or {}), upstream, tuple(probes)
        self._access = Access.from_text(place)
        self._run = str(json.loads(place)["run"])
        self._tracer = tracer
        self._counter = Counter(tracer, "jobs in the cluster", "jobs")
        self._out = 0
        self._roster = Roster()
        self._changed = asyncio.Event()
        self._waiting: dict[asyncio.Future[None], frozenset[str]] = {}
        self._client: AsyncClient = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def begin(self) -> None:
        """Connect, and wait until it is known who may be given work. Raises `OptionError`."""
        self._loop = asyncio.get_running_loop()
        client = self._client = await connect(self._access, "dispatch.address")
        topic = roster_topic(self._run)
        client.subscribe_topic(topic, self._hear)
        for _, event in (await client.get_events(topic))[-1:]:
            self._take(Roster.from_event(event))
        try:
            await asyncio.wait_for(self._somebody(), ROSTER_LIMIT_S)
        except TimeoutError:
            raise OptionError(NOBODY.format(ROSTER_LIMIT_S), "dispatch.address") from None
        if self._roster.open and self._tracer is not None:
            await client.register_plugin(Watch(*self._inside))

    async def close(self) -> None:
        """Part from the cluster; work under way is not waited for."""
        if self._client is not None:
            with contextlib.suppress(OSError, TimeoutError):
                await self._client.close(timeout=1)

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Have `function(*arguments)` done by a worker; it must be importable there. From any loop of this process.

        Raises what it raises, or `ClusterError`.
        """
        request = current_request()
        if asyncio.get_running_loop() is self._loop:
            return await self._run_here(request, function, arguments)
        assert self._loop is not None
        coroutine = self._run_here(request, function, arguments)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    async def _run_here(self, request: int, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        name = callable_name(function)
        span = _Span(self._tracer, name, request, self._out)
        self._count(+1)
        receipt = NOT_DONE
        try:
            receipt, result = await self._result(name, request, function, arguments)
        except BaseException as error:
            receipt = getattr(error, RECEIPT, NOT_DONE)
            raise
        finally:
            self._count(-1)
            worker, begun, ended = receipt
            offset = self._roster.offset(worker)
            # The embedded cluster's workers write their jobs into rings; what others write comes after the request.
            span.end(offset.here(begun) if begun else 0, 0 if self._roster.open else offset.here(ended))
        return result

    async def _result(
        self, name: str, request: int, function: Callable[..., Any], arguments: tuple[Any, ...]
    ) -> tuple[Receipt, Any]:
        while True:
            roster = await self._able()
            only = frozenset() if roster.open else frozenset(roster.workers)
            job = jobs_topic(self._run), name, request, function, arguments
            task = hand_in(self._client, perform, *job, name=name, workers=sorted(only))
            try:
                done = await self._settled(task, only)
                if done is not None:
                    return done
            except CancelledError:  # Dask's, not asyncio's: the scheduler has forgotten the task
                raise ClusterError(GONE) from None
            finally:
                task.release()

    async def _settled(self, task: Any, only: frozenset[str]) -> tuple[Receipt, Any] | None:
        """The task's result, or None when all workers that it was meant `only` for have gone."""
        if not only:
            done: tuple[Receipt, Any] = await task
            return done
        answer = asyncio.ensure_future(task.result())
        stranded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[stranded] = only
        try:
            await asyncio.wait((answer, stranded), return_when=asyncio.FIRST_COMPLETED)
            return await answer if answer.done() else None
        finally:
            del self._waiting[stranded]
            answer.cancel()

    async def _able(self) -> Roster:
        """The roster, once there is somebody on it."""
        if not (self._roster.open or self._roster.workers):
            try:
                await asyncio.wait_for(self._somebody(), NOBODY_S)
            except TimeoutError:
                raise ClusterError(NOBODY.format(NOBODY_S)) from None
        return self._roster

    async def _somebody(self) -> None:
        while not (self._roster.open or self._roster.workers):
            self._changed.clear()
            await self._changed.wait()

    def _hear(self, event: tuple[float, Any]) -> None:
        self._take(Roster.from_event(event[1]))

    def _take(self, roster: Roster) -> None:
        self._roster = roster
        self._changed.set()
        for stranded, only in self._waiting.items():
            if not (only & roster.workers.keys()) and not stranded.done():
                stranded.set_result(None)

    def _count(self, step: int) -> None:
        self._out += step
        self._counter.set(self._out)


class _Span:
    """What the request does meanwhile: it waits for a worker, open from the hand-over on, then its job runs there."""

    def __init__(self, tracer: Tracer | None, name: str, request: int, ahead: int) -> None:
        self._tracer = tracer
        if tracer is None:
            return
        self._name = tracer.name(name)
        self._track = tracer.requests_track
        self._request = request
        self._ahead = ahead
        self._start = perf_counter_ns()
        tracer.thread_ring().begin(
            self._start, request, self._name, self._track, Kind.POOL_WAIT, State.QUEUED, value=ahead
        )

    def end(self, begun: int, ended: int) -> None:
        """The job began at `begun` (ns), or it came to nothing (0). `ended` (ns): to be told here when it ended."""
        if self._tracer is None:
            return
        now = perf_counter_ns()
        # Another host's clock is known within its error only: the job began after the hand-over, and ended before now.
        begun = min(max(begun or now, self._start), now)
        self._write(self._start, begun, Kind.POOL_WAIT, State.QUEUED, span_argument(self._ahead))
        if ended:
            self._write(begun, min(max(ended, begun), now), Kind.JOB, State.RUNNING, span_argument())

    def _write(self, start: int, end: int, kind: Kind, state: State, argument: int) -> None:
        assert self._tracer is not None
        self._tracer.thread_ring().write(
            start, end - start, self._request, argument, self._name, self._track, kind, state, 0, Flag.COMPLETE
        )
