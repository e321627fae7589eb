"""The readers–writer lock under a probe: who reads, who writes, who waits, as with the other locks."""

from explorer.probe.locks.book import Book, Tokens
from explorer.probe.locks.thread_locks import new_lock
from explorer.probe.locks.thread_others import GateCondition
from explorer.server.readers_writer import Preference, ReadersWriterLock


class TracedReadersWriterLock(ReadersWriterLock):
    """A `ReadersWriterLock` whose waits and holds are written. Readers share its track, each at a depth of its own."""

    book: Book

    def __init__(self, prefer: Preference = "readers") -> None:
        super().__init__(prefer)
        self._changed = GateCondition(self.book.owners, new_lock())
        self._tokens = Tokens(self.book)

    def acquire_read(self, timeout: float | None = None) -> bool:
        """As the plain one's."""
        got = super().acquire_read(0)
        if not got and timeout != 0:
            with self.book.thread_waits():
                got = super().acquire_read(timeout)
        if got:
            self._tokens.take(None, 0, True)
        return got

    def acquire_write(self, timeout: float | None = None) -> bool:
        """As the plain one's."""
        got = super().acquire_write(0)
        if not got and timeout != 0:
            with self.book.thread_waits():
                got = super().acquire_write(timeout)
        if got:
            self._tokens.take(None, 0, True)
        return got

    def release_read(self) -> None:
        """As the plain one's."""
        if self._readers:
            self._tokens.give(None)
        super().release_read()

    def release_write(self) -> None:
        """As the plain one's."""
        if self._writing:
            self._tokens.give(None)
        super().release_write()
