"""Where a blocked loop stands, and which clients keep their handlers waiting."""

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest

from explorer.probe import loop as loops
from explorer.probe import watchdog
from explorer.probe.tracer import Tracer
from explorer.probe.watchdog import SLOW_CLIENT_NS, Watchdog, running, where
from explorer.records.states import Kind, TrackKind
from explorer.ring.columns import Columns
from explorer.ring.pool import SizeClass
from tests.observed import Observed
from tests.waiting import wait_until


def test_the_line_of_a_blocked_loop_is_told_while_it_stands_there(tracer: Tracer, observed: Observed) -> None:
    told: list[str] = []

    def seen() -> bool:
        observed.poll()
        told[:] = [row.name for row in observed.of(Kind.STACK)]
        return bool(told)

    async def block() -> None:
        wait_until(seen)

    with asyncio.Runner(loop_factory=loops.traced_loop_factory(tracer, watched=True)) as runner:
        runner.run(block())
    assert told[0].endswith(" in seen") or "waiting.py" in told[0] or "observed.py" in told[0], told


def test_a_loop_that_waits_stands_at_nothing(tracer: Tracer) -> None:
    columns = tracer.lease_columns(tracer.declare(TrackKind.LOOP, "loop"))
    assert running(columns) == 0
    _run(columns, ends=[1.0, 2.0, 3.0])
    assert running(columns) == 0
    columns.words[_head()] = 5  # two more are reserved, none of them has ended
    assert running(columns) == 4
    tracer.give_back_fixed(columns)


def test_the_innermost_line_of_code_that_is_no_library_is_named() -> None:
    def inner() -> str:
        return where(sys._getframe())

    assert where(None) == ""
    assert inner().startswith("probe/test_watchdog.py:")
    assert inner().endswith(" in inner")


def test_a_client_that_does_not_read_is_told_of_while_it_lasts(tracer: Tracer, observed: Observed) -> None:
    dog = Watchdog(tracer, None)
    ring = tracer.lease(SizeClass.CONNECTION, tracer.declare(TrackKind.COUNTER, "watchdog"))
    now = time.perf_counter_ns()
    tracer.paused[1] = now - SLOW_CLIENT_NS, 7, tracer.name("GET /stream")
    tracer.paused[2] = now - SLOW_CLIENT_NS // 2, 8, 0
    dog.look(ring, now)
    dog.look(ring, now + SLOW_CLIENT_NS)
    del tracer.paused[1], tracer.paused[2]
    dog.look(ring, now + 3 * SLOW_CLIENT_NS)
    tracer.give_back(ring)
    observed.poll()
    waits = [(row.request, row.duration, row.name) for row in observed.of(Kind.DRAIN_WAIT)]
    assert (7, SLOW_CLIENT_NS, "GET /stream") in waits
    assert sum(length for request, length, _ in waits if request == 7) == 2 * SLOW_CLIENT_NS


def _head() -> int:
    from explorer.ring import layout

    return layout.WORD_HEAD


def _run(columns: Columns, ends: list[float]) -> None:
    for at, end in enumerate(ends):
        columns.end[at] = end
    columns.words[_head()] = len(ends)


def test_what_lies_sealed_in_a_frozen_program_is_a_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = str(tmp_path / "app.py")
    assert not watchdog._is_library(app)
    assert watchdog._is_library(json.__file__)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert watchdog._is_library("starlette/routing.py")
    assert not watchdog._is_library(app)
