"""A coroutine's stand-in that times its steps, for loops whose queue is out of reach."""

from collections.abc import Coroutine, Generator
from time import perf_counter_ns
from typing import Any, Final

from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State
from explorer.ring.writer import Ring

_ARGUMENT: Final = span_argument()
# As plain integers: looking a member up in an enumeration takes longer than storing it.
_STEP: Final = int(Kind.STEP)
_RUNNING: Final = int(State.RUNNING)
_COMPLETE: Final = int(Flag.COMPLETE)


class TimedCoroutine(Coroutine[Any, Any, Any]):
    """Stands in for a coroutine and writes one STEP per `send` or `throw`; all else is the coroutine's."""

    __slots__ = ("_coroutine", "_name", "_ring", "_track", "request")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], ring: Ring, name: int, request: int) -> None:
        """Write to `ring`, on the track of its holder."""
        self._coroutine = coroutine
        self._ring = ring
        self._track = ring.track
        self._name = name
        self.request = request
        """What its next step is for."""

    def send(self, value: Any) -> Any:
        """One step."""
        ring, request, start = self._ring, self.request, perf_counter_ns()
        ring.open(0, start, self._name, request, _STEP, _RUNNING)
        try:
            return self._coroutine.send(value)
        finally:
            self._ended(ring, request, start)

    def throw(self, *error: Any) -> Any:
        """One step that begins with an exception."""
        ring, request, start = self._ring, self.request, perf_counter_ns()
        ring.open(0, start, self._name, request, _STEP, _RUNNING)
        try:
            return self._coroutine.throw(*error)
        finally:
            self._ended(ring, request, start)

    def close(self) -> None:
        """End the coroutine."""
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        """As the coroutine's."""
        return self._coroutine.__await__()

    def __getattr__(self, name: str) -> Any:
        """`cr_frame`, `__qualname__` and whatever else is asked of a coroutine."""
        return getattr(self._coroutine, name)

    def _ended(self, ring: Ring, request: int, start: int) -> None:
        ring.shut(0)
        duration = perf_counter_ns() - start
        ring.write(
            start,
            duration,
            request,
            _ARGUMENT,
            self._name,
            self._track,
            _STEP,
            _RUNNING,
            0,
            _COMPLETE,
        )
