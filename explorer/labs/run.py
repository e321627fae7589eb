"""A lab's own run: one observed child that does what the lab asks, with collector, recorder and sampler around it.

It is a session without listener and load. Not observed, it is the child alone, which then costs nothing but itself.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from explorer.collect.collector import Collector
from explorer.collect.ring_source import RunSource
from explorer.collect.source import Batch, Marker
from explorer.option_error import OptionError
from explorer.paths import new_run_folder, release, remove_run_folder, scratch_folder
from explorer.recording import owner
from explorer.recording.archive import Saved, save
from explorer.recording.writer import RecordingWriter
from explorer.records.clock import now_ns
from explorer.records.states import Role
from explorer.session.member import Member, Message
from explorer.session.run_file import RunFile
from explorer.session.services import Needs, Services
from explorer.supervise.interpreters.find import Interpreters
from explorer.supervise.supervisor import Supervisor

Consumer = Callable[[Batch], None]
SAMPLER: Final = "explorer.sampler.process"
START_LIMIT_S: Final = 30.0
STOP_S: Final = 1.0


class LabRun:
    """One life of a lab's child. All methods belong to the asyncio loop of the main thread.

    `heard(message)` gets what the child says; `ended(sentence)` that it ended although nobody asked it to.
    """

    def __init__(
        self,
        heard: Callable[[Message], None],
        ended: Callable[[str], None],
        *,
        observed: bool,
        consumers: Sequence[Consumer] = (),
        interpreters: Interpreters | None = None,
    ) -> None:
        self.run: Path = new_run_folder()
        owner.hold(self.run)
        RunFile(self.run).write()
        self._heard, self._ended_badly = heard, ended
        self._observed = observed
        self._supervisor = Supervisor(self.run if observed else None, interpreters)
        self._recorder = RecordingWriter(self.run, keep_all=True) if observed else None
        self._source = RunSource(self.run)
        taking = [self._recorder.feed] if self._recorder is not None else []
        self._collector = Collector(self._source, [*taking, *consumers], self._consumer_failed)
        self._child: Member | None = None
        self._sampler: Member | None = None
        self._services = Services(self.run, self._spawn)
        self._stopped = asyncio.Event()
        self._state = "new"

    @property
    def scratch(self) -> Path:
        """A folder for what the child needs only while it runs."""
        return scratch_folder(self.run)

    async def start(self, module: str, interpreter: str = "", **config: Any) -> Message:
        """Start the lab's child `module` under `interpreter` (a path) and wait for its `ready`, which is returned.

        Raises `OptionError`; `stop` is still to be called.
        """
        self._state = "running"
        child = self._child = self._spawn(module, Role.LAB, "lab", interpreter)
        if self._observed:
            sampler = self._sampler = self._spawn(SAMPLER, Role.SAMPLER, "sampler")
            self._collector.start()
            sampler.child.configure(run=str(self.run))
            await sampler.ready(START_LIMIT_S)
            config |= {"run": str(self.run), "epoch": 1, "sampler": sampler.pid}
        child.child.configure(scratch=str(self.scratch), **config)
        return await child.ready(START_LIMIT_S)

    def send(self, kind: str, **fields: Any) -> None:
        """Tell the child something."""
        if self._child is not None:
            self._child.send(kind, **fields)

    async def services(self, needs: Needs, interpreter: str = "") -> Mapping[str, str]:
        """Start these services and end all others; their addresses. Raises `OptionError`."""
        gone = self._services.let_go(needs, interpreter)
        for member in gone:
            self._source.expect_end(member.pid)
        await asyncio.gather(*(member.stop(STOP_S) for member in gone))
        return await self._services.ensure(needs, interpreter)

    def mark(self, text: str, kind: str = "change") -> None:
        """Put a marker on the timeline."""
        if self._observed:
            self._source.add_marker(Marker(now_ns(), kind, text, ""))

    def expect_end(self, pids: Iterable[int]) -> None:
        """These processes are going to end because the lab needs them no more."""
        for pid in pids:
            self._source.expect_end(pid)

    async def stop(self) -> None:
        """End all processes; returns when none is left and all records are in."""
        if self._state == "stopping":
            await self._stopped.wait()
        if self._state in ("stopping", "stopped"):
            return
        self._state = "stopping"
        try:
            members = [each for each in (self._child, self._sampler, *self._services.members) if each is not None]
            for member in members:
                self._source.expect_end(member.pid)
            await asyncio.gather(*(member.stop(STOP_S) for member in members))
        finally:
            self._supervisor.close()
            self._state = "stopped"
            self._stopped.set()
        if self._recorder is not None:
            await asyncio.to_thread(self._collector.stop)
            self._recorder.close()
        release(self.run)

    async def save(self, path: Path) -> Saved:
        """Write the recording as one file, after `stop`. Raises `OptionError`."""
        return await asyncio.to_thread(save, self.run, path)

    def discard(self) -> None:
        """Delete the run's folder; only after `stop`."""
        owner.let_go(self.run)
        remove_run_folder(self.run)

    def _spawn(self, module: str, role: Role, name: str, interpreter: str = "") -> Member:
        child = self._supervisor.spawn(module, role=role, interpreter=interpreter)
        return Member(child, name, self._message, self._ended)

    def _message(self, member: Member, message: Message) -> None:
        if member is self._child:
            self._heard(message)
        elif message.get("type") == "error":
            member.farewell = str(message.get("sentence", ""))

    def _ended(self, member: Member, code: int) -> None:
        if member is not self._sampler and self._state == "running":
            self._ended_badly(member.farewell or member.child.obituary())

    def _consumer_failed(self, error: BaseException) -> None:
        if self._child is not None:
            self._child.hand_over(self._ended_badly, f"The recording of the lab failed ({error}).")


def interpreter_path(interpreters: Interpreters, text: str) -> str:
    """The path of the Python that `text` means; empty for the explorer's own. Raises `OptionError`; takes its time."""
    if not text.strip():
        return ""
    path = interpreters.resolve(text, ())
    trouble = interpreters.asked(path, (), ()).trouble(path, ())
    if trouble:
        raise OptionError(trouble)
    return path
