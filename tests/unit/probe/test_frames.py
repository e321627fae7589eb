"""The frames of a window: what was painted, and how long the next one waits."""

from time import perf_counter_ns

from explorer.probe.frames import FRAME, WAITS, Frames
from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind, State
from tests.observed import Observed


def test_a_frame_that_is_due_waits_and_is_painted(tracer: Tracer, observed: Observed) -> None:
    frames = Frames(tracer, "Clock hand")

    frames.began(due=1_000, now=257_000)
    frames.painted(300_000, 400_000)

    waited, painted = observed.of(Kind.FRAME)
    assert (waited.name, waited.state, waited.start, waited.end) == (WAITS, State.QUEUED, 1_000, 257_000)
    assert waited.value == 256_000 // 256
    assert (painted.name, painted.state, painted.start, painted.end) == (FRAME, State.RUNNING, 300_000, 400_000)
    assert {row.track for row in (waited, painted)} == {"window Clock hand"}


def test_spans_of_the_lane_do_not_overlap(tracer: Tracer, observed: Observed) -> None:
    """A painting may take longer than until the next frame is due."""
    frames = Frames(tracer, "Clock hand")

    frames.painted(100, 500)
    frames.began(due=300, now=700)
    frames.painted(600, 900)
    frames.began(due=800, now=850)

    rows = observed.of(Kind.FRAME)
    assert [(row.start, row.end) for row in rows] == [(100, 500), (500, 700), (700, 900)]


def test_a_wait_is_seen_while_nobody_can_report_it(tracer: Tracer, observed: Observed) -> None:
    frames = Frames(tracer, "Clock hand")
    at = perf_counter_ns()

    frames.due(at)

    ((name, slot),) = observed.open_spans()
    assert (name, slot.start, slot.kind, slot.state, slot.depth) == (WAITS, at, Kind.FRAME, State.QUEUED, 0)
    frames.began(at, at + 1)
    assert observed.open_spans() == []


def test_a_window_that_is_gone_waits_for_nothing(tracer: Tracer, observed: Observed) -> None:
    frames = Frames(tracer, "Clock hand")
    frames.due(perf_counter_ns())

    frames.close()

    assert observed.open_spans() == []
    assert [row.track for row in observed.of(Kind.THREAD, Flag.END)] == ["window Clock hand"]


def test_without_a_tracer_nothing_is_kept() -> None:
    frames = Frames(None, "Clock hand")
    frames.due(1)
    frames.began(1, 2)
    frames.painted(2, 3)
    frames.close()
