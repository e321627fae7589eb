"""A lecture by the keyboard: the wall comes, its slide's run is a real one, and it is left and found again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from explorer.desktop.app import Application
from explorer.desktop.presenter.wall import Wall
from tests.desktop.lessons.short import ID, lesson
from tests.desktop.window.conftest import Drive, drive, until

__all__ = ["drive"]


def wall_of(application: Application) -> Wall:
    wall = application.window.presenter.wall
    assert wall is not None
    return wall


def press(application: Application, key: Qt.Key) -> None:
    QTest.keyClick(wall_of(application), key)


@pytest.mark.long
def test_a_lecture_is_shown_run_left_and_found_again(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        presenter = application.window.presenter
        assert presenter.present([ID])
        lecture = presenter.lecture
        assert lecture is not None
        assert presenter.presenting
        assert not application.window.isVisible(), "it would paint what nobody sees"
        deck = lecture.deck
        while deck.forward():
            pass
        last = deck.place
        press(application, Qt.Key.Key_R)
        run = deck.sheet.slide.run
        figures = lecture.results.figures
        await until(lambda: run in figures(ID) and figures(ID)[run]["requests_total"]["ok"] == 8, "all eight answers")
        press(application, Qt.Key.Key_B)
        press(application, Qt.Key.Key_B)
        assert not any(isinstance(widget, QDialog) and widget.isVisible() for widget in QApplication.topLevelWidgets())
        press(application, Qt.Key.Key_PageUp)
        before = deck.place
        press(application, Qt.Key.Key_PageDown)
        assert (deck.place == last) or (before == last)
        left = deck.place
        press(application, Qt.Key.Key_Escape)
        assert not presenter.presenting
        assert application.window.isVisible()
        assert presenter.present([ID])
        assert presenter.lecture is not None
        assert presenter.lecture.deck.place == left
        presenter.leave()

    with lesson():
        drive(scene)
