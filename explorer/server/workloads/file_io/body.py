"""Writes a file and reads it back; the thread stands still meanwhile."""

import os
import tempfile


def blocking(folder: str, size: int, sync: bool) -> int:
    """Write `size` bytes, wait for the disk if `sync`, read them back, delete the file."""
    file, path = tempfile.mkstemp(dir=folder)
    try:
        os.pwrite(file, bytes(size), 0)
        if sync:
            os.fsync(file)
        return len(os.pread(file, size, 0))
    finally:
        os.close(file)
        os.unlink(path)
