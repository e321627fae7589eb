"""Where processes for connections come from.

`Spawner` starts a new interpreter for each, which must import everything: the way that every system has. `Nursery` is a
process with a single thread that has imported everything and forks for each: what is imported is then shared between
all of them until somebody writes to it. A fork of the server's own process would take along locks that other threads
hold; this one has no other threads.

Both are asked to `start` a process on the main thread, whose end is also the end of its children, and tell
`ended(pid, exit status)`, on the server's loop, when one has ended; for one that could not even be started this is
`ended(0, error number)`.
"""

import asyncio
import errno
import gc
import importlib
import multiprocessing
import os
import select
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any, Final, NoReturn, Protocol

from fastapi import FastAPI

from explorer.catalog import Catalog
from explorer.child.lifeline.tie import tie, tie_to_multiprocessing_parent
from explorer.probe.loop_check import loop_problem
from explorer.probe.outside import pass_on
from explorer.records.states import Role
from explorer.scenario import Scenario, parse
from explorer.server import process, tracing
from explorer.server.app import make_app
from explorer.server.connections.member import be_connection
from explorer.server.surroundings import Surroundings
from explorer.server.team import Plan

Ended = Callable[[int, int], object]
NEEDED: Final = {
    "asyncio": "asyncio",
    "uvloop": "explorer.probe.uvloop_steps",
    "httptools": "explorer.probe.httptools_requests",
    "h11": "explorer.probe.h11_requests",
}
PROBE: Final = (
    "explorer.probe.loop",
    "explorer.probe.threads",
    "explorer.probe.calls",
    "explorer.probe.more",
    "anyio._backends._asyncio",
)
LABEL: Final = "forks the processes of connections"


class Source(Protocol):
    """Starts processes for connections."""

    def start(self, plan: Plan) -> None:
        """Start one; on the main thread."""
        ...

    def close(self) -> None:
        """Start no more."""
        ...


class Spawner:
    """A new interpreter for each connection."""

    def __init__(self, ended: Ended, warm: bool) -> None:
        """For the running loop. `warm`: processes stand by."""
        self._ended = ended
        self._warm = warm
        self._loop = asyncio.get_running_loop()
        self._context = multiprocessing.get_context("spawn")

    def start(self, plan: Plan) -> None:
        """Start one."""
        child = self._context.Process(target=_spawned, args=(plan, self._warm))
        child.start()
        threading.Thread(target=self._watch, args=(child,), name="watch over a process", daemon=True).start()

    def close(self) -> None:
        """Nothing is held."""

    def _watch(self, child: Any) -> None:
        wait([child.sentinel])
        try:
            self._loop.call_soon_threadsafe(self._reap, child)
        except RuntimeError:  # the loop is closed: nobody wants to know
            return

    def _reap(self, child: Any) -> None:
        child.join()
        self._ended(child.pid, child.exitcode or 0)


class Nursery:
    """The nursery, seen from the server's process."""

    def __init__(self, ended: Ended, gone: Ended, plan: Plan, warm: bool) -> None:
        """Start it, for the running loop; on the main thread. `gone` is told when the nursery itself has ended."""
        self._ended = ended
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._pipe, theirs = multiprocessing.get_context("spawn").Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=_be_nursery, args=(theirs, plan, warm))
        self._process.start()
        theirs.close()
        self._loop.add_reader(self._pipe.fileno(), self._hear)
        self._open = True

    def start(self, plan: Plan) -> None:
        """Have it fork."""
        try:
            self._pipe.send(plan)
        except OSError:
            raise RuntimeError("the process that forks has gone") from None

    def close(self) -> None:
        """Let it end."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._pipe.fileno())
            self._pipe.close()

    def _hear(self) -> None:
        try:
            while self._open and self._pipe.poll():
                self._ended(*self._pipe.recv())
        except (EOFError, OSError):
            self._process.join()
            self.close()
            self._gone(self._process.pid or 0, self._process.exitcode or 0)


def _spawned(plan: Plan, warm: bool) -> NoReturn:
    tie_to_multiprocessing_parent()
    be_connection(plan, warm)


def _be_nursery(pipe: "Connection[Any, Any]", plan: Plan, warm: bool) -> NoReturn:
    """Import, then fork whenever the server sends a plan; end when it is gone."""
    tie_to_multiprocessing_parent()
    tracing.log_everything(plan.scenario)
    tracer = tracing.join(Role.FORK_SERVER, LABEL)
    if tracer is not None:
        tracer.close()  # it writes nothing itself; what it forks joins the run anew
        pass_on(tracer.run, tracer.number)
        del tracer
    catalog = _prepare(plan)
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    while True:
        ready, _, _ = select.select([pipe.fileno(), reader.fileno()], [], [])
        if reader.fileno() in ready:
            reader.recv(4096)
            _reap(pipe)
        if pipe.fileno() in ready:
            _fork(_received(pipe), warm, pipe, (reader, writer), catalog)


def _prepare(plan: Plan) -> Catalog:
    """Do once what every connection's process would do: import, and build such an app. Returns what they can share."""
    process.prepare()
    catalog = Catalog()
    scenario = parse(catalog, plan.scenario)
    for module in NEEDED[scenario.server.loop], NEEDED[scenario.server.http], *PROBE:
        importlib.import_module(module)
    loop_problem()
    if not scenario.own:  # what an app of the user's own opens when it is imported must not be shared by processes
        _rehearse(scenario, catalog, plan)
    gc.collect()
    gc.freeze()
    return catalog


def _rehearse(scenario: Scenario, catalog: Catalog, plan: Plan) -> None:
    app = make_app(scenario, catalog, Surroundings(services=plan.services))
    for part in app.state.parts:
        part.close()
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(_ask(app))


async def _ask(app: Any) -> None:
    """One request that never leaves this process, for what an app does with its first one only."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        """Nobody reads the answer."""

    async with FastAPI().router.lifespan_context(app):  # not the app's own: that might start threads
        pass
    await app(
        {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/health",
            "raw_path": b"/health",
            "query_string": b"",
            "root_path": "",
            "headers": [],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 0),
            "state": {},
        },
        receive,
        send,
    )


def _received(pipe: "Connection[Any, Any]") -> Plan:
    try:
        plan: Plan = pipe.recv()
    except (EOFError, OSError):
        os._exit(0)
    return plan


def _reap(pipe: "Connection[Any, Any]") -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _tell(pipe, pid, os.waitstatus_to_exitcode(status))


def _fork(
    plan: Plan,
    warm: bool,
    pipe: "Connection[Any, Any]",
    own: tuple[socket.socket, socket.socket],
    catalog: Catalog,
) -> None:
    nursery = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        _tell(pipe, 0, error.errno or errno.EAGAIN)
        return
    if pid:
        return
    try:
        tie(nursery)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        pipe.close()
        for each in own:
            each.close()
        be_connection(plan, warm, catalog)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(1)


def _tell(pipe: "Connection[Any, Any]", pid: int, status: int) -> None:
    try:
        pipe.send((pid, status))
    except OSError:  # the server has gone, and the next thing read is that
        return
