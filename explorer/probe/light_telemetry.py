"""OpenTelemetry's interfaces onto our rings: spans of FastAPI and of instrumented libraries become operations.

Only the API package is needed, which FastAPI brings along where it speaks OpenTelemetry. A span is its name, its
beginning and its end; attributes, events and links are not kept, and no span is the parent of another. A span of the
kind SERVER is the request, which is recorded closer to the wire. What the app sees is what OpenTelemetry has where
nobody set a provider: the context of a caller elsewhere goes through all spans, and on to what is called.

The program's one provider is the app's to set, at any time. Ours is there only until it does so; who has a tracer from
us then gets the spans of the app's.
"""

import functools
import importlib
import inspect
import logging
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, cast

from opentelemetry import trace
from opentelemetry.trace import NoOpTracer, SpanContext, SpanKind

from explorer.probe.operations import RESOLVING, SERIALIZING, Mark, OperationLog

FUNCTION: Final = "code.function.name"
FASTAPI: Final = "fastapi."
ROUTE_WIDE: Final = {"fastapi.dependencies": RESOLVING, "fastapi.serialization": SERIALIZING}
"""Operations that there is one of for each request: whose they are, the request says."""
MOST_OPEN: Final = 10_000
"""Spans of a provider of the app's that are under way; some are never ended."""
PLAIN: Final = NoOpTracer()
"""What a program has where nobody set a provider."""

logger: Final = logging.getLogger(__name__)


class LightSpan(trace.Span):
    """A span under way, which its caller ends. `context` is what it would have if it recorded nothing."""

    # Not one of OpenTelemetry's own that record nothing: its tracer gives those out again, and ends them, for others.
    __slots__ = ("_context", "_log", "_mark")

    def __init__(self, log: OperationLog, mark: Mark | None, context: SpanContext) -> None:
        self._log, self._mark, self._context = log, mark, context

    def end(self, end_time: int | None = None) -> None:
        """It is over."""
        mark, self._mark = self._mark, None
        self._log.end(mark)

    def get_span_context(self) -> SpanContext:
        """That of what it is a part of, as a caller elsewhere sent it."""
        return self._context

    def is_recording(self) -> bool:
        """Libraries need not gather what is not kept."""
        return False

    def set_attribute(self, key: str, value: Any) -> None:
        """Not kept."""

    def set_attributes(self, attributes: Any) -> None:
        """Not kept."""

    def add_event(self, name: str, attributes: Any = None, timestamp: int | None = None) -> None:
        """Not kept."""

    def update_name(self, name: str) -> None:
        """Not kept: what has begun bears its name already."""

    def set_status(self, status: Any, description: str | None = None) -> None:
        """Not kept."""

    def record_exception(self, exception: BaseException, *args: Any, **kwargs: Any) -> None:
        """Not kept."""


class _Current:
    """What `start_as_current_span` gives: a context manager, and a decorator of functions as OpenTelemetry's own."""

    __slots__ = ("_current", "_log", "_make", "_mark", "_name")

    def __init__(self, log: OperationLog, name: int, make: Callable[[], Any]) -> None:
        """`make` gives what makes a span the current one for a block."""
        self._log, self._name, self._make = log, name, make
        self._mark: Mark | None = None
        self._current: Any = None

    def __enter__(self) -> trace.Span:
        self._current = self._make()
        span: trace.Span = self._current.__enter__()
        self._mark = self._log.begin(self._name)
        return span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._log.end(self._mark)
        swallowed: bool | None = self._current.__exit__(kind, error, trace)
        return swallowed

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def again() -> "_Current":
            return _Current(self._log, self._name, self._make)

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaits(*args: Any, **kwargs: Any) -> Any:
                with again():
                    return await function(*args, **kwargs)

            return awaits

        @functools.wraps(function)
        def runs(*args: Any, **kwargs: Any) -> Any:
            with again():
                return function(*args, **kwargs)

        return runs


class LightTracer(trace.Tracer):
    """Makes operations, until `follow` gives the tracer that is to make spans instead."""

    def __init__(self, log: OperationLog, follow: Callable[[], trace.Tracer | None] = lambda: None) -> None:
        self._log = log
        self._follow = follow

    def start_span(self, name: str, context: Any = None, kind: SpanKind = SpanKind.INTERNAL, attributes: Any = None,
                   *args: Any, **kwargs: Any) -> trace.Span:  # fmt: skip
        """A span that its caller ends."""
        real = self._follow()
        if real is not None:
            return real.start_span(name, context, kind, attributes, *args, **kwargs)
        plain = PLAIN.start_span(name, context, kind, attributes, *args, **kwargs)
        if kind is SpanKind.SERVER:
            return plain
        return LightSpan(self._log, self._log.begin(self._number(name, attributes)), plain.get_span_context())

    def start_as_current_span(self, name: str, context: Any = None, kind: SpanKind = SpanKind.INTERNAL,  # type: ignore[override]  # a context manager of our own
                              attributes: Any = None, *args: Any, **kwargs: Any) -> _Current:  # fmt: skip
        """A span that ends with a block or a function."""
        real = self._follow()
        if real is not None:
            made: Any = real.start_as_current_span(name, context, kind, attributes, *args, **kwargs)
            return cast("_Current", made)  # what the other one gives can do the same
        make = functools.partial(PLAIN.start_as_current_span, name, context, kind, attributes, *args, **kwargs)
        return _Current(self._log, self._number(name, attributes), make)

    def _number(self, name: str, attributes: Any) -> int:
        if not name.startswith(FASTAPI):
            return self._log.foreign(name)
        function = str(attributes.get(FUNCTION, "")) if attributes and name not in ROUTE_WIDE else ""
        return self._log.name((name, function), lambda: operation_name(name, function))


class LightProvider(trace.ProxyTracerProvider):
    """Gives tracers that make operations; like its base, to all who look, none that somebody has chosen."""

    def __init__(self, log: OperationLog) -> None:
        self._log = log
        self.successor: trace.TracerProvider | None = None
        """The provider that the app has set since."""

    def get_tracer(self, instrumenting_module_name: str, *args: Any, **kwargs: Any) -> LightTracer:
        """A tracer for a library."""
        real: list[trace.Tracer] = []

        def follow() -> trace.Tracer | None:
            if self.successor is None:
                return None
            if not real:
                real.append(self.successor.get_tracer(instrumenting_module_name, *args, **kwargs))
            return real[0]

        return LightTracer(self._log, follow)


def provide(log: OperationLog, succeeded: Callable[[Any], None]) -> Callable[[], None]:
    """Be the program's provider until the app sets one, which `succeeded` is then told. Returns what undoes it.

    OpenTelemetry lets a provider be set once, and that once is left to the app. Raises RuntimeError where this version
    of OpenTelemetry keeps its provider in another way.
    """
    api: Any = trace
    ours, real = LightProvider(log), getattr(api, "_set_tracer_provider", None)
    if real is None or getattr(api, "_TRACER_PROVIDER", ours) is not None:
        raise RuntimeError("this version of OpenTelemetry keeps its provider in another way")

    def set_provider(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        now = api._TRACER_PROVIDER
        if now is ours or ours.successor is not None:
            return
        ours.successor = now
        try:
            succeeded(now)
        except Exception as error:
            logger.warning("Operations are no longer shown: %s: %s", type(error).__name__, error)

    def undo() -> None:
        if api._TRACER_PROVIDER is ours:
            api._TRACER_PROVIDER = None
        if api._set_tracer_provider is set_provider:
            api._set_tracer_provider = real

    api._TRACER_PROVIDER, api._set_tracer_provider = ours, set_provider
    return undo


def operation_name(span: str, function: str = "") -> str:
    """What a span is called on the timeline; `function` is "module.qualname" of what it runs, or empty."""
    if span in ROUTE_WIDE or not span.startswith(FASTAPI):
        return ROUTE_WIDE.get(span, span)
    what = span.removeprefix(FASTAPI).replace("_", " ")
    return f"{what} {_without_module(function)}" if function else what


def _without_module(function: str) -> str:
    module, dot, name = function.rpartition(".")
    while dot and module not in sys.modules:
        module, dot, more = module.rpartition(".")
        name = f"{more}.{name}"
    return name.replace("<locals>.", "") if module in sys.modules else function


def listener(log: OperationLog) -> Any:
    """A span processor of OpenTelemetry's SDK that makes operations of the spans of a provider that the app has set.

    FastAPI's own are left out: of a provider that samples it would hear of some requests only.
    """
    sdk: Any = importlib.import_module("opentelemetry.sdk.trace")  # the app's own, which need not be here

    class Listener(sdk.SpanProcessor):  # type: ignore[misc]  # a class that is known at run time only
        """Hears of spans where they begin and end."""

        def __init__(self) -> None:
            self._marks: dict[int, Mark] = {}

        def on_start(self, span: Any, parent_context: Any = None) -> None:
            """A span has begun."""
            if span.kind is SpanKind.SERVER or span.name.startswith(FASTAPI):
                return
            mark = log.begin(log.foreign(span.name))
            if mark is not None and len(self._marks) < MOST_OPEN:
                self._marks[span.context.span_id] = mark

        def on_end(self, span: Any) -> None:
            """A span is over."""
            log.end(self._marks.pop(span.context.span_id, None))

    return Listener()
