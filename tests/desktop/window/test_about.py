"""About: opened by its command, read by going through the list, copied as text."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from explorer.desktop.about.dialog import AboutDialog
from explorer.desktop.app import Application
from tests.desktop.window.conftest import Drive, until


def test_versions_and_licences_can_be_read_and_copied(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        window.actions_.trigger("about")
        about = window.findChild(AboutDialog)
        assert about is not None
        assert "MIT License" in about.text.toPlainText()
        QTest.keyClick(about.list, Qt.Key.Key_Down)
        row = about.list.current()
        assert row is not None
        assert row.key == "Python"
        assert about.licence.text() == "PSF-2.0"
        assert about.text.toPlainText()
        about.copy()
        assert "fastapi" in QGuiApplication.clipboard().text()
        assert QGuiApplication.clipboard().text() == about.versions
        QTest.keyClick(about, Qt.Key.Key_Escape)
        await until(lambda: not about.isVisible(), "its end")

    drive(scene)


def test_the_sheet_of_keys_leads_there(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        window.actions_.trigger("keys")
        window._keys.about.click()
        about = window.findChild(AboutDialog)
        assert about is not None
        about.close()

    drive(scene)
