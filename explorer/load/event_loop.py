"""The load process's own event loop and what it asks of the system. The loop of the server is another matter."""

import asyncio
import gc

GC_THRESHOLD = 100_000
"""Requests make no reference cycles that live; collecting seldom keeps pauses out of the send lag."""


def new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where there is one (a third of the processor time per request), else asyncio's."""
    try:
        import uvloop
    except ImportError:  # Windows has none
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def collect_seldom() -> None:
    """Take what was imported out of the garbage collector's sight and let it run seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 10, 10)
