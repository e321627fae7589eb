"""A fault is planted for each finding, and found with the right spans; healthy runs have none about the server.

python -m tests.full findings                       all of them
python -m tests.full.findings loop_blocked healthy  these, one line each
"""

import contextlib
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from explorer.analysis.run_findings import all_findings
from explorer.catalog import Catalog
from explorer.scenario import default, parse
from explorer.session.headless import run_headless
from tests.full.outcome import ROOT, Failed

SERVING: Final = re.compile(r"Serving at http://([^:]+):(\d+)\S* \(pid ([\d, ]+),")
Figures = Mapping[str, Any]
Beside = Callable[[str, int, list[int], threading.Event], None]
"""What goes on beside a run, on a thread: host, port, pids, and when it is over."""


def _nothing(host: str, port: int, pids: list[int], over: threading.Event) -> None:
    pass


def _hold_one_worker(host: str, port: int, pids: list[int], over: threading.Event) -> None:
    """While one worker stands still the other takes all connections."""
    os.kill(pids[-1], signal.SIGSTOP)
    over.wait(2.5)
    os.kill(pids[-1], signal.SIGCONT)


def _few_files(host: str, port: int, pids: list[int], over: threading.Event) -> None:
    """As many files as are open now, and a few more."""
    limit = len(os.listdir(f"/proc/{pids[0]}/fd")) + 8
    hard = resource.prlimit(pids[0], resource.RLIMIT_NOFILE)[1]
    resource.prlimit(pids[0], resource.RLIMIT_NOFILE, (limit, hard))
    with contextlib.ExitStack() as stack:
        for _ in range(16):
            with contextlib.suppress(OSError):
                stack.enter_context(socket.create_connection((host, port)))
        over.wait()


def _deaf_stream(host: str, port: int, pids: list[int], over: threading.Event) -> None:
    """Asks for a stream and does not read it."""
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect((host, port))
        deaf.sendall(b"GET /job HTTP/1.1\r\nHost: x\r\n\r\n")
        over.wait()


def _deaf_websocket(host: str, port: int, pids: list[int], over: threading.Event) -> None:
    """Says much and does not read the answers."""
    frame = b"\x81\xfe\xff\x00\x00\x00\x00\x00" + b"x" * 0xFF00
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect((host, port))
        deaf.sendall(
            b"GET /job HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        deaf.recv(4096)
        deaf.settimeout(0.2)
        while not over.is_set():
            try:
                deaf.sendall(frame)
            except TimeoutError:
                over.wait()
            except OSError:
                return


def _busy_neighbours(host: str, port: int, pids: list[int], over: threading.Event) -> None:
    each = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        over.wait()
    finally:
        for one in each:
            one.kill()
            one.wait()


@dataclass(frozen=True)
class Plant:
    """A fault: the scenario that has it, what goes on beside it, the lane that its spans must lie on, and how long."""

    finding: str
    scenario: Mapping[str, Any]
    lanes: str = ""
    seconds: float = 4.0
    beside: Beside = _nothing
    note: str = ""

    @property
    def name(self) -> str:
        """As it is asked for."""
        return f"{self.finding}{'-' if self.note else ''}{self.note}"


def _scenario(dispatch: str, workload: str, load: Mapping[str, Any], /, **more: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"dispatch": {"id": dispatch}, "workload": {"id": workload}, "load": dict(load)}
    for section, knobs in more.items():
        made[section] = {**made.get(section, {}), **knobs}
    return made


FAULTS: Final = (
    Plant(
        "loop_blocked",
        _scenario("blocking_coroutine", "sleep", {"users": 4}, workload={"seconds": 0.2}),
        "event loop",
        8.0,
    ),
    Plant(
        "token_starvation",
        _scenario("thread_pool", "sleep", {"users": 20}, dispatch={"tokens": 4}, workload={"seconds": 0.1}),
        "requests",
        5.0,
    ),
    Plant(
        "pool_exhausted",
        _scenario("coroutine", "database", {"users": 20}, workload={"pool_size": 2, "overflow": 0, "seconds": 0.1}),
        "",
        8.0,
    ),
    Plant("gil_convoy", _scenario("thread_pool", "cpu_python", {"users": 6}), "", 5.0),
    Plant("lock_convoy", _scenario("thread_pool", "convoy", {"users": 8}), "", 5.0),
    Plant("deadlock", _scenario("thread_pool", "lock_order_deadlock", {"users": 2}), "", 4.0),
    Plant("lock_across_await", _scenario("coroutine", "lock_across_await", {"users": 10}), "", 6.0),
    Plant(
        "unbalanced_workers",
        _scenario(
            "thread_pool",
            "sleep",
            {"users": 16},
            dispatch={"tokens": 4},
            workload={"seconds": 0.1},
            model={"id": "prefork", "workers": 2},
        ),
        "event loop",
        8.0,
        _hold_one_worker,
    ),
    Plant(
        "connection_limit",
        _scenario("coroutine", "sleep", {"users": 20}, server={"limit_concurrency": 5}),
        "requests",
    ),
    Plant(
        "queue_growth",
        _scenario(
            "thread_pool",
            "sleep",
            {"mode": "rate", "rate": 100.0},
            dispatch={"tokens": 4},
            workload={"seconds": 0.1},
        ),
        "",
        7.0,
    ),
    Plant(
        "send_lag",
        _scenario("coroutine", "sleep", {"mode": "rate", "rate": 100.0, "connections": 4}, workload={"seconds": 0.1}),
        "",
        6.0,
    ),
    Plant(
        "slow_consumer",
        {"app": {"target": "tests.full.streaming_app:app"}, "load": {"users": 0}},
        "requests",
        8.0,
        _deaf_stream,
        "stream",
    ),
    Plant(
        "slow_consumer",
        _scenario("coroutine", "websocket", {"users": 1, "think_time": 0.1}, workload={"seconds": 0.0}),
        "requests",
        8.0,
        _deaf_websocket,
        "websocket",
    ),
    Plant("timers_late", _scenario("blocking_coroutine", "timers", {"users": 4}), "event loop", 6.0),
    Plant("gc_pauses", _scenario("thread_pool", "gc_pressure", {"users": 2}), "", 6.0),
    Plant(
        "file_descriptors",
        _scenario("coroutine", "sleep", {"users": 4}),
        "event loop",
        6.0,
        _few_files,
    ),
    Plant("noisy_machine", _scenario("coroutine", "sleep", {"users": 4}), "", 6.0, _busy_neighbours),
)

_GENTLE: Final = {"mode": "rate", "rate": 20.0}
_MODELS: Final = ("event_loop", "prefork", "thread_per_connection", "process_per_connection")
_CALM: Final = {"users": 4, "think_time": 0.2}
HEALTHY: Final = (
    *(_scenario("coroutine", "sleep", _CALM, model={"id": model}) for model in _MODELS),
    *(_scenario("thread_pool", "sleep", _CALM, model={"id": model}) for model in _MODELS),
    _scenario("coroutine", "sleep", {"users": 50}, workload={"seconds": 0.2}),
    _scenario("thread_pool", "sleep", {"users": 30}, workload={"seconds": 0.2}),
    _scenario("thread_pool", "sleep", {"mode": "poisson", "rate": 40.0}, workload={"seconds": 0.1}),
    _scenario("thread_pool", "cpu_python", {"mode": "rate", "rate": 5.0}, workload={"seconds": 0.01}),
    _scenario("blocking_coroutine", "cpu_python", {"mode": "rate", "rate": 5.0}, workload={"seconds": 0.005}),
    _scenario("process_pool", "cpu_python", {"mode": "rate", "rate": 5.0}, workload={"seconds": 0.01}),
    _scenario("coroutine", "database", _GENTLE, workload={"seconds": 0.02}),
    _scenario("coroutine", "websocket", _CALM),
    _scenario("coroutine", "sse", {"users": 4}),
    _scenario("coroutine", "timers", _CALM),
    _scenario("thread_pool", "file_io", _GENTLE),
    _scenario("thread_pool", "mixed", {"mode": "rate", "rate": 5.0}),
)


def figures_of(scenario: Mapping[str, Any], seconds: float, beside: Beside = _nothing) -> Figures:
    """Run it for so long, with what goes on beside it."""
    catalog = Catalog()
    base = default(catalog).to_dict()
    merged: dict[str, Any] = {}
    for section in ("server", "load", "model", *(() if "app" in scenario else ("dispatch", "workload"))):
        told = dict(scenario.get(section, {}))
        same = "id" not in told or told["id"] == base[section]["id"]
        merged[section] = {**base[section], **told} if same else told
    if "app" in scenario:
        merged["app"] = {"folder": str(ROOT), **scenario["app"]}
    merged["load"] |= {"duration": seconds, "timeout": min(seconds, 10.0)}
    over = threading.Event()
    threads: list[threading.Thread] = []

    def say(sentence: str) -> None:
        if found := SERVING.match(sentence):
            pids = [int(pid) for pid in found[3].split(",")]
            thread = threading.Thread(target=beside, args=(found[1], int(found[2]), pids, over))
            thread.start()
            threads.append(thread)

    try:
        outcome = run_headless(catalog, parse(catalog, merged), record=None, say=say)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if outcome.figures is None:
        raise Failed(f"the run had no figures: {outcome.failure}")
    return outcome.figures


def _planted(plant: Plant) -> str:
    """Run a fault; what was found. Raises `Failed` unless it is what was planted, where it was planted."""
    figures = figures_of(plant.scenario, plant.seconds, plant.beside)
    found = {one["id"]: one for one in figures["findings"]}
    if plant.finding not in found:
        raise Failed(f"{plant.name} was planted, and found was: {', '.join(found) or 'nothing'}.")
    one = found[plant.finding]
    spans = one["evidence"]["spans"]
    if not one["sentence"] or not one["evidence"]["figures"] or not (one["change"] or one["advice"]):
        raise Failed(f"{plant.name} was found without evidence or without a way out: {one}")
    if not spans and plant.finding != "noisy_machine":
        raise Failed(f"{plant.name} was found, but shows nothing on the timeline.")
    if plant.lanes and any(plant.lanes not in (span["lane"] or "") for span in spans):
        raise Failed(f"{plant.name} shows {[span['lane'] for span in spans]} instead of {plant.lanes}.")
    if any(not 0 <= span["start_s"] + 5 <= span["end_s"] + 5 <= plant.seconds + 25 for span in spans):
        raise Failed(f"{plant.name} shows times outside of the run: {spans}")
    return str(one["sentence"])


def _healthy(number: int) -> str:
    """Run a healthy setup; raises `Failed` if anything was found about the server."""
    scenario = HEALTHY[number]
    found = figures_of(scenario, 4.0)["findings"]
    about = [one for one in found if one["class"] == "server"]
    title = "/".join(str(scenario.get(part, {}).get("id", "event_loop")) for part in ("model", "dispatch", "workload"))
    if about:
        raise Failed(f"{title} is healthy, and yet: {' '.join(one['sentence'] for one in about)}")
    return f"{title}: nothing about the server ({', '.join(one['id'] for one in found) or 'nothing at all'})"


def checks(names: list[str]) -> Iterator[tuple[str, Callable[[], str]]]:
    """Those asked for, or all: faults by name, `healthy` or `healthy-7`."""
    for plant in FAULTS:
        if not names or plant.name in names or plant.finding in names:
            yield plant.name, lambda plant=plant: _planted(plant)  # type: ignore[misc]
    for number in range(len(HEALTHY)):
        if not names or "healthy" in names or f"healthy-{number}" in names:
            yield f"healthy-{number}", lambda number=number: _healthy(number)  # type: ignore[misc]


def run(names: list[str] | None = None, say: Callable[[str], None] = lambda sentence: None) -> str:
    """All that were asked for; raises `Failed` with a sentence for each that failed."""
    unplanted = {finding.id for finding in all_findings()} - {plant.finding for plant in FAULTS}
    if unplanted:
        raise Failed(f"there is no planted fault for {', '.join(sorted(unplanted))}.")
    failed, count = [], 0
    for name, check in checks(names or []):
        began = time.monotonic()
        try:
            said = check()
        except Failed as error:
            failed.append(str(error))
            said = f"FAILED: {error}"
        count += 1
        say(f"{name} ({time.monotonic() - began:.1f} s): {said}")
    if failed:
        raise Failed(" ".join(failed))
    return f"{count} runs: every planted fault was found, and nothing about a healthy server."


if __name__ == "__main__":
    try:
        print(run(sys.argv[1:], lambda sentence: print(sentence, flush=True)))
    except Failed as error:
        sys.exit(f"failed: {error}")
