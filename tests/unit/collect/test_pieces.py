"""The sweep against the plainest way to say what it should do: look at every nanosecond."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from explorer.collect.pieces import CALL, FLOOR, INTERVAL, JOB, LEVELS, STEP, WAIT, sweep

LONG = 24
windows = st.lists(st.tuples(st.integers(0, LONG), st.integers(0, LONG)).map(sorted), min_size=1, max_size=4)
moments = st.integers(-4, LONG + 4)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[list[int]], list[tuple[int, int, int, int]]]:
    chosen = draw(windows)
    interval = st.tuples(st.integers(0, len(chosen) - 1), st.sampled_from(LEVELS[1:]), moments, moments).map(
        lambda one: (one[0], one[1], min(one[2:]), max(one[2:]))
    )
    return chosen, draw(st.lists(interval, max_size=12))


def intervals(rows: list[tuple[int, int, int, int]], floors: int) -> np.ndarray:
    """Rows of (window, level, start, end), named by their place, behind one floor for each window."""
    made = np.zeros(floors + len(rows), INTERVAL)
    everywhere = [(window, FLOOR, -100, 100) for window in range(floors)]
    for place, (window, level, start, end) in enumerate(everywhere + rows):
        made[place] = (start, end, window, place + 1, 0, level, 1, b"", 0)
    return made


@given(cases())
def test_pieces_fill_the_window_without_overlap_and_the_most_specific_wins(
    case: tuple[list[list[int]], list[tuple[int, int, int, int]]],
) -> None:
    chosen, rows = case
    made = intervals(rows, len(chosen))
    begins = np.array([begin for begin, _ in chosen])
    ends = np.array([end for _, end in chosen])
    found = sweep(begins, ends, made)
    for window, (begin, end) in enumerate(chosen):
        mine = found[found["window"] == window]
        # Neither gap nor overlap, from the window's begin to its end.
        assert mine["start"].tolist() == ([begin, *mine["end"][:-1].tolist()] if begin < end else [])
        assert mine["end"][-1:].tolist() == ([end] if begin < end else [])
        assert np.all(mine["end"] > mine["start"])
        for piece in mine:
            owner = made[piece["name"] - 1]
            for moment in range(piece["start"], piece["end"]):
                covering = made[(made["window"] == window) & (made["start"] <= moment) & (made["end"] > moment)]
                assert owner["start"] <= moment < owner["end"]
                assert owner["level"] == covering["level"].max()


def test_a_call_in_a_job_in_a_request_cuts_it_into_five() -> None:
    made = intervals([(0, JOB, 10, 20), (0, CALL, 12, 15)], 1)
    found = sweep(np.array([0]), np.array([30]), made)
    assert found[["start", "end", "name"]].tolist() == [(0, 10, 1), (10, 12, 2), (12, 15, 3), (15, 20, 2), (20, 30, 1)]


def test_of_two_on_one_level_the_later_one_wins_and_the_longer_one_goes_on_behind_it() -> None:
    made = intervals([(0, STEP, 0, 9), (0, STEP, 3, 5)], 1)
    found = sweep(np.array([0]), np.array([9]), made)
    assert found[["start", "end", "name"]].tolist() == [(0, 3, 2), (3, 5, 3), (5, 9, 2)]


def test_what_nothing_covers_is_left_out() -> None:
    made = intervals([(0, WAIT, 2, 4)], 1)[1:]
    assert sweep(np.array([0]), np.array([9]), made)[["start", "end"]].tolist() == [(2, 4)]


def test_times_of_a_real_clock_and_a_very_long_request_stay_exact() -> None:
    now = 1 << 60
    hour = 3600 * 10**9
    made = np.zeros(2, INTERVAL)
    made[0] = (0, 1 << 62, 0, 1, 0, FLOOR, 1, b"", 0)
    made[1] = (now + 1, now + 2, 0, 2, 0, CALL, 1, b"", 0)
    found = sweep(np.array([now]), np.array([now + hour]), made)
    assert found["start"].tolist() == [now, now + 1, now + 2]
    assert found["end"].tolist() == [now + 1, now + 2, now + hour]
