"""Makes the runs of a lecture and tells how far they are: by the window's control, or as a sweep of the lab."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from explorer.collect.lanes import LANE_LIMIT
from explorer.desktop.control import Control
from explorer.desktop.labs.parallelism.run import SweepRun
from explorer.desktop.own_run import GOING, OwnRun
from explorer.desktop.presenter import engine
from explorer.desktop.presenter.ladder_shape import Steps
from explorer.desktop.presenter.lock_figures import LockFigures
from explorer.desktop.presenter.picture import Picture, empty, of_run, waves
from explorer.desktop.presenter.results import Key, Result
from explorer.desktop.presenter.schedule_run import ScheduleRun, asked
from explorer.desktop.presenter.slide_view import Standing
from explorer.desktop.presenter.sweep_shape import curve_of, measured
from explorer.labs.parallelism.result import Result as SweepResult
from explorer.labs.parallelism.result import as_json
from explorer.labs.parallelism.sweep import Progress
from explorer.lessons.lesson import Lesson, Run
from explorer.records.clock import now_ns

FIGURES_S: Final = 0.25
LONGER: Final = 2.0
"""A run that takes up to so many times what is watched is shown to its end."""
MARGIN: Final = 1.04


@dataclass(frozen=True, slots=True)
class Started:
    """A run that was begun, and by what; no `key`: it only serves what the room sends."""

    by: QObject
    key: Key | None
    lesson: Lesson | None = None


class Runner(QObject):
    """One run at a time; another one begins once the end of what runs was told. `grew(key, Result)` with frames, then
    one of `ended(key, Result)`, `cut(key)` and `failed(key, sentence, where)`. `not_served(sentence, where)`: there is
    no server for what the room sends; `idle`: there is one no more.
    """

    grew = Signal(object, object)
    ended = Signal(object, object)
    cut = Signal(object)
    failed = Signal(object, str, str)
    not_served = Signal(str, str)
    idle = Signal()

    def __init__(self, control: Control, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._run = OwnRun(control, self)
        self._sweep = SweepRun(control, self)
        self._schedule = ScheduleRun(control, self)
        self._started: Started | None = None
        """What runs now: an end is that of this run alone, whatever was asked for meanwhile."""
        self._queued: tuple[Key, Callable[[], None]] | None = None
        self._halted = False
        """Whether what runs was told to stop."""
        self._showing = False
        self._locks: LockFigures | None = None
        self._make_locks: Callable[[], LockFigures] | None = None
        self._figures: Mapping[str, Any] = {}
        self._next = 0.0
        self._run.began.connect(self._begin)
        self._run.ended.connect(self._end)
        self._run.cut.connect(lambda: self._cut(self._run))
        self._run.failed.connect(lambda *why: self._fail(self._run, *why))
        control.bridge.framed.connect(self._frame)
        self._sweep.progressed.connect(self._sweeping)
        self._sweep.finished.connect(self._swept)
        self._sweep.failed.connect(lambda *why: self._fail(self._sweep, *why))
        self._schedule.grew.connect(self._stepped)
        self._schedule.finished.connect(self._scheduled)
        self._schedule.failed.connect(lambda sentence: self._fail(self._schedule, sentence, ""))

    @property
    def going(self) -> bool:
        """Whether something runs, or is about to."""
        return self._queued is not None or self._busy

    @property
    def _busy(self) -> bool:
        return self._run.going or self._sweep.running or self._schedule.running

    @property
    def key(self) -> Key | None:
        """What is wanted: the run that is about to begin, else the one that goes on."""
        if self._queued is not None:
            return self._queued[0]
        return self._started.key if self._started is not None else None

    def start(self, key: Key, lesson: Lesson, run: Run, *, free_port: bool) -> None:
        """Run this, in place of what runs now. Raises `OptionError` for what cannot run."""
        if run.kind == "parallelism":
            begin = self._sweep_of(key, lesson, run)
        elif run.kind == "isolation":
            begin = self._schedule_of(key, lesson, run)
        else:
            begin = self._server_of(key, lesson, run, free_port)
        self._queued = key, begin
        self._halt()
        self._go_on()

    def _server_of(self, key: Key, lesson: Lesson, run: Run, free_port: bool) -> Callable[[], None]:
        catalog = self._control.catalog
        scenario = engine.scenario_of(catalog, lesson, run)
        if free_port:
            scenario = scenario.changed(catalog, "server", "port", 0)
        locks: Callable[[], LockFigures] | None = None
        if run.kind == "locks":
            lab = engine.lock_lab(catalog, run)

            def locks() -> LockFigures:
                return LockFigures(self._control, lab, scenario)

        def begin() -> None:
            self._take(Started(self._run, key, lesson), locks)
            self._run.start(scenario)

        return begin

    def _halt(self) -> None:
        """Stop what runs: it is told as cut."""
        by = self._started.by if self._started is not None else None
        self._halted = True
        if by is self._run:
            self._run.stop()
        elif by is self._sweep:
            self._sweep.cancel()
        elif by is self._schedule:
            self._schedule.cancel()
            self._cut(self._schedule)

    def _go_on(self) -> None:
        """Begin what waits, as soon as nothing runs."""
        if self._queued is not None and not self._busy:
            (_, begin), self._queued = self._queued, None
            begin()

    def serve(self, lesson: Lesson, run: Run, *, free_port: bool) -> None:
        """Serve this run's scenario without a load, until something else is started or it is stopped: nothing is told
        of it. Raises `OptionError`.
        """
        catalog = self._control.catalog
        scenario = engine.scenario_of(catalog, lesson, run)
        scenario = replace(scenario, phases=())
        for knob, value in (("mode", "users"), ("users", 0), ("duration", 0.0)):
            scenario = scenario.changed(catalog, "load", knob, value)
        if free_port:
            scenario = scenario.changed(catalog, "server", "port", 0)
        self._take(Started(self._run, None))
        self._run.start(scenario)

    @property
    def serving(self) -> bool:
        """Whether what runs is only for what the room sends."""
        return self._run.going and self.key is None

    def stop(self) -> None:
        """Nothing runs any more, not even what was begun in the window."""
        self._queued = None
        self._halt()
        if self._control.state in GOING:
            self._control.stop()

    def rest(self) -> None:
        """Keep nothing for a next run."""
        self._schedule.rest()

    def _take(self, started: Started, locks: Callable[[], LockFigures] | None = None) -> None:
        self._started, self._make_locks, self._halted = started, locks, False
        self._showing, self._figures, self._next = False, {}, 0.0

    def _key_of(self, by: QObject) -> Key | None:
        """The run that goes on, if it is made by this one."""
        return self._started.key if self._started is not None and self._started.by is by else None

    # -- runs of the window's control ------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._showing = True
        self._locks = self._make_locks() if self._make_locks is not None else None

    def _frame(self) -> None:
        key = self._key_of(self._run)
        if not self._showing or key is None:
            return
        if self._locks is not None:
            self._locks.look()
        if time.monotonic() >= self._next and self._first_send:
            self._next = time.monotonic() + FIGURES_S
            self._figures = self._measured(over=False)
        self.grew.emit(key, Result(self._figures, self._picture(over=False), standing=Standing.LIVE))

    def _end(self) -> None:
        key = self._key_of(self._run)
        if key is None:
            self._cut(self._run)
            return
        picture = self._picture(over=True)
        result = Result(self._measured(over=True), picture, tuple(waves(picture)), Standing.DONE)
        self._forget()
        self.ended.emit(key, result)
        self._go_on()

    def _cut(self, by: QObject) -> None:
        key = self._key_of(by)
        self._forget()
        if key is not None:
            self.cut.emit(key)
        elif self._queued is None:
            self.idle.emit()
        self._go_on()

    def _fail(self, by: QObject, sentence: str, where: str) -> None:
        if by is self._sweep and self._halted:  # before there was anything to compare with
            self._cut(by)
            return
        key = self._key_of(by)
        self._forget()
        if key is not None:
            self.failed.emit(key, sentence, where)
        else:
            self.not_served.emit(sentence, where)
        self._go_on()

    def _forget(self) -> None:
        if self._locks is not None:
            self._locks.close()
        self._started, self._showing, self._locks, self._make_locks = None, False, None, None

    @property
    def _first_send(self) -> int:
        return self._control.statistics.load.first_send

    def _measured(self, *, over: bool) -> Mapping[str, Any]:
        return self._locks.figures(over=over) if self._locks is not None else self._run.figures()

    def _picture(self, *, over: bool) -> Picture:
        assert self._started is not None
        assert self._started.lesson is not None
        watch, load, store = self._started.lesson.watch, self._control.statistics.load, self._control.store
        begin = load.first_send
        if not begin:
            return empty(watch.seconds or 1.0)
        took = (load.last_answer - begin) / 1e9
        seconds = watch.seconds or max(1.0, took * MARGIN)
        if over and seconds < took < LONGER * seconds:  # a slow machine: the end is what was asked for
            seconds = took * MARGIN
        now = (store.end or store.now) if over else min(now_ns(), store.now)
        wanted = self._control.scenario.load
        all_have_lanes = wanted.mode != "burst" or wanted.requests <= LANE_LIMIT
        return of_run(store, watch.lanes, begin, seconds, now, requests=all_have_lanes)

    # -- sweeps ----------------------------------------------------------------------------------------------------

    def _sweep_of(self, key: Key, lesson: Lesson, run: Run) -> Callable[[], None]:
        plan = engine.plan_of(run)

        def begin() -> None:
            self._take(Started(self._sweep, key, lesson))
            self._sweep.start(plan)
            self.grew.emit(key, Result(curve=curve_of(plan), standing=Standing.LIVE))

        return begin

    def _sweeping(self, progress: Progress) -> None:
        key = self._key_of(self._sweep)
        if key is not None:
            self.grew.emit(key, Result(as_json(progress.result), curve=measured(progress.result)))

    def _swept(self, result: SweepResult) -> None:
        key = self._key_of(self._sweep)
        if key is None or not result.complete:
            self._cut(self._sweep)
            return
        self._forget()
        self.ended.emit(key, Result(as_json(result), standing=Standing.DONE, curve=measured(result)))
        self._go_on()

    # -- schedules of the isolation lab ----------------------------------------------------------------------------

    def _schedule_of(self, key: Key, lesson: Lesson, run: Run) -> Callable[[], None]:
        steps = asked(run)

        def begin() -> None:
            self._take(Started(self._schedule, key, lesson))
            self._schedule.start(run)
            self.grew.emit(key, Result(ladder=steps, standing=Standing.LIVE))

        return begin

    def _stepped(self, shown: Steps) -> None:
        key = self._key_of(self._schedule)
        if key is not None:
            self.grew.emit(key, Result(ladder=shown, standing=Standing.LIVE))

    def _scheduled(self, shown: Steps, figures: Mapping[str, Any]) -> None:
        key = self._key_of(self._schedule)
        if key is not None:
            self._forget()
            self.ended.emit(key, Result(figures, standing=Standing.DONE, ladder=shown))
            self._go_on()
