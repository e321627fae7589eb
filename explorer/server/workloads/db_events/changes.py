"""Requests that wait until the database reports their change.

A report comes on whatever thread heard it: one that listens to PostgreSQL, or the one that wrote to SQLite. The request
may wait on any event loop, so the report is handed to that loop.
"""

import asyncio
import itertools
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any


class NoReports(Exception):
    """The database does not report any more."""


@dataclass(slots=True, eq=False)
class Waiter:
    """One request. `reported` is done when the loop has taken the report."""

    ticket: str
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    task: "asyncio.Task[Any] | None" = field(default_factory=asyncio.current_task)
    reported: "asyncio.Future[None]" = field(init=False)

    def __post_init__(self) -> None:
        self.reported = self.loop.create_future()

    def take(self, told_ns: int) -> None:
        """The loop takes the report, of which a thread was told at `told_ns`."""
        if not self.reported.done():
            self.reported.set_result(None)

    def give_up(self) -> None:
        """No report will come."""
        if not self.reported.done():
            self.reported.set_exception(NoReports())


class Changes:
    """Those who wait, by their tickets. `report` and `give_up` may be called from any thread."""

    def __init__(self) -> None:
        # Other processes hear the same reports; this tells whose a ticket is.
        self._prefix = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._waiting: dict[str, Waiter] = {}
        self._over = False

    @contextmanager
    def expected(self) -> Iterator[Waiter]:
        """Wait, from before the change is written until the report has come or nobody cares any more."""
        waiter = Waiter(f"{self._prefix}-{next(self._numbers)}")
        with self._lock:
            if self._over:
                raise NoReports
            self._waiting[waiter.ticket] = waiter
        try:
            yield waiter
        finally:
            with self._lock:
                self._waiting.pop(waiter.ticket, None)

    def report(self, ticket: str) -> None:
        """The database says that this change has been made."""
        told = perf_counter_ns()
        with self._lock:
            waiter = self._waiting.pop(ticket, None)
        if waiter is not None:
            _hand_over(waiter, waiter.take, told)

    def give_up(self) -> None:
        """No more reports will come: nobody may wait for ever."""
        with self._lock:
            self._over = True
            waiting, self._waiting = list(self._waiting.values()), {}
        for waiter in waiting:
            _hand_over(waiter, waiter.give_up)


def _hand_over(waiter: Waiter, function: Any, *arguments: Any) -> None:
    try:
        waiter.loop.call_soon_threadsafe(function, *arguments)
    except RuntimeError:  # its loop has been closed: its connection has just ended
        return
