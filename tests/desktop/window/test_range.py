"""A range in the real window: its page opens the inspector, the minimap knows it, keys work from anywhere."""

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.desktop.app import Application
from explorer.desktop.timeline.range.time_range import TimeRange
from tests.desktop.timeline.sample import BEGIN, SECOND, sample_store
from tests.desktop.window.conftest import Drive, until


def test_a_range_is_told_and_keys_work_from_anywhere(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.store = sample_store(5.0)
        control.run_began.emit()
        window._places.setCurrentWidget(window._lanes)
        window._body.show_lanes(True)
        await asyncio.sleep(0)
        window._frame()
        assert window.minimap.isVisible()
        assert window.minimap.height() < 30
        assert window.minimap.run is not None
        assert window.minimap.run.spans
        if window._body.is_shown("inspector"):
            window._body.toggle("inspector")
        window.timeline.range.choose(TimeRange(BEGIN + SECOND, BEGIN + 2 * SECOND))
        await until(window.range_page.isVisible, "the page")
        await until(lambda: window.range_page.found is not None, "its figures")
        assert window.range_page.found is not None
        assert window.range_page.found.spans
        await until(lambda: window.inspector.height() > 150, "room for the figures")
        assert window.timeline.replay.begin()
        clock = window.timeline.replay.clock
        assert clock is not None
        assert (clock.begin, clock.end) == (BEGIN + SECOND, BEGIN + 2 * SECOND)
        window.timeline.replay.leave()
        window.find_bar.finder.find("sock.recv")
        await until(lambda: len(window.minimap.hits), "the hits of a search on the minimap")
        window.timeline.range.clear()
        await until(lambda: window.inspector.height() < 150, "the inspector to be low again")
        window.timeline.set_following(False)
        length = window.timeline.length_ns
        window.setFocus(Qt.FocusReason.OtherFocusReason)
        QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
        assert window.timeline.length_ns > 2 * length
        QTest.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        await until(lambda: window.timeline.length_ns == length, "the view before")
        window.resize(1040, 720)
        await until(lambda: not window.minimap.isVisible(), "a narrow window without a minimap")
        window.resize(1600, 900)
        await until(lambda: window.minimap.height() > 40, "the minimap of a wide window")

    drive(scene)
