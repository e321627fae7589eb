"""The loop of the demonstration window: qasync's, traced, with timers of its own.

qasync starts one Qt timer per callback. Its own timers are coarse (Qt may shift them by 5 %, so that a sleep ends too
early) and let `SystemExit` run into Qt, which then ends the process without a word; these do neither.
"""

import asyncio
import math
from asyncio.base_events import _run_until_complete_cb  # type: ignore[attr-defined]  # private, as what looks for it
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import qasync
from PySide6.QtCore import QAbstractEventDispatcher, QObject, Qt, QTimerEvent, Signal
from PySide6.QtWidgets import QApplication

from explorer.probe.tracer import Tracer
from explorer.probe.turns import Turn, TurnLoop, Turns
from explorer.records.states import Kind

# What qasync schedules when a socket is ready; its third and fourth arguments are the file and who reads or writes.
_NOTIFIED: Final = "_QEventLoop__notifier_cb_wrapper"
_CALLBACK: Final = 3


class Timers(QObject):
    """A Qt timer for each callback that is to run; in qasync's terms, the loop's `_timer`."""

    handed = Signal(object)

    def __init__(self, failed: Callable[[BaseException], None]) -> None:
        """`failed` gets what must end the loop: `SystemExit` and `KeyboardInterrupt`."""
        super().__init__()
        self.soon = 0
        """How many callbacks wait for nothing but their turn."""
        self._handles: dict[int, tuple[asyncio.Handle, bool]] = {}
        self._failed = failed
        self.handed.connect(self.add_callback)

    def add_callback(self, handle: asyncio.Handle, delay: float = 0.0) -> asyncio.Handle:
        """Run `handle` after `delay` seconds, and not before."""
        milliseconds = math.ceil(delay * 1000)
        number = self.startTimer(milliseconds, Qt.TimerType.PreciseTimer)
        self._handles[number] = (handle, milliseconds == 0)
        self.soon += milliseconds == 0
        return handle

    def timerEvent(self, event: QTimerEvent) -> None:
        """Run what is due."""
        number = event.timerId()
        self.killTimer(number)
        handle, soon = self._handles.pop(number, (None, False))
        if handle is None:
            return
        self.soon -= soon
        if not handle.cancelled():
            try:
                handle._run()
            except (SystemExit, KeyboardInterrupt) as error:
                self._failed(error)

    def stop(self) -> None:
        """Run nothing any more."""
        for number in self._handles:
            self.killTimer(number)
        self._handles.clear()
        self.soon = 0

    def set_debug(self, on: bool) -> None:
        """qasync says so; there is nothing to do."""


class WindowLoop(TurnLoop, qasync.QEventLoop):  # type: ignore[misc]  # see TurnLoop's own exceptions
    """Qt's loop as asyncio's, all of whose callbacks are recorded."""

    def __init__(self, application: QApplication, tracer: Tracer | None) -> None:
        timers = Timers(self._leave)
        self.turns = Turns(tracer, lambda: timers.soon)
        self._failure: BaseException | None = None
        super().__init__(application)
        self._timer = timers
        # qasync's own default is ten QThreads, which have no names and are all started at the first use.
        self.set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))
        QAbstractEventDispatcher.instance().aboutToBlock.connect(self.turns.rest)

    def run_forever(self) -> None:
        """Run until stopped. Raises what a callback raised to end the program."""
        super().run_forever()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def run_until_complete(self, future: Any) -> Any:
        """As qasync's. The task is marked as the stdlib marks it, for AnyIO.

        AnyIO's worker threads end with the task that bears this mark. Where it finds none they end with the request
        that started them, and every request would have a thread of its own.
        """
        future = asyncio.ensure_future(future, loop=self)
        future.add_done_callback(_run_until_complete_cb)
        try:
            return super().run_until_complete(future)
        finally:
            future.remove_done_callback(_run_until_complete_cb)

    def close(self) -> None:
        """Close the loop; Qt's goes on without it."""
        if not self.is_closed():
            QAbstractEventDispatcher.instance().aboutToBlock.disconnect(self.turns.rest)
        super().close()

    def call_soon(  # type: ignore[override]  # see TurnLoop
        self, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.Handle:
        """As TurnLoop's; what a socket's readiness schedules is recorded as that."""
        if getattr(callback, "__name__", "") == _NOTIFIED.removeprefix("_QEventLoop"):
            self.turns.wake()
            turn = self._turn(Kind.IO, callback, args, context, args[_CALLBACK])
            self._put(turn, 0.0)
            return turn
        return super().call_soon(callback, *args, context=context)

    def _put(self, turn: Turn, delay: float) -> None:
        self._timer.add_callback(turn, delay)

    def _hand_over(self, turn: Turn) -> None:
        self._timer.handed.emit(turn)

    def _leave(self, error: BaseException) -> None:
        self._failure = error
        self.stop()
