"""Operations of requests (dependencies, endpoint, serialization, background tasks), from FastAPI's hooks or around it.

FastAPI speaks OpenTelemetry from 0.165 on, to whatever provider of tracers the program has: where the app has set none,
ours is set, once the app's lifespan has begun and had its chance. An app with a provider of its own that can have
listeners (OpenTelemetry's SDK) keeps it, and we listen. Otherwise, and with an older FastAPI, its functions are
wrapped. Each dependency by itself is seen by a change to FastAPI's own function, whichever it is.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from explorer.probe.operations import OperationLog
from explorer.probe.tracer import Tracer

Source = Literal["hooks", "wrapper"]
DEFERRED: Final = "ProxyTracerProvider"

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attached:
    """`source` says whose word the operations are, `dependencies` whether each is told by itself."""

    source: Source
    dependencies: bool
    undo: Callable[[], None]


def attach(tracer: Tracer, apps: Sequence[Any]) -> Attached:
    """Record what these FastAPI apps do for requests from now on."""
    log = OperationLog(tracer)
    undo: list[Callable[[], None]] = []
    each = _dependencies(log, undo)
    source: Source = "hooks" if apps and all(map(_speaks, apps)) and _listen(log) else "wrapper"
    if source == "wrapper":
        from explorer.probe.older_fastapi import trace_by_wrapper

        undo.append(trace_by_wrapper(log))
    return Attached(source, each, lambda: [step() for step in reversed(undo)].clear())


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


def _listen(log: OperationLog) -> bool:
    """Hear what is told to the program's provider; False if that is not possible."""
    try:
        from opentelemetry import trace

        from explorer.probe.light_telemetry import LightProvider, listener
    except ImportError:
        return False
    provider = trace.get_tracer_provider()
    if type(provider).__name__ == DEFERRED:
        trace.set_tracer_provider(LightProvider(log))
        return isinstance(trace.get_tracer_provider(), LightProvider)
    add = getattr(provider, "add_span_processor", None)
    if add is None:
        return False
    add(listener(log))
    return True
