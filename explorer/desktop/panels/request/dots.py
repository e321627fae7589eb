"""The dots of requests in the large chart of latencies, over the whole run: a click on one goes to its request."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import Array
from explorer.desktop.theme import Theme

SIZE: Final = 5
ALPHA: Final = 120


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

    def show(self, statistics: RunStatistics, first: int) -> None:
        """Put a dot for each request that has one; times count from `first` (ns)."""
        requests, times, values, failed = statistics.dots(first)
        newest = int(times[-1]) if len(times) else 0
        if newest == self._seen:
            return
        self._seen = newest
        for scatter, which in zip(self._scatters, (~failed, failed), strict=True):
            self._put(scatter, requests[which], (times[which] - first) / 1e9, values[which])

    @staticmethod
    def _put(scatter: Any, requests: Array, times: Array, values: Array) -> None:
        scatter.setData(x=times, y=np.log10(np.maximum(values, 1e-6)), data=requests)

    def restyle(self) -> None:
        """Take the theme's colours."""
        import pyqtgraph as pg

        for scatter, color in zip(
            self._scatters, (self._theme.color("dot", ALPHA), self._theme.color("danger")), strict=True
        ):
            scatter.setBrush(pg.mkBrush(color))

    def _click(self, _: Any, points: Any) -> None:
        if len(points):
            # Of several under the pointer the slowest: that is what one looks for.
            self._clicked(int(max(points, key=lambda point: point.pos().y()).data()))
