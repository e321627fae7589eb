"""The pace of the hand, and who watches it: every tick and every painting of the window is told to a `Watch`."""

from collections.abc import Callable
from time import perf_counter_ns
from typing import Final, Protocol

from PySide6.QtCore import QObject, Qt, QTimer

from explorer.probe.frames import Frames
from explorer.probe.tracer import Tracer
from explorer.probe.turns import Turns
from explorer.records.states import Kind

FRAME_MS: Final = 16
FRAME_NS: Final = FRAME_MS * 1_000_000


class Watch(Protocol):
    """Who is told what the window does, and lets it do so. Times are nanoseconds."""

    def begin(self, first: int) -> None:
        """The first tick will be at `first`."""
        ...

    def tick(self, due: int, following: int, work: Callable[[], None]) -> None:
        """A tick that was due at `due`; the next one will be at `following`."""
        ...

    def paint(self, work: Callable[[], bool]) -> bool:
        """The window paints, up to the screen."""
        ...


class Recorded:
    """Writes ticks and paintings twice: as work on the loop's lane, and as what is seen on the window's own lane."""

    def __init__(self, tracer: Tracer | None, turns: Turns) -> None:
        """For the thread that runs the loop of `turns`."""
        self._turns = turns
        self._frames = Frames(tracer, "Clock hand")
        self._tick, self._paint = turns.name("hand ticks"), turns.name("window paints")
        self._asked = 0

    def begin(self, first: int) -> None:
        """See `Watch`. A handler may block the loop before it ever came round."""
        self._frames.due(first)

    def tick(self, due: int, following: int, work: Callable[[], None]) -> None:
        """See `Watch`."""
        self._frames.began(due, perf_counter_ns())
        self._turns.run(Kind.TIMER, self._tick, 0, due, work)
        self._frames.due(following)
        self._asked = perf_counter_ns()

    def paint(self, work: Callable[[], bool]) -> bool:
        """See `Watch`. It could have been done since the tick that asked for it."""
        start = perf_counter_ns()
        asked, self._asked = self._asked or start, 0
        done = self._turns.run(Kind.CALLBACK, self._paint, 0, asked, work)
        self._frames.painted(start, perf_counter_ns())
        return done

    def close(self) -> None:
        """The window shows no more."""
        self._frames.close()


class Pace(QObject):
    """Calls `work(due, now)` sixty times a second, as far as the loop allows."""

    def __init__(self, watch: Watch, work: Callable[[int, int], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watch = watch
        self._work = work
        self._due = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Tick from now on."""
        self._due = perf_counter_ns() + FRAME_NS
        self._watch.begin(self._due)
        self._timer.start()

    def stop(self) -> None:
        """Tick no more."""
        self._timer.stop()

    def _tick(self) -> None:
        due, now = self._due, perf_counter_ns()
        # As Qt reckons: in step with the tick before, or, when that has passed already, from now on.
        self._due = due + FRAME_NS if due + FRAME_NS >= now else now + FRAME_NS
        self._watch.tick(due, self._due, lambda: self._work(due, now))
