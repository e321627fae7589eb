"""The window without a mouse: what takes the keyboard has a name, can be reached, and leaves letters to text fields."""

import asyncio
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from explorer.desktop.app import Application
from explorer.desktop.widgets.choice import Choice
from explorer.records.states import State
from tests.desktop.window.conftest import Drive, until


def focusable(window: QWidget) -> Iterator[QWidget]:
    """What is visible and takes the keyboard by Tab or click."""
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            yield widget


def name_of(widget: QWidget) -> str:
    """What a screen reader says of it."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def described(widget: QWidget) -> str:
    """Which widget it is, for whoever has to mend it."""
    chain = []
    at: QWidget | None = widget
    while at is not None:
        chain.append(type(at).__name__)
        at = at.parentWidget()
    return " < ".join(chain)


def unfold(window: QWidget) -> None:
    """Open every section, so that its fields are visible."""
    for button in window.findChildren(QAbstractButton):
        if button.isVisible() and button.isCheckable() and "folded" in button.accessibleName():
            button.setChecked(True)


def test_whatever_takes_the_keyboard_has_a_name(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.resize(1600, 1000)
        nameless = []
        for state in ("empty", "running"):
            if state == "running":
                control.run()
                await until(lambda: control.state == "running", "a run")
                await until(window.timeline.isVisible, "the lanes")
            unfold(window)
            for number in (1, 2, 3, 4):
                window.setup.open_question(number)
                await asyncio.sleep(0)
                nameless += [described(widget) for widget in focusable(window) if not name_of(widget).strip()]
        assert sorted(set(nameless)) == []

    drive(scene)


def test_tab_goes_round_and_comes_by_every_panel(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.run()
        await until(lambda: control.state == "running", "a run")
        await until(window.timeline.isVisible, "the lanes")
        await until(lambda: any(one.isVisible() for one in window.legend.findChildren(QAbstractButton)), "a legend")
        met: list[QWidget] = []
        while (focus := QApplication.focusWidget()) not in met and len(met) < 300:
            assert focus is not None
            met.append(focus)
            QTest.keyClick(focus, Qt.Key.Key_Tab)
        panels = (window.top, window.setup, window.timeline, window.legend, window.status)
        order = [next((panel for panel in panels if panel is one or panel.isAncestorOf(one)), None) for one in met]
        visited = [panel for panel in dict.fromkeys(order) if panel is not None]
        begin = visited.index(window.top)
        assert [type(one).__name__ for one in [*visited[begin:], *visited[:begin]]] == [
            type(one).__name__ for one in panels
        ]

    drive(scene)


def test_f6_visits_the_panels_in_turn(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.run()
        await until(lambda: control.state == "running", "a run")
        await until(window.timeline.isVisible, "the lanes")
        seen = []
        for _ in range(8):
            window.actions_.trigger("next_panel")
            focus = QApplication.focusWidget()
            assert focus is not None
            panels = {
                "top": window.top,
                "setup": window.setup,
                "timeline": window.timeline,
                "inspector": window.inspector,
            }
            seen += [name for name, panel in panels.items() if panel is focus or panel.isAncestorOf(focus)]
        assert seen[:3] == seen[3:6] or seen[:4] == seen[4:8]
        assert {"top", "setup", "timeline"} <= set(seen)

    drive(scene)


def test_letters_and_space_belong_to_a_field_with_the_keyboard(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        unfold(window)
        field = next(
            one for one in window.setup.findChildren(QLineEdit) if one.isVisible() and "Host" in one.accessibleName()
        )
        field.setFocus()
        field.clear()
        for key in (Qt.Key.Key_N, Qt.Key.Key_Space, Qt.Key.Key_1, Qt.Key.Key_F):
            QTest.keyClick(field, key)
        assert field.text() == "n 1f"
        assert control.state == "empty"

    drive(scene)


def test_space_presses_the_button_that_has_the_keyboard(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.resize(1920, 1080)  # room for the button
        before = application.theme.name
        button = next(one for one in window.top.findChildren(QAbstractButton) if "Ctrl+T" in one.accessibleName())
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
        assert application.theme.name != before
        assert control.state == "empty"

    drive(scene)


def test_escape_goes_back_wherever_the_keyboard_is(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.run()
        await until(lambda: control.state == "running", "a run")
        await until(lambda: control.store.count > 50, "spans")
        window.timeline.set_legend_filter({State.RUNNING})
        window._places.setFocus()
        QTest.keyClick(window._places, Qt.Key.Key_Escape)
        assert window.timeline.scene.only == frozenset()
        window.metrics.opened.emit("latency")
        assert not window.timeline.isVisible()
        window._places.setFocus()
        QTest.keyClick(window._places, Qt.Key.Key_Escape)
        assert window.timeline.isVisible()

    drive(scene)


def test_escape_closes_the_setup_that_lies_over_the_lanes(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        window.resize(1024, 640)
        await until(lambda: not window.setup.isVisible(), "the narrow window")
        window.actions_.trigger("question_2")
        assert window.setup.isVisible()
        for visible in (True, False):
            focus = QApplication.focusWidget()
            assert focus is not None
            QTest.keyClick(focus, Qt.Key.Key_Escape)
            assert window.setup.isVisible() == visible, "the list closes first, then the setup"

    drive(scene)


@pytest.mark.parametrize("how", ["click", "enter", "key"])
@pytest.mark.long
def test_what_is_typed_into_an_open_list_filters_it_and_nothing_else(drive: Drive, how: str) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.resize(1600, 900)
        choices = window.setup._questions[2].list
        card = next(one for one in choices.findChildren(Choice) if one.isVisible())
        window._places.setFocus()
        # To the window, not to a widget: whoever has the keyboard gets it.
        native = window.windowHandle()
        if how == "click":
            QTest.mouseClick(card, Qt.MouseButton.LeftButton)
        elif how == "enter":
            card.setFocus(Qt.FocusReason.TabFocusReason)
            QTest.keyClick(native, Qt.Key.Key_Return)
        else:
            QTest.keyClick(native, Qt.Key.Key_3)
        await until(lambda: choices.is_open, "the list")
        shown = window._body.is_shown("events")
        for key in (Qt.Key.Key_W, Qt.Key.Key_E, Qt.Key.Key_B, Qt.Key.Key_S, Qt.Key.Key_O):
            QTest.keyClick(native, key)
        await until(lambda: [row.item.id for row in choices.rows() if row.isVisible()] == ["websocket"], "the filter")
        assert window._body.is_shown("events") == shown
        QTest.keyClick(native, Qt.Key.Key_Return)
        assert control.scenario.workload.id == "websocket"
        control.change("workload", "id", "timers")
        assert any(row.isVisible() and row.item.id == "timers" for row in choices.rows())

    drive(scene)


def test_after_a_click_on_a_choice_keys_are_the_windows_again(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.resize(1600, 900)
        choices = window.setup._questions[2].list
        card = next(one for one in choices.findChildren(Choice) if one.isVisible())
        QTest.mouseClick(card, Qt.MouseButton.LeftButton)
        row = next(one for one in choices.rows() if one.item.id == "timers")
        QTest.mouseClick(row, Qt.MouseButton.LeftButton)
        assert control.scenario.workload.id == "timers"
        assert choices.is_open
        shown = window._body.is_shown("events")
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_E)
        await until(lambda: window._body.is_shown("events") != shown, "the key to act")

    drive(scene)
