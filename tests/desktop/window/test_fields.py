"""Fields of the setup in the real window: what a click elsewhere, Enter and Esc do while the cursor is in one."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from explorer.desktop.app import Application
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.section import Section
from explorer.paths import resources
from tests.desktop.window.conftest import Drive, until


def field(application: Application, title: str) -> QLineEdit:
    """The visible field called `title`."""
    fields = application.window.setup.findChildren(QLineEdit)
    return next(one for one in fields if one.isVisible() and one.accessibleName().startswith(title))


def button(application: Application, name: str) -> Button:
    """The button of the top bar called `name`."""
    buttons = application.window.top.findChildren(Button)
    return next(one for one in buttons if one.accessibleName().startswith(name))


def click(widget: QWidget) -> None:
    """Press the left button in the middle of a widget as a hand does: whatever the window has there gets it."""
    window = widget.window()
    at = widget.mapTo(window, QPoint(widget.width() // 2, widget.height() // 2))
    hit = window.childAt(at)
    assert hit is not None
    QTest.mouseClick(hit, Qt.MouseButton.LeftButton, pos=hit.mapFrom(window, at))


def type_in(entry: QLineEdit, text: str) -> None:
    """Click into a field and write over what is there."""
    click(entry)
    entry.selectAll()
    QTest.keyClicks(entry, text)


def test_send_1_sends_while_the_cursor_is_in_a_field(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        users = field(application, "Users")
        type_in(users, "0")
        QTest.keyClick(users, Qt.Key.Key_Return)
        assert control.scenario.load.users == 0

        def answered() -> int:
            return len(control.statistics.dots(0)[0])

        for number in (1, 2):
            click(users)
            assert users.hasFocus()
            click(button(application, "Send 1"))
            await until(lambda number=number: answered() == number, f"answer {number}")  # type: ignore[misc]  # bound

    drive(scene)


def test_a_button_takes_what_was_typed_into_a_field(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        type_in(field(application, "Users"), "7")
        click(button(application, "Run"))
        assert application.control.scenario.load.users == 7
        await until(lambda: application.control.state == "running", "a run")

    drive(scene)


def test_the_title_says_what_was_chosen_once_it_is_no_longer_the_scenario_of_that_name(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.open(resources() / "scenarios" / "lost-updates.toml")
        assert window.top._name.text() == control.scenario.name != ""
        control.change("dispatch", "id", "thread_pool")
        control.change("workload", "id", "sleep")
        assert window.top._name.text() == "Event loop, thread pool, sleep"
        control.change("dispatch", "id", "coroutine")
        control.change("workload", "id", "websocket")
        assert window.top._name.text() == "Event loop, coroutine, WebSocket"

    drive(scene)


def test_the_size_of_messages_is_asked_only_where_there_are_messages(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.resize(1600, 900)
        [section] = [
            one for one in window.setup.findChildren(Section) if one.isAncestorOf(window.setup._load._more_form)
        ]
        section.set_open(True)

        def asked() -> bool:
            fields = window.setup.findChildren(QLineEdit)
            return any(one.isVisible() and one.accessibleName().startswith("Message size") for one in fields)

        assert field(application, "Time-out").isVisible()
        assert not asked()
        control.change("dispatch", "id", "coroutine")
        control.change("workload", "id", "websocket")
        assert asked()
        control.change("workload", "id", "sleep")
        assert not asked()

    drive(scene)


def test_what_says_where_hosts_are_is_asked_only_of_a_load_from_hosts(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control, setup = application.control, application.window.setup
        for section in setup.findChildren(Section):
            section.set_open(True)

        def asked() -> list[str]:
            names = (one.accessibleName() for one in setup.findChildren(QLineEdit) if one.isVisible())
            return [name for name in names if name.startswith(("Scheduler", "TLS"))]

        assert asked() == []
        control.change("load", "where", "cluster")
        await until(lambda: len(asked()) == 4, "the fields of a cluster")
        control.change("load", "where", "here")
        await until(lambda: asked() == [], "their end")

    drive(scene)
