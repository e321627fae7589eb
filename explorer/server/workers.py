"""Serving with worker processes: uvicorn's supervisor, and what a run wants to know of its workers.

Each worker is a member of this process's team (`explorer.server.team`). A worker that dies while it serves is
replaced, as uvicorn does; one that never gets to serve ends the server with a sentence, since its successor would fare
the same.
"""

import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Final

import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from explorer.child.channel import Message
from explorer.child.lifeline.tie import tie_to_multiprocessing_parent
from explorer.option_error import OptionError
from explorer.records.states import Role
from explorer.server import tracing
from explorer.server.context import ServerContext
from explorer.server.one_loop import serve_one_loop
from explorer.server.serving import STOP_WITHIN_S, Server
from explorer.server.team import Plan, Team, be_member, measure

STOP_HEADROOM_S: Final = 0.1
# A worker full of threads that compute answers late; uvicorn's 5 s would end it for that.
PATIENCE_S: Final = 15


class Worker(Process):
    """uvicorn's handle on a worker. `target` is what runs in the worker itself."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], plan: Plan) -> None:
        self.plan = plan
        super().__init__(config, sockets)

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Be a worker: join the run and the relay, then serve until told to stop."""
        tie_to_multiprocessing_parent()
        label = tracing.label(str(self.plan.scenario["server"]["loop"]))
        listener = (sockets or [])[0]
        be_member(self.plan, Role.WORKER, label, listener, lambda context: serve_one_loop(context, self._make))

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
        self.team = Team(context, self._from_worker)
        self._ready: set[int] = set()
        self._announced = False
        self._complaint: tuple[str, ...] | None = None
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
        self.team.relay.broadcast({"type": "stop", "within": self._within})
        for worker in self.processes:
            if worker.pid not in self.team.relay.pids:  # not even connected yet
                worker.terminate()

    def stop(self, within: float) -> None:
        """End soon; called from the channel's thread."""
        self._within = max(STOP_HEADROOM_S, within - STOP_HEADROOM_S)
        self.should_exit.set()

    def close(self) -> None:
        """Let go of the relay, and say what went wrong if something did. Raises `OptionError` then."""
        self.team.relay.close()
        if self._complaint is not None:
            raise OptionError(*self._complaint)

    def _start(self) -> Worker:
        worker = Worker(self.config, self.sockets, self.team.plan)
        worker.start()
        return worker

    def _from_worker(self, pid: int, message: Message) -> None:
        kind, channel = message["type"], self._context.channel
        if kind == "ready":
            self._ready.add(pid)
            self._announce(pid)
        elif kind == "error" and pid not in self._ready:
            self._complaint = tuple(str(message.get(key, "")) for key in ("sentence", "where", "details"))
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
    measure(context)
    workers = Workers(context, number)
    context.channel.on("set", workers.team.change)
    context.channel.on("release", workers.team.relay.broadcast)
    context.channel.on("stop", lambda message: workers.stop(float(message.get("within", STOP_WITHIN_S))))
    try:
        workers.run()
    finally:
        workers.close()
