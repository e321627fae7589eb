"""The runs that are kept on this computer: offered when there is nothing to see, listed, opened, deleted, and a crash's
last run offered again.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.memory_choice import MemoryChoice, MemoryRow
from explorer.desktop.messages import Messages
from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind, ghost_button
from explorer.desktop.widgets.combo import Combo
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.option_error import OptionError
from explorer.recording import owner, retention
from explorer.recording.retention import KeptRun

CUT_SHORT: Final = "The last run was cut short"
RECOVERED: Final = "{}, {}: what was recorded until then is kept."
NOT_DELETED: Final = "The run was not deleted"
NONE: Final = "No run is kept yet. Each run is, until the space is needed for newer ones."
LIMITS: Final = (0, 1, 2, 5, 10, 20, 50, 100)
SIZE: Final = (680, 440)
NAME_ROOM: Final = 300
"""Of a longer name the end is left away, so that Delete is never out of sight."""
GIB: Final = 1 << 30


class KeptRuns(QObject):
    """Knows the kept runs, tells the messages of one that was cut short, and shows them all in a window.

    `listed` follows with names and folders, (text, path) each, when they are looked for.
    """

    listed = Signal(object)

    def __init__(self, theme: Theme, control: Control, state: WindowState, messages: Messages, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._control = control
        self._state = state
        self._messages = messages
        self._window = window
        self._held: Path | None = None
        self.memory = MemoryChoice(control, state, messages, self)
        self.memory.asked.connect(self.show)
        self.dialog: KeptRunsDialog | None = None
        control.run_began.connect(self._begin)

    def refresh(self, *, started: bool = False) -> None:
        """Offer what there is; `started`: the program has just begun, and a run that a crash cut short is told."""
        runs = retention.recent()
        cut = next((run for run in runs if run.crashed and run.path.name > self._state.seen_crash), None)
        if cut is not None:  # first in the list, whatever other windows have run since
            runs.sort(key=lambda run: run is not cut)
        self.listed.emit([(f"{run.title}, {words_of(run)}", run.path) for run in runs])
        if started and cut is not None:
            sentence = RECOVERED.format(cut.name, words_of(cut))
            self._messages.ask(CUT_SHORT, sentence, "Open it", lambda: self.open(cut.path), lambda: self._seen(cut))

    def show(self) -> None:
        """List them all."""
        if self.dialog is None:
            self.dialog = KeptRunsDialog(self._theme, self.open, self.delete, self.memory.gib, self._window)
            self.dialog.limited.connect(self._limit)
            self.dialog.memory.chosen.connect(self.memory.choose)
            self.dialog.finished.connect(self._closed)
        self.dialog.show_runs(retention.recent())
        self.dialog.open()

    def has(self, path: Path) -> bool:
        """Whether this is the folder of a kept run."""
        return path.parent == retention.runs_folder()

    def open(self, path: Path) -> None:
        """Show a run, and say no more that it was cut short."""
        self._control.open(path)
        if self._control.source_path == path:
            for run in retention.recent():
                if run.path == path and run.crashed:
                    self._seen(run)
            self._messages.drop(CUT_SHORT)
            if self.dialog is not None:
                self.dialog.accept()

    def delete(self, run: KeptRun) -> None:
        """Delete a run for good."""
        try:
            if run.path == self._control.source_path:
                raise OptionError("It is on the screen. Open or run something else first.")
            retention.delete(run)
        except OptionError as error:
            self._messages.warn(NOT_DELETED, str(error))
        if self.dialog is not None:
            self.dialog.show_runs(retention.recent())
        self.refresh()

    def _limit(self, gib: int) -> None:
        try:
            retention.set_limit(gib * GIB)
        except OptionError as error:
            self._messages.warn("The limit was not changed", str(error))
            return
        retention.trim(limit_bytes=retention.limit())
        if self.dialog is not None:
            self.dialog.show_runs(retention.recent())
        self.refresh()

    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _seen(self, run: KeptRun) -> None:
        self._state.seen_crash = max(self._state.seen_crash, run.path.name)
        self._state.save()

    def _begin(self) -> None:
        """Nobody deletes the folder of a run that is on the screen; not even another window that makes room."""
        if self._held is not None:
            owner.let_go(self._held)
            self._held = None
        path = self._control.source_path
        if path is not None and path.parent == retention.runs_folder() and path.is_dir() and not owner.held(path):
            try:
                owner.hold(path)
                self._held = path
            except OptionError:
                pass  # a folder that cannot be written: what is on the screen has been read by then


class KeptRunsDialog(QDialog):
    """A list of runs with what each takes, and how much they may take together, on disk and one in `memory`;
    `limited(GiB)` follows that choice.
    """

    limited = Signal(int)

    def __init__(
        self,
        theme: Theme,
        open_run: Callable[[Path], object],
        delete: Callable[[KeptRun], object],
        memory_gib: float,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._open = open_run
        self._delete = delete
        self._asked: KeptRun | None = None
        self.setWindowTitle("Recent runs")
        self.limit = Combo(theme, [(str(gib), limit_words(gib), "") for gib in _limits()], name="Space for runs")
        self.limit.set_current(str(retention.limit() // GIB))
        self.limit.chosen.connect(lambda gib: self.limited.emit(int(gib)))
        self.memory = MemoryRow(theme, memory_gib)
        self._total = Label(theme, "", 12, color="text2")
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 8, 0)
        self._list.setSpacing(2)
        inner = QWidget()
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(self._list)
        outer.addStretch(1)
        area = ScrollArea(inner, focus=Qt.FocusPolicy.StrongFocus)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(Label(theme, "On disk keep at most", 12, color="text2"))
        foot.addWidget(self.limit)
        foot.addWidget(self._total, 1)
        close = Button(theme, "Close", height=32)
        close.clicked.connect(lambda: self.accept())
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        column.addWidget(Label(theme, "Recent runs", 15, 600))
        column.addWidget(area, 1)
        column.addWidget(self.memory)
        column.addLayout(foot)
        self.resize(theme.px(SIZE[0]), theme.px(SIZE[1]))
        self.rows: list[tuple[KeptRun, Button, Button]] = []

    def show_runs(self, runs: list[KeptRun]) -> None:
        """Show these, the newest first."""
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.rows = []
        self._asked = None
        for run in runs:
            self._list.addWidget(self._row(run))
        if not runs:
            self._list.addWidget(Label(self._theme, NONE, 13, color="text2", wrap=True))
        self._total.setText(f"{size_words(sum(run.bytes for run in runs))} are taken now")

    def _row(self, run: KeptRun) -> QWidget:
        theme, row = self._theme, QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 2, 0, 2)
        line.setSpacing(8)
        metrics, room = QFontMetricsF(theme.font(13, 500)), theme.px(NAME_ROOM)
        title = metrics.elidedText(run.title, Qt.TextElideMode.ElideRight, room)
        name = Button(theme, title, icon="history", kind=ButtonKind.GHOST, height=28)
        name.clicked.connect(lambda: self._open(run.path))
        busy = "running" if run.running else "in a window" if run.held else ""
        words = ", ".join(word for word in (words_of(run), size_words(run.bytes), busy) if word)
        name.set_name(f"Open {run.title}, {words}")
        delete = ghost_button(theme, "Delete")
        delete.set_name(f"Delete {run.title}, {words}")
        delete.setEnabled(not busy)
        delete.clicked.connect(lambda: self._ask(run, delete))
        line.addWidget(name)
        line.addWidget(Label(theme, words, 12, color="text2"), 1, Qt.AlignmentFlag.AlignRight)
        line.addWidget(delete)
        self.rows.append((run, name, delete))
        return row

    def _ask(self, run: KeptRun, button: Button) -> None:
        """The first click asks, the second deletes: nobody can bring a run back."""
        if self._asked is run:
            self._delete(run)
            return
        for _, _, other in self.rows:
            other.set_text("Delete")
        self._asked = run
        button.set_text("Delete for good")


def words_of(run: KeptRun) -> str:
    """When a run was and how long it took: "14:05, 20 s"."""
    began = time.localtime(run.started)
    day = "" if began[:3] == time.localtime()[:3] else time.strftime("%d %b ", began)
    return f"{day}{time.strftime('%H:%M', began)}, {run.duration:.0f} s"


def size_words(count: int) -> str:
    """Bytes as "1.2 GiB" or "340 MiB"."""
    if count >= GIB:
        return f"{count / GIB:,.1f} GiB"
    mib = count / (1 << 20)
    return f"{mib:,.0f} MiB" if mib >= 10 else f"{mib:.1f} MiB"


def limit_words(gib: int) -> str:
    """A limit as it is chosen."""
    return f"{gib} GiB" if gib else "the last run"


def _limits() -> list[int]:
    return sorted({*LIMITS, retention.limit() // GIB})
