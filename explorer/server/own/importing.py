"""Imports the user's app and makes sure that it is one. Whatever its modules do meanwhile ends in one sentence.

An import that takes too long is told by a watch, which also says where it is; the process lives on until its parent,
which has heard of it, ends it.
"""

import importlib
import inspect
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from explorer.option_error import OptionError
from explorer.options import suggest
from explorer.own_app import AppKnobs, folder_of
from explorer.server.own import words
from explorer.server.own.veil import Hide

Told = Callable[[OptionError], None]
GUARDED: Final[tuple[tuple[Any, str], ...]] = ((uvicorn, "run"), (uvicorn.Server, "run"), (uvicorn.Server, "serve"))


def import_app(app: AppKnobs, hide: Hide) -> Any:
    """The ASGI app that `app.target` names. Raises `OptionError`, with the traceback as details."""
    module_name, _, attribute = app.target.partition(":")
    try:
        with _no_server():
            module = importlib.import_module(module_name)
            found = _attribute(module, attribute)
            if app.factory and callable(found):
                found = found()
    except OptionError:
        raise
    except BaseException as error:  # sys.exit() as well
        raise words.of_import(app, error, hide) from None
    _check(app, found)
    return found


def fastapi_apps(app: Any) -> list[Any]:
    """The FastAPI apps to which an ASGI app leads: itself, or what it wraps as `.app`."""
    from fastapi import FastAPI

    found, seen = [], set()
    while app is not None and id(app) not in seen:
        seen.add(id(app))
        if isinstance(app, FastAPI):
            found.append(app)
        app = getattr(app, "app", None)
    return found


class Watch:
    """Tells once of a start that takes longer than `app.limit`, and where it is; the clock begins to run now."""

    def __init__(self, app: AppKnobs, thread: int, told: Told) -> None:
        """`thread` is the identifier of the one that imports."""
        self._app, self._thread, self._told = app, thread, told
        self._imported = False
        self._timer = threading.Timer(app.limit, self._tell)
        self._timer.daemon = True
        self._timer.start()

    def imported(self) -> None:
        """The import is over, and the lifespan begins."""
        self._imported = True

    def stop(self) -> None:
        """The start is over."""
        self._timer.cancel()

    def _tell(self) -> None:
        frame = sys._current_frames().get(self._thread)
        at = words.where_it_is(frame, folder_of(self._app))
        what = "lifespan did not finish" if self._imported else "import did not finish"
        sentence = (
            f"Your app's {what} within {self._app.limit:g} s{at}; "
            "see what it waits for, or give it longer by app.limit."
        )
        self._told(OptionError(sentence, "app.limit", "".join(traceback.format_stack(frame)) if frame else ""))


def _attribute(module: Any, path: str) -> Any:
    found = module
    for name in path.split("."):
        if not hasattr(found, name):
            raise OptionError(_no_such(module, path), "app.target")
        found = getattr(found, name)
    return found


def _no_such(module: Any, path: str) -> str:
    from fastapi import FastAPI

    apps = [name for name, value in vars(module).items() if isinstance(value, FastAPI)]
    if apps:
        return f"{module.__name__} has no '{path}'. Did you mean '{apps[0]}'?"
    names = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
    hint = suggest(path, names) if names else "It holds no app at all."
    return f"{module.__name__} has no '{path}'. {hint}"


def _check(app: AppKnobs, found: Any) -> None:
    """Raise `OptionError` unless `found` is an ASGI app."""
    if _is_router(found):  # it would answer as one, but FastAPI's routes need their app around them
        raise OptionError(
            f"{app.target} is an APIRouter, not an app; include it in a FastAPI() app and name that.", "app.target"
        )
    if inspect.isclass(found) or not callable(found):
        raise OptionError(
            f"{app.target} is not an ASGI app but {_kind(found)}; name the variable that holds the FastAPI app.",
            "app.target",
        )
    call = found if inspect.isfunction(found) or inspect.ismethod(found) else type(found).__call__
    if inspect.iscoroutinefunction(call) or _awaits(found):
        return
    parameters = _parameters(found)
    if not app.factory and parameters == 0:
        raise OptionError(
            f"{app.target} is a function that makes the app, it seems; set app.factory (--factory) to call it.",
            "app.factory",
        )
    raise OptionError(
        f"{app.target} is not an ASGI app but {_kind(found)}; name the variable that holds the FastAPI app.",
        "app.target",
    )


def _is_router(found: Any) -> bool:
    from fastapi import APIRouter

    return isinstance(found, APIRouter)


def _awaits(found: Any) -> bool:
    """Whether it takes scope, receive and send, as ASGI apps do that are not written as coroutine functions."""
    return _parameters(found) == 3


def _parameters(found: Any) -> int:
    """How many arguments must be given; -1 if that cannot be told."""
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return -1
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(one.default is one.empty and one.kind in positional for one in parameters)


def _kind(found: Any) -> str:
    if inspect.isclass(found):
        return f"the class {found.__name__}"
    if inspect.isfunction(found) or inspect.ismethod(found):
        return f"the function {found.__name__}"
    return f"an object of the type {type(found).__name__}"


@contextmanager
def _no_server() -> Iterator[None]:
    """While it holds, uvicorn starts no server: a module that does so when imported would never be done."""
    real = [(owner, name, getattr(owner, name)) for owner, name in GUARDED]

    def refuse(*_: Any, **__: Any) -> Any:
        raise words.RunsAServer

    for owner, name, _ in real:
        setattr(owner, name, refuse)
    try:
        yield
    finally:
        for owner, name, function in real:
            setattr(owner, name, function)
