"""Knobs that change while the server serves: what a `set` on the control channel does."""

import asyncio
import gc
import sys
from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI

from explorer.options import OptionError, build
from explorer.scenario import ServerKnobs
from explorer.server.parts import Part


def apply_server_knobs(knobs: ServerKnobs) -> None:
    """Make the interpreter's own settings what these knobs say."""
    sys.setswitchinterval(knobs.switch_interval)
    if knobs.gc:
        gc.enable()
    else:
        gc.disable()


class Live:
    """Changes knobs of a running app. `set` is called from the control channel's thread."""

    def __init__(self, app: FastAPI, server: ServerKnobs) -> None:
        self._parts: list[Part] = app.state.parts
        self._server = server
        self._loop: asyncio.AbstractEventLoop | None = None

    def started(self, loop: asyncio.AbstractEventLoop) -> None:
        """The app serves on `loop` from now on."""
        self._loop = loop

    def set(self, knob: str, value: Any, done: Callable[[], None]) -> None:
        """Change `knob` ("dispatch.tokens", "server.gc", "also.1.workload.seconds") and call `done` when it counts.

        Raises `OptionError` when there is no such knob or the value is not allowed.
        """
        part, section, key = self._find(knob)
        if part is None:
            self._server = build("server", ServerKnobs, {**self._server.model_dump(), key: value})
            apply_server_knobs(self._server)
            done()
            return
        apply = part.change(section, key, value)

        def take_effect() -> None:
            apply()
            done()

        if self._loop is None:
            take_effect()
        else:
            self._loop.call_soon_threadsafe(take_effect)

    def _find(self, knob: str) -> tuple[Part | None, str, str]:
        path = knob.split(".")
        number = 0
        if path[0] == "also" and len(path) == 4 and path[1].isdigit():
            number, path = int(path[1]), path[2:]
        if len(path) == 2 and number < len(self._parts):
            if path[0] in PART_SECTIONS:
                return self._parts[number], path[0], path[1]
            if path[0] == "server" and path[1] in LIVE_SERVER_KNOBS:
                return None, "server", path[1]
        raise OptionError(f"'{knob}' cannot change while the server runs; restart it.", knob)


PART_SECTIONS: Final = ("dispatch", "workload")
LIVE_SERVER_KNOBS: Final = ("switch_interval", "gc")
