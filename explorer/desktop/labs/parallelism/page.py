"""The parallelism lab's page: questions at the left, what came out in the middle, the tasks on their lanes below."""

from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.actions import typing
from explorer.desktop.arrangement import HEADER_WIDTH, size_class
from explorer.desktop.control import Control
from explorer.desktop.labs.entry import LabPage
from explorer.desktop.labs.parallelism.chart import ScalingChart, Series
from explorer.desktop.labs.parallelism.controls import Controls
from explorer.desktop.labs.parallelism.figures import Figures, OverheadBars
from explorer.desktop.labs.parallelism.rows import lab_rows
from explorer.desktop.labs.parallelism.run import SweepRun
from explorer.desktop.messages import Messages
from explorer.desktop.panels.key_words import LAB, LOOK, KeyLine
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.legend import Legend
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.heading import Divider, Mark
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.progress import ProgressBox
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.desktop.widgets.segmented import SegmentedControl
from explorer.labs.parallelism.result import Result, as_json
from explorer.labs.parallelism.runners.find import runners
from explorer.labs.parallelism.sweep import Progress
from explorer.labs.parallelism.table import seconds
from explorer.records.clock import now_ns

CONTROLS: Final = {"wide": 328, "compact": 276, "narrow": 250}
TALL: Final = 900
"""From this height on both tables have room."""
PAN: Final = 0.15
BUSY: Final = "A sweep goes on; cancel it before you go back."
HINT: Final = "One job, cut into tasks: how much faster do more workers make it?"
POINTS: Final = ("Runner", "Workers", "Time", "Speed-up", "Efficiency", "Cores", "Others", "Result")
PARTS: Final = ("Runner", "Workers", "Submit", "Pickle", "Wait", "Run", "Return", "Between")


class ParallelismPage(LabPage):
    """The lab's page around one `SweepRun`."""

    keys = (
        (LAB, (KeyLine(("Space",), "Run or cancel the sweep"),)),
        (
            LOOK,
            (
                KeyLine(("W", "S"), "Zoom in, out"),
                KeyLine(("A", "D"), "Earlier, later"),
                KeyLine(("Home",), "All of the sweep"),
            ),
        ),
    )

    def __init__(self, theme: Theme, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.run = SweepRun(control, self)
        self.controls = Controls(theme)
        self.chart = ScalingChart(theme)
        self.points = Figures(theme, "Points of the sweep", POINTS, (2.6, 1.5, 1.5, 1.7, 1.7, 1.1, 1.2, 1.4))
        self.parts = Figures(theme, "What a task costs", PARTS, (2.6, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.7))
        self.bars = OverheadBars(theme)
        self.messages = Messages(theme)
        self.timeline = TimelineView(theme)
        self.timeline.scene.rows_shown = lab_rows
        self.timeline.setMinimumHeight(140)
        self.legend = Legend(theme, self.timeline, hints=False)
        self.headline = Label(theme, HINT, 16, 600, wrap=True)
        self.details = Label(theme, "", 12, color="text2", wrap=True)
        self.progress: ProgressBox | None = None
        self.result: Result | None = None
        self.told: dict[str, Any] = {}
        self._runner = ""
        self._run = Button(theme, "Run", icon="play", kind=ButtonKind.PRIMARY, shortcut="Space", height=34)
        self._back = Button(theme, "Explore", icon="arrow-left", kind=ButtonKind.GHOST, height=32)
        self._look = Button(theme, icon="sun", kind=ButtonKind.GHOST, height=32, name="Dark or light (Ctrl+T)")
        self._foot = ElidedLabel(theme, "", 12, color="text2")
        self._which = SegmentedControl(theme, [("points", "Speed-up"), ("parts", "Overhead")], name="Table")
        self._place = QWidget()
        self._lay_out()
        self._connect()
        self._show_plan()
        self._arrange()

    # -- a lab's page ----------------------------------------------------------------------------------------------

    @property
    def busy(self) -> str:
        """Not while a sweep has the machine for itself."""
        return BUSY if self.run.running else ""

    def tell(self, title: str, sentence: str) -> None:
        """As a message on the page."""
        self.messages.inform(title, sentence)

    # -- what happens ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Run what is chosen, or cancel what runs."""
        if self.run.running:
            self.run.cancel()
            return
        planned = self.controls.planned
        if planned is None:
            self.messages.warn("This cannot be run", self.controls.sentence)
            return
        self.messages.clear()
        self._runner = ""
        self.run.start(planned)
        self.timeline.set_store(self.run.store, live=True)
        self._begin_progress(len(planned.points) * planned.knobs.repeat)
        self.headline.setText("Measuring: the machine had better do nothing else.")
        self.details.setText("")
        self._show(Result(planned))
        self._show_plan()

    def choose(self, runner: str) -> None:
        """Show the laws of this runner."""
        self._runner = runner
        if self.result is not None:
            self._show(self.result)

    def _progressed(self, progress: Progress) -> None:
        if self.progress is not None:
            self.progress.show_progress(progress.done, progress.total)
        self.details.setText(f"{progress.words}.")
        self._show(progress.result)

    def _finished(self, result: Result) -> None:
        self._end()
        self._show(result)
        told = self.told
        self.headline.setText(told["sentence"])
        rest = [sentence for sentence in told["sentences"] if sentence != told["sentence"]]
        if not told["complete"]:
            rest.insert(0, "The sweep was cancelled; this is what was measured by then.")
        rest += [f"{runners()[one['runner']].title} was not measured: {one['reason']}" for one in told["refused"]]
        self.details.setText(" ".join(rest))
        for sentence in told["checks"]["mismatches"]:
            self.messages.warn("A result differs", sentence)
        self.timeline.fit()

    def _failed(self, sentence: str, where: str) -> None:
        self._end()
        self.headline.setText(HINT)
        self.details.setText("")
        if not self.controls.refuse(sentence, where):
            self.messages.warn("The sweep did not come to an end", sentence)

    def _end(self) -> None:
        if self.progress is not None:
            self.progress.hide()
            self.progress.deleteLater()
            self.progress = None
        self.timeline.set_live(False)
        self._frame()
        self._show_plan()

    def _begin_progress(self, total: int) -> None:
        box = self.progress = ProgressBox(self._theme, "Sweep", "runs")
        box.cancelled.connect(self.run.cancel)
        self._progress_place.addWidget(box)
        box.show_progress(0, total)

    def _frame(self) -> None:
        store = self.run.store
        self.timeline.frame(now_ns() if self.run.running else store.last or now_ns())

    def _show(self, result: Result) -> None:
        self.result = result
        told = self.told = as_json(result)
        runner = self._runner or told["of_runner"] or ""
        names = [name for name in runners() if result.of(name)]
        series = []
        for name in names:
            points = result.of(name)
            speedups = [result.speedup(one) or 0.0 for one in points]
            series.append(Series(name, runners()[name].title, [one.point.workers for one in points], speedups))
        base = result.base.seconds if result.base is not None else 1.0
        most = max(point.workers for point in result.plan.points)
        self.chart.show_points(series, result.fits(), result.plan.cores, most, runner, base)
        self.points.show_lines([(point["runner"], _point_cells(point)) for point in told["points"]], runner)
        fastest = [min((point for point in told["points"] if point["runner"] == name), key=lambda one: one["seconds"])
                   for name in names]  # fmt: skip
        self.parts.show_lines([(point["runner"], _part_cells(point)) for point in fastest], runner)
        self.bars.show_lines([(point["runner"], point["overhead_per_task_s"]) for point in fastest])

    def _show_plan(self) -> None:
        running = self.run.running
        planned = self.controls.planned
        self._run.set_text("Cancel" if running else "Run", "square" if running else "play")
        self._run.set_kind(ButtonKind.QUIET if running else ButtonKind.PRIMARY)
        self._back.setEnabled(not running)
        if planned is None:
            self._foot.set_text(self.controls.sentence)
            return
        if self.result is None:
            self.chart.show_points((), {}, planned.cores, max(point.workers for point in planned.points), "", 1.0)
        runs = len(planned.points) * planned.knobs.repeat
        who = len({point.runner for point in planned.points})
        self._foot.set_text(
            f"{planned.job.title}: {planned.size:,} {planned.job.size_unit} in {planned.tasks:,} tasks, "
            f"{who:,} ways to run them, {runs:,} runs; {planned.cores:g} cores may be used."
        )

    # -- composition -----------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._run.clicked.connect(self.start)
        self._back.clicked.connect(self.left)
        self._look.clicked.connect(self.theme_asked)
        self.controls.changed.connect(self._show_plan)
        self.run.progressed.connect(self._progressed)
        self.run.finished.connect(self._finished)
        self.run.failed.connect(self._failed)
        self.run.framed.connect(self._frame)
        for widget in (self.chart, self.points, self.parts):
            widget.chosen.connect(self.choose)
        self._which.chosen.connect(lambda which: self._arrange())
        self._theme.changed.connect(self._arrange)
        view = self.timeline
        for keys, act in (
            ("Space", self._space),
            ("W", view.zoom_in),
            ("S", view.zoom_out),
            ("A", lambda: view.pan(-PAN)),
            ("D", lambda: view.pan(PAN)),
            ("Home", view.fit),
        ):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def _space(self) -> None:
        focus = QApplication.focusWidget()
        if not typing(focus) and not isinstance(focus, QAbstractButton):
            self.start()

    def _lay_out(self) -> None:
        theme = self._theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._bar, self._status = self._make_bar(), self._make_status()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.controls)
        row.addWidget(Divider(theme, vertical=True))
        row.addLayout(self._make_middle(), 1)
        for widget in (self._bar, Divider(theme), self.messages):
            column.addWidget(widget)
        column.addLayout(row, 1)
        column.addWidget(Divider(theme))
        column.addWidget(self._status)

    def _make_middle(self) -> QVBoxLayout:
        words = QVBoxLayout()
        words.setContentsMargins(16, 10, 16, 8)
        words.setSpacing(4)
        words.addWidget(self.headline)
        words.addWidget(self.details)
        self._progress_place = QVBoxLayout()
        words.addLayout(self._progress_place)
        tables = QVBoxLayout()
        tables.setContentsMargins(12, 4, 12, 4)
        tables.setSpacing(4)
        tables.addWidget(self._which, 0, Qt.AlignmentFlag.AlignLeft)
        tables.addWidget(self.points)
        tables.addWidget(self.parts)
        tables.addWidget(self.bars)
        tables.addStretch(1)
        beside = QWidget()
        beside.setLayout(tables)
        answer = QHBoxLayout()
        answer.setContentsMargins(0, 0, 0, 0)
        answer.setSpacing(0)
        answer.addWidget(self.chart, 5)
        answer.addWidget(ScrollArea(beside), 6)
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addLayout(words)
        middle.addWidget(Divider(self._theme))
        middle.addLayout(answer, 5)
        middle.addWidget(Divider(self._theme))
        middle.addWidget(self.timeline, 4)
        middle.addWidget(Divider(self._theme))
        middle.addWidget(self.legend)
        return middle

    def _make_bar(self) -> QWidget:
        theme, bar = self._theme, QWidget()
        line = QHBoxLayout(bar)
        line.setContentsMargins(16, 0, 12, 0)
        line.setSpacing(8)
        line.addWidget(Mark(theme))
        line.addWidget(Label(theme, "Concurrency Explorer", 15, 600))
        line.addSpacing(12)
        line.addWidget(self._run)
        line.addSpacing(4)
        line.addWidget(ElidedLabel(theme, "Parallelism lab", 13, 500), 1)
        line.addWidget(self._back)
        line.addWidget(self._look)
        return bar

    def _make_status(self) -> QWidget:
        status = QWidget()
        line = QHBoxLayout(status)
        line.setContentsMargins(12, 0, 12, 0)
        line.addWidget(self._foot, 1)
        return status

    # -- Qt --------------------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        px, size = self._theme.px, size_class(self.width() / self._theme.scale)
        compact = size != "wide"
        self._bar.setFixedHeight(px(48 if compact else 52))
        self._status.setFixedHeight(px(28 if compact else 30))
        self.controls.setFixedWidth(px(CONTROLS[size]))
        self.timeline.set_header_width(HEADER_WIDTH[size])
        tall = self.height() >= px(TALL)
        self._which.setVisible(not tall)
        self.points.setVisible(tall or self._which.current() == "points")
        for widget in (self.parts, self.bars):
            widget.setVisible(tall or self._which.current() == "parts")
        self._look.set_text("", "sun" if self._theme.dark else "moon")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the size class."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes one thing back on the lanes, then leaves the page."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif not self.timeline.clear():
            self.left.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surface."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        painter.end()


def _point_cells(point: dict[str, Any]) -> list[str]:
    others, speedup = point["others_cores"], point["speedup"]
    return [
        runners()[point["runner"]].title,
        f"{point['workers']:,}",
        seconds(point["seconds"]),
        f"{speedup:,.2f}×" if speedup is not None else "–",
        f"{100 * point['efficiency']:,.0f} %" if speedup is not None else "–",
        f"{point['cores_used']:.2f}",
        f"{others:.2f}" if others is not None else "–",
        "same" if point["equal"] else "differs",
    ]


def _part_cells(point: dict[str, Any]) -> list[str]:
    parts = point["overhead_per_task_s"]
    figures = [seconds(parts[key]) for key in ("submit", "pickle", "wait", "run", "return")]
    between = parts["between_tasks"]
    return [
        runners()[point["runner"]].title,
        f"{point['workers']:,}",
        *figures,
        seconds(between) if between is not None else "–",
    ]
