"""Buttons, segments, sliders, switches, drop-downs: they answer mouse and keyboard, have names, and are big enough."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.desktop.theme import Theme
from explorer.desktop.widgets import button
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.choice import Choice, ChoiceItem
from explorer.desktop.widgets.combo import Combo
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.number import NumberRange
from explorer.desktop.widgets.section import Section
from explorer.desktop.widgets.segmented import SegmentedControl
from explorer.desktop.widgets.slider import Slider
from explorer.desktop.widgets.status import StatusCell, Words, figure
from explorer.desktop.widgets.switch import Switch
from tests.desktop.widgets.pixels import shows


def link(theme: Theme) -> StatusCell:
    cell = StatusCell(theme, "Address", link=True)
    cell.set_words((Words("/docs"),))
    return cell


CONTROLS: dict[str, Callable[[Theme], QWidget]] = {
    "button": lambda theme: Button(theme, "Run", icon="play", kind=ButtonKind.PRIMARY),
    "icon": lambda theme: button.ghost_button(theme, icon="sun", name="Light theme"),
    "choice": lambda theme: Choice(theme, ChoiceItem("a", "A", "", "")),
    "combo": lambda theme: Combo(theme, [("a", "A", "")], name="Parser"),
    "slider": lambda theme: Slider(theme, NumberRange(0, 10), 5, name="Users"),
    "switch": lambda theme: Switch(theme, "Garbage collector"),
    "section": lambda theme: Section(theme, "Server"),
    "link": lambda theme: link(theme),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_has_a_name_a_size_and_takes_the_keyboard(theme: Theme, qtbot: QtBot, name: str) -> None:
    widget = CONTROLS[name](theme)
    qtbot.addWidget(widget)
    control = widget.head if isinstance(widget, Section) else widget
    assert control.accessibleName()
    assert control.sizeHint().height() >= 24
    assert control.sizeHint().width() >= 24
    assert control.focusPolicy() is Qt.FocusPolicy.TabFocus


def test_a_button_without_text_must_have_a_name(theme: Theme) -> None:
    with pytest.raises(ValueError, match="name"):
        Button(theme, icon="sun")


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_keys_press_a_button(theme: Theme, qtbot: QtBot, key: Qt.Key) -> None:
    run = Button(theme, "Run", icon="play", kind=ButtonKind.PRIMARY)
    qtbot.addWidget(run)
    with qtbot.waitSignal(run.clicked):
        QTest.keyClick(run, key)


def test_a_toggle_on_is_accent(theme: Theme, qtbot: QtBot) -> None:
    toggle = button.toggle_button(theme, "Follow", icon="radio", shortcut="F")
    qtbot.addWidget(toggle)
    toggle.resize(toggle.sizeHint())
    assert not shows(toggle, theme.color("accent_bg"))
    toggle.click()
    assert shows(toggle, theme.color("accent_bg"))


def test_run_becomes_stop(theme: Theme, qtbot: QtBot) -> None:
    run = Button(theme, "Run", icon="play", kind=ButtonKind.PRIMARY)
    qtbot.addWidget(run)
    run.resize(run.sizeHint())
    assert shows(run, theme.color("fill"))
    run.set_text("Stop", "square")
    run.set_kind(ButtonKind.QUIET)
    assert run.accessibleName() == "Stop"
    assert not shows(run, theme.color("fill"))


def test_segments_choose_by_click_and_arrows(theme: Theme, qtbot: QtBot) -> None:
    segments = SegmentedControl(theme, (("users", "Users"), ("rate", "Rate")), name="Load")
    qtbot.addWidget(segments)
    segments.show()
    segments.activateWindow()
    told: list[str] = []
    segments.chosen.connect(told.append)
    _, second = segments.findChildren(QAbstractButton)
    QTest.mouseClick(second, Qt.MouseButton.LeftButton)
    assert (segments.current(), told) == ("rate", ["rate"])
    second.setFocus()
    qtbot.waitUntil(second.hasFocus)
    QTest.keyClick(second, Qt.Key.Key_Left)
    assert (segments.current(), told) == ("users", ["rate", "users"])
    segments.set_current("rate")
    assert told == ["rate", "users"]


@pytest.mark.parametrize("log", [False, True])
def test_a_slider_goes_where_it_is_clicked_and_steps_with_keys(theme: Theme, qtbot: QtBot, log: bool) -> None:
    slider = Slider(theme, NumberRange(0, 1000), 0, log=log, name="Users")
    qtbot.addWidget(slider)
    slider.resize(214, 24)
    told: list[float] = []
    slider.moved.connect(told.append)
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(107, 12))
    middle = slider.number()
    assert told == [middle]
    assert (20 < middle < 50) if log else middle == 500
    QTest.keyClick(slider, Qt.Key.Key_Right)
    QTest.keyClick(slider, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert told[1:] == [middle + 1, middle - 9]
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert slider.number() == 1000


def test_a_slider_shows_a_value_without_telling(theme: Theme, qtbot: QtBot) -> None:
    slider = Slider(theme, NumberRange(0, 10_000), 0, log=True, name="Users")
    qtbot.addWidget(slider)
    told: list[float] = []
    slider.moved.connect(told.append)
    for value in (7, 100, 9999):
        slider.set_number(value)
        assert slider.number() == value
    assert told == []


def test_a_combo_tells_ids_and_refuses_what_is_not_there(theme: Theme, qtbot: QtBot) -> None:
    combo = Combo(theme, [("h11", "h11", ""), ("fast", "httptools", "Not installed.")], name="Parser")
    qtbot.addWidget(combo)
    with qtbot.waitSignal(combo.chosen) as told:
        combo.activated.emit(0)
    assert told.args == ["h11"]
    assert combo.model().flags(combo.model().index(1, 0)) & Qt.ItemFlag.ItemIsEnabled == Qt.ItemFlag.NoItemFlags
    with pytest.raises(KeyError):
        combo.set_current("none")


def test_a_switch_switches(theme: Theme, qtbot: QtBot) -> None:
    switch = Switch(theme, "Garbage collector")
    qtbot.addWidget(switch)
    QTest.keyClick(switch, Qt.Key.Key_Return)
    assert switch.isChecked()
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert not switch.isChecked()


def test_a_section_folds(theme: Theme, qtbot: QtBot) -> None:
    section = Section(theme, "Server")
    inside = QPushButton("inside")
    section.content.addWidget(inside)
    qtbot.addWidget(section)
    section.show()
    assert not inside.isVisible()
    QTest.keyClick(section.head, Qt.Key.Key_Return)
    assert section.is_open
    assert inside.isVisible()


def test_a_status_cell_turns_into_an_alarm(theme: Theme, qtbot: QtBot) -> None:
    cell = StatusCell(theme, "Lost")
    qtbot.addWidget(cell)
    cell.set_words((figure("0"), Words("lost")))
    cell.resize(cell.sizeHint())
    assert cell.accessibleName() == "Lost: 0 lost"
    assert cell.focusPolicy() is Qt.FocusPolicy.NoFocus
    assert not shows(cell, theme.color("danger_bg"))
    cell.set_words((figure("12"), Words("lost")), alarm=True, action="Why?")
    cell.resize(cell.sizeHint())
    assert shows(cell, theme.color("danger_bg"))
    assert cell.focusPolicy() is Qt.FocusPolicy.TabFocus


class TestFocusRing:
    """It shows what the keyboard focused, and nothing that a click did."""

    @pytest.fixture
    def pair(self, theme: Theme, qtbot: QtBot) -> tuple[QWidget, QPushButton, FocusRing]:
        window = QWidget()
        holder = QWidget()
        inner = QHBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        control = QPushButton("one")
        inner.addWidget(control)
        inner.addWidget(QPushButton("two"))
        QHBoxLayout(window).addWidget(holder)
        ring = FocusRing(theme, control)
        qtbot.addWidget(window)
        window.resize(240, 80)
        window.show()
        window.activateWindow()
        return window, control, ring

    def test_the_keyboard_shows_it(self, pair: tuple[QWidget, QPushButton, FocusRing], theme: Theme) -> None:
        window, control, ring = pair
        window.findChildren(QPushButton)[1].setFocus()
        assert not shows(window, theme.color("accent"))
        control.setFocus(Qt.FocusReason.TabFocusReason)
        assert ring.shown
        # Outside the control, where its parent ends.
        image = window.grab().toImage()
        corner = control.mapTo(window, QPoint(0, control.height() // 2))
        assert image.pixelColor(corner.x() - 2, corner.y()) == theme.color("accent")

    def test_it_goes_with_the_focus(self, pair: tuple[QWidget, QPushButton, FocusRing], theme: Theme) -> None:
        window, control, ring = pair
        window.findChildren(QPushButton)[1].setFocus()
        control.setFocus(Qt.FocusReason.TabFocusReason)
        assert ring.shown
        window.findChildren(QPushButton)[1].setFocus()
        assert not ring.shown
        assert not shows(window, theme.color("accent"))

    def test_the_mouse_does_not_show_it(self, pair: tuple[QWidget, QPushButton, FocusRing]) -> None:
        window, control, ring = pair
        window.findChildren(QPushButton)[1].setFocus()
        control.setFocus(Qt.FocusReason.MouseFocusReason)
        assert not ring.shown

    def test_it_moves_with_what_holds_its_control(self, pair: tuple[QWidget, QPushButton, FocusRing]) -> None:
        window, control, ring = pair
        window.findChildren(QPushButton)[1].setFocus()
        control.setFocus(Qt.FocusReason.TabFocusReason)
        overlay = ring._overlay
        assert overlay is not None
        parent = control.parentWidget()
        assert parent is not None
        before = overlay.pos()
        parent.move(parent.pos() + QPoint(7, 5))
        assert overlay.pos() == before + QPoint(7, 5)
