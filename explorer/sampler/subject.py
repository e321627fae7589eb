"""A process that is sampled: what is known of it, shared by its threads' strips and its GIL's lane."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from explorer.collect.folder import NamesTail
from explorer.probe.outside import finding_path
from explorer.sampler.headers import Header, Headers
from explorer.sampler.roll import Note
from explorer.sampler.thread_names import ThreadNames

CLOSELY_EVERY_NS: Final = 1_000_000
PART: Final = 50
"""Looking closely takes at most one part in so many of the time."""


class Sampled:
    """One process. `finding` is where its GIL lies (`explorer.probe.gil.Finding`), None until it is told."""

    def __init__(self, run: Path, note: Note, headers: Headers) -> None:
        self.number = note.number
        self.pid = note.pid
        self.finding: Mapping[str, Any] | None = note.gil
        self.told_itself = note.gil is None
        """Whether it found its GIL by itself and waits for an answer; a forked child has inherited it."""
        self.names = ThreadNames(note.pid, NamesTail(run / f"names-{note.number}.jsonl"))
        self.rings: dict[int, list[Header]] = {}
        """By native thread id, as of the last `look`."""
        self._path = finding_path(run, note.number)
        self._headers = headers
        self._next_close_look = 0  # by the monotonic clock
        headers.want(note.number)

    @property
    def runtime(self) -> tuple[int, int] | None:
        """From where to where its interpreter keeps what belongs to the GIL; (0, 0): nowhere; None: not known yet."""
        finding = self.finding
        if finding is None:
            return None
        if not finding.get("gil"):
            return 0, 0
        return finding["runtime"], finding["runtime"] + finding["runtime_size"]

    def look(self) -> None:
        """Bring `rings` and the names up to date."""
        self.names.look()
        self.rings = self._headers.by_thread(self.number)

    def look_closely(self) -> None:
        """Bring `rings` and the names up to date, new rings included: seldom enough to cost little of the time."""
        began = time.monotonic_ns()
        if began < self._next_close_look:
            return
        self._headers.look()
        self.look()
        now = time.monotonic_ns()
        self._next_close_look = now + max(CLOSELY_EVERY_NS, PART * (now - began))

    def ask(self) -> None:
        """See whether it has said where its GIL is."""
        if self.finding is None:
            try:
                self.finding = json.loads(self._path.read_bytes())
            except (OSError, ValueError):
                return

    def close(self) -> None:
        """Let go of its files."""
        self.names.close()
        self._headers.forget(self.number)
