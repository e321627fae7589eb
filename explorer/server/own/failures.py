"""Requests that the user's app failed to answer: the first of each kind in a sentence, with the place in the app."""

import logging
import threading
from collections.abc import Callable, Iterator, MutableMapping
from types import CodeType
from typing import Any, Final

from starlette.websockets import WebSocketDisconnect

from explorer.option_error import OptionError
from explorer.own_app import AppKnobs, folder_of
from explorer.probe.requests import route_of, route_template
from explorer.server.own import words
from explorer.server.own.veil import Hide

MOST: Final = 5
"""How many kinds of failure are told; the rest is counted by the load."""

logger: Final = logging.getLogger(__name__)


class Failures:
    """Tells of failures, once for each route, error and place. Safe to call from any thread."""

    def __init__(self, app: AppKnobs, told: Callable[[OptionError], None], hide: Hide) -> None:
        """`hide` is called with texts of the app's own, see `Veil`."""
        self._folder = folder_of(app)
        self._told = told
        self._hide = hide
        self._known: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()

    def note(self, scope: MutableMapping[str, Any], error: Exception) -> None:
        """The app raised `error` while it served `scope`. Raises nothing: the error is on its way to the server."""
        if isinstance(error, WebSocketDisconnect):
            return  # a loop that ends with its client, as is usual
        try:
            self._note(scope, error)
        except Exception as trouble:  # by its name alone: its text may hold what the app was given
            logger.warning("A failure of the app could not be told (%s)", type(trouble).__name__)

    def _note(self, scope: MutableMapping[str, Any], error: Exception) -> None:
        method = "WEBSOCKET" if scope["type"] == "websocket" else scope.get("method", "GET")
        route = f"{method} {route_template(scope) or scope.get('path', '')}"
        at = words.place(error, self._folder)
        kind = (route, type(error).__name__, at)
        with self._lock:
            if kind in self._known or len(self._known) >= MOST:
                return
            self._known.add(kind)
        dependency = _dependency(scope, error)
        who = f"its dependency {dependency}" if dependency else "your app"
        raised = words.said(error, self._hide)
        sentence = f"{self._hide(route)}: {who} raised {raised}{at}. The run goes on."
        self._told(OptionError(sentence, "app.target", words.details_of(error, self._hide)))


def _dependency(scope: MutableMapping[str, Any], error: Exception) -> str:
    """The dependency of the route in which the error was raised; empty if in none."""
    names = dict(_dependencies(getattr(route_of(scope), "dependant", None)))
    found = ""
    for frame, _ in words.frames(error.__traceback__):
        found = names.get(frame.f_code, found)
    return found


def _dependencies(dependant: Any) -> Iterator[tuple[CodeType, str]]:
    for one in getattr(dependant, "dependencies", ()):
        # An object that can be called is a dependency as well.
        code = getattr(one.call, "__code__", None) or getattr(getattr(one.call, "__call__", None), "__code__", None)  # noqa: B004
        if code is not None:
            yield code, getattr(one.call, "__qualname__", type(one.call).__qualname__)
        yield from _dependencies(one)
