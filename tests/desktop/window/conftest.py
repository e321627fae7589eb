"""A real window on a real loop: what a test gets in its hands."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Protocol

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from explorer.desktop.app import Application

PATIENCE_S = 30.0


class Drive(Protocol):
    """Runs a coroutine function with the application, on Qt's own loop, and ends everything afterwards."""

    def __call__(self, scene: Callable[[Application], Coroutine[Any, Any, None]]) -> None:
        """Run `scene`."""
        ...


@pytest.fixture
def drive(qapp: QApplication) -> Iterator[Drive]:
    """Make a window, run a coroutine with it, end the session, close it."""

    def run(scene: Callable[[Application], Coroutine[Any, Any, None]]) -> None:
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
            runner.run(_scene(scene))

    yield run
    asyncio.set_event_loop(None)


async def _scene(scene: Callable[[Application], Coroutine[Any, Any, None]]) -> None:
    application = Application(None, "dark")
    application.window.resize(1280, 720)
    application.window.show()
    application.window.activateWindow()
    try:
        await until(application.window.isActiveWindow, "the window to be active")
        await scene(application)
    finally:
        await application.close()
        await asyncio.sleep(0)


async def until(condition: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """Let the window live until `condition()` is true; fails with `what` was waited for."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited in vain for {what}")
        await asyncio.sleep(0.01)
