"""What a window that was closed leaves behind: nothing, so that the next one is built as quickly."""

from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from explorer.desktop.app import Application
from explorer.desktop.window import MainWindow
from tests.desktop.window.conftest import Drive, until


def test_a_closed_window_leaves_no_widget(drive: Drive, qapp: QApplication) -> None:
    before = set(qapp.allWidgets())
    made: list[str] = []

    async def scene(application: Application) -> None:
        await until(application.window.isVisible, "the window")
        made.extend(type(widget).__name__ for widget in qapp.allWidgets() if widget not in before)

    drive(scene)
    left = [type(widget).__name__ for widget in qapp.allWidgets() if widget not in before]
    assert len(made) > 100
    assert left == []


def test_a_window_is_built_without_the_style_sheet_of_the_one_before(
    qapp: QApplication, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets: list[str] = []

    def built(*parts: Any) -> MainWindow:
        sheets.append(qapp.styleSheet())
        return MainWindow(*parts)

    async def scene(application: Application) -> None:
        assert qapp.styleSheet(), "there is one to be left behind"

    monkeypatch.setattr("explorer.desktop.app.MainWindow", built)
    drive(scene)
    drive(scene)
    assert sheets == ["", ""]
