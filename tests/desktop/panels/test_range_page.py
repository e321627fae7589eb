"""The page about a range: it takes the inspector's place, counts aside, and shows, sorts, copies what it found."""

import csv
import io
import threading
from collections.abc import Iterator
from functools import cache
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.analysis.call_stacks import StackNode
from explorer.analysis.range_statistics import RangeStatistics, Snapshot, Where, compute
from explorer.collect.source import SPAN, Batch, Process, Track
from explorer.desktop.control import Control
from explorer.desktop.panels.inspector import Inspector
from explorer.desktop.panels.range.page import TABS, RangePage, decimals_for
from explorer.desktop.panels.range.rows import csv_text, flame_of, latency_words
from explorer.desktop.panels.range.table import LABEL, TOTAL
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.range.time_range import TimeRange
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.flame import Flame, FlameChart
from explorer.desktop.words import count
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.store.store import Store
from tests.desktop.timeline.sample import BEGIN, MS, SECOND, batch_of, simulate

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
RANGE = TimeRange(BEGIN + SECOND, BEGIN + 2 * SECOND)


@cache
def batch() -> Batch:
    """Three seconds of a run."""
    return batch_of(simulate(3.0))


class FakeControl(QObject):
    """A run that stands still."""

    run_began = Signal()

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.state = "viewing"


class Stage:
    """A timeline, an inspector, and the page between them."""

    def __init__(self, theme: Theme, qtbot: QtBot) -> None:
        self.store = Store()
        self.store.append(batch())
        self.qtbot = qtbot
        control = cast(Control, FakeControl(self.store))
        self.timeline = TimelineView(theme)
        self.timeline.resize(1196, 600)
        self.timeline.set_store(self.store, live=False)
        self.inspector = Inspector(theme, control, self.timeline.scene.lane_title)
        self.page = RangePage(theme, control, self.timeline, self.inspector)
        self.inspector.resize(356, 700)
        for widget in (self.timeline, self.inspector):
            qtbot.addWidget(widget)
            with qtbot.waitExposed(widget):
                widget.show()
        self.timeline.frame(self.store.now)

    def choose(self, chosen: TimeRange = RANGE) -> RangeStatistics:
        """Choose a range and wait for its figures."""
        self.timeline.range.choose(chosen)
        self.qtbot.waitUntil(lambda: not self.page.computing)
        assert self.page.found is not None
        return self.page.found

    def rows(self) -> list[list[str]]:
        """The words of the table."""
        model = self.page._table.model_
        return [[model.text(row, column) for column in range(5)] for row in range(model.rowCount())]


@pytest.fixture
def stage(theme: Theme, qtbot: QtBot) -> Iterator[Stage]:
    """With nothing chosen yet."""
    stage = Stage(theme, qtbot)
    yield stage
    stage.page.stop()


def test_it_takes_the_inspectors_place_and_gives_it_back(stage: Stage) -> None:
    appeared: list[bool] = []
    stage.page.appeared.connect(lambda: appeared.append(stage.page.isVisible()))
    stage.choose()
    assert stage.inspector.shown_instead is stage.page
    assert stage.page.isVisible()
    stage.timeline.step_span(1)
    stage.timeline.select_cursor()
    assert not stage.page.isVisible()
    stage.timeline.clear()
    assert stage.page.isVisible()
    stage.timeline.clear()
    assert stage.inspector.shown_instead is None
    assert not stage.page.isVisible()
    assert appeared == [True, False, True, False]


def test_the_figures_are_those_of_the_analysis(stage: Stage) -> None:
    found = stage.choose()
    expected = compute(Snapshot(stage.store, RANGE.begin, RANGE.end))
    assert found.states == expected.states
    assert found.names == expected.names
    assert found.looked == expected.looked


def test_how_much_was_counted_is_that_of_what_is_shown(stage: Stage) -> None:
    found, page = stage.choose(), stage.page
    lanes, requests = found.looked[Where.LANES], found.looked[Where.REQUESTS]
    assert 0 < lanes != requests > 0
    said = {}
    for tab in ("state", "name", "lane", "flame", "request", "latency"):
        page.show_tab(tab)
        said[tab] = page._spans.text()
    in_lanes, of_requests = f"{count(lanes)} spans in lanes", f"{count(requests)} spans of requests"
    ended = f"{count(len(found.latencies))} requests ended"
    assert list(said.values()) == [in_lanes, in_lanes, in_lanes, in_lanes, of_requests, ended]
    page.show_tab("state")
    QTest.mouseClick(page._sides._buttons["requests"], LEFT)
    assert page._spans.text() == f"{count(requests)} spans of requests"
    assert page.text().splitlines()[0].endswith(page._spans.text())
    assert f"{count(lanes + requests)} spans touch the range: {count(lanes)} in lanes" in page._spans.toolTip()


@pytest.mark.parametrize("tab", ["state", "name", "lane", "request"])
def test_each_table_has_a_row_for_each_group_the_longest_first(stage: Stage, tab: str) -> None:
    found = stage.choose()
    stage.page.show_tab(tab)
    groups = {"name": len(found.names), "lane": len(found.lanes), "request": len(found.requests)}
    rows = stage.rows()
    if tab != "state":
        assert len(rows) == groups[tab]
    totals = stage.page._table_shown.figures["total"][stage.page._table.model_.order].tolist()
    assert rows
    assert totals == sorted(totals, reverse=True)


def test_states_are_told_by_threads_and_by_requests(stage: Stage) -> None:
    stage.choose()
    labels = {row[0] for row in stage.rows()}
    assert "Waiting for the GIL" in labels
    assert "Queued" not in labels
    assert [id_ for id_, one in stage.page._sides._buttons.items() if one.isVisible()] == ["lanes", "requests"]
    QTest.mouseClick(stage.page._sides._buttons["requests"], LEFT)
    assert "Queued" in {row[0] for row in stage.rows()}


def test_lanes_are_called_as_in_their_headers_and_by_their_process_if_there_are_several(stage: Stage) -> None:
    stage.choose()
    stage.page.show_tab("lane")
    assert {"Event loop", "Worker 1"} <= {row[0] for row in stage.rows()}
    other = np.zeros(1, SPAN)
    other["start"], other["end"], other["track"] = RANGE.begin + MS, RANGE.begin + 2 * MS, 999
    other["kind"], other["state"], other["flags"] = Kind.JOB, State.RUNNING, Flag.COMPLETE
    worker = Process(7, 77, Role.WORKER, "", 1, 1, "", 0)
    batch = Batch(stage.store.now, other, processes=[worker], tracks=[Track(999, TrackKind.THREAD, "pool", 7, tid=5)])
    stage.store.append(batch)
    stage.choose(TimeRange(RANGE.begin, RANGE.end + 1))
    assert "Event loop, server 41207" in {row[0] for row in stage.rows()}


def test_a_click_on_a_title_sorts_and_another_turns_it_round(stage: Stage) -> None:
    stage.choose()
    stage.page.show_tab("name")
    head = stage.page._table.horizontalHeader()

    def click(column: int) -> None:
        at = QPoint(head.sectionViewportPosition(column) + 10, head.height() // 2)
        QTest.mouseClick(head.viewport(), LEFT, NONE, at)

    click(LABEL)
    labels = [row[0] for row in stage.rows()]
    assert labels == sorted(labels, key=str.lower)
    click(LABEL)
    assert [row[0] for row in stage.rows()] == labels[::-1]
    click(1)
    counts = [int(row[1].replace(",", "")) for row in stage.rows()]
    assert counts == sorted(counts, reverse=True)
    QTest.keyClick(stage.page._table, Qt.Key.Key_S)
    assert stage.page._table.model_.column == TOTAL


def test_a_request_of_the_table_is_selected_in_the_lanes(stage: Stage) -> None:
    found = stage.choose()
    stage.page.show_tab("request")
    table = stage.page._table
    row = int(table.model_.order[1])
    table.setCurrentIndex(table.model_.index(1, 0))
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert stage.timeline.scene.selection.request == int(found.requests["key"][row])
    assert stage.timeline.range.time == RANGE


@pytest.mark.parametrize("tab", [tab for tab, _ in TABS])
def test_what_is_shown_can_be_copied_as_text_and_as_csv(stage: Stage, tab: str) -> None:
    found = stage.choose()
    stage.page.show_tab(tab)
    QTest.mouseClick(stage.page._copy_text, LEFT)
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Range of 1 s, from 1.000000 s to 2.000000 s")
    QTest.mouseClick(stage.page._copy_csv, LEFT)
    head, *rows = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text())))
    assert all(len(row) == len(head) for row in rows)
    if tab == "name":
        totals = {row[0]: int(row[2]) for row in rows}
        assert totals == {stage.page._name(number): one.total for number, one in found.names.items()}
    if tab == "flame":
        assert ["Threads", "json.dumps", "sock.recv"] in [row[0].split(";") for row in rows]


def test_a_copied_table_holds_no_formula_and_keeps_its_numbers() -> None:
    text = csv_text([["name", "change"], ["=1+1", -3], ["@SUM(A1)", 0], ["GET /a", 2]])
    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "change"], ["'=1+1", "-3"], ["'@SUM(A1)", "0"], ["GET /a", "2"],
    ]  # fmt: skip


def test_another_range_gives_up_the_one_before(stage: Stage, qtbot: QtBot) -> None:
    stage.timeline.range.choose(RANGE)
    qtbot.waitUntil(lambda: stage.page._job is not None or stage.page.found is not None)
    shorter = TimeRange(RANGE.begin, RANGE.begin + 200 * MS)
    found = stage.choose(shorter)
    assert (found.begin, found.end) == (shorter.begin, shorter.end)


def test_from_half_a_second_on_it_says_how_far_it_is(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    steps = Snapshot.compute

    def slowly(snapshot: Snapshot) -> Iterator[float | RangeStatistics]:
        yield 0.25
        go.wait(30)
        yield from steps(snapshot)

    monkeypatch.setattr(Snapshot, "compute", slowly)
    now = [0.0]
    stage.page._clock = lambda: now[0]
    page, qtbot = stage.page, stage.qtbot
    try:
        stage.timeline.range.choose(RANGE)
        qtbot.waitUntil(lambda: page._job is not None and page._job.share == 0.25)
        assert not page._progress.isVisible()
        now[0] = 0.6
        qtbot.waitUntil(page._progress.isVisible)
        assert "25 %" in page._progress._words.text()
        assert not page._progress._cancel.isVisible()
        now[0] = 2.1
        qtbot.waitUntil(page._progress._cancel.isVisible)
        QTest.mouseClick(page._progress._cancel, LEFT)
        assert stage.timeline.range.time is None
        assert not page.computing
    finally:
        go.set()


@pytest.mark.expects_log("could not be counted")
def test_that_counting_failed_is_said(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(snapshot: Snapshot) -> Iterator[float | RangeStatistics]:
        yield 0.1
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(Snapshot, "compute", fails)
        stage.timeline.range.choose(RANGE)
        stage.qtbot.waitUntil(lambda: not stage.page.computing)
        assert "could not be counted (MemoryError)" in stage.page._table.empty
    stage.timeline.range.clear()
    assert stage.choose().spans, "another one is counted again"


def test_a_range_that_a_run_still_writes_into_is_counted_again(stage: Stage) -> None:
    before = stage.choose()
    stage.page.refresh()
    assert not stage.page.computing
    late = np.zeros(1, SPAN)
    late["start"], late["end"], late["track"] = RANGE.begin + MS, RANGE.begin + 2 * MS, 999
    late["kind"], late["state"], late["flags"] = Kind.JOB, State.BLOCKED, Flag.COMPLETE
    stage.store.append(Batch(stage.store.now, late, tracks=[Track(999, TrackKind.THREAD, "late", 1)]))
    stage.page.refresh()
    stage.qtbot.waitUntil(lambda: not stage.page.computing)
    assert stage.page.found is not None
    assert stage.page.found.spans == before.spans + 1
    assert 999 in stage.page.found.lanes


def test_compact_it_says_all_in_one_line(stage: Stage) -> None:
    stage.choose()
    stage.page.set_compact(True)
    stage.inspector.resize(1000, 204)
    assert stage.page._title.text() == "Range of 1 s"
    stage.qtbot.waitUntil(stage.page._table.isVisible)
    assert not stage.page._total.isVisible()
    stage.page.set_compact(False)
    stage.qtbot.waitUntil(stage.page._total.isVisible)
    assert stage.page._title.text() == "Range"


@pytest.mark.parametrize(("length", "decimals"), [(2 * SECOND, 3), (360 * MS, 4), (MS, 6), (900, 9), (3, 9)])
def test_the_ends_of_a_range_are_told_to_a_thousandth_of_it(length: int, decimals: int) -> None:
    assert decimals_for(length) == decimals


def test_latencies_of_the_requests_that_ended_are_drawn(stage: Stage) -> None:
    ends = np.zeros(100, SPAN)
    ends["end"] = RANGE.begin + np.arange(100) * MS
    ends["start"] = ends["end"] - np.arange(1, 101) * MS
    ends["track"], ends["kind"], ends["flags"] = 998, Kind.CLIENT_REQUEST, Flag.COMPLETE
    ends["request"], ends["argument"] = np.arange(100), 200
    load = Process(9, 99, Role.LOAD, "", 1, 1, "", 0)
    track = Track(998, TrackKind.REQUESTS, "", 9)
    stage.store.append(Batch(stage.store.now, ends, processes=[load], tracks=[track]))
    found = stage.choose()
    stage.page.show_tab("latency")
    assert found.latencies.tolist() == [n * MS for n in range(1, 101)]
    bars = stage.page._bars
    assert bars.bins().counts.sum() == 100
    assert "p50 50 ms" in bars.accessibleDescription()
    image = bars.grab().toImage()
    ink = bars._theme.color("text3")
    floor = bars._floor() - 1
    assert any(image.pixelColor(x, floor) == ink for x in range(image.width()))


def test_flames_widen_and_go_back_by_mouse_and_keys(theme: Theme, qtbot: QtBot) -> None:
    leaf = Flame("leaf", "leaf", 10, [(State.BLOCKED, 10)])
    small = Flame("small", "small", 20, [(State.RUNNING, 20)], (leaf,))
    large = Flame("large", "large", 70, [(State.RUNNING, 20), (State.WAITING_GIL, 60)])
    whole = Flame("all", "all", 100, (), (large, small))
    chart = FlameChart(theme)
    qtbot.addWidget(chart)
    chart.resize(400, 200)
    chart.show_flame(whole)
    with qtbot.waitExposed(chart):
        chart.show()
    box = chart.box_of("small")
    assert box is not None
    assert box.left() == pytest.approx(280)
    assert box.width() == pytest.approx(79)
    QTest.mouseClick(chart, LEFT, NONE, box.center().toPoint())
    assert chart.shown is small
    wide = chart.box_of("small")
    assert wide is not None
    assert wide.width() == pytest.approx(399, abs=1)
    assert chart.box_of("large") is None
    QTest.mouseClick(chart, LEFT, NONE, wide.center().toPoint())
    assert chart.shown is whole
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(chart, key)
    assert chart.shown is small
    QTest.keyClick(chart, Qt.Key.Key_Backspace)
    assert chart.shown is whole
    image = chart.grab().toImage()
    leaf_box = chart.box_of("leaf")
    assert leaf_box is not None
    assert (
        image.pixelColor(round(leaf_box.right()) - 3, round(leaf_box.center().y())) == theme.state(State.BLOCKED).fill
    )


@pytest.mark.parametrize(
    ("latencies", "failed", "abandoned", "sentence"),
    [
        (0, 0, 0, "No request ended in this range."),
        (0, 0, 4, "No request ended in this range. 4 others were given up: the load ended or changed."),
        (1, 0, 0, "1 request ended in this range."),
        (9, 3, 1, "9 requests ended in this range, 3 of them failed. 1 other was given up: the load ended or changed."),
    ],
)
def test_what_the_load_gave_up_is_not_said_to_have_failed(
    latencies: int, failed: int, abandoned: int, sentence: str
) -> None:
    ended = np.zeros(latencies, "<i8")
    found = RangeStatistics(0, 100, {}, {}, {}, {}, ended, StackNode(0), ended, failed, abandoned)
    assert latency_words(found) == sentence


def test_a_flame_has_the_hues_of_all_its_states_and_says_them(theme: Theme, qtbot: QtBot) -> None:
    call = StackNode(2, count=1, total=40, own=40, times={State.BLOCKED: 30, State.WAITING_GIL: 10})
    job = StackNode(1, count=1, total=100, own=60, times={State.RUNNING: 10, State.WAITING_GIL: 50}, children={2: call})
    threads = StackNode(0, TrackKind.THREAD, 1, 100, children={1: job})
    stacks = StackNode(0, total=100, children={TrackKind.THREAD: threads})
    nothing = np.zeros(0, "<i8")
    found = RangeStatistics(0, 100, {}, {}, {}, {}, nothing, stacks, nothing, 0, 0)
    whole = flame_of(found, {1: "job", 2: "time.sleep"}.__getitem__)
    [bar] = whole.children[0].children
    assert bar.states == [(State.RUNNING, 10), (State.WAITING_GIL, 60), (State.BLOCKED, 30)]
    assert "Running 10 ns, waiting for the GIL 60 ns, blocked 30 ns" in bar.words
    assert bar.words.endswith("60 ns of its own, most of it waiting for the GIL")
    chart = FlameChart(theme)
    qtbot.addWidget(chart)
    chart.resize(401, 100)
    chart.show_flame(whole)
    box = chart.box_of("job")
    assert box is not None
    image = chart.grab().toImage()
    ratio = image.width() / chart.width()
    floor = (box.bottom() - 1) * ratio
    seen = [image.pixelColor(round(box.width() * share * ratio), round(floor)) for share in (0.05, 0.15, 0.65, 0.75)]
    run, gil, stand = (theme.state(state).fill for state in (State.RUNNING, State.WAITING_GIL, State.BLOCKED))
    assert seen == [run, gil, gil, stand]


def test_stopping_leaves_no_thread(theme: Theme, qtbot: QtBot) -> None:
    stage = Stage(theme, qtbot)
    stage.timeline.range.choose(RANGE)
    qtbot.waitUntil(lambda: stage.page._job is not None or stage.page.found is not None)
    stage.page.stop()
    assert "range statistics" not in [thread.name for thread in threading.enumerate()]
