"""A replay looks like the live view of that moment, moves as its clock says, and leaves what is underneath alone."""

import itertools

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.collect.source import OpenSpan
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.flows import Flow
from explorer.desktop.timeline.range.time_range import TimeRange
from explorer.desktop.timeline.replay.player import Player
from explorer.desktop.timeline.tools import TimelineTools
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.words import duration
from explorer.records.states import Kind, State
from explorer.store.store import Store
from tests.desktop.timeline.conftest import MakeView
from tests.desktop.timeline.sample import BEGIN, FIRST_LANE, MS, SECOND, Sample, batch_of, sample_store, simulate

MOMENTS = (731 * MS, 1_402 * MS, 2_018 * MS + 77_777)
WHOLE_S = 4.0
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def moment_of(player: Player) -> int:
    assert player.clock is not None
    return player.clock.moment


def picture(view: TimelineView) -> QImage:
    return view.lanes.grab().toImage()


def replaying(view: TimelineView, begin: int, length: int, moment: int) -> Player:
    """Replay, paused at `moment`, in a view from `begin` on."""
    view.show_time(begin, begin + length)
    player = view.replay
    assert player.begin()
    player.toggle()
    player.seek(moment)
    view.frame(view.scene.follow.now)
    return player


def cut(sample: Sample, moment: int) -> Sample:
    """What a collector knew of a run at a moment: what was over, and what was under way."""
    known = Sample(end=moment, samples=[one for one in sample.samples if one[0] <= moment])
    for start, end, request, name, track, kind, state, depth in sample.spans:
        if end <= moment:
            known.spans.append((start, end, request, name, track, kind, state, depth))
        elif start < moment:
            known.open_spans.append(OpenSpan(track, depth, start, name, request, Kind(kind), State(state)))
    return known


def live_at(theme: Theme, make_view: MakeView, moment: int, begin: int, length: int) -> TimelineView:
    """A live view of a run of which nothing is known but what happened before `moment`."""
    store = Store()
    store.append(batch_of(cut(simulate(WHOLE_S), moment)))
    view = make_view(theme, store, live=True)
    follow = view.scene.follow
    view.set_following(False)
    view.show_time(begin, begin + length)
    follow.now = follow.horizon = moment
    view.frame(moment)
    return view


@pytest.mark.parametrize("after", MOMENTS)
@pytest.mark.parametrize("length", [20 * MS, 400 * MS])
def test_left_of_now_it_is_the_live_view_of_that_moment(
    theme: Theme, make_view: MakeView, after: int, length: int
) -> None:
    moment = BEGIN + after
    begin = moment - length * 6 // 10
    replay = make_view(theme, sample_store(WHOLE_S), live=False)
    replaying(replay, begin, length, moment)
    live = live_at(theme, make_view, moment, replay.scene.view.begin, length)
    assert live.scene.view == replay.scene.view
    assert [row.title for row in replay.scene.rows] == [row.title for row in live.scene.rows]
    shown, wanted = picture(replay), picture(live)
    assert shown.size() == wanted.size()
    line = round(replay.scene.view.x(moment))
    assert 0 < line < shown.width()
    # The whole picture, right of now too: nothing that came later is in it.
    if shown != wanted:
        places = itertools.product(range(shown.width()), range(shown.height()))
        different = [(x, y) for x, y in places if shown.pixel(x, y) != wanted.pixel(x, y)]
        pytest.fail(f"{len(different)} pixels, the now-line at {line}: {different[:5]}")


def test_what_is_not_replayed_differs(theme: Theme, make_view: MakeView) -> None:
    """The comparison above can fail: with the whole store drawn, the pictures are not equal."""
    moment, length = BEGIN + MOMENTS[0], 400 * MS
    whole = make_view(theme, sample_store(WHOLE_S), live=False)
    whole.show_time(moment - length // 2, moment + length // 2)
    live = live_at(theme, make_view, moment, moment - length // 2, length)
    assert picture(whole) != picture(live)


@pytest.fixture
def ticking(make_view: MakeView, dark: Theme) -> tuple[TimelineView, list[int]]:
    """A view of a recording whose replay goes by a clock that the test sets."""
    view = make_view(dark, sample_store(WHOLE_S), live=False)
    clock = [0]
    view.replay._time = lambda: clock[0]
    view.show_time(BEGIN + SECOND, BEGIN + 2 * SECOND)
    return view, clock


def test_it_plays_from_the_view_on_and_the_view_goes_with_it(ticking: tuple[TimelineView, list[int]]) -> None:
    view, clock = ticking
    player = view.replay
    assert player.begin()
    assert player.playing
    player.set_speed(500_000)
    length = view.length_ns
    assert moment_of(player) == BEGIN + SECOND
    for _ in range(41):
        view.frame(0)
        clock[0] += 100 * MS
    view.frame(0)
    # The first frame only sets the clock; 4.1 s at half of real time.
    assert moment_of(player) == BEGIN + SECOND + 2_050 * MS
    assert view.length_ns == length
    assert view.scene.view.begin < moment_of(player) < view.scene.view.end
    clock[0] += 900 * MS
    view.frame(0)
    for _ in range(5):
        clock[0] += 900 * MS
        view.frame(0)
    assert not player.playing
    assert view.scene.store is not None
    assert moment_of(player) == view.scene.store.end


def test_it_does_not_step_to_what_is_hidden(dark: Theme, make_view: MakeView) -> None:
    store = sample_store(WHOLE_S)
    view = make_view(dark, store)
    player = replaying(view, BEGIN + SECOND, 400 * MS, BEGIN + SECOND)
    assert FIRST_LANE in player._tracks(store)
    view.change_lanes(lambda choices: choices.toggle_hidden("Requests"))
    tracks = player._tracks(store)
    assert tracks
    assert FIRST_LANE not in tracks


def test_a_chosen_stretch_is_replayed_and_goes_round(ticking: tuple[TimelineView, list[int]]) -> None:
    view, clock = ticking
    player = view.replay
    stretch = (BEGIN + 1_200 * MS, BEGIN + 1_300 * MS)
    view.scene.range = TimeRange(*stretch)
    assert player.begin()
    assert player.bounded
    player.set_speed(1_000_000)
    player.set_loop(True)
    view.frame(0)
    clock[0] = 250 * MS
    view.frame(0)
    assert moment_of(player) == stretch[0] + 50 * MS
    assert player.playing


def test_panned_away_it_goes_on_unseen_and_end_brings_it_back(ticking: tuple[TimelineView, list[int]]) -> None:
    view, clock = ticking
    player = view.replay
    player.begin()
    view.frame(0)
    view.show_time(BEGIN, BEGIN + 100 * MS)
    before = view.scene.view
    clock[0] += 500 * MS
    view.frame(0)
    assert view.scene.view == before
    assert not view.following
    view.go_now()
    assert view.following
    assert view.scene.view.begin < moment_of(player) < view.scene.view.end


def test_a_live_run_goes_on_underneath(dark: Theme, make_view: MakeView) -> None:
    store = sample_store(WHOLE_S)
    view = make_view(dark, store, live=True)
    under = view.scene.follow
    assert view.following
    view.replay.begin()
    view.replay.toggle()
    shown = view.scene.follow.now
    later = store.now + SECOND
    view.frame(later)
    assert view.scene.follow.now == shown
    assert under.now == later
    view.toggle_following()
    assert view.scene.follow is under
    assert view.following
    assert not view.replay.active


def test_a_run_that_ends_meanwhile_has_ended_afterwards(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, sample_store(WHOLE_S), live=True)
    view.replay.begin()
    view.set_live(False)
    assert view.replay.active
    assert view.clear()
    assert not view.replay.active
    assert not view.scene.follow.live


def test_another_run_ends_the_replay(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, sample_store(WHOLE_S), live=False)
    view.replay.begin()
    view.set_store(sample_store(1.0), live=True)
    assert not view.replay.active
    assert view.following


def test_the_now_line_is_dragged(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, sample_store(WHOLE_S), live=False)
    player = replaying(view, BEGIN + SECOND, SECOND, BEGIN + 1_500 * MS)
    before = view.scene.view
    x = round(before.x(BEGIN + 1_500 * MS))
    QTest.mousePress(view.lanes, LEFT, NONE, QPoint(x + 2, 50))
    QTest.mouseMove(view.lanes, QPoint(x - 200, 50))
    QTest.mouseRelease(view.lanes, LEFT, NONE, QPoint(x - 200, 50))
    assert view.scene.view == before
    assert abs(before.x(moment_of(player)) - (x - 200)) < 1.5
    QTest.mousePress(view._axis, LEFT, NONE, QPoint(view._axis.header + 300, 10))
    QTest.mouseRelease(view._axis, LEFT, NONE, QPoint(view._axis.header + 300, 10))
    assert abs(before.x(moment_of(player)) - 300) < 1.5


def test_the_future_is_not_under_the_pointer(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, sample_store(WHOLE_S), live=False)
    replaying(view, BEGIN + SECOND, SECOND, BEGIN + 1_500 * MS)
    placed = next(one for one in view.scene.visible() if one.row.title.startswith("Worker"))
    for x in range(0, view.lanes.width(), 7):
        QTest.mouseClick(view.lanes, LEFT, NONE, QPoint(x, placed.y + placed.height // 2))
        chosen = view.scene.selection.span
        assert chosen is None or chosen.start <= view.scene.follow.now
        view.select(None)


def test_the_transport_takes_follows_place(dark: Theme, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(dark, sample_store(WHOLE_S), live=False)
    tools = TimelineTools(dark, view)
    qtbot.addWidget(tools)
    tools.show()
    transport = tools.transport
    assert tools.follow.isVisibleTo(tools)
    assert transport.start.isVisibleTo(tools)
    assert not transport.play.isVisibleTo(tools)
    transport.start.click()
    assert view.replay.playing
    assert not tools.follow.isVisibleTo(tools)
    assert transport.play.isVisibleTo(tools)
    transport.play.click()
    assert not view.replay.playing
    assert transport.play.text() == "Play"
    before = moment_of(view.replay)
    transport.forth.click()
    assert view.replay.clock.moment > before
    transport.back.click()
    assert view.replay.clock.moment <= before
    transport.slider.moved.emit(3.0)
    assert view.replay.speed == 1_000_000
    assert transport.speed.text() == "1×"
    transport.slider.moved.emit(0.0)
    assert transport.speed.text() == "0.001×"
    transport.close_.click()
    assert not view.replay.active
    assert tools.follow.isVisibleTo(tools)


def test_no_arrow_goes_where_the_request_has_not_come_yet(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, sample_store(WHOLE_S), live=False)
    scene, begin = view.scene, BEGIN + 1_000 * MS
    replaying(view, begin, 1_000 * MS, begin + 999 * MS)
    reach = replayed_flows(view)
    assert len(reach) >= 2
    times = sorted(max(flow.from_time, flow.to_time) for flow in reach)
    moment = times[0] + 1
    view.replay.seek(moment)
    view.frame(scene.follow.now)
    left = round(scene.view.x(moment)) + 24
    assert left < scene.view.x(times[-1]) < scene.view.width
    chosen = picture(view).copy(left, 0, scene.view.width - left, view.lanes.height())
    view.select(None)
    assert chosen == picture(view).copy(left, 0, scene.view.width - left, view.lanes.height())


def replayed_flows(view: TimelineView) -> list[Flow]:
    """The arrows of a request in the middle of the view, which is selected."""
    scene = view.scene
    assert scene.store is not None
    middle = scene.view.begin + scene.view.length // 2
    for track in scene.store.tracks.values():
        for depth in scene.store.depths(track.number):
            for piece in scene.store.slices(track.number, depth, middle - 50 * MS, middle):
                for request in piece.request.tolist():
                    if request:
                        view.select_request(request)
                        picture(view)
                        if len(view.lanes.flows.flows) >= 2:
                            return view.lanes.flows.flows
    return []


def test_the_chip_says_what_is_known_at_the_moment_that_is_shown(
    dark: Theme, make_view: MakeView, qtbot: QtBot
) -> None:
    store = sample_store(2.0)
    view = make_view(dark, store, live=False)
    span = next(
        span
        for at in range(0, 100 * MS, MS)
        if (span := store.find(10, 1, BEGIN + SECOND + at)) is not None and span.duration > 10 * MS
    )
    player = replaying(view, BEGIN + SECOND - 50 * MS, 300 * MS, span.start + 5 * MS)
    placed = view.scene.layout.of_track(10)
    assert placed is not None
    there = QPoint(round(view.scene.view.x(span.start + 2 * MS)), placed.y + placed.height // 2)
    QTest.mouseMove(view.lanes, there)
    qtbot.waitUntil(view.chip.isVisible)
    name = store.name(span.name)
    assert view.chip.lines()[0] == f"{name}  5 ms so far"
    player.seek(span.start + 8 * MS)
    assert view.chip.lines()[0] == f"{name}  8 ms so far"
    player.seek(span.end + 1)
    assert view.chip.lines()[0] == f"{name}  {duration(span.duration)}"
