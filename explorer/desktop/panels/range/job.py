"""Counts a range in a thread of its own, so that the window goes on meanwhile. No Qt."""

import logging
import threading
from typing import Final

from explorer.analysis.range_statistics import RangeStatistics, Snapshot

logger: Final = logging.getLogger(__name__)


class RangeJob:
    """One computation. `share` (0 to 1) is done; once `done` there is a `result`, an `error`, or it was cancelled."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.spans = snapshot.spans
        self.share = 0.0
        self.result: RangeStatistics | None = None
        self.error: Exception | None = None
        self._snapshot: Snapshot | None = snapshot
        self._cancelled = False
        self._thread = threading.Thread(target=self._run, name="range statistics", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Give up; the thread ends after the step that it is in."""
        self._cancelled = True

    def join(self) -> None:
        """Wait for the end of the thread."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._compute()
        except Exception as error:
            logger.exception("The figures of a range could not be counted")
            self.error = error

    def _compute(self) -> None:
        snapshot, self._snapshot = self._snapshot, None
        assert snapshot is not None
        for step in snapshot.compute():
            if self._cancelled:
                return
            if isinstance(step, RangeStatistics):
                self.result = step
            else:
                self.share = step
