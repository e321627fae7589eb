"""How far a recording or a trace is read, above the lanes: from half a second on, with Cancel from two seconds on.

What was read shows in the lanes meanwhile; cancelling keeps that. What is to be known of a trace that was made
elsewhere stays there until it is dismissed.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject

from explorer.desktop.control import Control
from explorer.desktop.messages import Messages
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.progress import ProgressBox

PATIENCE_S: Final = 0.5
CANCEL_S: Final = 2.0
ELSEWHERE: Final = "A trace made elsewhere"
MB: Final = 1_000_000
GROWN_S: Final = 0.15
"""How often what has been read so far is drawn: reading it all is what the user waits for."""


class Opening(QObject):
    """Watches `control` frame by frame; `clock` tells seconds."""

    def __init__(
        self,
        theme: Theme,
        control: Control,
        messages: Messages,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._control = control
        self._messages = messages
        self._clock = clock
        self._since: float | None = None
        self._drawn = float("-inf")
        self.box: ProgressBox | None = None
        control.bridge.framed.connect(self._look)
        control.run_began.connect(self._end)
        control.remarked.connect(lambda sentence: messages.offer(ELSEWHERE, sentence, ""))

    def draws(self) -> bool:
        """Whether this frame draws what there is: each does, but for some while a recording is being read."""
        now = self._clock()
        if self._control.reading and 0 <= now - self._drawn < GROWN_S:
            return False
        self._drawn = now
        return True

    def _look(self) -> None:
        """A frame has come: show how far it is, or that it is over."""
        control = self._control
        if not control.reading:
            self._end()
            return
        now = self._clock()
        if self._since is None:
            self._since = now
        waited = now - self._since
        if self.box is None and waited >= PATIENCE_S:
            self.box = self._made()
        if self.box is not None:
            size = max(1, round(_size(control.source_path) / MB))
            self.box.show_progress(round(control.read_share * size), size)
            self.box.cancel.setVisible(waited >= CANCEL_S)

    def _made(self) -> ProgressBox:
        box = ProgressBox(self._theme, f"Opening {self._control.source_name}", "MB")
        box.cancel.hide()
        box.cancelled.connect(self._control.stop_reading)
        self._messages.hold(box)
        return box

    def _end(self) -> None:
        self._since = None
        if self.box is not None:
            self._messages.release(self.box)
            self.box = None


def _size(path: Path | None) -> int:
    """Bytes of a file, or of what a run folder holds."""
    if path is None:
        return 0
    try:
        files = path.iterdir() if path.is_dir() else [path]
        return sum(file.stat().st_size for file in files)
    except OSError:
        return 0
