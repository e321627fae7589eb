"""The middle of a lesson about isolation: the lab's own ladder and, below it, the same run measured."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.labs.isolation.ladder.area import LadderArea
from explorer.desktop.labs.isolation.ladder.model import ladder
from explorer.desktop.labs.isolation.ladder.view import LadderView
from explorer.desktop.labs.isolation.runner import Runner
from explorer.desktop.labs.isolation.session import LabSession
from explorer.desktop.labs.isolation.side.panel import SidePanel
from explorer.desktop.labs.isolation.strip.model import Strip, strip
from explorer.desktop.labs.isolation.strip.view import StripView
from explorer.desktop.lessons.stages.stage import Stage
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import Label
from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.measure import run_as_json
from explorer.labs.isolation.target import Target
from explorer.lessons.lesson import Lesson, Run
from explorer.lessons.runs import isolation_of
from explorer.option_error import OptionError
from explorer.records.clock import now_ns

LIVE_MS = 50
"""How often a wait that goes on is drawn anew."""


class IsolationStage(Stage):
    """Around one session of the lab, on the database that the lesson names."""

    reads = True

    def __init__(self, theme: Theme, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.session = LabSession(control, parent=self)
        self.runner = Runner(self.session, self)
        self.ladder = LadderView(theme, self.runner)
        self.strip = StripView(theme)
        self.side = SidePanel(theme)
        self.side.set_predicting(True)
        self.side.show_retry(offered=False, on=False)
        self.side.show_other("")
        self.side.export.hide()
        self.beside = self.side
        self._title = Label(theme, "", 14, 600)
        self._running = False
        self._wanted: object | None = None
        """Stands for the run that was asked for last, as long as it is."""
        self._sending = False
        """Whether its steps are being sent."""
        self._asked: tuple[str, str] | None = None
        self._level = ""
        self._live = QTimer(self)
        self._live.setInterval(LIVE_MS)
        self._live.timeout.connect(self._draw)
        self._lay_out()
        self.runner.changed.connect(self._changed)
        self.runner.chosen.connect(self._draw)
        self.runner.ended.connect(self._ended)
        self.session.went_wrong.connect(self._went_wrong)
        for widget in (self.ladder, self.strip):
            widget.lit.connect(self._light)

    def _lay_out(self) -> None:
        px = self._theme.px
        area = LadderArea(self.ladder)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(18), px(14), px(18), px(8))
        column.setSpacing(px(8))
        column.addWidget(self._title)
        column.addWidget(area, 1)
        column.addWidget(self.strip)

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self._running

    def show_ready(self, lesson: Lesson, run: Run) -> None:
        """The steps, none of them sent."""
        self._choose(run)
        assert self._asked is not None
        self.runner.schedule = self.session.schedules[self._asked[0]]
        self.runner.trace = None
        self._draw()

    def start(self, lesson: Lesson, run: Run, *, free_port: bool = False) -> None:
        """Run the schedule at the run's level, step by step, to its end."""
        self._running, self._sending = True, False
        self._wanted = wanted = object()
        self.session.spawn(self._start(run, wanted))

    def stop(self) -> None:
        """Stay at the step that is being sent."""
        if self._running:
            self.drop()
            self.cancelled.emit()

    def drop(self) -> None:
        """Stay at the step that is being sent, and tell nothing more of it."""
        self._running, self._sending, self._wanted = False, False, None
        self.runner.pause()

    async def _start(self, run: Run, wanted: object) -> None:
        try:
            if self._wanted is not wanted:
                return
            target = self._choose(run)
            other = self.session.lab is None or self.session.target != target
            if other and not await self._use(target):
                return
            if self._wanted is not wanted:
                return
            assert self._asked is not None
            schedule, level = self._asked
            self.runner.choose(schedule)
            if level not in self.runner.levels:
                raise OptionError(f"{target.kind} has no level '{level}'. It has {', '.join(self.runner.levels)}.")
            self.runner.level = level
            self.runner.trace = None
            self._sending = True
            self.runner.toggle()
        except OptionError as error:
            if self._wanted is wanted:
                self._went_wrong(str(error))

    async def _use(self, target: Target) -> bool:
        """Work on this database; why that cannot be was told then."""
        self.session.target = target
        if self.session.lab is None:
            await self.session.start()
            return True
        return await self.session.change_target(target)

    def _choose(self, run: Run) -> Target:
        """Which schedule at which level is meant, and on which database. Raises `OptionError`."""
        target, self._level, schedule = isolation_of(run)
        self._asked = schedule.id, self._level
        self._title.setText(f"{schedule.title} · {self._level}")
        return target

    def _changed(self) -> None:
        self._draw()
        self.advanced.emit()

    def _ended(self) -> None:
        trace = self.runner.trace
        if not self._sending or trace is None or not trace.over:
            return
        self._running = self._sending = False
        self._draw()
        self.ended.emit(self._figures())

    def _figures(self) -> Mapping[str, Any]:
        trace, schedule = self.runner.trace, self.runner.schedule
        assert trace is not None
        return run_as_json(schedule, trace, self.session.judge(schedule, trace), self.session.graph(schedule, trace))

    def _went_wrong(self, sentence: str) -> None:
        if self._running:
            self._running = False
            self.failed.emit(sentence, "")

    def _draw(self) -> None:
        runner, now = self.runner, now_ns()
        schedule, trace = runner.served, runner.trace
        graph = self.session.graph(schedule, trace) if trace is not None else Graph()
        shown = ladder(schedule, runner.level or self._level, trace, now, graph)
        self.ladder.show_ladder(shown)
        verdict = self.session.judge(schedule, trace) if trace is not None and trace.ran else None
        self.side.show_run(schedule, trace, verdict, graph)
        names = tuple(one.name for one in schedule.sessions)
        self.strip.show_strip(strip(trace, names, now) if trace is not None else Strip(), names)
        waits = any(card.waits or card.state == "running" for card in shown.cards)
        if waits and not self._live.isActive():
            self._live.start()
        elif not waits:
            self._live.stop()

    def _light(self, number: int) -> None:
        self.ladder.light(number)
        self.strip.light(number)
