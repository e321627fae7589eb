"""CPU and memory: one thin bar for each process, all on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_box, draw_text

ROW = 15
FIGURE_WIDTH, MEMORY_WIDTH = 52, 60
BAR_LEAST = 16
FULL_LEAST = 2


@dataclass(frozen=True, slots=True)
class CpuRow:
    """A process: `cpu` in cores (1.0 = one core busy), `memory` as text with its unit; `strong`: what is observed."""

    name: str
    cpu: float
    memory: str
    strong: bool = False
    tooltip: str = ""


def full_scale(rows: Sequence[CpuRow]) -> int:
    """Cores at the end of the bars: a power of two, at least two, that holds the busiest process."""
    full, most = FULL_LEAST, max((row.cpu for row in rows), default=0.0)
    while full < most:
        full *= 2
    return full


class CpuBars(QWidget):
    """A tick marks one core. `clicked` lets the owner unfold what it has summed up."""

    clicked = Signal()

    def __init__(self, theme: Theme, *, name_width: int = 62, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name_width = name_width
        self._rows: tuple[CpuRow, ...] = ()
        self.setAccessibleName("CPU and memory per process")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def set_rows(self, rows: Sequence[CpuRow]) -> None:
        """Show these processes, in this order."""
        if len(rows) != len(self._rows):
            self.updateGeometry()
        self._rows = tuple(rows)
        said = "; ".join(f"{row.name} {row.cpu:.0%} of a core, {row.memory}" for row in rows)
        self.setAccessibleDescription(said)
        self.setToolTip("\n".join(row.tooltip or f"{row.name}: {row.cpu:.0%} of a core, {row.memory}" for row in rows))
        self.update()

    def sizeHint(self) -> QSize:
        """A line for each process."""
        return QSize(self._theme.px(230), self._theme.px(ROW) * max(1, len(self._rows)))

    def minimumSizeHint(self) -> QSize:
        """Without bars the figures still fit."""
        return QSize(self._theme.px(self._name_width + FIGURE_WIDTH + MEMORY_WIDTH), self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell the owner."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name, bar with its tick, share, memory; the lines spread over the height."""
        painter = QPainter(self)
        full = full_scale(self._rows)
        height = self.height() / max(1, len(self._rows))
        for number, row in enumerate(self._rows):
            self._draw_row(painter, row, number * height, height, full)
        painter.end()

    def _draw_row(self, painter: QPainter, row: CpuRow, top: float, height: float, full: int) -> None:
        theme, px, width = self._theme, self._theme.px, self.width()
        names, font = px(self._name_width), theme.font(12)
        name = QFontMetricsF(font).elidedText(row.name, Qt.TextElideMode.ElideRight, names - 4)
        draw_text(painter, QRectF(0, top, names, height), name, font, theme.color("text2"), LEFT)
        bar = width - names - px(FIGURE_WIDTH + MEMORY_WIDTH)
        if bar >= px(BAR_LEAST):
            middle, thick = top + height / 2, px(6)
            groove = QRectF(names, middle - thick / 2, bar, thick)
            draw_box(painter, groove, thick / 2, theme.color("hover"))
            groove.setWidth(bar * min(1.0, row.cpu / full))
            # A rounded box narrower than its own roundness would draw a dot that claims more than there is.
            radius = min(thick / 2, groove.width() / 2)
            draw_box(painter, groove, radius, theme.color("ink" if row.strong else "text3"))
            painter.fillRect(QRectF(round(names + bar / full), middle - px(6), 1, px(12)), theme.color("text3"))
        figure = QRectF(width - px(FIGURE_WIDTH + MEMORY_WIDTH), top, px(FIGURE_WIDTH), height)
        draw_text(painter, figure, f"{row.cpu * 100:,.0f} %", theme.font(12, 600), theme.color("text"), RIGHT)
        memory = QRectF(width - px(MEMORY_WIDTH), top, px(MEMORY_WIDTH), height)
        draw_text(painter, memory, row.memory, font, theme.color("text2"), RIGHT)
