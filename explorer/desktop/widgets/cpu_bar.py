"""CPU and memory: one thin bar for each process, all on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_box, draw_text, text_width

ROW, LOWEST_ROW = 15, 13
MOST_ROWS = 5
FIGURE_WIDTH, MEMORY_WIDTH = 52, 60
BAR_LEAST = 16
NAMES_SHARE = 0.42
FULL_LEAST = 2


@dataclass(frozen=True, slots=True)
class CpuRow:
    """A process: `cpu` in cores (1.0 = one core busy), `memory` as text with its unit; `strong`: what is observed."""

    name: str
    cpu: float
    memory: str
    strong: bool = False


def full_scale(rows: Sequence[CpuRow]) -> int:
    """Cores at the end of the bars: a power of two, at least two, that holds the busiest process."""
    full, most = FULL_LEAST, max((row.cpu for row in rows), default=0.0)
    while full < most:
        full *= 2
    return full


class CpuBars(QWidget):
    """A tick marks one core. `clicked` follows a click: the rows may have summed something up."""

    clicked = Signal()

    def __init__(
        self, theme: Theme, *, name_width: int = 62, most: int = MOST_ROWS, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name_width = name_width
        self._rows: tuple[CpuRow, ...] = ()
        self._most = most
        self.room = most
        """How many rows can be read at this height."""
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
        self.update()

    def sizeHint(self) -> QSize:
        """A line for each process."""
        return QSize(self._theme.px(230), self._theme.px(ROW) * min(max(1, len(self._rows)), self._most))

    def minimumSizeHint(self) -> QSize:
        """Without bars the figures still fit."""
        return QSize(self._theme.px(self._name_width + FIGURE_WIDTH + MEMORY_WIDTH), self._theme.px(ROW))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer rows find room."""
        self.room = max(1, min(self._most, int(self.height() / self._theme.px(LOWEST_ROW))))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell of the click."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name, bar with its tick, share, memory; the lines spread over the height."""
        painter = QPainter(self)
        full = full_scale(self._rows)
        height = self.height() / max(1, len(self._rows))
        needed = max((text_width(self._theme.font(12), row.name) for row in self._rows), default=0.0) + 8
        names = round(min(max(needed, self._theme.px(self._name_width)), self.width() * NAMES_SHARE))
        for number, row in enumerate(self._rows):
            self._draw_row(painter, row, number * height, height, full, names)
        painter.end()

    def _draw_row(self, painter: QPainter, row: CpuRow, top: float, height: float, full: int, names: int) -> None:
        theme, px, width = self._theme, self._theme.px, self.width()
        font = theme.font(12)
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
