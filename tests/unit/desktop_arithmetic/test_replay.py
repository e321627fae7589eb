"""The clock of a replay, what it shows of a store, and the steps from event to event against a slow reference."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.collect.source import Batch, Marker, OpenSpan
from explorer.desktop.timeline.follow import Follow
from explorer.desktop.timeline.replay.clock import (
    FAR,
    LONGEST_FRAME_NS,
    MILLION,
    NEAR,
    SPEEDS,
    PastHistory,
    ReplayClock,
    ReplayFollow,
    next_speed,
    speed_for,
)
from explorer.desktop.timeline.replay.steps import step_of_lanes, step_of_request
from explorer.desktop.timeline.selection import Selection
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.states import Kind, State
from explorer.store.store import Store
from tests.desktop.timeline.sample import (
    BEGIN,
    FIRST_LANE,
    FIRST_WORKER,
    IN_FLIGHT,
    LOOP,
    MS,
    SECOND,
    batch_of,
    sample_store,
    simulate,
)

TRACKS = (LOOP, *range(FIRST_WORKER, FIRST_WORKER + 4), *range(FIRST_LANE, FIRST_LANE + 8))


@given(st.lists(st.integers(0, LONGEST_FRAME_NS), max_size=200), st.integers(SPEEDS[0], SPEEDS[-1]))
def test_the_clock_is_exact_after_any_number_of_frames(frames: list[int], speed: int) -> None:
    clock = ReplayClock(100, 1 << 62, speed)
    clock.play()
    now = 7
    clock.tick(now)
    for frame in frames:
        now += frame
        clock.tick(now)
    assert clock.moment == 100 + sum(frames) * speed // MILLION


def test_a_pause_nobody_saw_is_not_played() -> None:
    clock = ReplayClock(0, SECOND * 100, MILLION)
    clock.play()
    clock.tick(0)
    clock.tick(LONGEST_FRAME_NS + 1)
    assert clock.moment == 0
    clock.tick(LONGEST_FRAME_NS + 11)
    assert clock.moment == 10


def test_it_stops_at_the_end_or_goes_round() -> None:
    clock = ReplayClock(1_000, 2_000, MILLION)
    clock.play()
    for now in (0, 1_500):
        clock.tick(now)
    assert (clock.moment, clock.playing) == (2_000, False)
    clock.loop = True
    clock.play()
    assert clock.moment == 1_000, "what stands at its end begins anew"
    for now in (0, 2_300):
        clock.tick(now)
    assert (clock.moment, clock.playing) == (1_300, True)


def test_a_paused_clock_stands_still_and_goes_on_from_there() -> None:
    clock = ReplayClock(0, SECOND, MILLION)
    clock.play()
    clock.tick(0)
    clock.tick(10)
    clock.pause()
    clock.tick(500)
    clock.play()
    clock.tick(1_000)
    clock.tick(1_005)
    assert clock.moment == 15


def test_keys_go_through_all_speeds() -> None:
    speed = SPEEDS[0]
    seen = [speed]
    while speed < SPEEDS[-1]:
        speed = next_speed(speed, 1)
        seen.append(speed)
    assert tuple(seen) == SPEEDS
    assert [next_speed(one, -1) for one in SPEEDS[1:]] == list(SPEEDS[:-1])
    assert next_speed(3_333, 1) == 5_000
    assert next_speed(3_333, -1) == 2_000
    assert next_speed(SPEEDS[-1], 1) == SPEEDS[-1]


@pytest.mark.parametrize(("length", "speed"), [(SECOND // 50, 2_000), (2 * SECOND, 200_000), (SECOND * 60, MILLION)])
def test_what_is_in_view_takes_about_ten_seconds(length: int, speed: int) -> None:
    assert speed_for(length) == speed


@given(st.integers(-(10**9), 10**9), st.integers(1_000, 10**9))
def test_the_view_keeps_the_now_line_well_inside_and_else_stays(offset: int, length: int) -> None:
    follow = ReplayFollow(Follow(), ReplayClock(0, 1 << 62, MILLION), lambda: 0)
    view = Viewport(offset, length, 800)
    follow.now = 0
    after = follow.view(view)
    share = -after.begin / length
    assert NEAR - 0.01 <= share <= FAR + 0.01
    if NEAR <= -offset / length <= FAR:
        assert after == view
    follow.moved(view)
    assert follow.on == (view.begin <= 0 <= view.end)


def test_the_clock_underneath_goes_on() -> None:
    under = Follow()
    under.live = True
    under.begin(BEGIN)
    follow = ReplayFollow(under, ReplayClock(5, 10, MILLION), lambda: 3)
    follow.tick(BEGIN + 50 * MS, BEGIN + 60 * MS, SECOND)
    assert under.now == BEGIN + 50 * MS
    assert (follow.now, follow.horizon, follow.clock) == (5, 5, 3)
    follow.end(BEGIN + SECOND)
    assert not under.live
    assert follow.live
    assert under.horizon == BEGIN + SECOND


def test_the_past_is_a_store_cut_at_that_moment() -> None:
    moment = BEGIN + 731 * MS
    past = PastHistory(sample_store(3.0), moment)
    cut = Store()
    cut.append(batch_of(simulate(moment / SECOND - BEGIN / SECOND)))
    busy = {span.track for span in cut.open_spans}
    for track in TRACKS:
        # What is open in the cut store is under way in the whole one.
        opened = {span.depth for span in cut.open_spans if span.track == track}
        assert set(past.depths(track)) == {*cut.depths(track), *opened}
    assert busy
    assert past.counters[IN_FLIGHT].values[-1] == cut.counters[IN_FLIGHT].values[-1]
    assert len(past.counters[IN_FLIGHT]) == len(cut.counters[IN_FLIGHT])


def edges(store: Store, tracks: tuple[int, ...]) -> list[int]:
    """Every begin and end there is, the slow way."""
    found = {marker.time for marker in store.markers}
    for track in tracks:
        for depth in store.depths(track):
            for piece in store.slices(track, depth, 0, 1 << 62):
                found |= set(piece.start.tolist()) | set(piece.end.tolist())
    found |= {span.start for span in store.open_spans if span.track in tracks}
    return sorted(found)


def test_steps_go_through_every_begin_and_end() -> None:
    store = sample_store(2.0, decorated=True)
    wanted = edges(store, TRACKS)
    assert len(wanted) > 500
    assert _all(lambda at: step_of_lanes(store, TRACKS, at, 1), wanted[0] - 1) == wanted
    assert _all(lambda at: step_of_lanes(store, TRACKS, at, -1), wanted[-1] + 1) == wanted[::-1]


def _all(step: Callable[[int], int | None], at: int) -> list[int]:
    found = []
    while (next_one := step(at)) is not None:
        at = next_one
        found.append(at)
    return found


@given(st.integers(-MS, 2_100 * MS), st.sampled_from((-1, 1)))
def test_a_step_from_anywhere_is_the_nearest_edge(offset: int, step: int) -> None:
    store, moment = STORE, BEGIN + offset
    times = np.array(EDGES)
    later, earlier = times[times > moment], times[times < moment]
    want = (int(later[0]) if len(later) else None) if step > 0 else (int(earlier[-1]) if len(earlier) else None)
    assert step_of_lanes(store, TRACKS, moment, step) == want


STORE = sample_store(2.0)
EDGES = edges(STORE, TRACKS)


def test_steps_of_a_request_are_its_own() -> None:
    selection = Selection()
    chosen = next(span for span in STORE.request(next(iter(_requests()))) if span.track >= FIRST_LANE)
    selection.choose(chosen, STORE)
    times = {edge for span in STORE.request(chosen.request) for edge in (span.start, span.end)}
    assert _all(lambda at: step_of_request(selection, (), at, 1), 0) == sorted(times)


def _requests() -> list[int]:
    piece = STORE.slices(FIRST_LANE, 0, 0, 1 << 62)[0]
    return [int(number) for number in piece.request if number]


def test_a_step_costs_a_few_searches_and_not_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "slices", lambda *_: pytest.fail("a step reads whole stretches"))
    assert step_of_lanes(STORE, TRACKS, BEGIN + SECOND, 1) is not None


def test_what_the_sampler_saw_is_no_event() -> None:
    store = Store()
    store.append(
        Batch(
            now=100,
            open_spans=[OpenSpan(1, 0, 10, 0, 0, Kind.THREAD_STATE, State.RUNNING)],
            markers=[Marker(50, "change", "x")],
        )
    )
    assert step_of_lanes(store, (1,), 0, 1) == 50
