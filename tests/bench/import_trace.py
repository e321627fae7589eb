"""Benchmark `import_trace`: how long a Chrome JSON trace takes to open, and the memory that takes; `--events N`.

The trace is as viztracer writes them: spans of eight threads, four deep, with names of functions and lines. A child
process reads it into a store, as the window does; its peak is that of the whole process, before which NumPy and the
rest have taken `base_mb`. `cpu_s` is steadier than `seconds` on a machine that does other things.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

EVENTS: Final = 1_000_000
THREADS: Final = 8
DEPTH: Final = 4
MB: Final = 1_000_000
LIMIT_S: Final = 8
LIMIT_RATIO: Final = 3

CHILD: Final = """
import json, resource, sys, time
from pathlib import Path
from explorer.recording.sources import open_source
from explorer.store.store import Store

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6

base = peak_mb()
began, cpu, longest = time.perf_counter(), time.process_time(), 0.0
source, store = open_source(Path(sys.argv[1])), Store()
while not source.finished:
    before = time.process_time()
    store.append(source.poll())
    longest = max(longest, time.process_time() - before)
print(json.dumps({
    "spans": store.count, "seconds": round(time.perf_counter() - began, 2),
    "cpu_s": round(time.process_time() - cpu, 2),
    "longest_step_ms": round(longest * 1e3), "base_mb": round(base, 1), "peak_mb": round(peak_mb(), 1),
}))
"""


def write(path: Path, events: int) -> None:
    """Write a trace of so many finished spans."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"traceEvents": [')
        for number in range(events):
            turn, depth = divmod(number // THREADS, DEPTH)
            event = {
                "pid": 4242,
                "tid": 5000 + number % THREADS,
                "ts": 47_398_221_660.403 + 15 * turn + depth,
                "ph": "X",
                "cat": "fee",
                "dur": 12 - 2.5 * depth,
                "name": f"function_{number % 503} (/home/user/shop/module_{number % 97}.py:{number % 503})",
            }
            file.write((", " if number else "") + json.dumps(event))
        file.write('], "displayTimeUnit": "ns"}\n')


def run(*words: str) -> dict[str, Any]:
    """Write the trace, open it in a child process, and return the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench import_trace")
    parser.add_argument("--events", type=int, default=EVENTS)
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        write(path, options.events)
        size = path.stat().st_size / MB
        child = [sys.executable, "-c", CHILD, str(path)]
        done = subprocess.run(child, capture_output=True, text=True, check=True, env={**os.environ})
    told: dict[str, Any] = json.loads(done.stdout)
    return {"events": options.events, "file_mb": round(size, 1), **told, "ratio": round(told["peak_mb"] / size, 2)}


def table(figures: dict[str, Any]) -> str:
    """The figures as a person reads them."""
    return "\n".join(
        (
            f"{figures['events']:,} events, {figures['file_mb']:,} MB, {figures['spans']:,} spans",
            f"opened in {figures['seconds']} s ({figures['cpu_s']} s of CPU); the aim for a million is {LIMIT_S} s",
            f"at most {figures['longest_step_ms']} ms at a stretch",
            f"{figures['peak_mb']} MB at most ({figures['base_mb']} MB before it began), {figures['ratio']} times the "
            f"file; the aim is {LIMIT_RATIO}",
        )
    )
