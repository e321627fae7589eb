"""Asking an app of the user's own for its routes: it is imported in a process of its own, by its own Python."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.option_error import OptionError
from explorer.own_app import AppKnobs
from explorer.session.inquiry import ask_routes

Spawn = Callable[[Coroutine[Any, Any, Any]], "asyncio.Task[Any]"]


class AskedRoutes(QObject):
    """One question at a time, as a task that `spawn` makes. Lives on the window's thread and asyncio loop.

    Signals: `found` (a list of `FoundRoute`) when the app has told its routes, `failed` (an `OptionError`) when not.
    """

    found = Signal(object)
    failed = Signal(object)

    def __init__(self, spawn: Spawn, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spawn = spawn
        self._task: asyncio.Task[Any] | None = None

    @property
    def asking(self) -> bool:
        """Whether an app is being asked."""
        return self._task is not None and not self._task.done()

    def ask(self, app: AppKnobs, interpreter: str) -> None:
        """Ask an app; `found` or `failed` follows. An answer to an earlier question is not waited for."""
        self.give_up()
        self._task = self._spawn(self._ask(app, interpreter))

    def give_up(self) -> None:
        """Wait no longer for an answer."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _ask(self, app: AppKnobs, interpreter: str) -> None:
        try:
            self.found.emit(await ask_routes(app, interpreter))
        except OptionError as error:
            self.failed.emit(error)
