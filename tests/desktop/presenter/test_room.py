"""The room in a lecture, with the real gateway on loopback: asked, let in, voting, on the wall, and gone with it."""

import asyncio
from collections.abc import Sequence

import pytest
from PySide6.QtCore import QRect, Qt

from explorer.desktop.app import Application
from explorer.desktop.audience import entry as entry_module
from explorer.desktop.audience.confirm import ConfirmDialog
from explorer.desktop.presenter import engine
from explorer.desktop.presenter.deck import Build
from explorer.desktop.presenter.lecture import Lecture
from explorer.desktop.presenter.room import ROOM
from explorer.desktop.presenter.slide_view import RoomSaid, Standing
from explorer.lessons.audience.addresses import Address
from explorer.lessons.lesson import Lesson
from tests.desktop.presenter.short import lesson
from tests.desktop.presenter.test_lecture import OTHER, SCREEN, measured, present, press
from tests.desktop.window.conftest import Drive, drive, until
from tests.integration.lessons.phone import Phone

__all__ = ["drive"]

HERE = Address("127.0.0.1", "lo")
TWO: Sequence[QRect] = (OTHER, SCREEN)


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> list[Lesson]:
    """One lesson, and nowhere to be reached but on loopback."""
    lessons = [lesson()]
    monkeypatch.setattr(engine, "readable", lambda library: list(lessons))
    monkeypatch.setattr(entry_module, "addresses", lambda: [HERE])
    return lessons


async def question(application: Application) -> ConfirmDialog:
    dialog = application.window.audience.dialog
    assert dialog is not None
    await until(dialog.isVisible, "the question")
    return dialog


async def on_the_slide(application: Application) -> Lecture:
    """The room is in, and its slide on the wall."""
    presenter = application.window.presenter
    await until(lambda: presenter.lecture is not None and presenter.lecture.cover == ROOM, "the slide of the room")
    assert presenter.lecture is not None
    return presenter.lecture


def test_with_two_screens_the_speaker_is_asked_and_the_slide_stays_on_the_wall(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        presenter, lecture, wall = present(application, TWO)
        audience = application.window.audience.audience
        before = wall.windowTitle()
        press(wall, Qt.Key.Key_Q)
        dialog = await question(application)
        assert dialog.parent() is presenter.speaker
        assert (lecture.cover, wall.windowTitle()) == ("", before)
        dialog.reject()
        assert (lecture.cover, presenter.wall, audience.opened) == ("", wall, None)
        press(wall, Qt.Key.Key_Q)
        (await question(application)).open_.click()
        await on_the_slide(application)
        assert presenter.wall is wall
        assert audience.opened is not None
        assert wall.windowTitle().startswith(f"Audience. {audience.opened.origin}, code ")
        wall.resize(1280, 720)
        assert wall.grab().toImage().pixelColor(70, 130).lightness() == 255, "the code's quiet zone"
        press(wall, Qt.Key.Key_Q)
        assert lecture.cover == ""
        press(wall, Qt.Key.Key_Q)
        assert lecture.cover == ROOM, "nobody is asked twice"
        presenter.leave()
        await until(lambda: audience.opened is None, "the end of the room with its lecture")

    drive(scene)


def test_with_one_screen_the_wall_is_left_for_the_question(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        presenter, lecture, wall = present(application)
        lecture.forward()
        await measured(lecture)
        press(wall, Qt.Key.Key_Q)
        dialog = await question(application)
        assert presenter.wall is None, "no wall under the question"
        assert application.window.isVisible()
        dialog.reject()
        assert presenter.wall is not None
        assert (lecture.cover, lecture.deck.place) == ("", ("short:1", 1))
        assert lecture.view().standing is Standing.DONE, "what was measured is still there"
        press(presenter.wall, Qt.Key.Key_Q)
        (await question(application)).open_.click()
        assert presenter.wall is None
        await on_the_slide(application)
        assert not application.window.isVisible()

    drive(scene)


def test_a_room_that_was_open_before_stays_open_after(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(application: Application) -> None:
        entry = application.window.audience
        assert await entry.open(HERE, 0)
        entry.show_window()
        presenter, lecture, wall = present(application)
        assert entry.shown is not None
        assert not entry.shown.isVisible(), "it would stand before the wall"
        press(wall, Qt.Key.Key_Q)
        assert lecture.cover == ROOM, "it need not be asked"
        closed: list[bool] = []
        monkeypatch.setattr(entry, "close_soon", lambda: closed.append(True))
        presenter.leave()
        assert not closed
        assert entry.audience.opened is not None
        assert entry.shown.isVisible()

    drive(scene)


def test_the_room_votes_until_the_run_and_its_requests_are_on_the_wall(
    drive: Drive, monkeypatch: pytest.MonkeyPatch, loopback: list[Lesson]
) -> None:
    async def scene(application: Application) -> None:
        presenter, lecture, wall = present(application, TWO)
        entry = application.window.audience
        audience, speaker = entry.audience, presenter.speaker
        assert speaker is not None
        assert speaker.votes is not None
        assert not speaker.votes.isVisible()
        press(wall, Qt.Key.Key_Q)
        (await question(application)).open_.click()
        await on_the_slide(application)
        assert audience.opened is not None
        phone = Phone(audience.opened.url)
        try:
            await asyncio.to_thread(phone.enter)
            # Before the question the button: something serves it, without a load of its own.
            await until(lambda: phone.room.get("title") == "GET /job", "what the button asks for")
            assert phone.room.get("ballot") is None
            assert await asyncio.to_thread(phone.post, "send") == 204
            await until(lambda: phone.me["state"] == "back" and phone.me["parts"], "the answer")
            assert lecture.view().standing is Standing.ASKED
            await until(lambda: speaker.phones.text() == "1 phone", "that one is here")
            press(wall, Qt.Key.Key_PageDown)
            assert (lecture.cover, lecture.deck.build) == ("", Build.ASK)
            await until(lambda: phone.room["ballot"], "the question")
            assert phone.room["ballot"]["text"] == "When is the last answer back?", "phones show no Markdown"
            assert speaker.votes.isVisible()
            assert lecture.view().room == RoomSaid(0, 1)
            assert await asyncio.to_thread(phone.post, "vote", answer=1) == 204
            await until(lambda: audience.votes.counts == (0, 1), "the vote")
            assert "1 of 1 phones have answered" in wall.windowTitle()
            assert "0.2 s" not in wall.windowTitle(), "what others said is not told before"
            press(wall, Qt.Key.Key_Q)
            assert phone.room["ballot"]["open"], "who comes later votes as well"
            await until(lambda: not lecture.runner.going, "nobody to be served")
            press(wall, Qt.Key.Key_Q, Qt.Key.Key_PageDown)
            await until(lambda: not phone.room["ballot"]["open"], "the end of the vote")
            await measured(lecture)
            press(wall, Qt.Key.Key_PageUp)
            assert lecture.deck.build is Build.ASK
            assert lecture.view().room == RoomSaid(1, 1, (("0.1 s", 0), ("0.2 s", 1)), 1)
            assert audience.locked, "what was measured is asked no more"
            assert audience.votes.counts == (0, 1)
            wall.grab()
        finally:
            await asyncio.to_thread(phone.close)

    drive(scene)


def test_a_phone_s_request_has_its_line_on_the_wall(drive: Drive, loopback: list[Lesson]) -> None:
    slow = dict(loopback[0].runs[0].scenario)
    slow["workload"] = {"id": "sleep", "seconds": 1.0}
    run = type(loopback[0].runs[0])("main", "Four tokens", "server", slow)
    from dataclasses import replace

    from explorer.lessons.lesson import Watch

    loopback[0] = replace(loopback[0], runs=(run, loopback[0].runs[1]), watch=Watch(("request",), 3.0))

    async def scene(application: Application) -> None:
        entry = application.window.audience
        assert await entry.open(HERE, 0)
        _, lecture, wall = present(application)
        assert entry.audience.opened is not None
        phone = Phone(entry.audience.opened.url)
        try:
            await asyncio.to_thread(phone.enter)
            press(wall, Qt.Key.Key_PageDown)
            await until(lambda: phone.room.get("title"), "the run")
            assert await asyncio.to_thread(phone.post, "send") == 204
            await measured(lecture)
            picture = lecture.view().picture
            assert picture.rows == 8, "the shape is that of the lesson's own requests"
            assert picture.phones is not None
            assert picture.phones.titles == ("1",)
            assert picture.phones.right.max() > 0
            wall.grab()
        finally:
            await asyncio.to_thread(phone.close)

    drive(scene)
