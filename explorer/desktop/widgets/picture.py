"""The small picture of a choice: bars in the colours and heights of the lanes, so that choosing teaches the legend.

A picture is data, declared by the feature it stands for: bars `(row, start, length, state)`, start and length as shares
(0..1) of the width.
"""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import draw_bar
from explorer.records.states import State

PictureBar = tuple[int, float, float, State]

SIZE = QSize(48, 32)
MARGIN = 2.0
ROW_MOST = 16.0
"""A picture of one row would be a wall; lanes are never drawn higher than this."""
GAP_LEAST, GAP_SHARE = 2.0, 0.28
"""Between two lanes, the floor of the upper one included: two that are full all the time must not look like one."""


def row_height(rows: int, height: float) -> float:
    """Height of one lane of a picture with `rows` lanes, gap included."""
    return min(ROW_MOST * height / SIZE.height(), (height - 2 * MARGIN) / max(1, rows))


def draw_picture(painter: QPainter, theme: Theme, rect: QRectF, bars: Sequence[PictureBar]) -> None:
    """Paint `bars` into `rect`, each lane with its floor."""
    rows = 1 + max((bar[0] for bar in bars), default=0)
    pitch = row_height(rows, rect.height())
    lane = pitch - max(GAP_LEAST, pitch * GAP_SHARE)
    top = rect.top() + (rect.height() - pitch * rows) / 2
    left, width = rect.left() + MARGIN, rect.width() - 2 * MARGIN
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    rail: QColor = theme.color("line2")
    for row in range(rows):
        painter.fillRect(QRectF(left, round(top + pitch * (row + 1)) - 1, width, 1), rail)
    for row, start, length, state in bars:
        floor = round(top + pitch * (row + 1)) - 1
        draw_bar(painter, theme.state(state), left + start * width, floor, length * width, lane)
    painter.restore()


class Picture(QWidget):
    """Shows one picture, 48 × 32 unless another size is given."""

    def __init__(
        self, theme: Theme, bars: Sequence[PictureBar], size: QSize = SIZE, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bars = tuple(bars)
        self._size = size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)

    def sizeHint(self) -> QSize:
        """The size given, scaled with the theme."""
        return QSize(self._theme.px(self._size.width()), self._theme.px(self._size.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bars."""
        painter = QPainter(self)
        draw_picture(painter, self._theme, QRectF(self.rect()), self._bars)
        painter.end()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
