"""What a test must not leave behind: processes, threads, open files, log lines that nobody expected.

`conftest.py` looks before and after every test; the looking itself is here, as plain functions. A thing that is
already on its way out gets a moment to go.
"""

import gc
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence

import psutil

# Every process that a test starts inherits this, so that it is found even when its parent has died before it.
MARK = "EXPLORER_TEST_SESSION"
GRACE_S = float(os.environ.get("EXPLORER_TEST_GRACE_S", "3"))
# multiprocessing starts one helper per process and keeps it for good.
HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")
# A PostgreSQL server's own children come and go as it sees fit, and end with it; to end one would restart them all.
SERVERS_OWN = "postgres: "


def mark_session() -> None:
    """Give this process's future descendants their mark."""
    os.environ[MARK] = str(os.getpid())


def processes() -> dict[int, str]:
    """Command line by pid of the living processes that come from this one, orphans among them."""
    own = os.getpid()
    children = {child.pid for child in psutil.Process().children(recursive=True)}
    found = {}
    for process in psutil.process_iter():
        try:
            if process.pid != own and (process.pid in children or process.environ().get(MARK) == str(own)):
                command = " ".join(process.cmdline())
                known = command.startswith(SERVERS_OWN) or any(helper in command for helper in HELPERS)
                if process.status() != psutil.STATUS_ZOMBIE and not known:
                    found[process.pid] = command
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def threads() -> dict[int, str]:
    """Name by ident of the living threads that Python started.

    A thread of Qt's that once called Python leaves a dummy behind, which stays listed when the thread has long ended.
    """
    living = (thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread))
    return {thread.ident: thread.name for thread in living if thread.ident is not None}


def files() -> dict[int, str]:
    """What each open descriptor of this process leads to; empty where the system does not tell."""
    if not sys.platform.startswith("linux"):
        return {}
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
        except OSError:  # the descriptor of the listing itself
            continue
    return found


def loggers() -> dict[str, tuple[int, bool, list[logging.Handler], bool]]:
    """How uvicorn's loggers are set: a server that is made in this process sets them anew, for all tests after it."""
    found = {}
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        found[name] = (logger.level, logger.propagate, list(logger.handlers), logger.disabled)
    return found


def restore(before: dict[str, tuple[int, bool, list[logging.Handler], bool]]) -> None:
    """Set loggers as `loggers` found them."""
    for name, (level, propagate, handlers, disabled) in before.items():
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.propagate, logger.handlers, logger.disabled = propagate, handlers, disabled


def left_over(look: Callable[[], dict[int, str]], before: dict[int, str]) -> dict[int, str]:
    """What `look` still sees after the grace period that was not there before."""
    deadline = time.monotonic() + GRACE_S
    while rest := {key: value for key, value in look().items() if before.get(key) != value}:
        if time.monotonic() > deadline:
            return rest
        gc.collect()
        time.sleep(0.02)
    return {}


def end(pids: Iterable[int]) -> None:
    """Kill leaked processes, so that one faulty test does not spoil the next."""
    for pid in pids:
        try:
            psutil.Process(pid).kill()
        except psutil.NoSuchProcess:
            continue


class LogWatch(logging.Handler):
    """Keeps the log records of a test from WARNING upwards."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record as the line a reader would see."""
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def complaints(self, expected: Sequence[str]) -> list[str]:
        """Lines that match no expected pattern, and patterns that no line matched."""
        wrong = [f"unexpected: {line}" for line in self.lines if not any(re.search(p, line) for p in expected)]
        wrong += [f"expected but absent: {p}" for p in expected if not any(re.search(p, line) for line in self.lines)]
        return wrong
