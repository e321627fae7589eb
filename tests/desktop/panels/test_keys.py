"""The sheet of keys closes with the keys that open it, with Esc, and when the hand goes elsewhere."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from explorer.desktop.actions import COMMANDS, Actions, Command
from explorer.desktop.panels.key_words import WINDOW
from explorer.desktop.panels.key_words import sheet as sheet_of
from explorer.desktop.panels.keys import KeySheet
from explorer.desktop.theme import Theme


@pytest.fixture
def sheet(theme: Theme, qtbot: QtBot) -> Iterator[KeySheet]:
    window = QWidget()
    made = KeySheet(theme, Actions(window, {"keys": lambda: None}), window)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    made.popup()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    window.close()


@pytest.mark.parametrize("key", [Qt.Key.Key_Question, Qt.Key.Key_Escape])
def test_a_key_closes_it(sheet: KeySheet, key: Qt.Key) -> None:
    QTest.keyClick(sheet, key)
    assert not sheet.isVisible()


def test_asking_again_closes_it(sheet: KeySheet) -> None:
    sheet.popup()
    assert not sheet.isVisible()


def test_it_does_not_stay_above_another_window(sheet: KeySheet, qtbot: QtBot) -> None:
    window = sheet.parentWidget()
    assert window is not None
    window.activateWindow()
    qtbot.waitUntil(lambda: not sheet.isVisible())


def every_command(theme: Theme, window: QWidget) -> Actions:
    return Actions(window, {command.id: lambda: None for command in COMMANDS})


@pytest.mark.parametrize("scale", [1.0, 2.0, 2.5])
def test_it_fits_the_window(theme: Theme, qtbot: QtBot, scale: float) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    theme.set_scale(scale)
    made = KeySheet(theme, every_command(theme, window), window)
    made.popup()
    assert made.width() <= 1280
    assert made.height() <= 720
    area = made.findChild(QScrollArea)
    assert area is not None
    assert area.horizontalScrollBar().maximum() == 0
    if scale == 1.0:  # nothing is to be scrolled to
        assert area.verticalScrollBar().maximum() == 0
    made.hide()


def test_every_key_is_on_it_and_in_its_text(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    made = KeySheet(theme, every_command(theme, window), window)
    for command in COMMANDS:
        if command.keys:
            line = next(line for line in made.text.splitlines() if line.endswith(f"  {command.title}"))
            assert line.split("  ")[1].strip() == ", ".join(command.keys)
    for words in ("Alt+↑, Alt+↓", "Shift+wheel", "Double-click", "Right-click a header"):
        assert words in made.text
    made.copy()
    assert QGuiApplication.clipboard().text() == made.text


def test_commands_that_nobody_listed_have_a_place() -> None:
    groups = dict(sheet_of([Command("something_new", "New", ("Ctrl+9",), "Is new.")]))
    assert any(line.words == "New" for line in groups[WINDOW])


def test_no_key_means_two_commands() -> None:
    """Qt would carry out neither."""
    keys = [key for command in COMMANDS for key in command.keys]
    assert sorted(keys) == sorted(set(keys))


def test_no_two_commands_have_the_same_key() -> None:
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys)), sorted(key for key in set(keys) if keys.count(key) > 1)
