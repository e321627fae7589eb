"""Lines of a law and of what the user expects across a chart."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.chart import ChartData, LineChart, Mark
from explorer.desktop.widgets.scale import Axis, linear_axis, log_axis


@pytest.mark.parametrize("axis", [Axis(0.0, 200.0), Axis(1.0, 1000.0, log=True)])
def test_the_way_from_a_value_to_its_share_and_back(axis: Axis) -> None:
    for value in (2.0, 17.0, 199.0):
        share = float(axis.share(np.array([value]))[0])
        assert axis.value(share) == pytest.approx(value)


@pytest.mark.parametrize("axis", [linear_axis(np.array([200.0])), log_axis(np.array([5.0, 900.0]))])
def test_the_line_can_be_dragged_and_the_chart_clicked(theme: Theme, qtbot: QtBot, axis: Axis) -> None:
    chart = LineChart(theme, name="Throughput")
    qtbot.addWidget(chart)
    chart.resize(200, 105)
    chart.show()
    chart.show_data(ChartData(0.0, 10.0, axis, marks=(Mark(100.0, "you"), Mark(150.0, "law"))))
    y = round(1 + 100 * (1 - float(axis.share(np.array([100.0]))[0])))
    moved: list[float] = []
    clicked: list[bool] = []
    chart.mark_moved.connect(moved.append)
    chart.clicked.connect(lambda: clicked.append(True))
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(chart, left, none, QPoint(100, y))
    QTest.mouseMove(chart, QPoint(100, y - 12))
    QTest.mouseRelease(chart, left, none, QPoint(100, y - 12))
    assert moved
    assert moved[-1] > 100
    assert not clicked
    QTest.mousePress(chart, left, none, QPoint(100, y + 15))
    assert clicked


def test_the_law_is_dashed_and_what_is_expected_is_violet(theme: Theme, qtbot: QtBot) -> None:
    chart = LineChart(theme)
    qtbot.addWidget(chart)
    chart.resize(200, 40)
    marks = (Mark(100.0, "you"), Mark(160.0, "law"))
    chart.show_data(ChartData(0.0, 10.0, Axis(0.0, 200.0), marks=marks))
    picture = chart.grab().toImage()

    def row(value: float) -> list[str]:
        y = round(1 + 35 * (1 - value / 200))
        lines = [[picture.pixelColor(x, y + off).name() for x in range(20, 180)] for off in (-1, 0, 1)]
        return max(lines, key=lambda line: len([name for name in line if name != ground]))

    ground = picture.pixelColor(100, 36).name()
    mine, law = row(100.0), row(160.0)
    assert len(set(mine)) == 1
    assert len(set(law)) > 1  # dashes and gaps
    assert mine[0] != ground
