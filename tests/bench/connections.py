"""What a new connection costs under each model: `python -m tests.bench connections [crowd [CONNECTIONS RATE SECONDS]]`.

Without more words: from `connect` to the last byte of the first answer, of an event loop, a thread per connection and
a process per connection with standbys, which serve side by side and are asked in turn. With `crowd`: many connections
at once, then so many new ones a second, one model after the other; what was recorded, and the memory before, at most
and after. Servers are observed and their records read, as in a run.
"""

import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil

from explorer.catalog import Catalog
from explorer.child.files import allow_many_files
from explorer.paths import _memory_folder
from explorer.records.states import Role
from explorer.scenario import assign, default
from explorer.supervise.supervisor import Supervisor
from tests import run_reading

ROUNDS: Final = 150
PAUSE_S: Final = 0.05
"""Between two connections of a round: a standby that was used up must have been replaced."""
PATIENCE_S: Final = 60.0
SETTLE_S: Final = 3.0
MODELS: Final = {
    "event_loop": ("model.id=event_loop",),
    "thread_per_connection": ("model.id=thread_per_connection",),
    "process_per_connection": ("model.id=process_per_connection", "model.start=standby"),
}
REQUEST: Final = b"GET /job HTTP/1.1\r\nhost: bench\r\n\r\n"
MB: Final = 1e6

Figures = dict[str, Any]


def run(*words: str) -> Figures:
    """Measure."""
    if words and words[0] == "crowd":
        connections, rate, seconds = ([int(word) for word in words[1:4]] + [500, 200, 30][len(words) - 1 :])[:3]
        allow_many_files()
        rows = [_crowd(name, connections, rate, seconds) for name in MODELS if name != "event_loop"]
        return {"benchmark": "connections", "crowd": [connections, rate, seconds], "rows": rows}
    return {"benchmark": "connections", "rounds": ROUNDS, "rows": _first_answers()}


def table(figures: Figures) -> str:
    """The figures as text."""
    if "crowd" in figures:
        return _crowd_table(figures)
    lines = [f"{'new connection to first answer, ms':<40}{'median':>10}{'p90':>10}{'to event loop':>16}"]
    base = figures["rows"][0]["median_ms"]
    for row in figures["rows"]:
        ratio = row["median_ms"] / base
        lines.append(f"{row['model']:<40}{row['median_ms']:>10.2f}{row['p90_ms']:>10.2f}{ratio:>15.2f}x")
    return "\n".join(lines)


def _crowd_table(figures: Figures) -> str:
    connections, rate, seconds = figures["crowd"]
    lines = []
    for row in figures["rows"]:
        lines.append(f"{row['model']}")
        at_once, stream = row["at_once"], row["stream"]
        lines.append(
            f"  {connections} at once: {at_once['ok']} answered, the last after {at_once['last_s']:.2f} s; "
            f"then {rate}/s for {seconds} s: {stream['ok']} of {stream['asked']} answered, median "
            f"{stream['median_ms']:.1f} ms, the last {stream['last_s']:.2f} s after the beginning"
        )
        books = row["records"]
        lines.append(f"  records: {books['written']:,} written, {books['read']:,} read, {books['lost']:,} lost")
        for name, at in row["memory"].items():
            lines.append(
                f"  memory {name:<18} server {at['server_mb']:>8.1f} MB, its processes {at['children_mb']:>9.1f} MB "
                f"({at['children']}), rings {at['rings_mb']:>7.1f} MB, collector {at['collector_mb']:>7.1f} MB"
            )
    return "\n".join(lines)


class _Served:
    """A server of one model, observed, with its records being read."""

    def __init__(self, supervisor: Supervisor, pid: int, run: Path, reader: "subprocess.Popen[str]") -> None:
        self.address = supervisor.address
        self.pid = pid
        self.run = run
        self.reader = reader
        self.books: Figures = {}

    def memory(self) -> Figures:
        """Megabytes now; of the processes below the server what is theirs alone, plus their share of the rest."""
        server = psutil.Process(self.pid)
        children = 0.0
        count = 0
        for child in server.children(recursive=True):
            try:
                children += child.memory_full_info().pss / MB
                count += 1
            except psutil.Error:
                continue
        rings = sum(ring.stat().st_size for ring in (self.run / "rings").iterdir() if ring.exists())
        return {
            "server_mb": server.memory_info().rss / MB,
            "children_mb": children,
            "children": count,
            "rings_mb": rings / MB,
            "collector_mb": psutil.Process(self.reader.pid).memory_info().rss / MB,
        }


@contextmanager
def _serving(name: str) -> Iterator[_Served]:
    catalog = Catalog()
    words = (*MODELS[name], "dispatch.id=coroutine", "workload.seconds=0")
    scenario = assign(catalog, default(catalog), words)
    with tempfile.TemporaryDirectory(dir=_memory_folder()) as folder:
        run = run_reading.make_run(Path(folder))
        reader = subprocess.Popen(
            [sys.executable, "-m", "tests.bench._record", str(run)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdout.readline()
        supervisor = Supervisor(run)
        supervisor.listen(scenario.server.host, 0, scenario.server.backlog)
        child = supervisor.spawn("explorer.server.process", role=Role.SERVER)
        child.configure(scenario=scenario.to_dict(), run=str(run), epoch=1, listener=supervisor.listener_for(child))
        child.wait_for("ready", PATIENCE_S)
        served = _Served(supervisor, child.pid, run, reader)
        try:
            yield served
        finally:
            supervisor.close()
            reader.stdin.close()
            served.books.update(json.loads(reader.stdout.readline()))
            reader.stdout.close()
            reader.wait(PATIENCE_S)


def _first_answers() -> list[Figures]:
    times: dict[str, list[float]] = {name: [] for name in MODELS}
    with (
        _serving("event_loop") as one,
        _serving("thread_per_connection") as two,
        _serving("process_per_connection") as three,
    ):
        servers = dict(zip(MODELS, (one, two, three), strict=True))
        for _ in range(ROUNDS):
            for name, served in servers.items():
                time.sleep(PAUSE_S)
                times[name].append(_first_answer(served.address))
    return [
        {
            "model": name,
            "median_ms": statistics.median(found) * 1e3,
            "p90_ms": statistics.quantiles(found, n=10)[-1] * 1e3,
        }
        for name, found in times.items()
    ]


def _first_answer(address: tuple[str, int]) -> float:
    began = time.perf_counter()
    with socket.create_connection(address, PATIENCE_S) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(REQUEST)
        answer = b""
        while not answer.endswith(b"}"):
            answer += sock.recv(4096)
        return time.perf_counter() - began


def _crowd(name: str, connections: int, rate: int, seconds: int) -> Figures:
    memory: Figures = {}
    with _serving(name) as served:
        _first_answer(served.address)
        time.sleep(SETTLE_S)
        memory["before"] = served.memory()
        at_once = asyncio.run(_at_once(served, connections, memory))
        time.sleep(SETTLE_S)
        memory["after the crowd"] = served.memory()
        stream = asyncio.run(_stream(served, rate, seconds))
        memory["after the stream"] = served.memory()
        time.sleep(SETTLE_S)
        memory["at rest"] = served.memory()
    return {"model": name, "at_once": at_once, "stream": stream, "records": served.books, "memory": memory}


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    writer.write(REQUEST)
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(len(b'{"answer":"done"}'))
    return head.startswith(b"HTTP/1.1 200")


async def _at_once(served: _Served, connections: int, memory: Figures) -> Figures:
    began = time.perf_counter()

    async def one() -> tuple[bool, float, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*served.address)
        ok = await _ask(reader, writer)
        answered = time.perf_counter() - began
        return ok and await _ask(reader, writer), answered, writer

    found = await asyncio.wait_for(asyncio.gather(*(one() for _ in range(connections))), PATIENCE_S * 2)
    memory["with the crowd"] = await asyncio.to_thread(served.memory)
    for _, _, writer in found:
        writer.close()
    return {"ok": sum(ok for ok, _, _ in found), "last_s": max(answered for _, answered, _ in found)}


async def _stream(served: _Served, rate: int, seconds: int) -> Figures:
    began = time.perf_counter()
    times: list[float] = []

    async def one(due: float) -> bool:
        try:
            reader, writer = await asyncio.open_connection(*served.address)
            ok = await _ask(reader, writer)
            times.append(time.perf_counter() - due)
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            return False
        return ok

    tasks = []
    for number in range(rate * seconds):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(due)))
    answers = await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_S * 5)
    return {
        "asked": len(tasks),
        "ok": sum(answers),
        "median_ms": statistics.median(times) * 1e3,
        "last_s": time.perf_counter() - began,
    }
