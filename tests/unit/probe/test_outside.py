"""What an observed process does to be looked at: where its GIL is, and late sleeps where nobody may look."""

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.probe import gil
from explorer.probe.outside import FOUND, SAMPLER, answer_path, finding_path, pass_on
from explorer.probe.tracer import Tracer
from explorer.records.sampling import OVERSHOOT
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
    assert OVERSHOOT not in {track["text"] for track in run_reading.tracks(run, os.getpid()).values()}


def late(run: Path, pid: int) -> list[float]:
    """How much too long a process's sleeps were, as far as it has said."""
    tracks = run_reading.tracks(run, pid)
    wanted = [number for number, track in tracks.items() if track["text"] == OVERSHOOT]
    return [
        run_reading.counter_value(int(row["argument"]))
        for row in run_reading.records(run, pid)
        if row["track"] in wanted and row["kind"] == Kind.COUNTER
    ]


def test_one_that_cannot_be_read_counts_late_sleeps_until_it_leaves(run: Path, join: Callable[[Role], Tracer]) -> None:
    tracer = join(Role.SERVER)
    answer(run, tracer.number, False)
    wait_until(lambda: len(late(run, os.getpid())) >= 3, 30, "late sleeps")
    assert min(late(run, os.getpid())) >= 0
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


def ended(tracer: Tracer) -> bool:
    """Whether `close` comes back."""
    closing = threading.Thread(target=tracer.close, daemon=True)
    closing.start()
    closing.join(20)
    return not closing.is_alive()


@pytest.mark.expects_log("The GIL of this process cannot be observed")
def test_one_that_fails_to_look_says_so_once_and_can_end(
    run: Path, join: Callable[[Role], Tracer], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_memory(memory: bytes, word: bytes) -> set[int]:
        raise MemoryError

    monkeypatch.setattr(gil, "_places", no_memory)
    with caplog.at_level(logging.WARNING):
        tracer = join(Role.SERVER)
        wait_until(finding_path(run, tracer.number).exists, 20, "the finding")
        wait_until(lambda: not looking(), 20, "the end of its thread")
    assert json.loads(finding_path(run, tracer.number).read_text()) == {"gil": False, "reason": gil.FAILED}
    (record,) = caplog.records
    assert record.message == "The GIL of this process cannot be observed: MemoryError: "
    assert ended(tracer)


@pytest.mark.expects_log("The GIL of this process cannot be observed")
def test_without_a_thread_to_look_the_process_goes_on(
    run: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none_left(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none_left)
        tracer = Tracer.join(Role.SERVER, environ={"EXPLORER_RUN": str(run)})
    assert tracer is not None
    assert tracer.track
    assert "can't start new thread" in caplog.text
    assert ended(tracer)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_the_sampler_is_allowed_to_look_before_it_can_know_of_the_process(
    run: Path, join: Callable[[Role], Tracer], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = run / "told"

    def allow(pid: int) -> None:
        known = len(list(run.glob("process-*.json")))
        with told.open("a") as file:
            file.write(f"{pid} {known}\n")

    monkeypatch.setenv(SAMPLER, "77")
    monkeypatch.setattr(gil, "allow", allow)
    join(Role.SERVER)
    child = os.fork()
    if child == 0:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    parent, *children = told.read_text().splitlines()
    assert parent == "77 0"
    # The child when only the parent was known; and those of tracers that earlier tests have left.
    assert set(children) == {"77 1"}


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_forked_where_the_gil_is_refused_counts_late_sleeps(run: Path, join: Callable[[Role], Tracer]) -> None:
    tracer = join(Role.SERVER)
    wait_until(lambda: tracer.finding is not None, 20, "the finding")
    over, end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(end)
        os.read(over, 1)
        tracer.close()
        os._exit(0)
    os.close(over)
    try:
        answer(run, tracer.number, False)
        wait_until(lambda: len(late(run, child)) >= 2, 30, "the child's late sleeps")
    finally:
        os.close(end)
        assert os.waitpid(child, 0)[1] == 0


def join_in_a_child(run: Path) -> tuple[dict[str, object], bool]:
    """What a forked process that joins anew notes about itself, and whether it looks for its GIL."""
    child = os.fork()
    if child == 0:
        status = 9
        try:
            joined = Tracer.join(Role.CONNECTION, environ={"EXPLORER_RUN": str(run)})
            # Not `looking`: a tracer that a test before has left behind joins and looks here as well.
            status = int(joined is not None and joined._outside._thread is not None)
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 1)
    return json.loads((run / f"process-{run_reading.number_of(run, child)}.json").read_text()), bool(status)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_who_only_forks_finds_once_for_all_that_it_forks(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOUND, "{}")
    tracer = Tracer.join(Role.FORK_SERVER, environ={"EXPLORER_RUN": str(run)})
    assert tracer is not None
    tracer.close()
    pass_on(tracer.run, tracer.number)
    number = tracer.number
    del tracer  # with it, a forked child would be one of its
    found = json.loads(finding_path(run, number).read_text())
    assert found["gil"] is True
    note, looks = join_in_a_child(run)
    assert note["gil"] == found
    assert looks  # it waits for the sampler's answer
    answer(run, number, True)
    note, looks = join_in_a_child(run)
    assert note["gil"] == found
    assert not looks


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("told", ["not JSON", '{"pid": 1, "number": 1, "finding": {"gil": true}}'])
def test_what_another_process_has_found_is_not_believed(run: Path, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv(FOUND, told)
    note, looks = join_in_a_child(run)
    assert "gil" not in note
    assert looks
