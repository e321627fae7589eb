"""Runs the standard library's own tests of locks against traced ones, and then lets threads take turns in a hurry.

The library's tests are part of most installations of CPython, but not of all; what is not there is said. A program of
its own, as it runs under every Python of the machine: `python -m tests.full.locks_program FOLDER`.
"""

import importlib
import json
import queue
import sys
import threading
import time
import unittest
from pathlib import Path
from typing import Any, Final

from explorer.probe.locks.install import LockTracing
from explorer.probe.tracer import Tracer
from explorer.records.states import Kind, Role
from explorer.ring.writer import Ring

THREADS: Final = 8
TURNS: Final = 1_000
SKIPPED: Final = "ConditionAsRLock.test_recursion_count"
"""The library skips it as well: its own condition does not pass it."""


def main(folder: Path) -> int:
    """0 if all pass. The last line is JSON: how many tests ran, and what was not there."""
    tracer = Tracer.join(Role.SERVER, environ={"EXPLORER_RUN": str(folder)})
    assert tracer is not None
    LockTracing(tracer, own=["test"])  # the library's tests count as the app
    suite, absent = unittest.TestSuite(), []
    for add in (_add_threads, _add_tasks, _add_queues):
        try:
            add(suite)
        except ImportError as error:
            absent.append(str(error))
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=0).run(suite)
    turns = _hurry()
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(json.dumps({"tests": result.testsRun, "absent": absent, "turns": turns, "gil": gil}))
    return 0 if result.wasSuccessful() and turns == THREADS * TURNS else 1


def _hurry() -> int:
    """All threads raise one number in turns; what they came to. The books of the lock must agree with it."""
    lock: Any = threading.Lock()
    counter, holds = [0], [0]
    write = Ring.write

    def count(ring: Ring, *row: Any) -> None:
        if row[6] == Kind.LOCK_HELD and row[9] == 1:
            holds[0] += 1  # under the lock, as its end is written before it is given back
        write(ring, *row)

    def turn() -> None:
        for number in range(TURNS):
            with lock:
                before = counter[0]
                if not number % 50:
                    time.sleep(0)
                counter[0] = before + 1

    Ring.write = count  # type: ignore[method-assign,assignment]
    try:
        threads = [threading.Thread(target=turn) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        Ring.write = write  # type: ignore[method-assign]
    left_out = lock._left_out + lock.book.probe._left_out
    return counter[0] if holds[0] + left_out == counter[0] else -holds[0]


def _add(suite: unittest.TestSuite, name: str, base: type[Any], **attributes: Any) -> None:
    case = type(name, (base,), attributes)
    for test in unittest.defaultTestLoader.loadTestsFromTestCase(case):
        assert isinstance(test, unittest.TestCase)
        if not test.id().endswith(SKIPPED):
            suite.addTest(test)


def _add_threads(suite: unittest.TestSuite) -> None:
    tests = importlib.import_module("test.lock_tests")
    for name, base, attribute in (
        ("Lock", "LockTests", "locktype"),
        ("RLock", "RLockTests", "locktype"),
        ("ConditionAsRLock", "RLockTests", "locktype"),
        ("Event", "EventTests", "eventtype"),
        ("Condition", "ConditionTests", "condtype"),
        ("Semaphore", "SemaphoreTests", "semtype"),
        ("BoundedSemaphore", "BoundedSemaphoreTests", "semtype"),
        ("Barrier", "BarrierTests", "barriertype"),
    ):
        make = getattr(threading, name.removesuffix("AsRLock"))
        _add(suite, name, getattr(tests, base), **{attribute: staticmethod(make)})


def _add_tasks(suite: unittest.TestSuite) -> None:
    """These ask for `asyncio.Lock` and so on themselves."""
    for module in ("test.test_asyncio.test_locks", "test.test_asyncio.test_queues"):
        tests = importlib.import_module(module)
        suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(tests))


def _add_queues(suite: unittest.TestSuite) -> None:
    tests = importlib.import_module("test.test_queue")
    for name in ("Queue", "LifoQueue", "PriorityQueue"):
        for base in (f"Py{name}Test", f"{name}Test"):
            if hasattr(tests, base):
                kind = getattr(queue, name)
                _add(suite, f"Traced{name}", getattr(tests, base), type2test=staticmethod(kind))
                break


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
