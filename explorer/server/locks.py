"""Locks of the app under a probe: traced before the app is imported, and released on request.

Whoever is released gets an exception that FastAPI and Starlette answer with 503 and one sentence, in the user's own app
as well, which need not know of it.
"""

import os
from typing import Any, Final

from starlette.exceptions import HTTPException

from explorer.child.channel import Channel
from explorer.probe.locks.install import LockTracing
from explorer.probe.locks.owners import Released
from explorer.probe.tracer import Tracer
from explorer.scenario import Scenario
from explorer.server.readers_writer import ReadersWriterLock
from explorer.server.traced_readers_writer import TracedReadersWriterLock

UNAVAILABLE: Final = 503


class LockReleased(Released, HTTPException):
    """The wait for a lock was ended by hand."""

    def __init__(self, sentence: str) -> None:
        HTTPException.__init__(self, UNAVAILABLE, sentence)


def trace_locks(tracer: Tracer, scenario: Scenario, channel: Channel) -> LockTracing:
    """Trace the locks that the app makes from now on; whoever waits for one can be released through `channel`."""
    own = [scenario.app.target.partition(":")[0].partition(".")[0]] if scenario.own else []
    tracing = LockTracing(tracer, own, LockReleased)
    tracing.trace(ReadersWriterLock, TracedReadersWriterLock, "ReadersWriterLock")
    tracer.at_close(tracing.undo)
    channel.on("release", lambda message: _release(tracing, channel, message))
    return tracing


def _release(tracing: LockTracing, channel: Channel, message: dict[str, Any]) -> None:
    pid, tid, task = (int(message[key]) for key in ("pid", "tid", "task"))
    if pid == os.getpid():
        found = tracing.owners.release(tid, task, str(message["sentence"]))
        channel.event("released", pid=pid, tid=tid, task=task, found=found)
