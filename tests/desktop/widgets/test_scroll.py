"""What is too high is scrolled; what is too wide only where asked for; what lies below shows only where asked for."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.desktop.widgets.scroll import ScrollArea

BELOW = QColor("#c0ffee")


class Ground(QWidget):
    """Something painted, with an area over all of it."""

    def __init__(self, area: ScrollArea) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)

    def paintEvent(self, event: QPaintEvent) -> None:
        """One colour."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), BELOW)
        painter.end()


def of_least(width: int, height: int) -> QWidget:
    inside = QWidget()
    inside.setMinimumSize(width, height)
    return inside


@pytest.mark.parametrize("sideways", [False, True])
def test_what_is_too_high_is_scrolled_and_what_is_too_wide_where_asked_for(qtbot: QtBot, *, sideways: bool) -> None:
    area = ScrollArea(of_least(300, 400), sideways=sideways)
    qtbot.addWidget(area)
    area.resize(200, 100)
    area.show()
    qtbot.waitUntil(area.verticalScrollBar().isVisible)
    assert area.horizontalScrollBar().isVisible() is sideways


def test_what_fits_is_as_large_as_the_area(qtbot: QtBot) -> None:
    inside = of_least(20, 20)
    area = ScrollArea(inside)
    qtbot.addWidget(area)
    area.resize(200, 100)
    area.show()
    assert inside.size() == area.size() == QSize(200, 100)  # no frame, no bar


def test_it_takes_the_keyboard_only_where_asked_for(qtbot: QtBot) -> None:
    usual, reached = ScrollArea(QWidget()), ScrollArea(QWidget(), focus=Qt.FocusPolicy.TabFocus)
    qtbot.addWidget(usual)
    qtbot.addWidget(reached)
    assert usual.focusPolicy() is Qt.FocusPolicy.NoFocus
    assert reached.focusPolicy() is Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize("see_through", [False, True])
def test_what_lies_below_shows_where_asked_for(qapp: QApplication, qtbot: QtBot, *, see_through: bool) -> None:
    qapp.setStyleSheet("")  # an earlier window's lets it show everywhere
    ground = Ground(ScrollArea(QWidget(), see_through=see_through))
    qtbot.addWidget(ground)
    ground.resize(60, 40)
    assert (ground.grab().toImage().pixelColor(30, 20) == BELOW) is see_through
