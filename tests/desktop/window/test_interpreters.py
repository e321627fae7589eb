"""The Interpreter knob in the real window: what is offered, what is greyed and why, and how another one is chosen."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from explorer.desktop.app import Application
from explorer.desktop.panels.interpreter_knob import InterpreterKnob
from explorer.desktop.widgets.choice import COPIED, Choice
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.section import Section
from explorer.supervise.interpreters.candidates import MORE, Machine
from explorer.supervise.interpreters.find import Interpreters
from tests.desktop.window.conftest import Drive, until
from tests.unit.supervise.fake_python import fake_python

LACKS = ["fastapi", "uvicorn"]


class Bench:
    """The window, and a machine that has what `put` puts there."""

    def __init__(self, application: Application, folder: Path) -> None:
        self.control = application.control
        self.window = application.window
        self.folder = folder
        machine = Machine(folder / "home", {MORE: str(folder / "pythons")}, "linux", (), folder / "root")
        self.control.interpreters.finder = Interpreters(lambda: machine)
        found = self.window.findChild(InterpreterKnob)
        assert found is not None
        self.knob = found

    def put(self, name: str, version: str, **told: Any) -> str:
        """One more interpreter; its path."""
        return str(fake_python(self.folder / "pythons" / name / "bin" / "python", version, **told))

    async def open(self) -> None:
        """Unfold the section and open the list."""
        sections = self.window.setup.findChildren(Section)
        next(one for one in sections if "Python" in one.head.text()).set_open(True)
        self.knob.list.set_open(True)
        await until(lambda: not self.control.interpreters.looking, "all to have answered")

    def row(self, path: str) -> Choice:
        """The row of an interpreter."""
        return next(row for row in self.knob.list.rows() if row.item.id == path)

    def sentence(self) -> str:
        """The refusal below the knob."""
        labels = self.knob.findChildren(Label)
        return next((label.text() for label in labels if label.isVisible() and "package" in label.text()), "")


def test_those_that_can_serve_come_first_and_the_others_say_what_they_lack(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        bench = Bench(application, tmp_path)
        good, bare = bench.put("a", "3.12.4"), bench.put("b", "3.14.1", absent=LACKS)
        free = bench.put("c", "3.13.2", free=True, gil=True, by=["httptools"])
        await bench.open()

        assert [row.item.id for row in bench.knob.list.rows()] == ["", free, good, bare]
        assert bench.row(free).item.title == "Python 3.13.2 · free‑threaded"
        assert "httptools switches the GIL" in bench.row(free).item.sentence
        assert not bench.row(bare).item.available
        assert "lacks fastapi, uvicorn." in bench.row(bare).sentence()

        QTest.mouseClick(bench.row(bare), Qt.MouseButton.LeftButton)

        assert QGuiApplication.clipboard().text() == f"{bare} -m pip install fastapi uvicorn"
        assert bench.row(bare).sentence() == COPIED
        assert bench.control.scenario.server.interpreter == ""

        QTest.mouseClick(bench.row(good), Qt.MouseButton.LeftButton)

        assert bench.control.scenario.server.interpreter == good

    drive(scene)


def test_what_the_scenario_needs_decides_who_can_serve(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        bench = Bench(application, tmp_path)
        path = bench.put("a", "3.12.4", absent=["httptools"])
        await bench.open()
        assert "lacks httptools." in bench.row(path).sentence()

        bench.control.change("server", "http", "h11")

        assert bench.row(path).item.available

    drive(scene)


def test_a_dispatch_that_needs_a_newer_python_waits_for_one(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        bench = Bench(application, tmp_path)
        old, new = bench.put("a", "3.12.4"), bench.put("b", "3.14.1")
        await bench.open()

        def pool() -> Choice:
            rows = [row for each in application.window.setup.findChildren(Choice) for row in [each]]
            return next(row for row in rows if row.item.id == "interpreter_pool")

        assert "It needs Python 3.14 or newer" in pool().item.reason

        bench.control.change("server", "interpreter", old)
        assert "this is 3.12" in pool().item.reason
        bench.control.change("server", "interpreter", new)
        assert pool().item.available

        bench.control.change("dispatch", "id", "interpreter_pool")
        assert bench.row(new).item.available
        assert "Interpreter pool needs 3.14 or newer." in bench.row(old).sentence()

    drive(scene)


@pytest.mark.parametrize("text", ["3.17", "path"])
def test_another_one_is_typed(drive: Drive, tmp_path: Path, text: str) -> None:
    async def scene(application: Application) -> None:
        bench = Bench(application, tmp_path)
        bench.put("a", "3.17.4")
        other = str(fake_python(tmp_path / "elsewhere" / "bin" / "mine", "3.17.9"))
        await bench.open()
        wanted = other if text == "path" else text
        field = next(one for one in bench.knob.findChildren(QLineEdit) if one.accessibleName() == "Path or version")

        field.setFocus()
        QTest.keyClicks(field, wanted)
        QTest.keyClick(field, Qt.Key.Key_Return)

        assert bench.control.scenario.server.interpreter == wanted
        title = "Python 3.17.9" if text == "path" else "Python 3.17.4"
        await until(lambda: bench.row(wanted).item.title == title, "the title of what was typed")

    drive(scene)


def test_a_start_that_is_refused_says_why_below_the_knob(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        bench = Bench(application, tmp_path)
        bare = bench.put("b", "3.14.1", absent=LACKS)
        bench.control.change("server", "interpreter", bare)

        bench.control.run()

        await until(bench.sentence, "a sentence")
        assert bench.sentence() == (
            f"The packages fastapi, uvicorn are missing; install with: {bare} -m pip install fastapi uvicorn"
        )

    drive(scene)


def test_closing_the_window_ends_those_that_are_asked(drive: Drive, tmp_path: Path) -> None:
    flag = tmp_path / "started"

    async def scene(application: Application) -> None:
        bench = Bench(application, tmp_path)
        bench.put("slow", "3.12.4", before=f"touch {flag}; sleep 1000 & sleep 1000")
        bench.knob.list.set_open(True)
        await until(flag.exists, "the question")

    drive(scene)  # the leak checks see what is left
