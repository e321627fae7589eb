"""What can be seen of uvloop, whose queue and selector are in C: the steps of tasks."""

import uvloop

from explorer.probe.step_loop import StepLoop
from explorer.probe.tracer import Tracer


class TracedUvloop(StepLoop, uvloop.Loop):  # type: ignore[misc]  # uvloop's stubs name some arguments otherwise
    """uvloop whose tasks time their steps."""


def traced_uvloop(tracer: Tracer) -> TracedUvloop:
    """A new loop."""
    return TracedUvloop(tracer)
