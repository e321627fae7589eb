"""A server on the loop of a window: it serves as any other does, and its window freezes with it."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from explorer.records.states import Kind, State
from tests.integration.server.conftest import Running, Serve
from tests.observed import Observed

BLOCKED_S = 0.5


@pytest.fixture
def observed(run_folder: Path) -> Iterator[Observed]:
    """Reads everything that the server writes."""
    reader = Observed(run_folder)
    yield reader
    reader.close()


def window(serve: Serve, *settings: str) -> Running:
    """A server on the loop of a window."""
    return serve("model.id=window_loop", *settings)


def frames(observed: Observed) -> list[int]:
    """When frames were painted."""
    return [row.start for row in observed.of(Kind.FRAME) if row.state is State.RUNNING]


@pytest.mark.parametrize("dispatch", ["coroutine", "blocking_coroutine", "thread_pool"])
@pytest.mark.parametrize("parser", ["httptools", "h11"])
@pytest.mark.long
def test_it_answers_on_kept_and_on_new_connections(serve: Serve, dispatch: str, parser: str) -> None:
    running = window(serve, f"dispatch.id={dispatch}", f"server.http={parser}", "workload.seconds=0.001")
    kept = http.client.HTTPConnection(*running.supervisor.address, timeout=20)
    answers = []
    for _ in range(5):
        kept.request("GET", "/job")
        response = kept.getresponse()
        answers.append((response.status, response.read().decode()))
        answers.append(running.get())
    kept.close()

    assert answers == [(200, '{"answer":"done"}')] * 10
    assert running.pid_of_server() == running.child.pid


def test_a_wait_ends_when_it_should(serve: Serve) -> None:
    """What a sleep of 0.05 s takes is not less, however coarse Qt's timers are."""
    running = window(serve, "dispatch.id=coroutine", "workload.seconds=0.05")
    for _ in range(5):
        began = time.perf_counter()
        assert running.get()[0] == 200
        assert time.perf_counter() - began >= 0.05


def test_a_blocking_handler_freezes_the_hand(serve: Serve, observed: Observed, wait_until: Callable[..., None]) -> None:
    running = window(serve, "dispatch.id=blocking_coroutine", f"workload.seconds={BLOCKED_S}")
    wait_until(lambda: len(frames(observed)) > 5, 20, "the hand to move")
    assert running.get()[0] == 200
    painted = len(frames(observed))
    wait_until(lambda: len(frames(observed)) > painted + 3, 20, "the hand to move again")

    (block,) = [row for row in observed.of(Kind.CALL) if row.name == "time.sleep"]
    (job,) = [row for row in observed.of(Kind.STEP) if row.start <= block.start and row.end >= block.end]
    assert job.request == block.request != 0
    assert not [at for at in frames(observed) if job.start < at < job.end]
    before, after = next(pair for pair in pairwise(frames(observed)) if pair[0] < block.start < pair[1])
    assert after - before >= BLOCKED_S * 1e9
    # What the viewer waits for is the whole of it, less than the frame that was not yet due.
    (still,) = [row for row in observed.of(Kind.FRAME) if row.state is State.QUEUED and row.end > block.end > row.start]
    assert still.duration > BLOCKED_S * 1e9 / 2
    late = next(row for row in observed.of(Kind.TIMER) if row.name == "hand ticks" and row.start >= block.end)
    assert late.value * 256 >= still.duration - 256


def test_the_freeze_is_open_on_the_lanes_while_it_lasts(
    serve: Serve, observed: Observed, wait_until: Callable[..., None]
) -> None:
    running = window(serve, "dispatch.id=blocking_coroutine", "workload.seconds=30")
    stuck = threading.Thread(target=running.get_quietly, daemon=True)
    stuck.start()

    def open_now() -> set[str]:
        return {name for name, _ in observed.open_spans()}

    wait_until(lambda: {"time.sleep", "waits for the loop"} <= open_now(), 20, "the freeze")
    waits = [slot for name, slot in observed.open_spans() if name == "waits for the loop"]
    assert [slot.state for slot in waits] == [State.QUEUED]
    running.child.stop(1.0)
    assert running.child.wait(20) == 0
    running.supervisor.close()
    stuck.join(20)


def test_callbacks_sockets_and_idleness_are_seen(
    serve: Serve, observed: Observed, wait_until: Callable[..., None]
) -> None:
    running = window(serve, "dispatch.id=thread_pool", "workload.seconds=0.001")
    assert running.get()[0] == 200
    wait_until(lambda: observed.of(Kind.JOB), 20, "the job")

    kinds = {row.kind for row in observed.poll() if row.track == "loop event loop"}
    assert {Kind.STEP, Kind.CALLBACK, Kind.IO, Kind.TIMER, Kind.HANDOVER, Kind.SELECT} <= kinds


def test_worker_threads_stay_for_the_next_request(
    serve: Serve, observed: Observed, wait_until: Callable[..., None]
) -> None:
    running = window(serve, "dispatch.id=thread_pool", "workload.seconds=0.001")
    for _ in range(5):
        assert running.get()[0] == 200
    wait_until(lambda: len(observed.of(Kind.JOB)) == 5, 20, "all jobs")

    tracks = observed.declared(next(iter(observed.readers)))[1]
    threads = [text for text in tracks.values() if text.startswith("thread AnyIO")]
    assert len(threads) == 1


def test_a_knob_changes_while_it_serves(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = window(serve, "dispatch.id=thread_pool", "workload.seconds=0.001")

    running.child.send("set", knob="dispatch.tokens", value=3)

    wait_until(lambda: running.of("applied"), 20, "the answer")
    assert running.of("applied")[0]["pids"] == [running.child.pid]


def test_sigterm_ends_it_as_any_server(serve: Serve) -> None:
    running = window(serve, "workload.seconds=0.001")

    os.kill(running.child.pid, signal.SIGTERM)

    assert running.child.wait(20) == -signal.SIGTERM


def test_an_app_that_cannot_start_says_so(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`SystemExit`, with which uvicorn gives up, must come through Qt."""
    (tmp_path / "sitecustomize.py").write_text("import concurrent.futures.process as p\np.ProcessPoolExecutor = None\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    running = serve("model.id=window_loop", "dispatch.id=process_pool", ready=False)

    assert running.child.wait(40) == 1
    (error,) = running.of("error")
    assert "The server could not start (" in error["sentence"]
    assert error["where"] == "dispatch"


def test_its_end_follows_that_of_its_parent(run_folder: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from explorer.catalog import Catalog\n"
        "from explorer.records.states import Role; from explorer.scenario import assign, default\n"
        "from explorer.supervise.supervisor import Supervisor\n"
        "catalog, run = Catalog(), Path(sys.argv[1])\n"
        "scenario = assign(catalog, default(catalog), ('model.id=window_loop',))\n"
        "supervisor = Supervisor(run)\n"
        "supervisor.listen('127.0.0.1', 0)\n"
        "child = supervisor.spawn('explorer.server.process', role=Role.SERVER)\n"
        "child.configure(scenario=scenario.to_dict(), run=str(run), epoch=1, listener=supervisor.listener_for(child))\n"
        "child.wait_for('ready', 40)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(run_folder)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(json.loads(parent.stdout.readline())))
        parent.kill()
        child.wait(10)
