"""Library calls that block, as spans inside the callback or job that makes them.

A declared function (`time.sleep`, `os.fsync`) is replaced in its module by a wrapper that writes a CALL at depth 1 on
the calling thread's track. Code that imported the function by name before keeps the real one; that is why wrapping
comes first.
"""

import functools
import importlib
from collections.abc import Callable, Mapping
from time import perf_counter_ns
from typing import Any, Final

from explorer.probe.recorder import Recorder
from explorer.probe.tasks import current_request
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State

_DEPTH: Final = 1
_ARGUMENT: Final = span_argument()
# As plain integers: looking a member up in an enumeration takes longer than storing it.
_CALL: Final = int(Kind.CALL)
_COMPLETE: Final = int(Flag.COMPLETE)


def wrap(tracer: Recorder, calls: Mapping[str, State]) -> Callable[[], None]:
    """Record calls of the functions in `calls`, `module.function` → the state it means. Returns what undoes it.

    Raises AttributeError or ImportError for a function that does not exist.
    """
    undone: list[Callable[[], None]] = []
    for path, state in calls.items():
        module_name, _, attribute = path.rpartition(".")
        module = importlib.import_module(module_name)
        real = getattr(module, attribute)
        setattr(module, attribute, wrapped(tracer, path, state, real))
        undone.append(functools.partial(setattr, module, attribute, real))

    def undo() -> None:
        while undone:
            undone.pop()()

    return undo


def shown(path: str) -> str:
    """What a function is called on the timeline: its path; of this program's own the last part of its module alone."""
    return ".".join(path.split(".")[-2:]) if path.startswith("explorer.") else path


def wrapped(tracer: Recorder, path: str, state: State, real: Callable[..., Any]) -> Callable[..., Any]:
    """`real`, recording each of its calls as a CALL of that name and state."""
    name, means = tracer.name(shown(path)), int(state)

    @functools.wraps(real)
    def call(*args: Any, **kwargs: Any) -> Any:
        ring = tracer.thread_ring()
        request = ring.request or current_request()
        start = perf_counter_ns()
        ring.open(_DEPTH, start, name, request, _CALL, means)
        try:
            return real(*args, **kwargs)
        finally:
            ring.shut(_DEPTH)
            duration = perf_counter_ns() - start
            ring.write(start, duration, request, _ARGUMENT, name, ring.track, _CALL, means, _DEPTH, _COMPLETE)

    return call
