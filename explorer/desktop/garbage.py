"""Python's garbage collector, kept on the window's thread.

The collector runs on whichever thread happens to allocate. When that is the thread that reads a run, and the garbage
holds Qt objects in a cycle, Qt objects are destroyed on a thread they do not belong to: a warning at best, an abort at
worst. So automatic collection is off while a window lives, and a timer does the same work here, generation by
generation.
"""

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

EVERY_MS: Final = 500


class GarbageCollector(QObject):
    """Collects on this thread as often as Python itself would; `close` gives the work back to Python."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._enabled = gc.isenabled()
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def close(self) -> None:
        """Collect everything once more and let Python collect by itself again, if it did before."""
        self._timer.stop()
        gc.collect()
        if self._enabled:
            gc.enable()

    def _collect(self) -> None:
        # A generation is due when its counter has passed Python's own threshold; the oldest one that is due is taken.
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > max(1, self._thresholds[generation]):
                gc.collect(generation)
                return
