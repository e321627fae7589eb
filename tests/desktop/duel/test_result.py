"""The lanes of a duel go together, the band tells the difference, and the table says what differs and how surely."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.desktop.duel.difference import mark, rows_of
from explorer.desktop.duel.heading import certainty
from explorer.desktop.duel.lanes import serving_rows
from explorer.desktop.duel.result import DuelResult
from explorer.desktop.duel.shown import band_words, origins, telling_request
from explorer.desktop.theme import Theme
from explorer.paths import resources
from explorer.records.states import State
from tests.desktop.duel.sample import MS, duel, told


@pytest.fixture
def result(qapp: QApplication, qtbot: QtBot) -> Iterator[DuelResult]:
    """The page of a duel of two, shown."""
    page = DuelResult(Theme(resources()))
    qtbot.addWidget(page)
    page.resize(1500, 900)
    page.set_compact(False, False, 196)
    with qtbot.waitExposed(page):
        page.show()
    page.show_duel(duel(), "event loop")
    yield page
    page.close()


def relative(result: DuelResult) -> list[tuple[int, int]]:
    """What each timeline shows, counted from its run's origin."""
    return [(view.scene.view.begin - view.scene.origin, view.scene.view.length) for view in result.lanes.views]


def test_all_lanes_show_the_same_stretch_whoever_is_moved(result: DuelResult) -> None:
    a, b = result.lanes.views
    assert a.scene.view.begin != b.scene.view.begin, "the runs are seconds apart"
    assert len(set(relative(result))) == 1
    before = relative(result)[0]
    b.zoom_in()
    assert len(set(relative(result))) == 1
    assert relative(result)[0][1] < before[1]
    a.pan(0.2)
    assert len(set(relative(result))) == 1
    result.lanes.go(begin=False)
    result.lanes.select(7)
    result.lanes.zoom_to_request()
    begin, length = relative(result)[0]
    sent = (result.lanes.lanes[0].sent(7) or 0) - result.lanes.lanes[0].first
    assert begin < sent < begin + length < sent + 20 * MS
    result.lanes.fit()
    assert len(set(relative(result))) == 1
    assert a.scene.view.end >= (a.scene.store.last if a.scene.store and a.scene.store.last else 0)


def test_the_same_request_is_selected_in_all_runs_and_the_band_tells_the_difference(result: DuelResult) -> None:
    lanes = result.lanes
    lanes.select(5)
    assert [view.scene.selection.request for view in lanes.views] == [lane.request(5) for lane in lanes.lanes]
    # A sends the second three 20 ms after the first and so does B; A needs 10 ms for each and B 2.
    assert lanes.bands[0].words == "B answers it 8 ms earlier"
    b = lanes.views[1]
    b.select_request(lanes.lanes[1].request(2))
    assert lanes.number == 2
    assert lanes.views[0].scene.selection.request == lanes.lanes[0].request(2)
    lanes.select(0)
    assert not any(view.scene.selection for view in lanes.views)
    assert "Click a request" in lanes.bands[0].words


def test_on_request_the_runs_lie_upon_one_another_where_it_was_sent(result: DuelResult) -> None:
    lanes = result.lanes
    lanes.select(5)
    lanes.align(True)
    for place, lane in enumerate(lanes.lanes):
        assert lanes.views[place].scene.origin == lane.sent(5)
    xs = [lanes.x_of(place, lane.sent(5) or 0) for place, lane in enumerate(lanes.lanes)]
    assert xs[0] == pytest.approx(xs[1], abs=1.0)
    assert lanes.bands[0].words == "B answers it 8 ms earlier"
    lanes.align(False)
    assert lanes.views[0].scene.origin == lanes.lanes[0].first


def test_who_loads_and_watches_is_not_in_the_lanes(result: DuelResult) -> None:
    titles = {row.title for view in result.lanes.views for row in view.scene.rows}
    assert "load" not in titles
    assert any("GET /job" in title for title in titles)
    assert serving_rows([], True) == []
    assert result.key.accessibleDescription().startswith("Queued")
    assert State.BLOCKED in result.lanes.views[0].scene.offered


def test_a_click_on_a_dot_selects_that_request(result: DuelResult) -> None:
    chosen: list[int] = []
    result.dots.chosen.connect(chosen.append)
    room = result.dots._room()
    QTest.mouseClick(result.dots, Qt.MouseButton.LeftButton, pos=QPoint(round(room.left()) + 1, round(room.bottom())))
    assert chosen
    assert result.lanes.number == chosen[-1] <= 3, "those sent first lie at the left"


def test_copy_puts_the_table_on_the_clipboard(result: DuelResult, qtbot: QtBot) -> None:
    with qtbot.waitSignal(result.copied):
        result._copy.click()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("B answers 9.8 times as many requests.")
    assert "Waited for the loop" in text
    assert "no clear difference" in text


def test_a_failure_is_no_answer(qapp: QApplication, qtbot: QtBot) -> None:
    made = duel()
    made.lanes[1].requests["ok"][0] = False
    made.lanes[1].requests["end"][0] = made.lanes[1].requests["start"][0] + 10
    assert telling_request(made.lanes) != 1, "one that both answered tells more"
    page = DuelResult(Theme(resources()))
    qtbot.addWidget(page)
    page.show_duel(made, "")
    page.lanes.select(1)
    assert page.lanes.bands[0].words == "Request 1 was not answered in both."


def test_four_runs_have_a_band_between_each_two(qapp: QApplication, qtbot: QtBot) -> None:
    page = DuelResult(Theme(resources(), "light"))
    qtbot.addWidget(page)
    page.resize(1100, 650)
    page.set_compact(True, True, 150)
    with qtbot.waitExposed(page):
        page.show()
    page.show_duel(duel(4), "")
    assert [band.words for band in page.lanes.bands] == [f"{badge} answers it 8 ms earlier than A" for badge in "BCD"]
    assert not page._add.isEnabled()
    assert not page.dots.isVisible()
    page.show_duel(duel(2), "")
    assert len(page.lanes.views) == 2
    assert page._add.isEnabled()
    page.close()


# -- what is said, without a widget


def test_rows_are_sorted_by_effect_and_say_what_is_not_clear() -> None:
    rows = rows_of(told(), "wait_loop_ms")
    assert [row.figure for row in rows] == ["throughput_rps", "wait_loop_ms", "failed", "threads", "cpu_ms"]
    by = {row.figure: row for row in rows}
    assert by["throughput_rps"].ratios == ("×9.8",)
    assert by["wait_loop_ms"].ratios == ("÷3,030",)
    assert by["failed"].ratios == ("from 0",)
    assert by["cpu_ms"].sentence == "CPU per request, ms: 1.90 · 2.30; no clear difference"


def test_right_is_better_whichever_way_that_is() -> None:
    more, less = mark("throughput_rps", 2.0, [1.9, 2.1], True), mark("latency_p50_ms", 0.5, [0.45, 0.55], True)
    assert more.at == pytest.approx(less.at)
    assert more.better
    assert less.better
    worse = mark("threads", 11.0, [11.0, 11.0], True)
    assert worse.at is not None
    assert worse.at < 0
    assert worse.better is False
    unclear = mark("cpu_ms", 1.2, [0.8, 1.6], False)
    assert unclear.better is None
    assert unclear.low is not None
    assert unclear.high is not None
    assert unclear.low < 0 < unclear.high
    assert mark("failed", None, None, True).at is None
    assert mark("throughput_rps", 1e9, [1e8, 1e10], True).at == 1.0


def test_the_certainty_says_what_it_rests_on() -> None:
    clear, words = certainty(duel())
    assert clear
    assert words == "5 repeats each, 95 % interval ×9.7 – 10.0, same users and seeds"
    assert certainty(duel(3))[1] == "5 repeats each, B ×9.8, C ×9.8, same users and seeds"


def test_the_band_says_earlier_later_or_the_same() -> None:
    assert band_words("B", 1_810 * MS) == "B answers it 1.81 s earlier"
    assert band_words("C", -3 * MS) == "C answers it 3 ms later"
    assert band_words("B", 100_000) == "B answers it at the same time"
    assert band_words("C", 0, several=True) == "C answers it at the same time as A"


def test_origins_are_first_sends_or_those_of_a_request() -> None:
    lanes = duel().lanes
    assert origins(lanes, 4, False) == [lane.first for lane in lanes]
    assert origins(lanes, 4, True) == [lane.sent(4) for lane in lanes]
    assert origins(lanes, 1_000, True) == [lane.first for lane in lanes], "there is no such request"
    assert 1 <= telling_request(lanes) <= 10
