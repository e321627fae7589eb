"""One run from start to stop: the composition of supervisor, collector, recorder and load.

A session belongs to one asyncio loop (the command line's, or the window's on Qt) and emits `session.events` on it.
Spans and figures do not pass through here: the collector's thread hands every `Batch` to the recorder and to the
consumers that the owner gave.

The order of a life: `prepare` spawns server, load and sampler, which import what they need and wait; `start` gives
them their configuration; `change` sends live knobs or replaces the server under the load; `stop` ends the load, then
the server, then drains the rings. Whatever goes wrong, `stop` leaves no process behind.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from explorer.catalog import Catalog
from explorer.collect.collector import Collector
from explorer.collect.ring_source import RunSource
from explorer.collect.source import Batch, Marker
from explorer.option_error import OptionError
from explorer.paths import new_run_folder, release, remove_run_folder
from explorer.probe.tracer import RUN, Tracer
from explorer.recording import owner
from explorer.recording.archive import Saved, save
from explorer.recording.writer import RecordingWriter
from explorer.records.clock import Clock, now_ns
from explorer.records.states import Role
from explorer.scenario import Scenario, oldest_python, packages, reach
from explorer.session import events, limits, load_words, not_sampled, own, programs, waiters
from explorer.session.changes import Change, change
from explorer.session.log_watch import LogWatch
from explorer.session.member import Member
from explorer.session.not_sampled import SAMPLING
from explorer.session.obituary import obituary, way
from explorer.session.run_file import RunFile
from explorer.session.sentences import EXPOSED, OWN_LOOP, STOPPED, UNOBSERVED, UVLOOP
from explorer.session.services import Services, needed
from explorer.supervise.hosts import knobs as hosts
from explorer.supervise.interpreters.find import Interpreters
from explorer.supervise.listener import Resolved
from explorer.supervise.supervisor import Supervisor

Consumer = Callable[[Batch], None]


class Session:
    """A run. `emit` is called on the loop that `start` runs on; `consumers` on the collector's thread.

    `label` is what this process is called among the processes of the run; `interpreters` may be shared between runs.
    """

    def __init__(
        self,
        catalog: Catalog,
        emit: Callable[[events.Event], None],
        consumers: Sequence[Consumer] = (),
        *,
        keep_all: bool = False,
        label: str = "window",
        clock: Clock = now_ns,
        interpreters: Interpreters | None = None,
    ) -> None:
        self.run: Path = new_run_folder()
        owner.hold(self.run)
        self.url = ""
        self.epoch = 0
        self.scenario: Scenario | None = None
        self._catalog = catalog
        self._emit = emit
        self._consumers = tuple(consumers)
        self._clock = clock
        self._label = label
        self._tracer: Tracer | None = None
        self._file = RunFile(self.run)
        self._file.write()
        self._supervisor = Supervisor(self.run, interpreters)
        self._recorder = RecordingWriter(self.run, keep_all=keep_all)
        self._source = RunSource(self.run, clock=clock)
        self._collector = Collector(self._source, [self._record, *self._consumers], self._consumer_failed)
        self._server: Member | None = None
        self._load: Member | None = None
        self._sampler: Member | None = None
        self._services = Services(self.run, self._spawn)
        self._load_total: asyncio.Future[None] | None = None
        self._changing = asyncio.Lock()
        self._over = asyncio.Event()
        self._interpreter = ""
        self._load_from = "here"
        self._state = "new"
        self._unobserved = False
        self._news = own.News(emit)
        self._logs = LogWatch(self.run, emit)

    # -- starting --------------------------------------------------------------------------------------------------

    def prepare(self, interpreter: str = "") -> None:
        """Spawn the run's processes, which import and wait, so that `start` is quick. Call it on the session's loop."""
        if self._state == "new":
            self._state = "prepared"
            self._spawn_all(interpreter)

    async def start(self, scenario: Scenario) -> None:
        """Serve and load `scenario`. Raises `OptionError` if it cannot; then nothing is left running.

        Stopped by `stop` in the meantime, or before, it returns as well.
        """
        if self._state in ("stopping", "stopped"):
            return
        self.scenario = scenario
        try:
            prepared, self._state = self._state == "prepared", "starting"
            self.scenario = scenario = own.settle(scenario, self._emit)
            self._news.serves(scenario)
            # On another thread: an interpreter or a name server may take its time to answer.
            resolved = await asyncio.to_thread(self._check, scenario)
            self._go_on()
            self._listen(scenario, resolved)
            self._supervisor.settle(scenario)
            if not prepared:
                self._spawn_all(scenario.server.interpreter, scenario.load.where)
            if self._load_from != scenario.load.where:
                await self._replace_prepared_load(scenario.load.where)
                self._go_on()
            if self._interpreter != scenario.server.interpreter:
                await self._replace_prepared(scenario.server.interpreter)
                self._go_on()
            self._file.begin_epoch(1, scenario, self._clock())
            # This process writes no records, but what it costs is shown beside the others.
            self._tracer = Tracer.join(Role.WINDOW, self._label, environ={RUN: str(self.run)})
            self._collector.start()
            self._logs.start()
            if scenario.load.where != "here":  # what can go wrong with others' machines does so before a server starts
                await self._ready_load(scenario)
                self._go_on()
            await self._serve(scenario)
            await self._start_load(scenario)
            self._state = "running"
        except BaseException as error:
            stopped = self._state in ("stopping", "stopped")
            await self.stop()
            if not (stopped and isinstance(error, OptionError)):
                raise

    def _check(self, scenario: Scenario) -> Resolved:
        """Raise `OptionError` if the server could not start; asked on another thread, as it may take its time.

        Returns what its host and port mean, for `_listen`.
        """
        resolved = self._supervisor.check(
            scenario, packages(self._catalog, scenario), oldest_python(self._catalog, scenario)
        )
        hosts.check(scenario.load.model_dump())
        reach(self._catalog, scenario)
        return resolved

    def _listen(self, to: Scenario, resolved: Resolved) -> None:
        self._supervisor.listen(to.server.host, to.server.port, to.server.backlog, resolved)

    def _go_on(self) -> None:
        """Raise `OptionError` if the run was stopped. To be asked after every await on the way to a server.

        `stop` waits for no start and no change that is under way: what they began after it, nobody would end.
        """
        if self._state not in ("starting", "running"):
            raise OptionError(STOPPED)

    def _spawn_all(self, interpreter: str, load_from: str = "here") -> None:
        self._interpreter, self._load_from = interpreter, load_from
        self._server = self._spawn(programs.SERVER, Role.SERVER, "server", interpreter)
        self._load = self._spawn(programs.LOADS[load_from], Role.LOAD, "load")
        self._sampler = self._spawn(programs.SAMPLER, Role.SAMPLER, "sampler")

    async def _replace_prepared(self, interpreter: str) -> None:
        """The server that stands by runs another Python than the scenario asks for."""
        old, self._interpreter = self._server, interpreter
        self._server = self._spawn(programs.SERVER, Role.SERVER, "server", interpreter)
        await self._end([old] if old is not None else [])

    async def _replace_prepared_load(self, load_from: str) -> None:
        """The load that stands by sends from elsewhere than the scenario asks for."""
        old, self._load_from = self._load, load_from
        self._load = self._spawn(programs.LOADS[load_from], Role.LOAD, "load")
        await self._end([old] if old is not None else [])

    def _spawn(self, module: str, role: Role, name: str, interpreter: str = "") -> Member:
        child = self._supervisor.spawn(module, role=role, interpreter=interpreter)
        return Member(child, name, self._message, self._ended)

    async def _serve(self, scenario: Scenario) -> None:
        self._go_on()
        self.epoch += 1
        needs, python = needed(self._catalog, scenario), scenario.server.interpreter
        await self._end(self._services.let_go(needs, python))
        self._go_on()
        services = await self._services.ensure(needs, python)
        self._go_on()
        server = self._server
        if server is None or not server.alive:
            server = self._server = self._spawn(programs.SERVER, Role.SERVER, "server", scenario.server.interpreter)
        server.child.configure(
            scenario=scenario.to_dict(),
            run=str(self.run),
            epoch=self.epoch,
            listener=self._supervisor.listener_for(server.child),
            services=services,
            sampler=self._sampler.pid if self._sampler is not None else 0,
        )
        message = await self._news.ready(server, limits.START_LIMIT_S + (scenario.app.limit if scenario.own else 0))
        self._go_on()
        self.url = self._supervisor.url
        self._source.add_event({"type": "serving", "time": self._clock(), "url": self.url, "epoch": self.epoch})
        self._emit(events.Serving(self.url, tuple(message.get("pids", (server.pid,))), self.epoch))
        if self._supervisor.exposed:
            self._emit(events.Warned(EXPOSED.format(self._supervisor.exposed), "server.host"))
        model = self._catalog.get("model", scenario.model.id)
        if scenario.server.loop == "uvloop":
            sentence = OWN_LOOP.format(model.title, model.loop) if model.loop else UVLOOP
            self._emit(events.Warned(sentence, "server.loop"))

    async def _start_load(self, scenario: Scenario) -> None:
        load, sampler = self._load, self._sampler
        assert load is not None
        assert sampler is not None
        sampler.child.configure(run=str(self.run), sampling=scenario.server.sampling)
        here = [self._ready_load(scenario)] if scenario.load.where == "here" else []
        await asyncio.gather(*here, sampler.ready(limits.START_LIMIT_S))
        self._go_on()
        self._load_total = asyncio.get_running_loop().create_future()
        load.send("begin")
        self._marker("begin", "Load begins")
        self._emit(events.Loading(load.pid))

    async def _ready_load(self, scenario: Scenario) -> None:
        load = self._load
        assert load is not None
        host, port = self._supervisor.address
        load.child.configure(
            host=host,
            port=port,
            bound=self._supervisor.exposed,
            token=self._file.token,
            run=str(self.run),
            **load_words.configuration(self._catalog, scenario, self._news.templates),
        )
        await load.ready(limits.LOAD_LIMIT_S[self._load_from])

    async def _end(self, members: list[Member]) -> None:
        """End what is needed no more, while the run goes on."""
        for member in members:
            self._source.expect_end(member.pid)
        await asyncio.gather(*(member.stop(limits.STOP_LIMIT_S) for member in members))

    @property
    def warm(self) -> bool:
        """Whether the prepared processes have done their imports."""
        members = (self._server, self._load, self._sampler)
        return all(member is not None and member.warm for member in members)

    # -- while it runs ---------------------------------------------------------------------------------------------

    async def change(self, scenario: Scenario) -> Change | None:
        """Go over to `scenario`: live where that is possible, else with a new server while the load goes on.

        Raises `OptionError` if it can be told beforehand that no server could start with it; then everything stays as
        it was. A new server that fails in spite of that ends the run (`events.Failed`).
        """
        async with self._changing:
            if self.scenario is None or self._state != "running":
                return None
            scenario = own.settled(scenario)[0]
            step = change(self._catalog, self.scenario, scenario)
            if not step.text:
                return step
            if step.restart:
                resolved = await asyncio.to_thread(self._check, scenario)
                if self._state != "running":
                    return None
                self._listen(scenario, resolved)
                self._supervisor.settle(scenario)
            self._news.serves(scenario)
            before, self.scenario = self.scenario, scenario
            held = step.restart and load_words.speaks_otherwise(self._catalog, before, scenario)
            if held and self._load is not None:
                await self._load.ask("hold", "held", limits.HOLD_LIMIT_S[self._load_from])
            self._set_load(before, scenario, step)
            if step.restart:
                await self._restart(scenario, step.text, held, before.own)
                if len(scenario.also) > len(before.also):
                    self._tell_paths(scenario)
            else:
                self._marker("change", step.text)
                for knob, value in step.server.items():
                    if knob != SAMPLING and self._server is not None:
                        self._server.send("set", knob=knob, value=value)
            if before.server.sampling != scenario.server.sampling and self._sampler is not None:
                self._sampler.send("set", knob=SAMPLING, value=scenario.server.sampling)
            return step

    def send(self, count: int) -> None:
        """Send `count` requests at once, beside whatever load there is."""
        if self._load is not None:
            self._load.send("send", count=count, path=own.first_path(self.scenario))

    def release_waiter(self, owner: waiters.Waiter) -> None:
        """Raise in a thread or task that waits for a lock: its request is answered with 503; a marker tells of it."""
        waiters.release(self._server, owner)

    def annotate(self, event: Mapping[str, Any]) -> None:
        """Put what the user wrote (`recording.notes`) into the run's log."""
        self._source.add_event(event)

    async def _restart(self, scenario: Scenario, reason: str, held: bool, owned: bool) -> None:
        """Let a new server take over. With `held` the load sends nothing in between: it has to speak otherwise then.
        `owned`: the old one serves an app of the user's own.
        """
        self._marker("restart", reason)
        self._emit(events.Restarting(reason))
        fresh = self._spawn(programs.SERVER, Role.SERVER, "server", scenario.server.interpreter)
        old, self._server = self._server, fresh
        if old is not None:
            self._source.expect_end(old.pid)
            await (own.end(old, self._news) if owned else old.stop(limits.RESTART_LIMIT_S))
        if held:
            self._tell_paths(scenario)
        if self._state != "running":  # stopped meanwhile: the new server is ended with the rest
            return
        self._file.begin_epoch(self.epoch + 1, scenario, self._clock())
        try:
            await self._serve(scenario)
        except OptionError as error:
            if self._state == "running":
                self._emit(events.Failed(str(error), error.where, error.details))
                await self.stop()
            return
        if scenario.own:
            self._tell_paths(scenario)  # the names of its paths are known now
        if held and self._load is not None:
            self._load.send("release")

    def _tell_paths(self, scenario: Scenario) -> None:
        if self._load is not None:
            paths = load_words.paths(self._catalog, scenario, self._news.templates)
            self._load.send("set", section="load", values={"paths": paths})

    def _set_load(self, before: Scenario, scenario: Scenario, step: Change) -> None:
        values = load_words.changed(
            self._catalog, before, scenario, step, self._supervisor.address, self._news.templates
        )
        if values and self._load is not None:
            self._load.send("set", section="load", values=values, bound=self._supervisor.exposed)

    # -- ending ----------------------------------------------------------------------------------------------------

    async def stop(self) -> None:
        """End the load, then everything else; returns when no process is left and all records are in."""
        if self._state in ("stopping", "stopped"):
            await self._over.wait()
            return
        was, self._state = self._state, "stopping"
        by = asyncio.get_running_loop().time() + limits.STOP_LIMIT_S - limits.DRAIN_S
        try:
            try:
                if was == "running":
                    self._marker("end", "Load ends")
                    await self._end_load()
            finally:
                await self._end_all(max(limits.LEAST_STOP_S, by - asyncio.get_running_loop().time()), was == "running")
        finally:
            self._supervisor.close()  # also where even this was cut short
            self._state = "stopped"
            self._over.set()
        self._emit(events.Stopped())

    def hurry(self) -> None:
        """While `stop` waits for an app of the user's own to end: wait no longer."""
        if self._state == "stopping" and self._server is not None:
            self._server.kill()

    async def _end_all(self, within: float, served: bool) -> None:
        members = [member for member in (self._load, self._sampler) if member is not None]
        servers = [self._server] if self._server is not None else []
        services = self._services.members
        for member in (*members, *servers, *services):
            self._source.expect_end(member.pid)
        by = asyncio.get_running_loop().time() + within
        # What the server leans on goes after it: requests under way, and processes that start just now, still need it.
        most = within - limits.SERVICES_S if services else within
        own_app = served and self.scenario is not None and self.scenario.own
        ends = [own.end(server, self._news) if own_app else server.stop(most) for server in servers]
        await asyncio.gather(*ends, *(member.stop(most) for member in members))
        rest = max(limits.SERVICES_S, by - asyncio.get_running_loop().time())
        await asyncio.gather(*(service.stop(rest) for service in services))
        self._supervisor.close()
        self._logs.stop()
        await asyncio.to_thread(self._collector.stop)
        if self._tracer is not None:
            self._tracer.close()
        self._recorder.close()
        release(self.run)

    async def save(self, path: Path) -> Saved:
        """Write the recording so far (up to 100 ms ago) as one file; returns where it is and what it holds.

        Raises `OptionError` if that is not possible.
        """
        return await asyncio.to_thread(save, self.run, path)

    def let_go(self) -> None:
        """The run is shown no more: its folder may go when room is needed; only after `stop`."""
        owner.let_go(self.run)

    def discard(self) -> None:
        """Delete the run's folder; only after `stop`."""
        remove_run_folder(self.run)

    async def _end_load(self) -> None:
        load = self._load
        if load is None or not load.alive or self._load_total is None:
            return
        load.send("end")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._load_total), limits.STOP_LIMIT_S)

    # -- what the children say -------------------------------------------------------------------------------------

    def _message(self, member: Member, message: Mapping[str, Any]) -> None:
        kind, message = message.get("type"), self._news.veiled(message)
        if kind == "applied":
            self._source.add_event(message)
            self._emit(events.Applied(str(message.get("knob", "")), tuple(message.get("pids", ()))))
        elif kind == "error":
            self._emit(events.Warned(str(message.get("sentence", "")), str(message.get("where", ""))))
        elif kind == "event":
            self._event(member, message)

    def _event(self, member: Member, message: Mapping[str, Any]) -> None:
        name = message.get("event")
        if name == "step":
            self._emit(events.Step(str(message.get("name", "")), float(message.get("seconds", 0.0))))
            return
        self._source.add_event(own.recorded(message) | {"type": str(name)})
        if name == "load_total":
            if self._load_total is not None and not self._load_total.done():
                self._load_total.set_result(None)
            self._emit(events.LoadEnded())
        elif name == "died":
            how = str(message.get("how", "")) or way(message.get("signal"), message.get("status"))
            self._died(str(message.get("role", "")), int(message.get("pid", 0)), how, fatal=False)
        elif name == "host_ended":
            sentence = str(message.get("sentence", ""))
            self._marker("death", f"Host {message.get('host', '')} ended", sentence)
            self._emit(events.Warned(sentence))
        elif name == "leaving":
            member.farewell = str(message.get("sentence", ""))
            self._source.expect_end(member.pid)
        elif name == "released" and message.get("found"):
            self._marker("change", "A waiter was released", waiters.RELEASED)
        elif name == "unobserved" and not self._unobserved:
            self._unobserved = True
            self._emit(events.Warned(UNOBSERVED))
        elif name == "not_sampled":
            not_sampled.tell(message, self._news.say)
        elif name == "warning":
            self._emit(events.Warned(str(message.get("sentence", "")), str(message.get("where", ""))))
        elif name in own.NEWS:
            self._news.hear(message)

    def _ended(self, member: Member, code: int) -> None:
        fatal = member is self._server
        if member is self._load and self._load_total is not None and not self._load_total.done():
            self._load_total.set_result(None)
        if member.farewell and not code:
            self._marker("change", f"{member.name.capitalize()} ends", member.farewell)
            self._emit(events.Died(member.name, member.pid, member.farewell, fatal))
            return
        self._died(member.name, member.pid, way(-code if code < 0 else None, code), fatal=fatal)

    def _died(self, name: str, pid: int, how: str, *, fatal: bool) -> None:
        sentence = obituary(name, pid, how, fatal=fatal)
        self._marker("death", f"{name.capitalize()} {pid} ended", sentence)
        self._emit(events.Died(name, pid, sentence, fatal))

    def _marker(self, kind: str, text: str, detail: str = "") -> None:
        self._source.add_marker(Marker(self._clock(), kind, text, detail))

    def _record(self, batch: Batch) -> None:
        recorder = self._recorder
        before = {recorder.stopped, recorder.rolled}
        recorder.feed(batch)
        for sentence in (recorder.rolled, recorder.stopped):
            if sentence not in before and self._server is not None:
                self._server.hand_over(self._emit, events.Warned(sentence))

    def _consumer_failed(self, error: BaseException) -> None:
        if self._server is not None:
            self._server.hand_over(
                self._emit, events.Warned(f"Part of the recording failed ({error}); the run goes on.")
            )
