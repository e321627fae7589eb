"""Several workers on one socket."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from explorer.option_error import OptionError
from tests.integration.server.conftest import START_LIMIT_S, Serve


def test_ready_and_applied_name_every_worker(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve("model.id=prefork", "model.workers=3", "workload.seconds=0.001")
    pids = running.of("ready")[0]["pids"]
    assert len(set(pids)) == 3
    assert running.pid_of_server() in pids

    running.child.send("set", knob="dispatch.tokens", value=8)
    wait_until(lambda: running.of("applied"))

    assert running.of("applied")[0]["pids"] == pids


def test_a_pool_process_of_a_worker_is_reported_as_what_it_is(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve("model.id=prefork", "dispatch.id=process_pool", "dispatch.processes=1", "workload.seconds=0.001")
    worker = psutil.Process(running.of("ready")[0]["pids"][0])
    (victim,) = [child for child in worker.children() if "spawn_main" in " ".join(child.cmdline())]

    victim.kill()

    wait_until(lambda: running.of("died"), 20)
    died = running.of("died")[0]
    assert (died["pid"], died["role"], died["signal"]) == (victim.pid, "pool", 9)


def test_a_killed_worker_is_reported_and_replaced(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve("model.id=prefork", "workload.seconds=0.001")
    victim, survivor = running.of("ready")[0]["pids"]
    running.child.send("set", knob="dispatch.tokens", value=8)
    wait_until(lambda: running.of("applied"))

    os.kill(victim, signal.SIGKILL)

    wait_until(lambda: running.of("died"), 20)
    died = running.of("died")[0]
    assert (died["pid"], died["role"], died["signal"]) == (victim, "worker", 9)
    wait_until(lambda: running.of("replaced"), 20)
    assert running.get()[0] == 200
    running.child.send("set", knob="dispatch.tokens", value=9)
    wait_until(lambda: len(running.of("applied")) == 2)
    assert running.of("applied")[1]["pids"] == sorted([survivor, running.of("replaced")[0]["pid"]])


IN_WORKERS = (
    "import os, sys\nif '--multiprocessing-fork' in sys.orig_argv and 'spawn_main' in ' '.join(sys.orig_argv):\n"
)


@pytest.mark.parametrize(
    ("what_breaks", "words"),
    [
        ("    os._exit(9)", r"Worker \d+ ended with exit status 9 before it could serve"),
        (
            "    import tempfile\n    tempfile.mkdtemp = None",
            r"A worker cannot start \(TypeError: 'NoneType' object is not callable\); the server's log says more\.",
        ),
    ],
)
def test_a_worker_that_cannot_start_ends_the_server_with_a_sentence(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what_breaks: str, words: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(IN_WORKERS + what_breaks)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    running = serve("model.id=prefork", "workload.id=file_io", ready=False)

    with pytest.raises(OptionError, match=words):
        running.child.wait_for("ready", START_LIMIT_S)

    assert running.child.wait(20) == 1
    assert len(running.of("error")) == 1
    assert running.of("died") == []
