"""Replay in the window, by its keys: it has frames of its own where nothing runs."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.desktop.app import Application
from explorer.desktop.timeline.replay.player import Player
from tests.desktop.window.conftest import Drive, until
from tests.desktop.window.test_notes import archive, opened


def moment_of(player: Player) -> int:
    assert player.clock is not None
    return player.clock.moment


def test_a_recording_is_replayed_by_keys(drive: Drive, tmp_path: Path) -> None:
    path = archive(tmp_path)

    async def scene(application: Application) -> None:
        window, player = application.window, application.window.timeline.replay
        timer = application.bridge._timer
        await opened(application, path)
        assert not timer.isActive()
        QTest.keyClick(window, Qt.Key.Key_R)
        assert player.playing
        began = moment_of(player)
        await until(lambda: moment_of(player) > began, "it to move")
        QTest.keyClick(window, Qt.Key.Key_P)
        assert not player.playing
        assert not timer.isActive(), "a picture that stands still costs nothing"
        at = moment_of(player)
        QTest.keyClick(window, Qt.Key.Key_Period)
        after = moment_of(player)
        assert after > at
        QTest.keyClick(window, Qt.Key.Key_Comma)
        assert moment_of(player) < after
        speed = player.speed
        QTest.keyClick(window, Qt.Key.Key_Greater)
        assert player.speed > speed
        QTest.keyClick(window, Qt.Key.Key_Less)
        assert player.speed == speed
        QTest.keyClick(window, Qt.Key.Key_M)
        entry = window.note_tools.hands.editor.entry
        QTest.keyClicks(entry, "here, r p m")
        QTest.keyClick(entry, Qt.Key.Key_Return)
        [note] = application.control.notes.shown
        assert (note.time, note.text) == (moment_of(player), "here, r p m")
        charts = [tile.chart for tile in window.metrics._tiles]
        assert {chart._now for chart in charts} == {moment_of(player) / 1e9}, "the line is in the charts too"
        assert all(chart.x_of(moment_of(player) / 1e9) is not None for chart in charts)
        QTest.keyClick(window, Qt.Key.Key_F)
        assert not player.active
        assert not timer.isActive()
        assert {chart._now for chart in charts} == {None}

    drive(scene)


def test_the_tools_are_all_back_after_a_replay(drive: Drive, tmp_path: Path) -> None:
    path = archive(tmp_path)

    async def scene(application: Application) -> None:
        window = application.window
        await opened(application, path)
        tools, player = window.tools, window.timeline.replay
        await until(lambda: tools._fitted == tools._shown(), "the tools")
        before = tools._shown()
        assert player.begin()
        await until(lambda: tools._fitted == tools._shown() != before, "the transport")
        player.leave()
        await until(lambda: tools._fitted == tools._shown(), "the tools again")
        assert tools._shown() == before, "nothing stays left out"

    drive(scene)
