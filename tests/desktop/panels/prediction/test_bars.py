"""Bars, fields and arithmetic of what the user expects."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.desktop.panels.prediction.bars import PredictionBars
from explorer.desktop.panels.prediction.field import REFUSED, ExpectedField
from explorer.desktop.panels.prediction.model import Shown
from explorer.desktop.panels.prediction.scale import end_of, parsed, share_of, value_at
from explorer.desktop.theme import Theme


def test_the_way_from_a_value_to_its_place_and_back() -> None:
    end = end_of([120.0, None, 200.0])
    assert share_of(200, end) < 1
    assert value_at(share_of(120, end), end) == pytest.approx(120)
    assert end_of([None, None]) > 0
    assert share_of(1e9, end) == 1


@pytest.mark.parametrize(("text", "value"), [("500", 0.5), ("1,500", 1.5), ("0", None), ("-3", None), ("x", None)])
def test_what_is_typed_in_milliseconds_means_seconds(text: str, value: float | None) -> None:
    assert parsed(text, 1e-3) == value


def test_the_bar_follows_hand_and_arrow_keys(theme: Theme, qtbot: QtBot) -> None:
    bars = PredictionBars(theme, "throughput", "Throughput")
    qtbot.addWidget(bars)
    bars.resize(300, 60)
    bars.show()
    bars.show_values(Shown("throughput", 200.0, 100.0, None), hidden=False)
    expected: list[float] = []
    bars.expected.connect(expected.append)
    QTest.mousePress(bars, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(150, 10))
    QTest.mouseMove(bars, QPoint(200, 10))
    QTest.mouseRelease(bars, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(200, 10))
    assert len(expected) >= 2
    assert expected[-1] > expected[0] > 0
    bars.show_values(Shown("throughput", 200.0, 100.0, None), hidden=False)
    QTest.keyClick(bars, Qt.Key.Key_Right)
    assert expected[-1] > 100
    QTest.keyClick(bars, Qt.Key.Key_Left)
    assert expected[-1] < 100


def test_what_is_missing_is_said_in_words(theme: Theme, qtbot: QtBot) -> None:
    bars = PredictionBars(theme, "latency", "Mean response time")
    qtbot.addWidget(bars)
    bars.show_values(Shown("latency", None, 0.3, None), hidden=False)
    assert "you 300 ms, law no law" in bars.accessibleName()
    bars.show_values(Shown("latency", None, 0.3, None), hidden=True)
    assert "law after the run" in bars.accessibleName()


def test_a_field_takes_numbers_and_refuses_words(theme: Theme, qtbot: QtBot) -> None:
    field = ExpectedField(theme, "latency", "what you expect")
    qtbot.addWidget(field)
    field.show()
    committed: list[object] = []
    field.committed.connect(committed.append)
    field.entry.setFocus()
    QTest.keyClicks(field.entry, "abc")
    QTest.keyClick(field.entry, Qt.Key.Key_Return)
    assert not committed
    assert field.toolTip() == REFUSED
    field.entry.selectAll()
    QTest.keyClicks(field.entry, "250")
    QTest.keyClick(field.entry, Qt.Key.Key_Return)
    assert committed == [0.25]
    field.show_value(0.25)
    field.entry.selectAll()
    QTest.keyClick(field.entry, Qt.Key.Key_Delete)
    QTest.keyClick(field.entry, Qt.Key.Key_Return)
    assert committed == [0.25, None]
