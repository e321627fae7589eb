"""`run --json` over models, dispatches and workloads: the schema, figures that fit together, nothing left behind.

Every feature is there once, in pairs that differ; that each dispatch runs each workload under each model is shown
without the command line in `tests/integration/session/test_combinations.py`.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.end2end.command import explorer, run_folders, run_folders_since, run_json
from tests.end2end.shape import faults, incoherent

DURATION = ("--duration", "2")
RUNS: dict[str, tuple[str, ...]] = {
    "threads": (
        "--dispatch", "thread_pool", "--set", "dispatch.tokens=4",
        "--workload", "sleep", "--set", "workload.seconds=0.02", "--users", "12",
    ),
    "processes": (
        "--model", "prefork", "--dispatch", "process_pool",
        "--workload", "cpu_python", "--set", "workload.seconds=0.004", "--users", "4",
    ),
    "blocking": (
        "--dispatch", "blocking_coroutine", "--workload", "mixed", "--set", "workload.seconds=0.002",
        "--set", "workload.wait=0.01", "--users", "5",
    ),
    "files": ("--model", "prefork", "--dispatch", "thread_pool", "--workload", "file_io", "--users", "4"),
    "native": (
        "--dispatch", "process_pool", "--workload", "cpu_native", "--set", "workload.seconds=0.005", "--users", "3",
        "--set", "server.http=h11",
    ),
    "uvloop": (
        "--dispatch", "coroutine", "--workload", "sleep", "--set", "workload.seconds=0.02", "--users", "10",
        "--set", "server.loop=uvloop",
    ),
}  # fmt: skip
ROLES = {
    "threads": ["server"],
    "processes": ["pool", "pool", "pool", "pool", "server", "worker", "worker"],
    "blocking": ["server"],
    "files": ["server", "worker", "worker"],
    "native": ["pool", "pool", "server"],
    "uvloop": ["server"],
}
Run = tuple[str, dict[str, Any]]


QUICK = ("threads", "processes", "files")


@pytest.fixture(
    scope="module", params=[name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in RUNS]
)
def run(request: pytest.FixtureRequest) -> Run:
    """One of the runs and its JSON."""
    name = str(request.param)
    before = run_folders()
    figures = run_json(*RUNS[name], *DURATION)
    assert not run_folders_since(before)
    return name, figures


def test_the_json_is_schema_1(run: Run) -> None:
    _, figures = run
    assert faults(figures) == []
    assert figures["schema"] == 1


def test_the_figures_fit_together(run: Run) -> None:
    name, figures = run
    assert incoherent(figures) == []
    assert figures["valid"], figures["invalid_reason"]
    requests = figures["requests"]
    assert requests["ok"] > 0
    assert (requests["failed"], requests["timed_out"]) == (0, 0)
    assert figures["requests_total"]["ok"] == figures["requests_total"]["sent"]
    seconds = figures["window"]["end_s"] - figures["window"]["start_s"]
    assert figures["throughput_rps"] == pytest.approx(requests["ok"] / seconds, rel=0.01)
    assert figures["window"]["start_s"] >= 0.9
    assert figures["telemetry"]["lost"] == 0, name


def test_every_process_is_there_with_its_figures(run: Run) -> None:
    name, figures = run
    roles = sorted(process["role"] for process in figures["processes"])
    assert roles == sorted([*ROLES[name], "load", "sampler", "window"])
    for process in figures["processes"]:
        assert process["rss_mb_max"] > 5, process
        assert process["cpu_s"] >= 0, process
    serving = "worker" if "worker" in roles else "server"
    loops = {process["pid"] for process in figures["processes"] if process["role"] == serving}
    assert {loop["pid"] for loop in figures["event_loops"]} == loops
    assert all(0 < loop["busy_fraction"] <= 1 for loop in figures["event_loops"])
    assert figures["versions"]["fastapi"]
    assert figures["scenario"]["load"]["duration"] == 2


def test_the_figures_are_those_of_the_workload(run: Run) -> None:
    name, figures = run
    latency, loops = figures["latency_ms"], figures["event_loops"]
    if name == "threads":
        assert figures["thread_pool"]["tokens"] == 4
        assert figures["thread_pool"]["peak"] == 4
        # Four tokens, 20 ms each: 200 a second and no more, and most of a request's time is waiting for a token.
        assert 20 < figures["throughput_rps"] <= 205
        assert latency["p50"] > 40
        assert figures["thread_pool"]["wait_p99_ms"] > 20
    elif name == "blocking":
        # One request at a time, on the loop itself.
        assert figures["throughput_rps"] <= 1000 / 12
        assert max(loop["longest_callback_ms"] for loop in loops) >= 10
        assert latency["p50"] > 2 * 12
    elif name == "uvloop":
        assert [loop["iterations"] for loop in loops] == [None]
        assert latency["p50"] >= 20
    elif name == "native":
        assert latency["p50"] >= 4
    if name != "uvloop":
        assert all(loop["iterations"] > 0 for loop in loops)


def test_the_events_are_those_that_the_requests_cause(run: Run) -> None:
    name, figures = run
    events, seconds = figures["events"], figures["window"]["end_s"] - figures["window"]["start_s"]
    answered = figures["requests"]["ok"]
    # What ended within a tenth of a second of the window's edges may be on the other side of them.
    edge = 2 * 0.1 * answered / seconds + 12
    assert events["http"] == pytest.approx(answered, abs=edge)
    assert (events["websocket"], events["sse"], events["database"]) == (0, 0, 0)
    if name == "uvloop":
        assert (events["timer"], events["thread"], events["signal"]) == (None, None, None)
        return
    assert events["timer"] >= 3 * seconds, "uvicorn's own: ten times a second, less often on a blocked loop"
    if name in ("threads", "files"):
        assert events["thread"] == pytest.approx(answered, abs=edge), "each result is handed to the loop, once"
    elif name in ("processes", "native"):
        assert events["thread"] >= answered - edge
    else:
        assert events["thread"] <= 2


@pytest.mark.long
def test_one_run_after_the_other_under_two_pythons(tmp_path: Path) -> None:
    ended = explorer(
        "run", "--users", "2", "--duration", "1.5", "--set", "workload.seconds=0.02",
        "--interpreter", sys.executable, "--interpreter", "", "--json", tmp_path / "both.json",
    )  # fmt: skip

    assert ended.status == 0, ended
    assert ended.err.count("Serving at") == 2
    head, first, second = ended.out.splitlines()
    assert head.startswith("interpreter")
    version = ".".join(map(str, sys.version_info[:3]))
    assert first.startswith(f"cpython {version}")
    assert "x the first" in second
    runs = json.loads((tmp_path / "both.json").read_text())["runs"]
    assert [run["scenario"]["server"]["interpreter"] for run in runs] == [sys.executable, ""]
    assert all(faults(run) == [] for run in runs)
