"""Headers are dragged, have a menu, and Alt with an arrow moves the cursor's lane."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.desktop.panels.lane_list import LaneList
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.legend import Legend
from explorer.desktop.timeline.rows import RowKind
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.row_list import ListRow, RowList
from explorer.records.states import State
from tests.desktop.timeline.conftest import MakeView
from tests.desktop.timeline.sample import BEGIN, LOOP, SECOND, sample_store


def shown(view: TimelineView) -> list[str]:
    return [placed.row.title for placed in view.scene.layout.placed if placed.row.title]


def middle(view: TimelineView, title: str) -> QPoint:
    placed = next(placed for placed in view.scene.layout.placed if placed.row.title == title)
    return QPoint(40, placed.y - view.scene.scroll + placed.height // 2)


def drag(view: TimelineView, title: str, to: QPoint) -> None:
    headers, start = view.headers, middle(view, title)
    QTest.mousePress(headers, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(headers, start + QPoint(0, 8))
    event_at = QPoint(start.x(), to.y())
    QTest.mouseMove(headers, event_at)
    QTest.mouseRelease(headers, Qt.MouseButton.LeftButton, pos=event_at)


def test_a_dragged_header_takes_its_lane_along(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, sample_store(2.0), live=False)
    told = []
    view.lanes_changed.connect(lambda: told.append(1))
    drag(view, "Worker 3", middle(view, "Event loop") - QPoint(0, 12))
    assert shown(view)[:3] == ["server", "Worker 3", "Event loop"]
    assert told
    drag(view, "Requests", middle(view, "server") - QPoint(0, 9))
    assert shown(view)[0] == "Requests"


def test_down_goes_from_the_filter_into_the_list_where_p_pins(dark: Theme, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(dark, sample_store(2.0), live=False)
    lanes = LaneList(dark, view, view)
    lanes.popup(view)
    qtbot.waitUntil(lanes.filter.line.hasFocus)
    QTest.keyClick(lanes.filter.line, Qt.Key.Key_Down)
    qtbot.waitUntil(lanes.list.hasFocus)
    chosen = lanes.list.current()
    assert chosen is not None
    assert chosen.title == "Event loop"
    QTest.keyClick(lanes.list, Qt.Key.Key_P)
    assert view.scene.choices.pinned == [chosen.key]
    assert lanes.filter.text() == ""
    for _ in range(2):
        QTest.keyClick(lanes.list, Qt.Key.Key_Up)
    assert lanes.filter.line.hasFocus()
    lanes.hide()


def test_the_current_row_stays_in_sight_when_others_come(dark: Theme, qtbot: QtBot) -> None:
    rows = RowList(dark, "rows")
    qtbot.addWidget(rows)
    rows.setFixedSize(300, 120)
    rows.show()
    rows.set_rows([ListRow("x", "x")])
    rows.set_rows([*(ListRow(str(number), "") for number in range(40)), ListRow("x", "x")], "x")
    assert rows.viewport().rect().contains(rows.visualItemRect(rows.currentItem()))


def test_a_click_on_a_group_still_closes_it(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, sample_store(2.0), live=False)
    QTest.mouseClick(view.headers, Qt.MouseButton.LeftButton, pos=middle(view, "server"))
    assert "Event loop" not in shown(view)
    assert view.scene.choices.toggled == {"server"}


def test_alt_and_an_arrow_move_the_lane_of_the_cursor(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, sample_store(2.0), live=False)
    store = view.scene.store
    assert store is not None
    view.select(store.find(LOOP, 0, store.last or 0))
    QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert shown(view)[:3] == ["server", "Worker 1", "Event loop"]
    QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)  # the first stays where it is
    assert shown(view)[:3] == ["server", "Event loop", "Worker 1"]


def test_the_menu_pins_hides_and_shows_again(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, sample_store(2.0), live=False)

    def ask(title: str, wanted: str) -> None:
        row = next(placed.row for placed in view.scene.layout.placed if placed.row.title == title)
        view.lane_hands.menu(row, QPoint(10, 10))
        menu = view.lane_hands.shown_menu
        assert menu is not None
        action = next(action for action in menu.actions() if action.text().startswith(wanted))
        assert action.isEnabled()
        action.trigger()
        menu.close()

    ask("Worker 2", "Pin")
    assert shown(view)[:3] == ["Pinned", "Worker 2", "server"]
    ask("Worker 1", "Hide")
    assert "Worker 1" not in shown(view)
    assert view.scene.hidden == 1
    ask("Event loop", "Show all (1 lane hidden)")
    assert "Worker 1" in shown(view)
    ask("Worker 2", "Unpin")
    assert shown(view)[:2] == ["server", "Event loop"]
    kinds = {placed.row.kind for placed in view.scene.layout.placed}
    assert RowKind.REQUEST in kinds


def test_as_many_lanes_are_hidden_in_a_replay_as_outside_it(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, sample_store(2.0), live=False)
    names = {f"server › Worker {number}" for number in (1, 2, 3, 4)} | {"server › Event loop"}
    view.change_lanes(lambda choices: choices.hidden.update(names))
    assert view.scene.hidden == len(names)
    view.replay.begin()
    view.replay.toggle()
    view.replay.seek(BEGIN)
    assert "Worker 4" not in {row.title for row in view.scene.rows}, "it has done nothing yet"
    assert view.scene.hidden == len(names)
    view.show_time(BEGIN - 3 * SECOND, BEGIN - 2 * SECOND)
    assert view.scene.hidden == len(names)
    view.change_lanes(lambda choices: choices.hidden.discard("server › Worker 1"))
    assert view.scene.hidden == len(names) - 1
    view.change_lanes(lambda choices: setattr(choices, "words", "worker"))
    assert view.scene.hidden > len(names), "what a filter leaves out counts too"


def test_a_remembered_choice_of_the_legend_waits_for_its_state(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, sample_store(2.0), live=False)
    legend = Legend(dark, view)
    legend.set_states(frozenset())
    legend.choose(frozenset({State.BLOCKED, State.WAITING_LOCK}))
    assert view.scene.only == frozenset()
    legend.set_states(frozenset({State.RUNNING, State.BLOCKED}))
    assert view.scene.only == legend.chosen() == {State.BLOCKED}
    told: list[object] = []
    legend.chosen_by_hand.connect(told.append)
    assert view.clear()
    assert told == [frozenset()]
    assert legend.chosen() == frozenset()
    legend.close()
