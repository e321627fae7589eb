"""What the threads of a process are called, from the tracks that it declares: its rings say which track is whose."""

import json
from collections.abc import Iterable
from typing import Final

from explorer.collect.folder import NamesTail
from explorer.records.states import TrackKind
from explorer.sampler.headers import Header

LOOP: Final = "loop"
UNKNOWN: Final = "unknown"


class ThreadNames:
    """The names of one process's threads."""

    def __init__(self, pid: int, tail: NamesTail) -> None:
        """`tail` is that of the process's names file."""
        self._pid = pid
        self._tail = tail
        self._tracks: dict[int, tuple[str, str]] = {}

    def look(self) -> None:
        """Take in what has been declared meanwhile."""
        try:
            lines = self._tail.new()
        except OSError:  # no file descriptor is free; the next call will see
            return
        for line in lines:
            if not line.startswith(b'{"track"'):
                continue
            try:
                told = json.loads(line)
                self._tracks[int(told["track"])] = (str(told["kind"]), str(told["text"]))
            except (ValueError, KeyError, TypeError):
                continue

    def full(self, rings: Iterable[Header]) -> str:
        """What the thread that holds these rings is called; empty if it is not known."""
        return self._of(rings)[1]

    def short(self, tid: int, rings: Iterable[Header]) -> str:
        """What the thread `tid` is called as a holder of the GIL."""
        kind, name = self._of(rings)
        if kind == TrackKind.LOOP or tid == self._pid:
            return LOOP
        return name or UNKNOWN

    def close(self) -> None:
        """Close the file."""
        self._tail.close()

    def _of(self, rings: Iterable[Header]) -> tuple[str, str]:
        for ring in rings:
            found = self._tracks.get(ring.track)
            if found is not None and found[0] in (TrackKind.LOOP, TrackKind.THREAD):
                return found
        return "", ""
