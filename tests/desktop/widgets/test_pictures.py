"""What is painted stands where the data says: pixels at known places are the oracle."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.banner import Banner
from explorer.desktop.widgets.chart import LABEL_WIDTH, ChartData, Dots, LineChart, Series
from explorer.desktop.widgets.cpu_bar import CpuBars, CpuRow
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.picture import Picture, PictureBar
from explorer.desktop.widgets.scale import Axis
from explorer.desktop.widgets.stacked_bar import Part, PartsList, StackedBar
from explorer.desktop.widgets.steps import Step, StepList, StepState
from explorer.records.states import State
from tests.desktop.widgets.pixels import picture_of, share_of, shows

PARTS = (
    Part("Waited for a thread", 60.0, State.QUEUED, "all tokens taken"),
    Part("Ran", 30.0, State.RUNNING),
    Part("Unexplained", 10.0, None),
)


def test_a_picture_shows_each_bar_at_its_place(theme: Theme, qtbot: QtBot) -> None:
    bars: list[PictureBar] = [(0, 0.0, 0.5, State.RUNNING), (1, 0.5, 0.5, State.BLOCKED)]
    picture = Picture(theme, bars, QSize(104, 64))
    qtbot.addWidget(picture)
    picture.resize(picture.sizeHint())
    image = picture_of(picture)
    running, blocked = theme.state(State.RUNNING).fill, theme.state(State.BLOCKED).fill
    columns = {
        color.name(): {
            x for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y) == color
        }
        for color in (running, blocked)
    }
    assert (min(columns[running.name()]), max(columns[running.name()])) == (2, 51)
    assert (min(columns[blocked.name()]), max(columns[blocked.name()])) == (52, 101)


def test_bars_have_the_heights_of_their_states(theme: Theme, qtbot: QtBot) -> None:
    def height(state: State) -> int:
        picture = Picture(theme, [(0, 0.0, 1.0, state)], QSize(96, 64))
        qtbot.addWidget(picture)
        picture.resize(picture.sizeHint())
        image, fill = picture_of(picture), theme.state(state).fill
        return sum(image.pixelColor(48, y) == fill for y in range(image.height()))

    heights = [height(state) for state in (State.RUNNING, State.RUNNABLE, State.BLOCKED, State.QUEUED, State.IDLE)]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == len(heights)


class TestChart:
    """Lines, dots, changes."""

    @pytest.fixture
    def chart(self, theme: Theme, qtbot: QtBot) -> LineChart:
        chart = LineChart(theme, name="Throughput")
        qtbot.addWidget(chart)
        chart.resize(200, 60)
        return chart

    def test_nothing_yet_is_only_the_floor(self, chart: LineChart, theme: Theme) -> None:
        assert shows(chart, theme.color("line"))
        assert not shows(chart, theme.color("ink"))

    def test_a_line_is_at_the_height_of_its_value(self, chart: LineChart, theme: Theme) -> None:
        times = np.array([0.0, 10.0])
        for value, half in ((9.0, range(20)), (1.0, range(40, 60))):
            chart.show_data(ChartData(0, 10, Axis(0, 10), (Series(times, np.full(2, value), width=3),)))
            image = picture_of(chart)
            rows = [y for y in range(60) if image.pixelColor(100, y) == theme.color("ink")]
            assert rows
            assert set(rows) <= set(half)

    def test_a_series_that_counts_a_state_has_its_colour(self, chart: LineChart, theme: Theme) -> None:
        series = Series(np.array([0.0, 10.0]), np.array([5.0, 5.0]), state=State.QUEUED, width=3)
        chart.show_data(ChartData(0, 10, Axis(0, 10), (series,)))
        assert shows(chart, theme.state(State.QUEUED).fill)

    def test_gaps_in_the_values_do_no_harm(self, chart: LineChart, theme: Theme) -> None:
        values = np.array([np.nan, 5.0, np.nan, 5.0, np.nan])
        chart.show_data(ChartData(0, 4, Axis(0, 10), (Series(np.arange(5.0), values, width=3),)))
        assert shows(chart, theme.color("ink"))

    @pytest.mark.parametrize("count", [3, 3000])
    def test_failed_requests_are_red_however_many_there_are(self, chart: LineChart, theme: Theme, count: int) -> None:
        rng = np.random.default_rng(1)
        dots = Dots(rng.uniform(0, 10, count), rng.uniform(1, 9, count), np.arange(count) == 1)
        chart.show_data(ChartData(0, 10, Axis(0, 10), dots=dots))
        assert shows(chart, theme.color("danger"))

    def test_many_dots_are_drawn_as_density(self, chart: LineChart, theme: Theme) -> None:
        place = np.full(2000, 5.0)
        chart.show_data(ChartData(0, 10, Axis(0, 10), dots=Dots(place, place)))
        assert picture_of(chart).pixelColor(100, 28) == theme.color("dot")

    def test_a_click_on_a_dot_names_it(self, chart: LineChart, qtbot: QtBot) -> None:
        dots = Dots(np.array([2.0, 5.0, 8.0]), np.array([5.0, 5.0, 5.0]))
        chart.show_data(ChartData(0, 10, Axis(0, 10), dots=dots))
        with qtbot.waitSignal(chart.dot_clicked) as told:
            QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(102, 30))
        assert told.args == [1]
        with qtbot.waitSignal(chart.clicked):
            QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(130, 30))
        assert chart.dot_at(QPointF(130, 30)) is None

    def test_a_change_is_a_dashed_accent_line_at_its_time(self, chart: LineChart, theme: Theme) -> None:
        chart.show_data(ChartData(0, 10, Axis(0, 10), changes=(5.0, 11.0)))
        image = picture_of(chart)
        at = [x for x in range(200) if any(image.pixelColor(x, y) == theme.color("accent") for y in range(60))]
        assert at == [100]

    def test_the_now_line_of_a_replay_moves_over_a_chart_that_stays(self, chart: LineChart, theme: Theme) -> None:
        line = Series(np.array([0.0, 60.0]), np.array([5.0, 5.0]))
        chart.show_data(ChartData(0.0, 60.0, Axis(0.0, 10.0), [line]))
        without = picture_of(chart)
        assert not shows(chart, theme.color("accent"))
        for now in (15.0, 45.0):
            chart.show_now(now)
            drawn = picture_of(chart)
            assert chart.x_of(now) == pytest.approx(now / 60 * chart.width())
            assert drawn.pixelColor(round(now / 60 * chart.width()), 5) == theme.color("accent")
            for x in (2, chart.width() // 2, chart.width() - 3):
                assert drawn.copy(x, 0, 1, chart.height()) == without.copy(x, 0, 1, chart.height())
        chart.show_now(61.0)
        assert picture_of(chart) == without
        chart.show_now(None)
        assert picture_of(chart) == without

    def test_labels_take_room_from_the_plot(self, chart: LineChart, theme: Theme) -> None:
        chart.show_data(ChartData(0, 10, Axis(10, 1000, log=True), labels=True))
        image = picture_of(chart)
        floor = [x for x in range(200) if image.pixelColor(x, 58) == theme.color("line")]
        assert max(floor) == 200 - LABEL_WIDTH - 1


def test_a_stacked_bar_gives_each_part_its_share(theme: Theme, qtbot: QtBot) -> None:
    bar = StackedBar(theme)
    qtbot.addWidget(bar)
    bar.resize(200, 26)
    bar.set_parts(PARTS)
    assert share_of(bar, theme.state(State.RUNNING).fill) == pytest.approx(0.3, abs=0.06)
    found = [bar.part_at(x) for x in (10, 150, 190, 400)]
    assert [part.name if part else None for part in found] == ["Waited for a thread", "Ran", "Unexplained", None]
    assert bar.accessibleName().startswith("Waited for a thread 60.0 ms (60 %)")


def test_an_empty_bar_is_no_error(theme: Theme, qtbot: QtBot) -> None:
    bar, parts = StackedBar(theme), PartsList(theme, total_name="Sum")
    for widget in (bar, parts):
        qtbot.addWidget(widget)
        widget.set_parts(())
        widget.resize(200, 40)
        picture_of(widget)
    assert bar.part_at(5) is None


def test_the_list_of_parts_has_room_for_causes_and_the_sum(theme: Theme, qtbot: QtBot) -> None:
    plain, summed = PartsList(theme), PartsList(theme, total_name="Measured latency")
    for widget in (plain, summed):
        qtbot.addWidget(widget)
        widget.set_parts(PARTS)
    assert plain.sizeHint().height() == 3 * 24 + 14
    assert summed.sizeHint().height() == plain.sizeHint().height() + 26
    summed.set_compact(True)
    assert summed.sizeHint().height() == 36


def test_side_by_side_nothing_is_left_out_without_a_word(theme: Theme, qtbot: QtBot) -> None:
    parts = PartsList(theme, compact=True)
    qtbot.addWidget(parts)
    parts.set_parts(PARTS)
    parts.resize(900, 36)
    assert parts.shown() == [part.name for part in PARTS]
    parts.resize(220, 36)
    assert parts.shown() == ["Waited for a thread", "2 more"]
    assert "Unexplained 10.0 ms (10 %)" in parts.toolTip()
    assert shows(parts, theme.color("text3"))
    parts.set_compact(False)
    assert parts.toolTip() == ""


def test_a_busy_process_has_a_long_bar(theme: Theme, qtbot: QtBot) -> None:
    bars = CpuBars(theme)
    qtbot.addWidget(bars)
    bars.resize(300, 20)

    def ink(cpu: float) -> float:
        bars.set_rows([CpuRow("server", cpu, "64 MB", strong=True)])
        return share_of(bars, theme.color("ink"))

    assert ink(0.0) == 0.0
    assert 0 < ink(0.5) < ink(1.5)
    assert "server 150% of a core, 64 MB" in bars.accessibleDescription()


def test_a_long_name_is_elided_and_the_tooltip_has_all_of_it(theme: Theme, qtbot: QtBot) -> None:
    label = ElidedLabel(theme, "GET /a/route/with/a/very/long/name")
    qtbot.addWidget(label)
    label.resize(90, 20)
    label.show()
    assert label.shown_text().endswith("…")
    assert label.toolTip() == label.text() == label.accessibleName()
    label.resize(600, 20)
    assert label.shown_text() == label.text()
    assert label.toolTip() == ""


def test_labels_follow_the_theme(theme: Theme, qtbot: QtBot) -> None:
    label = Label(theme, "<b>not bold</b>", color="text2")
    qtbot.addWidget(label)
    before = label.palette().color(label.foregroundRole())
    theme.use("light")
    assert label.palette().color(label.foregroundRole()) == theme.color("text2") != before
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_a_banner_says_acts_and_has_at_most_two_buttons(theme: Theme, qtbot: QtBot) -> None:
    done: list[str] = []
    actions = [("Use a free port", lambda: done.append("free")), ("Try again", lambda: done.append("again"))]
    banner = Banner(theme, "The server could not start", "Port 8417 is in use.", actions)
    qtbot.addWidget(banner)
    banner.resize(500, 70)
    banner.show()
    for button in banner.buttons:
        button.click()
    assert done == ["free", "again"]
    assert banner.accessibleDescription() == "Port 8417 is in use."
    assert shows(banner, theme.color("danger_bg"))
    with pytest.raises(ValueError, match="two"):
        Banner(theme, "", "", [*actions, actions[0]])


def test_a_way_out_is_offered_only_after_a_while(theme: Theme, qtbot: QtBot) -> None:
    steps = StepList(theme, "Starting the server")
    qtbot.addWidget(steps)
    steps.show()
    shown = (Step("Interpreter started", StepState.DONE, 0.2), Step("Waiting", StepState.NOW), Step("Load begins"))
    steps.show_progress(shown, 0.8)
    assert not steps.cancel_button.isVisible()
    steps.show_progress(shown, 2.1)
    assert steps.cancel_button.isVisible()
    assert steps.accessibleDescription() == "Waiting"
    with qtbot.waitSignal(steps.cancelled):
        steps.cancel_button.click()
