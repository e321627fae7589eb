"""The sampler and strace look at the same threads at the same time: do they see the same?"""

import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from explorer.records.states import State
from tests import run_reading
from tests.integration.sampler.stage import performed
from tests.waiting import wait_until

STRACE = shutil.which("strace")
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="threads are looked at on Linux only"),
    pytest.mark.skipif(STRACE is None, reason="strace is not installed"),
]
SLEPT = re.compile(r"^(\d+) +(\d+\.\d+) clock_nanosleep\(.*<(\d+\.\d+)>$")
RESUMED = re.compile(r"^(\d+) +(\d+\.\d+) <... clock_nanosleep resumed>.*<(\d+\.\d+)>$")
GRID_NS = 1_000_000


def sleeps(log: Path, tid: int) -> list[tuple[int, int]]:
    """When thread `tid` slept according to strace: begins and ends, ns of the clock of all records."""
    offset = time.time_ns() - time.perf_counter_ns()
    found = []
    for line in log.read_text().splitlines():
        whole, resumed = SLEPT.match(line), RESUMED.match(line)
        match = whole or resumed
        if match is None or int(match[1]) != tid:
            continue
        at, took = round(float(match[2]) * 1e9) - offset, round(float(match[3]) * 1e9)
        found.append((at, at + took) if whole else (at - took, at))
    return found


def test_what_strace_calls_a_sleep_is_blocked(run_folder: Path) -> None:
    run = run_reading.make_run(run_folder)
    log = run / "strace.txt"
    with performed(run, "naps") as stage:
        tid = stage.tid("naps")
        assert STRACE is not None
        witness = subprocess.Popen(
            [STRACE, "-f", "-ttt", "-T", "-e", "trace=clock_nanosleep", "-o", str(log), "-p", str(stage.pid)],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            wait_until(lambda: log.exists() and len(sleeps(log, tid)) >= 20, 30, "twenty sleeps")
        finally:
            witness.send_signal(signal.SIGINT)
            _, said = witness.communicate(timeout=10)
        if "Operation not permitted" in said:
            pytest.skip("strace may not look at another process here")
        stage.end()
        spans = stage.states(tid)
        slept = sleeps(log, tid)
    # The first sleep and the last may be cut by the witness: between them all is known.
    grid = np.arange(slept[1][0], slept[-1][0], GRID_NS)
    witnessed = np.zeros(len(grid), bool)
    for begin, end in slept:
        witnessed |= (grid >= begin) & (grid < end)
    seen = np.zeros(len(grid), bool)
    for span in spans[spans["state"] == State.BLOCKED]:
        seen |= (grid >= span["start"]) & (grid < span["end"])
    assert 0.2 < witnessed.mean() < 0.8
    # Phases of 50 ms are seen at looks some 10 ms apart: what was begun in between is told late.
    assert (witnessed == seen).mean() > 0.75
    assert seen.mean() == pytest.approx(witnessed.mean(), abs=0.1)
