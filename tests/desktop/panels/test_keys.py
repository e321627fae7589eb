"""The sheet of keys closes with the keys that open it, with Esc, and when the hand goes elsewhere."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.desktop.actions import Actions
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
