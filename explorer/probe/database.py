"""Databases behind SQLAlchemy: how long a request waits for a connection of the pool, and what its statements take.

    request ── pool dry ─────────── connection ── SELECT ── … ── COMMIT ── connection back
               CONNECTION_WAIT                    STATEMENT      STATEMENT

A wait begins with a record before it can block, since a pool that stays dry is what one wants to see while it lasts.
Where a thread waits or runs a statement it does nothing else: the span lies on its own track, inside its job or step.
An asynchronous driver lets the loop go on meanwhile: many requests wait at once, and the span lies among the waits of
the process's requests. There a statement is what the task awaits; aiosqlite runs it on a thread of its own, which gets
a span as well.

A statement that failed says so in its name, with the code that the engine gave, since a name is seen wherever a span
is; its value is that code alone.

SQLAlchemy's events tell of statements, on all engines of the process. Of waits and of the end of a commit no event
tells: two methods are replaced in their classes. A probe that fails is logged, and no statement fails with it.
"""

import functools
import logging
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any, Final, NamedTuple

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import AsyncAdaptedQueuePool, QueuePool

from explorer.probe.statements import statement_name
from explorer.probe.tasks import current_request
from explorer.probe.tracer import Tracer
from explorer.records.schema import span_argument
from explorer.records.sql_errors import engine_code
from explorer.records.states import Flag, Kind, State
from explorer.ring.writer import Ring

_NESTED: Final = 1
_MOST_NAMES: Final = 1_000

logger: Final = logging.getLogger(__name__)


def watch(tracer: Tracer) -> Callable[[], None]:
    """Record what this process does with databases from now on. Returns what undoes it."""
    return _Watch(tracer).undo


class _Begun(NamedTuple):
    """A span under way."""

    ring: Ring
    kind: Kind
    state: State
    name: int
    request: int
    track: int
    depth: int
    value: int
    start: int
    words: str = ""


class _Watch:
    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._names: dict[str, int] = {}
        self._failures: dict[tuple[str, str], tuple[int, int]] = {}  # by statement and code: names of both
        self._begun: dict[int, _Begun] = {}  # by the SQLAlchemy connection that runs the statement
        self._failed = False
        self._undo: list[Callable[[], None]] = []
        self._waiting = tracer.name("wait for a connection")
        for name, listener in (
            ("before_cursor_execute", self._before),
            ("after_cursor_execute", self._after),
            ("handle_error", self._error),
        ):
            event.listen(Engine, name, listener)
            self._undo.append(functools.partial(event.remove, Engine, name, listener))
        self._replace(QueuePool, "_do_get", self._get)
        self._replace(DefaultDialect, "do_commit", self._commit)
        try:
            from aiosqlite.core import Connection as SqliteThread
        except ImportError:
            return
        self._replace(SqliteThread, "_execute", self._on_thread)

    def undo(self) -> None:
        """Watch no more."""
        while self._undo:
            self._undo.pop()()

    def _replace(self, owner: type, name: str, wrapper: Callable[[Any], Any]) -> None:
        real = getattr(owner, name)
        setattr(owner, name, wrapper(real))
        self._undo.append(functools.partial(setattr, owner, name, real))

    # -- spans -----------------------------------------------------------------------------------------------------

    def _begin(
        self, kind: Kind, state: State, name: int, asynchronous: bool, value: int = 0, words: str = ""
    ) -> _Begun | None:
        """A span of the calling thread or task begins; `words` is a statement as it was sent."""
        try:
            ring = self._tracer.thread_ring()
            request = (0 if asynchronous else ring.request) or current_request()
            track, depth = (self._tracer.requests_track, 0) if asynchronous else (ring.track, _NESTED)
            begun = _Begun(ring, kind, state, name, request, track, depth, value, perf_counter_ns(), words)
            if kind is Kind.STATEMENT and not asynchronous:
                ring.open(_NESTED, begun.start, name, request, kind, state)
            else:
                ring.begin(begun.start, request, name, track, kind, state, depth, value)
            return begun
        except Exception as error:
            self._complain(error)
            return None

    def _end(self, begun: _Begun | None, error: BaseException | None = None) -> None:
        if begun is None:
            return
        ring, kind, state, name, request, track, depth, value, start, words = begun
        if error is not None:
            name, value = self._failed_name(words, error)
        if kind is Kind.STATEMENT and depth:
            ring.shut(depth)
        duration = perf_counter_ns() - start
        ring.write(start, duration, request, span_argument(value), name, track, kind, state, depth, Flag.COMPLETE)

    def _statement(self, statement: str, asynchronous: bool) -> _Begun | None:
        state = State.AWAITING if asynchronous else State.BLOCKED
        return self._begin(Kind.STATEMENT, state, self._name(statement), asynchronous, words=statement)

    def _name(self, statement: str) -> int:
        number = self._names.get(statement)
        if number is None:
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            number = self._names[statement] = self._tracer.name(statement_name(statement))
        return number

    def _failed_name(self, statement: str, error: BaseException) -> tuple[int, int]:
        """Numbers of what a statement that failed is called, and of the engine's code."""
        code = engine_code(error)
        names = self._failures.get((statement, code))
        if names is None:
            if len(self._failures) >= _MOST_NAMES:
                self._failures.clear()
            called = f"{statement_name(statement)} failed: {code}"
            names = self._failures[statement, code] = self._tracer.name(called), self._tracer.name(code)
        return names

    def _complain(self, error: Exception) -> None:
        if not self._failed:
            self._failed = True
            logger.warning("Part of the database's work is not observed: %s: %s", type(error).__name__, error)

    # -- what SQLAlchemy tells -------------------------------------------------------------------------------------

    def _before(
        self, connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        begun = self._statement(statement, connection.dialect.is_async)
        if begun is not None:
            self._begun[id(connection)] = begun

    def _after(
        self, connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        self._end(self._begun.pop(id(connection), None))

    def _error(self, context: ExceptionContext) -> None:
        """A statement failed, or was cancelled: it ends as well."""
        self._end(self._begun.pop(id(context.connection), None), context.original_exception)

    # -- what it does not tell -------------------------------------------------------------------------------------

    def _get(self, real: Callable[[QueuePool], Any]) -> Callable[[QueuePool], Any]:
        @functools.wraps(real)
        def get(pool: QueuePool) -> Any:
            lent = pool.checkedout()
            most = pool.size() + pool._max_overflow
            if pool._max_overflow < 0 or lent < most:
                return real(pool)
            asynchronous = isinstance(pool, AsyncAdaptedQueuePool)
            begun = self._begin(Kind.CONNECTION_WAIT, State.QUEUED, self._waiting, asynchronous, lent)
            try:
                return real(pool)
            finally:
                self._end(begun)

        return get

    def _commit(self, real: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        @functools.wraps(real)
        def commit(dialect: DefaultDialect, connection: Any) -> None:
            begun = self._statement("COMMIT", dialect.is_async)
            failure: BaseException | None = None
            try:
                real(dialect, connection)
            except BaseException as error:
                failure = error
                raise
            finally:
                self._end(begun, failure)

        return commit

    def _on_thread(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """aiosqlite's hand-over of a call to the thread of a connection."""

        @functools.wraps(real)
        async def execute(connection: Any, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            verb = getattr(function, "__name__", "")
            if verb == "commit":
                run = functools.partial(self._run, "COMMIT", current_request(), function)
            elif verb in ("execute", "executemany") and args and isinstance(args[0], str):
                run = functools.partial(self._run, args[0], current_request(), function)
            else:
                return await real(connection, function, *args, **kwargs)
            return await real(connection, run, *args, **kwargs)

        return execute

    def _run(self, statement: str, request: int, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """On aiosqlite's thread: the statement itself, which is all that the thread does."""
        ring, name, value = self._tracer.thread_ring(), self._name(statement), 0
        start = perf_counter_ns()
        ring.open(0, start, name, request, Kind.STATEMENT, State.BLOCKED)
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            name, value = self._failed_name(statement, error)
            raise
        finally:
            ring.shut(0)
            duration, argument = perf_counter_ns() - start, span_argument(value)
            ring.write(
                start, duration, request, argument, name, ring.track, Kind.STATEMENT, State.BLOCKED, 0, Flag.COMPLETE
            )
