"""Makes the runs of a lecture and tells how far they are: by the window's control, or as a sweep of the lab."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from explorer.collect.lanes import LANE_LIMIT
from explorer.desktop.control import Control
from explorer.desktop.labs.parallelism.run import SweepRun
from explorer.desktop.presenter import engine
from explorer.desktop.presenter.ladder_shape import Steps
from explorer.desktop.presenter.lock_figures import LockFigures
from explorer.desktop.presenter.picture import Picture, empty, of_run, waves
from explorer.desktop.presenter.results import Key, Result
from explorer.desktop.presenter.schedule_run import ScheduleRun, asked
from explorer.desktop.presenter.slide_view import Standing
from explorer.desktop.presenter.sweep_shape import curve_of, measured
from explorer.desktop.presenter.wall_run import WallRun
from explorer.labs.parallelism.result import Result as SweepResult
from explorer.labs.parallelism.result import as_json
from explorer.labs.parallelism.sweep import Progress
from explorer.lessons.lesson import Lesson, Run
from explorer.records.clock import now_ns

FIGURES_S: Final = 0.25
LONGER: Final = 2.0
"""A run that takes up to so many times what is watched is shown to its end."""
MARGIN: Final = 1.04


class Runner(QObject):
    """One run at a time. `grew(key, Result)` with frames, then one of `ended(key, Result)`, `cut(key)` and
    `failed(key, sentence, where)`. `not_served(sentence, where)`: there is no server for what the
    room sends; `idle`: there is one no more.
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
        self._run = WallRun(control, self)
        self._sweep = SweepRun(control, self)
        self._schedule = ScheduleRun(control, self)
        self.key: Key | None = None
        """What runs now, or is about to."""
        self._lesson: Lesson | None = None
        self._showing = False
        self._locks: LockFigures | None = None
        self._make_locks: Callable[[], LockFigures] | None = None
        self._figures: Mapping[str, Any] = {}
        self._next = 0.0
        self._queued: tuple[Key, Lesson, Callable[[], LockFigures] | None] | None = None
        self._run.began.connect(self._begin)
        self._run.ended.connect(self._end)
        self._run.cut.connect(self._cut)
        self._run.failed.connect(self._fail)
        control.bridge.framed.connect(self._frame)
        self._sweep.progressed.connect(self._sweeping)
        self._sweep.finished.connect(self._swept)
        self._sweep.failed.connect(self._fail)
        self._schedule.grew.connect(self._stepped)
        self._schedule.finished.connect(self._scheduled)
        self._schedule.failed.connect(lambda sentence: self._fail(sentence, ""))

    @property
    def going(self) -> bool:
        """Whether something runs, or is about to."""
        return self._run.going or self._sweep.running or self._schedule.running

    def start(self, key: Key, lesson: Lesson, run: Run, *, free_port: bool) -> None:
        """Run this, in place of what runs now. Raises `OptionError` for what cannot run."""
        if run.kind == "parallelism":
            self._start_sweep(key, lesson, run)
            return
        if run.kind == "isolation":
            self._start_schedule(key, lesson, run)
            return
        catalog = self._control.catalog
        scenario = engine.scenario_of(catalog, lesson, run)
        if free_port:
            scenario = scenario.changed(catalog, "server", "port", 0)
        locks: Callable[[], LockFigures] | None = None
        if run.kind == "locks":
            lab = engine.lock_lab(catalog, run)

            def locks() -> LockFigures:
                return LockFigures(self._control, lab, scenario)

        self._sweep.cancel()
        self._schedule.cancel()
        if self._run.going:  # what is cut short is told first
            self._queued = key, lesson, locks
        else:
            self._take(key, lesson, locks)
        self._run.start(scenario)

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
        self._forget()
        self._run.start(scenario)

    @property
    def serving(self) -> bool:
        """Whether what runs is only for what the room sends."""
        return self._run.going and self.key is None

    def stop(self) -> None:
        """Nothing runs any more."""
        self._queued = None
        self._run.stop()
        self._sweep.cancel()
        if self._schedule.running:
            self._schedule.cancel()
            self._cut()

    def rest(self) -> None:
        """Keep nothing for a next run."""
        self._schedule.rest()

    def _take(self, key: Key, lesson: Lesson, locks: Callable[[], LockFigures] | None) -> None:
        self.key, self._lesson, self._make_locks = key, lesson, locks
        self._showing, self._figures, self._next = False, {}, 0.0

    # -- runs of the window's control ------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._showing = True
        self._locks = self._make_locks() if self._make_locks is not None else None

    def _frame(self) -> None:
        if not self._showing or self.key is None:
            return
        if self._locks is not None:
            self._locks.look()
        if time.monotonic() >= self._next and self._first_send:
            self._next = time.monotonic() + FIGURES_S
            self._figures = self._measured(over=False)
        self.grew.emit(self.key, Result(self._figures, self._picture(over=False), standing=Standing.LIVE))

    def _end(self) -> None:
        key = self.key
        if key is None:
            self._cut()
            return
        picture = self._picture(over=True)
        result = Result(self._measured(over=True), picture, tuple(waves(picture)), Standing.DONE)
        self._forget()
        self._take_queued()
        self.ended.emit(key, result)

    def _cut(self) -> None:
        key = self.key
        self._forget()
        self._take_queued()
        if key is not None:
            self.cut.emit(key)
        else:
            self.idle.emit()

    def _fail(self, sentence: str, where: str) -> None:
        key = self.key
        self._forget()
        self._take_queued()
        if key is not None:
            self.failed.emit(key, sentence, where)
        else:
            self.not_served.emit(sentence, where)

    def _take_queued(self) -> None:
        queued, self._queued = self._queued, None
        if queued is not None:
            self._take(*queued)

    def _forget(self) -> None:
        if self._locks is not None:
            self._locks.close()
        self.key, self._showing, self._locks, self._make_locks = None, False, None, None

    @property
    def _first_send(self) -> int:
        return self._control.statistics.load.first_send

    def _measured(self, *, over: bool) -> Mapping[str, Any]:
        return self._locks.figures(over=over) if self._locks is not None else self._run.figures()

    def _picture(self, *, over: bool) -> Picture:
        assert self._lesson is not None
        watch, load, store = self._lesson.watch, self._control.statistics.load, self._control.store
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

    def _start_sweep(self, key: Key, lesson: Lesson, run: Run) -> None:
        plan = engine.plan_of(run)
        self._run.stop()
        self._schedule.cancel()
        self._take(key, lesson, None)
        self._sweep.start(plan)
        self.grew.emit(key, Result(curve=curve_of(plan), standing=Standing.LIVE))

    def _sweeping(self, progress: Progress) -> None:
        if self.key is not None:
            self.grew.emit(self.key, Result(as_json(progress.result), curve=measured(progress.result)))

    def _swept(self, result: SweepResult) -> None:
        key = self.key
        self._forget()
        if key is None:
            return
        if result.complete:
            self.ended.emit(key, Result(as_json(result), standing=Standing.DONE, curve=measured(result)))
        else:
            self.cut.emit(key)

    # -- schedules of the isolation lab ----------------------------------------------------------------------------

    def _start_schedule(self, key: Key, lesson: Lesson, run: Run) -> None:
        self._run.stop()
        self._sweep.cancel()
        self._schedule.start(run)
        self._take(key, lesson, None)
        self.grew.emit(key, Result(ladder=asked(run), standing=Standing.LIVE))

    def _stepped(self, shown: Steps) -> None:
        if self.key is not None:
            self.grew.emit(self.key, Result(ladder=shown, standing=Standing.LIVE))

    def _scheduled(self, shown: Steps, figures: Mapping[str, Any]) -> None:
        key = self.key
        self._forget()
        if key is not None:
            self.ended.emit(key, Result(figures, standing=Standing.DONE, ladder=shown))
