"""Predictions in the window: the panel at the foot of the setup, and lines on the charts of throughput and latency."""

from typing import Final

from PySide6.QtCore import QObject

from explorer.analysis.predict.prediction import Quantity
from explorer.desktop.control import Control
from explorer.desktop.panels.large_chart import LargeChart
from explorer.desktop.panels.metrics import MetricStrip
from explorer.desktop.panels.prediction.measuring import Measuring
from explorer.desktop.panels.prediction.model import Predictions
from explorer.desktop.panels.prediction.page import PredictionPanel
from explorer.desktop.panels.setup import SetupPanel
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.chart import Mark
from explorer.session.calibration import Calibrations

CHARTS: Final[dict[str, tuple[Quantity, float]]] = {"throughput": ("throughput", 1.0), "latency": ("latency", 1e-3)}
"""Which quantity a chart shows, and how many of its units (requests a second, seconds) the chart's are."""


class Predicting(QObject):
    """Ties the parts together. `start` lets it measure by itself; `close` ends that."""

    def __init__(
        self,
        theme: Theme,
        control: Control,
        setup: SetupPanel,
        charts: tuple[MetricStrip, LargeChart],
        kept: Calibrations | None = None,
    ) -> None:
        super().__init__(setup)
        self.predictions = Predictions(control, kept, self)
        self.measuring = Measuring(control, self.predictions, self)
        self.panel = PredictionPanel(theme, self.predictions, self.measuring)
        self._setup = setup
        self._charts = charts
        setup.set_foot(self.panel)
        for chart in charts:
            chart.expected.connect(self._expect)
        self.predictions.changed.connect(self._mark)
        self._mark()

    def start(self) -> None:
        """Measure what serving costs, whenever nothing runs and it is not known."""
        self.measuring.start()

    async def close(self) -> None:
        """End what is being measured."""
        await self.measuring.close()

    def refresh(self) -> None:
        """Once a second while something runs."""
        self.predictions.refresh()

    def _expect(self, chart: str, value: float) -> None:
        quantity, unit = CHARTS[chart]
        self.predictions.expect(quantity, value * unit)

    def _mark(self) -> None:
        for name, (quantity, unit) in CHARTS.items():
            shown = self.predictions.shown(quantity)
            marks = []
            if shown.law is not None:
                marks.append(Mark(shown.law / unit, "law"))
            if shown.yours is not None:
                marks.append(Mark(shown.yours / unit, "you"))
            for chart in self._charts:
                chart.set_marks(name, tuple(marks))
