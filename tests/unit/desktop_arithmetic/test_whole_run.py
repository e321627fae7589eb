"""The whole run from afar: every span counted once, however it comes; bins that double; history that goes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.collect.source import Batch, Process, Tally, Track
from explorer.desktop.timeline.whole_run import COLUMNS, ROWS_AT_ONCE, SPANS_AT_ONCE, WholeRun
from explorer.records.states import Role, State, TrackKind
from explorer.store.coverage import STATES
from explorer.store.store import NEWEST_BATCHES, Store
from tests.unit.desktop_arithmetic.fakes import process, spans_of, store_of, thread

MS = 1_000_000
DAY = 86_400_000 * MS


def always() -> bool:
    return True


def never() -> bool:
    return False


def totals(run: WholeRun, most: int = COLUMNS) -> dict[State, int]:
    """Nanoseconds by state, over all columns."""
    shares = run.shares(most)[0]
    return {State(at): round(float(ns)) for at, ns in enumerate(shares.sum(axis=1)) if ns}


def test_each_state_has_the_time_of_its_spans() -> None:
    store = store_of([(1, 0, 40, State.RUNNING), (1, 50, 60, State.BLOCKED), (2, 5, 100, State.QUEUED)])
    run = WholeRun(store)
    assert run.update(always)
    assert totals(run) == {State.RUNNING: 40, State.BLOCKED: 10, State.QUEUED: 95}


def test_one_go_at_a_time_counts_the_same() -> None:
    rows = [(track, at * 10, at * 10 + 7, State.RUNNING) for track in range(1, 20) for at in range(3_000)]
    run = WholeRun(store_of(rows))
    counted = [0]
    while not run.update(never):
        counted.append(run.spans)
    assert len(counted) > 10
    assert max(np.diff(counted)) <= SPANS_AT_ONCE
    assert run.spans == len(rows)
    assert totals(run) == {State.RUNNING: 7 * len(rows)}


def test_what_many_rows_got_is_counted_in_one_go() -> None:
    """A process for each request: hundreds of rows of a few spans. A frame may have room for one go alone."""
    store = store_of([(1, 0, 10, State.RUNNING)])
    run = WholeRun(store)
    run.update(always)
    for part in range(20):
        numbers = range(100 * part + 2, 100 * part + 102)
        rows = [(number, part * 1_000 + number, part * 1_000 + number + 7, State.RUNNING) for number in numbers]
        store.append(Batch(0, spans_of(rows), tracks=[thread(number) for number in numbers]))
        goes = 1
        while not run.update(never):
            goes += 1
        assert goes <= 3
        assert run.spans == 1 + 100 * (part + 1)
    assert totals(run) == {State.RUNNING: 10 + 7 * 2_000}


def test_nothing_is_counted_twice_that_comes_while_rows_are_looked_into() -> None:
    store = Store()
    for track in range(1, 2 * ROWS_AT_ONCE):
        rows = [(track, at * 10, at * 10 + 7, State.RUNNING) for at in range(10)]
        store.append(Batch(0, spans_of(rows), tracks=[thread(track)], processes=[process()]))
    run = WholeRun(store)
    come = 0
    while not run.update(never):
        come += 1
        time = 1_000 * come
        new = 10_000 + come
        both = [(track, time, time + 7, State.RUNNING) for track in (1, 2 * ROWS_AT_ONCE - 1, new)]
        store.append(Batch(0, spans_of(both), tracks=[thread(new)]))
    assert come > 1
    run.update(always)
    assert not run.missed
    assert run.spans == store.count
    assert totals(run) == {State.RUNNING: 7 * store.count}


def test_what_comes_late_is_counted_with_its_batch() -> None:
    store = store_of([(1, 0, 10, State.RUNNING), (1, 100, 110, State.RUNNING)])
    run = WholeRun(store)
    run.update(always)
    store.append(Batch(0, spans_of([(1, 40, 45, State.BLOCKED)]), tally=Tally(late=1)))
    run.update(always)
    assert not run.missed
    assert totals(run) == {State.RUNNING: 20, State.BLOCKED: 5}


def test_what_came_late_and_is_no_longer_at_hand_is_missed_until_all_is_counted_anew() -> None:
    store = store_of([(1, 0, 10, State.RUNNING), (1, 10_000, 10_010, State.RUNNING)])
    run = WholeRun(store)
    run.update(always)
    store.append(Batch(0, spans_of([(1, 40, 45, State.BLOCKED)]), tally=Tally(late=1)))
    for at in range(NEWEST_BATCHES):
        time = 20_000 + at * 10
        store.append(Batch(0, spans_of([(1, time, time + 1, State.RUNNING)]), tally=Tally(late=1)))
    run.update(always)
    assert run.missed
    assert totals(run) == {State.RUNNING: 20 + NEWEST_BATCHES}
    anew = WholeRun(store)
    anew.update(always)
    assert not anew.missed
    assert totals(anew) == {State.RUNNING: 20 + NEWEST_BATCHES, State.BLOCKED: 5}


def test_a_track_that_is_declared_after_its_spans_is_counted_anew() -> None:
    store = store_of([(1, 0, 10, State.RUNNING)])
    run = WholeRun(store)
    run.update(always)
    store.append(Batch(0, spans_of([(2, 0, 30, State.RUNNING)])))
    run.update(always)
    assert not run.missed
    assert totals(run) == {State.RUNNING: 10}
    store.append(Batch(0, spans_of([(2, 40, 60, State.RUNNING)]), tracks=[thread(2)]))
    run.update(always)
    assert run.missed
    anew = WholeRun(store)
    anew.update(always)
    assert totals(anew) == {State.RUNNING: 60}


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 900_000), st.integers(1, 900_000)), min_size=1, max_size=40),
    st.integers(1, 6),
    st.sampled_from([7, 64, COLUMNS]),
)
def test_a_run_that_grows_is_the_same_as_one_that_is_there(
    given_spans: list[tuple[int, int, int]], batches: int, most: int
) -> None:
    time = {1: 0, 2: 0, 3: 0}
    rows = []
    for track, gap, length in given_spans:
        start = time[track] + gap
        time[track] = start + length
        rows.append((track, start, start + length, State(1 + length % 7)))
    rows.sort(key=lambda row: row[2])
    store = Store()
    run = WholeRun(store)
    tracks = [thread(number) for number in (1, 2, 3)]
    for part in range(batches):
        some = rows[part * len(rows) // batches : (part + 1) * len(rows) // batches]
        store.append(Batch(0, spans_of(some), tracks=tracks, processes=[process()]))
        run.update(always)
    whole = WholeRun(store)
    whole.update(always)
    assert run.spans == whole.spans == len(rows)
    expected = np.zeros(STATES)
    for _, start, end, state in rows:
        expected[state] += end - start
    for each in (run, whole):
        shares, begin, bits = each.shares(most)
        assert shares.shape[1] <= most + 1
        first, last = each.extent
        assert begin <= first < last <= begin + (shares.shape[1] << bits)
        np.testing.assert_allclose(shares.sum(axis=1), expected, rtol=1e-4)
    # Bins are anchored to absolute time, so that both have the same ones.
    (left, *where), (right, *there) = run.shares(most), whole.shares(most)
    assert where == there
    np.testing.assert_allclose(left, right, rtol=1e-4, atol=1)


def test_a_pyramid_that_is_there_counts_as_the_spans_do() -> None:
    rows = [(1, at * 1_000, at * 1_000 + 600, State.RUNNING) for at in range(40_000)]
    plain, quick = store_of(rows), store_of(rows)
    slow = WholeRun(plain)
    slow.update(always)
    last = quick.last or 0
    bits = last.bit_length()
    quick.add_coverage(1, 0, np.zeros((STATES, 2), "<f4"), 0, 2 << bits, bits)
    assert any(piece.chunk.seen_from_afar is not None for piece in quick.slices(1, 0, 0, last))
    fast = WholeRun(quick)
    fast.update(always)
    assert fast.spans == slow.spans
    np.testing.assert_allclose(fast.shares(COLUMNS)[0], slow.shares(COLUMNS)[0], rtol=1e-3, atol=2)


def test_what_the_sampler_saw_takes_the_place_of_work() -> None:
    seen = Track(9, TrackKind.STATES, "", 2, tid=1001, pid=4001)
    store = store_of(
        [(1, 0, 100, State.RUNNING), (9, 20, 50, State.WAITING_GIL)],
        [thread(1), seen],
        [process(1), process(2, Role.SAMPLER)],
    )
    run = WholeRun(store)
    run.update(always)
    assert totals(run, 1) == {State.RUNNING: 70, State.WAITING_GIL: 30}


def test_load_sampler_and_window_are_left_out() -> None:
    store = store_of(
        [(1, 0, 100, State.RUNNING), (2, 0, 70, State.BLOCKED)],
        [thread(1), thread(2, process=2)],
        [process(1), process(2, Role.LOAD)],
    )
    run = WholeRun(store)
    run.update(always)
    assert totals(run) == {State.RUNNING: 100}


def test_what_has_not_been_counted_takes_no_memory() -> None:
    """Bins are a nanosecond wide until the first span is counted, and the run is as long as it is: here the load has
    begun, which is left out, and nothing else has come yet. Room for all these bins would be 7 PB, which no machine
    promises.
    """
    store = store_of([(2, 0, DAY, State.BLOCKED)], [thread(2, process=2)], [process(1), process(2, Role.LOAD)])
    run = WholeRun(store)
    for _ in range(2):
        shares, begin, bits = run.shares(1_024)
        assert shares.shape[1] <= 1_025
        assert begin <= 0 < DAY <= begin + (shares.shape[1] << bits)
        assert not shares.any()
        assert run.update(always)


def test_a_run_that_has_outgrown_what_was_counted_takes_no_memory() -> None:
    store = store_of([(1, 0, 1_000, State.RUNNING)])
    run = WholeRun(store)
    run.update(always)
    store.append(Batch(DAY, spans_of([(1, DAY - MS, DAY, State.BLOCKED)])))
    assert totals(run, 1_024) == {State.RUNNING: 1_000}
    run.update(always)
    assert totals(run, 1_024) == {State.RUNNING: 1_000, State.BLOCKED: MS}


def test_dropped_history_leaves_the_map() -> None:
    store = Store(2 << 20)
    run = WholeRun(store)
    one = Process(1, 4001, Role.SERVER, "", 1, 1, "", 0)
    for part in range(12):
        rows = [
            (1, (part * 10_000 + at) * MS, (part * 10_000 + at) * MS + MS // 2, State.RUNNING) for at in range(10_000)
        ]
        store.append(Batch(0, spans_of(rows), tracks=[thread(1)], processes=[one]))
        run.update(always)
    assert store.dropped
    begin, end = run.extent
    shares, at, bits = run.shares(COLUMNS)
    assert at <= begin < at + (1 << bits)
    filled = shares[State.RUNNING].sum()
    assert abs(filled - (end - begin) / 2) <= (2 << bits)


def test_the_busiest_moment_is_as_high_as_there_is_room() -> None:
    store = store_of([(1, 0, 1 << 20, State.RUNNING), (2, 1 << 19, 1 << 20, State.BLOCKED)])
    run = WholeRun(store)
    run.update(always)
    palette = np.arange(10, dtype="<u4")
    picture, _, _ = run.picture(64, 20, palette)
    assert picture.shape[0] == 20
    assert (picture[:, 25] != 0).all()
    assert (picture[:, 5] == State.RUNNING).sum() == 10
    assert (picture[:, 25] == State.BLOCKED).sum() == 10
