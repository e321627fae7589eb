"""Wrappers of locks that write down when they are taken and given back. Executed by `sitecustomize`."""

import asyncio
import functools
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter_ns
from types import ModuleType
from typing import Any


class Log:
    """A file that takes a line at a time from any thread."""

    def __init__(self, file: str) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, name: str, asked: int, got: int, giving: int, gave: int) -> None:
        """One hold is over; or, with `giving` 0, it was never had: `got` is then when that was clear."""
        line = json.dumps([name, threading.get_native_id(), asked, got, giving, gave])
        os.write(self._file, f"{line}\n".encode())


class Logged:
    """A lock or semaphore, of threads or of tasks."""

    def __init__(self, lock: Any, name: str, log: Log) -> None:
        self._lock, self._name, self._log = lock, name, log
        self._since: dict[int, tuple[int, int]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lock, name)

    def acquire(self, *args: Any, **kwargs: Any) -> bool:
        asked = perf_counter_ns()
        with self._unless_it_fails(asked):
            found = bool(self._lock.acquire(*args, **kwargs))
        if found:
            self._since[threading.get_ident()] = asked, perf_counter_ns()
        else:
            self._log.write(self._name, asked, perf_counter_ns(), 0, 0)
        return found

    @contextmanager
    def _unless_it_fails(self, asked: int) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._log.write(self._name, asked, perf_counter_ns(), 0, 0)
            raise

    def release(self) -> None:
        asked, got = self._since.pop(threading.get_ident())
        giving = perf_counter_ns()
        self._lock.release()
        self._log.write(self._name, asked, got, giving, perf_counter_ns())

    def __enter__(self) -> None:
        asked = perf_counter_ns()
        with self._unless_it_fails(asked):
            self._lock.__enter__()
        self._since[threading.get_ident()] = asked, perf_counter_ns()

    def __exit__(self, *error: object) -> None:
        asked, got = self._since.pop(threading.get_ident())
        giving = perf_counter_ns()
        self._lock.__exit__(*error)
        self._log.write(self._name, asked, got, giving, perf_counter_ns())

    async def __aenter__(self) -> None:
        asked = perf_counter_ns()
        with self._unless_it_fails(asked):
            await self._lock.__aenter__()
        self._since[id(asyncio.current_task())] = asked, perf_counter_ns()

    async def __aexit__(self, *error: object) -> None:
        asked, got = self._since.pop(id(asyncio.current_task()))
        giving = perf_counter_ns()
        await self._lock.__aexit__(*error)
        self._log.write(self._name, asked, got, giving, perf_counter_ns())


class LoggedShelf:
    """A readers–writer lock."""

    def __init__(self, lock: Any, name: str, log: Log) -> None:
        self._lock, self._name, self._log = lock, name, log

    @contextmanager
    def _logged(self, inner: Any) -> Iterator[None]:
        asked = perf_counter_ns()
        with inner:
            got = perf_counter_ns()
            yield
            giving = perf_counter_ns()
        self._log.write(self._name, asked, got, giving, perf_counter_ns())

    def read(self) -> Any:
        return self._logged(self._lock.read())

    def write(self) -> Any:
        return self._logged(self._lock.write())


def logged(value: Any, name: str, log: Log) -> Any:
    """The wrapped form of a lock or of a list of locks; anything else as it is."""
    if hasattr(value, "acquire_read"):
        return LoggedShelf(value, name, log)
    if hasattr(value, "acquire") and hasattr(value, "release"):
        return Logged(value, name, log)
    if isinstance(value, list):
        return [logged(each, f"{name} {number}", log) for number, each in enumerate(value, 1)]
    return value


def wrap_classes(module: ModuleType, file: str) -> None:
    """Have every object of a class of this module wrap its locks when it is made."""
    log = Log(file)
    for made in list(vars(module).values()):
        if isinstance(made, type) and made.__module__ == module.__name__ and "__init__" in vars(made):
            made.__init__ = _wrapping(made.__init__, log)  # type: ignore[misc]


def _wrapping(begin: Any, log: Log) -> Any:
    @functools.wraps(begin)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        for name, value in list(vars(self).items()):
            wrapped = logged(value, f"{getattr(self, 'name', '')}.{name}", log)
            if wrapped is not value:
                setattr(self, name, wrapped)

    return init
