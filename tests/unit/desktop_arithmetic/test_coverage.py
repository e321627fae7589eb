"""Shares of columns: exact sums, nothing lost, the innermost span wins."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from explorer.collect.source import Array
from explorer.desktop.timeline.coverage import bin_bits, stack
from explorer.records.states import State
from explorer.store.coverage import STATES, cover, cover_states

PALETTE = np.arange(STATES, dtype="<u4") + 100
LANE = 100


def column(picture: Array, at: int) -> list[int]:
    """A column from the floor upwards."""
    return [int(value) for value in picture[0, ::-1, at]]


def test_a_bin_is_the_smallest_power_of_two_that_fills_a_pixel() -> None:
    assert [bin_bits(ns) for ns in (0.3, 1.0, 1.5, 2.0, 1_000.0)] == [0, 0, 1, 1, 10]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 200), st.integers(0, 2)), max_size=30), st.integers(0, 5))
def test_every_nanosecond_is_counted_in_its_column(spans: list[tuple[int, int, int]], bits: int) -> None:
    start = np.array([span[0] for span in spans], "<i8")
    end = start + np.array([span[1] for span in spans], "<i8")
    slot = np.array([span[2] for span in spans], "<i8")
    origin, columns = 64, 8
    expected = np.zeros((3, columns))
    for first, length, row in spans:
        for ns in range(first, first + max(length, 1)):
            at = (ns - origin) >> bits
            if ns >= origin and at < columns:
                expected[row, at] += 1
    assert np.array_equal(cover(start, end, slot, 3, origin, bits, columns), expected)


def test_a_span_inside_another_takes_its_time_away_from_running() -> None:
    covered = cover_states(
        np.array([0, 100]),
        np.array([400, 300]),
        np.array([State.RUNNING, State.BLOCKED]),
        np.array([0, 1]),
        np.array([0, 0]),
        1,
        0,
        9,
        1,
    )
    assert covered[0, State.RUNNING, 0] == 200
    assert covered[0, State.BLOCKED, 0] == 200


def test_a_job_that_has_not_arrived_yet_leaves_its_inner_spans_in_sight() -> None:
    covered = cover_states(
        np.array([0]), np.array([256]), np.array([State.BLOCKED]), np.array([1]), np.array([0]), 1, 0, 8, 1
    )
    assert set(column(stack(covered, 8, 10, PALETTE), 0)) == {100 + State.BLOCKED}


def test_shares_are_stacked_with_running_at_the_floor() -> None:
    covered = np.zeros((1, STATES, 2), "<f4")
    covered[0, State.RUNNING, 0] = 32
    covered[0, State.WAITING_GIL, 0] = 64
    picture = stack(covered, 7, 20, PALETTE)
    run, gil = 100 + State.RUNNING, 100 + State.WAITING_GIL
    assert column(picture, 0) == [run] * 5 + [gil] * 10 + [LANE] * 5
    assert column(picture, 1) == [LANE] * 20


def test_nothing_disappears_however_short_and_however_full_the_column() -> None:
    covered = np.zeros((1, STATES, 3), "<f4")
    covered[0, State.RUNNING, 0] = 1
    covered[0, State.BLOCKED, 1] = 1 << 20
    covered[0, State.RUNNING, 1] = 1
    covered[0, State.AWAITING, 1] = 1
    picture = stack(covered, 20, 12, PALETTE)
    assert column(picture, 0) == [100 + State.RUNNING] + [LANE] * 11
    assert column(picture, 1) == [100 + State.RUNNING] + [100 + State.BLOCKED] * 10 + [100 + State.AWAITING]
    assert column(picture, 2) == [LANE] * 12


def test_idle_is_a_line_where_there_is_nothing_else() -> None:
    covered = np.zeros((1, STATES, 2), "<f4")
    covered[0, State.IDLE] = 64
    covered[0, State.RUNNING, 1] = 64
    picture = stack(covered, 7, 10, PALETTE)
    assert column(picture, 0).count(100 + State.IDLE) == 2
    assert 100 + State.IDLE not in column(picture, 1)
