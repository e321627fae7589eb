"""The demonstration window: its hand, its button, its words."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.desktop.demo.hand import ROUND_NS, Hand
from explorer.desktop.demo.pace import FRAME_NS, Recorded
from explorer.desktop.demo.window import DemoWindow
from explorer.desktop.theme import Theme
from explorer.probe.frames import FRAME
from explorer.probe.tracer import Tracer
from explorer.probe.turns import Turns
from explorer.records.states import Kind, State
from tests.desktop.widgets.pixels import picture_of, shows
from tests.observed import Observed


class Noted:
    """Notes what the window tells."""

    def __init__(self) -> None:
        self.first = 0
        self.ticks: list[tuple[int, int]] = []
        self.paintings = 0

    def begin(self, first: int) -> None:
        """Note it."""
        self.first = first

    def tick(self, due: int, following: int, work: Callable[[], None]) -> None:
        """Note, then do."""
        self.ticks.append((due, following))
        work()

    def paint(self, work: Callable[[], bool]) -> bool:
        """Note, then do."""
        self.paintings += 1
        return work()


@pytest.fixture
def watch() -> Noted:
    return Noted()


@pytest.fixture
def window(theme: Theme, watch: Noted, qtbot: QtBot) -> Iterator[DemoWindow]:
    made = DemoWindow(theme, "http://127.0.0.1:8000", watch)
    qtbot.addWidget(made)
    yield made
    made.end()


def test_the_hand_is_painted_where_its_moment_says(theme: Theme, qtbot: QtBot) -> None:
    hand = Hand(theme)
    qtbot.addWidget(hand)
    hand.resize(hand.sizeHint())
    accent = theme.color("accent")
    tips: list[QPoint] = []
    for quarter in range(4):
        hand.show_moment(quarter * ROUND_NS // 4)
        tips.append(hand.tip.toPoint())
        picture = picture_of(hand)
        assert picture.pixelColor(tips[-1]) == accent
        assert [picture.pixelColor(tip) == accent for tip in tips] == [*[False] * quarter, True]
    assert tips[0].y() < tips[1].y() < tips[2].y()
    assert tips[3].x() < tips[0].x() < tips[1].x()


def test_the_hand_moves_and_every_frame_is_told(window: DemoWindow, watch: Noted, qtbot: QtBot) -> None:
    window.begin()
    qtbot.waitUntil(lambda: len(watch.ticks) > 3 and watch.paintings > 3)

    before = window.hand.tip
    qtbot.waitUntil(lambda: window.hand.tip != before)
    assert watch.first == watch.ticks[0][0]
    assert all(first[1] == second[0] for first, second in pairwise(watch.ticks))
    assert all(following - due >= FRAME_NS for due, following in watch.ticks)
    assert shows(window.hand, window._theme.color("accent"))


def test_it_says_how_long_the_hand_stood_still(window: DemoWindow) -> None:
    window._ticked(due=1_000_000_000, now=1_020_000_000)
    assert window.still.text() == "The hand moves."

    window._ticked(due=1_000_000_000, now=1_984_000_000)
    assert window.still.text() == "The hand stood still for 0.98 s."

    window._ticked(due=2_000_000_000, now=2_000_100_000)
    assert window.still.text() == "The hand stood still for 0.98 s."


def test_the_button_counts(window: DemoWindow) -> None:
    window.begin()
    for words in ("1 click", "2 clicks"):
        QTest.mouseClick(window.button, Qt.MouseButton.LeftButton)
        assert window.count.text() == words


def test_it_appears_on_top_in_the_corner_and_takes_no_focus(window: DemoWindow, qapp: QApplication) -> None:
    window.begin()

    screen = QGuiApplication.primaryScreen()
    assert screen is not None
    room = screen.availableGeometry()
    assert room.contains(window.geometry())
    assert window.geometry().left() - room.left() < 40, "where the main window has its controls"
    assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint


def test_closing_is_told_and_ending_is_not(window: DemoWindow, qtbot: QtBot) -> None:
    told: list[bool] = []
    window.closed.connect(lambda: told.append(True))
    window.begin()

    window.end()
    assert told == []

    window.begin()
    window.close()
    assert told == [True]
    assert not window.isVisible()


def test_ticks_and_paintings_lie_on_the_lanes(theme: Theme, tracer: Tracer, observed: Observed, qtbot: QtBot) -> None:
    turns = Turns(tracer, lambda: 0)
    turns.attach()
    recorded = Recorded(tracer, turns)
    window = DemoWindow(theme, "http://127.0.0.1:8000", recorded)
    qtbot.addWidget(window)
    window.begin()
    qtbot.waitUntil(lambda: len([row for row in observed.of(Kind.FRAME) if row.name == FRAME]) > 2)
    waits = [slot for name, slot in observed.open_spans() if name == "waits for the loop"]
    window.end()
    recorded.close()
    turns.detach()

    ticks, paints = observed.of(Kind.TIMER), observed.of(Kind.CALLBACK)
    assert {row.name for row in ticks} == {"hand ticks"}
    assert {row.name for row in paints} == {"window paints"}
    assert {row.track for row in ticks + paints} == {"loop event loop"}
    frames = [row for row in observed.of(Kind.FRAME) if row.state is State.RUNNING]
    assert {row.track for row in frames} == {"window Clock hand"}
    assert len(frames) == len(paints)
    assert all(slot.state is State.QUEUED for slot in waits)
