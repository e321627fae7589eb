"""Opening and saving: the dialogs of recordings and scenarios, and how far a recording is saved.

The dialogs are neither modal nor the system's own loop: the run on this thread's asyncio loop goes on meanwhile.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.desktop.control import Control
from explorer.desktop.file_names import file_stem, stem_on_screen
from explorer.desktop.long_work import LongWork
from explorer.desktop.messages import Messages
from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme
from explorer.desktop.titles import title_of
from explorer.progress import Progress
from explorer.recording.sources import PATTERNS

SCENARIO_SUFFIX: Final = "scenario.toml"
"""By both parts the system's file manager knows a scenario and opens it here; any other .toml is taken as well."""
NOT_SAVED: Final = "The recording was not saved"


class FileCommands(QObject):
    """What Open, Save and Save scenario do. Signal `chosen(path)`: a file that is to be opened."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, control: Control, state: WindowState, messages: Messages, window: QWidget) -> None:
        super().__init__(window)
        self._control = control
        self._state = state
        self._messages = messages
        self._window = window
        self.work = LongWork(theme, messages, window)
        self.work.done.connect(lambda sentence: messages.inform("Saved", str(sentence)))
        self.work.failed.connect(lambda sentence: messages.warn(NOT_SAVED, sentence))
        self.work.cancelled.connect(lambda: messages.inform("Not saved", "You ended it; no file was left."))
        control.saving.connect(self._keep)

    def _keep(self, name: str, work: Callable[[Progress], str]) -> None:
        if self.work.busy:
            self._messages.inform("A recording is being saved", "Wait until it is written, or cancel it.")
        else:
            self.work.start(f"Saving {name}", "", work)

    async def settled(self) -> None:
        """Wait until what is being saved is on the disk."""
        await self.work.settled()

    def open(self) -> None:
        """Ask for a recording, a trace or a scenario."""
        kinds = f"Recordings, traces, scenarios ({PATTERNS} *.toml)"
        self._ask(QFileDialog.AcceptMode.AcceptOpen, "Open", kinds, self.chosen.emit)

    def save(self) -> None:
        """Ask where the recording on the screen is to be saved."""
        if self._control.session is None and self._control.source_path is None:
            self._messages.inform("Nothing to save yet", "Run something first; then its recording can be saved.")
            return
        self._ask(
            QFileDialog.AcceptMode.AcceptSave,
            "Save recording",
            "Recording (*.cxrec)",
            self._control.save,
            f"{stem_on_screen(self._control)}.cxrec",
        )

    def save_scenario(self) -> None:
        """Ask where the present setup is to be saved."""
        scenario = self._control.scenario
        text = scenario.to_toml(masked=True)  # a file that is made to be passed on
        self._ask(
            QFileDialog.AcceptMode.AcceptSave,
            "Save scenario",
            "Scenario (*.toml)",
            lambda path: self._write_scenario(path, text),
            f"{file_stem(title_of(self._control.catalog, scenario), datetime.now())}.{SCENARIO_SUFFIX}",
        )

    def _write_scenario(self, path: Path, text: str) -> None:
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            self._messages.warn(
                "The scenario was not saved",
                f"{path} cannot be written ({error.strerror or error}). Choose another place.",
            )

    def _ask(
        self,
        mode: QFileDialog.AcceptMode,
        title: str,
        kind: str,
        chosen: Callable[[Path], object],
        suggested: str = "",
    ) -> None:
        dialog = QFileDialog(self._window, title, str(self._state.folder), kind)
        dialog.setAcceptMode(mode)
        if mode == QFileDialog.AcceptMode.AcceptSave:
            dialog.setDefaultSuffix(SCENARIO_SUFFIX if "toml" in kind else "cxrec")
        if suggested:
            dialog.selectFile(suggested)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def take(name: str) -> None:
            self._state.folder = Path(name).parent
            chosen(Path(name))

        dialog.fileSelected.connect(take)
        dialog.open()
