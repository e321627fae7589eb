"""Ctrl+Q ends the program from wherever one is, as closing the window does, and nothing is left running."""

import asyncio
from collections.abc import Callable

import psutil
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from explorer.desktop.app import Application
from tests.desktop.window.conftest import Drive, until

CTRL = Qt.KeyboardModifier.ControlModifier


def asked(application: Application) -> list[bool]:
    """Grows with each time that the window asks to be closed."""
    found: list[bool] = []
    application.window.closing.connect(lambda: found.append(True))
    return found


def test_it_quits_from_everywhere(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, found = application.window, asked(application)
        window.setup.setFocus()
        places: list[Callable[[], object]] = [
            lambda: None,
            window.home.show,
            lambda: window.labs.toggle("lab_locks"),
            window.compare.toggle,
        ]
        for number, go in enumerate(places, 1):
            go()
            QTest.keyClick(window, Qt.Key.Key_Q, CTRL)
            assert len(found) == number
        window.compare.toggle()
        window.actions_.trigger("keys")
        sheet: QWidget = window._keys
        await until(sheet.isActiveWindow, "the sheet of keys")
        QTest.keyClick(sheet, Qt.Key.Key_Q, CTRL)
        assert len(found) == len(places) + 1
        assert window.isVisible()  # until what runs has ended, which is not the window's to do

    drive(scene)


def test_it_is_the_systems_own_key_and_listed(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, found = application.window, asked(application)
        keys = window.actions_.action("quit").shortcuts()
        assert keys
        assert set(QKeySequence.keyBindings(QKeySequence.StandardKey.Quit)) <= set(keys)
        [offer] = [one for one in window.offers.all("quit") if one.title == "Quit"]
        assert offer.keys == "Ctrl+Q"
        offer.act()
        assert found == [True]
        places: list[Callable[[], object]] = [lambda: None, window.home.show, window.compare.toggle]
        for go in places:
            window.labs.leave()
            go()
            window.actions_.trigger("keys")
            assert any(line.split() == ["Ctrl+Q", "Quit"] for line in window._keys.text.splitlines())
            window._keys.hide()

    drive(scene)


def test_a_run_ends_with_it(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        closed = asyncio.Event()
        before = set(psutil.Process().children(recursive=True))  # multiprocessing's own, say
        window.closing.connect(closed.set)
        control.run()
        await until(lambda: control.state == "running" and control.store.count > 20, "a run")
        children = set(psutil.Process().children(recursive=True)) - before
        assert children
        QTest.keyClick(window, Qt.Key.Key_Q, CTRL)
        assert closed.is_set()
        await application.close()
        assert not window.isVisible()
        gone, alive = psutil.wait_procs(children, timeout=30)
        assert not alive
        assert len(gone) == len(children)

    drive(scene)
