"""The strip of charts above the lanes: the last minute of throughput, latency, loop lag, ready queue, CPU and memory.

Hues follow the lanes: only the ready queue counts a state, so only its chart has that state's colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.analysis.buckets import BUCKET_NS
from explorer.analysis.statistics import RunStatistics
from explorer.desktop.control import Control
from explorer.desktop.panels.words import ROLE_ORDER, role_words
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.chart import ChartData, Dots, LineChart, Mark, Series
from explorer.desktop.widgets.cpu_bar import CpuBars, CpuRow
from explorer.desktop.widgets.cpu_list import CpuList
from explorer.desktop.widgets.heading import Divider
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.scale import Axis, Floats, linear_axis, log_axis, moving_mean
from explorer.desktop.words import count
from explorer.records.states import Role, State

SHOWN_NS: Final = 60_000_000_000
SHORTEST_S: Final = 10.0
EVERY_NS: Final = 200_000_000
FIGURE_BINS: Final = 30
STRONG: Final = (Role.SERVER, Role.WORKER, Role.POOL)
EXPLAINED: Final = {
    "throughput": "Good answers per second: the figure is the mean of the last 3 s, the line that of 1 s each. "
    "What failed is counted over the time of the chart.",
    "latency": "From the intended sending of a request to its whole answer: half of them (p50) and all but one in a "
    "hundred (p99) took no longer, over the second before; the figures are the newest.",
    "lag": "The longest that anything ready or due had to wait for an event loop, in each 100 ms; the figure is the "
    "longest of the last second.",
    "ready": "How many callbacks were ready to run when an event loop turned round, the mean of each 100 ms, of the "
    "loop where it was most; the figure is the mean of the last second.",
    "cpu": "For each process its share of one core (100 % is one core busy; the tick marks it) and the memory it "
    "holds, mean of the last second; of a run that has ended, of the last second of each.",
}
"""What a tile says when the pointer rests on it: what it is, over which time."""


Stretch = tuple[float, float]
"""Begin and end of the time shown, in seconds."""


@dataclass(frozen=True, slots=True)
class View:
    """What a tile draws from: the run's figures and the time shown, in seconds of the run's clock."""

    statistics: RunStatistics
    since_ns: int
    begin: float
    end: float
    changes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process uses: `cpu` in cores, `rss` in bytes."""

    role: Role
    pid: int
    cpu: float
    rss: float


class MetricStrip(QWidget):
    """Five tiles, drawn anew at most five times a second. `dot_clicked(request)` follows a click on a latency dot."""

    dot_clicked = Signal(object)
    opened = Signal(str)
    """A tile was clicked: a key of `large_chart.CHARTS`."""
    expected = Signal(str, float)
    """The line of what the user expects was moved: a key of `large_chart.CHARTS`, the value in the chart's unit."""

    def __init__(self, theme: Theme, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._control = control
        self._drawn_ns = 0
        self._frame_ns = 0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(round(EVERY_NS / 1e6))
        self._rest.timeout.connect(lambda: self._draw(self._frame_ns))
        self._moment: int | None = None
        self._held: Stretch | None = None
        self._dots: np.ndarray | None = None
        self._marks: dict[str, tuple[Mark, ...]] = {}
        self._throughput = Tile(theme, "Throughput", "requests/s", "answered")
        self._latency = Tile(theme, "Latency", "p50", "each dot: a request", second="p99 ms")
        self._lag = Tile(theme, "Loop lag", "ms max", "")
        self._ready = Tile(theme, "Ready queue", "callbacks", "")
        self._cpu = CpuTile(theme)
        self._latency.chart.dot_clicked.connect(self._click)
        self._tiles = (self._throughput, self._latency, self._lag, self._ready)
        named = {"throughput": self._throughput, "latency": self._latency, "lag": self._lag, "ready": self._ready}
        for name, tile in named.items():
            tile.chart.clicked.connect(lambda name=name: self.opened.emit(name))
            tile.chart.mark_moved.connect(lambda value, name=name: self.expected.emit(name, value))
            tile.setToolTip(EXPLAINED[name])
            tile.chart.setToolTip(f"{EXPLAINED[name]}\nClick: this chart large, for the whole run")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        tiles: tuple[tuple[QWidget, int], ...] = (
            (self._throughput, 5),
            (self._latency, 7),
            (self._lag, 4),
            (self._ready, 4),
            (self._cpu, 7),
        )
        self._dividers: list[QWidget] = []
        for number, (widget, share) in enumerate(tiles):
            if number:
                self._dividers.append(Divider(theme, vertical=True))
                line.addWidget(self._dividers[-1])
            line.addWidget(widget, share)
        control.run_began.connect(self._forget)

    def set_compact(self, compact: bool) -> None:
        """Leave the notes away and be lower."""
        self.setFixedHeight(self._theme.px(80 if compact else 132))
        for tile in self._tiles:
            tile.set_compact(compact)
        self._cpu.set_compact(compact)

    def set_narrow(self, narrow: bool) -> None:
        """Keep only throughput, latency and CPU."""
        for tile in (self._lag, self._ready):
            tile.setVisible(not narrow)
        for divider in self._dividers[1:3]:
            divider.setVisible(not narrow)

    def set_marks(self, name: str, marks: tuple[Mark, ...]) -> None:
        """Lines across a chart (a key of `large_chart.CHARTS`): the law, and what the user expects."""
        if self._marks.get(name, ()) != marks:
            self._marks[name] = marks
            if self._frame_ns and self.isVisible():
                self._draw(self._frame_ns)

    def _values_of(self, name: str) -> Floats:
        return np.array([mark.value for mark in self._marks.get(name, ())], np.float64)

    def frame(self, now_ns: int) -> None:
        """Draw what has changed, if it is time to."""
        self._frame_ns = now_ns
        if not self.isVisible():
            return
        if 0 <= now_ns - self._drawn_ns < EVERY_NS:
            # It may have been the last frame, with which all is known.
            if not self._rest.isActive():
                self._rest.start()
            return
        self._draw(now_ns)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up: a recording that has been read sends no more frames."""
        super().showEvent(event)
        if self._frame_ns:
            self._draw(self._frame_ns)

    def show_moment(self, moment: int | None) -> None:
        """Draw the now-line of a replay at a moment (ns), with the time around it; None: there is no replay."""
        self._moment = moment
        now = None if moment is None else moment / 1e9
        for tile in self._tiles:
            tile.chart.show_now(now)
        shown = self._latency.chart.shown
        if not self.isVisible() or shown is None or (now is not None and shown[0] <= now <= shown[1]):
            return  # of a run that goes on the charts move with its frames
        if shown != self._stretch(self._frame_ns):
            self._draw(self._frame_ns)

    def _stretch(self, now_ns: int) -> Stretch:
        """The last minute; in a replay of what was before it, a minute that holds still until the line has left it."""
        first, moment = self._control.store.first or now_ns, self._moment
        last = stretch(now_ns, first)
        if moment is None or last[0] <= moment / 1e9 <= last[1]:
            self._held = None
            return last
        if self._held is None or not self._held[0] <= moment / 1e9 <= self._held[1]:
            self._held = stretch(max(moment, first) + SHOWN_NS // 2, first)
        return self._held

    def _draw(self, now_ns: int) -> None:
        self._rest.stop()
        self._drawn_ns = now_ns
        store = self._control.store
        begin, end = self._stretch(now_ns)
        changes = tuple(marker.time / 1e9 for marker in store.markers if marker.kind in ("change", "restart", "death"))
        if self._control.elsewhere:
            self._show_nothing(begin, end)
            return
        view = View(self._control.statistics, round(begin * 1e9), begin, end, changes)
        self._draw_throughput(view)
        self._draw_latency(view)
        self._draw_line(self._lag, view, "loop_lag_ms", None)
        self._draw_line(self._ready, view, "ready", State.QUEUED)
        self._cpu.show_processes(self._control)

    def _show_nothing(self, begin: float, end: float) -> None:
        """A trace made elsewhere has spans: it was not counted how much was answered, or how long anything waited."""
        for tile in self._tiles:
            tile.chart.show_data(ChartData(begin, end, linear_axis(np.zeros(0)), []))
            tile.show_figure(None)
        self._cpu.show_processes(self._control)

    def _forget(self) -> None:
        self._drawn_ns = self._frame_ns = 0
        self._rest.stop()

    def _draw_throughput(self, view: View) -> None:
        times, values = _curve(view, "throughput")
        failed_times, failed = _curve(view, "failed")
        smooth = moving_mean(values, 10)
        lines = [Series(times, smooth, area=True)]
        if failed.any():
            lines.append(Series(failed_times, moving_mean(failed, 10), ink="danger", width=1.6))
        self._throughput.chart.show_data(
            ChartData(
                view.begin,
                view.end,
                linear_axis(np.concatenate([smooth, self._values_of("throughput")])),
                lines,
                changes=view.changes,
                marks=self._marks.get("throughput", ()),
            )
        )
        figure = _last(moving_mean(values, FIGURE_BINS))
        number = round(float(failed.sum()) * BUCKET_NS / 1e9)
        self._throughput.show_figure(figure, alarm=f"{count(number)} failed" if number else "")

    def _draw_latency(self, view: View) -> None:
        times, median = _curve(view, "p50_ms")
        _, tail = _curve(view, "p99_ms")
        requests, dot_times, dot_values, failed = view.statistics.dots(view.since_ns)
        self._dots = requests
        dots = Dots(dot_times / 1e9, dot_values, failed)
        axis = log_axis(
            np.concatenate(
                [median[np.isfinite(median)], tail[np.isfinite(tail)], dot_values, self._values_of("latency")]
            )
        )
        lines = [Series(times, tail, ink="text2", width=1.2), Series(times, median)]
        compact = self._latency.compact
        self._latency.chart.show_data(
            ChartData(
                view.begin,
                view.end,
                axis,
                lines,
                dots,
                view.changes,
                labels=not compact,
                marks=self._marks.get("latency", ()),
            )
        )
        self._latency.show_figure(_last(median), _last(tail))

    def _draw_line(self, tile: "Tile", view: View, name: str, state: State | None) -> None:
        times, values = _curve(view, name)
        axis: Axis = linear_axis(values)
        tile.chart.show_data(
            ChartData(view.begin, view.end, axis, [Series(times, values, state=state, area=True)], changes=view.changes)
        )
        recent = values[-10:]
        recent = recent[np.isfinite(recent)]
        if not len(recent):
            tile.show_figure(None)
            return
        tile.show_figure(float(recent.max() if name == "loop_lag_ms" else recent.mean()))

    def _click(self, index: int) -> None:
        if self._dots is not None and index < len(self._dots):
            self.dot_clicked.emit(int(self._dots[index]))


class Tile(QWidget):
    """A name, one or two figures with their units on one baseline, and a chart."""

    def __init__(self, theme: Theme, name: str, unit: str, note: str, *, second: str = "") -> None:
        super().__init__()
        self.compact = False
        self._title = Label(theme, name, 12, 500, "text2")
        self._note = ElidedLabel(theme, note, 11, color="text3", right=True)
        self._alarm = Label(theme, "", 11, 600, "danger")
        self._alarm.hide()
        self._figure = Label(theme, "–", 22, 600)
        self._unit = Label(theme, unit, 12, color="text2")
        self._second = Label(theme, "", 22, 600)
        self._second_unit = Label(theme, second, 12, color="text2")
        self.chart = LineChart(theme, name=name)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self._note, 1)
        head.addWidget(self._alarm, 0, Qt.AlignmentFlag.AlignRight)
        figures = QHBoxLayout()
        figures.setSpacing(5)
        for widget in (self._figure, self._unit):
            figures.addWidget(widget)
        if second:
            figures.addSpacing(6)
        for widget in (self._second, self._second_unit):
            figures.addWidget(widget)
            if not second:
                widget.hide()
        figures.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(2)
        self._column.addLayout(head)
        self._column.addLayout(figures)
        self._column.addWidget(self.chart, 1)

    def set_compact(self, compact: bool) -> None:
        """Leave the note away."""
        self.compact = compact
        self._note.setVisible(not compact and self._alarm.isHidden())
        self._column.setContentsMargins(*((12, 4, 12, 4) if compact else (14, 10, 14, 8)))
        self._column.setSpacing(0 if compact else 2)

    def show_figure(self, value: float | None, second: float | None = None, alarm: str = "") -> None:
        """Show the newest value, or that there is none; `alarm` takes the note's place, also where there is none."""
        self._figure.setText(_figure(value))
        if self._second_unit.text():
            self._second.setText(_figure(second))
        self._alarm.setText(alarm)
        self._alarm.setVisible(bool(alarm))
        self._note.setVisible(not alarm and not self.compact)


class CpuTile(QWidget):
    """A bar for each process; more than there is room for are summed up by role, and a click lists them all."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._title = Label(theme, "CPU and memory", 12, 500, "text2")
        self._note = ElidedLabel(theme, "| one core", 11, color="text3", right=True)
        self._bars = CpuBars(theme)
        self._list = CpuList(theme, self)
        self._bars.clicked.connect(lambda: self._list.open_below(self))
        self.setToolTip(EXPLAINED["cpu"])
        self._bars.setToolTip(f"{EXPLAINED['cpu']}\nClick: every process")
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self._note, 1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(head)
        self._column.addWidget(self._bars, 1)

    def set_compact(self, compact: bool) -> None:
        """Leave the note away."""
        self._note.setVisible(not compact)
        self._column.setContentsMargins(*((12, 4, 12, 4) if compact else (14, 10, 14, 8)))
        self._column.setSpacing(0 if compact else 2)

    def show_processes(self, control: Control) -> None:
        """Show the processes that live now, or those of the last seconds of a run that has ended."""
        roles = {one.pid: one.role for one in control.store.processes.values()}
        usage = [
            Usage(role, pid, cpu, rss)
            for pid, cpu, rss in control.statistics.usage()
            if (role := roles.get(pid)) is not None
        ]
        usage.sort(key=lambda one: (ROLE_ORDER.index(one.role), one.pid))
        self._bars.set_rows(cpu_rows(usage, self._bars.room))
        if self._list.isVisible():
            self._list.set_rows(
                [CpuRow(f"{one.role} {one.pid}", one.cpu, _memory(one.rss), one.role in STRONG) for one in usage]
            )


def stretch(now_ns: int, first_ns: int) -> Stretch:
    """The last minute of a run before `now_ns`, or as much of it as there is since `first_ns`, in seconds."""
    end = now_ns / 1e9
    return min(max(end - SHOWN_NS / 1e9, first_ns / 1e9), end - SHORTEST_S), end


def cpu_rows(usage: Sequence[Usage], room: int) -> list[CpuRow]:
    """A row for each of a few processes, else for each role; what comes last in `room` rows stands for all the rest."""
    parts = [(str(one.role), [one]) for one in usage]
    if len(parts) > room:
        by_role = {role: [one for one in usage if one.role is role] for role in dict.fromkeys(u.role for u in usage)}
        parts = [(role_words(role, len(same)), same) for role, same in by_role.items()]
    if len(parts) > room:
        rest = [one for _, same in parts[room - 1 :] for one in same]
        parts = [*parts[: room - 1], (f"{len(rest):,} others", rest)]
    return [
        CpuRow(name, sum(one.cpu for one in same), _memory(sum(one.rss for one in same)), same[0].role in STRONG)
        for name, same in parts
    ]


def _memory(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"


def _curve(view: View, name: str) -> tuple[Floats, Floats]:
    times, values = view.statistics.series(name, view.since_ns)
    return np.asarray(times, np.float64) / 1e9, np.asarray(values, np.float64)


def _last(values: Floats) -> float | None:
    given = values[-15:][np.isfinite(values[-15:])]
    return float(given[-1]) if len(given) else None


def _figure(value: float | None) -> str:
    if value is None or not np.isfinite(value):
        return "–"
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}"
