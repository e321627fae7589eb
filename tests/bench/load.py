"""What a request costs the load process: CPU time per request against a trivial server, with wrk in the same run.

A message of a WebSocket is a request, and so is a stream of events.

Requests per second depend on the server and on whoever else uses the machine; CPU time of the client per request does
not, so that is what is compared, as the least of several interleaved rounds. `of one core` is how many requests a
second one core could send at that price. Histograms are kept and reported in all of them; in a run the load also
writes its records, two for each request.
"""

import queue
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from explorer.load.histogram import Histogram
from explorer.records.states import Role
from explorer.sampler.reading import subject
from explorer.supervise.spawn import spawn
from tests import plain_server, run_reading

ROUNDS: Final = 4
SECONDS: Final = 1.0
USERS: Final = 32
RATE: Final = 5_000.0
EVENTS: Final = 100
HTTP: Final = ["/job", 1.0, "http"]
WEBSOCKET: Final = ["/echo", 1.0, "websocket"]
STREAM: Final = [f"/events/{EVENTS}", 1.0, "sse"]
PATIENCE_S: Final = 30.0

_CLOSED: Final = {"users": USERS, "duration": SECONDS}
_OPEN: Final = {"mode": "rate", "rate": RATE, "duration": SECONDS}
_BIG: Final = {"users": 4, "duration": SECONDS, "message_bytes": 1 << 20}
_FRESH: Final = {"users": USERS, "duration": SECONDS, "keep_alive": False}

Figures = dict[str, Any]


def run() -> Figures:
    """Measure; takes about half a minute. The figures of a row are those of its cheapest round."""
    rows: dict[str, list[Figures]] = {}
    with plain_server.running() as (port, _), tempfile.TemporaryDirectory() as folder:
        joined = run_reading.make_run(Path(folder))
        for _ in range(ROUNDS):
            for name, knobs, run_folder, path in (
                ("users, histograms", _CLOSED, None, HTTP),
                ("users, histograms and records", _CLOSED, joined, HTTP),
                (f"rate {RATE:.0f}/s, histograms and records", _OPEN, joined, HTTP),
                ("users, a new connection each, and records", _FRESH, joined, HTTP),
                ("WebSocket messages of 128 bytes, and records", _CLOSED, joined, WEBSOCKET),
                ("WebSocket messages of 1 MiB, and records", _BIG, joined, WEBSOCKET),
                ("WebSocket, a new connection each", _FRESH, joined, WEBSOCKET),
                (f"SSE, streams of {EVENTS} events, and records", _CLOSED, joined, STREAM),
            ):
                rows.setdefault(name, []).append(_load(port, knobs, run_folder, path))
            if shutil.which("wrk"):
                rows.setdefault("wrk", []).append(_wrk(port))
    best = [{"client": name} | _cheapest(rounds) for name, rounds in rows.items()]
    return {"benchmark": "load", "rounds": ROUNDS, "seconds": SECONDS, "users": USERS, "rows": best}


def _cheapest(rounds: list[Figures]) -> Figures:
    """The round with the least CPU time. Of a rate only rounds count that kept it: late requests go out in heaps."""
    kept = [row for row in rounds if abs(row["rps"] - RATE) < RATE / 100]
    return min(kept or rounds, key=lambda row: row["cpu_us"])


def table(figures: Figures) -> str:
    """The figures as text."""
    lines = [
        f"{figures['users']} connections, {figures['seconds']:g} s, least CPU of {figures['rounds']} rounds",
        f"{'client':<44}{'requests/s':>12}{'CPU µs each':>13}{'of one core':>13}{'send lag p99':>14}",
    ]
    for row in figures["rows"]:
        lag = f"{row['send_lag_p99_ms']:.3f} ms" if "send_lag_p99_ms" in row else ""
        lines.append(
            f"{row['client']:<44}{row['rps']:>12,.0f}{row['cpu_us']:>13.1f}{row['of_one_core']:>11,.0f}/s{lag:>14}"
        )
    if not any(row["client"] == "wrk" for row in figures["rows"]):
        lines.append("wrk is not installed, so there is nothing to compare with (Debian: apt install wrk).")
    return "\n".join(lines)


def _load(port: int, knobs: Figures, run_folder: Path | None, path: list[Any]) -> Figures:
    with _load_process(port, knobs, run_folder, path) as (child, messages):
        process = subject(child.pid)
        before = process.read().cpu_s
        child.send("begin")
        total = _next(messages, "event", "load_total")
        cpu_s = process.read().cpu_s - before
        process.close()
    lag = Histogram.from_bins(total["send_lag"], total=total["send_lag_sum"], maximum=total["send_lag_max"])
    seconds = (total["last_answer"] - total["first_send"]) / 1e9
    return _row(total["ok"], seconds, cpu_s) | {"send_lag_p99_ms": lag.percentile(99) * 1e3}


@contextmanager
def _load_process(port: int, knobs: Figures, run_folder: Path | None, path: list[Any]) -> Iterator[tuple[Any, Any]]:
    child = spawn("explorer.load.process", role=Role.LOAD, run=run_folder)
    try:
        messages: queue.SimpleQueue[Figures] = queue.SimpleQueue()
        child.on_message(messages.put)
        more: Figures = {"run": str(run_folder)} if run_folder else {}
        child.configure(host="127.0.0.1", port=port, token="7e57", load=knobs, phases=[], paths=[path], **more)
        _next(messages, "type", "ready")
        yield child, messages
    finally:
        child.stop()
        child.wait(PATIENCE_S)


def _next(messages: "queue.SimpleQueue[Figures]", key: str, value: str) -> Figures:
    while True:
        message = messages.get(timeout=PATIENCE_S)
        if message["type"] == "error":
            raise RuntimeError(message["sentence"])
        if message.get(key) == value:
            return message


def _wrk(port: int) -> Figures:
    """wrk with one thread and as many connections, and what its process cost."""
    command = ["wrk", "-t1", f"-c{USERS}", f"-d{SECONDS:g}s", f"http://127.0.0.1:{port}/job"]
    # A child of its own collects wrk, so that its resource usage is that of wrk alone.
    measured = (
        "import resource, subprocess, sys; "
        "out = subprocess.run(sys.argv[1:], capture_output=True, text=True).stdout; "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(out, 'CPU', used.ru_utime + used.ru_stime)"
    )
    done = subprocess.run(
        [sys.executable, "-c", measured, *command], capture_output=True, text=True, timeout=PATIENCE_S
    )
    found = re.search(r"(\d+) requests in ([\d.]+)(m?s)", done.stdout)
    cpu = re.search(r"CPU ([\d.]+)", done.stdout)
    if found is None or cpu is None:
        raise RuntimeError(f"wrk said nothing that could be understood: {done.stdout or done.stderr}")
    seconds = float(found[2]) / (1000 if found[3] == "ms" else 1)
    return _row(int(found[1]), seconds, float(cpu[1]))


def _row(requests: int, seconds: float, cpu_s: float) -> Figures:
    cpu_us = cpu_s / max(requests, 1) * 1e6
    return {"requests": requests, "rps": requests / seconds, "cpu_us": cpu_us, "of_one_core": 1e6 / cpu_us}
