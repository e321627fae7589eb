"""What `run --json` says of thread states and the GIL, against workloads whose answer is known."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from explorer.analysis.statistics import RunStatistics
from explorer.recording.file_source import FileSource
from tests.end2end.command import explorer, run_json
from tests.end2end.shape import faults

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="threads are looked at on Linux only"),
    pytest.mark.skipif(
        not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="this Python has no GIL to compete for"
    ),
]
POOL = ("--model", "event_loop", "--dispatch", "thread_pool")
SETPRIV = shutil.which("setpriv")


def workers(figures: dict[str, Any], least_spans: int = 1) -> list[dict[str, float]]:
    """The states of the server's pool threads that did something."""
    (server,) = [process for process in figures["processes"] if process["role"] == "server"]
    return [
        thread["states"]
        for thread in server["threads"]
        if thread["name"] == "AnyIO worker thread" and thread["spans"] >= least_spans
    ]


def mean(states: list[dict[str, float]], *names: str) -> float:
    return sum(state[name] for state in states for name in names) / len(states)


@pytest.mark.long
def test_python_code_on_four_threads_waits_for_the_gil_most_of_the_time() -> None:
    figures = run_json(
        *POOL, "--workload", "cpu_python", "--set", "dispatch.tokens=4", "--set", "workload.seconds=0.2",
        "--users", "8", "--duration", "9",
    )  # fmt: skip
    assert faults(figures) == []
    states = workers(figures)
    assert len(states) == 4
    # A waiter that wakes up to ask for the GIL, or its holder, may have to wait for a processor: that is the machine's.
    assert mean(states, "waiting_gil") / (1 - mean(states, "runnable")) > 0.6
    assert mean(states, "waiting_gil", "running", "runnable", "idle") == pytest.approx(1, abs=0.05)
    gil = figures["gil"]
    assert (gil["available"], gil["reason"]) == (True, None)
    # Nobody holds it only while the one whose turn it is waits for a processor.
    assert 0.9 - mean(states, "runnable") < sum(gil["holders"].values()) < 1.1
    assert sum(gil["holders"].values()) == pytest.approx(gil["held_fraction"], abs=0.001)
    assert gil["holders"]["AnyIO worker thread"] > 0.8
    assert gil["waiting_threads"] > 2
    assert 0.9 - mean(states, "runnable") < gil["waiting_fraction"] <= 1.01
    assert figures["sampling"]["period_ms"] > 0
    assert figures["sampling"]["gil_period_ms"] > 0


@pytest.mark.long
def test_native_code_does_not_wait_for_the_gil_and_the_recording_says_so_too(tmp_path: Path) -> None:
    path = tmp_path / "run.cxrec"
    figures = run_json(
        *POOL, "--workload", "cpu_native", "--set", "dispatch.tokens=4", "--users", "4", "--duration", "4",
        "--record", path,
    )  # fmt: skip
    assert mean(workers(figures), "waiting_gil") < 0.1
    assert figures["gil"]["held_fraction"] < 0.5
    statistics, source = RunStatistics(), FileSource(path)
    while not source.finished:
        statistics.feed(source.poll())
    reopened = statistics.figures(figures["scenario"])
    assert reopened["gil"] == figures["gil"]
    assert reopened["processes"] == figures["processes"]
    assert reopened["sampling"] == figures["sampling"]


@pytest.mark.long
def test_a_lock_is_called_a_lock() -> None:
    figures = run_json(
        *POOL, "--workload", "shared_counter", "--set", "workload.lock=true", "--users", "8", "--duration", "4"
    )
    states = workers(figures, 10)
    assert mean(states, "waiting_lock") > 0.5
    assert mean(states, "waiting_gil") < 0.2


@pytest.mark.long
def test_a_sleep_is_blocked_and_idle_workers_are_idle() -> None:
    figures = run_json(
        *POOL, "--workload", "sleep", "--set", "workload.seconds=0.5", "--set", "dispatch.tokens=40",
        "--users", "40", "--duration", "4",
    )  # fmt: skip
    states = workers(figures)
    assert len(states) == 40
    assert mean(states, "blocked") > 0.85
    assert mean(states, "waiting_gil", "waiting_lock", "unknown") < 0.05
    # The same forty threads with almost nothing to do.
    figures = run_json(
        *POOL, "--workload", "sleep", "--set", "workload.seconds=0.001", "--set", "dispatch.tokens=40",
        "--set", "load.mode=rate", "--set", "load.rate=20", "--duration", "3",
    )  # fmt: skip
    states = workers(figures, 0)
    assert mean(states, "idle") > 0.9
    assert mean(states, "waiting_lock") == 0


def test_switched_off_nothing_is_looked_at() -> None:
    figures = run_json(*POOL, "--workload", "sleep", "--set", "server.sampling=0", "--users", "2", "--duration", "2")
    assert figures["sampling"]["period_ms"] is None
    assert figures["gil"]["available"] is False
    assert workers(figures)
    assert not any(workers(figures))


def test_a_server_that_may_not_be_looked_into_has_portable_figures(tmp_path: Path) -> None:
    if os.geteuid() == 0 and SETPRIV is None:
        pytest.skip("root may look into everything, and setpriv is not installed")
    (tmp_path / "sitecustomize.py").write_text("import ctypes\nctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n")
    closed = tmp_path / "closed"
    closed.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}${{PYTHONPATH:+:$PYTHONPATH}}" exec "{sys.executable}" "$@"\n')
    closed.chmod(0o700)
    ended = explorer(
        "run", *POOL, "--workload", "cpu_python", "--users", "4", "--duration", "6", "--json", "-",
        "--set", f"server.interpreter={closed}",
        powerless=os.geteuid() == 0,
    )  # fmt: skip
    assert ended.status == 0, ended.err
    assert "Not seen: thread states and the GIL's holder" in ended.err
    assert ended.err.count("Not seen") == 1
    figures = ended.figures
    assert faults(figures) == []
    gil = figures["gil"]
    assert not gil["available"]
    assert "does not let the sampler look" in gil["reason"]
    assert gil["overshoot_ms"] > 0
    (server,) = [process for process in figures["processes"] if process["role"] == "server"]
    assert all(thread["states"] is None for thread in server["threads"])
    assert max(thread["cpu_fraction"] or 0 for thread in server["threads"]) > 0.05
