"""What can be worked out beforehand is what is measured: runs of 30 s, each against the prediction of a textbook."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from tests.full.outcome import ROOT, Failed, last_line

DURATION = "30"
Figures = dict[str, Any]
Check = tuple[str, Callable[[Figures], float], float, float]
"""What is compared, how it is found in the figures, its prediction, and by which share it may be off."""


def throughput(figures: Figures) -> float:
    """Requests a second."""
    return float(figures["throughput_rps"])


def mean_latency(figures: Figures) -> float:
    """Milliseconds."""
    return float(figures["latency_ms"]["mean"])


def longest_callback(figures: Figures) -> float:
    """Milliseconds of the loop's longest callback."""
    return float(max(loop["longest_callback_ms"] for loop in figures["event_loops"]))


SLEEP = ("--workload", "sleep", "--set", "workload.seconds=0.2")
RUNS: dict[str, tuple[tuple[str, ...], tuple[Check, ...]]] = {
    "thread_pool": (
        ("--dispatch", "thread_pool", "--set", "dispatch.tokens=40", "--users", "100"),
        (("requests/s", throughput, 200, 0.10), ("ms", mean_latency, 500, 0.10)),
    ),
    "coroutine": (("--dispatch", "coroutine", "--users", "100"), (("requests/s", throughput, 500, 0.10),)),
    "blocking_coroutine": (
        ("--dispatch", "blocking_coroutine", "--users", "10"),
        (("requests/s", throughput, 5, 0.05), ("ms longest callback", longest_callback, 200, 0.10)),
    ),
}


def run() -> str:
    """Run them one after the other; what was measured."""
    said, wrong = [], []
    for name, (words, checks) in RUNS.items():
        figures = _figures(*words, *SLEEP)
        measured = []
        for unit, find, expected, share in checks:
            value = find(figures)
            measured.append(f"{value:.4g} {unit}")
            if abs(value - expected) > share * expected:
                wrong.append(f"{name}: {value:.4g} {unit}, expected {expected} ± {share:.0%}")
        told = figures["prediction"]
        if told is None or abs(told["throughput_rps"] - checks[0][2]) > 0.01 * checks[0][2]:
            wrong.append(f"{name}: the run itself predicted {told and told['throughput_rps']}")
        books = figures["telemetry"]
        if books["lost"] or books["read"] != books["written"] or not figures["valid"]:
            wrong.append(f"{name}: {books}, {figures['invalid_reason']}")
        said.append(f"{name} {', '.join(measured)}")
    if wrong:
        raise Failed("\n".join(wrong))
    return "; ".join(said)


def _figures(*words: str) -> Figures:
    command = [sys.executable, "-m", "explorer", "run", *words, "--duration", DURATION, "--predict", "--json", "-"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise Failed(f"run {' '.join(words)}: {last_line(answer.stderr)}")
    figures: Figures = json.loads(answer.stdout)
    return figures
