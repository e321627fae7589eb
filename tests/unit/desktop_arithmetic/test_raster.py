"""Pages of the far view: whatever the order of events, they show what a computation from scratch shows."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.collect.source import Batch
from explorer.desktop.timeline.raster import COLUMNS, Look, Page, Raster, RasterRow
from explorer.records.states import State
from explorer.store.coverage import STATES
from explorer.store.store import Store
from tests.unit.desktop_arithmetic.fakes import Given, spans_of, store_of, thread

ROWS = (RasterRow(1, 2, 20), RasterRow(2, 26, 12))
LOOK = Look(1, 40, np.arange(STATES, dtype="<u4")[None])
BITS = 6
WIDTH = COLUMNS << BITS


def yes() -> bool:
    return True


def grant(times: int) -> Callable[[], bool]:
    """An allowance of so many pieces of work."""
    granted = iter([True] * times)
    return lambda: next(granted, False)


def random_rows(seed: int, count: int = 400, begin: int = 0, length: int = 3 * WIDTH) -> list[Given]:
    random = np.random.default_rng(seed)
    rows: list[Given] = []
    for track in (1, 2):
        edges = np.sort(random.integers(begin, begin + length, 2 * count))
        states = random.integers(1, 9, count)
        rows += [
            (track, int(edges[2 * n]), int(edges[2 * n + 1]), State(int(states[n])))
            for n in range(count)
            if edges[2 * n] < edges[2 * n + 1]
        ]
    return rows


def coverage(store: Store, raster: Raster, bits: int = BITS) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    pages, waiting = raster.update(ROWS, bits, 0, 3 * WIDTH - 1, LOOK, yes)
    assert not waiting
    return [page.covered.copy() for page in pages]


def test_what_is_appended_later_is_added_to_the_pages() -> None:
    rows = sorted(random_rows(1), key=lambda row: row[2])
    store = store_of(rows[:300], [thread(1), thread(2)])
    raster = Raster(store)
    coverage(store, raster)
    for at in range(300, len(rows), 100):
        store.append(Batch(0, spans_of(rows[at : at + 100])))
        grown = coverage(store, raster)
    fresh = coverage(store, Raster(store))
    for mine, whole in zip(grown, fresh, strict=True):
        assert np.allclose(mine, whole, atol=0.5)


def test_a_long_span_that_ends_after_the_short_ones_inside_it_reaches_back() -> None:
    store = store_of([(1, 10, 20, State.BLOCKED), (2, 10, 20, State.RUNNING)], [thread(1), thread(2)])
    raster = Raster(store)
    coverage(store, raster)
    store.append(Batch(0, spans_of([(1, 30, 2 * WIDTH, State.BLOCKED)])))
    store.append(Batch(0, spans_of([(1, 12, 18, State.WAITING_GIL)], depth=1)))
    assert all(
        np.allclose(mine, whole, atol=0.5)
        for mine, whole in zip(coverage(store, raster), coverage(store, Raster(store)), strict=True)
    )


def test_a_coarser_page_summed_from_finer_ones_is_what_it_would_be_from_its_spans() -> None:
    store = store_of(random_rows(2, length=4 * WIDTH))
    raster = Raster(store)
    raster.update(ROWS, BITS, 0, 4 * WIDTH - 1, LOOK, yes)
    summed = [page.covered.copy() for page in raster.update(ROWS, BITS + 1, 0, 4 * WIDTH - 1, LOOK, yes)[0]]
    fresh = [page.covered.copy() for page in Raster(store).update(ROWS, BITS + 1, 0, 4 * WIDTH - 1, LOOK, yes)[0]]
    assert all(np.allclose(a, b, atol=0.5) for a, b in zip(summed, fresh, strict=True))


def test_pages_of_another_zoom_level_learn_what_came_while_they_were_out_of_sight() -> None:
    rows = sorted(random_rows(3), key=lambda row: row[2])
    store = store_of(rows[:200], [thread(1), thread(2)])
    raster = Raster(store)
    coverage(store, raster)
    raster.update(ROWS, BITS + 2, 0, 3 * WIDTH - 1, LOOK, yes)
    store.append(Batch(0, spans_of(rows[200:])))
    raster.update(ROWS, BITS + 2, 0, 3 * WIDTH - 1, LOOK, yes)
    assert all(
        np.allclose(a, b, atol=0.5)
        for a, b in zip(coverage(store, raster), coverage(store, Raster(store)), strict=True)
    )


def test_a_frame_without_time_leaves_the_rest_to_the_next_ones() -> None:
    store = store_of(random_rows(4))
    raster = Raster(store)
    pages, waiting = raster.update(ROWS, BITS, 0, 3 * WIDTH - 1, LOOK, grant(1))
    assert waiting
    assert not all(raster.drawn(page, ROWS).all() for page in pages)
    for _ in range(8):
        pages, waiting = raster.update(ROWS, BITS, 0, 3 * WIDTH - 1, LOOK, grant(1))
    assert not waiting
    assert all(raster.drawn(page, ROWS).all() for page in pages)


def test_pages_do_not_depend_on_where_the_view_begins() -> None:
    store = store_of(random_rows(5))
    raster = Raster(store)
    first = {page.index: page for page in raster.update(ROWS, BITS, 0, 2 * WIDTH, LOOK, yes)[0]}
    before = {index: np.array(page.picture) for index, page in first.items()}
    for page in raster.update(ROWS, BITS, 37, 2 * WIDTH + 37, LOOK, yes)[0]:
        assert page.picture is not None
        if page.index in before:
            assert np.array_equal(page.picture, before[page.index])


def test_a_picture_has_each_row_in_its_place() -> None:
    store = store_of([(1, 0, WIDTH, State.RUNNING), (2, 0, WIDTH, State.BLOCKED)])
    (page, *_) = Raster(store).update(ROWS, BITS, 0, WIDTH - 1, LOOK, yes)[0]
    assert page.picture is not None
    assert set(page.picture[2:22].ravel().tolist()) == {int(State.RUNNING)}
    assert set(page.picture[26:38].ravel().tolist()) == {int(State.BLOCKED)}
    assert set(page.picture[22:26].ravel().tolist()) == {0}


@pytest.mark.parametrize("more", [5, 30_000])
def test_many_new_spans_at_once_are_not_lost(more: int) -> None:
    store = store_of([(1, 0, 5, State.RUNNING), (2, 0, 5, State.RUNNING)])
    raster = Raster(store)
    raster.update(ROWS, 10, 0, 1 << 20, LOOK, yes)
    store.append(Batch(0, spans_of([(1, 10 * n, 10 * n + 4, State.QUEUED) for n in range(1, more)])))
    pages, _ = raster.update(ROWS, 10, 0, 1 << 20, LOOK, yes)
    assert sum(float(page.covered[0, State.QUEUED].sum()) for page in pages) == 4 * (more - 1)


def pixels_of(raster: Raster, row: RasterRow, look: Look) -> np.ndarray[tuple[int, ...], np.dtype[np.uint32]]:
    page = raster.update(ROWS, BITS, 0, WIDTH - 1, look, yes)[0][0]
    assert page.picture is not None
    return page.picture[row.top : row.top + row.height].copy()


def test_a_frame_without_any_allowance_still_does_one_piece_of_work() -> None:
    raster = Raster(store_of(random_rows(5)))
    frames = 0
    while raster.update(ROWS, BITS, 0, 3 * WIDTH - 1, LOOK, lambda: False)[1]:
        frames += 1
        assert frames < 20


def test_rows_that_only_move_keep_their_picture() -> None:
    raster = Raster(store_of(random_rows(6)))
    look = Look(1, 40, LOOK.palettes, {row.track: row for row in ROWS})
    before = pixels_of(raster, ROWS[1], look)
    lower = RasterRow(2, 30, 12)
    moved = Look(2, 50, LOOK.palettes, {1: ROWS[0], 2: lower})
    pages, _ = raster.update((ROWS[0], lower), BITS, 0, WIDTH - 1, moved, lambda: False)
    assert raster.drawn(pages[0], (ROWS[0], lower)).all()
    assert pages[0].picture is not None
    assert (pages[0].picture[30:42] == before).all()


def test_no_page_keeps_the_colours_of_before_until_its_turn_comes() -> None:
    raster = Raster(store_of(random_rows(6)))
    raster.update(ROWS, BITS, 0, 3 * WIDTH - 1, LOOK, yes)
    other = Look(2, 40, LOOK.palettes + 100, {row.track: row for row in ROWS})
    pages, waiting = raster.update(ROWS, BITS, 0, 3 * WIDTH - 1, other, lambda: False)
    assert waiting
    assert not raster.drawn(pages[0], ROWS).any()
    for page in pages:
        assert page.picture is not None
        assert page.picture.min() >= 100


def test_a_row_that_is_bars_again_leaves_the_picture() -> None:
    raster = Raster(store_of(random_rows(7)))
    look = Look(1, 40, LOOK.palettes, {row.track: row for row in ROWS})
    assert pixels_of(raster, ROWS[1], look).any()
    pages, _ = raster.update(ROWS[:1], BITS, 0, WIDTH - 1, look, yes)
    assert pages[0].picture is not None
    assert not pages[0].picture[26:38].any()
    assert pages[0].picture[2:22].any()


@pytest.mark.parametrize("seed", range(6))
def test_a_picture_is_the_same_however_often_it_was_painted_on_the_way(seed: int) -> None:
    """Only the columns that have changed are painted again: after anything that may happen that is all of them."""
    random = np.random.default_rng(seed)
    every = (RasterRow(1, 2, 20, strip=3), RasterRow(2, 26, 12), RasterRow(3, 22, 4))
    given = random_rows(seed)
    rest = sorted(
        [*given, *((3, start, end, state) for track, start, end, state in random_rows(seed + 50) if track == 1)],
        key=lambda row: row[2],
    )
    store, raster = store_of([], [thread(number) for number in (1, 2, 3)]), None
    while rest:
        some, rest = rest[:40], rest[40:]
        store.append(Batch(0, spans_of(some)))
        raster = raster or Raster(store)
        rows = [row for row in every if random.random() < 0.8] or [every[0]]
        bits = BITS if random.random() < 0.8 else BITS - 1
        first = int(random.integers(0, 2 * WIDTH))
        raster.update(rows, bits, first, first + WIDTH, LOOK, grant(int(random.integers(0, 4))))
    assert raster is not None
    pages, waiting = raster.update(every, BITS, 0, 3 * WIDTH - 1, LOOK, yes)
    fresh, _ = Raster(store).update(every, BITS, 0, 3 * WIDTH - 1, LOOK, yes)
    assert not waiting
    for mine, whole in zip(pages, fresh, strict=True):
        assert mine.picture is not None
        assert whole.picture is not None
        np.testing.assert_array_equal(mine.picture, whole.picture)
        assert (whole.picture != 0).any()


def test_batches_that_are_at_hand_and_those_that_are_not_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.store.store.NEWEST", 20)
    rows = sorted(random_rows(5), key=lambda row: row[2])
    store = store_of(rows[:300], [thread(1), thread(2)])
    raster = Raster(store)
    coverage(store, raster)
    for first, last in ((300, 310), (310, 400), (400, 415), (415, 600), (600, len(rows))):
        store.append(Batch(0, spans_of(rows[first:last])))
        grown = coverage(store, raster)
    for mine, whole in zip(grown, coverage(store, Raster(store)), strict=True):
        assert np.allclose(mine, whole, atol=0.5)


def test_a_row_that_was_missed_while_it_was_not_shown_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.store.store.NEWEST", 20)
    store = store_of([(1, 0, 5, State.RUNNING)], [thread(1), thread(2)])
    raster = Raster(store)

    def append(track: int, first: int, last: int, shown: tuple[RasterRow, ...]) -> list[Page]:
        store.append(Batch(0, spans_of([(track, 10 * n, 10 * n + 5, State.BLOCKED) for n in range(first, last)])))
        return raster.update(shown, BITS, 0, WIDTH - 1, LOOK, yes)[0]

    append(2, 0, 1, ROWS[:1])  # at hand, and seen, while nothing of it is in a page
    append(2, 1, 40, ROWS[:1])  # more than is at hand
    raster.update(ROWS, BITS, 0, WIDTH - 1, LOOK, yes)  # all of it is in a page
    (page,) = append(1, 1, 40, ROWS)
    assert float(page.covered[1].sum()) == 40 * 5


def test_pages_that_must_wait_show_their_rows_where_they_are_now() -> None:
    store = store_of(random_rows(4), [thread(1), thread(2), thread(3)])
    raster = Raster(store)
    pages, _ = raster.update(ROWS, BITS, 0, 3 * WIDTH - 1, looking(1, 40, ROWS), yes)
    before = [np.array(page.picture) for page in pages]
    moved = (ROWS[0], RasterRow(3, 24, 12), RasterRow(2, 60, 12))
    pages, waiting = raster.update(moved, BITS, 0, 3 * WIDTH - 1, looking(2, 80, moved), lambda: False)
    assert waiting
    for page, old in zip(pages, before, strict=True):
        assert page.picture is not None
        assert np.array_equal(page.picture[60:72], old[26:38])


def looking(number: int, height: int, rows: tuple[RasterRow, ...]) -> Look:
    return Look(number, height, LOOK.palettes, {row.track: row for row in rows})


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 1 << 30), st.integers(1, 60)),
        st.tuples(st.just("update"), st.sampled_from([BITS, BITS + 1, BITS - 1]), st.integers(0, 2)),
        st.tuples(st.just("other"), st.integers(0, 1), st.just(0)),
        st.tuples(st.just("keep up"), st.just(0), st.just(0)),
    ),
    min_size=10,
    max_size=40,
)


@pytest.mark.parametrize("at_hand", [0, 40, 20_000])
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_is_looked_at_in_between_pages_show_what_they_would_from_scratch(
    monkeypatch: pytest.MonkeyPatch, at_hand: int, steps: list[tuple[str, int, int]]
) -> None:
    monkeypatch.setattr("explorer.store.store.NEWEST", at_hand)
    store = store_of([], [thread(1), thread(2)])
    raster = Raster(store)
    coverage(store, raster)  # rows have their places in the pages by the order in which they are asked for
    now = 0
    for what, one, other in steps:
        if what == "append":
            length = WIDTH // 4
            for depth in (1, 0):
                some = ((1,), (2,), (1, 2))[one % 3]
                rows = [row for row in random_rows(one + depth, other, now, length) if row[0] in some]
                store.append(Batch(0, spans_of(sorted(rows, key=lambda row: row[2]), depth=depth)))
            now += length
        elif what == "update":
            raster.update(ROWS, one, other * WIDTH, (other + 1) * WIDTH - 1, LOOK, yes)
        elif what == "other":
            raster.update(ROWS[one : one + 1], BITS, 0, WIDTH - 1, LOOK, yes)
        else:
            raster.keep_up()
    for bits in (BITS - 1, BITS, BITS + 1):
        for mine, whole in zip(coverage(store, raster, bits), coverage(store, Raster(store), bits), strict=True):
            assert np.allclose(mine, whole, atol=0.5)
