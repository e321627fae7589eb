"""The middle of a lesson about parallelism: the lab's own chart of speed-ups over its tasks on their lanes."""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.labs.parallelism.chart import ScalingChart, Series
from explorer.desktop.labs.parallelism.rows import lab_rows
from explorer.desktop.labs.parallelism.run import SweepRun
from explorer.desktop.lessons.stages.stage import Stage
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.progress import ProgressBox
from explorer.labs.parallelism.options import Plan
from explorer.labs.parallelism.result import Result, as_json
from explorer.labs.parallelism.runners.find import runners
from explorer.labs.parallelism.sweep import Progress
from explorer.lessons.lesson import Lesson, Run
from explorer.lessons.runs import plan_of
from explorer.option_error import OptionError
from explorer.records.clock import now_ns

HEADER: Final = 150


class ParallelismStage(Stage):
    """Around one `SweepRun` of the lab."""

    reads = True

    def __init__(self, theme: Theme, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.run = SweepRun(control, self)
        self.chart = ScalingChart(theme)
        self.tasks = TimelineView(theme)
        self.tasks.set_header_width(HEADER)
        self.tasks.scene.rows_shown = lab_rows
        self.tasks.setMinimumHeight(140)
        self._title = Label(theme, "", 14, 600)
        self._words = Label(theme, "", 12, color="text2", wrap=True)
        self.progress: ProgressBox | None = None
        self._result: Result | None = None
        self._stopped = False
        self._column = QVBoxLayout(self)
        px = theme.px
        self._column.setContentsMargins(px(18), px(14), px(18), px(8))
        self._column.setSpacing(px(8))
        for widget, stretch in ((self._title, 0), (self._words, 0), (self.chart, 5), (self.tasks, 3)):
            self._column.addWidget(widget, stretch)
        self.run.progressed.connect(self._progressed)
        self.run.finished.connect(self._finished)
        self.run.failed.connect(self._failed)
        self.run.framed.connect(self._frame)

    @property
    def running(self) -> bool:
        """Whether a sweep goes on."""
        return self.run.running

    @property
    def timeline(self) -> TimelineView:
        """The tasks on their lanes."""
        return self.tasks

    def show_ready(self, lesson: Lesson, run: Run) -> None:
        """The chart with nothing in it but the ideal."""
        self._end()
        self._result = None
        self._title.setText(run.title or "Speed-up by number of workers")
        try:
            self._show_plan(plan_of(run))
        except OptionError as error:
            self._words.setText(str(error))

    def start(self, lesson: Lesson, run: Run, *, free_port: bool = False) -> None:
        """Run the sweep."""
        self._stopped = False
        try:
            planned = plan_of(run)
        except OptionError as error:
            self.failed.emit(str(error), error.where)
            return
        self._title.setText(run.title or "Speed-up by number of workers")
        self._show_plan(planned)
        self.run.start(planned)
        self.tasks.set_store(self.run.store, live=True)
        self.progress = box = ProgressBox(self._theme, "Sweep", "runs")
        box.cancelled.connect(self.stop)
        self._column.insertWidget(2, box)
        box.show_progress(0, len(planned.points) * planned.knobs.repeat)

    def stop(self) -> None:
        """Cancel it."""
        self._stopped = True
        self.run.cancel()

    def drop(self) -> None:
        """Cancel it, and tell nothing more of it."""
        self.run.drop()
        self._end()

    def so_far(self) -> Mapping[str, Any] | None:
        """What was measured up to now."""
        return as_json(self._result) if self._result is not None and self.running else None

    def _show_plan(self, planned: Plan) -> None:
        most = max(point.workers for point in planned.points)
        self.chart.show_points((), {}, planned.cores, most, "", 1.0)
        self._words.setText(
            f"{planned.job.title}: {planned.size:,} {planned.job.size_unit} in {planned.tasks:,} tasks; "
            f"{planned.cores:g} cores may be used."
        )

    def _progressed(self, progress: Progress) -> None:
        if self.progress is not None:
            self.progress.show_progress(progress.done, progress.total)
        self._show(progress.result)
        self.advanced.emit()

    def _finished(self, result: Result) -> None:
        self._end()
        self._show(result)
        told = as_json(result)
        self._words.setText(told["sentence"])
        self.tasks.fit()
        if self._stopped or not told["complete"]:
            self.cancelled.emit()
        else:
            self.ended.emit(told)

    def _failed(self, sentence: str, where: str) -> None:
        self._end()
        self.failed.emit(sentence, where)

    def _end(self) -> None:
        if self.progress is not None:
            self.progress.hide()
            self.progress.deleteLater()
            self.progress = None
        self.tasks.set_live(False)

    def _frame(self) -> None:
        store = self.run.store
        self.tasks.frame(now_ns() if self.run.running else store.last or now_ns())

    def _show(self, result: Result) -> None:
        self._result = result
        told = as_json(result)
        series = []
        for name in runners():
            points = result.of(name)
            if points:
                speedups = [result.speedup(one) or 0.0 for one in points]
                series.append(Series(name, runners()[name].title, [one.point.workers for one in points], speedups))
        base = result.base.seconds if result.base is not None else 1.0
        most = max(point.workers for point in result.plan.points)
        self.chart.show_points(series, result.fits(), result.plan.cores, most, told["of_runner"] or "", base)
