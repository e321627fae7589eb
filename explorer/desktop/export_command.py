"""The command "Export": asks for a file, and writes what is on the screen in the format that was chosen.

Recordings are read anew from the disk, on a thread of their own; the store belongs to the window's thread, and holds
less. Pictures are drawn beforehand, as only the window's thread may paint.
"""

from functools import cached_property
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.desktop.control import Control
from explorer.desktop.export_picture import draw_all, foot, left_out, words_for_left_out
from explorer.desktop.file_names import stem_on_screen
from explorer.desktop.long_work import LongWork
from explorer.desktop.messages import Messages
from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.legend import Legend
from explorer.desktop.timeline.view import TimelineView
from explorer.export.format import Format, choose, export, formats
from explorer.export.job import Job
from explorer.export.recorded import Recorded
from explorer.option_error import OptionError
from explorer.progress import Progress

NOTHING: Final = "Nothing to export yet"
BUSY: Final = "An export is under way"
FAILED: Final = "The export was not written"


class ExportCommand:
    """The command and its dialog, for one window. `pictured` are the widgets that a picture shows."""

    def __init__(
        self,
        theme: Theme,
        control: Control,
        state: WindowState,
        messages: Messages,
        pictured: tuple[TimelineView, Legend],
        window: QWidget,
    ) -> None:
        self._theme = theme
        self._control = control
        self._state = state
        self._messages = messages
        self._pictured = pictured
        self._window = window
        self._path = Path()
        self._left_out = ""
        self.work = LongWork(theme, messages, window)
        self.work.done.connect(lambda _: messages.inform("Exported", self._said()))
        self.work.failed.connect(lambda sentence: messages.warn(FAILED, sentence))
        self.work.cancelled.connect(lambda: messages.inform("Not exported", "You ended the export; no file was left."))

    @cached_property
    def _formats(self) -> list[Format]:
        # Not as the window is made: each format is a module.
        return formats()

    def ask(self) -> None:
        """Ask which file shall be written."""
        if self._recorded() is None:
            self._messages.inform(NOTHING, "Run something or open a recording first; then it can be exported.")
            return
        if self.work.busy:
            self._messages.inform(BUSY, "Wait until it is written, or cancel it.")
            return
        kinds = {f"{one.title} – {one.sentence.rstrip('.')} (*{one.suffix})": one for one in self._formats}
        dialog = QFileDialog(self._window, "Export", str(self._state.folder), ";;".join(kinds))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        stem = stem_on_screen(self._control)

        def filtered(kind: str) -> None:
            dialog.setDefaultSuffix(kinds[kind].suffix.removeprefix("."))
            chosen = dialog.selectedFiles()
            name = Path(chosen[0]).name if chosen else stem
            for one in self._formats:
                name = name.removesuffix(one.suffix)
            dialog.selectFile(name + kinds[kind].suffix)

        def take(name: str) -> None:
            self._state.folder = Path(name).parent
            self.export(self._meant(Path(name), kinds[dialog.selectedNameFilter()]), Path(name))

        dialog.filterSelected.connect(filtered)
        dialog.fileSelected.connect(take)
        dialog.selectFile(stem)
        filtered(next(iter(kinds)))
        dialog.open()

    def _meant(self, path: Path, selected: Format) -> Format:
        """The format that the name says, as on the command line; without a known suffix it is `selected`."""
        if path.name.lower().endswith(selected.suffix):  # two formats may have one suffix
            return selected
        try:
            return choose(self._formats, None, path)
        except OptionError:
            return selected

    def export(self, chosen: Format, path: Path) -> None:
        """Write what is on the screen to `path`; a message says what came of it."""
        recorded = self._recorded()
        if recorded is None or self.work.busy:
            return
        source = self._control.source_path
        if source is not None and path.resolve() == source.resolve():
            self._messages.warn(FAILED, f"{path} is what is on the screen. Give the export another name.")
            return
        timeline, legend = self._pictured
        words = words_for_left_out(left_out(timeline), "which shows the lanes in sight") if chosen.pictures else ""
        parts = (timeline, foot(self._theme, words, timeline.width()), legend) if words else self._pictured
        try:
            pictures = draw_all(self._theme, timeline, parts, chosen.pictures)
        except OptionError as error:
            self._messages.warn(FAILED, str(error))
            return
        self._path, self._left_out = path, words

        def write(progress: Progress) -> None:
            export(Job(recorded, progress=progress, picture=pictures.__getitem__), chosen, path)

        self.work.start(f"Exporting {path.name}", "", write)

    def _said(self) -> str:
        return f"The export is in {self._path}. {self._left_out}".rstrip()

    def close(self) -> None:
        """End what is under way; no file is left of it."""
        self.work.close()

    def _recorded(self) -> Recorded | None:
        """What is on the screen, as it lies on the disk."""
        session, source = self._control.session, self._control.source_path
        if session is not None and self._control.store.count:
            return Recorded.at(session.run, stem_on_screen(self._control))
        if source is not None and source.name:
            return Recorded.at(source)
        return None
