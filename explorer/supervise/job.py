"""Windows (untried): a Job Object that ends all its processes when the session's last handle to it closes.

The handle lives as long as this process, and is closed by the system however the process ends.
"""

import ctypes
import sys
from ctypes import wintypes
from typing import Final

assert sys.platform == "win32"

KILL_ON_JOB_CLOSE: Final = 0x2000
EXTENDED_LIMIT_INFORMATION: Final = 9
PROCESS_SET_QUOTA_AND_TERMINATE: Final = 0x0101


class _Basic(ctypes.Structure):
    _fields_ = (
        ("PerProcessUserTimeLimit", wintypes.LARGE_INTEGER),
        ("PerJobUserTimeLimit", wintypes.LARGE_INTEGER),
        ("LimitFlags", wintypes.DWORD),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", wintypes.DWORD),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", wintypes.DWORD),
        ("SchedulingClass", wintypes.DWORD),
    )


class _Extended(ctypes.Structure):
    _fields_ = (
        ("BasicLimitInformation", _Basic),
        ("IoInfo", ctypes.c_ulonglong * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


class Job:
    """One job object; processes are members once adopted, and so are their children."""

    def __init__(self) -> None:
        """Create the job. Raises `OSError`."""
        self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        self._kernel.CreateJobObjectW.restype = wintypes.HANDLE
        self._kernel.OpenProcess.restype = wintypes.HANDLE
        self._handle = self._kernel.CreateJobObjectW(None, None)
        limits = _Extended()
        limits.BasicLimitInformation.LimitFlags = KILL_ON_JOB_CLOSE
        done = self._kernel.SetInformationJobObject(
            wintypes.HANDLE(self._handle), EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), ctypes.sizeof(limits)
        )
        if not self._handle or not done:
            raise ctypes.WinError(ctypes.get_last_error())

    def adopt(self, pid: int) -> None:
        """Make process `pid` a member. Raises `OSError`."""
        process = self._kernel.OpenProcess(PROCESS_SET_QUOTA_AND_TERMINATE, False, pid)
        if not process:
            raise ctypes.WinError(ctypes.get_last_error())
        done = self._kernel.AssignProcessToJobObject(wintypes.HANDLE(self._handle), wintypes.HANDLE(process))
        self._kernel.CloseHandle(wintypes.HANDLE(process))
        if not done:
            raise ctypes.WinError(ctypes.get_last_error())
