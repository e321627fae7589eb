"""The search field: what is found, gone through, outlined, and said when there is nothing."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from explorer.desktop.panels.find_bar import FindBar
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.tools import TimelineTools
from explorer.desktop.timeline.view import TimelineView
from explorer.records.schema import request_counter
from explorer.store.rows import Span
from tests.desktop.timeline.conftest import MakeView
from tests.desktop.timeline.sample import FIRST_WORKER, sample_store


@pytest.fixture
def bar(dark: Theme, make_view: MakeView, qtbot: QtBot) -> FindBar:
    view = make_view(dark, sample_store(2.0), live=False)
    tools = TimelineTools(dark, view)
    qtbot.addWidget(tools)
    tools.resize(1300, 42)
    made = FindBar(dark, view, tools)
    tools.show()
    made.kept = (view, tools)  # type: ignore[attr-defined]
    return made


def view_of(bar: FindBar) -> TimelineView:
    return bar.kept[0]  # type: ignore[attr-defined, no-any-return]


def search(bar: FindBar, qtbot: QtBot, text: str) -> None:
    bar.line.line.clear()
    QTest.keyClicks(bar.line.line, text)
    qtbot.waitUntil(lambda: not bar.finder.searching)


def test_enter_goes_from_hit_to_hit(bar: FindBar, qtbot: QtBot) -> None:
    view = view_of(bar)
    told: list[Any] = []
    bar.finder.hits_changed.connect(told.append)
    search(bar, qtbot, "SOCK.")
    store = view.scene.store
    assert store is not None
    slow = sorted(
        start
        for worker in range(4)
        for piece in store.slices(FIRST_WORKER + worker, 1, 0, 1 << 62)
        for start, name in zip(piece.start.tolist(), piece.name.tolist(), strict=True)
        if store.name(name) == "sock.recv"
    )
    assert bar.finder.count == len(slow) > 20
    assert told[-1].tolist() == slow
    assert bar.found.text() == f"{len(slow)} hits"
    for place in (0, 1):
        QTest.keyClick(bar.line.line, Qt.Key.Key_Return)
        chosen = view.scene.selection.span
        assert isinstance(chosen, Span)
        assert chosen.start == slow[place]
        assert bar.found.text() == f"{place + 1} of {len(slow)}"
    QTest.keyClick(bar.line.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(bar.line.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert bar.finder.place == len(slow) - 1


def test_a_number_finds_the_request(bar: FindBar, qtbot: QtBot) -> None:
    search(bar, qtbot, "#17")
    assert bar.finder.count == 1
    bar.step(1)
    assert request_counter(view_of(bar).scene.selection.request) == 17


def test_nothing_found_is_a_sentence_and_escape_ends(bar: FindBar, qtbot: QtBot) -> None:
    search(bar, qtbot, "zz")
    assert bar.found.text() == "Nothing found in this run."
    assert not bar.finder.step(1)
    QTest.keyClick(bar.line.line, Qt.Key.Key_Escape)
    assert bar.finder.text == bar.line.text() == ""
    assert view_of(bar).scene.found is None


def test_f3_takes_up_the_search_that_was_ended(bar: FindBar, qtbot: QtBot) -> None:
    bar.finder.find("sock.recv")
    qtbot.waitUntil(lambda: bar.finder.count > 0 and not bar.finder.searching)
    count = bar.finder.count
    bar.close_search()
    assert bar.finder.count == 0
    bar.step(1)
    qtbot.waitUntil(lambda: bar.finder.count == count)
    assert bar.line.text() == "sock.recv"
    qtbot.waitUntil(lambda: bar.finder.place >= 0)
    assert not bar.line.line.hasFocus()


def test_a_hit_in_a_hidden_lane_is_shown(bar: FindBar, qtbot: QtBot) -> None:
    view = view_of(bar)
    view.change_lanes(lambda choices: choices.hidden.update(f"server › Worker {n}" for n in (1, 2, 3, 4)))
    search(bar, qtbot, "sock.recv")
    bar.step(1)
    chosen = view.scene.selection.span
    assert chosen is not None
    assert view.scene.layout.of_track(chosen.track) is not None
    assert view.scene.hidden == 3


def test_hits_are_outlined_and_the_rest_is_mixed_down(bar: FindBar, qtbot: QtBot, dark: Theme) -> None:
    view = view_of(bar)
    end = view.scene.bounds()[1]
    view.show_time(end - 300_000_000, end - 100_000_000)
    before = view.lanes.grab().toImage()
    search(bar, qtbot, "sock.recv")
    after = view.lanes.grab().toImage()
    ink = dark.color("text").rgb()
    hit = bar.finder.in_view(view.scene.view.begin, view.scene.view.end)[3]
    placed = view.scene.layout.of_track(int(hit["track"]))
    assert placed is not None
    x = round(view.scene.view.x(int(hit["time"])))
    column = QRect(x, placed.y, 1, placed.height)
    lines = [after.pixelColor(x, y).rgb() == ink for y in range(column.top(), column.bottom())]
    assert sum(lines) > placed.height // 3
    running = dark.tokens.states[1].fill.lower()  # type: ignore[index]
    count = [
        sum(image.pixelColor(at, y).name() == running for at in range(0, image.width(), 7) for y in range(0, 300, 3))
        for image in (before, after)
    ]
    assert count[0] > 50 > count[1]


def test_another_run_is_searched_for_the_same(bar: FindBar, qtbot: QtBot) -> None:
    view = view_of(bar)
    search(bar, qtbot, "sock.recv")
    before = bar.finder.count
    view.set_store(sample_store(4.0), live=False)
    bar.finder.renew()
    qtbot.waitUntil(lambda: not bar.finder.searching)
    assert bar.finder.count > before
    assert bool(np.all(np.diff(bar.finder.in_view(0, 1 << 62)["time"]) >= 0))


def test_without_room_it_lies_over_the_tools(bar: FindBar, qtbot: QtBot) -> None:
    tools = bar.parentWidget()
    assert isinstance(tools, TimelineTools)
    assert bar.isVisible()
    assert not bar.icon.isVisible()
    tools.resize(800, 36)
    qtbot.waitUntil(bar.icon.isVisible)
    assert not bar.isVisible()
    bar.open()
    assert bar.isVisible()
    QTest.keyClick(bar.line.line, Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_the_tools_shrink_for_what_comes_into_one_of_them(bar: FindBar) -> None:
    tools = bar.parentWidget()
    assert isinstance(tools, TimelineTools)
    tools.setFixedWidth(1600)
    notes = QWidget()
    row = QHBoxLayout(notes)
    list_ = QLabel("1")
    list_.setFixedWidth(90)
    row.addWidget(list_)
    list_.hide()
    tools.add(notes)
    layout = tools.layout()
    assert layout is not None
    for _ in range(3):  # the first tells the tools of a new widget, the second shows it
        QApplication.processEvents()
    assert bar.isVisible()
    free = tools.width() - layout.minimumSize().width()
    list_.setFixedWidth(max(free, 0) + 20)  # a little more than there is room for
    assert not notes.isHidden()
    list_.show()
    QApplication.processEvents()
    assert layout.minimumSize().width() <= tools.width()


def test_the_tools_are_whole_again_when_the_scale_is_back(bar: FindBar, dark: Theme, qtbot: QtBot) -> None:
    tools = bar.parentWidget()
    assert isinstance(tools, TimelineTools)
    tools.setFixedWidth(1000)
    QApplication.processEvents()
    fit = tools._fit
    whole = fit.sizeHint().width()
    dark.set_scale(2.5)
    QApplication.processEvents()
    assert fit.sizeHint().width() < 2 * whole, "its word is left away"
    dark.set_scale(1.0)
    qtbot.waitUntil(lambda: fit.sizeHint().width() == whole)
