"""The composition root of the window: Qt, theme, catalogue, control and main window on one asyncio loop, Qt's own."""

import asyncio
import os
import signal
import sys
from pathlib import Path

# pyqtgraph looks for a binding when it is imported; with more than one installed it must not choose another.
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import qasync
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from explorer import __version__
from explorer.catalog import Catalog
from explorer.desktop.asked_files import FileAskedApplication
from explorer.desktop.bridge import Bridge
from explorer.desktop.control import Control
from explorer.desktop.garbage import GarbageCollector
from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme
from explorer.desktop.window import MainWindow
from explorer.option_error import OptionError
from explorer.paths import resources, user_data
from explorer.recording.retention import limit, trim
from explorer.session.run_file import cores
from explorer.store import budget


class Application:
    """Everything a window needs, made once and passed down."""

    def __init__(self, state_folder: Path | None, theme: str | None = None, memory_gib: float | None = None) -> None:
        """`memory_gib` for the spans of a run; None: as much as was chosen last, or by default."""
        existing = QApplication.instance()
        self.qt = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
        self.qt.setApplicationName("Concurrency Explorer")
        self.qt.setApplicationVersion(__version__)
        self.qt.setDesktopFileName(os.environ.get("FLATPAK_ID", "concurrency-explorer"))
        self.qt.setQuitOnLastWindowClosed(False)
        self.state = WindowState(state_folder)
        if state_folder is not None:
            # Where Qt's own dialogs keep the folders that they were in last: with all else that is kept.
            QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(state_folder))
        self.theme = Theme(resources(), theme or self.state.theme)
        self.theme.prepare(self.qt)
        self._garbage = GarbageCollector(self.qt)
        self.bridge = Bridge(cores())
        self.control = Control(Catalog(), self.bridge, budget.memory_of(memory_gib or self.state.memory_gib))
        self.window = MainWindow(self.theme, self.control, self.state)
        self.theme.complete(self.qt)

    async def close(self) -> None:
        """End the run and close the window; nothing is left running."""
        self.window.presenter.close()
        self.window.hide()
        await self.window.audience.close()
        await self.window.predicting.close()
        await self.control.close()
        await self.window.note_tools.keeping.settled()
        await self.window.files.settled()
        self.window.close_for_good()
        self.window.deleteLater()
        self.bridge.deleteLater()
        self._garbage.close()


def main(file: Path | None, memory_gib: float | None = None) -> int:
    """Open the window, with `file` in it if there is one; returns the exit status. `memory_gib` as for `Application`.

    Raises `OptionError` where there is no display.
    """
    _check_display()
    qt = FileAskedApplication(sys.argv[:1])
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qt)) as runner:
        return runner.run(_life(file, memory_gib))


async def _life(file: Path | None, memory_gib: float | None) -> int:
    application = Application(user_data(), memory_gib=memory_gib)
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()
    window = application.window
    window.closing.connect(closed.set)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(closed.set))
    window.show()
    file = _listen(application.qt, window) or file
    if file is not None:
        window.open(file)
    else:
        window.home.show()
    # The window is on the screen before anything is spawned: that costs a core for most of a second.
    QTimer.singleShot(0, lambda: _stand_by(application))
    await closed.wait()
    await application.close()
    return 0


def _listen(qt: QApplication, window: MainWindow) -> Path | None:
    """Open what the system asks for from now on; what it has asked for by now."""
    if not isinstance(qt, FileAskedApplication):
        return None

    def open_it() -> None:
        path = qt.take()
        if path is not None:
            window.open(path)

    qt.asked.connect(open_it)
    return qt.take()


def _stand_by(application: Application) -> None:
    control = application.control
    trim(limit_bytes=limit())
    application.window.kept.refresh(started=True)
    if control.state in ("empty", "viewing"):
        control.prepare()
    application.window.predicting.start()


def _check_display() -> None:
    """One sentence instead of Qt's abort when there is no screen."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise OptionError(
            "There is no display. Start this from a desktop session, use `concurrency-explorer run` without a window, "
            "or `concurrency-explorer screenshot` for a picture."
        )
