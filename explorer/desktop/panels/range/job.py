"""Counts a range in a thread of its own, so that the window goes on meanwhile. No Qt."""

import threading

from explorer.analysis.range_statistics import RangeStatistics, Snapshot


class RangeJob:
    """One computation. `share` (0 to 1) is done; `result` is there once `done`, unless it was cancelled or failed."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.spans = snapshot.spans
        self.share = 0.0
        self.result: RangeStatistics | None = None
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
        snapshot, self._snapshot = self._snapshot, None
        assert snapshot is not None
        for step in snapshot.compute():
            if self._cancelled:
                return
            if isinstance(step, RangeStatistics):
                self.result = step
            else:
                self.share = step
