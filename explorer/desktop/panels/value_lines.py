"""Lines across a large chart: what the law says (dashed) and what the user expects (violet), which can be dragged."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from PySide6.QtCore import Qt

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.chart import Mark

WORDS: Final = {"law": "law {value:,.4g}", "you": "you {value:,.4g}"}


class ValueLines:
    """At most one line of each kind. `moved(value)` follows the hand."""

    def __init__(self, theme: Theme, plot: Any, log: bool, moved: Callable[[float], None]) -> None:
        self._theme = theme
        self._plot = plot
        self._log = log
        self._moved = moved
        self._lines: dict[str, Any] = {}
        self._showing = False

    def show(self, marks: tuple[Mark, ...]) -> None:
        """Draw these, and no others."""
        wanted = {mark.kind: mark.value for mark in marks if mark.value > 0}
        self._showing = True  # a line that is set moves, and nobody has moved it
        for kind in [kind for kind in self._lines if kind not in wanted]:
            self._plot.removeItem(self._lines.pop(kind))
        for kind, value in wanted.items():
            if kind not in self._lines:
                self._add(kind)
            line = self._lines[kind]
            line.setValue(np.log10(value) if self._log else value)
            line.label.setFormat(WORDS[kind].format(value=value))
        self._showing = False

    def restyle(self) -> None:
        """Take the theme's colours."""
        import pyqtgraph as pg

        for kind, line in self._lines.items():
            color = self._theme.color("accent" if kind == "you" else "text")
            style = Qt.PenStyle.SolidLine if kind == "you" else Qt.PenStyle.DashLine
            line.setPen(pg.mkPen(color, width=2 if kind == "you" else 1.4, style=style))
            line.setHoverPen(pg.mkPen(color, width=3))
            line.label.setColor(color)
            line.label.textItem.setFont(self._theme.font(12, 600))

    def _add(self, kind: str) -> None:
        import pyqtgraph as pg

        mine = kind == "you"
        options = {"position": 0.02 if mine else 0.14, "anchors": [(0, 0), (0, 1)] if mine else [(0, 1), (0, 0)]}
        line = pg.InfiniteLine(angle=0, movable=mine, label="", labelOpts=options)
        line.setZValue(5)
        if mine:
            line.sigPositionChanged.connect(self._follow)
        self._plot.addItem(line)
        self._lines[kind] = line
        self.restyle()

    def _follow(self, line: Any) -> None:
        if self._showing:
            return
        value = float(10 ** line.value() if self._log else line.value())
        if value > 0:
            self._moved(float(f"{value:.3g}"))
