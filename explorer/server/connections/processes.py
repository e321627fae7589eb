"""A process for each connection: this process accepts and hands over, and has no app of its own.

Two queues meet here: connections that wait for a process, and processes that wait for a connection. With standbys,
processes are started ahead of need, as many as the knob says; without, one is started when a connection comes.

With standbys no connection is accepted for which no process is ready. The others wait in the listener, from which the
next server takes them if this one is to stop: a process that is only starting may need longer than a stop may take.

A standby that fails to start is likely to fail again: the next start is a trial, alone and after a pause that grows.
While nothing is ready or starting for that reason, connections are accepted to be refused, as nobody knows how long
they would wait.
"""

import asyncio
import logging
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import uvicorn

from explorer.child.channel import Message
from explorer.child.files import allow_many_files
from explorer.option_error import OptionError
from explorer.records.states import Role
from explorer.server import tracing
from explorer.server.connections.accepting import Accepting
from explorer.server.connections.nursery import Nursery, Source, Spawner
from explorer.server.context import ServerContext
from explorer.server.serving import MOVE_OVER_S, STOP_WITHIN_S, uvicorn_config
from explorer.server.team import Team, measure

LABEL: Final = "gives each connection a process"
AT_ONCE: Final = max(4, os.cpu_count() or 1)
"""Without standbys, so many processes start at a time."""
LOOK_AGAIN_S: Final = 0.01
UNDISTURBED_S: Final = 0.01
FIRST_PAUSE_S: Final = 0.1
"""After a failed start of a standby; twice as long after each further one, up to the longest."""
LONGEST_PAUSE_S: Final = 5.0
HEADROOM_S: Final = 0.2
"""Of the time that a stop may take, what is kept for this process itself."""

logger: Final = logging.getLogger(__name__)


class ProcessServer(Accepting):
    """Hands connections to processes. `start` is standby, fork or spawn; `standbys` is how many stand by."""

    def __init__(self, config: uvicorn.Config, context: ServerContext, start: str, standbys: int) -> None:
        super().__init__(config)
        self.team = Team(context, self._from_member)
        self.complaint: OptionError | None = None
        self._context = context
        self._forks = hasattr(os, "fork") and start != "spawn"
        self._standbys = standbys if start == "standby" else 0
        self._source: Source | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting_for_process: deque[socket.socket] = deque()
        self._ready: deque[int] = deque()  # pids
        self._starting = 0
        self._serving: set[int] = set()
        self._tried: int | None = None  # the pid of the trial: see `startup`
        self._stopped: set[int] = set()  # of these, those that said that they end in order
        self._pause_s = 0.0  # after the last failed start; 0 = none has failed since one was ready
        self._pausing: asyncio.TimerHandle | None = None
        self._told: set[str] = set()  # why processes did not start
        self._announced = False
        self._told_to_stop = False
        self._within = STOP_WITHIN_S
        self._began = time.perf_counter()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start what starts processes and the first of these; with nothing but that to go by, it is ready later."""
        self._loop = asyncio.get_running_loop()
        warm = self._standbys > 0
        if self._forks:
            self._source = Nursery(self._ended, self._nursery_ended, self.team.plan, warm)
        else:
            self._source = Spawner(self._ended, warm)
        # Without standbys the first is a trial: it shows whether such a process can start, and ends.
        for _ in range(self._standbys or 1):
            self._start_one()
        while not self._announced and not self.should_exit:
            await asyncio.sleep(LOOK_AGAIN_S)
        if not self.should_exit:
            await super().startup(sockets)
            self._context.channel.step("Waiting for the first answer", time.perf_counter() - self._began)
            self._context.channel.ready(pids=[os.getpid()], url=self._context.url)

    def take(self, sock: socket.socket) -> None:
        """Hand the connection to a process, now or when there is one; refuse it when none is to be expected."""
        if self._expects_none:
            self.refuse(sock)
            return
        if not self._standbys:
            self._start_one()
        self._waiting_for_process.append(sock)
        self._match()

    @property
    def has_room(self) -> bool:
        """Whether one more would find a process, or be refused, which needs none."""
        to_come = 0 if self._standbys else AT_ONCE
        is_refused = self.is_full or self._expects_none
        return is_refused or len(self._waiting_for_process) < len(self._ready) + to_come

    @property
    def _expects_none(self) -> bool:
        """Whether no process is ready or starting, since the last one failed to start."""
        return self._pausing is not None and not self._ready and not self._starting

    def lacks_room(self) -> None:
        """Start what is wanted, at once."""
        self._see_to_standbys()
        self.go_on()

    @property
    def open_connections(self) -> int:
        """Those that have a process, wait for one, or are being refused."""
        return len(self._serving) + len(self._waiting_for_process) + self.refused

    def stop(self, within: float = STOP_WITHIN_S) -> None:
        """End soon."""
        self._within = within
        super().stop(within)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve those who were accepted, then let every process end its own connection."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._within - HEADROOM_S
        self.stop_accepting()
        await self._until(lambda: not self._waiting_for_process, (loop.time() + end) / 2)
        while self._waiting_for_process:
            self.refuse(self._waiting_for_process.popleft())
        self._standbys = 0
        self._end_pause()
        self._told_to_stop = True
        self.team.relay.broadcast({"type": "stop", "within": max(HEADROOM_S, end - loop.time())})
        # Those who are refused just now have not been read from yet: closed before that, they would be reset. Some may
        # never send anything.
        moved_over = min(end, loop.time() + MOVE_OVER_S)
        await self._until(lambda: not self._serving and not self._ready, end)
        await self._until(lambda: not self.refused and not self.server_state.tasks, moved_over)
        if self.refused or self.server_state.tasks:
            await uvicorn.Server.shutdown(self)
        if self._source is not None:
            self._source.close()

    async def _until(self, over: Callable[[], bool], deadline: float) -> None:
        loop = asyncio.get_running_loop()
        while not over() and loop.time() < deadline:
            await asyncio.sleep(LOOK_AGAIN_S)

    def _start_one(self) -> None:
        assert self._source is not None
        self._source.start(self.team.plan)
        self._starting += 1

    def _match(self) -> None:
        """Bring together who waits for a process and what waits for a connection."""
        while self._waiting_for_process and self._ready:
            pid = self._ready.popleft()
            try:
                self.team.relay.hand_over(pid, self._waiting_for_process[0])
            except OSError:  # it has just died; its end will be told
                continue
            self._waiting_for_process.popleft().close()
            self._serving.add(pid)
        self.go_on()
        # Not at once if nobody waits for it: the next standby's start would take the core from this answer.
        if self._waiting_for_process:
            self._see_to_standbys()
        elif self._loop is not None:
            self._loop.call_later(UNDISTURBED_S, self._see_to_standbys)

    def _see_to_standbys(self) -> None:
        while self._announced and not self.should_exit and len(self._ready) + self._starting < self._standbys:
            if self._pausing is not None or (self._pause_s and self._starting):
                return
            try:
                self._start_one()
            except (RuntimeError, OSError) as error:
                self._give_up(OptionError(f"No process can be started for connections ({error}).", "model.start"))
                return

    # -- what is heard of processes --------------------------------------------------------------------------------

    def _from_member(self, pid: int, message: Message) -> None:
        """Called on a thread of the relay."""
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(self._hear, pid, message)
            except RuntimeError:  # the loop is closed
                return

    def _hear(self, pid: int, message: Message) -> None:
        kind, channel = message["type"], self._context.channel
        if kind == "ready":
            self._is_ready(pid)
        elif kind == "stopped":
            if self._is_known(pid):  # if not, its end has been told already
                self._stopped.add(pid)
        elif kind == "error" and not self._announced:
            self._give_up(OptionError(*(str(message.get(key, "")) for key in ("sentence", "where", "details"))))
        elif kind == "error":
            sentence = str(message["sentence"])
            if self._is_known(pid) or self._is_news(sentence):
                channel.error(sentence, str(message.get("where", "")))
        elif kind == "event" and message.get("event") != "step":
            channel.send("event", **{"pid": pid} | {key: value for key, value in message.items() if key != "type"})

    def _is_known(self, pid: int) -> bool:
        """Whether a process has said that it is ready and lives as far as is known."""
        return pid == self._tried or pid in self._serving or pid in self._ready

    def _is_news(self, sentence: str) -> bool:
        """Whether this is told for the first time of a process that did not start."""
        news = sentence not in self._told
        self._told.add(sentence)
        return news

    def _is_ready(self, pid: int) -> None:
        self._started_one()
        self._end_pause()
        self._pause_s = 0.0
        if self._told_to_stop:  # not this one, which hears of it by the end of the relay
            return
        if not self._announced and not self._standbys:
            self._announced = True
            self._tried = pid
            self.team.relay.tell(pid, {"type": "stop", "within": STOP_WITHIN_S})
            return
        self._ready.append(pid)
        self._announced = self._announced or len(self._ready) >= self._standbys
        self._match()

    def _started_one(self) -> None:
        # One that was ready and died at once counts twice where its end is told first.
        self._starting = max(0, self._starting - 1)

    def _ended(self, pid: int, status: int) -> None:
        """A process has ended, or (pid 0) could not be started: then the status is the system's error number."""
        known = self._is_known(pid)
        served = pid in self._serving
        ready = pid in self._ready
        self._tried = None if pid == self._tried else self._tried
        self._serving.discard(pid)
        if ready:
            self._ready.remove(pid)
        in_order = pid in self._stopped
        self._stopped.discard(pid)
        if self.should_exit:
            return
        if not known:
            self._started_one()
            self._did_not_start(pid, status)
        elif status and not in_order:
            role = Role.CONNECTION if served else Role.STANDBY
            signalled = -status if status < 0 else None
            self._context.channel.event("died", pid=pid, role=str(role), signal=signalled, status=status)
        self._match()

    def _nursery_ended(self, pid: int, status: int) -> None:
        """What forks has ended, and with it all that it had forked."""
        self._serving.clear()
        self._ready.clear()
        if not self._announced:
            self._did_not_start(pid, status)
        elif not self.should_exit:
            sentence = f"Process {pid}, which forks the processes of connections, {_how(status)}."
            self._give_up(OptionError(sentence, "model.start"))

    def _did_not_start(self, pid: int, status: int) -> None:
        if pid:
            how, words = f"{_how(status)} before it could serve", self._context.last_words()
            sentence = f"Process {pid} {how}{': ' if words else '.'}{words}"
        else:
            how = sentence = f"No process could be started for a connection ({os.strerror(status)})."
        if not self._announced:
            self._give_up(OptionError(sentence, "model.start"))
            return
        if self._is_news(how):
            logger.warning("%s", sentence)
            if not pid:  # otherwise the process itself has said what it could not do
                self._context.channel.error(sentence, "model.start")
        self._begin_pause()
        if self._waiting_for_process:
            self.refuse(self._waiting_for_process.popleft())
        while self._waiting_for_process and self._expects_none:
            self.refuse(self._waiting_for_process.popleft())

    def _begin_pause(self) -> None:
        """Start no standby for a while. Several that fail together, or during a pause, make it no longer."""
        if self._standbys and self._pausing is None and self._loop is not None:
            self._pause_s = min(2 * self._pause_s or FIRST_PAUSE_S, LONGEST_PAUSE_S)
            self._pausing = self._loop.call_later(self._pause_s, self._try_again)

    def _end_pause(self) -> None:
        if self._pausing is not None:
            self._pausing.cancel()
            self._pausing = None

    def _try_again(self) -> None:
        self._pausing = None
        self._see_to_standbys()
        self.go_on()

    def _give_up(self, complaint: OptionError) -> None:
        self.complaint = self.complaint or complaint
        self.should_exit = True


def _how(status: int) -> str:
    """How a process ended."""
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with exit status {status}"


async def _no_app(scope: Any, receive: Any, send: Any) -> None:
    """The app of this process, which only refuses: uvicorn never calls it for that."""


def serve_in_processes(context: ServerContext, start: str, standbys: int) -> None:
    """Serve with a process for each connection until the channel says stop. Raises `OptionError` if none can start."""
    allow_many_files()
    measure(context)
    knobs, tracer = context.scenario.server, context.tracer
    if tracer is not None:
        tracer.become(tracer.role, LABEL)
    config = uvicorn_config(
        _no_app, knobs, loop=tracing.loop_factory(knobs.loop, tracer), http=tracing.protocol(knobs.http, tracer)
    )
    config.lifespan = "off"
    server = ProcessServer(config, context, start, standbys)
    context.channel.on("set", server.team.change)
    context.channel.on("release", server.team.relay.broadcast)
    context.channel.on("stop", lambda message: server.stop(float(message.get("within", STOP_WITHIN_S))))
    try:
        server.run(sockets=[context.listener] if context.listener is not None else [])
    finally:
        server.team.relay.close()
    if server.complaint is not None:
        raise server.complaint
