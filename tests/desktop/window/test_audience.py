"""Audience mode through the window: asked first, opened, a run with a phone, closed with the window."""

import asyncio
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from explorer.desktop.app import Application
from explorer.desktop.audience import entry as entry_module
from explorer.desktop.audience.confirm import ConfirmDialog
from explorer.lessons.audience.addresses import NONE, Address
from explorer.scenario import parse
from tests.desktop.window.conftest import Drive, until
from tests.integration.lessons.phone import Phone

HERE = Address("127.0.0.1", "lo")


def words(dialog: QWidget) -> str:
    labels = dialog.findChildren(QWidget)
    return " ".join(text for label in labels if (text := getattr(label, "text", lambda: "")()))


async def asked(application: Application) -> ConfirmDialog:
    application.window.actions_.trigger("audience")
    dialog = application.window.audience.dialog
    assert dialog is not None
    await until(dialog.isVisible, "the question")
    dialog.activateWindow()
    await until(lambda: QApplication.focusWidget() is dialog.not_now, "the keyboard on Not now")
    return dialog


def test_nothing_opens_without_a_yes(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_module, "addresses", lambda: [Address("192.168.1.20", "wlan0"), HERE])

    async def scene(application: Application) -> None:
        audience = application.window.audience.audience
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Space):
            dialog = await asked(application)
            said = words(dialog)
            for part in ("http://192.168.1.20:8412", "Wi-Fi (wlan0)", "not encrypted"):
                assert part in said
            QTest.keyClick(dialog.not_now, key)
            await until(partial(_gone, dialog), "the end of the question")
            for _ in range(3):  # whatever a yes had begun would have set its supervisor up by now
                await asyncio.sleep(0)
            assert audience.opened is None
            assert audience._supervisor is None

    drive(scene)


def test_without_a_network_a_sentence_says_what_to_do(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_module, "addresses", list)

    async def scene(application: Application) -> None:
        dialog = await asked(application)
        assert NONE in words(dialog)
        assert not dialog.open_.isVisible()
        dialog.reject()

    drive(scene)


def test_a_phone_in_a_run_of_the_window(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_module, "addresses", lambda: [HERE])

    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        audience = window.audience.audience
        dialog = await asked(application)
        dialog.open_.click()
        await until(lambda: audience.opened is not None and window.audience.shown is not None, "the room to be open")
        assert audience.opened is not None
        shown = window.audience.shown
        assert shown is not None
        assert window.status.room.isVisible(), "whoever looks at the window sees that the room is open"
        phone = Phone(audience.opened.url)
        try:
            await asyncio.to_thread(phone.enter)
            shown.question.entry.setText("When is it back?")
            shown.ask.click()
            assert "two to 4 answers" in shown.says.text()
            shown.choices.entry.setText("now; later")
            shown.ask.click()
            await until(lambda: phone.room.get("ballot"), "the question")
            assert await asyncio.to_thread(phone.post, "vote", answer=1) == 204
            await until(lambda: audience.votes.counts == (0, 1), "the vote")
            quick = {"workload": {"id": "sleep", "seconds": 0.1}, "load": {"users": 1}}
            control.choose(parse(control.catalog, quick))
            control.run()
            await until(lambda: phone.room["title"] == "GET /job", "the run")
            assert not phone.room["ballot"]["open"], "the run has started"
            assert await asyncio.to_thread(phone.post, "send") == 204
            await until(lambda: phone.me["state"] == "back" and phone.me["parts"], "the answer")
            await until(lambda: any(row.title == "Phone 1" for row in window.timeline.scene.rows), "its line")
            await until(lambda: phone.room["figures"].get("rate"), "the figures")
            control.stop()
            await until(lambda: control.state == "stopped", "the end of the run")
            await until(lambda: not phone.room["title"], "that nothing runs")
            shown.close_.click()
            await until(lambda: audience.opened is None and phone.dismissed, "good-bye")
        finally:
            await asyncio.to_thread(phone.close)

    drive(scene)


def test_closing_the_window_lets_nobody_in_any_more(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        assert await application.window.audience.open(HERE, 0)
        application.window.audience.show_window()

    drive(scene)  # what is left running fails the test


def _gone(dialog: QWidget) -> bool:
    try:
        return not dialog.isVisible()
    except RuntimeError:  # deleted with its closing
        return True
