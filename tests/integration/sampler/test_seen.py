"""What the sampler sees of programs whose threads do what is known."""

import platform
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from explorer.collect.source import Array
from explorer.records.clock import now_ns
from explorer.records.schema import U32
from explorer.records.states import State
from tests import run_reading
from tests.full.suites import find
from tests.integration.sampler.stage import Stage, performed
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="threads are looked at on Linux only"),
    pytest.mark.skipif(
        not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="this Python has no GIL to compete for"
    ),
]


@pytest.fixture
def run(run_folder: Path) -> Path:
    return run_reading.make_run(run_folder)


def on_or_off(shares: Mapping[State, float]) -> float:
    """Ran or could have run: which of the two is the machine's affair."""
    return shares[State.RUNNING] + shares[State.RUNNABLE]


def check_strips(stage: Stage) -> None:
    """Spans of a thread follow one another without gap or overlap, each in another state than the one before."""
    for tid in stage.threads:
        spans = stage.states(tid)
        for one, after in pairwise(spans):
            assert one["end"] == after["start"]
            assert one["state"] != after["state"]
        assert set(spans["depth"].tolist()) == {0}


def both(first: Array, second: Array) -> int:
    """For how long (ns) a span of each lasts, of spans that follow one another."""
    begin = np.maximum(first["start"][:, None], second["start"][None])
    end = np.minimum(first["end"][:, None], second["end"][None])
    return int(np.maximum(end - begin, 0).sum())


def test_who_holds_the_gil_is_not_said_to_wait_for_it(run: Path) -> None:
    with performed(run, "spins", "spins", "spins", "spins") as stage:
        stage.watch(2.0)
        held = stage.gil()
        for tid in stage.threads:
            mine, states = held[(held["argument"] & U32) == tid], stage.states(tid)
            waits = states[states["state"] == State.WAITING_GIL]
            assert len(mine)
            assert both(mine, waits) == 0


def test_four_threads_that_compute_in_python_wait_for_the_gil(run: Path) -> None:
    with performed(run, "spins", "spins", "spins", "spins") as stage:
        stage.watch(2.0)
        check_strips(stage)
        shares = stage.shares("spins")
        # A waiter wakes up every 5 ms to ask for the GIL, and may have to wait for a processor then.
        assert shares[State.WAITING_GIL] / (1 - shares[State.RUNNABLE]) > 0.6
        assert shares[State.WAITING_GIL] + on_or_off(shares) > 0.97
        spans = stage.gil()
        held = spans["end"] - spans["start"]
        # Nobody holds it only while the one whose turn it is waits for a processor.
        whole = spans["end"][-1] - spans["start"][0]
        assert 0.9 - shares[State.RUNNABLE] < held.sum() / whole < 1.01
        by_thread = {tid: held[(spans["argument"] & U32) == tid].sum() / held.sum() for tid in stage.threads}
        assert sum(by_thread.values()) > 0.9
        assert min(by_thread.values()) > 0.05
        names = {stage.names[name] for name in spans["name"].tolist()}
        assert "spins" in names
        assert names <= {"spins", "loop", "unknown"}  # the main thread counts as a loop's
        assert {
            track.name for track in stage.tracks.values() if track.tid in stage.threads and track.kind == "states"
        } == {"spins"}
        assert max(stage.samples["gil_waiting"]) >= 2


def kernels(stage: Stage) -> tuple[Array, int]:
    """What the kernel counts of each thread so far, (threads, 2) of ns: on a processor, ready without one; and now."""
    counts = [Path(f"/proc/{stage.pid}/task/{tid}/schedstat").read_text().split()[:2] for tid in stage.threads]
    return np.array(counts, "i8"), now_ns()


def late(stage: Stage) -> int:
    """For how long (ns) the sampler has been ready without a processor so far: it looks at nothing in that time."""
    tasks = Path(f"/proc/{stage.sampler.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[1]) for task in tasks)


def test_who_ran_who_was_ready_and_who_waited_is_as_the_kernel_counts_it(run: Path) -> None:
    with performed(run, "spins", "spins", "spins", "spins") as stage:
        stage.await_looks(0.1)
        before, began, unseen = *kernels(stage), late(stage)
        stage.await_looks(3.0)
        after, ended = kernels(stage)
        # It comes late where all processors are taken, so that it misses most of just these moments.
        off = 0.1 + (late(stage) - unseen) / (ended - began)
        stage.end()
        on, ready = (after - before).mean(0) / (ended - began)
        shares = stage.shares("spins")
    assert shares[State.RUNNING] == pytest.approx(on, abs=off)
    assert shares[State.RUNNABLE] == pytest.approx(ready, abs=off)
    assert shares[State.WAITING_GIL] == pytest.approx(1 - on - ready, abs=off)


def test_native_code_that_lets_go_of_the_gil_does_not_wait_for_it(run: Path) -> None:
    with performed(run, "hashes", "hashes") as stage:
        stage.watch(1.5)
        shares = stage.shares("hashes")
        assert shares[State.WAITING_GIL] < 0.1
        assert on_or_off(shares) > 0.85


def test_a_lock_a_sleep_and_a_read_are_told_from_the_gil_while_it_is_fought_for(run: Path) -> None:
    with performed(run, "spins", "spins", "locks", "sleeps", "reads", "waits", *["rests"] * 40) as stage:
        stage.watch(1.5)
        check_strips(stage)
        assert stage.shares("locks")[State.WAITING_LOCK] > 0.95
        assert stage.shares("sleeps")[State.BLOCKED] > 0.95
        assert stage.shares("reads")[State.BLOCKED] > 0.95
        assert stage.shares("waits")[State.UNKNOWN] > 0.95
        assert stage.shares("rests")[State.IDLE] > 0.95
        assert stage.shares("rests")[State.WAITING_LOCK] == 0


def test_a_thread_that_lasts_in_one_state_is_one_span(run: Path) -> None:
    with performed(run, "sleeps", "rests") as stage:
        stage.watch(1.0)
        for tid in stage.threads:
            assert len(stage.states(tid)) == 1


def test_no_python_code_no_holder(run: Path) -> None:
    with performed(run, "sleeps") as stage:
        stage.watch(1.0)
        spans = stage.gil() if any(track.kind == "gil" for track in stage.tracks.values()) else None
        assert spans is not None
        assert (spans["end"] - spans["start"]).sum() < 0.05e9


def test_what_a_killed_sampler_saw_is_there(run: Path) -> None:
    with performed(run, "sleeps") as stage:
        tid = stage.tid("sleeps")

        def announced() -> bool:
            stage.look()
            return stage.watching(tid) and len(stage.states(tid)) == 0

        wait_until(announced, 20, "a span that lasts")
        stage.sampler.kill()
        stage.sampler.wait(10)
        wait_until(lambda: len(stage.look().states(tid)) == 1, 20, "the span that was cut short")
        assert stage.states(tid)["state"].tolist() == [State.BLOCKED]
        assert not stage.is_open(tid)


def test_the_period_that_is_told_is_that_of_the_looks(run: Path) -> None:
    with performed(run, "naps") as stage:
        stage.watch(2.0)
        spans = stage.states(stage.tid("naps"))
        periods = spans["argument"] & U32
        assert 5_000 <= periods.mean() <= 500_000
        # Every change is noticed at a look: there are no more changes than looks.
        looks = (spans["end"][-1] - spans["start"][0]) / 1e3 / periods.min()
        assert len(spans) <= looks
        assert stage.samples["sampling_period"]
        assert stage.samples["gil_period"]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="checked on x86-64")
def test_switched_off_it_looks_no_more_and_on_again_it_does(run: Path) -> None:
    with performed(run, "naps") as stage:
        tid = stage.tid("naps")

        def ended() -> bool:
            stage.look()
            return not stage.watching(tid)

        def begun() -> bool:
            stage.look()
            return stage.watching(tid)

        wait_until(begun, 20, "samples")
        stage.sampler.send("set", knob="server.sampling", value=0)
        wait_until(ended, 20, "the end of samples")
        stage.sampler.send("set", knob="server.sampling", value=5)
        wait_until(begun, 20, "samples again")
        stage.end()


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_every_python_finds_its_gil(run: Path, version: str) -> None:
    interpreter = find().get(version)
    if interpreter is None:
        pytest.skip(f"Python {version} is not installed")
    with performed(run, "spins", "spins", "sleeps", python=interpreter) as stage:
        stage.watch(1.0)
        shares = stage.shares("spins")
        assert shares[State.WAITING_GIL] / (1 - shares[State.RUNNABLE]) > 0.25
        assert stage.shares("sleeps")[State.BLOCKED] > 0.95
        spans = stage.gil()
        held = spans["end"] - spans["start"]
        by_thread = {tid: held[(spans["argument"] & U32) == tid].sum() / held.sum() for tid in stage.threads}
        assert by_thread[stage.tid("sleeps")] < 0.05
        assert sum(by_thread.values()) > 0.9
