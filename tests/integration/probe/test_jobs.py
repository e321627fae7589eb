"""Threads, pool processes and library calls on behalf of requests."""

import asyncio
import functools
import http.client
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from multiprocessing import resource_tracker
from typing import Any

import anyio.to_thread
import pytest
from fastapi import FastAPI

from explorer.probe import calls
from explorer.probe.pool import TracedProcessPool
from explorer.probe.threads import trace_threads
from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind, State
from tests.observed import Observed

# multiprocessing's helper keeps a pipe for good; it is not this test's leak.
resource_tracker.ensure_running()


@pytest.fixture
def traced_threads(tracer: Tracer) -> Iterator[None]:
    undo_calls = calls.wrap(tracer, {"time.sleep": State.BLOCKED})
    undo_threads = trace_threads(tracer)
    yield
    undo_threads()
    undo_calls()


def make_app(tokens: int) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> Any:
        anyio.to_thread.current_default_thread_limiter().total_tokens = tokens
        yield

    app = FastAPI(lifespan=lifespan)

    # With the return type declared FastAPI would validate the result, as a second job on a thread.
    @app.get("/job", response_model=None)
    def job() -> int:
        time.sleep(0.03)
        return sum(range(1000))

    return app


def get(port: int) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/job")
    answer = connection.getresponse().read()
    connection.close()
    return answer


@pytest.mark.usefixtures("traced_threads")
def test_a_handler_on_a_thread_from_token_to_result(
    serve: Callable[..., Any], observed: Observed, wait_until: Callable[..., None]
) -> None:
    port = serve(make_app(tokens=1)).port
    with ThreadPoolExecutor(3) as clients:
        assert set(clients.map(get, [port] * 3)) == {b"499500"}
    wait_until(lambda: len(observed.of(Kind.REQUEST)) == 3)
    requests = {row.request: row for row in observed.of(Kind.REQUEST)}
    jobs = observed.of(Kind.JOB)
    waits = {row.request: row for row in observed.of(Kind.TOKEN_WAIT)}
    sleeps = {row.request: row for row in observed.of(Kind.CALL)}
    assert len(jobs) == 3
    for job in jobs:
        request, wait, sleep = requests[job.request], waits[job.request], sleeps[job.request]
        assert request.start <= wait.start <= wait.end <= job.start <= sleep.start <= sleep.end <= job.end
        assert job.end <= request.end
        assert job.name.endswith("job")
        assert (job.state, job.depth) == (State.RUNNING, 0)
        assert (sleep.state, sleep.depth, sleep.name) == (State.BLOCKED, 1, "time.sleep")
        assert job.track == sleep.track
        assert job.track.startswith("thread AnyIO worker thread")
        assert job.cpu is not None
        assert job.cpu * 256 < job.duration / 2, "it slept"
        assert (wait.state, wait.track) == (State.QUEUED, "requests requests")
    assert all(one.end <= other.start for one, other in itertools.pairwise(jobs)), "one token, one at a time"
    begun = {row.request for row in observed.of(Kind.TOKEN_WAIT, Flag.BEGIN)}
    had_to = {request for request, wait in waits.items() if any(job.start < wait.start < job.end for job in jobs)}
    assert had_to <= begun, "a wait that must wait says so when it begins"
    assert len(begun) < 3, "the first had its token at once"
    assert [wait.value for wait in waits.values()] == [1, 1, 1], "no more tokens are out than there are"


@pytest.mark.usefixtures("traced_threads")
def test_a_running_job_is_open(serve: Callable[..., Any], observed: Observed, wait_until: Callable[..., None]) -> None:
    going, app = threading.Event(), FastAPI()

    @app.get("/job", response_model=None)
    def job() -> int:
        going.wait(10)
        return 1

    port = serve(app).port
    with ThreadPoolExecutor(1) as clients:
        answer = clients.submit(get, port)
        try:
            wait_until(lambda: any(slot.kind == Kind.JOB for _, slot in observed.open_spans()))
            (found,) = [(name, slot) for name, slot in observed.open_spans() if slot.kind == Kind.JOB]
            assert found[0].endswith("job")
            (begin,) = observed.of(Kind.REQUEST, Flag.BEGIN)
            assert found[1].request == begin.request
            assert observed.of(Kind.JOB) == []
        finally:
            going.set()
        assert answer.result() == b"1"
    wait_until(lambda: len(observed.of(Kind.JOB)) == 1)
    assert not any(slot.kind == Kind.JOB for _, slot in observed.open_spans())


@pytest.mark.usefixtures("traced_threads")
async def test_a_cancelled_wait_for_a_token_ends(observed: Observed) -> None:
    limiter = anyio.CapacityLimiter(1)
    await limiter.acquire()
    task = asyncio.create_task(anyio.to_thread.run_sync(time.sleep, 0, limiter=limiter))
    while not observed.of(Kind.TOKEN_WAIT, Flag.BEGIN):
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    limiter.release()
    (begin,), (complete,) = observed.of(Kind.TOKEN_WAIT, Flag.BEGIN), observed.of(Kind.TOKEN_WAIT)
    assert begin.start == complete.start
    assert observed.of(Kind.JOB) == []


@pytest.mark.usefixtures("traced_threads")
def test_a_call_on_the_loop_lies_inside_the_step(
    serve: Callable[..., Any], observed: Observed, wait_until: Callable[..., None]
) -> None:
    app = FastAPI()

    @app.get("/job")
    async def job() -> int:
        time.sleep(0.01)
        return 1

    get(serve(app).port)
    wait_until(lambda: observed.of(Kind.REQUEST))
    # The test itself sleeps while it waits.
    (call,) = [row for row in observed.of(Kind.CALL) if row.track.startswith("loop")]
    (request,) = observed.of(Kind.REQUEST)
    assert call.request == request.request
    assert call.track == "loop server"
    (step,) = [row for row in observed.of(Kind.STEP) if row.start <= call.start and call.end <= row.end]
    assert step.track == call.track
    assert step.request == request.request


def test_undone_wrappers_leave_the_real_thing(tracer: Tracer) -> None:
    real_sleep, real_run = time.sleep, anyio.to_thread.run_sync
    undo = [calls.wrap(tracer, {"time.sleep": State.BLOCKED}), trace_threads(tracer)]
    assert time.sleep is not real_sleep
    for one in undo:
        one()
    assert time.sleep is real_sleep
    assert anyio.to_thread.run_sync is real_run


def sleep_and_tell(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def fail(text: str) -> None:
    raise ValueError(text)


@pytest.fixture
def pool(tracer: Tracer, run: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[TracedProcessPool]:
    monkeypatch.setenv("EXPLORER_RUN", str(run))
    with TracedProcessPool(tracer, 1, traced_calls={"time.sleep": State.BLOCKED}) as one:
        yield one


async def test_a_job_in_a_pool_process(pool: TracedProcessPool, observed: Observed) -> None:
    class Request(asyncio.Task[Any]):
        request = 42

    async def handler() -> list[int]:
        loop = asyncio.get_running_loop()
        return await asyncio.gather(
            *(loop.run_in_executor(pool, functools.partial(sleep_and_tell, 0.01)) for _ in range(2))
        )

    pids = await Request(handler())
    assert pids[0] == pids[1] != os.getpid()
    first, second = observed.of(Kind.JOB)
    assert (first.pid, first.request, first.name) == (pids[0], 42, "sleep_and_tell")
    assert first.cpu is not None
    sleep, _ = observed.of(Kind.CALL)
    assert first.start <= sleep.start <= sleep.end <= first.end
    assert sleep.request == 42
    waits = observed.of(Kind.POOL_WAIT)
    begins = observed.of(Kind.POOL_WAIT, Flag.BEGIN)
    assert [(row.start, row.request, row.state) for row in waits] == [(row.start, 42, State.QUEUED) for row in begins]
    assert [row.value for row in waits] == [0, 1]
    for wait, job in zip(waits, (first, second), strict=True):
        assert wait.pid == os.getpid()
        assert wait.start < wait.end <= job.start
    assert waits[1].end >= first.end, "it waited for the first, in the only process"


def test_a_failing_job_raises_here_and_is_recorded(pool: TracedProcessPool, observed: Observed) -> None:
    with pytest.raises(ValueError, match="no luck"):
        pool.submit(fail, "no luck").result(20)
    (job,), (wait,) = observed.of(Kind.JOB), observed.of(Kind.POOL_WAIT)
    assert wait.start < wait.end <= job.start


def test_a_dead_pool_process_ends_the_wait(pool: TracedProcessPool, observed: Observed) -> None:
    with pytest.raises(BrokenProcessPool):
        pool.submit(os._exit, 3).result(20)
    assert len(observed.of(Kind.POOL_WAIT)) == 1
    with pytest.raises(BrokenProcessPool):
        pool.submit(os.getpid)
    assert len(observed.of(Kind.POOL_WAIT)) == len(observed.of(Kind.POOL_WAIT, Flag.BEGIN)) == 2


def test_a_cancelled_job_does_not_run(pool: TracedProcessPool, observed: Observed) -> None:
    running = [pool.submit(sleep_and_tell, 0.2) for _ in range(3)]
    last = pool.submit(os.getpid)
    assert last.cancel()
    assert {future.result(20) for future in running} != {os.getpid()}
    assert last.cancelled()
    pool.shutdown()
    assert len(observed.of(Kind.JOB)) == 3


@pytest.mark.usefixtures("traced_threads")
async def test_of_many_that_ask_in_one_turn_of_the_loop_those_wait_for_whom_no_token_is_left(
    observed: Observed,
) -> None:
    limiter = anyio.CapacityLimiter(2)
    going = threading.Event()
    asked = [anyio.to_thread.run_sync(going.wait, 10, limiter=limiter) for _ in range(5)]
    jobs = asyncio.gather(*asked)
    while len(observed.of(Kind.TOKEN_WAIT, Flag.BEGIN)) < 3:
        await asyncio.sleep(0.001)
    going.set()
    await jobs
    assert sorted(wait.value for wait in observed.of(Kind.TOKEN_WAIT)) == [1, 2, 2, 2, 2]
    assert len(observed.of(Kind.TOKEN_WAIT, Flag.BEGIN)) == 3
