"""Names for what an event loop and a pool run: functions, methods, partials, coroutines.

Names must be few (`explorer.records.names`), so that they come from code, never from objects: `Server.serve`, not the
repr of a server.
"""

import functools
import types
from collections.abc import Callable
from typing import Any, Final

ANYIO: Final = "TaskHandle._run_coro"
PLAIN: Final = {
    "_set_result_unless_cancelled": "asyncio.sleep is over",
    "WorkerThread._report_result": "result of a thread",
    "Server._tick": "uvicorn looks around",
}
"""What the insides of asyncio, AnyIO and the server that are seen most often mean to those who do not know them."""


def callable_name(callback: Callable[..., Any]) -> str:
    """The qualified name of what will run when `callback` is called; partials and wrappers are looked through."""
    target: Any = callback
    while isinstance(target, functools.partial):
        target = target.func
    name = getattr(target, "__qualname__", None)
    if not isinstance(name, str):
        name = type(target).__qualname__
    name = name.replace("<locals>.", "")
    return PLAIN.get(name, name)


def callable_key(callback: Callable[..., Any]) -> object:
    """What `callback` shares with all others that deserve the same name; hashable, and keeps no object alive."""
    target: Any = callback
    while isinstance(target, functools.partial):
        target = target.func
    if isinstance(target, types.MethodType):
        target = target.__func__
    if isinstance(target, types.FunctionType):
        return target.__qualname__  # a code object is as unique and takes far longer to hash
    if isinstance(target, types.BuiltinFunctionType):
        return type(target.__self__), target.__name__
    return type(target)


def coroutine_key(coroutine: Any) -> object:
    """As `callable_key`, for a coroutine or generator object."""
    coroutine = _started(coroutine)
    name: object = getattr(coroutine, "__qualname__", None)
    return type(coroutine) if name is None else name


def coroutine_name(coroutine: Any) -> str:
    """The qualified name of a coroutine's function."""
    coroutine = _started(coroutine)
    name = getattr(coroutine, "__qualname__", None) or type(coroutine).__qualname__
    return str(name).replace("<locals>.", "")


def _started(coroutine: Any) -> Any:
    """What somebody started: AnyIO's task groups run it inside a coroutine of their own, the same for all."""
    if getattr(coroutine, "__qualname__", None) != ANYIO:
        return coroutine
    frame = getattr(coroutine, "cr_frame", None)
    handle = frame.f_locals.get("self") if frame is not None else None
    return getattr(handle, "_coro", coroutine)
