"""All processes one by one, in a small panel over the lanes: what the bars of the strip may have summed up."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.cpu_bar import CpuBars, CpuRow
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import draw_box

ROW = 18
WIDTH = 360
MOST = 40


class CpuList(QWidget):
    """Closes on Esc and on a click elsewhere."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._theme = theme
        self._bars = CpuBars(theme, name_width=120, most=MOST)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.addWidget(Label(theme, "Share of one core, memory", 11, color="text2"))
        column.addWidget(self._bars, 1)

    def set_rows(self, rows: Sequence[CpuRow]) -> None:
        """Show these processes, in this order."""
        self._bars.set_rows(rows)
        height = self._theme.px(ROW) * max(1, len(rows))
        if self._bars.height() != height:
            self._bars.setFixedHeight(height)
            self.setFixedWidth(self._theme.px(WIDTH))
            self.adjustSize()

    def open_below(self, widget: QWidget) -> None:
        """Open right below a widget, its right edge at that of the widget's."""
        corner = widget.mapToGlobal(QPoint(widget.width() - self._theme.px(WIDTH), widget.height()))
        self.setFixedWidth(self._theme.px(WIDTH))
        self.move(corner)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The panel."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        draw_box(painter, QRectF(self.rect()), 0, self._theme.color("panel"), self._theme.color("line2"))
        painter.end()
