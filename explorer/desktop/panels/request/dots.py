"""The dots of requests in the large chart of latencies, over the whole run: a click on one goes to its request."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from explorer.analysis.statistics import RunStatistics
from explorer.desktop.theme import Theme

SIZE: Final = 5
ALPHA: Final = 120
RING: Final = 13


class RequestDots:
    """Scatters of good and of failed requests in a pyqtgraph plot with a log axis; `clicked` hears of a request."""

    def __init__(self, theme: Theme, plot: Any, clicked: Callable[[int], object]) -> None:
        import pyqtgraph as pg

        self._theme = theme
        self._clicked = clicked
        self._seen = 0
        self._scatters = [pg.ScatterPlotItem(size=SIZE, pxMode=True, pen=None) for _ in range(2)]
        for scatter in self._scatters:
            # The plot's log mode reaches curves only: the values are put in as logarithms.
            plot.getPlotItem().vb.addItem(scatter)
            scatter.sigClicked.connect(self._click)
            scatter.setZValue(-1)
        none = np.zeros(0)
        self._shown = (none, none, none)  # number, x and y of each dot
        self.marked = 0
        """The request whose dot has a ring, or 0."""
        self._ring = pg.ScatterPlotItem(size=RING, pxMode=True, brush=None)
        plot.getPlotItem().vb.addItem(self._ring)

    def mark(self, request: int) -> None:
        """Put a ring around the dot of a request, where it has one; 0: around none."""
        at = np.flatnonzero(self._shown[0] == request)[:1]
        self.marked = request if request and len(at) else 0
        self._ring.setData(*((values[at] if self.marked else []) for values in self._shown[1:]))

    def show(self, statistics: RunStatistics, first: int) -> None:
        """Put a dot for each request that has one; times count from `first` (ns)."""
        requests, times, values, failed = statistics.dots(first)
        newest = int(times[-1]) if len(times) else 0
        if newest == self._seen:
            return
        self._seen = newest
        self._shown = (requests, (times - first) / 1e9, np.log10(np.maximum(values, 1e-6)))
        for scatter, which in zip(self._scatters, (~failed, failed), strict=True):
            numbers, x, y = (values[which] for values in self._shown)
            scatter.setData(x=x, y=y, data=numbers)

    def restyle(self) -> None:
        """Take the theme's colours."""
        import pyqtgraph as pg

        for scatter, color in zip(
            self._scatters, (self._theme.color("dot", ALPHA), self._theme.color("danger")), strict=True
        ):
            scatter.setBrush(pg.mkBrush(color))
        self._ring.setPen(pg.mkPen(self._theme.color("text"), width=2))

    def _click(self, _: Any, points: Any) -> None:
        if len(points):
            # Of several under the pointer the slowest: that is what one looks for.
            self._clicked(int(max(points, key=lambda point: point.pos().y()).data()))
