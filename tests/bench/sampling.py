"""What looking from outside takes: the sampler's share of a core, and how often it looks, by number of threads.

A program has so many threads, four of which compute in Python and compete for the GIL; the others wait. The sampler is
the real one, in a process of its own, and its processor time is read from outside as well. How much the program itself
is slowed down is measured by what its four threads get done, with the sampler and without it, in alternating rounds.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import psutil

from explorer.collect.ring_source import RunSource
from explorer.collect.source import Batch, Track
from explorer.records.states import Role
from explorer.supervise.spawn import spawn
from tests import run_reading

THREADS: Final = (8, 64, 500)
SETTLE_S: Final = 3.0
SECONDS: Final = 8.0
ROUNDS: Final = 4
SPINNERS: Final = 4

Figures = dict[str, dict[str, float]]


def run() -> Figures:
    """Look at programs of `THREADS` threads."""
    return {str(count): _one(count) for count in THREADS}


def table(figures: Figures) -> str:
    """The figures as a table."""
    lines = [f"{'threads':>8}{'of a core':>12}{'states every':>15}{'GIL every':>12}{'turns with / without it':>26}"]
    for count, one in figures.items():
        lines.append(
            f"{count:>8}{100 * one['core']:>10.1f} %{one['period_ms']:>12.1f} ms{one['gil_period_ms']:>9.2f} ms"
            f"{one['turns_ratio']:>26.3f}"
        )
    return "\n".join(lines)


def _one(count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        run = run_reading.make_run(Path(folder))
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.sampling", str(count)],
            env={**os.environ, "EXPLORER_RUN": str(run)},
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            return _look(run, program)
        finally:
            program.kill()
            program.communicate()


def _look(run: Path, program: "subprocess.Popen[str]") -> dict[str, float]:
    _turns(program)
    child = spawn("explorer.sampler.process", role=Role.SAMPLER, run=run)
    source = RunSource(run)
    try:
        child.configure(run=str(run))
        child.wait_for("ready", 20)
        time.sleep(SETTLE_S)
        sampler = psutil.Process(child.pid)
        tracks = {track.number: track for track in source.poll().tracks}
        busy, began = sum(sampler.cpu_times()[:2]), time.perf_counter()
        time.sleep(SECONDS)
        core = (sum(sampler.cpu_times()[:2]) - busy) / (time.perf_counter() - began)
        batch = source.poll()
        tracks |= {track.number: track for track in batch.tracks}
        figures = {"core": round(core, 4)} | _periods(batch, tracks)
        with_it: list[float] = []
        without: list[float] = []
        for _ in range(ROUNDS):
            for found, most in ((with_it, 5), (without, 0)):
                child.send("set", knob="server.sampling", value=most)
                time.sleep(1.0)
                found.append(_rate(program))
        figures["turns_ratio"] = round(statistics.median(with_it) / statistics.median(without), 4)
        return figures
    finally:
        source.close()
        child.stop()
        child.wait(10)


def _periods(batch: Batch, tracks: dict[int, Track]) -> dict[str, float]:
    found: dict[str, list[float]] = {"sampling_period": [], "gil_period": []}
    for sample in batch.samples:
        track = tracks.get(int(sample["track"]))
        if track is not None and track.name in found:
            found[track.name].append(float(sample["value"]))
    return {
        "period_ms": round(statistics.mean(found["sampling_period"]), 2),
        "gil_period_ms": round(statistics.mean(found["gil_period"]), 3),
    }


def _turns(program: "subprocess.Popen[str]") -> int:
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write("\n")
    program.stdin.flush()
    return int(json.loads(program.stdout.readline()))


def _rate(program: "subprocess.Popen[str]") -> float:
    """Turns of the program per second of its own processor time: what others take of the machine does not count."""
    process = psutil.Process(program.pid)
    turns, busy = _turns(program), sum(process.cpu_times()[:2])
    time.sleep(2.0)
    return (_turns(program) - turns) / (sum(process.cpu_times()[:2]) - busy)


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def main(count: int) -> None:
    """The program: `count` threads; tells how many turns its spinners have made when asked."""
    import threading

    from explorer.probe.tracer import Tracer

    tracer = Tracer.join(Role.SERVER, "program")
    assert tracer is not None
    turns = [0] * SPINNERS

    def spin(place: int) -> None:
        tracer.thread_ring()
        while True:
            sum(range(1000))
            turns[place] += 1

    def wait() -> None:
        tracer.thread_ring()
        threading.Event().wait()

    for place in range(SPINNERS):
        threading.Thread(target=spin, args=(place,), daemon=True).start()
    for _ in range(count - SPINNERS):
        threading.Thread(target=wait, daemon=True).start()
    for _ in sys.stdin:
        print(json.dumps(sum(turns)), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
