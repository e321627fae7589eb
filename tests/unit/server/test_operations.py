"""Operations beside what the app has of its own: its provider of tracers, whenever it sets it, and its wrappers."""

import asyncio
import functools
import sys
from contextlib import ExitStack
from types import ModuleType, SimpleNamespace
from typing import Any

import fastapi.dependencies.utils as utils
import fastapi.routing as routing
import pytest
from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.util._once import Once

from explorer.probe.tasks import work_for
from explorer.probe.tracer import Tracer
from explorer.records.states import Kind
from explorer.server.operations import Attached, attach
from tests.observed import Observed
from tests.unit.probe.test_operations import ASKED, EXPECTED, app_of, get
from tests.unit.probe.test_operations import run as run_loop


class Spans(trace.Tracer):
    """Tells its provider of each span that it is asked for, and samples none, so that no listener hears of it."""

    def __init__(self, provider: "Sampled") -> None:
        self._provider = provider

    def start_span(self, name: str, *args: Any, **kwargs: Any) -> trace.Span:
        self._provider.asked.append(name)
        return trace.INVALID_SPAN

    def start_as_current_span(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return trace.use_span(self.start_span(name))


class Sampled(trace.TracerProvider):
    """A provider as an app sets it, which can have listeners."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.listeners: list[Any] = []

    def get_tracer(self, *args: Any, **kwargs: Any) -> trace.Tracer:
        return Spans(self)

    def add_span_processor(self, listener: Any) -> None:
        """As OpenTelemetry's SDK."""
        self.listeners.append(listener)


@pytest.fixture(autouse=True)
def nobody_has_set_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program without a provider; with the one class of the SDK that listeners are derived from."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", Once())
    sdk = ModuleType("opentelemetry.sdk.trace")
    sdk.SpanProcessor = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", sdk)


def asked(tracer: Tracer, app: FastAPI, attached: Attached) -> None:
    """One request, for which the app is asked as its server does."""

    async def main() -> None:
        work_for(asyncio.current_task(), ASKED)
        entry = attached.log.enter(websocket=False)
        assert await get(app) == 200
        with trace.get_tracer("a library").start_as_current_span("SELECT"):
            pass
        attached.log.leave(entry)

    run_loop(tracer, main)


def test_without_a_provider_ours_hears_and_is_gone_afterwards(tracer: Tracer, observed: Observed) -> None:
    app, before = app_of(), trace._set_tracer_provider
    attached = attach(tracer, [app])
    assert isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)
    asked(tracer, app, attached)
    attached.undo()
    assert attached.source == "hooks"
    assert sorted(row.name for row in observed.of(Kind.OPERATION)) == sorted([*EXPECTED, "SELECT"])
    assert trace._TRACER_PROVIDER is None
    assert trace._set_tracer_provider is before
    trace.set_tracer_provider(Sampled())  # would log that it may not


def test_a_provider_that_the_app_sets_later_wins_and_operations_go_on(tracer: Tracer, observed: Observed) -> None:
    app, theirs = app_of(), Sampled()
    library = trace.get_tracer("imported early")
    attached = attach(tracer, [app])
    library.start_span("before").end()
    kept = trace.get_tracer("got meanwhile")
    with ExitStack() as stack:
        stack.callback(attached.undo)
        trace.set_tracer_provider(theirs)
        assert trace.get_tracer_provider() is theirs
        for each in (library, kept):
            each.start_span("after").end()
        asked(tracer, app, attached)
    assert theirs.asked.count("after") == 2
    assert "fastapi.endpoint" in theirs.asked
    assert sorted(row.name for row in observed.of(Kind.OPERATION)) == sorted(EXPECTED)
    assert trace.get_tracer_provider() is theirs
    assert len(theirs.listeners) == 1


def test_a_provider_that_samples_hides_no_operation_of_fastapi(tracer: Tracer, observed: Observed) -> None:
    app, theirs = app_of(), Sampled()
    trace.set_tracer_provider(theirs)
    attached = attach(tracer, [app])
    asked(tracer, app, attached)
    attached.undo()
    assert attached.source == "wrapper"
    assert sorted(row.name for row in observed.of(Kind.OPERATION)) == sorted(EXPECTED)


def test_the_listener_hears_of_other_libraries_only(tracer: Tracer, observed: Observed) -> None:
    theirs = Sampled()
    trace.set_tracer_provider(theirs)
    attached = attach(tracer, [app_of()])
    (listener,) = theirs.listeners

    async def main() -> None:
        work_for(asyncio.current_task(), ASKED)
        entry = attached.log.enter(websocket=False)
        for number, name in enumerate(("fastapi.endpoint", "SELECT")):
            span = SimpleNamespace(
                name=name, kind=trace.SpanKind.INTERNAL, attributes={}, context=SimpleNamespace(span_id=number)
            )
            listener.on_start(span)
            listener.on_end(span)
        attached.log.leave(entry)

    run_loop(tracer, main)
    attached.undo()
    assert [row.name for row in observed.of(Kind.OPERATION)] == ["SELECT"]


@pytest.mark.expects_log("Dependencies are not shown one by one")
def test_a_wrapper_of_the_apps_own_around_fastapis_function_stays(
    tracer: Tracer,
    observed: Observed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, calls = utils.solve_dependencies, []

    @functools.wraps(real)
    async def counted(**kwargs: Any) -> Any:
        calls.append(kwargs)
        return await real(**kwargs)

    monkeypatch.setattr(utils, "solve_dependencies", counted)
    monkeypatch.setattr(routing, "solve_dependencies", counted)
    app = app_of()
    attached = attach(tracer, [app])
    asked(tracer, app, attached)
    attached.undo()
    assert not attached.dependencies
    assert calls
    told = [name for name in EXPECTED if not name.startswith("dependency")]
    assert sorted(row.name for row in observed.of(Kind.OPERATION)) == sorted([*told, "SELECT"])
