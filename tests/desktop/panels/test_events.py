"""The list of events: newest first, narrowed by kind and by what is in view; a click or Enter goes to the span."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QFontMetricsF, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.analysis.event_log import EventLog
from explorer.collect.source import Batch
from explorer.desktop.control import Control
from explorer.desktop.panels.event_list import KIND, TIME, TOOK, WAITED, WHAT, shortened
from explorer.desktop.panels.events import GONE, HELD, MOST, NONE_HERE, NONE_YET, EventsPanel
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView
from explorer.records.event_kinds import EVENT_KINDS, EventKind
from explorer.records.states import Kind, State
from explorer.store.store import Store
from tests.desktop.timeline.test_marks import BASE, EVENTS, LOOP, MS, REQUEST, run_of
from tests.desktop.timeline.test_marks import run as run  # a fixture

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class FakeControl(QObject):
    """A run that stands still."""

    run_began = Signal()

    def __init__(self, store: Store, log: EventLog) -> None:
        super().__init__()
        self.store, self.events = store, log
        self.state = "running"
        self.statistics = SimpleNamespace(event_rates=lambda: dict.fromkeys(EVENT_KINDS, 812.0))


class Stage:
    """A panel beside a timeline, both shown."""

    def __init__(self, theme: Theme, qtbot: QtBot, store: Store, log: EventLog, live: bool = False) -> None:
        self.control = FakeControl(store, log)
        self.timeline = TimelineView(theme)
        self.timeline.resize(1196, 400)
        self.timeline.set_store(store, live=live, events=log)
        self.panel = EventsPanel(theme, cast(Control, self.control), self.timeline)
        self.panel.resize(600, 320)
        for widget in (self.timeline, self.panel):
            qtbot.addWidget(widget)
            with qtbot.waitExposed(widget):
                widget.show()
        self.timeline.frame(store.now)
        if not live:
            self.timeline.show_time(BASE, BASE + 100 * MS)
        self.panel.refresh()

    @property
    def kinds(self) -> list[EventKind]:
        """Kinds of the rows, from above."""
        return [EVENT_KINDS[int(row["kind"]) - 1] for row in self.panel.table.rows]

    def text(self, row: int, column: int) -> str:
        table = self.panel.table
        return str(table.model().index(row, column).data())

    def note(self) -> str:
        note: Any = self.panel._note
        return str(note.text())

    def click(self, row: int) -> None:
        table = self.panel.table
        place = table.visualRect(table.model().index(row, WHAT)).center()
        QTest.mouseClick(table.viewport(), LEFT, NONE, place)

    def close(self) -> None:
        self.panel.close()
        self.timeline.close()


@pytest.fixture
def stage(theme: Theme, qtbot: QtBot, run: tuple[Store, EventLog]) -> Iterator[Stage]:
    """An event of each kind that a loop tells, all in view."""
    made = Stage(theme, qtbot, *run)
    yield made
    made.close()


def test_events_are_listed_with_time_wait_length_and_name(stage: Stage) -> None:
    assert stage.kinds == [EventKind.SIGNAL, EventKind.THREAD, EventKind.TIMER, EventKind.HTTP]
    assert [stage.text(3, column) for column in (KIND, WAITED, TOOK, WHAT)] == [
        "", "512 µs", "100 µs", f"run_asgi  #{REQUEST}",
    ]  # fmt: skip
    assert stage.text(2, TIME) == "0.140 s", "since the first record"
    assert stage.note() == "4 in view"


def test_chips_show_the_kinds_there_are_with_their_rates_and_single_one_out(stage: Stage) -> None:
    chips = stage.panel.chips
    shown = [kind for kind in EVENT_KINDS if chips.chip(kind).isVisible()]
    assert shown == [EventKind.HTTP, EventKind.TIMER, EventKind.THREAD, EventKind.SIGNAL]
    assert chips.chip(EventKind.HTTP).accessibleName() == "HTTP request, 812/s"
    stage.control.state = "stopped"
    stage.panel.refresh()
    assert chips.chip(EventKind.HTTP).accessibleName() == "HTTP request, 1", "no rate where nothing runs"
    chips.chip(EventKind.TIMER).click()
    assert stage.kinds == [EventKind.TIMER]
    assert stage.timeline.scene.event_kinds == {EventKind.TIMER}, "the marks follow"
    QTest.mouseClick(chips.chip(EventKind.HTTP), LEFT, Qt.KeyboardModifier.ShiftModifier)
    assert stage.kinds == [EventKind.TIMER, EventKind.HTTP]
    QTest.keyClick(chips.chip(EventKind.HTTP), Qt.Key.Key_Escape)
    assert len(stage.kinds) == 4
    assert stage.timeline.scene.event_kinds == frozenset()


def test_a_click_goes_to_the_span_in_which_the_loop_took_the_event(stage: Stage) -> None:
    for row, kind in ((1, Kind.HANDOVER), (3, Kind.STEP)):
        stage.click(row)
        span = stage.timeline.scene.selection.span
        assert span is not None
        assert (span.kind, span.track) == (kind, LOOP)
        assert span.start == int(stage.panel.table.rows[row]["time"])
    assert stage.timeline.scene.selection.request == REQUEST


def test_enter_goes_where_the_arrow_keys_have_been(stage: Stage) -> None:
    table = stage.panel.table
    table.setFocus(Qt.FocusReason.TabFocusReason)
    table.setCurrentIndex(table.model().index(0, WHAT))
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert not stage.timeline.scene.selection, "moving selects nothing"
    QTest.keyClick(table, Qt.Key.Key_Return)
    span = stage.timeline.scene.selection.span
    assert span is not None
    assert span.start == BASE + EVENTS[EventKind.THREAD][0] * MS


def test_an_event_out_of_sight_moves_the_view_and_ends_following(
    theme: Theme, qtbot: QtBot, run: tuple[Store, EventLog]
) -> None:
    store, log = run
    stage = Stage(theme, qtbot, store, log, live=True)
    now = BASE + 60_000 * MS
    store.append(Batch(now))
    stage.timeline.frame(now)
    assert stage.timeline.following
    stage.panel.refresh()
    assert len(stage.kinds) == 4, "while following, the newest are listed wherever they are"
    stage.click(0)
    view = stage.timeline.scene.view
    assert not stage.timeline.following
    assert view.begin <= BASE + 80 * MS <= view.end
    stage.close()


def test_the_view_narrows_the_list_when_nothing_is_followed(stage: Stage, qtbot: QtBot) -> None:
    stage.timeline.show_time(BASE + 30 * MS, BASE + 70 * MS)
    qtbot.waitUntil(lambda: stage.kinds == [EventKind.THREAD, EventKind.TIMER])
    stage.timeline.show_time(BASE + 41 * MS, BASE + 59 * MS)
    qtbot.waitUntil(lambda: not stage.kinds)
    assert stage.panel.table.accessibleDescription()
    assert stage.panel.table.empty == NONE_HERE


def test_a_run_without_events_says_what_to_do(theme: Theme, qtbot: QtBot) -> None:
    stage = Stage(theme, qtbot, Store(), EventLog())
    table = stage.panel.table
    assert table.empty == NONE_YET
    assert stage.note() == ""
    blank: QImage = table.viewport().grab().toImage()
    ground = theme.color("panel")
    inks = {blank.pixelColor(x, y).name() for x in range(200) for y in range(30)} - {ground.name()}
    assert inks, "the sentence is painted"
    stage.close()


def test_what_is_cut_is_said(theme: Theme, qtbot: QtBot) -> None:
    rows = [
        (LOOP, BASE + at * 1000, BASE + at * 1000 + 500, Kind.TIMER, 0, State.RUNNING) for at in range(12_403)
    ]  # 12.4 ms
    stage = Stage(theme, qtbot, *run_of(rows))
    assert len(stage.panel.table.rows) == MOST
    assert stage.note() == "newest 500 of 12,403 in view"
    stage.close()


def test_an_event_whose_span_was_dropped_says_so(stage: Stage) -> None:
    stage.control.store = Store()
    stage.click(1)
    assert stage.note() == GONE
    assert not stage.timeline.scene.selection


def test_rows_stand_still_under_the_keyboard(theme: Theme, qtbot: QtBot, run: tuple[Store, EventLog]) -> None:
    store, log = run
    stage = Stage(theme, qtbot, store, log, live=True)
    assert stage.timeline.following
    stage.panel.activateWindow()
    stage.panel.table.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(stage.panel.table.hasFocus)
    before = stage.panel.table.rows.tolist()
    more = run_of([(LOOP, BASE + 150 * MS, BASE + 151 * MS, Kind.TIMER, 0, State.RUNNING)])[1]
    log._append(more.newest(1)[0])
    store.count += 1
    stage.panel.refresh()
    assert stage.panel.table.rows.tolist() == before
    assert stage.note().endswith(HELD)
    stage.panel.table.clearFocus()
    # An earlier test may have left the pointer where this panel happens to stand, which holds the rows as well.
    stage.panel.table.viewport().setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    stage.panel.refresh()
    assert len(stage.kinds) == 5
    assert not stage.note().endswith(HELD)
    stage.close()


def test_cells_are_read_out_with_the_kind(stage: Stage) -> None:
    cell = stage.panel.table.model().index(2, KIND)
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Timer"
    reader = QAccessible.queryAccessibleInterface(stage.panel.table)
    assert reader.text(QAccessible.Text.Name) == "Events"


def test_the_mark_in_a_row_is_that_of_the_lane(stage: Stage, theme: Theme) -> None:
    table = stage.panel.table
    image = table.viewport().grab().toImage()
    for row, kind in enumerate(stage.kinds):
        rect = table.visualRect(table.model().index(row, KIND))
        colors = {image.pixelColor(x, rect.center().y()).name() for x in range(rect.left(), rect.right())}
        assert theme.event_color(kind).name() in colors, kind


def test_the_number_of_a_request_is_never_cut(theme: Theme) -> None:
    metrics = QFontMetricsF(theme.font(12, 500))
    text = "WEBSOCKET /job  #181204"
    whole = metrics.horizontalAdvance(text)
    assert shortened(text, metrics, whole + 1) == text
    short = shortened(text, metrics, whole * 0.7)
    assert short.startswith("WEB")
    assert short.endswith("…  #181204")
    assert metrics.horizontalAdvance(short) <= whole * 0.7
    assert shortened("call_later", metrics, 30).endswith("…")
