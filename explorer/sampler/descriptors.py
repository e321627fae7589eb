"""How many files may be kept open: some are left for what is opened for a moment only, and for what comes later.

The system gives out the lowest number that is free, so a high number says that nearly all below it are taken.
"""

import os
import sys
from typing import Final

RESERVE: Final = 32
"""So many descriptors below the limit are not kept."""


def to_spare(descriptor: int) -> bool:
    """Whether a file that has just been opened may stay open."""
    if sys.platform == "win32":
        return True
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft == resource.RLIM_INFINITY or descriptor < soft - RESERVE


def open_files(pid: int) -> tuple[int, int] | None:
    """How many files a process has open and may have open; None where the system does not tell it."""
    if sys.platform != "linux":
        return None
    import resource

    folder = f"/proc/{pid}/fd"
    try:
        # Since Linux 6.2 the folder's size is their number; before that they have to be counted.
        count = os.stat(folder).st_size or len(os.listdir(folder))
        soft, _ = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    except (OSError, ValueError):
        return None
    return None if soft == resource.RLIM_INFINITY else (count, soft)
