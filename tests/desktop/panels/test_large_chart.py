"""The large chart: words of changes that can be read, lines that can be told apart, and no line where nothing was."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.collect.source import Marker
from explorer.desktop.control import Control
from explorer.desktop.panels.change_labels import rows_for
from explorer.desktop.panels.large_chart import CHARTS, LargeChart, Legend
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.chart import Mark
from explorer.desktop.widgets.label import Label

SECOND = 1_000_000_000


class Statistics:
    """Ten seconds in which nothing was answered from the fourth to the sixth."""

    def series(self, name: str, since: int) -> tuple[np.ndarray, np.ndarray]:
        times = np.arange(1, 101) * SECOND // 10
        values = np.full(100, 20.0)
        values[40:60] = np.nan
        return times, values

    def dots(self, since: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        times = np.array([1, 2, 3]) * SECOND
        return np.array([7, 8, 9], np.uint64), times, np.array([10.0, 500.0, 20.0]), np.array([False, False, True])


def control_with(markers: list[Marker]) -> Control:
    return cast(Control, SimpleNamespace(store=SimpleNamespace(first=0, markers=markers), statistics=Statistics()))


def test_labels_take_the_first_row_that_has_room() -> None:
    assert rows_for([(0, 100), (50, 150), (60, 160), (70, 170), (120, 200)]) == [0, 1, 2, None, 0]


def test_the_logarithmic_axis_is_in_plain_numbers(theme: Theme, qtbot: QtBot) -> None:
    chart = LargeChart(theme, control_with([]))
    qtbot.addWidget(chart)
    chart.resize(900, 400)
    chart.open("latency")
    axis = chart._plot.getAxis("left")
    assert axis.logTickStrings([-1.0, 0.0, np.log10(200), 3.0], 1.0, 1.0) == ["0.1", "1", "200", "1,000"]


@pytest.mark.parametrize("name", CHARTS)
def test_words_lie_flat_and_over_no_others(theme: Theme, qtbot: QtBot, name: str) -> None:
    text = "Who serves the connections: Prefork, and a number of other things that were changed with it"
    markers = [Marker(time=at * SECOND, kind="change", text=text) for at in (1, 2, 3, 9)]
    chart = LargeChart(theme, control_with(markers))
    qtbot.addWidget(chart)
    chart.resize(900, 400)
    chart.show()
    chart.open(name)
    labels: Any = chart._markers

    def visible() -> list[Any]:
        return [words for words in labels._words if words.isVisible()]

    qtbot.waitUntil(lambda: len(visible()) >= 3)
    shown = visible()
    boxes = [words.sceneBoundingRect() for words in shown]
    assert all(box.width() < 200 and box.width() > box.height() for box in boxes)
    assert not any(one.intersects(two) for at, one in enumerate(boxes) for two in boxes[at + 1 :])
    assert all(words.toolTip() == text for words in shown)


def test_the_line_is_broken_where_nothing_was_answered(theme: Theme, qtbot: QtBot) -> None:
    chart = LargeChart(theme, control_with([]))
    qtbot.addWidget(chart)
    chart.show()
    chart.open("latency")
    curve: Any = chart._curves[0]
    _, values = curve.getOriginalDataset()
    assert np.isnan(values[40:60]).all()
    assert curve.opts["connect"] == "finite"


def test_p50_and_p99_are_told_apart(theme: Theme, qtbot: QtBot) -> None:
    chart = LargeChart(theme, control_with([]))
    qtbot.addWidget(chart)
    chart.show()
    chart.open("latency")
    first, second = CHARTS["latency"].lines
    assert first.color(theme) != second.color(theme)
    legend = chart.findChild(Legend)
    assert legend is not None
    assert [label.text() for label in legend.findChildren(Label)] == ["p50", "p99"]


def test_a_click_on_a_dot_names_its_request(theme: Theme, qtbot: QtBot) -> None:
    chart = LargeChart(theme, control_with([]))
    qtbot.addWidget(chart)
    chart.resize(900, 400)
    chart.show()
    chart.open("latency")
    plot: Any = chart._plot
    plot.getPlotItem().vb.updateAutoRange()
    plot.grab()
    clicked: list[int] = []
    chart.dot_clicked.connect(clicked.append)
    # The chart's axis is one of logarithms: 500 ms at the second second.
    where = plot.mapFromScene(plot.getPlotItem().vb.mapViewToScene(QPointF(2.0, np.log10(500.0))))
    QTest.mouseMove(plot.viewport(), where)
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    assert clicked == [8]
    chart.open("lag")
    assert chart._dots is None


def test_the_dot_of_the_selected_request_has_a_ring(theme: Theme, qtbot: QtBot) -> None:
    chart = LargeChart(theme, control_with([]))
    qtbot.addWidget(chart)
    chart.mark(8)
    chart.show()
    chart.open("latency")
    dots: Any = chart._dots
    assert dots.marked == 8
    assert [float(value[0]) for value in dots._ring.getData()] == [2.0, np.log10(500.0)]
    chart.mark(9)
    assert dots.marked == 9
    for nobody in (4, 0):
        chart.mark(nobody)
        assert dots.marked == 0


def test_the_now_line_of_a_replay_is_in_the_large_chart(theme: Theme, qtbot: QtBot) -> None:
    chart = LargeChart(theme, control_with([]))
    qtbot.addWidget(chart)
    chart.show_moment(4 * SECOND)
    chart.open("throughput")
    assert (chart._now.isVisible(), chart._now.value()) == (True, 4.0)
    chart.show_moment(5 * SECOND)
    assert chart._now.value() == 5.0
    chart.show_moment(None)
    assert not chart._now.isVisible()


@pytest.mark.parametrize(("name", "at"), [("throughput", 30.0), ("latency", float(np.log10(30.0)))])
def test_the_law_stands_still_and_the_guess_can_be_moved(theme: Theme, qtbot: QtBot, name: str, at: float) -> None:
    chart = LargeChart(theme, control_with([]))
    qtbot.addWidget(chart)
    chart.resize(900, 400)
    chart.show()
    chart.set_marks(name, (Mark(20.0, "law"), Mark(12.0, "you")))
    chart.open(name)
    expected: list[tuple[str, float]] = []
    chart.expected.connect(lambda *told: expected.append(told))
    lines: Any = chart._lines
    law, mine = lines._lines["law"], lines._lines["you"]
    assert not law.movable
    assert mine.movable
    assert mine.label.format == "you 12"
    mine.setValue(at)  # as the hand does
    assert expected == [(name, 30.0)]
    chart.set_marks(name, (Mark(20.0, "law"), Mark(30.0, "you")))
    assert len(expected) == 1  # nobody moved it
    theme.toggle()
    chart.set_marks(name, ())
    assert not lines._lines
    chart.open("lag")
    assert not chart._lines or not cast(Any, chart._lines)._lines
