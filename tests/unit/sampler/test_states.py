"""States of threads of the test's own process."""

import os
import resource
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from explorer.records.states import Role, State
from explorer.ring.pool import RingPool, SizeClass
from explorer.sampler.headers import Headers
from explorer.sampler.roll import Note
from explorer.sampler.states import ProcessStates
from explorer.sampler.subject import Sampled
from explorer.sampler.system_calls import numbers
from explorer.sampler.thread_files import ThreadFiles
from tests import leaks
from tests.unit.sampler.stand_ins import Tracer, threads_that_wait

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads are looked at on Linux only")
MS = 1_000_000


@contextmanager
def files_allowed(count: int) -> Iterator[None]:
    """No file gets a descriptor from `count` on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def next_descriptor() -> int:
    descriptor = os.dup(0)
    os.close(descriptor)
    return descriptor


@pytest.fixture
def myself(run_folder: Path) -> Iterator[Sampled]:
    """This process, whose GIL is nowhere that is known."""
    (run_folder / "rings").mkdir()
    headers = Headers(run_folder)
    subject = Sampled(run_folder, Note(3, os.getpid(), Role.SERVER, {"gil": False}), headers)
    yield subject
    subject.close()
    headers.close()


def states(tracer: Tracer, process: Sampled) -> ProcessStates:
    known = numbers()
    assert known is not None
    return ProcessStates(tracer, tracer.ring, process, known)


def test_to_ask_whether_a_process_may_be_looked_at_leaves_no_file_open(myself: Sampled) -> None:
    before = leaks.files()
    states(Tracer(), myself)
    assert leaks.files() == before


def test_a_thread_that_was_found_to_have_ended_may_still_have_its_turn(myself: Sampled) -> None:
    seen = states(Tracer(), myself)
    with threads_that_wait(2) as (one, other):
        seen.begin()
        assert {one, other} <= set(seen.tids)
    seen.handed_over(one, other, 10 * MS, 1000)  # finds that `one` has ended
    assert one not in seen.tids
    seen.sample(one, 20 * MS, 1000)
    seen.sample(other, 20 * MS, 1000)
    assert other not in seen.tids
    seen.close(30 * MS)


def test_who_gets_the_gil_may_have_to_wait_for_a_processor(myself: Sampled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ThreadFiles, "on_processor", lambda files, schedule: State.RUNNABLE)
    tracer = Tracer()
    seen = states(tracer, myself)
    with threads_that_wait(1) as (tid,):
        seen.begin()
        seen.sample(tid, 10 * MS, 1000)
        seen.sample(tid, 20 * MS, 1000)
        seen.handed_over(0, tid, 30 * MS, 1000)
        seen.pause(40 * MS)
        seen.close(40 * MS)
    assert tracer.read().states[tid] == [State.IDLE, State.RUNNABLE]


def test_a_wait_for_a_lock_is_told_once_the_ring_of_its_thread_is_there(myself: Sampled, run_folder: Path) -> None:
    tracer, headers = Tracer(), Headers(run_folder)
    seen = states(tracer, myself)
    pool = RingPool(run_folder / "rings", 3)
    pool.lease(SizeClass.CONNECTION, 5).wait_for_lock(100)
    headers.want(3)
    headers.look()
    with threads_that_wait(1) as (tid,):
        seen.begin()
        for at in (10, 20, 30, 40):
            seen.sample(tid, at * MS, 1000)
        myself.rings = {tid: headers.by_thread(3)[threading.get_native_id()]}
        for at in (50, 60):
            seen.sample(tid, at * MS, 1000)
        seen.close(70 * MS)
    assert tracer.read().states[tid] == [State.IDLE, State.WAITING_LOCK]
    pool.close()
    headers.close()


def test_without_descriptors_samples_are_left_out_and_some_are_kept_in_reserve(myself: Sampled) -> None:
    tracer = Tracer()
    before = leaks.files()
    with threads_that_wait(3) as tids:
        with files_allowed(next_descriptor() + 20):  # fewer than the reserve
            seen = states(tracer, myself)
            seen.begin()
            assert leaks.files() == before
            for tid in tids:
                seen.sample(tid, 10 * MS, 1000)
                seen.sample(tid, 20 * MS, 1000)
        with files_allowed(0):
            for tid in tids:
                seen.sample(tid, 30 * MS, 1000)
            seen.handed_over(tids[0], tids[1], 40 * MS, 1000)
        for tid in tids:
            seen.sample(tid, 50 * MS, 1000)
        assert set(tids) <= set(seen.tids)
        seen.close(60 * MS)
    assert tracer.read().states[tids[2]] == [State.IDLE]
