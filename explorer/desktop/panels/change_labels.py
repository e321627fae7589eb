"""Changes marked on a large chart: a dashed line each, and short words at the top, in rows so that none hide others.

The words stand upright beside the view's own coordinates: they keep their place at the top however the chart is
zoomed, are elided, and say all on hover.
"""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF

from explorer.desktop.theme import Theme

WIDEST: Final = 150
ROW: Final = 15
ROWS: Final = 3
GAP: Final = 6


def rows_for(spans: Sequence[tuple[float, float]], most: int = ROWS) -> list[int | None]:
    """The row of each label, given where (left, right) it would stand, in order; None where no row has room."""
    ends = [float("-inf")] * most
    found: list[int | None] = []
    for left, right in spans:
        row = next((number for number, end in enumerate(ends) if end <= left), None)
        if row is not None:
            ends[row] = right + GAP
        found.append(row)
    return found


class ChangeLabels:
    """Lines and words on a pyqtgraph plot."""

    def __init__(self, theme: Theme, plot: Any) -> None:
        self._theme = theme
        self._plot = plot
        self._view = plot.getPlotItem().vb
        self._lines: list[Any] = []
        self._words: list[Any] = []
        self._shown: list[tuple[float, str]] = []
        self._view.sigRangeChanged.connect(self._place)
        self._view.sigResized.connect(self._place)

    def show(self, changes: Sequence[tuple[float, str]]) -> None:
        """Mark these: seconds of the run and words, ascending."""
        import pyqtgraph as pg
        from PySide6.QtWidgets import QGraphicsSimpleTextItem

        if list(changes) == self._shown:
            return
        if list(changes[: len(self._shown)]) != self._shown:
            self._clear()
        for at, text in changes[len(self._shown) :]:
            line = pg.InfiniteLine(at)
            line.setToolTip(text)
            self._plot.addItem(line, ignoreBounds=True)
            words = QGraphicsSimpleTextItem(self._view)
            words.setToolTip(text)
            self._lines.append(line)
            self._words.append(words)
        self._shown = list(changes)
        self.restyle()

    def restyle(self) -> None:
        """Take the theme's colours and font."""
        import pyqtgraph as pg

        pen = pg.mkPen(self._theme.color("text3"), width=1, style=Qt.PenStyle.DashLine)
        for line, words in zip(self._lines, self._words, strict=True):
            line.setPen(pen)
            words.setBrush(self._theme.color("text2"))
            words.setFont(self._theme.font(11))
        self._place()

    def _clear(self) -> None:
        for line, words in zip(self._lines, self._words, strict=True):
            self._plot.removeItem(line)
            words.scene().removeItem(words)
        self._lines, self._words, self._shown = [], [], []

    def _place(self) -> None:
        metrics = QFontMetricsF(self._theme.font(11))
        width = self._theme.px(WIDEST)
        (begin, end), room = self._view.viewRange()[0], self._view.width()
        if end <= begin:
            return
        elided = [metrics.elidedText(text, Qt.TextElideMode.ElideRight, width) for _, text in self._shown]
        lefts = [(at - begin) / (end - begin) * room + 3 for at, _ in self._shown]
        # At the right edge the words stand to the left of their line.
        lefts = [
            left - 6 - metrics.horizontalAdvance(text) if left + metrics.horizontalAdvance(text) > room else left
            for left, text in zip(lefts, elided, strict=True)
        ]
        inside = [begin <= at <= end for at, _ in self._shown]
        spans = [
            (left, left + metrics.horizontalAdvance(text))
            for left, text, seen in zip(lefts, elided, inside, strict=True)
            if seen
        ]
        rows = iter(rows_for(spans))
        for words, text, left, seen in zip(self._words, elided, lefts, inside, strict=True):
            row = next(rows) if seen else None
            words.setVisible(row is not None)
            if row is not None:
                words.setText(text)
                words.setPos(max(0.0, left), 2 + row * self._theme.px(ROW))
