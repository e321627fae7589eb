"""Every command and every button can be reached without a mouse and says what it is."""

import asyncio
from collections.abc import Iterator

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from explorer.desktop.actions import COMMANDS
from explorer.desktop.app import Application
from explorer.desktop.duel.setup import WIDTH as DUEL_WIDTH
from explorer.desktop.duel.setup import DuelSetup
from explorer.desktop.view_settings import SCALES
from explorer.desktop.widgets.status import StatusCell
from tests.desktop.timeline.sample import batch_of, simulate
from tests.desktop.window.conftest import Drive, until


def show_a_run(application: Application) -> None:
    """Lanes of a simulated run, as if it had been recorded."""
    control = application.control
    control.store.append(batch_of(simulate(2.0)))
    control.run_began.emit()
    control.state = "viewing"
    control.state_changed.emit("viewing")


def buttons(widget: QWidget) -> Iterator[QAbstractButton]:
    for button in widget.findChildren(QAbstractButton):
        if button.isVisible() and button.isEnabled():
            yield button


def name_of(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()


def test_every_button_has_a_name_and_is_reached_by_tab_or_has_a_key(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        show_a_run(application)
        shortcuts = {
            QKeySequence(keys).toString() for command in window.actions_.commands.values() for keys in command.keys
        }
        for size in ((1280, 720), (1920, 1080), (1024, 640)):
            window.resize(*size)
            await asyncio.sleep(0)
            found = list(buttons(window))
            assert len(found) > 20
            for button in found:
                name = name_of(button)
                assert name, button
                by_tab = bool(button.focusPolicy() & Qt.FocusPolicy.TabFocus)
                if isinstance(button, StatusCell) and not by_tab:
                    continue  # words that are no link just now
                by_key = any(f"({keys})" in f"{name} {button.toolTip()}" for keys in shortcuts)
                assert by_tab or by_key, f"{name} at {size}"

    drive(scene)


def test_every_command_is_in_the_palette_and_no_key_is_taken_twice(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        commands = window.actions_.commands
        assert set(commands) == {command.id for command in COMMANDS}
        keys = [QKeySequence(one).toString() for command in commands.values() for one in command.keys]
        assert len(keys) == len(set(keys))
        offered = {offer.key: offer for offer in window.offers.all("")}
        for command in commands.values():
            assert command.id == "palette" or command.id in offered
            assert command.title
            assert command.sentence.endswith(".")
        assert offered["save"].reason.startswith("Nothing to save yet")
        assert offered["find"].reason
        show_a_run(application)
        offered = {offer.key: offer for offer in window.offers.all("#17")}
        assert not offered["find"].reason
        assert {"lane server › Worker 2", "dispatch thread_pool", "request"} <= set(offered)
        offered["lane server › Worker 2"].act()
        cursor = window.timeline.scene.cursor
        assert cursor is not None
        assert window.timeline.scene.lane_title(cursor.track) == "Worker 2"
        offered["request"].act()
        await until(lambda: window.timeline.scene.selection.request, "the request")
        window.timeline.setFocus()
        for _ in range(2):  # first the selection, then the search
            assert window.find_bar.finder.text == "#17"
            QTest.keyClick(window.timeline, Qt.Key.Key_Escape)
        assert window.find_bar.finder.text == ""

    drive(scene)


def test_the_lists_keys_hide_pin_and_move(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        show_a_run(application)
        window.actions_.trigger("lanes")
        panel = window.lanes_button._lanes
        QTest.keyClick(panel.filter.line, Qt.Key.Key_Down)
        QTest.keyClick(panel.filter.line, Qt.Key.Key_Return)  # the keyboard goes to the list
        choices = window.timeline.scene.choices
        assert [row.title for row in panel.list.rows()][:3] == ["server", "Event loop", "Worker 1"]
        QTest.keyClick(panel.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
        assert [row.title for row in panel.list.rows()][:3] == ["server", "Worker 1", "Event loop"]
        QTest.keyClick(panel.list, Qt.Key.Key_P)
        assert choices.pinned == ["server › Event loop"]
        QTest.keyClick(panel.list, Qt.Key.Key_Space)
        assert choices.hidden == {"server › Event loop"}
        assert window.lanes_button.button.text() == "Lanes, 1 hidden"
        QTest.keyClicks(panel.filter.line, "worker 1")
        assert choices.words == panel.filter.text() == "worker 1"
        assert window.timeline.scene.hidden > 4
        panel.everything.click()
        assert window.timeline.scene.hidden == 0
        assert panel.filter.text() == ""
        QTest.keyClick(panel.filter.line, Qt.Key.Key_Escape)
        assert not panel.isVisible()

    drive(scene)


def test_the_largest_scales_leave_run_follow_and_lanes_in_sight(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        show_a_run(application)
        for size, scale in (((1920, 1080), SCALES[-1]), ((1280, 720), 1.5)):
            window.resize(*size)
            window.view_settings.set_scale(scale)
            await asyncio.sleep(0)
            assert window.size().width() == size[0], "it must not grow"
            for widget in (window.top._run, window.tools.follow, window.lanes_button.button, window.timeline.lanes):
                assert widget.isVisible()
                left = widget.mapTo(window, widget.rect().topLeft())
                right = widget.mapTo(window, widget.rect().bottomRight())
                assert left.x() >= 0
                assert right.x() < size[0]
                assert right.y() < size[1]
            run = window.top._run
            assert run.width() >= run.sizeHint().width()
            assert window.timeline.lanes.height() > 150

    drive(scene)


def test_a_larger_scale_cuts_nothing_of_the_first_pages(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        window.actions_.trigger("compare")
        setup = window.compare.page.setup
        for scale in (1.0, 1.5):
            window._theme.set_scale(scale)
            await until(lambda: _rows_apart(setup), "a row for each")
            assert setup._card.width() == window._theme.px(DUEL_WIDTH)
            assert setup._card.height() >= setup._card.heightForWidth(setup._card.width()), "nothing is squeezed"

    drive(scene)


def _rows_apart(setup: DuelSetup) -> bool:
    first, second = (one.mapTo(setup, QPoint(0, 0)).y() for one in setup.combos)
    return second - first > setup.combos[0].height()
