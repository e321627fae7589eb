"""Sends reports from a thread of its own: a parent that does not read must not stop the load.

The pipe to the parent holds a few seconds of reports. When it is full, writing blocks, and it blocks this thread alone.
"""

import queue
import threading
from collections.abc import Callable
from typing import Any, Final

Send = Callable[..., None]
CLOSE_WITHIN_S: Final = 0.3


class Reporter:
    """Calls `send(name, **fields)` for each `put`, in order."""

    def __init__(self, send: Send) -> None:
        """Begins to send at once."""
        self._send = send
        self._waiting: queue.SimpleQueue[tuple[str, dict[str, Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="reports", daemon=True)
        self._thread.start()

    def put(self, name: str, fields: dict[str, Any]) -> None:
        """Send this soon. Never waits."""
        self._waiting.put((name, fields))

    def close(self) -> None:
        """Send what is waiting, unless the parent takes longer than `CLOSE_WITHIN_S`."""
        self._waiting.put(None)
        self._thread.join(CLOSE_WITHIN_S)

    def _work(self) -> None:
        while (report := self._waiting.get()) is not None:
            name, fields = report
            self._send(name, **fields)
