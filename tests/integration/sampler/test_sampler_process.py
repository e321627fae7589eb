"""The sampler as a real child of a run, looking at itself and at a process that joined."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.probe.tracer import Tracer
from explorer.records.states import Role
from explorer.supervise.spawn import spawn
from tests import run_reading


@pytest.fixture
def run(run_folder: Path) -> Path:
    return run_reading.make_run(run_folder)


def samples(run: Path, sampler: int, text: str, pid: int) -> list[float]:
    """The values of one counter of one process, in the order written."""
    wanted = [
        number
        for number, track in run_reading.tracks(run, sampler).items()
        if track["text"] == text and track.get("pid", 0) == pid
    ]
    return [
        run_reading.counter_value(int(r["argument"])) for r in run_reading.records(run, sampler) if r["track"] in wanted
    ]


def test_it_samples_itself_and_those_who_join_later(run: Path, wait_until: Callable[..., None]) -> None:
    child = spawn("explorer.sampler.process", role=Role.SAMPLER, run=run)
    try:
        child.configure(run=str(run))
        child.wait_for("ready", 20)
        tracer = Tracer.join(Role.WINDOW, "window", environ={"EXPLORER_RUN": str(run)})
        assert tracer is not None
        wait_until(lambda: len(samples(run, child.pid, "cpu", os.getpid())) >= 3, what="three samples of this process")
        wait_until(lambda: len(samples(run, child.pid, "cpu", child.pid)) >= 3, what="three samples of the sampler")
        wait_until(lambda: samples(run, child.pid, "thread_cpu", os.getpid()), what="the times of threads")
        wait_until(lambda: samples(run, child.pid, "machine_cpu", 0), what="the machine's share")
        assert min(samples(run, child.pid, "rss", os.getpid())) > 1 << 20
        assert min(samples(run, child.pid, "threads", os.getpid())) >= 1
        tracer.close()
    finally:
        child.stop()
        code = child.wait(10)
    assert code == 0
    child.wait_for("stopped", 1)


def test_without_a_run_it_says_so(wait_until: Callable[..., None]) -> None:
    child = spawn("explorer.sampler.process", role=Role.SAMPLER)
    child.configure()
    with pytest.raises(Exception, match="no run to look at"):
        child.wait_for("ready", 20)
    assert child.wait(10) == 1
