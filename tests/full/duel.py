"""A duel finds what is there and nothing else: a blocked loop against a thread pool, and a scenario against itself."""

import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from tests.full.outcome import ROOT, Failed, last_line

LIMIT_S = 900
PATIENCE_S = 30
SLEEP = '[workload]\nid = "sleep"\nseconds = {seconds}\n[load]\nusers = {users}\n'
REPEAT = "5"
LEAST, MOST = 9.0, 10.5
"""Ten users behind one another, or side by side: so many times as many answers, which the interval must reach."""
QUIET_SHARE = 0.9
"""Of twenty duels of equal scenarios one finds a clear difference by chance, then perhaps in figures that hang
together: it must be in few, and none that a verdict speaks of.
"""


def run() -> str:
    """Both duels; what they said."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        blocking = _scenario(folder / "blocking.toml", "blocking_coroutine", 0.2, 10)
        threads = _scenario(folder / "threads.toml", "thread_pool", 0.2, 10)
        told = _duel(blocking, threads, "20")
        throughput = next(each for each in told["differences"] if each["figure"] == "throughput_rps")
        wrong = []
        low, high = throughput["interval"]
        if not (throughput["clear"] and low <= MOST and high >= LEAST):
            wrong.append(f"throughput {throughput}")
        if told["cause_figure"] != "wait_loop_ms" or "for the loop" not in told["cause"]:
            wrong.append(f"cause {told['cause']}")
        if told["notes"]:
            wrong.append(f"notes {told['notes']}")
        wrong += _interrupted(blocking, threads)
        again = _duel(threads, threads, "6")
        clear = [each["figure"] for each in again["differences"] if each["clear"]]
        share = 1 - len(clear) / len(again["differences"])
        if share < QUIET_SHARE or again["verdict"] != "No clear difference.":
            wrong.append(f"against itself: {again['verdict']} Clear in {clear} of {len(again['differences'])}")
    if wrong:
        raise Failed("; ".join(wrong))
    return (
        f"{told['verdict']} ({low:.2f} to {high:.2f}) {told['cause']} Against itself: {share:.0%} of "
        f"{len(again['differences'])} figures show no clear difference."
    )


def _scenario(path: Path, dispatch: str, seconds: float, users: int) -> Path:
    path.write_text(f'dispatch = "{dispatch}"\n{SLEEP.format(seconds=seconds, users=users)}')
    return path


def _interrupted(a: Path, b: Path) -> list[str]:
    """What is wrong with a duel that Ctrl-C ends in its first run."""
    words = [sys.executable, "-m", "explorer", "duel", str(a), str(b), "--repeat", "2"]
    duel = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        seen: list[psutil.Process] = []
        deadline = time.monotonic() + PATIENCE_S
        while not any(one.cmdline()[-1:] == ["explorer.load.process"] for one in seen):
            if time.monotonic() > deadline:
                return ["no run to interrupt"]
            time.sleep(0.1)
            seen = psutil.Process(duel.pid).children(recursive=True)
        duel.send_signal(signal.SIGINT)
        _, said = duel.communicate(timeout=PATIENCE_S)
    finally:
        duel.kill()
    left = [one.pid for one in seen if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    wrong = [f"left running after Ctrl-C: {left}"] if left else []
    if duel.returncode != 2 or "nothing to compare" not in said or "Traceback" in said:
        wrong.append(f"after Ctrl-C {duel.returncode}: {last_line(said)}")
    return wrong


def _duel(a: Path, b: Path, duration: str) -> dict[str, Any]:
    words = ["duel", str(a), str(b), "--repeat", REPEAT, "--duration", duration, "--json", "-"]
    done = subprocess.run(
        [sys.executable, "-m", "explorer", *words], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S
    )
    if done.returncode:
        raise Failed(f"duel ended with {done.returncode}: {last_line(done.stderr)}")
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found
