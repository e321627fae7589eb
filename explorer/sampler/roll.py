"""Who takes part in a run: the notes `process-NUMBER.json` that processes leave in its folder when they join."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from explorer.collect.folder import Listing

_BEFORE: Final = "process-"
_AFTER: Final = ".json"


class Roll:
    """Finds processes as they appear."""

    def __init__(self, run: Path) -> None:
        """The roll of the run in the folder `run`."""
        self._run = run
        self._entries = Listing(run)

    def new(self) -> Iterator[int]:
        """The pid of each process whose note is new since the last call; a pid that was used again comes again.

        A note that cannot be read is passed over until it can; a folder that is gone has no notes.
        """
        for name in self._entries.new():
            if not (name.startswith(_BEFORE) and name.endswith(_AFTER)):
                continue
            try:
                yield int(json.loads((self._run / name).read_text(encoding="utf-8"))["pid"])
            except OSError:
                self._entries.forget(name)
            except (ValueError, KeyError, TypeError):
                continue
