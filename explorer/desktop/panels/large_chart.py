"""One chart of the strip drawn large over the lanes, for the whole run, with axes, zoom and the value under the
pointer.

pyqtgraph draws it: axes with units, wheel zoom and drag come with it. It is imported when the first chart is opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.panels.change_labels import ChangeLabels
from explorer.desktop.panels.request.dots import RequestDots
from explorer.desktop.panels.value_lines import ValueLines
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.chart import Mark
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.scale import moving_mean
from explorer.records.states import State


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart: a series of the statistics, its name, and the token or the state that colours it.

    `smooth`: each value is the mean of this many of 100 ms.
    """

    series: str
    name: str
    ink: str = "ink"
    state: State | None = None
    smooth: int = 1

    def color(self, theme: Theme) -> QColor:
        """Its ink in a theme."""
        return theme.state(self.state).fill if self.state is not None else theme.color(self.ink)


@dataclass(frozen=True, slots=True)
class Chart:
    """What a tile shows when it is opened. `log`: the values are drawn on a logarithmic axis."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    log: bool = False


CHARTS: Final = {
    "throughput": Chart(
        "Throughput",
        "requests/s",
        (Line("throughput", "good", smooth=10), Line("failed", "failed", "danger", smooth=10)),
    ),
    "latency": Chart("Latency", "ms", (Line("p50_ms", "p50"), Line("p99_ms", "p99", "accent")), log=True),
    "lag": Chart("Loop lag", "ms", (Line("loop_lag_ms", "longest wait in 100 ms"),)),
    "ready": Chart("Ready queue", "callbacks", (Line("ready", "mean number ready", state=State.QUEUED),)),
}


class LargeChart(QWidget):
    """`closed` follows Esc and the button, `dot_clicked(request)` a click on a dot of a request."""

    closed = Signal()
    dot_clicked = Signal(object)
    expected = Signal(str, float)
    """The line of what the user expects was moved: a key of `CHARTS`, the value in its unit."""

    def __init__(self, theme: Theme, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._control = control
        self._chart: Chart | None = None
        self._name = ""
        self._values: dict[str, tuple[Mark, ...]] = {}
        self._lines: ValueLines | None = None
        self._plot: Any = None
        self._curves: list[Any] = []
        self._dots: RequestDots | None = None
        self._markers: ChangeLabels | None = None
        self._moment: int | None = None
        self._marked = 0
        self._now: Any = None
        self._title = Label(theme, "", 15, 600)
        self._value = ElidedLabel(theme, "", 12, color="text2")
        self._legend = Legend(theme)
        close = Button(theme, "Back to the lanes", icon="x", kind=ButtonKind.GHOST, shortcut="Esc", height=28)
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setContentsMargins(14, 8, 10, 4)
        head.setSpacing(14)
        head.addWidget(self._title)
        head.addWidget(self._legend)
        head.addWidget(self._value, 1)
        head.addWidget(close)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self._restyle)

    def open(self, name: str) -> None:
        """Show the chart called `name` (a key of `CHARTS`)."""
        self._chart, self._name = CHARTS[name], name
        self._title.setText(f"{self._chart.title}, {self._chart.unit}")
        self._build(self._chart)
        self.refresh()
        self._plot.enableAutoRange()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Draw what has come since."""
        if self._chart is None or not self.isVisible():
            return
        store = self._control.store
        first = store.first or 0
        for curve, line in zip(self._curves, self._chart.lines, strict=True):
            times, values = self._control.statistics.series(line.series, first)
            values = np.asarray(values, np.float64)
            if line.smooth > 1:
                values = moving_mean(values, line.smooth)
            if self._chart.log:
                values = np.where(values > 0, values, np.nan)
            curve.setData((np.asarray(times) - first) / 1e9, values, connect="finite")
        if self._dots is not None:
            self._dots.show(self._control.statistics, first)
            self._dots.mark(self._marked)
        self._mark_changes(first)

    def mark(self, request: int) -> None:
        """Put a ring around the dot of a request, where it has one; 0: around none."""
        self._marked = request
        if self._dots is not None:
            self._dots.mark(request)

    def set_marks(self, name: str, marks: tuple[Mark, ...]) -> None:
        """Lines across a chart: the law, and what the user expects."""
        self._values[name] = marks
        if name == self._name and self._lines is not None:
            self._lines.show(marks)

    def show_moment(self, moment: int | None) -> None:
        """Draw the now-line of a replay at a moment (ns); None: there is no replay."""
        self._moment = moment
        if self._now is not None:
            self._now.setVisible(moment is not None)
            if moment is not None:
                self._now.setValue((moment - (self._control.store.first or 0)) / 1e9)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the lanes."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _build(self, chart: Chart) -> None:
        import pyqtgraph as pg

        if self._plot is not None:
            self._column.removeWidget(self._plot)
            self._plot.deleteLater()
        self._plot = pg.PlotWidget()
        self._plot.setLogMode(x=False, y=chart.log)
        self._plot.getAxis("left").logTickStrings = log_ticks
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setLabel("bottom", "seconds of the run")
        self._plot.setAccessibleName(f"{chart.title} over the whole run")
        self._plot.scene().sigMouseMoved.connect(self._point)
        self._curves = [self._plot.plot(name=line.name) for line in chart.lines]
        self._markers = ChangeLabels(self._theme, self._plot)
        self._dots = RequestDots(self._theme, self._plot, self.dot_clicked.emit) if chart.log else None
        self._now = pg.InfiniteLine()
        self._plot.addItem(self._now, ignoreBounds=True)
        self.show_moment(self._moment)
        # No closure over self: that would be a circle, and Qt's side of the plot must go when the widget does.
        self._lines = ValueLines(self._theme, self._plot, chart.log, partial(self.expected.emit, self._name))
        self._lines.show(self._values.get(self._name, ()))
        self._legend.show_lines(chart.lines)
        self._column.addWidget(self._plot, 1)
        self._restyle()

    def _mark_changes(self, first: int) -> None:
        if self._markers is not None:
            markers = [one for one in self._control.store.markers if one.kind in ("change", "restart", "death")]
            self._markers.show([((one.time - first) / 1e9, one.text) for one in markers])

    def _restyle(self) -> None:
        if self._plot is None or self._chart is None:
            return
        import pyqtgraph as pg

        theme = self._theme
        self._plot.setBackground(theme.color("lane"))
        self._plot.showGrid(x=True, y=True, alpha=0.15)
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(theme.color("line2"))
            axis.setTextPen(theme.color("text2"))
            axis.setTickFont(theme.font(11))
        self._now.setPen(pg.mkPen(theme.color("accent"), width=2))
        if self._lines is not None:
            self._lines.restyle()
        if self._markers is not None:
            self._markers.restyle()
        if self._dots is not None:
            self._dots.restyle()
        for curve, line in zip(self._curves, self._chart.lines, strict=True):
            color = line.color(theme)
            curve.setPen(pg.mkPen(color, width=2 if line is self._chart.lines[0] else 1.2))

    def _point(self, at: QPointF) -> None:
        if self._chart is None:
            return
        where = self._plot.getPlotItem().vb.mapSceneToView(at)
        words = [f"{where.x():.2f} s"]
        for curve, line in zip(self._curves, self._chart.lines, strict=True):
            times, values = curve.getOriginalDataset()
            if times is not None and len(times):
                nearest = int(np.clip(np.searchsorted(times, where.x()), 0, len(times) - 1))
                if np.isfinite(values[nearest]):
                    words.append(f"{line.name} {values[nearest]:,.3g} {self._chart.unit}")
        self._value.set_text("   ".join(words))


class Legend(QWidget):
    """The name of each line beside a stroke of its ink; empty for a single line, which the title names."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Name these lines."""
        while (entry := self._row.takeAt(0)) is not None:
            if (widget := entry.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for line in lines if len(lines) > 1 else ():
            self._row.addWidget(_Stroke(self._theme, line))
            self._row.addWidget(Label(self._theme, line.name, 12, color="text2"))


def log_ticks(exponents: Sequence[float], scale: float, spacing: float) -> list[str]:
    """What stands at ticks of a logarithmic axis, as numbers are read aloud: 200, not 2·10²."""
    values = [10.0**exponent * scale for exponent in exponents]
    return [f"{value:,.0f}" if value >= 1 else f"{value:.3g}" for value in values]


class _Stroke(QWidget):
    def __init__(self, theme: Theme, line: Line) -> None:
        super().__init__()
        self._theme = theme
        self._line = line
        self.setFixedSize(theme.px(18), theme.px(12))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, self.height() // 2 - 1, self.width(), 2, self._line.color(self._theme))
        painter.end()
