"""The store against a naive model, its memory bound, and what else it keeps."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.collect.source import SAMPLE, Batch, Loss, Marker, OpenSpan, Process, Tally, Track
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.store import chunks
from explorer.store.chunks import SPAN_BYTES
from explorer.store.rows import Slice, Span
from explorer.store.store import Store
from tests.unit.store.model import NaiveStore, histories, spans


def a_span(track: int, start: int, end: int, *, depth: int = 0, request: int = 0, argument: int = 0) -> Span:
    return Span(track, depth, start, end, 1, request, argument, Kind.STEP, State.RUNNING, Flag.COMPLETE)


def filled(batches: list[list[Span]]) -> tuple[Store, NaiveStore]:
    store, naive = Store(), NaiveStore()
    for batch in batches:
        store.append(Batch(now=0, spans=spans(batch)))
        naive.all.extend(batch)
    return store, naive


def listed(slices: list[Slice], track: int, depth: int) -> list[Span]:
    columns = ("start", "end", "name", "request", "argument", "kind", "state", "flags")
    return [
        Span(track, depth, *values)
        for one in slices
        for values in zip(*(getattr(one, column).tolist() for column in columns), strict=True)
    ]


@pytest.fixture(params=[chunks.SMALLEST_CHUNK, 4])
def _chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with chunks so small that every case crosses their borders."""
    monkeypatch.setattr(chunks, "SMALLEST_CHUNK", request.param)
    monkeypatch.setattr(chunks, "LARGEST_CHUNK", 8 if request.param == 4 else chunks.LARGEST_CHUNK)


@pytest.mark.usefixtures("_chunks")
class TestAgainstTheModel:
    @settings(max_examples=60, deadline=None)
    @given(histories(), st.integers(0, 400), st.integers(0, 200))
    def test_slices_are_what_touches_the_range(self, batches: list[list[Span]], t0: int, length: int) -> None:
        store, naive = filled(batches)
        for track, depth in {(s.track, s.depth) for s in naive.all}:
            found = listed(store.slices(track, depth, t0, t0 + length), track, depth)
            assert found == naive.touching(track, depth, t0, t0 + length)
        assert store.count == len(naive.all)

    @settings(max_examples=60, deadline=None)
    @given(histories(), st.integers(0, 400))
    def test_find_and_neighbours(self, batches: list[list[Span]], time: int) -> None:
        store, naive = filled(batches)
        for track, depth in {(s.track, s.depth) for s in naive.all}:
            assert store.find(track, depth, time) == naive.find(track, depth, time)
            row = naive.row(track, depth)
            for before, span, after in zip([None, *row], row, [*row[1:], None], strict=False):
                assert (store.previous(span), store.next(span)) == (before, after)

    @settings(max_examples=60, deadline=None)
    @given(histories(), st.sampled_from([1, 2, 5 << 40 | 1, 77]))
    def test_request_is_found_in_every_row(self, batches: list[list[Span]], number: int) -> None:
        store, naive = filled(batches)
        found = store.request(number)
        assert set(found) == {s for s in naive.all if s.request == number}
        assert len(found) == len(set(found))
        assert [span.start for span in found] == sorted(span.start for span in found)


def test_request_zero_means_none() -> None:
    store, _ = filled([[a_span(1, 0, 5)]])
    assert store.request(0) == []


def test_spans_that_are_very_late_fill_chunks_of_the_usual_size() -> None:
    newest = a_span(1, 10**9, 10**9 + 1)
    late = [a_span(1, at * 10, at * 10 + 5) for at in range(3 * chunks.LARGEST_CHUNK)]
    store, _ = filled([[newest], late])
    found = store.slices(1, 0, 0, 2 * 10**9)
    assert sum(map(len, found)) == len(late) + 1
    assert max(map(len, found)) <= chunks.LARGEST_CHUNK
    assert store.memory >= store.count * SPAN_BYTES


def test_the_oldest_history_goes_first_and_begin_says_where_the_rest_starts() -> None:
    store, total = Store(memory_bytes=SPAN_BYTES * chunks.LARGEST_CHUNK * 3), 6 * chunks.LARGEST_CHUNK
    old = a_span(9, 1, 2)
    store.append(Batch(now=0, spans=spans([old])))
    for first in range(0, total, 4096):
        store.append(Batch(now=0, spans=spans([a_span(1, t * 10, t * 10 + 5) for t in range(first, first + 4096)])))
    assert store.memory <= store.memory_bytes
    assert store.dropped > 0
    assert store.count + store.dropped == total + 1
    assert store.begin is not None
    assert store.find(9, 0, 1) is None
    assert store.depths(9) == ()
    kept = store.slices(1, 0, 0, 10**12)
    assert kept[0].start[0] > store.begin
    assert sum(map(len, kept)) == store.count
    assert (store.first, store.last) == (0, (total - 1) * 10 + 5)


def test_a_complete_history_has_no_begin() -> None:
    store, _ = filled([[a_span(1, 5, 9)]])
    assert (store.begin, store.first, store.last) == (None, 5, 9)
    assert Store().first is None


def test_a_span_tells_its_cpu_time_and_its_own_value() -> None:
    assert a_span(1, 0, 9, argument=4 << 32 | 200).cpu_ns == 1024
    assert a_span(1, 0, 9, argument=0xFFFF_FFFF << 32 | 200).cpu_ns is None
    assert a_span(1, 0, 9, argument=4 << 32 | 200).value == 200
    assert a_span(1, 2, 9).duration == 7


def test_declarations_are_kept_and_replaced() -> None:
    store = Store()
    process = Process(1, 77, Role.SERVER, "", 1, 1, "python3", 0)
    thread = Track(3, TrackKind.THREAD, "worker", 1, tid=5)
    open_span = OpenSpan(3, 0, 100, 2, 0, Kind.JOB, State.RUNNING)
    store.append(
        Batch(
            now=7,
            names=[(2, "two"), (1, "one")],
            tracks=[thread],
            processes=[process],
            open_spans=[open_span],
            markers=[Marker(1, "note", "hello")],
            losses=[Loss((3,), 0, 1, 9)],
            tally=Tally(5, 5, 0, 0, 1),
        )
    )
    version = store.version
    assert store.names == ["", "one", "two"]
    assert (store.name(2), store.name(99)) == ("two", "")
    assert store.open_spans == [open_span]
    store.append(Batch(now=3))
    assert store.version == version
    assert store.open_spans == [open_span]
    assert store.now == 7
    store.append(Batch(now=8, tracks=[dataclasses.replace(thread, ended_ns=8)], open_spans=[]))
    assert store.tracks[3].ended_ns == 8
    assert store.processes == {1: process}
    assert store.open_spans == []
    assert store.version > version
    assert len(store.markers) == len(store.losses) == 1


def test_requests_of_a_process_are_kept_as_they_come_and_found_by_number() -> None:
    """They overlap, and some are told long after they ended: putting each in its place would be work for nothing."""
    store = Store()
    store.append(Batch(now=0, tracks=[Track(4, TrackKind.REQUESTS, "requests", 1)]))
    store.append(Batch(now=0, spans=spans([a_span(4, 0, 900, request=1), a_span(4, 5, 950, request=2)])))
    store.append(Batch(now=0, spans=spans([a_span(4, 10, 20, request=2)])))
    assert [span.end for span in store.request(2)] == [950, 20]
    assert [end for one in store.slices(4, 0, 0, 1_000) for end in one.end.tolist()] == [900, 950, 20]
    assert (store.count, store.last) == (3, 950)


def test_a_new_depth_changes_the_version() -> None:
    store, _ = filled([[a_span(1, 0, 9)]])
    version = store.version
    store.append(Batch(now=0, spans=spans([a_span(1, 20, 30)])))
    assert store.version == version
    store.append(Batch(now=0, spans=spans([a_span(1, 2, 3, depth=1)])))
    assert store.version > version
    assert store.depths(1) == (0, 1)


def test_counters_keep_the_order_of_time() -> None:
    store = Store()
    for times in ([10, 30], [20, 40]):
        samples = np.array([(t, t / 10, track, 0) for t in times for track in (4, 5)], SAMPLE)
        store.append(Batch(now=0, samples=samples))
    when, values = store.counters[4]
    assert when.tolist() == [10, 20, 30, 40]
    assert values.tolist() == [1, 2, 3, 4]
    assert store.memory == sum(series.memory for series in store.counters.values())


def test_many_tracks_and_deep_ones_are_told_apart() -> None:
    batch = [a_span(track, 0, 9, depth=depth) for track in (1, 2, 70_000, 5_000_000) for depth in (0, 3, 200)]
    store, _ = filled([batch])
    for track in (1, 2, 70_000, 5_000_000):
        assert store.depths(track) == (0, 3, 200)
        assert all(len(store.slices(track, depth, 0, 9)[0]) == 1 for depth in (0, 3, 200))


def test_the_states_of_lanes_are_noted_those_of_request_records_are_not() -> None:
    request = Span(1, 0, 0, 5, 1, 1, 0, Kind.REQUEST, State.AWAITING, Flag.COMPLETE)
    store, _ = filled([[request, a_span(1, 6, 7)]])
    assert store.states == {State.RUNNING}


def test_numbers_of_a_later_version_are_unknown_not_an_error() -> None:
    batch = spans([a_span(1, 0, 9)])
    batch["kind"], batch["state"] = 200, 100
    store = Store()
    store.append(Batch(now=0, spans=batch))
    found = store.find(1, 0, 5)
    assert found is not None
    assert (found.kind, found.state) == (Kind.NONE, State.UNKNOWN)


def test_the_newest_batches_are_at_hand_until_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.store.store.NEWEST", 5)
    store, _ = filled([[a_span(1, 0, 10), a_span(2, 5, 12)], [a_span(1, 10, 20), a_span(1, 20, 30)]])
    newest = store.newest(0)
    assert newest is not None
    assert [some.keys for some in newest] == [[(1, 0), (2, 0)], [(1, 0)]]
    assert [some.end.tolist() for some in newest] == [[10, 12], [20, 30]]
    assert store.newest(store.appended) == []
    store.append(Batch(0, spans([a_span(2, 30, 40), a_span(2, 40, 50)])))
    assert store.newest(0) is None
    (last,) = store.newest(2) or []
    assert (last.ends, last.bounds, last.start.tolist()) == ([50], [0, 2], [30, 40])


def test_of_many_small_batches_only_some_are_at_hand() -> None:
    store = Store()
    for start in range(0, 10_000, 10):
        store.append(Batch(0, spans=spans([a_span(1, start, start + 5)])))
    assert store.appended == 1_000
    assert store.newest(0) is None
    assert [some.start.tolist() for some in store.newest(998) or ()] == [[9_980], [9_990]]
    assert store.newest(1_000) == []


def test_the_history_ends_with_the_newest_batch_where_something_is_open_and_with_the_last_span_else() -> None:
    store = Store()
    assert store.end is None
    store.append(Batch(now=90, spans=spans([a_span(1, 10, 20)])))
    assert store.end == 20
    store.append(Batch(now=95, open_spans=[OpenSpan(1, 0, 30, 1, 0, Kind.STEP, State.WAITING_LOCK)]))
    assert store.end == 95
    store.append(Batch(now=99, open_spans=[]))
    assert store.end == 20
