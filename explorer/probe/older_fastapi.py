"""Operations of a FastAPI that does not speak OpenTelemetry, or of an app that has switched it off: by wrappers.

The functions that FastAPI's own hooks would tell of are wrapped in their modules, where they are looked up at each
call: dependencies, endpoint, serialization, background tasks. An endpoint of a WebSocket is called elsewhere, and not
seen.
"""

import functools
import importlib
from collections.abc import Callable
from typing import Any, Final

from explorer.probe.naming import callable_key, callable_name
from explorer.probe.operations import RESOLVING, SERIALIZING, OperationLog

ROUTING: Final = "fastapi.routing"
BACKGROUND: Final = "starlette.background"


def trace_by_wrapper(log: OperationLog) -> Callable[[], None]:
    """Record operations from now on. Returns what undoes it."""
    routing, background = importlib.import_module(ROUTING), importlib.import_module(BACKGROUND)
    task = background.BackgroundTask
    undo = [
        _wrap(routing, "solve_dependencies", log, lambda kwargs: (RESOLVING, None)),
        _wrap(routing, "run_endpoint_function", log, lambda kwargs: ("endpoint", kwargs["dependant"].call)),
        _wrap(routing, "serialize_response", log, lambda kwargs: (SERIALIZING, None)),
        _wrap_task(task, log),
    ]
    return lambda: [step() for step in reversed(undo)].clear()


def _wrap(
    module: Any, attribute: str, log: OperationLog, about: Callable[[Any], tuple[str, Any]]
) -> Callable[[], None]:
    real = getattr(module, attribute)

    @functools.wraps(real)
    def called(*args: Any, **kwargs: Any) -> Any:
        what, function = about(kwargs)
        return log.around(_name(log, what, function), real(*args, **kwargs))

    setattr(module, attribute, called)
    return functools.partial(setattr, module, attribute, real)


def _wrap_task(task: Any, log: OperationLog) -> Callable[[], None]:
    real = task.__call__

    @functools.wraps(real)
    def called(self: Any) -> Any:
        return log.around(_name(log, "background task", self.func), real(self))

    task.__call__ = called

    def undo() -> None:
        task.__call__ = real

    return undo


def _name(log: OperationLog, what: str, function: Any) -> int:
    if function is None:
        return log.name(what, lambda: what)
    return log.name((what, callable_key(function)), lambda: f"{what} {callable_name(function)}")
