"""Making a ring's file: space allocated, header written, renamed into place, mapped."""

import errno
import mmap
import os
import sys
import time
from pathlib import Path

from explorer.ring import layout


class RingError(Exception):
    """A ring could not be made; the text is a sentence for the user."""


def create(path: Path, form: int, capacity: int) -> mmap.mmap:
    """Make the ring file `path` of the given form and map it. Raises RingError when there is no space for it.

    All space is allocated now: writing through a mapping into a file that the disk has no room for kills the process
    with SIGBUS, and the process here is the observed one. The file gets its name last, so that a reader that sees it
    can read it.
    """
    size = layout.HEADER_SIZE + layout.data_size(form, capacity)
    temporary = path.with_name(f".{path.name}.new")
    try:
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _allocate(descriptor, size)
            mapped = map_file(descriptor, size)
        finally:
            os.close(descriptor)
        write_header(mapped, form, capacity)
        temporary.replace(path)
    except OSError as error:
        try:
            temporary.unlink(missing_ok=True)
        except OSError:
            pass
        raise RingError(_sentence(path.parent, size, error)) from error
    return mapped


def map_file(descriptor: int, size: int = 0) -> mmap.mmap:
    """Map an open file; without a duplicate of the descriptor, where Python can: a process may have 1,500 rings."""
    if sys.version_info >= (3, 13):
        return mmap.mmap(descriptor, size, trackfd=False)
    return mmap.mmap(descriptor, size)


def write_header(buffer: mmap.mmap | bytearray, form: int, capacity: int) -> None:
    """Fill in what never changes. The magic comes last: until then a reader takes the file for unfinished."""
    words = memoryview(buffer)[: layout.HEADER_SIZE].cast("Q")
    words[layout.WORD_VERSION] = layout.VERSION
    words[layout.WORD_LAYOUT] = form
    words[layout.WORD_CAPACITY] = capacity
    words[layout.WORD_PID] = os.getpid()
    words[layout.WORD_OPENED] = time.perf_counter_ns()
    words[layout.WORD_MAGIC] = layout.MAGIC
    words.release()


def _allocate(descriptor: int, size: int) -> None:
    if sys.platform == "linux":
        os.posix_fallocate(descriptor, 0, size)
        return
    # Elsewhere (untried): zeros are written, which allocates as well. ENOSPC comes from the write, not from a fault.
    block = bytes(1 << 16)
    written = 0
    while written < size:
        written += os.write(descriptor, block[: size - written])


def _sentence(folder: Path, size: int, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"There is no room for a ring of {size / 2**20:.1f} MiB in {folder}; free some space there."
    return f"A ring could not be made in {folder} ({error.strerror}); check that the folder exists and can be written."
