"""What each event loop that serves has one of, and how it is reached from another thread."""

import asyncio
import threading
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerLoop(Generic[T]):
    """One value for each event loop that lives; AnyIO's limiter of worker threads is such a thing.

    Most of these are not safe to touch from another thread than their loop's; this collection itself is.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, T] = weakref.WeakKeyDictionary()

    def add(self, value: T) -> None:
        """The value of the running loop."""
        with self._lock:
            self._values[asyncio.get_running_loop()] = value

    def each(self, change: Callable[[T], object]) -> None:
        """Have `change` called with every value on its own loop's thread: at once here, as soon as they come round
        elsewhere.
        """
        running = asyncio._get_running_loop()
        with self._lock:
            values = list(self._values.items())
        for loop, value in values:
            if loop is running:
                change(value)
                continue
            try:
                loop.call_soon_threadsafe(change, value)
            except RuntimeError:  # it has just been closed
                continue
