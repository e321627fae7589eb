"""Readers look at a shelf together; a writer needs it for itself alone."""

import random
import time

from explorer.server.readers_writer import Preference, ReadersWriterLock


class Shelf:
    """What is read and written, and the lock that lets many readers in, or one writer."""

    def __init__(self, prefer: Preference) -> None:
        self.edition = 0
        self.lock = ReadersWriterLock(prefer)


def blocking(writes: bool, shelf: Shelf, read: float, write: float) -> int:
    """Read, or write. Returns the edition that was read or written."""
    return put(shelf, write) if writes else look(shelf, read)


def look(shelf: Shelf, seconds: float) -> int:
    """Others read at the same time. As written a reader need not care whether a writer waits: it goes in.

    When writers are first, a reader who comes later than a waiting writer goes in later as well.
    """
    with shelf.lock.read():
        time.sleep(seconds * random.uniform(0.5, 1.5))  # of different length, as readers are
        return shelf.edition


def put(shelf: Shelf, seconds: float) -> int:
    """Waits until nobody reads. If there is always one more reader, that moment never comes."""
    with shelf.lock.write():
        time.sleep(seconds)
        shelf.edition += 1
        return shelf.edition
