"""An app of the user's own through the window: found without being imported, asked for its routes, run, closed."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.desktop.app import Application
from explorer.desktop.open_app.dialog import OpenAppDialog
from explorer.desktop.open_app.routes import NOTHING, matches
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.details import DetailsWindow
from explorer.desktop.widgets.entry import Entry
from explorer.desktop.widgets.heading import NumberedHeading
from explorer.desktop.widgets.label import Label
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


def heads(dialog: OpenAppDialog) -> list[str]:
    """What stands above the routes."""
    labels = [label for label in dialog.routes.findChildren(Label) if label.isVisible()]
    return [label.text() for label in labels if label.text() in (NOTHING, "Weight")]


def press(place: object, text: str) -> None:
    """Click a button by its words."""
    buttons = [button for button in place.findChildren(Button) if text in (button.text(), button.accessibleName())]  # type: ignore[attr-defined]
    QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)


def test_an_app_is_found_asked_and_run(drive: Drive, folder: Path) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        dialog = dialog_of(application)
        assert heads(dialog) == [NOTHING]
        dialog.take_place(folder)
        assert (dialog.target.text, dialog.folder.text) == ("shop:app", str(folder))
        assert not (folder / "imported").exists()
        press(dialog, "Find its routes")
        await until(lambda: not control.routes.asking, "the routes")
        assert heads(dialog) == ["Weight"]
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
        await until(lambda: control.state in ("empty", "stopped"), "the end")
        control.change("load", "users", 3)
        assert window.messages.sentences
        press(window.setup, "Close app")
        assert not window.messages.sentences

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
        assert not control.routes.asking
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


def type_into(field: object, text: str, key: Qt.Key) -> None:
    """Replace what stands in a field, then press a key there."""
    [entry] = field.findChildren(Entry)  # type: ignore[attr-defined]
    entry.setFocus(Qt.FocusReason.OtherFocusReason)
    entry.selectAll()
    QTest.keyClicks(entry, text)
    QTest.keyClick(entry, key)


def shown(dialog: OpenAppDialog) -> list[tuple[str, bool]]:
    """The paths in the list, and which are on."""
    return [(row.path, row.on) for row in dialog.routes._rows]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_a_folder_that_is_typed_is_searched_as_one_that_is_chosen(drive: Drive, folder: Path, key: Qt.Key) -> None:
    async def scene(application: Application) -> None:
        dialog = dialog_of(application)
        dialog.activateWindow()
        await until(dialog.isActiveWindow, "the dialog to be active")
        type_into(dialog.folder, str(folder / "none"), key)
        assert dialog._says.text() == f"There is no folder {folder / 'none'}; correct it, or choose one."
        type_into(dialog.folder, f"{folder}/", key)
        assert (dialog.target.text, dialog.folder.text) == ("shop:app", str(folder))
        assert dialog._says.text() == ""
        type_into(dialog.target, "shop:other", key)
        dialog.folder.setFocus(Qt.FocusReason.OtherFocusReason)
        QTest.keyClick(dialog, key)
        assert dialog.target.text == "shop:other"  # the folder is the same
        (folder / "empty").mkdir()
        dialog.take_place(folder)
        type_into(dialog.folder, str(folder / "empty"), key)
        assert dialog.target.text == ""
        assert dialog._says.text().startswith("No file here makes a FastAPI app")
        dialog.close()

    drive(scene)


@pytest.mark.long
def test_another_app_has_none_of_the_routes_of_the_former(drive: Drive, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "second"
    other.mkdir()
    (other / "bank.py").write_text(APP.replace("/items", "/accounts"), encoding="utf-8")

    async def scene(application: Application) -> None:
        control = application.control
        asked: list[dict[str, Any]] = [{"path": "/items/7?detail=1", "weight": 3.0}, {"path": "/hidden"}]
        control.open_app({"target": "shop:app", "folder": str(folder)}, asked, "")
        dialog = dialog_of(application)
        assert shown(dialog) == [("/items/7?detail=1", True), ("/hidden", True)]
        press(dialog, "Find its routes")
        await until(lambda: not control.routes.asking, "the routes")
        assert shown(dialog) == [("/items/7?detail=1", True), ("/items", False), ("/hidden", False)]
        assert dialog.routes.asked[0]["weight"] == 3.0
        press(dialog, "Another path")
        press(dialog, "Find its routes")
        dialog.take_place(other)
        assert not control.routes.asking
        assert shown(dialog) == [("/", True)]
        press(dialog, "Find its routes")
        await until(lambda: not control.routes.asking, "the routes of the other")
        assert shown(dialog) == [("/accounts/1", False), ("/accounts", False), ("/", True)]
        type_into(dialog.folder, str(folder), Qt.Key.Key_Return)
        assert shown(dialog) == [("/", True)]
        dialog.close()
        application.window.activateWindow()
        await until(application.window.isActiveWindow, "the window to be active")
        dialog = dialog_of(application)
        dialog.take_place(other)
        press(dialog, "Find its routes")
        await until(lambda: not control.routes.asking, "the routes of the other")
        assert shown(dialog) == [("/accounts/1", True), ("/accounts", False)]
        dialog.close()

    drive(scene)


def test_a_path_is_one_of_a_template() -> None:
    assert matches("/items/7?detail=1", "/items/{number}")
    assert not matches("/items/7/parts", "/items/{number}")
    assert matches("/files/a/b.txt", "/files/{name:path}")
    assert not matches("/itemsX7", "/items.7")


def test_the_steps_are_numbered_without_a_gap_and_the_empty_page_speaks_of_them(drive: Drive, folder: Path) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control

        def numbers() -> list[int]:
            headings = window.setup.findChildren(NumberedHeading)
            return sorted(heading.number for heading in headings if not heading.isHidden() and heading.isVisible())

        def says(words: str) -> bool:
            return any(words in label.text() for label in window._empty.findChildren(Label) if label.isVisible())

        assert numbers() == [1, 2, 3, 4]
        assert says("Answer the four questions")
        control.open_app({"target": "shop:app", "folder": str(folder)}, [], "")
        await until(lambda: numbers() == [1, 2, 3], "the steps")
        assert says("Your app is open.")
        assert not says("four questions")
        for key, panel in ((Qt.Key.Key_2, window.setup._app), (Qt.Key.Key_3, window.setup._load)):
            QTest.keyClick(window, key)
            focus = QApplication.focusWidget()
            assert focus is not None
            assert panel.isAncestorOf(focus)
        press(window.setup, "Close app")
        await until(lambda: numbers() == [1, 2, 3, 4], "the questions")
        assert says("Answer the four questions")

    drive(scene)
