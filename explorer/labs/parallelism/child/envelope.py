"""How tasks travel: several arguments in one envelope, opened where they are worked on, with a clock at every seal.

Pools pickle by themselves, on threads of their own, where nobody can take the time. So the arguments are pickled here,
and the pool is given bytes: what it still pickles is no more than a copy. A runner whose workers share the memory of
this process (a coroutine, threads) gets the arguments as they are.
"""

import importlib
import mmap
import os
import pickle
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter_ns, thread_time_ns
from typing import Any, Final

Where = tuple[int, int]
"""The process and the native thread that did something."""


@dataclass(frozen=True, slots=True)
class InFile:
    """In the arguments of a task: a stretch of a file that all workers map; travels in place of its bytes."""

    path: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Done:
    """An envelope that came back: its results, sealed as the arguments were, and what the worker's clocks said (ns).

    `opened` follows `begun` when the arguments are there, `runs` has begin and end of each task, `sealed` is when the
    results were ready to travel. `cpu` is the worker thread's processor time in between, `core` where it ended (−1: not
    known).
    """

    results: Any
    where: Where
    begun: int
    opened: int
    runs: Sequence[tuple[int, int]]
    sealed: int
    cpu: int
    core: int


class Envelope:
    """Some tasks of a job. A worker calls it. On the timeline it goes by `title`."""

    def __init__(self, title: str, module: str, function: str, contents: Any, pickled: bool) -> None:
        """`contents`: the arguments of each task, or with `pickled` those as bytes."""
        self.__qualname__ = title
        self._module = module
        self._function = function
        self._contents = contents
        self._pickled = pickled

    def __call__(self) -> Done:
        """Do the tasks."""
        begun, busy = perf_counter_ns(), thread_time_ns()
        tasks = _fetched(unpack(self._contents) if self._pickled else self._contents)
        work: Callable[..., Any] = getattr(importlib.import_module(self._module), self._function)
        opened = perf_counter_ns()
        results, runs = [], []
        for arguments in tasks:
            start = perf_counter_ns()
            results.append(work(*arguments))
            runs.append((start, perf_counter_ns()))
        out = pack(results) if self._pickled else results
        where = (os.getpid(), threading.get_native_id())
        return Done(out, where, begun, opened, runs, perf_counter_ns(), thread_time_ns() - busy, _core())


def pack(contents: Any) -> bytes:
    """Arguments or results as bytes."""
    return pickle.dumps(contents, pickle.HIGHEST_PROTOCOL)


def unpack(sealed: bytes) -> Any:
    """The opposite. Only for what this program has packed."""
    return pickle.loads(sealed)


_files: Final[dict[str, mmap.mmap]] = {}
"""The files that this process has mapped. Envelopes arrive as functions and have nothing else to find them by."""


def _fetched(tasks: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """The arguments with what lies in files in its place."""
    return [[_read(each) if isinstance(each, InFile) else each for each in arguments] for arguments in tasks]


def _read(place: InFile) -> memoryview:
    mapped = _files.get(place.path)
    if mapped is None:
        with open(place.path, "rb") as file:
            mapped = _files[place.path] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return memoryview(mapped)[place.offset : place.offset + place.length]


def _find_core() -> Callable[[], int]:
    try:
        import ctypes  # not every sub-interpreter can

        find = ctypes.CDLL(None).sched_getcpu
    except (ImportError, OSError, AttributeError, TypeError):  # no such function on this system, or no libc to ask
        return lambda: -1
    find.restype = ctypes.c_int
    found: Callable[[], int] = find
    return found


_core: Final = _find_core()
