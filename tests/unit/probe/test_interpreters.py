"""A pool of interpreters as the probe sees it; here its threads share one interpreter, which the probe cannot tell."""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from explorer.probe import guest
from explorer.probe.interpreters import TracedInterpreters
from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind, State, TrackKind
from tests.observed import Observed, Row


class CrossQueue(queue.Queue[Any]):
    """Stands for a queue between interpreters: these take a time-out and no flag."""

    def get(self, *, timeout: float) -> Any:  # type: ignore[override]  # as concurrent.interpreters.Queue
        return super().get(block=timeout > 0, timeout=timeout or None)


def busy() -> int:
    """A traced call."""
    return 7


def work(number: int) -> int:
    """A job that makes a traced call."""
    return number * globals()["busy"]()  # type: ignore[no-any-return]  # by its module's attribute, as bodies do


def fails() -> None:
    """A job that goes wrong."""
    raise LookupError("no such thing")


@pytest.fixture
def pool(tracer: Tracer, monkeypatch: pytest.MonkeyPatch) -> Iterator[TracedInterpreters]:
    """A pool of one."""
    present: list[guest.Guest] = []
    monkeypatch.setattr(guest, "_present", present)
    monkeypatch.setitem(globals(), "busy", busy)  # put back afterwards: the guest replaces it

    def make(size: int, begin: Callable[..., None], arguments: tuple[Any, ...]) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(size, initializer=begin, initargs=arguments)

    pool = TracedInterpreters(tracer, 1, make, CrossQueue, traced_calls={f"{__name__}.busy": State.BLOCKED})
    yield pool
    pool.shutdown()
    for each in present:
        each.garbage.stop()


def of(run: Path, kind: Kind, flag: Flag = Flag.COMPLETE) -> list[Row]:
    """The run's records of one kind."""
    observed = Observed(run)
    try:
        return observed.of(kind, flag)
    finally:
        observed.close()


def test_a_job_its_wait_and_its_calls_are_recorded(pool: TracedInterpreters, tracer: Tracer) -> None:
    assert pool.submit(work, 6).result(20) == 42
    pool.shutdown()

    (job,), (wait,), (call,) = (of(tracer.run, kind) for kind in (Kind.JOB, Kind.INTERPRETER_WAIT, Kind.CALL))
    assert (job.name, job.state, job.track) == ("work", State.RUNNING, f"{TrackKind.THREAD} interpreter 1")
    assert (wait.name, wait.state, wait.track) == ("work", State.QUEUED, f"{TrackKind.REQUESTS} requests")
    assert (call.name, call.state, call.track) == ("tests.unit.probe.test_interpreters.busy", State.BLOCKED, job.track)
    assert wait.start <= wait.end <= job.start <= call.start <= call.end <= job.end
    assert len(of(tracer.run, Kind.INTERPRETER_WAIT, Flag.BEGIN)) == 1


def test_a_job_that_goes_wrong_is_recorded_and_raises(pool: TracedInterpreters, tracer: Tracer) -> None:
    with pytest.raises(LookupError, match="no such thing"):
        pool.submit(fails).result(20)
    pool.shutdown()

    (job,), (wait,) = of(tracer.run, Kind.JOB), of(tracer.run, Kind.INTERPRETER_WAIT)
    assert job.name == wait.name == "fails"
    assert wait.end <= job.start


def test_the_thread_of_an_interpreter_is_declared_once_it_has_begun(pool: TracedInterpreters, tracer: Tracer) -> None:
    tid = pool.submit_unseen(threading.get_native_id).result(20)
    pool.meet()

    lines = (tracer.run / f"names-{tracer.number}.jsonl").read_text()
    assert f'"text":"interpreter 1","tid":{tid}}}' in lines
    assert of(tracer.run, Kind.JOB) == of(tracer.run, Kind.INTERPRETER_WAIT) == []
    (begun,) = [row for row in of(tracer.run, Kind.THREAD, Flag.BEGIN) if row.track.endswith("interpreter 1")]
    assert begun.duration == 0


def test_a_name_that_nobody_foresaw_is_none(pool: TracedInterpreters) -> None:
    pool.submit_unseen(int).result(20)

    assert guest._present[0].name("something else") == 0
