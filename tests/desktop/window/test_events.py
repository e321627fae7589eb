"""The list of events in the window: found by its button and its key, fed by a real run, in the inspector's place."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.desktop.app import Application
from explorer.desktop.timeline.legend import HINT, MARKS, Legend
from explorer.records.event_kinds import EventKind
from explorer.records.states import Kind, State
from tests.desktop.window.conftest import Drive, until


def test_a_real_run_fills_the_list_and_a_row_leads_to_its_span(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        panel = window.events
        control.run()
        await until(window.timeline.isVisible, "the lanes")
        assert not panel.isVisible(), "a compact window keeps its height for the lanes"
        QTest.keyClick(window, Qt.Key.Key_E)
        await until(panel.isVisible, "the list")
        assert not window.inspector.isVisible(), "it takes the inspector's place"
        needed = {EventKind.HTTP, EventKind.TIMER, EventKind.THREAD}
        await until(lambda: all(panel.chips.chip(kind).isVisible() for kind in needed), "the kinds of a thread pool")
        panel.chips.chip(EventKind.THREAD).click()
        await until(lambda: len(panel.table.rows), "hand-overs")
        panel.table.asked.emit(panel.table.rows[0])
        span = window.timeline.scene.selection.span
        assert span is not None
        assert span.kind == Kind.HANDOVER
        assert not window.timeline.following
        assert panel.isVisible(), "going through the list keeps it"
        window.timeline.select(None)
        window.timeline.select(span)
        assert window.inspector.isVisible(), "a bar that is chosen in the lanes is inspected"
        assert not panel.isVisible()

    drive(scene)


@pytest.mark.long
def test_with_another_server_all_kinds_are_listed_again(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        panel = window.events
        control.run()
        await until(window.timeline.isVisible, "the lanes")
        QTest.keyClick(window, Qt.Key.Key_E)
        await until(lambda: panel.chips.chip(EventKind.THREAD).isVisible(), "hand-overs of a thread pool")
        panel.chips.chip(EventKind.THREAD).click()
        assert panel.chips.kinds == {EventKind.THREAD}
        control.change("dispatch", "id", "coroutine")
        await until(lambda: not panel.chips.kinds, "the kinds of another server")

    drive(scene)


def test_a_wide_window_shows_both_and_the_button_and_the_key_agree(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.resize(1600, 900)
        control.run()
        await until(window.timeline.isVisible, "the lanes")
        assert window.events.isVisible()
        assert window.inspector.isVisible()
        button = window.events_button
        assert button.isChecked()
        button.click()
        assert not window.events.isVisible()
        QTest.keyClick(window, Qt.Key.Key_E)
        assert window.events.isVisible()
        assert button.isChecked()
        QTest.keyClick(window, Qt.Key.Key_I)
        assert not window.inspector.isVisible()
        assert window.events.isVisible()
        window.events.table.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(window.events.table, Qt.Key.Key_E)
        assert not window.events.isVisible(), "letters are the window's, also from within the list"

    drive(scene)


def test_in_a_compact_window_the_inspector_comes_back_by_its_key(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.run()
        await until(window.timeline.isVisible, "the lanes")
        QTest.keyClick(window, Qt.Key.Key_E)
        QTest.keyClick(window, Qt.Key.Key_I)
        assert window.inspector.isVisible()
        assert not window.events.isVisible()
        assert window.timeline.height() >= 200

    drive(scene)


@pytest.mark.long
def test_the_lanes_say_who_served_them(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.change("model", "id", "prefork")
        control.change("model", "workers", 3)
        control.run()
        await until(window.timeline.isVisible, "the lanes")
        assert window.served_by.isVisible()
        assert window.served_by.words() == "Prefork, 3 workers"
        assert window.served_by.accessibleName() == "Served by: Prefork, 3 workers"
        control.stop()
        await until(lambda: control.state == "stopped", "its end")
        control.change("model", "id", "event_loop")
        assert window.served_by.words() == "Prefork, 3 workers", "that is the run on the screen"
        control.run()
        await until(lambda: control.state == "running", "another run")
        assert window.served_by.words() == "Event loop"

    drive(scene)


@pytest.mark.long
def test_the_ground_of_the_list_follows_the_theme(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, theme = application.window, application.theme
        window.resize(1600, 900)
        application.control.run()
        await until(window.timeline.isVisible, "the lanes")
        await until(lambda: len(window.events.table.rows), "events")
        for _ in range(2):
            window.actions_.trigger("theme")
            viewport = window.events.table.viewport()
            # Not by processEvents: a step of another task that ran within this one would be lost, and its task with it.
            await asyncio.sleep(0)
            image = viewport.grab().toImage()
            inks = {image.pixelColor(2, y).name() for y in range(viewport.height())}
            assert theme.color("panel").name() in inks, theme.name
            assert len(inks) == 1, "nothing of the other theme is left"

    drive(scene)


def test_the_marks_on_a_lane_are_explained(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        assert MARKS in window.events_button.toolTip()
        legend = Legend(application.theme, window.timeline)
        legend.show()
        some = {State.RUNNING, State.QUEUED, State.BLOCKED, State.IDLE}
        hints = set()
        for states in (some, some | {State.WAITING_GIL, State.AWAITING}, set(State)):
            legend.set_states(states)
            for width in range(900, 1960, 10):
                legend.resize(width, 36)
                await asyncio.sleep(0)
                assert legend.width() == width
                shown = legend._hint.shown_text() if legend._hint.isVisible() else ""
                hints.add(shown)
                boxes = [entry.geometry() for entry in legend._entries.values() if entry.isVisible()]
                assert all(box.right() <= width - 12 for box in boxes), "the states fit"
                assert not shown or legend._hint.geometry().left() > max(box.right() for box in boxes)
        assert hints == {f"{MARKS}  {HINT}", HINT, ""}
        legend.close()
        legend.deleteLater()

    drive(scene)
