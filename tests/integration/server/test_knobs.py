"""Knobs of the server itself, seen from outside."""

import http.client
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.option_error import OptionError
from explorer.supervise.listener import bind
from tests import leaks
from tests.integration.server.conftest import Serve


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux binds processes to cores")
def test_the_affinity_holds_for_server_and_workers(serve: Serve) -> None:
    core = min(os.sched_getaffinity(0))
    running = serve("model.id=prefork", f"server.affinity={core}", "workload.seconds=0.001")

    for pid in [running.child.pid, *running.of("ready")[0]["pids"]]:
        assert os.sched_getaffinity(pid) == {core}


def test_too_few_cores_to_keep_apart_is_said_and_the_server_starts(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.supervise.cores.FEWEST_TO_KEEP_APART", 1_000_000)
    running = serve("server.isolate=true", "workload.seconds=0.001")

    assert "cannot be kept apart" in running.of("warning")[0]["sentence"]
    assert running.get()[0] == 200


def test_beyond_the_connection_limit_the_server_refuses(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve("dispatch.id=coroutine", "workload.seconds=30", "server.limit_concurrency=2")
    asking = threading.Thread(target=running.get_quietly, daemon=True)
    asking.start()
    wait_until(lambda: running.connections() == 1)

    assert running.get()[0] == 503

    running.child.stop(0.3)
    asking.join(20)


def test_an_idle_connection_is_closed_after_keep_alive(serve: Serve) -> None:
    running = serve("server.keep_alive=0.1", "workload.seconds=0.001")
    connection = http.client.HTTPConnection(*running.supervisor.address, timeout=20)
    connection.request("GET", "/job")
    connection.getresponse().read()

    assert connection.sock.recv(1) == b""
    connection.close()


def test_a_port_in_use_stops_everything_before_it_starts(serve: Serve) -> None:
    before = leaks.processes()
    taken = bind("127.0.0.1", 0)
    try:
        with pytest.raises(OptionError, match=f"Port {taken.port} is in use") as caught:
            serve(f"server.port={taken.port}")
        assert caught.value.where == "server.port"
    finally:
        taken.close()
    assert leaks.processes() == before


def test_another_interpreter_serves_with_the_framework_alone(serve: Serve, tmp_path: Path) -> None:
    # A Python of its own that has the framework but neither Qt, NumPy nor psutil: their import fails.
    python = tmp_path / "python"
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    for name in ("numpy", "PySide6", "psutil", "tomli_w", "nanoarrow", "qasync", "pyqtgraph"):
        (hidden / f"{name}.py").write_text("raise ImportError('not in this interpreter')\n")
    python.write_text(f'#!/bin/sh\nPYTHONPATH={hidden}:"$PYTHONPATH" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)

    running = serve(f"server.interpreter={python}", "dispatch.id=process_pool", "workload.seconds=0.001")

    assert running.get()[0] == 200
    assert running.of("error") == []


def test_a_print_in_a_handler_goes_to_the_log(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import time\nreal = time.sleep\n"
        'def sleep(seconds):\n    print(\'{"type":"error","sentence":"from a handler"}\')\n    real(seconds)\n'
        "time.sleep = sleep\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    running = serve("workload.seconds=0.001")

    assert running.get()[0] == 200

    assert running.child.log is not None
    assert "from a handler" in running.child.log.read_text()
    assert running.of("error") == []
