"""The command palette: what is offered in which order, chosen by keyboard, and refused with the reason."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.desktop.panels.palette import Offer, Palette, ranked
from explorer.desktop.theme import Theme

DONE: list[str] = []


def offer(key: str, title: str, **more: str) -> Offer:
    return Offer(key, title, lambda: DONE.append(key), **more)  # type: ignore[arg-type]


OFFERS = [
    offer("run", "Run or stop", keys="Space"),
    offer("save", "Save", detail="Saves the recording.", reason="Nothing to save yet: run something first."),
    offer("save_scenario", "Save scenario"),
    offer("pool", "Thread pool", group="Where work runs", detail="A plain def runs in a worker thread."),
]


def keys(found: list[Offer]) -> list[str]:
    return [one.key for one in found]


def test_what_was_chosen_lately_comes_first() -> None:
    assert keys(ranked(OFFERS, "", [])) == ["run", "save", "save_scenario", "pool"]
    assert keys(ranked(OFFERS, "", ["pool", "gone", "save"])) == ["pool", "save", "run", "save_scenario"]
    assert keys(ranked(OFFERS, "save", [])) == ["save_scenario", "save"]  # what cannot be done comes behind
    assert keys(ranked(OFFERS, "plain def", [])) == ["pool"]
    assert keys(ranked([*OFFERS, Offer("q", "Find", print, pinned=True)], "zzz", [])) == ["q"]


@pytest.fixture
def palette(theme: Theme, qtbot: QtBot) -> Iterator[Palette]:
    DONE.clear()
    window = QWidget()
    window.resize(1000, 700)
    qtbot.addWidget(window)
    window.show()
    recent: list[str] = []
    made = Palette(theme, window, [lambda typed: OFFERS], recent, lambda: DONE.append(f"told {recent[0]}"))
    made.popup()
    yield made
    made.hide()
    window.close()


def test_typing_and_enter_run_what_is_found(palette: Palette) -> None:
    line = palette.line.line
    assert [row.title for row in palette.list.rows()][:2] == ["Commands", "Run or stop"]
    QTest.keyClicks(line, "tp")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert DONE == ["told pool", "pool"]
    assert not palette.isVisible()
    palette.popup()
    assert [row.title for row in palette.list.rows()][:2] == ["Recent", "Thread pool"]


def test_arrows_pass_over_headings_and_go_round(palette: Palette) -> None:
    line, found = palette.line.line, []
    for _ in range(5):
        row = palette.list.current()
        found.append(row.key if row else "")
        QTest.keyClick(line, Qt.Key.Key_Down)
    assert found == ["run", "save", "save_scenario", "pool", "run"]
    QTest.keyClick(line, Qt.Key.Key_Up)
    QTest.keyClick(line, Qt.Key.Key_Up)
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert DONE[-1] == "pool"


def test_what_cannot_be_done_says_why_and_stays(palette: Palette) -> None:
    QTest.keyClick(palette.line.line, Qt.Key.Key_Down)
    assert palette.why.text() == "Nothing to save yet: run something first."
    QTest.keyClick(palette.line.line, Qt.Key.Key_Return)
    assert DONE == []
    assert palette.isVisible()
    spoken = palette.list.currentItem().text()
    assert spoken == "Save, not now: Nothing to save yet: run something first."


def test_nothing_found_is_a_sentence_and_escape_closes(palette: Palette) -> None:
    QTest.keyClicks(palette.line.line, "zzz")
    assert [row.title for row in palette.list.rows()] == ["Nothing here is called 'zzz'."]
    QTest.keyClick(palette.line.line, Qt.Key.Key_Return)
    QTest.keyClick(palette.line.line, Qt.Key.Key_Escape)
    assert DONE == []
    assert not palette.isVisible()
