"""What being observed costs a server: CPU time per request of a FastAPI hello-world, traced and plain, under wrk.

Two servers live through the whole run, the plain one and the traced one, whose records a collector and a recorder in a
process of their own take away and which a sampler looks at from outside. wrk loads them in turn, in short rounds. CPU
time is that of the server's threads as the kernel counts it, requests are wrk's count. The ratio of the least of each
is steady where requests per second are not; those are printed beside it.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from explorer.records.states import Role
from explorer.supervise.spawn import spawn
from tests import run_reading

CONNECTIONS: Final = 32

Figures = dict[str, Any]


@dataclass(frozen=True)
class Server:
    """A server under test."""

    name: str
    port: int
    pid: int


def run(*arguments: str) -> Figures:
    """Options: --rounds (of each), --seconds (a round), --connections, --loop, --parser, --no-record, --no-sampling."""
    parser = argparse.ArgumentParser(prog="overhead")
    parser.add_argument("--rounds", type=int, default=14)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--loop", choices=["asyncio", "uvloop"], default="asyncio")
    parser.add_argument("--parser", choices=["httptools", "h11"], default="httptools")
    parser.add_argument("--record", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--sampling", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args(arguments)
    if shutil.which("wrk") is None:
        parser.error("wrk is not installed (Debian: apt install wrk).")
    books: Figures = {}
    rounds: dict[str, list[Figures]] = {"plain": [], "traced": []}
    with contextlib.ExitStack() as stack:
        joined = run_reading.make_run(Path(stack.enter_context(tempfile.TemporaryDirectory(dir=_memory()))))
        if options.record:
            stack.enter_context(_recorder(joined, books))
        if options.sampling:
            stack.enter_context(_sampler(joined))
        servers = [
            stack.enter_context(_server("plain", options, None)),
            stack.enter_context(_server("traced", options, joined)),
        ]
        for server in servers:
            _wrk(server, 1, options.connections)
        for number in range(options.rounds):
            for server in servers if number % 2 == 0 else reversed(servers):
                rounds[server.name].append(_wrk(server, options.seconds, options.connections))
    best = {name: min(one["cpu_us"] for one in found) for name, found in rounds.items()}
    quartile = {name: sorted(one["cpu_us"] for one in found)[len(found) // 4] for name, found in rounds.items()}
    return {
        "benchmark": "overhead",
        "rounds": options.rounds,
        "seconds": options.seconds,
        "connections": options.connections,
        "loop": options.loop,
        "parser": options.parser,
        "recorded": options.record,
        "sampled": options.sampling,
        "python": sys.version.split()[0],
        "ratio": round(best["traced"] / best["plain"], 4),
        "ratio_lower_quartiles": round(quartile["traced"] / quartile["plain"], 4),
        "ratio_median_of_rounds": round(
            statistics.median(
                traced["cpu_us"] / plain["cpu_us"]
                for traced, plain in zip(rounds["traced"], rounds["plain"], strict=True)
            ),
            4,
        ),
        "servers": [
            {
                "server": name,
                "cpu_us": round(best[name], 2),
                "cpu_us_lower_quartile": round(quartile[name], 2),
                "rps_best": round(max(one["rps"] for one in found)),
                "rps_median": round(sorted(one["rps"] for one in found)[len(found) // 2]),
                "requests": sum(one["requests"] for one in found),
            }
            for name, found in rounds.items()
        ],
        "telemetry": books,
    }


def table(figures: Figures) -> str:
    """The figures as text."""
    lines = [
        f"{figures['parser']} on {figures['loop']}, Python {figures['python']}, {figures['connections']} connections, "
        f"{figures['rounds']} rounds of {figures['seconds']} s each, in turn",
        f"{'server':<10}{'CPU µs/request':>16}{'lower quartile':>16}{'requests/s best':>17}{'median':>9}",
    ]
    for row in figures["servers"]:
        lines.append(
            f"{row['server']:<10}{row['cpu_us']:>16.1f}{row['cpu_us_lower_quartile']:>16.1f}"
            f"{row['rps_best']:>17,}{row['rps_median']:>9,}"
        )
    lines.append(
        f"ratio of the minima {figures['ratio']:.3f}, of the lower quartiles {figures['ratio_lower_quartiles']:.3f}, "
        f"median of the rounds' own {figures['ratio_median_of_rounds']:.3f}"
    )
    if books := figures["telemetry"]:
        lines.append(
            f"records written {books['written']:,}, read {books['read']:,}, lost {books['lost']:,}; "
            f"collector and recorder used {books['cpu_s']:.1f} s of CPU"
        )
        lines += [f"a consumer failed: {failure}" for failure in books["failures"]]
    return "\n".join(lines)


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@contextlib.contextmanager
def _server(name: str, options: argparse.Namespace, joined: Path | None) -> Iterator[Server]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("EXPLORER_")}
    if joined is not None:
        environment["EXPLORER_RUN"] = str(joined)
    with _child(["tests.bench._hello", options.loop, options.parser], environment) as child:
        assert child.stdout is not None
        yield Server(name, int(child.stdout.readline()), child.pid)


@contextlib.contextmanager
def _recorder(joined: Path, books: Figures) -> Iterator[None]:
    with _child(["tests.bench._record", str(joined)], dict(os.environ)) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        child.stdout.readline()
        try:
            yield
        finally:
            child.stdin.close()
            books.update(json.loads(child.stdout.readline() or "{}"))


@contextlib.contextmanager
def _sampler(joined: Path) -> Iterator[None]:
    child = spawn("explorer.sampler.process", role=Role.SAMPLER, run=joined)
    try:
        child.configure(run=str(joined))
        child.wait_for("ready", 20)
        yield
    finally:
        child.stop()
        child.wait(10)


@contextlib.contextmanager
def _child(command: list[str], environment: dict[str, str]) -> "Iterator[subprocess.Popen[str]]":
    child = subprocess.Popen(
        [sys.executable, "-m", *command],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        if child.stdin is not None:
            child.stdin.close()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _wrk(server: Server, seconds: int, connections: int) -> Figures:
    before = cpu_ns(server.pid)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"http://127.0.0.1:{server.port}/"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = cpu_ns(server.pid) - before
    found = re.search(r"(\d+) requests in ([\d.]+)(m?s)", text)
    if found is None or "Non-2xx" in text:
        raise RuntimeError(f"wrk says:\n{text}")
    requests = int(found[1])
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    return {
        "requests": requests,
        "cpu_us": used / requests / 1000,
        "rps": float(rate[1]) if rate else 0.0,
    }


def cpu_ns(pid: int) -> int:
    """CPU time that the threads of `pid` have used; by the scheduler's own count where there is one (ns, not ticks)."""
    tasks = Path(f"/proc/{pid}/task")
    if tasks.is_dir():
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir())
    times = psutil.Process(pid).cpu_times()
    return int((times.user + times.system) * 1e9)
