"""Serving with worker processes: uvicorn's supervisor, and what a run wants to know of its workers.

Each worker is a server with one loop, as in `one_loop`, whose channel leads to this process (`explorer.child.relay`);
this process passes `set` and `stop` on and gathers the answers. A worker that dies while it serves is replaced, as
uvicorn does; one that never gets to serve ends the server with a sentence, since its successor would fare the same.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from explorer.catalog import Catalog
from explorer.child.channel import Message
from explorer.child.lifeline.tie import tie_to_multiprocessing_parent
from explorer.child.relay import Address, Relay, join_relay
from explorer.options import OptionError
from explorer.records.states import Role
from explorer.scenario import parse
from explorer.server import tracing
from explorer.server.context import ServerContext
from explorer.server.live import apply_server_knobs, changed
from explorer.server.one_loop import serve_one_loop
from explorer.server.parts import arguments_of
from explorer.server.serving import STOP_WITHIN_S, Server

STOP_HEADROOM_S: Final = 0.1
# A worker full of threads that compute answers late; uvicorn's 5 s would end it for that.
PATIENCE_S: Final = 15


@dataclass(frozen=True, slots=True)
class Plan:
    """What a worker is to do; goes to it when it is started. `scenario` contains the first `changes` live changes."""

    scenario: dict[str, Any]
    relay: Address
    epoch: int
    services: Mapping[str, str]
    changes: int = 0


class Worker(Process):
    """uvicorn's handle on a worker. `target` is what runs in the worker itself."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], plan: Plan) -> None:
        self.plan = plan
        super().__init__(config, sockets)

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Be a worker: join the run and the relay, then serve until told to stop."""
        tie_to_multiprocessing_parent()
        channel = join_relay(self.plan.relay, self.plan.changes)
        tracing.log_everything()
        tracer = tracing.join(Role.WORKER, tracing.label(str(self.plan.scenario["server"]["loop"])))
        try:
            catalog = Catalog()
            scenario = parse(catalog, self.plan.scenario)
            apply_server_knobs(scenario.server)
            listener = (sockets or [])[0]
            plan = self.plan
            context = ServerContext(channel, scenario, catalog, listener, tracer, plan.epoch, plan.services)
            serve_one_loop(context, self._make)
            channel.stopped()
        except Exception as error:
            channel.error(_sentence(error), str(getattr(error, "where", "")))
            raise
        finally:
            if tracer is not None:
                tracer.close()
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
        # As in the child's frame: nothing that is left may keep the process.
        os._exit(0)

    def _make(self, config: uvicorn.Config, started: Callable[[], None]) -> Server:
        self._server = Server(config, started)
        threading.Thread(target=self.always_pong, name="sign of life", daemon=True).start()
        return self._server


class Workers(Multiprocess):
    """uvicorn's supervisor with workers of ours, which reports what becomes of them."""

    def __init__(self, context: ServerContext, number: int) -> None:
        """Nothing is started yet; `run` does that, on the main thread, and returns when all has stopped."""
        config = uvicorn.Config("unused", workers=number, log_config=None, timeout_worker_healthcheck=PATIENCE_S)
        super().__init__(config, [context.listener] if context.listener is not None else [])
        self._context = context
        self._scenario = context.scenario
        self._changes: dict[str, tuple[int, Any]] = {}  # by knob: the number of its last change, and the value
        run = context.tracer.run if context.tracer is not None else None
        self._relay = Relay(run, self._from_worker, self._changed_since)
        self._plan = Plan(context.scenario.to_dict(), self._relay.address, context.epoch, context.services)
        self._ready: set[int] = set()
        self._announced = False
        self._complaint: tuple[str, str] | None = None
        self._began = time.perf_counter()
        self._within = STOP_WITHIN_S

    def init_processes(self) -> None:
        """Start the workers."""
        self.processes = [self._start() for _ in range(self.processes_num)]

    def keep_subprocess_alive(self) -> None:
        """Replace workers that died, as uvicorn does, and say so; give up when one cannot even start."""
        for index, worker in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if self._is_alive(worker):
                continue
            worker.kill()
            worker.join()
            code = worker.exitcode or 0
            if worker.pid not in self._ready:
                self._give_up(worker.pid, code)
                return
            self._ready.discard(worker.pid)
            self._context.channel.event(
                "died", pid=worker.pid, role="worker", signal=-code if code < 0 else None, status=code
            )
            self.processes[index] = self._start()

    def _is_alive(self, worker: Process) -> bool:
        """Whether it lives and answers; one that does not serve yet has nobody who could answer."""
        if worker.pid in self._ready:
            return worker.is_alive(timeout=self.config.timeout_worker_healthcheck)
        return worker.process.is_alive()

    def terminate_all(self) -> None:
        """Ask the workers to stop; a signal would end them with requests under way."""
        self._relay.broadcast({"type": "stop", "within": self._within})
        for worker in self.processes:
            if worker.pid not in self._relay.pids:  # not even connected yet
                worker.terminate()

    def stop(self, within: float) -> None:
        """End soon; called from the channel's thread."""
        self._within = max(STOP_HEADROOM_S, within - STOP_HEADROOM_S)
        self.should_exit.set()

    def change(self, message: Message) -> None:
        """Change a knob in every worker, and for those that are started later."""
        knob = str(message["knob"])
        self._scenario = changed(self._context.catalog, self._scenario, knob, message["value"])
        number = self._plan.changes + 1
        # Before anybody is asked: a worker that joins meanwhile must find it in one place or the other. A new
        # dictionary, as a worker may be joining in its thread just now.
        self._changes = {**self._changes, knob: (number, message["value"])}
        self._plan = replace(self._plan, scenario=self._scenario.to_dict(), changes=number)
        self._relay.ask(
            {"type": "set", "knob": knob, "value": message["value"]},
            lambda pids: self._context.channel.applied(knob, pids),
        )

    def close(self) -> None:
        """Let go of the relay, and say what went wrong if something did. Raises `OptionError` then."""
        self._relay.close()
        if self._complaint is not None:
            raise OptionError(*self._complaint)

    def _start(self) -> Worker:
        worker = Worker(self.config, self.sockets, self._plan)
        worker.start()
        return worker

    def _changed_since(self, seen: int) -> list[Message]:
        """What a worker does not know whose plan contains the first `seen` changes."""
        changes = sorted((number, knob, value) for knob, (number, value) in self._changes.items() if number > seen)
        return [{"type": "set", "knob": knob, "value": value} for _, knob, value in changes]

    def _from_worker(self, pid: int, message: Message) -> None:
        kind, channel = message["type"], self._context.channel
        if kind == "ready":
            self._ready.add(pid)
            self._announce(pid)
        elif kind == "error" and pid not in self._ready:
            self._complaint = (str(message["sentence"]), str(message.get("where", "")))
            self.should_exit.set()
        elif kind == "error":
            channel.error(str(message["sentence"]), str(message.get("where", "")))
        elif kind == "event" and message.get("event") != "step":
            channel.send("event", **{"pid": pid} | {key: value for key, value in message.items() if key != "type"})

    def _announce(self, pid: int) -> None:
        channel = self._context.channel
        if self._announced:
            channel.event("replaced", pid=pid, role="worker")
        elif len(self._ready) >= self.processes_num:
            self._announced = True
            channel.step("Waiting for the first answer", time.perf_counter() - self._began)
            channel.ready(pids=sorted(self._ready), url=self._context.url)

    def _give_up(self, pid: int | None, code: int) -> None:
        if self._complaint is None:
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"
            words = self._context.last_words()
            self._complaint = (
                f"Worker {pid} {how} before it could serve{': ' if words else '.'}{words}",
                "model.workers",
            )
        self.should_exit.set()


def serve_with_workers(context: ServerContext, number: int) -> None:
    """Serve with `number` workers; return when they have stopped."""
    _measure(context)
    workers = Workers(context, number)
    context.channel.on("set", workers.change)
    context.channel.on("stop", lambda message: workers.stop(float(message.get("within", STOP_WITHIN_S))))
    try:
        workers.run()
    finally:
        workers.close()


def _measure(context: ServerContext) -> None:
    """Let workloads measure what they need once, before there is a crowd, so that all workers do the same work."""
    scenario = context.scenario
    for chosen in (scenario.workload, *(also.workload for also in scenario.also)):
        body = context.catalog.get("workload", chosen.id).entry.partition(":")[0]
        arguments_of(body, context.surroundings).close()


def _sentence(error: Exception) -> str:
    if hasattr(error, "where"):
        return str(error)
    return f"A worker cannot start ({type(error).__name__}: {error}); the server's log says more."
