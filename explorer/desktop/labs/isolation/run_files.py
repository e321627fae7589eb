"""Writing what is on the Run tab: the schedule as TOML, the run as a pytest file."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.desktop.file_names import file_stem, module_stem
from explorer.desktop.labs.isolation.runner import Runner
from explorer.option_error import OptionError


class RunFiles(QObject):
    """`said(title, sentence)` follows what was written, or why it was not."""

    said = Signal(str, str)

    def __init__(self, runner: Runner, parent: QWidget) -> None:
        super().__init__(parent)
        self._runner, self._widget = runner, parent

    def save(self) -> None:
        """Ask where, and write the schedule as TOML."""
        name = file_stem(self._runner.schedule.title, datetime.now())
        self._ask("Save the schedule", f"{name}.toml", "Schedules (*.toml)", self.write_toml)

    def export(self) -> None:
        """Ask where, and write the run as a test."""
        name = module_stem(self._runner.schedule.title, datetime.now())
        self._ask("Export as a test", f"{name}.py", "Tests (*.py)", self.write_test)

    def write_toml(self, path: Path) -> None:
        """Write the schedule as it is now."""
        self._write(path, lambda: self._runner.session.parts.toml(self._runner.schedule))

    def write_test(self, path: Path) -> None:
        """Write the run as a pytest file."""
        runner = self._runner
        trace, session = runner.trace, runner.session
        if trace is not None and trace.over:
            self._write(path, lambda: session.parts.test(runner.served, session.target, runner.level, trace))

    def _write(self, path: Path, text: Callable[[], str]) -> None:
        try:
            path.write_text(text(), encoding="utf-8")
        except OSError as error:
            self.said.emit("It was not written", f"{path} cannot be written: {error.strerror or error}.")
        except OptionError as error:
            self.said.emit("It was not written", str(error))
        else:
            self.said.emit("Written", f"{path} is written.")

    def _ask(self, title: str, name: str, kinds: str, write: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self._widget.window(), title, name, kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda path: write(Path(path)))
        dialog.open()
        dialog.finished.connect(dialog.deleteLater)
