"""Statistics of a recording, which gives seconds at once, are those of the live run, which gave them bit by bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.buckets import BUCKET_NS
from explorer.analysis.loops import LoopLog
from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import SPAN, Array, Batch, Process, Tally, Track
from explorer.records.event_kinds import EVENT_KINDS, SWITCHING_PROTOCOLS
from explorer.records.states import Kind, Role, TrackKind

MS = 1_000_000
LOOP, OTHER, THREAD, REQUESTS, LOADS = 1, 2, 3, 4, 5
ON_LOOPS = (Kind.SELECT, Kind.STEP, Kind.IO, Kind.TIMER, Kind.HANDOVER)
KINDS = {
    LOOP: ON_LOOPS,
    OTHER: ON_LOOPS,
    THREAD: (Kind.JOB, Kind.TOKEN_WAIT),
    REQUESTS: (Kind.REQUEST, Kind.MESSAGE),
    LOADS: (Kind.CLIENT_REQUEST,),
}
Given = tuple[int, int, int, int, int, int]
"""Track, ms since the one before, ms that it took, kind, value, depth."""
GIVEN = st.tuples(
    st.sampled_from(list(KINDS)),
    st.sampled_from([0, 1, 30, 250]),
    st.sampled_from([0, 1, 90, 450]),
    st.integers(0, 9),
    st.sampled_from([0, 1, 200, 500, SWITCHING_PROTOCOLS, 90_000]),
    st.integers(0, 1),
)


def declared() -> Batch:
    """A server with two loops and a thread, and the load."""
    processes = [Process(1, 101, Role.SERVER, "", 1, 1, "", 0), Process(2, 102, Role.LOAD, "", 1, 1, "", 0)]
    kinds = {LOOP: TrackKind.LOOP, OTHER: TrackKind.LOOP, THREAD: TrackKind.THREAD}
    tracks = [
        Track(number, kinds.get(number, TrackKind.REQUESTS), "", 2 if number == LOADS else 1, tid=number)
        for number in KINDS
    ]
    return Batch(0, processes=processes, tracks=tracks)


def spans_of(rows: list[Given]) -> Array:
    """In order of end."""
    spans, now = np.zeros(len(rows), SPAN), 50 * BUCKET_NS
    for at, (track, since, length, kind, value, depth) in enumerate(rows):
        now += since * MS
        spans[at]["end"], spans[at]["start"] = now, now - length * MS
        spans[at]["track"], spans[at]["depth"], spans[at]["request"] = track, depth, at + 1
        spans[at]["kind"] = KINDS[track][kind % len(KINDS[track])]
        spans[at]["argument"] = value
    return spans


def fed(spans: Array, at_once: int) -> RunStatistics:
    """Statistics of these, so many at a time."""
    statistics = RunStatistics()
    statistics.feed(declared())
    for first in range(0, len(spans), at_once):
        some = spans[first : first + at_once]
        statistics.feed(Batch(int(some["end"][-1]), some, tally=Tally(len(some), len(some))))
    return statistics


def told(statistics: RunStatistics) -> dict[str, Array]:
    """All that is counted by bucket, by a name."""
    end = 50 + 250
    found: dict[str, Array] = {}
    for number, loop in statistics.loops.items():
        for name in ("iterations", "ready", "busy", "longest", "lag"):
            found[f"{name} {number}"] = getattr(loop, name).between(0, end)
        loop.settle()
        sums = loop._waits.sum(0, end * BUCKET_NS).histograms[0]
        found[f"waits {number}"] = np.array([*sums.counts, sums.total, sums.maximum])
    for number, column in statistics.spans.items():
        found[f"spans {number}"] = column.between(0, end)
    for kind in EVENT_KINDS:
        found[kind] = statistics.events.columns[kind].between(0, end)
    found["ok"], found["failed"] = (
        column.between(0, end) for column in (statistics.requests.ok, statistics.requests.failed)
    )
    found["outside"] = np.array([statistics.requests.outside, statistics.requests.outside_ok])
    return found


@settings(deadline=None, max_examples=40)
@given(st.lists(GIVEN, min_size=1, max_size=60), st.integers(2, 60))
def test_what_comes_at_once_counts_as_what_comes_one_by_one(rows: list[Given], at_once: int) -> None:
    spans = spans_of(rows)
    one_by_one, together = told(fed(spans, 1)), told(fed(spans, at_once))
    assert one_by_one.keys() == together.keys()
    for name, values in one_by_one.items():
        np.testing.assert_allclose(together[name], values, rtol=1e-6, err_msg=name)


def test_a_long_callback_fills_the_buckets_that_it_took_also_among_others() -> None:
    loop = LoopLog()
    ends = np.array([10, 60, 61, 62]) * BUCKET_NS
    lengths = np.array([MS, 30 * BUCKET_NS, MS, MS])
    loop.feed_many(ends // BUCKET_NS, np.full(4, Kind.STEP, "u1"), ends, lengths, np.zeros(4, "<u8"))
    busy = loop.busy.between(9, 62)  # they end with the bucket before
    assert busy[0] == pytest.approx(0.001)
    assert busy[21:51] == pytest.approx(np.full(30, 0.1))
    assert busy[51:].tolist() == pytest.approx([0.001, 0.001])


@pytest.mark.parametrize("at_once", [False, True])
def test_a_callback_across_a_border_counts_on_both_sides_of_it(at_once: bool) -> None:
    loop = LoopLog()
    end, length = 10 * BUCKET_NS + 4 * MS, 14 * MS
    one = (np.full(1, Kind.STEP, "u1"), np.array([end]), np.array([length]), np.zeros(1, "<u8"))
    if at_once:
        loop.feed_many(np.array([10]), *one)
    else:
        loop.feed(10, *one)
    assert loop.busy.between(9, 11).tolist() == pytest.approx([0.010, 0.004])
