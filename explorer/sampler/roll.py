"""Who takes part in a run: the notes `process-PID.json` that processes leave in its folder when they join."""

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
        self._seen: dict[str, int] = {}

    def new(self) -> Iterator[int]:
        """The pid of each process whose note is new or was replaced since the last call.

        A note that cannot be read is passed over; a folder that is gone has no notes.
        """
        try:
            entries = list(os.scandir(self._run))
        except OSError:
            return
        for entry in entries:
            if not (entry.name.startswith(_BEFORE) and entry.name.endswith(_AFTER)):
                continue
            try:
                written = entry.stat().st_mtime_ns
                if self._seen.get(entry.name) == written:
                    continue
                pid = int(json.loads(Path(entry.path).read_text(encoding="utf-8"))["pid"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
            self._seen[entry.name] = written
            yield pid
