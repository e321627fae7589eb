"""What the window does, without a widget: the present scenario, the present run, and the steps between them.

Panels show what `Control` holds and ask it to change; it owns the session's life, the store and the statistics
of what is on the screen. All of it lives on the window's thread and asyncio loop.

States: `empty` (nothing to show) → `starting` → `running` → `stopping` → `stopped` (the run lies there to be read), and
`viewing` (a recording).
"""

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.analysis.event_log import EventLog
from explorer.analysis.statistics import RunStatistics
from explorer.catalog import Catalog
from explorer.collect.source import Batch
from explorer.desktop.asked_routes import AskedRoutes
from explorer.desktop.bridge import Bridge
from explorer.desktop.interpreters import FoundInterpreters
from explorer.desktop.timeline.lock_queues import LockQueues
from explorer.option_error import OptionError
from explorer.options import build
from explorer.own_app import NOT_WITH_AN_APP, AppKnobs
from explorer.recording.copies import save_copy, save_run
from explorer.recording.notes import Notes
from explorer.recording.retention import runs_folder
from explorer.recording.sources import Reading, Recording, ahead_of, lost_notes, open_source, poll_within, remarks
from explorer.records.clock import now_ns
from explorer.scenario import Scenario, default, parse, read
from explorer.session import events
from explorer.session.own import settled
from explorer.session.recorded import adopt
from explorer.session.session import Session
from explorer.store.store import Store

RESTART_DELAY_MS: Final = 600
UNDO_LIMIT: Final = 100
READ_S: Final = 0.05
"""How long a frame may read of a recording: the window answers in between."""
KEPT: Final = "All but {} was set as in the recording; look at that before you run."
KEPT_RUN: Final = "A kept run"
NOT_OPENED: Final = "The file was not opened"
NOT_WHOLE: Final = "The recording is not whole"
UNFORESEEN: Final = "Something went wrong"
logger: Final = logging.getLogger(__name__)


class Control(QObject):
    """The model behind the window. Signals say what has changed; ask the attributes for how it is now."""

    state_changed = Signal(str)
    scenario_changed = Signal()
    refused = Signal(str, str)
    """A change or a start was refused: sentence, and `section.key` of the knob at fault or nothing."""
    went_wrong = Signal(str, str)
    """Something else failed: a title, and one sentence."""
    run_began = Signal()
    """`store`, `statistics` and `events` are new."""
    saving = Signal(str, object)
    """A run is to be saved: what the file is called, and a function that does it on a thread of its own: it is given a
    `Progress` and returns a sentence that says where the run is, and what the file holds.
    """
    read = Signal()
    """What was opened has been read, as far as it goes."""
    remarked = Signal(str)
    """What was opened is shown, with something to be known about it."""

    def __init__(self, catalog: Catalog, bridge: Bridge, memory: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.catalog = catalog
        self.bridge = bridge
        self.scenario = default(catalog)
        self.state = "empty"
        self.store = Store(memory)
        self.statistics = RunStatistics()
        self.events = EventLog()
        self.locks = LockQueues()
        self.notes = Notes()
        self.session: Session | None = None
        self.began_ns = 0
        self.ended_ns = 0
        self.source_name = ""
        self.source_path: Path | None = None
        self.elsewhere = False
        """Whether what is on the screen was not recorded here: it has no scenario, no server and no requests."""
        self.interpreters = FoundInterpreters(catalog, self)
        self.routes = AskedRoutes(self._spawn, self)
        self._memory = memory
        self._spare: Session | None = None
        self._recording: Reading | None = None
        self._undo: list[Scenario] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = False
        self._pending = QTimer(self)
        self._pending.setSingleShot(True)
        self._pending.setInterval(RESTART_DELAY_MS)
        self._pending.timeout.connect(self._apply)
        bridge.loading.connect(self._on_loading)
        bridge.died.connect(self._on_died)
        bridge.failed.connect(self._on_failed)
        bridge.framed.connect(self._frame)

    @property
    def memory(self) -> int:
        """Bytes that the spans and counters of a run may take."""
        return self._memory

    def allow(self, memory: int) -> None:
        """Let a run take so much, the present one, too, from its next records on."""
        self._memory = self.store.memory_bytes = memory

    # -- the scenario ----------------------------------------------------------------------------------------------

    def change(self, section: str, key: str, value: Any) -> bool:
        """Change one knob, or with `key` "id" choose another feature. Says why not by `refused`."""
        try:
            wanted = self.scenario.changed(self.catalog, section, key, value)
        except OptionError as error:
            self.refused.emit(str(error), error.where or f"{section}.{key}")
            return False
        self._go_to(wanted)
        return True

    def choose(self, scenario: Scenario) -> None:
        """Take a whole scenario."""
        self._go_to(scenario)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to be taken back."""
        return bool(self._undo)

    def undo(self) -> None:
        """Take back the last change."""
        if self._undo:
            wanted = self._undo.pop()
            self._go_to(wanted, remember=False)

    def _go_to(self, wanted: Scenario, *, remember: bool = True) -> None:
        if wanted == self.scenario:
            return
        if remember:
            self._undo = [*self._undo[1 - UNDO_LIMIT :], self.scenario]
        restart = self.scenario.restarts(wanted)
        self.scenario = wanted
        self.scenario_changed.emit()
        if self.state == "running":
            # A restart waits until the hands are still; what is live takes effect at once.
            if restart or self._pending.isActive():
                self._pending.start()
            else:
                self._apply()

    def _apply(self) -> None:
        if self.session is not None and self.state == "running":
            self._spawn(self._change(self.session))

    async def _change(self, session: Session) -> None:
        wanted = self.scenario
        try:
            await session.change(wanted)
        except OptionError as error:
            # What the user changed meanwhile is on its way to the session by itself.
            if self.state == "running" and session.scenario is not None and self.scenario == wanted:
                self._return_to(session.scenario)
            self.refused.emit(str(error), error.where)

    def _return_to(self, scenario: Scenario) -> None:
        """Show what the run goes on with: with the refused value in it, every later change would be refused as well."""
        if scenario in self._undo:
            last = len(self._undo) - 1 - self._undo[::-1].index(scenario)
            self._undo = self._undo[:last]
        self.scenario = scenario
        self.scenario_changed.emit()

    # -- an app of the user's own ----------------------------------------------------------------------------------

    def own_app(self, app: Mapping[str, Any]) -> AppKnobs:
        """The knobs of an app; raises `OptionError`, also for one without a target."""
        if not app.get("target"):
            raise OptionError("Say which app is meant, as package.module:app.", "app.target")
        return build("app", AppKnobs, dict(app))

    def open_app(self, app: Mapping[str, Any], routes: Sequence[Mapping[str, Any]], interpreter: str) -> None:
        """Go over to serving an app, asked for at `routes`; all as in a scenario's tables. Raises `OptionError`."""
        self.own_app(app)
        data = {key: value for key, value in self.scenario.to_dict().items() if key not in NOT_WITH_AN_APP}
        data["server"] |= {"interpreter": interpreter}
        wanted = parse(self.catalog, data | {"name": "", "app": {**app, "route": [dict(route) for route in routes]}})
        settled(wanted)
        self._go_to(wanted)

    # -- the run ---------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Let a server, a load and a sampler stand by, so that the next run begins at once.

        What stands in the way is said when somebody runs.
        """
        if self._spare is not None or self._closing:
            return
        try:
            spare = self._new_session()
        except OptionError:
            return
        try:
            spare.prepare()
        except OptionError:
            self._spawn(self._discard(spare))
        else:
            self._spare = spare

    def _new_session(self) -> Session:
        return Session(self.catalog, self.bridge.hear, [self.bridge.put], interpreters=self.interpreters.finder)

    async def _discard(self, session: Session) -> None:
        await session.stop()
        session.discard()

    @property
    def standing_by(self) -> bool:
        """Whether a server has done its imports and waits for the next run."""
        return self._spare is not None and self._spare.warm

    def toggle(self) -> None:
        """Run if nothing runs, else stop."""
        if self.state in ("running", "starting"):
            self.stop()
        elif self.state != "stopping":
            self.run()

    def run(self) -> None:
        """Start a run of the present scenario."""
        if self.state in ("starting", "running", "stopping"):
            return
        self._spawn(self._run())

    def stop(self) -> None:
        """Stop the run; what it recorded stays on the screen."""
        if self.state in ("running", "starting") and self.session is not None:
            self._spawn(self._stop(self.session))

    def send(self, count: int) -> None:
        """Send `count` requests; with no run going, start the server alone first."""
        if self.state == "running" and self.session is not None:
            self.session.send(count)
        elif self.state not in ("starting", "stopping"):
            self._spawn(self._send_alone(count))

    async def _run(self, scenario: Scenario | None = None) -> bool:
        if self._closing:
            return False
        try:
            session = self._spare or self._new_session()
        except OptionError as error:
            self.refused.emit(str(error), error.where)
            return False
        self._forget()
        self._spare = None
        self.session = session
        self.store, self.statistics, self.events = Store(self._memory), RunStatistics(), EventLog()
        self.locks = LockQueues()
        self.began_ns, self.ended_ns, self.source_name = now_ns(), 0, ""
        self.notes, self.source_path, self.elsewhere = Notes(), None, False
        self._set("starting", began=True)
        self.bridge.start()
        try:
            await session.start(scenario or self.scenario)
        except OptionError as error:
            self._end("stopped" if self.store.count else "empty")
            self.bridge.keep_details(str(error), error.details)
            self.refused.emit(str(error), error.where)
            return False
        except Exception:
            self._end("stopped" if self.store.count else "empty")
            raise
        if session.scenario is None or self.state != "starting":
            return False
        self._set("running")
        return True

    async def _send_alone(self, count: int) -> None:
        quiet = self.scenario.changed(self.catalog, "load", "mode", "users").changed(self.catalog, "load", "users", 0)
        self.scenario = quiet
        self.scenario_changed.emit()
        if await self._run(quiet) and self.session is not None:
            self.session.send(count)

    async def _stop(self, session: Session) -> None:
        if self.state == "stopping":
            return
        self._set("stopping")
        try:
            await session.stop()
        finally:
            self._end("stopped")

    def _end(self, state: str) -> None:
        """Nothing runs any more: show the last records, stop the frames, stand by for the next run."""
        self._frame()
        self.ended_ns = now_ns()
        self._set(state)
        self.bridge.pause()
        self.bridge.framed.emit()
        self.prepare()

    def _on_loading(self, pid: int) -> None:
        # From here the timeline counts too; what starting took has been shown step by step.
        self.began_ns = now_ns()

    def _on_died(self, role: str, pid: int, sentence: str, fatal: bool) -> None:
        if fatal:
            self.stop()

    def _on_failed(self, sentence: str, where: str) -> None:
        if self.session is not None:
            self._spawn(self._stop(self.session))

    # -- files -----------------------------------------------------------------------------------------------------

    def open(self, path: Path) -> None:
        """Show a recording, or take a scenario. Says why not by `went_wrong`."""
        try:
            if path.suffix == ".toml":
                # Not beside a recording, which is somebody else's: those found are started to be asked what they are.
                self.interpreters.near(path.resolve().parent)
                self.choose(read(self.catalog, path))
                return
            if self.state in ("starting", "running", "stopping"):
                raise OptionError("Stop the run before you open a recording.")
            source = open_source(path)
        except OptionError as error:
            self.went_wrong.emit(NOT_OPENED, str(error))
            return
        self._forget()
        different = self._show_setup_of(source)
        self._recording = ahead_of(source)
        self.store, self.statistics, self.events = Store(self._memory), RunStatistics(), EventLog()
        self.locks = LockQueues()
        self.began_ns, self.ended_ns, self.source_name = 0, 0, path.name
        if path.parent == runs_folder():  # its name is a date and a number
            self.source_name = KEPT_RUN
        self.notes, self.source_path = Notes(), path
        self.elsewhere = "scenario" not in source.run
        self._set("viewing", began=True)
        if different:
            self.bridge.hear(events.Warned(KEPT.format(" and ".join(different))))
        self.bridge.start()

    def _show_setup_of(self, source: Recording) -> tuple[str, ...]:
        """Set the questions as the recording's run ended; returns the titles of the knobs it was not followed in.

        What this version does not know leaves all as it is.
        """
        try:
            scenario, different = adopt(self.catalog, source.run["scenario"], self.scenario)
        except (OptionError, KeyError, TypeError, AttributeError):
            return ()
        self._go_to(scenario)
        return different

    def save(self, path: Path) -> None:
        """Save the run on the screen as a recording."""
        if self.session is not None:
            self.saving.emit(path.name, partial(save_run, self.session.run, path))
        elif self.source_path is not None:
            event = self.notes.event if self.notes else None
            self.saving.emit(path.name, partial(save_copy, self.source_path, path, event))

    def _forget(self) -> None:
        """Let go of what is on the screen: a finished run nobody saved stays among the recent ones on disk."""
        if self._recording is not None:
            self._recording.close()
            self._recording = None
        if self.session is not None:
            self.session.let_go()
        self.session = None

    @property
    def reading(self) -> bool:
        """Whether a recording is still being read."""
        return self._recording is not None

    @property
    def read_share(self) -> float:
        """How much of the recording was read, 0 to 1."""
        return 1.0 if self._recording is None else self._recording.progress

    def stop_reading(self) -> None:
        """Read no further; what was read stays on the screen."""
        if self._recording is not None:
            self._end_recording(self._recording)
            if not self.store.tracks:
                self._set("empty")

    # -- frames ----------------------------------------------------------------------------------------------------

    def _frame(self) -> None:
        if self._recording is not None:
            until = time.monotonic() + READ_S
            while self._recording is not None:
                self._read_recording(self._recording, until)
                if time.monotonic() >= until:
                    break
            return
        for batch in self.bridge.take():
            self._feed(batch)

    def _read_recording(self, source: Reading, until: float) -> None:
        try:
            batch = poll_within(source, max(0.0, until - time.monotonic()))
            if batch is not None:
                self._feed(batch)
                self.bridge.pass_on(batch)
        except OptionError as error:
            self._end_recording(source)
            self.went_wrong.emit(NOT_WHOLE, str(error))
        except Exception as error:
            # A damage that no check foresaw: once is enough, the next frame would meet it again.
            self._end_recording(source)
            reason = f"{type(error).__name__}: {error}"
            sentence = f"{self.source_name} is damaged and is shown as far as it goes ({reason})."
            self.went_wrong.emit(NOT_WHOLE, sentence)
        else:
            if source.finished:
                self._end_recording(source)
                self.read.emit()
                if lost := lost_notes(source):
                    self.went_wrong.emit(NOT_WHOLE, lost)
                if told := remarks(source):
                    self.remarked.emit(" ".join(told))

    def _end_recording(self, source: Reading) -> None:
        source.close()
        self._recording = None
        self.began_ns, self.ended_ns = self.store.first or 0, self.store.last or 0
        self.bridge.pause()
        self.bridge.framed.emit()

    def _feed(self, batch: Batch) -> None:
        self.store.append(batch)
        self.statistics.feed(batch)
        self.events.feed(batch)
        self.locks.feed(batch)
        self.notes.feed(batch.events)

    # -- ending ----------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """End everything; nothing is left running."""
        self._closing = True
        self._pending.stop()
        self.interpreters.close()
        self.bridge.pause()
        for session in (self.session, self._spare):
            if session is not None:
                await session.stop()
        if self._spare is not None:
            self._spare.discard()
        self._forget()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _set(self, state: str, *, began: bool = False) -> None:
        """`began`: with another run or recording on the screen; who hears of it knows by then which of the two."""
        before, self.state = self.state, state
        if began:
            self.run_began.emit()
        if state != before:
            self.state_changed.emit(state)

    def accompany(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Let something else go on beside the run, a duel say; what is left of it ends with the window."""
        return self._spawn(work)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[Any]") -> None:
        """What nobody foresaw is a message and a line in the log, not a window that does nothing."""
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("A step of the window failed", exc_info=error)
            words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            self.went_wrong.emit(UNFORESEEN, f"Unexpected {words}; what the program wrote to its terminal says more.")
