"""Choices: what shows, what can be chosen, and that all of it is within reach of the keyboard."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.choice import COPIED, Choice, ChoiceItem
from explorer.desktop.widgets.choice_box import TALLEST
from explorer.desktop.widgets.choice_list import ChoiceList
from explorer.desktop.widgets.entry import Entry
from explorer.desktop.widgets.label import Label
from explorer.records.states import State
from tests.desktop.widgets.pixels import shows

ITEMS = (
    ChoiceItem("one", "One", "Short one.", "The first of them.", ((0, 0.0, 0.5, State.RUNNING),)),
    ChoiceItem("two", "Two", "Short two.", "The second of them."),
    ChoiceItem("three", "Three", "Short three.", "The third.", reason="Not installed.", command="pip install three"),
)


class Bench:
    """A list in a window, and what it told."""

    ITEMS: Sequence[ChoiceItem] = ITEMS

    def __init__(self, theme: Theme, qtbot: QtBot, *, compact: bool = False) -> None:
        self.window = QWidget()
        self.list = ChoiceList(theme, self.ITEMS, current=self.ITEMS[0].id, compact=compact)
        layout = QVBoxLayout(self.window)
        layout.addWidget(self.list)
        layout.addStretch(1)
        self.chosen: list[str] = []
        self.opened: list[bool] = []
        self.list.chosen.connect(self.chosen.append)
        self.list.opened.connect(self.opened.append)
        qtbot.addWidget(self.window)
        self.window.resize(320, 400)
        self.window.show()
        self.window.activateWindow()

    @property
    def card(self) -> Choice:
        cards = [card for card in self.list.findChildren(Choice) if card not in self.list.rows()]
        return cards[0]

    def click(self, choice: Choice) -> None:
        QTest.mouseClick(choice, Qt.MouseButton.LeftButton)


@pytest.fixture
def bench(theme: Theme, qtbot: QtBot) -> Bench:
    return Bench(theme, qtbot)


def test_a_click_on_the_card_opens_the_list_in_its_place(bench: Bench) -> None:
    bench.click(bench.card)
    assert bench.opened == [True]
    assert not bench.card.isVisible()
    assert all(row.isVisible() for row in bench.list.rows())


@pytest.mark.parametrize(("compact", "chosen"), [(False, "The first of them."), (True, "Short one.")])
def test_every_entry_of_the_open_list_has_a_sentence(theme: Theme, qtbot: QtBot, compact: bool, chosen: str) -> None:
    bench = Bench(theme, qtbot, compact=compact)
    bench.list.set_open(True)
    assert [row.sentence() for row in bench.list.rows()] == [chosen, "Short two.", "Not installed."]


def test_choosing_leaves_it_open_when_wide(bench: Bench) -> None:
    bench.list.set_open(True)
    bench.click(bench.list.rows()[1])
    assert bench.chosen == ["two"]
    assert bench.list.is_open
    assert bench.list.current == "two"


def test_choosing_closes_it_when_compact(theme: Theme, qtbot: QtBot) -> None:
    bench = Bench(theme, qtbot, compact=True)
    bench.list.set_open(True)
    bench.click(bench.list.rows()[1])
    assert bench.chosen == ["two"]
    assert not bench.list.is_open
    assert bench.card.item.id == "two"


def test_the_current_one_again_only_closes(bench: Bench) -> None:
    bench.list.set_open(True)
    bench.click(bench.list.rows()[0])
    assert bench.chosen == []
    assert not bench.list.is_open


def test_what_is_not_available_cannot_be_chosen_but_says_why(bench: Bench) -> None:
    bench.list.set_open(True)
    row = bench.list.rows()[2]
    assert row.sentence() == "Not installed."
    bench.click(row)
    assert bench.chosen == []
    assert row.focusPolicy() is Qt.FocusPolicy.TabFocus
    assert row.accessibleName() == "Three, not available"
    assert "Not installed." in row.accessibleDescription()


def test_the_command_that_helps_can_be_copied(bench: Bench, qtbot: QtBot) -> None:
    bench.list.set_open(True)
    row = bench.list.rows()[2]
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "pip install three"


def test_a_click_copies_the_command_and_says_so_for_a_while(
    bench: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.desktop.widgets.choice.COPIED_MS", 50)
    QGuiApplication.clipboard().setText("before")
    bench.list.set_open(True)
    row = bench.list.rows()[2]

    bench.click(row)

    assert QGuiApplication.clipboard().text() == "pip install three"
    assert row.sentence() == COPIED
    qtbot.waitUntil(lambda: row.sentence() == "Not installed.")


def test_a_choice_without_a_picture_has_more_room_for_words(theme: Theme) -> None:
    words = "A sentence that is a good deal longer than what fits into a line."
    with_one, without = (Choice(theme, ChoiceItem("a", "A", words, words, picture)) for picture in ((), None))

    assert without.height_for(200) < with_one.height_for(200)


def test_the_keyboard_reaches_everything(bench: Bench, qtbot: QtBot) -> None:
    bench.list.focus_current()
    qtbot.waitUntil(bench.card.hasFocus)
    QTest.keyClick(bench.card, Qt.Key.Key_Return)
    rows = bench.list.rows()
    qtbot.waitUntil(rows[0].hasFocus)
    QTest.keyClick(rows[0], Qt.Key.Key_Down)
    assert rows[1].hasFocus()
    QTest.keyClick(rows[1], Qt.Key.Key_Return)
    assert bench.chosen == ["two"]
    QTest.keyClick(rows[1], Qt.Key.Key_Escape)
    assert not bench.list.is_open
    assert bench.card.hasFocus()


def test_setting_the_choice_tells_nobody(bench: Bench) -> None:
    bench.list.set_current("two")
    assert bench.chosen == []
    assert bench.card.item.id == "two"
    with pytest.raises(KeyError):
        bench.list.set_current("four")


def test_new_reasons_keep_the_rows(bench: Bench) -> None:
    rows = bench.list.rows()
    bench.list.set_items((*ITEMS[:1], ChoiceItem("two", "Two", "", "", reason="Makes no sense here."), ITEMS[2]), "one")
    assert bench.list.rows() == rows
    assert rows[1].sentence() == "Makes no sense here."


class LongBench(Bench):
    """A list that is long enough to be grouped; the groups of its entries alternate."""

    ITEMS = tuple(
        ChoiceItem(str(i), f"Item {'abcdefghij'[i] * 3}", f"Short {i}.", "", group="Computing" if i % 2 else "Waiting")
        for i in range(10)
    )

    def shown(self) -> list[str]:
        """Ids of the rows that can be seen."""
        return [row.item.id for row in self.list.rows() if row.isVisible()]

    def headings(self) -> list[str]:
        """The labels that can be seen."""
        return [label.text() for label in self.list.findChildren(Label) if label.isVisible()]

    @property
    def entry(self) -> Entry:
        return self.list.findChildren(Entry)[0]


@pytest.fixture
def long(theme: Theme, qtbot: QtBot) -> LongBench:
    bench = LongBench(theme, qtbot)
    bench.list.set_open(True)
    return bench


def test_a_short_list_is_as_it_comes(bench: Bench) -> None:
    bench.list.set_open(True)
    assert [row.item.id for row in bench.list.rows()] == ["one", "two", "three"]
    assert not bench.list.findChildren(Entry)[0].isVisible()


def test_a_long_list_has_its_groups_together_under_headings(long: LongBench) -> None:
    assert long.headings() == ["Waiting", "Computing"]
    assert long.shown() == ["0", "2", "4", "6", "8", "1", "3", "5", "7", "9"]


def test_a_long_list_scrolls_inside_and_follows_the_keyboard(long: LongBench, qtbot: QtBot) -> None:
    area = long.list.findChildren(QScrollArea)[0]
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert area.height() == TALLEST
    rows = long.list.rows()
    rows[0].setFocus()
    for row in rows[:-1]:
        QTest.keyClick(row, Qt.Key.Key_Down)
    assert rows[-1].hasFocus()
    assert area.rect().contains(rows[-1].mapTo(area, rows[-1].rect().center()))


def test_typing_filters_and_enter_takes_the_first(long: LongBench, qtbot: QtBot) -> None:
    row = long.list.rows()[3]
    row.setFocus()
    qtbot.waitUntil(row.hasFocus)
    QTest.keyClicks(row, "W")  # a letter over a row begins the filter
    assert long.entry.hasFocus()
    QTest.keyClicks(long.entry, "aiting ggg")
    assert long.shown() == ["6"]
    assert long.headings() == ["Waiting"]
    QTest.keyClick(long.entry, Qt.Key.Key_Return)
    assert long.chosen == ["6"]


def test_letters_of_an_open_long_list_are_no_shortcuts(long: LongBench, bench: Bench) -> None:
    bench.list.set_open(True)
    for each, mine in ((long, True), (bench, False)):
        row = each.list.rows()[0]
        row.setFocus()
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_N, Qt.KeyboardModifier.NoModifier, "n")
        event.ignore()
        QApplication.sendEvent(row, event)
        assert event.isAccepted() == mine


def test_a_filter_that_leaves_nothing_says_so_and_escape_gives_it_up(long: LongBench, qtbot: QtBot) -> None:
    long.entry.setFocus()
    qtbot.waitUntil(long.entry.hasFocus)
    QTest.keyClicks(long.entry, "quux")
    assert long.shown() == []
    assert long.headings() == ["Nothing is called 'quux' here."]
    QTest.keyClick(long.entry, Qt.Key.Key_Return)
    assert long.chosen == []
    QTest.keyClick(long.entry, Qt.Key.Key_Escape)
    assert len(long.shown()) == 10
    assert long.list.rows()[0].hasFocus()
    assert long.list.is_open


def test_the_filter_and_the_rows_are_neighbours(long: LongBench) -> None:
    first = long.list.rows()[0]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Up)
    assert long.entry.hasFocus()
    QTest.keyClick(long.entry, Qt.Key.Key_Down)
    assert first.hasFocus()


def test_closing_forgets_the_filter(long: LongBench) -> None:
    long.entry.setText("item bbb")
    assert long.shown() == ["1"]
    long.list.set_open(False)
    long.list.set_open(True)
    assert len(long.shown()) == 10


def test_a_row_grows_with_its_words(theme: Theme, qtbot: QtBot) -> None:
    row = Choice(theme, ChoiceItem("a", "A", "", "A sentence that needs several lines when there is little room. " * 2))
    qtbot.addWidget(row)
    low = row.height_for(300)
    row.set_selected(True)
    assert row.height_for(300) > low
    assert row.height_for(200) > row.height_for(600)


def test_selection_and_picture_are_painted(theme: Theme, qtbot: QtBot) -> None:
    row = Choice(theme, ITEMS[0])
    qtbot.addWidget(row)
    row.resize(280, 44)
    assert shows(row, theme.state(State.RUNNING).fill)
    assert not shows(row, theme.color("accent_bg"))
    row.set_selected(True)
    assert shows(row, theme.color("accent_bg"))
