"""The strip of charts: figures that stand still, explanations, and the list of all processes."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.analysis.statistics import RunStatistics
from explorer.desktop.control import Control
from explorer.desktop.panels.metrics import EXPLAINED, FIGURE_BINS, CpuTile, MetricStrip, View
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.cpu_bar import CpuBars, CpuRow
from explorer.desktop.widgets.cpu_list import CpuList
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.scale import moving_mean


def test_batched_answers_make_no_flicker() -> None:
    batches = np.array([370.0 if number % 15 == 0 else 0.0 for number in range(90)])
    figures = moving_mean(batches, FIGURE_BINS)[FIGURE_BINS:]
    assert figures.max() == pytest.approx(figures.min())
    assert len(moving_mean(np.empty(0), 10)) == 0


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_the_tile_of_processes_says_what_it_shows_and_opens_a_list(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    tile = CpuTile(theme)
    tile.setParent(window)
    qtbot.addWidget(window)
    window.show()
    bars = tile.findChild(CpuBars)
    processes = tile.findChild(CpuList)
    assert bars is not None
    assert processes is not None
    assert "one core" in EXPLAINED["cpu"]
    assert EXPLAINED["cpu"] in bars.toolTip()
    assert not processes.isVisible()
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton)
    assert processes.isVisible()
    QTest.keyClick(processes, Qt.Key.Key_Escape)
    assert not processes.isVisible()


def test_no_more_rows_than_can_be_read(theme: Theme, qtbot: QtBot) -> None:
    bars = CpuBars(theme)
    qtbot.addWidget(bars)
    for height, room in ((54, 4), (400, 5), (3, 1)):
        bars.resize(300, height)
        bars.grab()
        assert bars.room == room


def test_the_list_has_a_readable_row_for_each(theme: Theme, qtbot: QtBot) -> None:
    holder = QWidget()
    processes = CpuList(theme, holder)
    qtbot.addWidget(holder)
    processes.set_rows([CpuRow(f"worker {number}", 0.1, "50 MB") for number in range(12)])
    bars = processes.findChild(CpuBars)
    assert bars is not None
    assert bars.height() >= 12 * 15
    assert processes.sizeHint().height() >= bars.height()


def test_the_charts_show_the_minute_around_a_replay_of_what_is_long_over(theme: Theme, qtbot: QtBot) -> None:
    """A run of 300 s: the last minute, unless the now-line is before it; then a minute that it has to leave first."""
    second = 1_000_000_000
    times = np.arange(1, 3001) * second // 10
    statistics = SimpleNamespace(
        series=lambda name, since: (times[times > since], np.ones(int((times > since).sum()))),
        dots=lambda since: (np.zeros(0, "<u8"), np.zeros(0), np.zeros(0), np.zeros(0, bool)),
        usage=list,
    )
    store = SimpleNamespace(first=second // 10, markers=[], processes={})
    signal = SimpleNamespace(connect=lambda act: None)
    control = SimpleNamespace(run_began=signal, statistics=statistics, store=store, elsewhere=False)
    strip = MetricStrip(theme, cast(Control, control))
    qtbot.addWidget(strip)
    strip.resize(1024, 132)
    with qtbot.waitExposed(strip):
        strip.show()
    chart = strip._throughput.chart

    def shown(moment: int | None) -> list[int]:
        strip.show_moment(None if moment is None else moment * second)
        assert chart.shown is not None
        return [round(at) for at in chart.shown]

    strip.frame(300 * second)
    assert shown(None) == [240, 300]
    assert shown(270) == [240, 300]
    assert shown(100) == [70, 130]
    assert shown(129) == [70, 130], "it holds still"
    assert shown(131) == [101, 161]
    assert shown(2) == [0, 32]
    assert shown(290) == [240, 300]
    assert shown(5) == [0, 35]
    assert shown(None) == [240, 300]
    shown(290)
    strip.frame(300 * second + 50_000_000)  # of a run that goes on: not yet time to draw
    before = chart._data
    shown(291)
    assert chart._data is before, "a line that moves within what is shown draws no chart anew"
    shown(None)
    strip.hide()
    strip.frame(310 * second)
    strip.show()
    assert shown(None) == [250, 310], "it has caught up"


def test_the_last_frame_is_drawn_however_soon_it_came_after_another(theme: Theme, qtbot: QtBot) -> None:
    second = 1_000_000_000
    rate = [5.0]
    statistics = SimpleNamespace(
        series=lambda name, since: (np.arange(1, 301) * second // 10, np.full(300, rate[0])),
        dots=lambda since: (np.zeros(0, "<u8"), np.zeros(0), np.zeros(0), np.zeros(0, bool)),
        usage=list,
    )
    store = SimpleNamespace(first=second // 10, markers=[], processes={})
    signal = SimpleNamespace(connect=lambda act: None)
    control = SimpleNamespace(run_began=signal, statistics=statistics, store=store, elsewhere=False)
    strip = MetricStrip(theme, cast(Control, control))
    qtbot.addWidget(strip)
    with qtbot.waitExposed(strip):
        strip.show()
    strip.frame(30 * second)
    assert strip._throughput._figure.text() == "5.0"
    rate[0] = 19.0
    strip.frame(30 * second + 10_000_000)
    qtbot.waitUntil(lambda: strip._throughput._figure.text() == "19")


@pytest.mark.parametrize("compact", [False, True])
def test_failures_of_the_last_minute_are_counted_in_words(theme: Theme, qtbot: QtBot, compact: bool) -> None:
    failed = np.zeros(600)
    strip = MetricStrip(theme, cast(Control, SimpleNamespace(run_began=SimpleNamespace(connect=lambda act: None))))
    qtbot.addWidget(strip)
    strip.resize(1024, 132)
    strip.set_compact(compact)
    strip.show()

    def words() -> list[str]:
        values = {"throughput": np.full(600, 50.0), "failed": failed}
        times = np.arange(600) * 100_000_000
        statistics = SimpleNamespace(series=lambda name, since: (times, values[name]))
        strip._draw_throughput(View(cast(RunStatistics, statistics), 0, 0.0, 60.0, ()))
        shown = [one for one in strip._throughput.findChildren(Label) if one.isVisible() and "failed" in one.text()]
        assert all(one.width() >= one.sizeHint().width() for one in shown), "nothing is cut"
        assert all(one.palette().windowText().color() == theme.color("danger") for one in shown)
        return [one.text() for one in shown]

    assert words() == []
    failed[7] = 20.0
    failed[400] = 10.0
    assert words() == ["3 failed"]
    failed[:] = 0
    assert words() == []
