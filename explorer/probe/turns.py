"""A loop whose queue lies elsewhere, in Qt say, but which runs asyncio's handles: every callback is seen.

The traced loop of this package (`explorer.probe.traced_loop`) has a queue of its own to look into. A loop on top of a
foreign one has not, but each callback is still a handle, and a handle can time itself: `Turn` notes when it became
due and writes one record when it has run. What the foreign loop does in between (paint, tick) is told by whoever does
it, through the same `Turns`, so that the loop's lane shows everything that took its thread.
"""

import asyncio
from collections.abc import Callable
from time import perf_counter, perf_counter_ns
from types import BuiltinMethodType
from typing import Any, Final, TypeVar

from explorer.probe.gc_runs import CollectorWatch
from explorer.probe.loop import bind_loop_thread
from explorer.probe.naming import callable_key, callable_name, coroutine_key, coroutine_name
from explorer.probe.tasks import Step, TracedTask
from explorer.probe.tracer import Tracer
from explorer.records.schema import TIME_UNIT_NS, span_argument
from explorer.records.states import Flag, Kind, State
from explorer.ring.writer import Ring

T = TypeVar("T")
_MOST_NAMES: Final = 10_000


class Turns:
    """Writes what one loop's thread does, one span after the other. Without a tracer nobody reads it.

    `ready()` says how many callbacks wait for their turn.
    """

    def __init__(self, tracer: Tracer | None, ready: Callable[[], int]) -> None:
        self._tracer = tracer
        self._ready = ready
        self._ring = Ring.detached()
        self._names: dict[object, int] = {}
        self._watch: CollectorWatch | None = None
        self._attached = False
        self._resting = 0

    def name(self, text: str) -> int:
        """The number of a name; 0 without a tracer."""
        return self._tracer.name(text) if self._tracer is not None else 0

    def attach(self) -> None:
        """Make the calling thread the loop's, once."""
        if self._attached or self._tracer is None:
            return
        self._attached = True
        bind_loop_thread(self._tracer)
        self._ring = self._tracer.thread_ring()
        self._watch = CollectorWatch(self._tracer)
        self._tracer.at_close(self._watch.stop)

    def detach(self) -> None:
        """The loop is closed; its thread is an ordinary one again."""
        if self._attached and self._tracer is not None:
            self._attached = False
            self._ring = Ring.detached()
            self._tracer.unbind_thread()

    def run(self, kind: Kind, name: int, request: int, due: int, function: Callable[[], T]) -> T:
        """Call `function` as a span that is open while it runs. `due` (ns) is since when it could have run."""
        ring, start = self._ring, perf_counter_ns()
        self.wake(start)
        ring.open(0, start, name, request, kind, State.RUNNING)
        try:
            return function()
        finally:
            ring.shut(0)
            duration = perf_counter_ns() - start
            argument = span_argument((start - due) // TIME_UNIT_NS)
            ring.write(start, duration, request, argument, name, ring.track, kind, State.RUNNING, 0, Flag.COMPLETE)

    def rest(self) -> None:
        """The loop has nothing to do now and begins to wait."""
        if self._watch is not None and self._watch.pending:
            self._watch.drain(self._ring)
        if not self._resting:
            self._resting = perf_counter_ns()

    def wake(self, now: int = 0) -> None:
        """The loop has something to do; the first that notices ends the wait."""
        if self._resting:
            start, self._resting = self._resting, 0
            duration = (now or perf_counter_ns()) - start
            argument = span_argument(max(1, self._ready()))
            ring = self._ring
            ring.write(start, duration, 0, argument, 0, ring.track, Kind.SELECT, State.IDLE, 0, Flag.COMPLETE)

    def describe(self, kind: Kind, callback: Any) -> tuple[Kind, int, int]:
        """Kind, name and request of a callback: the steps of a task are known by what the task schedules."""
        owner = getattr(callback, "__self__", None)
        if isinstance(owner, asyncio.Task) and isinstance(callback, (Step, BuiltinMethodType)):
            coroutine = owner.get_coro()
            name = self._name_of(coroutine_key(coroutine), coroutine_name, coroutine)
            return Kind.STEP, name, getattr(owner, "request", 0)
        return kind, self._name_of(callable_key(callback), callable_name, callback), 0

    def _name_of(self, key: object, words: Callable[[Any], str], thing: Any) -> int:
        name = self._names.get(key)
        if name is None:
            if len(self._names) >= _MOST_NAMES:  # code that is made at run time must not grow this without end
                self._names.clear()
            name = self._names[key] = self.name(words(thing))
        return name


class Turn(asyncio.Handle):
    """A callback that times itself. `kind` says where it came from; `what` is what a wrapper will really call."""

    __slots__ = ("due", "kind", "turns", "what")

    def __init__(
        self, turns: Turns, kind: Kind, due: int, callback: Any, args: Any, loop: Any, context: Any, what: Any = None
    ) -> None:
        super().__init__(callback, args, loop, context)
        self.turns = turns
        self.kind = kind
        self.due = due
        self.what = what or callback

    def _run(self) -> None:
        kind, name, request = self.turns.describe(self.kind, self.what)
        self.turns.run(kind, name, request, self.due, super()._run)


class TurnLoop(asyncio.AbstractEventLoop):
    """Goes before the class of a loop and makes all its callbacks `Turn`s, to be run by what stands behind it.

    `starting` is the request whose first task is created next (0: none).
    """

    turns: Turns
    starting = 0

    def _put(self, turn: Turn, delay: float) -> None:
        """Have `turn` run after `delay` seconds; called on the loop's thread."""
        raise NotImplementedError

    def _hand_over(self, turn: Turn) -> None:
        """Have `turn` run soon; called on any thread."""
        raise NotImplementedError

    def time(self) -> float:
        """The clock of all records."""
        return perf_counter()

    def run_forever(self) -> None:
        """Run until stopped; the first time, make the thread an event loop's."""
        self.turns.attach()
        super().run_forever()

    def close(self) -> None:
        """Close the loop; its thread is an ordinary one again."""
        super().close()
        self.turns.detach()

    def call_soon(  # type: ignore[override]  # typeshed ties the arguments to the callback by a type variable
        self, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.Handle:
        """As the loop's, with the time."""
        turn = self._turn(Kind.CALLBACK, callback, args, context)
        self._put(turn, 0.0)
        self.turns.wake()
        return turn

    def call_later(  # type: ignore[override]  # as above
        self, delay: float, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        """As the loop's; the deadline is what lateness is counted from."""
        turn = self._turn(Kind.TIMER, callback, args, context)
        turn.due += max(0, round(delay * 1e9))
        self._put(turn, max(0.0, delay))
        return turn

    def call_at(  # type: ignore[override]  # as above
        self, when: float, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        """As the loop's."""
        return self.call_later(when - self.time(), callback, *args, context=context)

    def call_soon_threadsafe(  # type: ignore[override]  # as above
        self, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.Handle:
        """As the loop's, with the time."""
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        turn = self._turn(Kind.HANDOVER, callback, args, context)
        self._hand_over(turn)
        return turn

    def create_task(self, coro: Any, *, name: Any = None, context: Any = None, **more: Any) -> Any:
        """As the loop's; the task works for the request that is starting, or else for its creator's."""
        request, self.starting = self.starting, 0
        if more or self.get_task_factory() is not None:
            return super().create_task(coro, name=name, context=context, **more)
        task = TracedTask(coro, loop=self, name=name, context=context)
        task.request = request or getattr(asyncio.current_task(self), "request", 0)
        task.tag = 0
        return task

    def _turn(self, kind: Kind, callback: Any, args: Any, context: Any, what: Any = None) -> Turn:
        return Turn(self.turns, kind, perf_counter_ns(), callback, args, self, context, what)
