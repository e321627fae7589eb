"""What is under the pointer, and what belongs to a selection."""

import numpy as np

from explorer.collect.source import Batch, OpenSpan
from explorer.desktop.timeline.selection import Selection, announcement, describe, neighbour, span_at
from explorer.records.schema import CPU_NOT_TAKEN, TIME_UNIT_NS
from explorer.records.states import Kind, State
from explorer.store.rows import Span
from explorer.store.store import Store
from tests.unit.desktop_arithmetic.fakes import spans_of, store_of, thread

FAR = 1 << 61
REQUEST = 2 << 40 | 2_664


def nested() -> Store:
    """A job with a sleep inside, another request on track 2, and an open span."""
    store = store_of([], [thread(1), thread(2)])
    store.append(
        Batch(
            0,
            spans_of([(1, 1_100, 1_200, State.BLOCKED)], depth=1, request=REQUEST),
            names=[(1, "json.dumps")],
        )
    )
    store.append(Batch(0, spans_of([(1, 1_000, 2_000, State.RUNNING)], request=REQUEST)))
    store.append(Batch(0, spans_of([(2, 1_500, 1_600, State.RUNNING)], request=7)))
    store.append(Batch(0, open_spans=[OpenSpan(1, 0, 3_000, 1, REQUEST, Kind.JOB, State.RUNNING)]))
    return store


def opened(store: Store) -> dict[int, list[OpenSpan]]:
    return {1: [span for span in store.open_spans if span.track == 1]}


def test_the_innermost_span_is_found() -> None:
    store = nested()
    inner = span_at(store, opened(store), 1, 1_150, 0, FAR)
    outer = span_at(store, opened(store), 1, 1_500, 0, FAR)
    assert isinstance(inner, Span)
    assert isinstance(outer, Span)
    assert (inner.depth, outer.depth) == (1, 0)


def test_a_thin_span_is_found_from_a_few_pixels_away() -> None:
    store = nested()
    found = span_at(store, {}, 2, 1_610, 20, FAR)
    assert isinstance(found, Span)
    assert found.end == 1_600
    assert span_at(store, {}, 2, 1_700, 20, FAR) is None


def test_what_is_beyond_the_horizon_is_not_found_but_what_is_open_is() -> None:
    store = nested()
    assert span_at(store, {}, 1, 1_150, 5, 900) is None
    assert isinstance(span_at(store, opened(store), 1, 3_500, 5, 900), OpenSpan)


def test_a_span_brings_its_whole_request() -> None:
    store = nested()
    selection = Selection()
    selection.choose(store.find(1, 1, 1_150), store)
    assert selection.request == REQUEST
    assert [(span.start, span.depth) for span in selection.spans] == [(1_000, 0), (1_100, 1)]
    assert len(selection.open_spans) == 1
    assert selection.request_extent(4_000) == (1_000, 4_000)
    assert selection.extent(4_000) == (1_100, 1_200)


def test_an_open_span_becomes_the_finished_one() -> None:
    store = nested()
    selection = Selection()
    selection.choose(store.open_spans[0], store)
    assert not selection.stale(store)
    store.append(Batch(0, spans_of([(1, 3_000, 5_000, State.RUNNING)], request=REQUEST), open_spans=[]))
    assert selection.stale(store)
    selection.look_up(store)
    assert isinstance(selection.span, Span)
    assert selection.span.end == 5_000
    assert not selection.stale(store)


def test_nothing_selected_is_false() -> None:
    selection = Selection()
    assert not selection
    assert selection.extent(0) is None


def test_neighbours_lead_to_the_open_span_and_back() -> None:
    store = nested()
    last = store.find(1, 0, 1_500)
    assert last is not None
    after = neighbour(store, opened(store), last, 1)
    assert isinstance(after, OpenSpan)
    assert neighbour(store, opened(store), after, -1) == last
    assert neighbour(store, opened(store), after, 1) is None


def test_a_span_is_described_and_announced_in_words() -> None:
    store = nested()
    span = store.open_spans[0]
    lines = describe(store, span, "Worker 2", 3_203_000)
    assert lines[0] == "json.dumps  3.2 ms so far"
    assert lines[1] == "Running in Worker 2, request #2664"
    assert announcement(store, span, "Worker 2", 3_203_000) == "Worker 2, json.dumps, running, 3.2 ms, request 2,664"


def test_pointing_at_a_bar_finds_the_bar_and_not_a_sliver_in_or_beside_it() -> None:
    store = store_of([(1, 1_000, 9_000, State.RUNNING), (1, 9_000, 9_010, State.BLOCKED)], [thread(1)])
    store.append(Batch(0, spans_of([(1, 5_000, 5_010, State.BLOCKED)], depth=1)))
    bar = store.find(1, 0, 3_000)
    assert span_at(store, {}, 1, 5_005, 400, FAR, 100) == bar
    assert span_at(store, {}, 1, 9_005, 400, FAR, 100) == bar
    assert span_at(store, {}, 1, 5_005, 4, FAR, 1) == store.find(1, 1, 5_005)


def test_where_all_are_slivers_the_longest_within_a_pixel_is_found() -> None:
    store = store_of([(1, n * 10, n * 10 + 2 + (n == 7) * 3, State.RUNNING) for n in range(20)], [thread(1)])
    assert span_at(store, {}, 1, 61, 400, FAR, 40) == store.find(1, 0, 72)


def test_running_work_says_how_much_of_it_was_on_a_core() -> None:
    spans = spans_of([(1, 0, 51_100_000, State.RUNNING), (1, 60_000_000, 61_000_000, State.RUNNING)], request=REQUEST)
    spans["argument"] = np.array([round(12.4e6 / TIME_UNIT_NS), CPU_NOT_TAKEN], "<u8") << np.uint64(32)
    store = store_of([], [thread(1)])
    store.append(Batch(0, spans))
    measured, plain = store.find(1, 0, 1_000), store.find(1, 0, 60_500_000)
    assert measured is not None
    assert plain is not None
    lines = describe(store, measured, "Worker 2", 0)
    assert lines[1:3] == ("Running, 12.4 ms of 51.1 ms on a core", "Worker 2, request #2664")
    assert describe(store, plain, "Worker 2", 0)[1] == "Running in Worker 2, request #2664"
