"""Operations of requests (dependencies, endpoint, serialization, background tasks), from FastAPI's hooks or around it.

FastAPI speaks OpenTelemetry from 0.165 on, to whatever provider of tracers the program has: where the app has set none,
ours is there, once the app's lifespan has begun and had its chance, and steps aside when the app sets one after all. A
provider of the app's own may sample, so that then, and with an older FastAPI, its functions are wrapped; if it can have
listeners (OpenTelemetry's SDK), it tells us of other libraries. Each dependency by itself is seen by a change to
FastAPI's own function, whichever it is.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from explorer.probe.operations import OperationLog
from explorer.probe.served import Served
from explorer.probe.tracer import Tracer

Source = Literal["hooks", "wrapper"]
DEFERRED: Final = "ProxyTracerProvider"

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attached:
    """`source` says whose word the operations are at first, `dependencies` whether each is told by itself.

    `log` is to be told of every request that the app is asked.
    """

    source: Source
    dependencies: bool
    log: OperationLog
    undo: Callable[[], None]


def attach(tracer: Tracer, apps: Sequence[Any]) -> Attached:
    """Record what these FastAPI apps do for requests from now on."""
    log = OperationLog(tracer, Served())
    undo: list[Callable[[], None]] = [log.close]
    each = _dependencies(log, undo)
    speak = bool(apps) and all(map(_speaks, apps))
    source: Source = "hooks" if speak and _hear(log, undo) else "wrapper"
    if source == "wrapper":
        _wrap(log, undo, _provider())
    return Attached(source, each, log, lambda: [step() for step in reversed(undo)].clear())


def _dependencies(log: OperationLog, undo: list[Callable[[], None]]) -> bool:
    from explorer.probe.dependencies import trace_dependencies

    try:
        undo.append(trace_dependencies(log))
    except Exception as error:  # a version of FastAPI that nobody has seen yet
        logger.warning("Dependencies are not shown one by one: %s: %s", type(error).__name__, error)
        return False
    return True


def _speaks(app: Any) -> bool:
    """Whether an app tells of its operations to the program's provider."""
    config = getattr(app, "_telemetry", None)
    if not isinstance(config, dict):
        return False
    return bool(config.get("tracing") and config.get("operation_spans") and config.get("tracer_provider") is None)


def _provider() -> Any:
    """The program's provider; None where nobody has imported OpenTelemetry."""
    api = sys.modules.get("opentelemetry.trace")
    return api.get_tracer_provider() if api is not None else None


def _hear(log: OperationLog, undo: list[Callable[[], None]]) -> bool:
    """Hear what is told to the program's provider, as long as the app has set none; False if it has."""
    if type(_provider()).__name__ != DEFERRED:
        return False
    from explorer.probe.light_telemetry import provide

    try:
        undo.append(provide(log, lambda provider: _wrap(log, undo, provider)))
    except RuntimeError as error:
        logger.warning("FastAPI is not heard, but wrapped: %s", error)
        return False
    return True


def _wrap(log: OperationLog, undo: list[Callable[[], None]], provider: Any) -> None:
    """See FastAPI's own operations by wrappers, and hear of other libraries from a provider that can have listeners."""
    from explorer.probe.older_fastapi import trace_by_wrapper

    undo.append(trace_by_wrapper(log))
    add = getattr(provider, "add_span_processor", None)
    if add is not None:
        from explorer.probe.light_telemetry import listener

        add(listener(log))
