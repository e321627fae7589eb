"""Keeps the logs of a run's processes from growing without bound: what an app prints is not ours to limit.

Processes append to their logs, so that a log can be cut while they write: the next line goes to its new end.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from explorer.session import events

LOGS: Final = "log-*.txt"
MOST: Final = 8 * 1024 * 1024
KEPT: Final = 256 * 1024
LOOK_EVERY_S: Final = 0.25
SENTENCE: Final = "The {} prints so much that only the latest {:,} kB of its log are kept."
CUT: Final = b"[what was printed before this was left out]\n"


class LogWatch:
    """Watches the logs in the folder `run` from `start` to `stop`; `emit` hears once of each kind of process."""

    def __init__(self, run: Path, emit: Callable[[events.Event], None]) -> None:
        self._run, self._emit = run, emit
        self._told: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watch from now on, on the running loop."""
        self._task = asyncio.get_running_loop().create_task(self._watch())

    def stop(self) -> None:
        """Look for the last time."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self.look()

    def look(self) -> None:
        """Shorten what has grown too long."""
        for path in self._run.glob(LOGS):
            with contextlib.suppress(OSError):  # gone, or on a disk without room for the rest: then it stays as it is
                if path.stat().st_size > MOST:
                    shorten(path)
                    self._tell(path.name.split("-")[1])

    def _tell(self, role: str) -> None:
        if role not in self._told:
            self._told.add(role)
            self._emit(events.Warned(SENTENCE.format(role, KEPT // 1024)))

    async def _watch(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)


def shorten(path: Path) -> None:
    """Keep the end of a log. What is written to it at this very moment may be lost."""
    with path.open("rb") as file:
        file.seek(-min(KEPT, path.stat().st_size), os.SEEK_END)
        end = file.read(KEPT)
    os.truncate(path, 0)
    with path.open("ab") as file:
        file.write(CUT + end.partition(b"\n")[2])
