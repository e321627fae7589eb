"""Every command and every button can be reached without a mouse and says what it is."""

import asyncio
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from explorer.desktop.actions import COMMANDS
from explorer.desktop.app import Application
from explorer.desktop.duel.setup import WIDTH as DUEL_WIDTH
from explorer.desktop.duel.setup import DuelSetup
from explorer.desktop.view_settings import SCALES
from explorer.desktop.widgets.status import StatusCell
from explorer.paths import resources
from tests.desktop.timeline.sample import batch_of, simulate
from tests.desktop.window.conftest import Drive, until

FRAMES = [(1.0, 1280, 720), (1.0, 1600, 900), (1.0, 1920, 1080), (1.0, 1024, 640), (1.5, 1280, 720), (2.5, 1280, 720)]
"""Scale and size of windows."""


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


@pytest.mark.long
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
        assert window.metrics.isVisible()
        window.view_settings.set_scale(SCALES[-1])
        await until(lambda: not window.metrics.isVisible(), "the charts to make room")
        assert window.timeline.lanes.height() > 150
        window.actions_.trigger("metrics")
        assert window.metrics.isVisible(), "who asks for them gets them"
        window.actions_.trigger("metrics")
        assert not window.metrics.isVisible()
        window.view_settings.set_scale(1.0)
        await until(window.metrics.isVisible, "the charts")

    drive(scene)


@pytest.mark.long
def test_the_top_bar_cuts_no_word_and_loses_no_command(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        top = window.top
        control.open(resources() / "scenarios" / "the-pool-runs-dry.toml")
        assert "The pool runs dry" in window.windowTitle()
        show_a_run(application)
        run_at: dict[tuple[float, int], int] = {}
        for scale, width, height in FRAMES:
            window.resize(width, height)
            window.view_settings.set_scale(scale)
            for state in ("running", "stopped"):
                control.state = state
                top.refresh()
                QApplication.processEvents()
                at = f"{state} at {width} px, {scale}"
                for one in top.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
                    assert one.isHidden() or one.width() >= one.sizeHint().width() or one is top._name, f"{one} {at}"
                    assert one.isHidden() or one.geometry().right() < top.width(), f"{one} {at}"
                shown = top._name.shown_text() if top._name.isVisible() else ""
                assert shown == "The pool runs dry" or scale == SCALES[-1], at
                assert "The pool runs dry ".startswith(f"{shown.rstrip('…')} ") or not shown, at
                beside = [one for one in ("send_ten", *top._ghosts) if one not in top._more.kept and one != "palette"]
                assert all(not (top._ghosts.get(one) or top._ten).isHidden() for one in beside), at
                assert top._more.isHidden() != bool(top._more.kept), at
                assert run_at.setdefault((scale, width), top._run.x()) == top._run.x(), at
        assert "theme" in top._more.kept
        assert not top._palette.isVisible()
        before = window._theme.name
        menu = top._more.menu(top)
        action = next(one for one in menu.actions() if one.text().startswith("Dark or light"))
        action.trigger()
        assert window._theme.name != before
        control.state = "empty"

    drive(scene)


@pytest.mark.long
def test_tools_and_legend_have_no_word_that_does_not_fit(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        show_a_run(application)
        window.timeline.scene.follow.live = True
        follow, tools = window.tools.follow, window.tools
        said = set()
        for scale, width, height in FRAMES:
            window.resize(width, height)
            window.view_settings.set_scale(scale)
            await until(lambda: tools._fitted == tools._shown(), "the tools")
            for behind in (0.4, 12.3, 83.0):
                tools._show_behind(behind)
                words = follow._words()
                assert follow.width_for(words) <= follow.width(), words
                assert words in ("", "Follow") or words.endswith(" behind")
                assert follow.toolTip().endswith(" behind (F)")
                said.add(words)
            QApplication.processEvents()
            entries = [one for one in window.legend._entries.values() if one.isVisible()]
            cut = [(one.text(), one.width(), one.sizeHint().width()) for one in entries]
            assert all(width >= wanted for _, width, wanted in cut), (scale, width, cut)
            assert all(one.accessibleName() in one.toolTip() for one in entries)
        assert "Follow, 400 ms behind" in said
        assert any(not words.startswith("Follow") for words in said), "it was narrow somewhere"

    drive(scene)


@pytest.mark.long
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


@pytest.mark.long
def test_the_keyboard_stays_on_a_button_of_the_top_bar_whatever_it_has_room_for(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        top = application.window.top
        application.window.resize(1024, 640)
        await until(lambda: top._more.isVisible(), "a button for what has no room")
        top._more.setFocus()
        top.refresh()
        assert top._more.hasFocus()
        application.window.resize(1920, 1080)
        await until(lambda: top._ghosts["theme"].isVisible(), "room for all")
        top._ghosts["theme"].setFocus()
        application.window.resize(1024, 640)
        await until(lambda: not top._ghosts["theme"].isVisible(), "less room")
        assert top._more.hasFocus(), "what had the keyboard is behind it now"

    drive(scene)
