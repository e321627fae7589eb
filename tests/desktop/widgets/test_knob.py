"""A knob commits what is allowed, and only that."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.desktop.panels.text_knob import TextKnob
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.entry import Entry
from explorer.desktop.widgets.knob import KnobField, KnobState
from explorer.desktop.widgets.label import IconLabel
from explorer.desktop.widgets.number import NumberRange
from explorer.desktop.widgets.slider import Slider
from tests.desktop.widgets.pixels import shows


class Bench:
    """A knob in a window, and what it committed."""

    def __init__(self, theme: Theme, qtbot: QtBot, bounds: NumberRange | None = None, value: float = 40) -> None:
        self.window = QWidget()
        layout = QVBoxLayout(self.window)
        self.knob = KnobField(theme, "Tokens", value, bounds or NumberRange(1, 1000), unit="threads")
        layout.addWidget(self.knob)
        self.committed: list[float] = []
        self.knob.committed.connect(self.committed.append)
        qtbot.addWidget(self.window)
        self.window.show()
        self.window.activateWindow()
        entry = self.knob.findChild(Entry)
        assert entry is not None
        self.entry = entry
        self.entry.setFocus()
        qtbot.waitUntil(self.entry.hasFocus)

    def type(self, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
        self.entry.selectAll()
        QTest.keyClicks(self.entry, text)
        QTest.keyClick(self.entry, key)

    def wheel(self, angle: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        wheel(self.entry, angle, modifiers)


def wheel(widget: QWidget, angle: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Turn the wheel over a widget."""
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, 0),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


@pytest.fixture
def bench(theme: Theme, qtbot: QtBot) -> Bench:
    return Bench(theme, qtbot)


def test_enter_commits(bench: Bench) -> None:
    bench.type("12")
    assert bench.committed == [12]
    assert bench.knob.value() == 12


def test_leaving_the_field_commits(bench: Bench) -> None:
    bench.type("12", Qt.Key.Key_1)
    bench.entry.clearFocus()
    assert bench.committed == [121]


def test_the_same_value_is_no_change(bench: Bench) -> None:
    bench.type("40")
    assert bench.committed == []


def test_escape_gives_back_the_last_value(bench: Bench) -> None:
    bench.entry.selectAll()
    QTest.keyClicks(bench.entry, "7")
    QTest.keyClick(bench.entry, Qt.Key.Key_Escape)
    assert bench.entry.text() == "40"
    assert bench.committed == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0", "From 1 to 1,000."),
        ("5000", "From 1 to 1,000."),
        ("2.5", "A whole number from 1 to 1,000."),
        ("many", "A number from 1 to 1,000."),
        ("", "From 1 to 1,000."),
    ],
)
def test_out_of_bounds_says_the_bounds_and_keeps_the_value(
    bench: Bench, theme: Theme, text: str, sentence: str
) -> None:
    if text:
        bench.type(text)
    else:
        bench.entry.selectAll()
        QTest.keyClick(bench.entry, Qt.Key.Key_Delete)
        QTest.keyClick(bench.entry, Qt.Key.Key_Return)
    assert bench.knob.error() == sentence
    assert bench.committed == []
    assert bench.knob.value() == 40
    assert shows(bench.knob, theme.color("danger"))


def test_a_good_value_takes_the_blame_off(bench: Bench, theme: Theme) -> None:
    bench.type("0")
    bench.type("5")
    assert bench.knob.error() == ""
    assert bench.committed == [5]
    assert not shows(bench.knob, theme.color("danger"))


def test_arrows_step_and_shift_makes_it_ten(bench: Bench) -> None:
    QTest.keyClick(bench.entry, Qt.Key.Key_Up)
    QTest.keyClick(bench.entry, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert bench.committed == [41, 31]


def test_steps_stop_at_the_bounds(theme: Theme, qtbot: QtBot) -> None:
    bench = Bench(theme, qtbot, value=995)
    QTest.keyClick(bench.entry, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(bench.entry, Qt.Key.Key_Up)
    assert bench.committed == [1000]


def test_the_wheel_steps_by_notches_and_small_movements_add_up(bench: Bench) -> None:
    bench.wheel(120)
    bench.wheel(-60)
    assert bench.committed == [41]
    bench.wheel(-60)
    assert bench.committed == [41, 40]
    bench.wheel(120, Qt.KeyboardModifier.ShiftModifier)
    assert bench.committed == [41, 40, 50]


def test_dragging_the_name_steps(bench: Bench) -> None:
    name = bench.knob.childAt(4, bench.knob.height() // 2)
    assert name is not None
    QTest.mousePress(name, Qt.MouseButton.LeftButton, pos=QPoint(2, 4))
    QTest.mouseMove(name, QPoint(11, 4))
    QTest.mouseRelease(name, Qt.MouseButton.LeftButton, pos=QPoint(11, 4))
    QTest.mouseMove(name, QPoint(90, 4))
    assert bench.committed == [42]


def test_a_value_from_elsewhere_does_not_disturb_typing(bench: Bench) -> None:
    bench.entry.selectAll()
    QTest.keyClicks(bench.entry, "7")
    bench.knob.set_value(99)
    assert bench.entry.text() == "7"
    QTest.keyClick(bench.entry, Qt.Key.Key_Escape)
    assert bench.entry.text() == "99"
    assert bench.committed == []


def test_the_last_change_is_accent_and_a_restart_has_a_word(bench: Bench, theme: Theme) -> None:
    bench.entry.clearFocus()
    assert not shows(bench.knob, theme.color("accent_bg"))
    bench.knob.set_state(KnobState.CHANGED)
    assert shows(bench.knob, theme.color("accent_bg"))
    before = bench.knob.grab().toImage()
    bench.knob.set_state(KnobState.RESTARTING)
    assert bench.knob.grab().toImage() != before


def test_a_reader_hears_name_unit_and_what_is_wrong(bench: Bench) -> None:
    assert bench.entry.accessibleName() == "Tokens in threads, at once"
    bench.knob.set_error("Port 80 needs more rights.")
    assert bench.entry.accessibleDescription() == "Port 80 needs more rights."


def test_fractions_step_exactly(theme: Theme, qtbot: QtBot) -> None:
    bench = Bench(theme, qtbot, NumberRange(0, 10, by=0.1, whole=False), value=0.1)
    QTest.keyClick(bench.entry, Qt.Key.Key_Up)
    QTest.keyClick(bench.entry, Qt.Key.Key_Up)
    assert bench.entry.text() == "0.3"
    assert bench.committed == [0.2, 0.3]


def test_a_knob_that_waits_for_the_next_run_says_so(theme: Theme, qtbot: QtBot) -> None:
    knob = KnobField(theme, "Seed", 1, NumberRange(0, 9), effect="start")
    qtbot.addWidget(knob)

    entry = knob.findChild(Entry)
    assert entry is not None
    assert entry.accessibleName() == "Seed, from the next run on"
    assert "Counts from the next run on." in [mark.toolTip() for mark in knob.findChildren(IconLabel)]


def test_the_wheel_over_a_field_without_the_keyboard_is_the_panels(bench: Bench) -> None:
    bench.entry.clearFocus()
    bench.wheel(120)
    assert bench.committed == []


def test_the_wheel_over_a_slider_is_the_panels(theme: Theme, qtbot: QtBot) -> None:
    slider = Slider(theme, NumberRange(0, 100), 40)
    qtbot.addWidget(slider)
    moved: list[float] = []
    slider.moved.connect(moved.append)
    wheel(slider, 120)
    assert (slider.number(), moved) == (40, [])


def test_enter_gives_the_keyboard_back(bench: Bench) -> None:
    bench.window.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    bench.type("12")
    assert bench.window.hasFocus()


def test_what_is_refused_keeps_the_keyboard_and_escape_brings_the_last_good_value_back(bench: Bench) -> None:
    bench.type("0")
    assert bench.entry.hasFocus()
    QTest.keyClick(bench.entry, Qt.Key.Key_Escape)
    assert (bench.entry.text(), bench.knob.error()) == ("40", "")
    bench.knob.committed.connect(lambda value: bench.knob.set_error("Not together with that."))
    bench.type("12")
    assert (bench.entry.text(), bench.knob.error(), bench.knob.value()) == ("12", "Not together with that.", 40)
    QTest.keyClick(bench.entry, Qt.Key.Key_Return)
    assert bench.committed == [12, 12], "asked again"
    QTest.keyClick(bench.entry, Qt.Key.Key_Escape)
    assert (bench.entry.text(), bench.knob.error()) == ("40", "")


def test_a_text_that_is_refused_is_given_up_by_escape(theme: Theme, qtbot: QtBot) -> None:
    knob = TextKnob(theme, "Host", "127.0.0.1")
    qtbot.addWidget(knob)
    committed: list[str] = []
    knob.committed.connect(committed.append)
    knob.committed.connect(lambda text: knob.set_error("No such host."))
    knob.show()
    knob.activateWindow()
    entry = knob.findChild(Entry)
    assert entry is not None
    entry.setFocus()
    qtbot.waitUntil(entry.hasFocus)
    entry.selectAll()
    QTest.keyClicks(entry, "nowhere")
    QTest.keyClick(entry, Qt.Key.Key_Return)
    assert (committed, entry.hasFocus()) == (["nowhere"], True)
    QTest.keyClick(entry, Qt.Key.Key_Escape)
    assert entry.text() == "127.0.0.1"
    entry.clearFocus()
    assert committed == ["nowhere"]
