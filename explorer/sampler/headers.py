"""The headers of the rings of a run, as the sampler sees them: which thread holds a ring, and whether it is in a span.

Of each ring one page is mapped, of an event loop's also the ends of its callbacks. Nothing is copied and nothing is
read but some words.
"""

import errno
import logging
import mmap
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from explorer.collect.folder import Listing
from explorer.collect.liveness import without_descriptors
from explorer.ring import layout
from explorer.sampler.descriptors import to_spare
from explorer.sampler.system_calls import Inside

_log: Final = logging.getLogger(__name__)
_NOTHING: Final = memoryview(bytes(layout.HEADER_SIZE)).cast("Q")


class HeaderError(Exception):
    """A file is not a ring."""


class Header:
    """The header of one ring."""

    __slots__ = ("_capacity", "_ends", "_map", "_starts", "_words")

    def __init__(self, path: Path) -> None:
        """Raises OSError when it cannot be opened, `HeaderError` when it is no ring."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            if not to_spare(descriptor):
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            self._map = _map(descriptor)
        except ValueError as error:
            raise HeaderError(f"{path.name} is empty") from error
        finally:
            os.close(descriptor)
        if len(self._map) < layout.HEADER_SIZE:
            self._map.close()
            raise HeaderError(f"{path.name} is too short")
        self._words = words = memoryview(self._map)[: layout.HEADER_SIZE].cast("Q")
        if words[layout.WORD_MAGIC] != layout.MAGIC or words[layout.WORD_VERSION] != layout.VERSION:
            words.release()
            self._map.close()
            raise HeaderError(f"{path.name} is not a ring of this version")
        self._starts = words[layout.OPEN_FIRST : layout.OPEN_FIRST + layout.OPEN_SLOTS * layout.OPEN_WORDS][
            :: layout.OPEN_WORDS
        ]
        self._capacity = words[layout.WORD_CAPACITY]
        self._ends: memoryview[float] | None = None
        if words[layout.WORD_LAYOUT] == layout.COLUMNS:
            first = layout.HEADER_SIZE + layout.COLUMN_END * self._capacity * 8
            self._ends = memoryview(self._map)[first : first + self._capacity * 8].cast("d")

    @property
    def tid(self) -> int:
        """Native id of the thread that holds it, 0 = nobody."""
        return self._words[layout.WORD_TID]

    @property
    def track(self) -> int:
        """The track of the present holder, in its process's numbers."""
        return self._words[layout.WORD_TRACK]

    @property
    def closed(self) -> bool:
        """Whether its process let go of it for good."""
        return self._words[layout.WORD_CLOSED] != 0

    @property
    def inside(self) -> Inside:
        """What its holder has recorded as going on."""
        if self._words[layout.WORD_LOCK]:
            return Inside.LOCK
        if any(self._starts) or (self._ends is not None and self._runs()):
            return Inside.SPAN
        return Inside.NOTHING

    def close(self) -> None:
        """Let go of the file. Who still has this header finds that nobody holds the ring."""
        self._starts.release()
        self._words.release()
        if self._ends is not None:
            self._ends.release()
        self._map.close()
        self._words, self._starts, self._ends = _NOTHING, _NOTHING[:0], None

    def _runs(self) -> bool:
        """Whether a loop is running a callback: the last slot that it reserved has not got its end yet.

        Such a slot still shows the end of the lap before, which is older than that of the slot behind it.
        """
        assert self._ends is not None
        head = self._words[layout.WORD_HEAD]
        if not head:
            return False
        last, behind = self._ends[(head - 1) % self._capacity], self._ends[head % self._capacity]
        return last == 0 or last < behind


class Headers:
    """The rings of all processes, found as they appear."""

    def __init__(self, run: Path) -> None:
        self._folder = run / "rings"
        self._entries = Listing(self._folder)
        self._of: dict[int, list[Header]] = {}  # by the number of the process, which somebody wants
        self._unopened: dict[int, list[str]] = {}

    def look(self, *, opening: bool = True) -> None:
        """Take in rings that are new and let go of those that are finished.

        Rings of processes that nobody wants are only noted, and without `opening` all are.
        """
        for name in self._entries.new():
            number, _, _ = name.partition("-")
            if number.isdigit() and name.endswith(layout.SUFFIX):
                self._unopened.setdefault(int(number), []).append(name)
        for owner, rings in self._of.items():
            if any(ring.closed for ring in rings):
                self._of[owner] = [ring for ring in rings if not ring.closed]
                self._let_go(ring for ring in rings if ring.closed)
        if opening:
            for owner in self._of.keys() & self._unopened.keys():
                self._open(owner, self._unopened.pop(owner))

    def want(self, number: int) -> None:
        """Follow the rings of this process."""
        self._of.setdefault(number, [])

    def _open(self, number: int, names: list[str]) -> None:
        for place, name in enumerate(names):
            try:
                self._of[number].append(Header(self._folder / name))
            except (HeaderError, OSError) as error:
                if without_descriptors(error):
                    self._unopened[number] = names[place:]
                    return
                if not isinstance(error, FileNotFoundError):  # if so its process is gone already
                    _log.warning("%s was not read: %s", name, error)

    def by_thread(self, number: int) -> dict[int, list[Header]]:
        """The rings of process `number` that are held, by their holder's native id."""
        found: dict[int, list[Header]] = {}
        for ring in self._of.get(number, ()):
            tid = ring.tid
            if tid and not ring.closed:
                found.setdefault(tid, []).append(ring)
        return found

    def forget(self, number: int) -> None:
        """The process has ended."""
        self._unopened.pop(number, None)
        self._let_go(self._of.pop(number, ()))

    def close(self) -> None:
        """Let go of all."""
        for number in list(self._of):
            self.forget(number)

    def _let_go(self, rings: Iterable[Header]) -> None:
        for ring in rings:
            ring.close()


def inside(rings: Iterable[Header]) -> Inside:
    """What a thread that holds these rings is in the middle of."""
    return max((ring.inside for ring in rings), default=Inside.NOTHING)


def _map(descriptor: int) -> mmap.mmap:
    """Map an open file for reading; without a duplicate of the descriptor where Python can."""
    if sys.version_info >= (3, 13):
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ, trackfd=False)
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
