"""How many files a process may have open: sockets, and the rings of a run."""

import sys
from typing import Final

ENOUGH: Final = 65_536


def allow_many_files() -> None:
    """Raise this process's limit of open files, and so of connections, as far as it may."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (ValueError, OSError):  # macOS allows less than it says
            return
