"""An app of the user's own through the window: found without being imported, asked for its routes, run, closed."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.desktop.app import Application
from explorer.desktop.open_app.dialog import OpenAppDialog
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.details import DetailsWindow
from tests.desktop.window.conftest import Drive, until

APP = """from fastapi import Depends, FastAPI

with open("imported", "a") as file:
    file.write("once")
app = FastAPI()


async def session():
    yield 1


@app.get("/items/{number}")
async def item(number: int, one: int = Depends(session)):
    return number


@app.post("/items")
async def add(item: dict):
    return item
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an app in it, which leaves a trace when it is imported."""
    (tmp_path / "shop.py").write_text(APP, encoding="utf-8")
    return tmp_path


def dialog_of(application: Application) -> OpenAppDialog:
    """The dialog, opened as a user opens it."""
    QTest.keyClick(
        application.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    dialogs = [child for child in application.window.children() if isinstance(child, OpenAppDialog)]
    return next(dialog for dialog in dialogs if dialog.isVisible())


def press(place: object, text: str) -> None:
    """Click a button by its words."""
    buttons = [button for button in place.findChildren(Button) if text in (button.text(), button.accessibleName())]  # type: ignore[attr-defined]
    QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)


def test_an_app_is_found_asked_and_run(drive: Drive, folder: Path) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        dialog = dialog_of(application)
        dialog.take_place(folder)
        assert (dialog.target.text, dialog.folder.text) == ("shop:app", str(folder))
        assert not (folder / "imported").exists()
        press(dialog, "Find its routes")
        await until(lambda: not control.asks_routes, "the routes")
        assert (folder / "imported").read_text() == "once"
        assert [(one["method"], one["path"]) for one in dialog.routes.asked] == [("GET", "/items/1")]
        press(dialog, "Run")
        await until(lambda: control.state == "running" and control.store.count > 200, "a run")
        assert control.scenario.app.target == "shop:app"
        names = {control.store.name(number) for number in range(1, 200)}
        assert {"GET /items/{number}", "dependency session", "endpoint item", "serializing the answer"} <= names
        assert application.window.top._name.text() == "Event loop, shop:app"
        press(application.window.setup, "Close app")
        await until(lambda: not control.scenario.own, "the workload")
        control.stop()
        await until(lambda: control.state == "stopped", "the end")

    drive(scene)


def test_what_is_wrong_is_said_in_the_dialog_with_its_traceback(drive: Drive, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP + "raise RuntimeError('not today')\n", encoding="utf-8")

    async def scene(application: Application) -> None:
        dialog = dialog_of(application)
        dialog.take_place(tmp_path)
        press(dialog, "Find its routes")
        await until(lambda: dialog._traceback.isVisible(), "the sentence")
        assert dialog._says.text() == "Your app cannot be imported: RuntimeError: not today (shop.py, line 20)."
        press(dialog, "Traceback")
        details = next(child for child in dialog.children() if isinstance(child, DetailsWindow))
        assert "RuntimeError: not today" in details.text.toPlainText()
        details.close()
        dialog.close()

    drive(scene)


def test_a_start_that_fails_has_its_traceback_behind_a_button(drive: Drive, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP + "raise RuntimeError('not today')\n", encoding="utf-8")

    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.open_app({"target": "shop:app", "folder": str(tmp_path)}, [], "")
        control.run()
        await until(lambda: window.messages.sentences, "the message")
        assert window.messages.sentences[0].startswith("Your app cannot be imported: RuntimeError: not today")
        press(window.messages, "Traceback")
        details = next(child for child in window.children() if isinstance(child, DetailsWindow))
        assert "not today" in details.text.toPlainText()
        details.close()

    drive(scene)


def test_an_endless_import_can_be_given_up(drive: Drive, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP + "while True:\n    pass\n", encoding="utf-8")

    async def scene(application: Application) -> None:
        control = application.control
        dialog = dialog_of(application)
        dialog.take_place(tmp_path)
        press(dialog, "Find its routes")
        await until((tmp_path / "imported").exists, "the import")
        press(dialog, "Give up")
        assert not control.asks_routes
        dialog.close()

    drive(scene)


def test_a_folder_without_an_app_is_said_to_have_none(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        dialog = dialog_of(application)
        dialog.take_place(tmp_path)
        assert dialog._says.text().startswith("No file here makes a FastAPI app")
        press(dialog, "Run")
        assert dialog.isVisible()
        assert dialog._says.text() == "Say which app is meant, as package.module:app."
        dialog.close()

    drive(scene)


def test_a_header_is_sent_to_the_route_that_it_was_given_for(drive: Drive, folder: Path) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        app = {"target": "shop:app", "folder": str(folder)}
        mine, theirs = {"Authorization": "mine"}, {"X-Key": "theirs"}
        routes = [{"path": path, "headers": headers} for path, headers in (("/a", mine), ("/b", theirs), ("/c", {}))]
        control.open_app(app, routes, "")
        dialog = dialog_of(application)
        assert not dialog.headers.isVisible()
        assert [one.get("headers", {}) for one in dialog.routes.asked] == [mine, theirs, {}]
        control.run = lambda: None  # type: ignore[method-assign]
        dialog.run()
        kept = {one.path: one.headers for one in control.scenario.routes}
        assert kept == {"/a": mine, "/b": theirs, "/c": {}}
        control.open_app(app, [{"path": path, "headers": mine} for path in ("/a", "/b")], "")
        dialog = dialog_of(application)
        assert dialog.headers.isVisible()
        assert dialog.headers.pairs == mine
        dialog.close()

    drive(scene)
