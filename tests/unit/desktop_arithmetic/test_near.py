"""Bars in pixels, the horizon, open spans, and which rows are too dense for bars."""

import numpy as np

from explorer.collect.source import Batch, OpenSpan
from explorer.desktop.timeline.near import BUDGET, Bars, RowSpans, dense_rows, near_bars, pixels, spans_in
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.states import Kind, State
from explorer.store.store import Store
from tests.unit.desktop_arithmetic.fakes import spans_of, store_of

FAR = 1 << 61
BASE = 10**15
VIEW = Viewport(BASE, 1_000, 1_000)


def bars(
    store: Store, view: Viewport, horizon: int = FAR, now: int = FAR, shown: dict[tuple[int, int], int] | None = None
) -> list[tuple[int, Bars]]:
    opened: dict[int, list[OpenSpan]] = {}
    for span in store.open_spans:
        opened.setdefault(span.track, []).append(span)
    row = spans_in(store, 1, view.begin, min(view.end, horizon))
    return near_bars([(0, row)], opened, {1: 0}, view, horizon, now, shown or {})


def test_bars_are_a_pixel_at_least_and_leave_a_gap_from_three_pixels_on() -> None:
    left, right = pixels(VIEW, BASE + np.array([0, 10, 20, 30]), BASE + np.array([0, 12, 23, 50]))
    assert (right - left).tolist() == [1, 2, 3, 19]
    assert left.tolist() == [0, 10, 20, 30]


def test_a_fifth_of_a_microsecond_is_drawn_to_the_nanosecond() -> None:
    view = Viewport(BASE, 200, 1_000)
    left, right = pixels(view, BASE + np.array([17]), BASE + np.array([19]))
    assert (int(left[0]), int(right[0])) == (85, 94)


def test_finished_spans_end_at_the_horizon() -> None:
    store = store_of([(1, BASE + 100, BASE + 200, State.RUNNING), (1, BASE + 300, BASE + 900, State.BLOCKED)])
    ((_, seen),) = bars(store, VIEW, horizon=BASE + 400, now=BASE + 1_000)
    assert seen.left.tolist() == [100, 300]
    assert seen.right.tolist() == [199, 399]


def test_a_bar_that_was_seen_open_never_shrinks() -> None:
    store = store_of([(1, BASE + 300, BASE + 900, State.BLOCKED)])
    ((_, seen),) = bars(store, VIEW, horizon=BASE + 400, now=BASE + 1_000, shown={(1, 0): BASE + 890})
    assert seen.right.tolist() == [889]


def test_an_open_span_grows_to_now() -> None:
    store = store_of([(1, BASE + 10, BASE + 20, State.RUNNING)])
    store.append(Batch(0, open_spans=[OpenSpan(1, 0, BASE + 100, 0, 7, Kind.JOB, State.BLOCKED)]))
    widths = []
    for now in (BASE + 500, BASE + 600):
        ((_, seen),) = bars(store, VIEW, horizon=BASE + 50, now=now)
        widths.append(int(seen.right[-1] - seen.left[-1]))
        assert seen.request.tolist() == [0, 7]
    assert widths == [399, 499]


def test_what_lies_inside_comes_in_a_layer_of_its_own() -> None:
    store = store_of([(1, BASE + 10, BASE + 500, State.RUNNING)])
    store.append(Batch(0, spans_of([(1, BASE + 100, BASE + 200, State.BLOCKED)], depth=1)))
    layers = bars(store, VIEW)
    assert [depth for depth, _ in layers] == [0, 1]
    assert layers[1][1].left.tolist() == [100]


def test_a_state_that_nobody_gave_is_drawn_as_unknown() -> None:
    store = store_of([(1, BASE + 10, BASE + 500, State.NONE)])
    ((_, seen),) = bars(store, VIEW)
    assert seen.state.tolist() == [State.UNKNOWN]


def test_dense_rows_become_columns_and_the_rest_keeps_within_the_budget() -> None:
    rows = [RowSpans(track, tuple, count) for track, count in ((1, 900), (2, 10), (3, 300))]
    assert dense_rows(rows, 1_000, (), {}) == {1}
    full = [RowSpans(track, tuple, 340) for track in range(64)]
    dense = dense_rows(full, 1_000, (), {})
    assert 340 * (64 - len(dense)) <= BUDGET


def test_rows_of_a_family_look_alike() -> None:
    family = dict.fromkeys((1, 2, 3), "requests")
    busy = [RowSpans(track, tuple, count) for track, count in ((1, 1_400), (2, 900), (3, 10), (4, 10))]
    assert dense_rows(busy, 1_000, (), family) == {1, 2, 3}
    calm = [RowSpans(track, tuple, count) for track, count in ((1, 900), (2, 10), (3, 10), (4, 900))]
    assert dense_rows(calm, 1_000, (), family) == {4}
    full = [RowSpans(track, tuple, 700) for track in range(1, 12)]
    dense = dense_rows(full, 1_000, (), family)
    assert dense == {9, 10, 11}
    assert 700 * (11 - len(dense)) <= BUDGET


def test_a_row_does_not_change_sides_for_a_few_spans() -> None:
    near_limit = [RowSpans(1, tuple, 700)]
    assert dense_rows(near_limit, 1_000, (), {}) == set()
    assert dense_rows(near_limit, 1_000, {1}, {}) == {1}
