"""What appears in a run folder while it runs: processes that join, lines in their names files, rings.

Looked at up to fifty times a second, so looking must be nearly free: a folder is listed only when its modification time
has moved (two `stat` calls otherwise), and a names file is read from where the last reading ended.
"""

import os
import time
from pathlib import Path

_CHUNK = 1 << 18
# A folder changed twice within one tick of the file system's clock shows one time: while the change is that young, the
# folder is listed again. And some file systems are lazy about a folder's time: list it now and then anyway.
_YOUNG_NS = 100_000_000
_ANYWAY_NS = 500_000_000


class Listing:
    """The entries of a folder that have not been seen before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[str] = set()
        self._changed = 0
        self._listed = 0

    def new(self) -> list[str]:
        """Names of entries that are new since the last call, sorted."""
        now = time.time_ns()
        try:
            changed = os.stat(self._folder).st_mtime_ns
            if changed == self._changed and self._listed - changed > _YOUNG_NS and now - self._listed < _ANYWAY_NS:
                return []
            entries = os.listdir(self._folder)
        except OSError:  # it is not there yet, or no file descriptor is free: the next call will see
            return []
        self._changed = changed
        self._listed = now
        names = sorted(set(entries) - self._seen)
        self._seen.update(names)
        return names

    def forget(self, name: str) -> None:
        """Let `name` be new once more: it could not be read this time."""
        self._seen.discard(name)
        self._changed = 0


class NamesTail:
    """Reads a `names-NUMBER.jsonl` that is still being written, whole lines only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1
        self._rest = b""

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    def new(self) -> list[bytes]:
        """The lines that are new since the last call; none while the file does not exist."""
        if self._descriptor < 0:
            try:
                self._descriptor = os.open(self._path, os.O_RDONLY)
            except FileNotFoundError:
                return []
        data = os.read(self._descriptor, _CHUNK)
        if not data:
            return []
        parts = [self._rest, data]
        while len(data) == _CHUNK:
            data = os.read(self._descriptor, _CHUNK)
            parts.append(data)
        *lines, self._rest = b"".join(parts).split(b"\n")
        return lines

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class RunFolder:
    """The two listings of a run: its own entries and its rings."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._rings = run / "rings"
        self._entries = Listing(run)
        self._ring_entries = Listing(self._rings)

    def new_rings(self) -> list[Path]:
        """Rings that are new. Files whose name begins with a dot are still being made."""
        return [self._rings / name for name in self._ring_entries.new() if not name.startswith(".")]

    def new_processes(self) -> list[Path]:
        """Each `process-NUMBER.json` that is new; complete, because it gets its name last."""
        names = self._entries.new()
        return [self._run / name for name in names if name.startswith("process-") and name.endswith(".json")]

    def again(self, path: Path) -> None:
        """A ring or process that could not be opened for want of file descriptors is new once more."""
        (self._ring_entries if path.parent == self._rings else self._entries).forget(path.name)

    def names_of(self, number: int) -> NamesTail:
        """The tail of a process's names file."""
        return NamesTail(self._run / f"names-{number}.jsonl")
