"""Who takes part in a run: the notes `process-NUMBER.json` that processes leave in its folder when they join."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from explorer.collect.folder import Listing
from explorer.records.states import Role

_BEFORE: Final = "process-"
_AFTER: Final = ".json"


@dataclass(frozen=True, slots=True)
class Note:
    """What a process says of itself. `gil` is where its GIL lies (`explorer.probe.gil.Finding`) if it knew already."""

    number: int
    pid: int
    role: Role
    gil: Mapping[str, Any] | None = field(default=None, compare=False)


class Roll:
    """Finds processes as they appear."""

    def __init__(self, run: Path) -> None:
        """The roll of the run in the folder `run`."""
        self.run = run
        self._entries = Listing(run)

    def new(self) -> Iterator[Note]:
        """The note of each process that is new since the last call; a pid that was used again comes again.

        A note that cannot be read is passed over until it can; a folder that is gone has no notes.
        """
        for name in self._entries.new():
            if not (name.startswith(_BEFORE) and name.endswith(_AFTER)):
                continue
            try:
                told = json.loads((self.run / name).read_text(encoding="utf-8"))
                if not told.get("host"):  # what runs on another host cannot be looked at from here
                    yield Note(int(told["number"]), int(told["pid"]), Role(told["role"]), told.get("gil"))
            except OSError:
                self._entries.forget(name)
            except (ValueError, KeyError, TypeError):
                continue
