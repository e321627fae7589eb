"""How many files may be kept open: some are left for what is opened for a moment only, and for what comes later.

The system gives out the lowest number that is free, so a high number says that nearly all below it are taken.
"""

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
