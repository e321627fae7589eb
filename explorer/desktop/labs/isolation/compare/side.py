"""One side of a comparison: the database and the level that it runs on, and what its last run came to."""

import asyncio
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from explorer.desktop.labs.isolation.parts import Lab
from explorer.desktop.labs.isolation.session import LabSession
from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.target import Target
from explorer.labs.isolation.trace import Facts, Trace
from explorer.labs.isolation.verdict import Verdict
from explorer.option_error import OptionError

NO_PACE: Final = 0.0


class Side(QObject):
    """`changed`: its database, level or run. A database of its own lives in a task, which ends with the window."""

    changed = Signal()

    def __init__(self, session: LabSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.target: Target | None = None
        """Its own database; None: that of the lab."""
        self.level = ""
        self.starting = ""
        """What it is called while it is being started; empty otherwise."""
        self.trace: Trace | None = None
        self.verdict: Verdict | None = None
        self.graph: Graph | None = None
        self._lab: Lab | None = None
        self._facts: Facts | None = None
        self._keeper: asyncio.Task[Any] | None = None

    @property
    def facts(self) -> Facts | None:
        """Of the database that it runs on; None before that is ready."""
        return self._session.facts if self.target is None else self._facts

    @property
    def shared(self) -> bool:
        """Whether it runs on the lab's own database, where one run at a time is possible."""
        return self.target is None

    def set_level(self, level: str) -> None:
        """Another level; what was run is gone."""
        if level != self.level:
            self.level = level
            self.forget()

    def forget(self) -> None:
        """Nothing was run."""
        self.trace = self.verdict = self.graph = None
        self.changed.emit()

    def recall(self, schedule: Schedule) -> None:
        """Show what the lab has measured of a schedule, if it has and this side runs on its database."""
        key = schedule.id, self.level
        known = self.shared and self._session.schedules.get(schedule.id) == schedule
        self.trace = self._session.traces.get(key) if known else None
        self._judge(schedule)

    async def use(self, target: Target | None, title: str) -> bool:
        """Run on another database from now on; why that cannot be is told, and the present one stays."""
        if target is not None and target == self.target:
            return True
        if target is None:
            self._leave()
            self.target = None
            self.forget()
            return True
        self.starting = title
        self.changed.emit()
        ready: asyncio.Future[tuple[Lab, Facts]] = asyncio.get_running_loop().create_future()
        keeper = self._session.spawn(self._keep(target, ready))
        try:
            lab, facts = await ready
        except OptionError as error:
            self._session.went_wrong.emit(str(error))
            return False
        finally:
            self.starting = ""
            self.changed.emit()
        self._leave()
        self._keeper, self._lab, self._facts, self.target = keeper, lab, facts, target
        self.forget()
        return True

    async def run(self, schedule: Schedule, pace: float = NO_PACE) -> None:
        """Run a schedule; `changed` follows each of its steps. Raises `OptionError`."""

        def told(trace: Trace) -> None:
            self.trace = trace
            self._judge(schedule)

        self.trace = None
        self._judge(schedule)
        if self.shared:
            told(await self._session.run(schedule, self.level, told, pace))
        elif (lab := self._lab) is not None:
            try:
                told(await lab.run(schedule, self.level, told, pace))
            except OptionError:
                if lab is self._lab and lab.lost:  # it is gone: on with the lab's own
                    self._leave()
                    self.target = None
                    self.forget()
                raise

    def _judge(self, schedule: Schedule) -> None:
        trace = self.trace
        self.verdict = self._session.judge(schedule, trace) if trace is not None else None
        self.graph = self._session.graph(schedule, trace) if trace is not None else None
        self.changed.emit()

    async def _keep(self, target: Target, ready: "asyncio.Future[tuple[Lab, Facts]]") -> None:
        """Lives as long as the database is wanted, and takes it down."""
        ended = asyncio.Event()
        said: list[str] = []

        def gone(sentence: str) -> None:
            said.append(sentence)
            ended.set()

        lab = self._session.parts.lab(target, gone)
        try:
            try:
                facts = await lab.start()
            except OptionError as error:
                if not ready.done():
                    ready.set_exception(error)
                return
            if not ready.done():
                ready.set_result((lab, facts))
            await ended.wait()
            if self._lab is lab:
                self._lab = self._facts = self.target = None
                self.forget()
            self._session.went_wrong.emit(said[0])
        finally:
            ready.cancel()  # nobody waits for what will not be
            await lab.stop()
            lab.discard()

    def _leave(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
        self._keeper = self._lab = self._facts = None
