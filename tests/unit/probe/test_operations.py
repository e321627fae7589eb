"""Operations of requests: from FastAPI's hooks, from other libraries' spans, from a wrapper; with each dependency."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any

import pytest
from fastapi import BackgroundTasks, Depends, FastAPI
from opentelemetry import trace
from opentelemetry.trace import SpanKind

from explorer.probe.dependencies import trace_dependencies
from explorer.probe.light_telemetry import FUNCTION, LightProvider, LightTracer, operation_name
from explorer.probe.loop import traced_loop_factory
from explorer.probe.older_fastapi import trace_by_wrapper
from explorer.probe.operations import DEEPEST, FOREIGN, MOST_FOREIGN, RESOLVING, SERIALIZING, OperationLog
from explorer.probe.served import Served
from explorer.probe.tasks import TracedTask, work_for
from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind
from tests.observed import Observed

ASKED = 7


async def outer() -> str:
    return "outer"


async def inner(one: Annotated[str, Depends(outer)]) -> str:
    await asyncio.sleep(0)
    return one


async def opened() -> Any:
    yield "open"


def note() -> None:
    """A background task."""


def app_of(**telemetry: Any) -> FastAPI:
    """An app with dependencies of each kind that does not need a thread."""
    app = FastAPI(**({"telemetry": telemetry} if telemetry else {}))  # type: ignore[arg-type]  # a TypedDict

    @app.get("/x")
    async def read(
        tasks: BackgroundTasks, a: Annotated[str, Depends(inner)], b: Annotated[str, Depends(outer)],
        c: Annotated[str, Depends(opened)],
    ) -> dict[str, str]:  # fmt: skip
        tasks.add_task(note)
        return {"a": a, "b": b, "c": c}

    return app


EXPECTED = [
    RESOLVING, "dependency outer", "dependency inner", "dependency opened", "endpoint app_of.read", SERIALIZING,
    "background task note",
]  # fmt: skip


async def get(app: FastAPI) -> int:
    """One request to `/x`, for which the present task works."""
    work_for(asyncio.current_task(), ASKED)
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/x", "raw_path": b"/x",
        "query_string": b"", "root_path": "", "headers": [], "client": ("127.0.0.1", 1), "server": ("h", 1),
    }  # fmt: skip
    await app(scope, receive, send)
    return int(sent[0]["status"])


def run(tracer: Tracer, main: Callable[[], Any]) -> Any:
    """Run a coroutine function on a traced loop."""
    with asyncio.Runner(loop_factory=traced_loop_factory(tracer)) as runner:
        return runner.run(main())


@contextmanager
def attached(*undo: Callable[[], None]) -> Iterator[None]:
    """Undo afterwards."""
    with ExitStack() as stack:
        for each in undo:
            stack.callback(each)
        yield


def test_fastapis_hooks_tell_of_each_step_and_the_change_to_its_function_of_each_dependency(
    tracer: Tracer, observed: Observed
) -> None:
    log = OperationLog(tracer)
    with attached(trace_dependencies(log)):
        assert run(tracer, lambda: get(app_of(tracer_provider=LightProvider(log)))) == 200
    rows = observed.of(Kind.OPERATION)
    assert sorted(row.name for row in rows) == sorted(EXPECTED)
    assert {row.request for row in rows} == {ASKED}
    assert len(observed.of(Kind.OPERATION, Flag.BEGIN)) == len(rows)
    depth = {row.name: row.depth for row in rows}
    assert (depth[RESOLVING], depth["dependency inner"], depth["endpoint app_of.read"]) == (1, 2, 1)


def test_without_hooks_a_wrapper_tells_the_same(tracer: Tracer, observed: Observed) -> None:
    log = OperationLog(tracer)
    before = _of_fastapi()
    with attached(trace_dependencies(log)), attached(trace_by_wrapper(log)):
        assert run(tracer, lambda: get(app_of(tracing=False))) == 200
    assert sorted(row.name for row in observed.of(Kind.OPERATION)) == sorted(EXPECTED)
    assert _of_fastapi() == before


def _of_fastapi() -> list[Any]:
    import fastapi.dependencies.utils as utils
    import fastapi.routing as routing
    from starlette.background import BackgroundTask

    return [
        utils.solve_dependencies, vars(routing)["solve_dependencies"], routing.run_endpoint_function,
        routing.serialize_response, BackgroundTask.__call__,
    ]  # fmt: skip


def test_an_error_in_a_dependency_stands_at_its_own_line_of_fastapi(tracer: Tracer) -> None:
    import fastapi.dependencies.utils as utils

    real = inspect.getsourcelines(utils.solve_dependencies)
    with attached(trace_dependencies(OperationLog(tracer))):
        ours = utils.solve_dependencies
        assert ours.__code__.co_filename == utils.__file__
        assert ours.__code__.co_firstlineno == real[1]


def test_spans_of_other_libraries_come_along_and_decorate_functions(tracer: Tracer, observed: Observed) -> None:
    log = LightTracer(OperationLog(tracer))

    @log.start_as_current_span("decorated")
    async def decorated() -> int:
        await asyncio.sleep(0)
        return 3

    @log.start_as_current_span("plain")
    def plain() -> int:
        return 4

    async def main() -> tuple[int, int]:
        task = asyncio.current_task()
        assert isinstance(task, TracedTask)
        task.request = ASKED
        with log.start_as_current_span("SELECT shop"):
            span = log.start_span("GET", kind=SpanKind.CLIENT)
            span.set_attribute("a", 1)
            span.end()
            span.end()
        log.start_span("the request itself", kind=SpanKind.SERVER).end()
        return await decorated(), plain()

    assert run(tracer, main) == (3, 4)
    rows = observed.of(Kind.OPERATION)
    assert sorted((row.name, row.depth) for row in rows) == [
        ("GET", 2), ("SELECT shop", 1), ("decorated", 1), ("plain", 1),
    ]  # fmt: skip
    assert not trace.get_current_span().is_recording()


def test_an_app_sees_the_spans_that_it_has_without_a_provider(tracer: Tracer, observed: Observed) -> None:
    log = LightTracer(OperationLog(tracer))
    remote = trace.NonRecordingSpan(trace.SpanContext(0xABC, 0xDEF, is_remote=True))

    @log.start_as_current_span("decorated")
    async def decorated() -> trace.Span:
        return trace.get_current_span()

    async def main() -> None:
        work_for(asyncio.current_task(), ASKED)
        with log.start_as_current_span("outer") as span:
            assert trace.get_current_span() is span
            assert span is trace.INVALID_SPAN
        with trace.use_span(remote):
            with log.start_as_current_span("below a remote one") as span:
                assert trace.get_current_span() is span
                assert span.get_span_context() == remote.get_span_context()
            assert (await decorated()).get_span_context() == remote.get_span_context()
            held = log.start_span("held")
            assert held.get_span_context() == remote.get_span_context()
            assert log.start_span("asked", kind=SpanKind.SERVER).get_span_context() == remote.get_span_context()
        with trace.use_span(held), log.start_as_current_span("below the held one") as span:
            assert span.get_span_context() == remote.get_span_context()
        assert [row.name for row in observed.of(Kind.OPERATION)].count("held") == 0, "only its caller ends it"
        held.end()
        assert trace.get_current_span() is trace.INVALID_SPAN

    run(tracer, main)
    names = ["below a remote one", "below the held one", "decorated", "held", "outer"]
    assert sorted(row.name for row in observed.of(Kind.OPERATION)) == names


def test_names_of_other_libraries_spans_are_bounded_and_leave_room_for_fastapis(
    tracer: Tracer, observed: Observed
) -> None:
    log = OperationLog(tracer)
    spans = LightTracer(log)

    async def main() -> None:
        work_for(asyncio.current_task(), ASKED)
        for number in range(MOST_FOREIGN + 20):
            with spans.start_as_current_span(f"GET /users/{number}"):
                pass
        with spans.start_as_current_span("fastapi.endpoint", attributes={FUNCTION: "asyncio.gather"}):
            pass

    run(tracer, main)
    names = [row.name for row in observed.of(Kind.OPERATION)]
    assert names[:2] == ["GET /users/0", "GET /users/1"]
    assert names[MOST_FOREIGN:] == [FOREIGN] * 20 + ["endpoint gather"]
    assert len(log._foreign) == MOST_FOREIGN + 1


def test_what_is_done_for_no_request_is_not_recorded(tracer: Tracer, observed: Observed) -> None:
    log = OperationLog(tracer)
    log.end(log.begin(tracer.name("nobody's")))
    assert observed.of(Kind.OPERATION) == []


def test_operations_beyond_the_deepest_are_written_as_deep_as_that_and_forgotten_when_over(
    tracer: Tracer, observed: Observed
) -> None:
    log = OperationLog(tracer)

    async def main() -> None:
        work_for(asyncio.current_task(), ASKED)
        for mark in [log.begin(tracer.name("many")) for _ in range(DEEPEST + 40)]:
            log.end(mark)

    run(tracer, main)
    assert sorted(row.depth for row in observed.of(Kind.OPERATION)) == [*range(1, DEEPEST), *[DEEPEST] * 41]
    assert log._taken == {}


def test_what_a_request_has_started_counts_for_it_until_its_own_task_has_ended(
    tracer: Tracer, observed: Observed
) -> None:
    log = OperationLog(tracer, Served())

    async def lives_on(answered: asyncio.Event) -> None:
        log.end(log.begin(tracer.name("meanwhile")))
        left_open = log.begin(tracer.name("left open"))
        await answered.wait()
        log.end(log.begin(tracer.name("afterwards")))
        assert left_open is not None

    async def main() -> None:
        answered = asyncio.Event()
        work_for(asyncio.current_task(), ASKED)
        entry = log.enter(websocket=False)
        task = asyncio.create_task(lives_on(answered))
        await asyncio.sleep(0)
        log.end(log.begin(tracer.name("background task")))
        log.leave(entry)
        answered.set()
        await task

    run(tracer, main)
    assert sorted(row.name for row in observed.of(Kind.OPERATION)) == ["background task", "meanwhile"]
    assert log._taken == {}


def test_each_message_of_a_websocket_counts_while_its_task_works_for_it(tracer: Tracer, observed: Observed) -> None:
    log = OperationLog(tracer, Served())

    async def child() -> None:
        log.end(log.begin(tracer.name("child")))

    async def main() -> None:
        entry = log.enter(websocket=True)
        for message in (ASKED, ASKED + 1):
            work_for(asyncio.current_task(), message)
            await asyncio.create_task(child())
        log.leave(entry)
        await asyncio.create_task(child())

    run(tracer, main)
    assert [row.request for row in observed.of(Kind.OPERATION)] == [ASKED, ASKED + 1]


@pytest.mark.parametrize(
    ("span", "function", "name"),
    [
        ("fastapi.endpoint", "asyncio.tasks.gather", "endpoint gather"),
        ("fastapi.background_task", "a.module.that.is.not.here", "background task a.module.that.is.not.here"),
        ("fastapi.dependencies", "", RESOLVING),
        ("INSERT orders", "", "INSERT orders"),
    ],
)
def test_operations_are_called_in_plain_words(span: str, function: str, name: str) -> None:
    assert operation_name(span, function) == name
