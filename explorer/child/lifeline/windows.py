"""Windows (untried): a thread waits for the parent's process handle.

The session's own children are, besides, members of a Job Object that ends with the session
(`explorer.supervise.job`); their children inherit the membership.
"""

import ctypes
import os
import sys
import threading
from typing import Final

assert sys.platform == "win32"

SYNCHRONIZE: Final = 0x0010_0000
INFINITE: Final = 0xFFFF_FFFF


def tie(parent: int) -> None:
    """Watch the parent from a thread of its own; end this process when it has gone."""
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(SYNCHRONIZE, False, parent)
    if not handle:
        os._exit(0)

    def wait() -> None:
        kernel.WaitForSingleObject(ctypes.c_void_p(handle), INFINITE)
        os._exit(0)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
