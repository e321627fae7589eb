"""Linux: the kernel kills this process when its parent ends.

The setting belongs to this generation alone (a fork clears it, and so does a change of user), so every process makes
it for itself. It follows the *thread* that started the process: children must be started by a thread that lives as
long as its process, which is the main thread.
"""

import ctypes
import os
import signal
from typing import Final

PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None, use_errno=True)  # once: what is forked for a connection has no time to lose


def tie(parent: int) -> None:
    """Ask for SIGKILL at the parent's end, then see whether the parent ended before that took effect."""
    if _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        os._exit(0)
