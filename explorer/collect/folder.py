"""What appears in a run folder while it runs: processes that join, lines in their names files, rings.

Looked at up to fifty times a second, so looking must be nearly free: a folder is listed only when its modification time
has moved (two `stat` calls otherwise), and a names file is read from where the last reading ended. What a process has
left in the folder stays, so where every connection has a process there are soon thousands: a folder that takes long to
list is listed the less often, and a process that has a ring is found by the name of that.
"""

import os
import time
from pathlib import Path

_CHUNK = 1 << 18
# A folder changed twice within one tick of the file system's clock shows one time: while the change is that young, the
# folder is listed again. And some file systems are lazy about a folder's time: list it now and then anyway.
_YOUNG_NS = 100_000_000
_MANY = 200
"""A folder with fewer entries is listed whenever it has changed."""
_ANYWAY_NS = 500_000_000
PART = 50
"""Listing a folder takes at most one part in so many of the time."""


class Listing:
    """The entries of a folder that have not been seen before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[str] = set()
        self._changed = 0
        self._listed = 0
        self._next = 0  # by the monotonic clock

    def new(self, whole: bool = False) -> list[str]:
        """Names of entries that are new since the last call, sorted; `whole`: those too that are not due yet."""
        now, began = time.time_ns(), time.monotonic_ns()
        if began < self._next and not whole:
            return []
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
        took = time.monotonic_ns() - began
        self._next = began + PART * took if len(entries) > _MANY else 0
        return names

    def take(self, name: str) -> bool:
        """Whether `name` is new, for one who knows that it is there."""
        if name in self._seen:
            return False
        self._seen.add(name)
        return True

    def forget(self, name: str) -> None:
        """Let `name` be new once more: it could not be read this time."""
        self._seen.discard(name)
        self._changed = self._next = 0


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
        self._owners: set[str] = set()

    def new_rings(self) -> list[Path]:
        """Rings that are new. Files whose name begins with a dot are still being made."""
        rings = [name for name in self._ring_entries.new(whole=True) if not name.startswith(".")]
        self._owners.update(name.partition("-")[0] for name in rings)
        return [self._rings / name for name in rings]

    def new_processes(self, whole: bool = False) -> list[Path]:
        """Each `process-NUMBER.json` that is new; complete, because it gets its name last.

        Those of the last new rings are always among them; others may come a little later, but not with `whole`.
        """
        owners = sorted(f"process-{number}.json" for number in self._owners)
        self._owners.clear()
        names = [name for name in owners if (self._run / name).exists() and self._entries.take(name)]
        names += [name for name in self._entries.new(whole) if name.startswith("process-") and name.endswith(".json")]
        return [self._run / name for name in names]

    def again(self, path: Path) -> None:
        """A ring or process that could not be opened for want of file descriptors is new once more."""
        (self._ring_entries if path.parent == self._rings else self._entries).forget(path.name)

    def names_of(self, number: int) -> NamesTail:
        """The tail of a process's names file."""
        return NamesTail(self._run / f"names-{number}.jsonl")
