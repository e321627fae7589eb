"""What an observed process does to be looked at: where its GIL is, and late sleeps where nobody may look."""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.probe.outside import answer_path, finding_path
from explorer.probe.tracer import Tracer
from explorer.records.states import Kind, Role
from tests import run_reading
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the GIL is looked for on Linux only"),
    pytest.mark.skipif(
        not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="this Python has no GIL to be found"
    ),
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return run_reading.make_run(tmp_path)


@pytest.fixture
def join(run: Path) -> Iterator[Callable[[Role], Tracer]]:
    joined: list[Tracer] = []

    def joining(role: Role) -> Tracer:
        tracer = Tracer.join(role, environ={"EXPLORER_RUN": str(run)})
        assert tracer is not None
        joined.append(tracer)
        return tracer

    yield joining
    for tracer in joined:
        tracer.close()


def looking() -> bool:
    """Whether the thread that prepares this process is there."""
    return any(thread.name == "explorer: GIL" for thread in threading.enumerate())


def answer(run: Path, number: int, readable: bool) -> None:
    answer_path(run, number).write_text(json.dumps({"gil": readable}), encoding="utf-8")


def test_a_process_that_can_be_read_says_where_and_is_done(run: Path, join: Callable[[Role], Tracer]) -> None:
    tracer = join(Role.SERVER)
    wait_until(finding_path(run, tracer.number).exists, 20, "the finding")
    assert json.loads(finding_path(run, tracer.number).read_text())["gil"] is True
    assert looking()  # it waits for the answer
    answer(run, tracer.number, True)
    wait_until(lambda: not looking(), 20, "the end of its thread")
    assert "sleep_overshoot" not in {track["text"] for track in run_reading.tracks(run, os.getpid()).values()}


def test_one_that_cannot_be_read_counts_late_sleeps_until_it_leaves(run: Path, join: Callable[[Role], Tracer]) -> None:
    tracer = join(Role.SERVER)
    answer(run, tracer.number, False)

    def late() -> list[float]:
        tracks = run_reading.tracks(run, os.getpid())
        wanted = [number for number, track in tracks.items() if track["text"] == "sleep_overshoot"]
        rows = run_reading.records(run, os.getpid())
        return [
            run_reading.counter_value(int(row["argument"]))
            for row in rows
            if row["track"] in wanted and row["kind"] == Kind.COUNTER
        ]

    wait_until(lambda: len(late()) >= 3, 30, "late sleeps")
    assert min(late()) >= 0
    tracer.close()
    assert not looking()


@pytest.mark.parametrize("role", [Role.LOAD, Role.SAMPLER, Role.WINDOW])
def test_who_is_not_looked_at_does_not_look_for_its_gil(run: Path, join: Callable[[Role], Tracer], role: Role) -> None:
    join(role)
    assert not looking()


def test_one_that_leaves_at_once_is_not_held_up(run: Path, join: Callable[[Role], Tracer]) -> None:
    tracer = join(Role.SERVER)
    tracer.close()
    assert not looking()
    assert not finding_path(run, tracer.number).exists()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_its_parents_finding(run: Path, join: Callable[[Role], Tracer]) -> None:
    tracer = join(Role.SERVER)
    wait_until(finding_path(run, tracer.number).exists, 20, "the finding")
    wait_until(lambda: tracer.finding is not None, 20, "that it is known here")
    answer(run, tracer.number, True)
    child = os.fork()
    if child == 0:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    note = json.loads((run / f"process-{run_reading.number_of(run, child)}.json").read_text())
    assert note["gil"] == json.loads(finding_path(run, tracer.number).read_text())
    assert not finding_path(run, int(note["number"])).exists()
