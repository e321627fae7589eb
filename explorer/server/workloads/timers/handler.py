"""Waits for a one-shot timer; a periodic timer runs beside the requests and shows how late timers are."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request


async def job(request: Request) -> dict[str, str | float]:
    """Wait for a timer; the answer tells how late it was."""
    late = await request.app.state.run()
    return {"answer": "done", "late_ms": round(late * 1e3, 3)}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Let the periodic timer run for as long as the app does."""
    lateness = app.state.make_counter("timer lateness", "ms")
    app.state.periodic = Periodic(app.state.settings.period, lambda late: lateness.set(late * 1e3))
    try:
        yield
    finally:
        app.state.periodic.stop()


def set_period(app: FastAPI, period: float) -> None:
    """Change the period; the next deadline counts from now."""
    app.state.periodic.start(period)


class Periodic:
    """A timer that arms itself anew each time it rings."""

    def __init__(self, period: float, rings: Callable[[float], None]) -> None:
        """Call `rings(late)` every `period` seconds, with the seconds that it was late."""
        self.loop = asyncio.get_running_loop()
        self.rings = rings
        self.timer: asyncio.TimerHandle | None = None
        self.start(period)

    def start(self, period: float) -> None:
        """Begin to count."""
        self.stop()
        self.period = period
        self.due = self.loop.time() + period
        self.timer = self.loop.call_at(self.due, self.ring)

    def ring(self) -> None:
        """The time has come, or is past. Periods that were missed are left out, not made up for."""
        now = self.loop.time()
        self.rings(max(0.0, now - self.due))
        self.due += self.period * max(1, (now - self.due) // self.period + 1)
        self.timer = self.loop.call_at(self.due, self.ring)

    def stop(self) -> None:
        """Ring no more."""
        if self.timer is not None:
            self.timer.cancel()
