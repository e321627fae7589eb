"""Who takes part in a run: the notes `process-NUMBER.json` that processes leave in its folder when they join."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_BEFORE: Final = "process-"
_AFTER: Final = ".json"


class Roll:
    """Finds processes as they appear."""

    def __init__(self, run: Path) -> None:
        """The roll of the run in the folder `run`."""
        self._run = run
        self._seen: set[str] = set()

    def new(self) -> Iterator[int]:
        """The pid of each process whose note is new since the last call; a pid that was used again comes again.

        A note that cannot be read is passed over; a folder that is gone has no notes.
        """
        try:
            entries = list(os.scandir(self._run))
        except OSError:
            return
        for entry in entries:
            if entry.name in self._seen or not (entry.name.startswith(_BEFORE) and entry.name.endswith(_AFTER)):
                continue
            try:
                pid = int(json.loads(Path(entry.path).read_text(encoding="utf-8"))["pid"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
            self._seen.add(entry.name)
            yield pid
