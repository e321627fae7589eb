"""A lock that many may share to read, or one may have alone to write; the standard library has none.

What a handler runs must run in any interpreter, with the standard library alone, so that a package (`readerwriterlock`,
`fasteners`) is no way out. Who goes first is what there is to be seen here, so that it is a choice of whoever makes the
lock:

- "readers": a reader enters whenever no writer is inside. While there is always one more reader, no writer gets in.
- "writers": a reader also waits while a writer waits. While there is always one more writer, no reader gets in.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Preference = Literal["readers", "writers"]


class ReadersWriterLock:
    """The lock, for threads. It is not re-entrant: who reads must not ask to write, nor the other way round."""

    def __init__(self, prefer: Preference = "readers") -> None:
        """`prefer` says who goes first when both wait."""
        if prefer not in ("readers", "writers"):
            raise ValueError(f"prefer must be 'readers' or 'writers', not {prefer!r}.")
        self.prefer = prefer
        self._changed = threading.Condition(threading.Lock())
        self._readers = 0
        self._writing = False
        self._writers_waiting = 0

    @contextmanager
    def read(self, timeout: float | None = None) -> Iterator[None]:
        """Read meanwhile, together with other readers. Raises TimeoutError after `timeout` seconds."""
        if not self.acquire_read(timeout):
            raise TimeoutError("Nobody made room for a reader in time.")
        try:
            yield
        finally:
            self.release_read()

    @contextmanager
    def write(self, timeout: float | None = None) -> Iterator[None]:
        """Write meanwhile, alone. Raises TimeoutError after `timeout` seconds."""
        if not self.acquire_write(timeout):
            raise TimeoutError("Nobody made room for a writer in time.")
        try:
            yield
        finally:
            self.release_write()

    def acquire_read(self, timeout: float | None = None) -> bool:
        """Enter as a reader; False when that was not possible within `timeout` seconds (None: wait for ever)."""
        with self._changed:
            if not self._changed.wait_for(self._free_to_read, timeout):
                return False
            self._readers += 1
            return True

    def acquire_write(self, timeout: float | None = None) -> bool:
        """Enter as the writer; False when that was not possible within `timeout` seconds (None: wait for ever)."""
        with self._changed:
            self._writers_waiting += 1
            try:
                if not self._changed.wait_for(self._free_to_write, timeout):
                    return False
                self._writing = True
                return True
            finally:
                self._writers_waiting -= 1
                if not self._writing:  # readers may have waited for this one
                    self._changed.notify_all()

    def release_read(self) -> None:
        """Leave as a reader. Raises RuntimeError when nobody reads."""
        with self._changed:
            if not self._readers:
                raise RuntimeError("Nobody reads.")
            self._readers -= 1
            if not self._readers:
                self._changed.notify_all()

    def release_write(self) -> None:
        """Leave as the writer. Raises RuntimeError when nobody writes."""
        with self._changed:
            if not self._writing:
                raise RuntimeError("Nobody writes.")
            self._writing = False
            self._changed.notify_all()

    def _free_to_read(self) -> bool:
        return not self._writing and not (self.prefer == "writers" and self._writers_waiting)

    def _free_to_write(self) -> bool:
        return not self._writing and not self._readers
