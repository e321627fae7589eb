"""Waking by a Linux timer descriptor (timerfd_create(2)): exact to some 50 µs, and the process sleeps until then.

`perf_counter_ns` is CLOCK_MONOTONIC, so the moment is handed to the kernel as it is. Python has these calls since 3.13;
through ctypes they are there in all versions.
"""

import asyncio
import ctypes
import os
from collections.abc import Callable
from typing import Final

_CLOCK_MONOTONIC: Final = 1
_TFD_TIMER_ABSTIME: Final = 1
_TFD_NONBLOCK: Final = os.O_NONBLOCK
_TFD_CLOEXEC: Final = os.O_CLOEXEC
_SECOND: Final = 1_000_000_000


class _TimeSpec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _TimerSpec(ctypes.Structure):
    _fields_ = (("interval", _TimeSpec), ("value", _TimeSpec))


class TimerFd:
    """A waker with a descriptor of its own, which it holds from its first moment until `close`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Raises OSError when the system gives no timer."""
        libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(libc, "timerfd_create"):
            raise OSError("this system has no timerfd")
        self._settime = libc.timerfd_settime
        self._loop = loop
        self._callback: Callable[[], object] | None = None
        self._descriptor = libc.timerfd_create(_CLOCK_MONOTONIC, _TFD_NONBLOCK | _TFD_CLOEXEC)
        if self._descriptor < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        self._spec = _TimerSpec()
        self._spec_at = ctypes.byref(self._spec)
        loop.add_reader(self._descriptor, self._wake)

    def at(self, moment: int, callback: Callable[[], object]) -> None:
        """Call `callback` as soon as the clock shows `moment`."""
        self._callback = callback
        # A moment that has passed wakes at once; 0 would mean never. Setting also takes back a wake that is due.
        self._set(max(moment, 1))

    def cancel(self) -> None:
        """Forget the moment."""
        if self._callback is not None:
            self._callback = None
            self._set(0)

    def close(self) -> None:
        """Close the descriptor."""
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def _set(self, moment: int) -> None:
        value = self._spec.value
        value.seconds, value.nanoseconds = divmod(moment, _SECOND)
        self._settime(self._descriptor, _TFD_TIMER_ABSTIME, self._spec_at, None)

    def _wake(self) -> None:
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()
        if self._callback is None:  # no new moment was set, which would have made the descriptor quiet again
            self._set(0)
