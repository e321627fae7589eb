"""A pool of sub-interpreters whose jobs are seen on both sides: waiting here, running there.

The pool is the standard library's (Python 3.14). Each of its threads owns an interpreter and is a lane of the timeline;
the interpreter writes its jobs by itself, as a `Guest`.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import Any

from explorer.probe import calls, gc_runs, guest, outgoing
from explorer.probe.guest import Loan
from explorer.probe.handover import hand_over
from explorer.probe.naming import callable_name
from explorer.probe.tracer import Tracer
from explorer.records.sampling import INTERPRETER
from explorer.records.states import Kind, State

Make = Callable[[int, Callable[..., None], tuple[Any, ...]], Executor]
"""Makes a pool of a size, each interpreter of which first calls a function with these arguments."""


class TracedInterpreters(Executor):
    """An `InterpreterPoolExecutor` that records every job."""

    def __init__(
        self,
        tracer: Tracer,
        size: int,
        make: Make,
        queue: Callable[[], Any],
        *,
        traced_calls: Mapping[str, State],
        upstream: str = "",
    ) -> None:
        """`make` makes the real pool, `queue` a queue between interpreters.

        `traced_calls` as in `explorer.probe.calls.wrap`, `upstream` as in `explorer.probe.outgoing`. Raises RingError
        when there is no space for its rings.
        """
        self._tracer = tracer
        self._loans, self._met = queue(), queue()
        self._texts: dict[int, str] = {}
        for number in range(1, size + 1):
            text = f"{INTERPRETER} {number}"
            track, ring = tracer.lend(text)
            self._texts[track] = text
            self._loans.put((track, str(ring)))
        names = (*map(calls.shown, traced_calls), gc_runs.NAME, *outgoing.NAMES)
        loan = Loan(tracer.token, {text: tracer.name(text) for text in names}, dict(traced_calls), upstream)
        self._real = make(size, guest.enter, (self._loans, self._met, loan))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """As the stdlib's; the job belongs to the request of the running task."""
        name = self._tracer.name(callable_name(fn))
        work: Any = getattr(self._real, "_work_queue", None)
        return hand_over(
            self._tracer,
            name,
            work.qsize() if work is not None else 0,
            lambda request: self._real.submit(guest.run, name, request, fn, args, kwargs),
            Kind.INTERPRETER_WAIT,
        )

    def submit_unseen(self, fn: Callable[..., Any], /, *args: Any) -> "Future[Any]":
        """Submit what is nobody's request."""
        return self._real.submit(fn, *args)

    def meet(self) -> None:
        """Write down which threads have begun, so that their states can be told."""
        while not self._met.empty():
            track, tid = self._met.get(timeout=0)
            self._tracer.met(track, self._texts[track], tid)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the interpreters; as in `Executor`."""
        self._real.shutdown(wait, cancel_futures=cancel_futures)
