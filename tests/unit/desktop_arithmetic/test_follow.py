"""Following: the horizon behind now, and when the view lets go."""

from explorer.desktop.timeline.follow import LEAST_LAG_NS, Follow
from explorer.desktop.timeline.viewport import Viewport

MS = 1_000_000
START = 1_000_000 * MS


def live(length: int = 2_000 * MS) -> tuple[Follow, Viewport]:
    follow = Follow()
    follow.live = True
    follow.begin(START)
    follow.tick(START, START, length)
    return follow, follow.view(Viewport(0, length, 1_000))


def test_finished_spans_are_drawn_to_a_tenth_of_a_second_before_now() -> None:
    follow, view = live()
    follow.tick(START + 500 * MS, START + 490 * MS, view.length)
    assert follow.now == START + 500 * MS
    assert follow.horizon == START + 400 * MS


def test_close_to_the_lanes_the_lag_is_shorter() -> None:
    follow, _ = live(50 * MS)
    follow.tick(START + 500 * MS, START + 499 * MS, 50 * MS)
    assert follow.horizon == START + 500 * MS - LEAST_LAG_NS


def test_neither_now_nor_the_horizon_goes_back() -> None:
    follow, view = live()
    follow.tick(START + 500 * MS, START + 500 * MS, 100 * MS)
    near = follow.horizon
    follow.tick(START + 400 * MS, START + 300 * MS, view.length)
    assert follow.now == START + 500 * MS
    assert follow.horizon == near


def test_a_collector_that_stalls_holds_the_horizon_back() -> None:
    follow, view = live()
    follow.tick(START + 5_000 * MS, START + 1_000 * MS, view.length)
    assert follow.horizon == START + 999 * MS


def test_the_view_keeps_now_near_its_right_edge() -> None:
    follow, view = live()
    follow.tick(START + 700 * MS, START, view.length)
    view = follow.view(view)
    assert 0.96 * view.width < view.x(follow.now) < 0.99 * view.width


def test_moving_now_out_of_the_view_lets_go_and_a_zoom_keeps_on() -> None:
    follow, view = live()
    zoomed = view.zoomed(0.5, follow.anchor(view, 10))
    follow.moved(zoomed)
    assert follow.on
    assert abs(zoomed.x(follow.now) - view.x(follow.now)) < 2
    follow.moved(view.panned(200))
    assert not follow.on
    follow.tick(START + 3_000 * MS, START, view.length)
    assert follow.view(view) == view
    assert follow.behind(view) == follow.now - view.end


def test_in_steps_now_stands_still_between_them() -> None:
    follow, view = live()
    seen = []
    for ms in range(0, 1_000, 16):
        follow.tick(START + ms * MS, START, view.length, steps=True)
        seen.append(follow.now)
    assert len(set(seen)) <= 5


def test_a_run_that_has_ended_is_known_to_its_end() -> None:
    follow, view = live()
    follow.end(START + 900 * MS)
    assert follow.horizon == follow.now == START + 900 * MS
    assert follow.behind(view) == 0
