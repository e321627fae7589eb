"""The pixel at a known span is the oracle: colour, height, edge, what is on top, what is hatched or shaded."""

import gc
import itertools
import sys

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from explorer.collect.source import Batch, Loss, Marker, OpenSpan
from explorer.desktop.theme import Theme, mix
from explorer.desktop.timeline.far import neighbours
from explorer.desktop.timeline.layout import bar_room
from explorer.desktop.timeline.view import TimelineView
from explorer.records.states import Kind, State
from explorer.store.store import Store
from tests.desktop.timeline.conftest import MakeView
from tests.unit.desktop_arithmetic.fakes import Given, spans_of, store_of, thread

BASE = 10**15
MS = 1_000_000
WIDTH = 1_000
LENGTH = 100 * MS


def picture(view: TimelineView) -> QImage:
    """The lanes as painted."""
    return view.lanes.grab().toImage()


def look_at(view: TimelineView, begin: int = BASE, length: int = LENGTH) -> None:
    """A hundred microseconds a pixel from `BASE` on (the lanes are 1,000 px wide)."""
    view.show_time(begin, begin + length)
    assert view.lanes.width() == WIDTH


def wait_until_painted(view: TimelineView, qtbot: QtBot) -> None:
    """Until no column is missing."""
    view.lanes.repaint()
    qtbot.waitUntil(lambda: not view.lanes.waiting)


def room(view: TimelineView, track: int) -> tuple[int, int]:
    """Top and floor of a track's bars."""
    placed = view.scene.layout.of_track(track)
    assert placed is not None
    return bar_room(placed)


def ended(rows: list[Given], **more: int) -> Store:
    """A store that reaches over the whole view: a first and a last span outside of what is looked at."""
    return store_of(
        [
            (9, BASE - LENGTH, BASE - LENGTH + 1, State.IDLE),
            *rows,
            (9, BASE + 2 * LENGTH, BASE + 2 * LENGTH + 1, State.IDLE),
        ]
    )


def color(image: QImage, x: int, y: int) -> str:
    return image.pixelColor(x, y).name()


@pytest.mark.parametrize("state", [s for s in State if s not in (State.NONE, State.UNKNOWN, State.IDLE)])
def test_a_bar_has_its_states_colour_and_height_and_stands_on_the_floor(
    theme: Theme, make_view: MakeView, state: State
) -> None:
    view = make_view(theme, ended([(1, BASE + 20 * MS, BASE + 40 * MS, state)]), live=False)
    look_at(view)
    image, (top, floor) = picture(view), room(view, 1)
    look = theme.state(state)
    height = round((floor - top) * look.height)
    fill, lane = look.fill.name(), theme.color("lane").name()
    assert color(image, 390, floor - 2) == fill
    assert color(image, 390, floor - height + 1) == fill
    assert color(image, 390, floor - height - 2) == lane
    assert color(image, 399, floor - 2) == lane, "a gap of a pixel follows"
    edge = look.edge.name() if look.edge is not None else fill
    assert color(image, 390, floor - height) == edge
    assert color(image, 200, floor - 2) == edge


def test_idle_is_a_line_in_the_middle(theme: Theme, make_view: MakeView) -> None:
    view = make_view(theme, ended([(1, BASE + 20 * MS, BASE + 40 * MS, State.IDLE)]), live=False)
    look_at(view)
    image, (top, floor) = picture(view), room(view, 1)
    column = [color(image, 350, y) for y in range(top, floor)]
    assert column.count(theme.state(State.IDLE).fill.name()) == 2
    assert column.count(theme.color("lane").name()) == floor - top - 2


def test_the_innermost_span_wins_over_the_whole_height(theme: Theme, make_view: MakeView) -> None:
    store = ended([(1, BASE + 20 * MS, BASE + 60 * MS, State.RUNNING)])
    store.append(Batch(0, spans_of([(1, BASE + 30 * MS, BASE + 50 * MS, State.BLOCKED)], depth=1)))
    view = make_view(theme, store, live=False)
    look_at(view)
    image, (top, floor) = picture(view), room(view, 1)
    running, blocked = theme.state(State.RUNNING).fill.name(), theme.state(State.BLOCKED).fill.name()
    assert [color(image, x, floor - 3) for x in (290, 310, 490, 510)] == [running, blocked, blocked, running]
    assert color(image, 400, top + 1) == theme.color("lane").name()
    assert color(image, 299, floor - 3) in (running, theme.color("lane").name())


def test_a_nanosecond_is_a_pixel_at_least(theme: Theme, make_view: MakeView) -> None:
    view = make_view(theme, ended([(1, BASE + 50 * MS, BASE + 50 * MS + 1, State.RUNNING)]), live=False)
    look_at(view)
    image, (_, floor) = picture(view), room(view, 1)
    found = [x for x in range(WIDTH) if color(image, x, floor - 2) == theme.state(State.RUNNING).fill.name()]
    assert found == [500]


def test_a_microsecond_fills_the_view_exactly(theme: Theme, make_view: MakeView) -> None:
    store = ended([(1, BASE + 400, BASE + 600, State.RUNNING)])
    view = make_view(theme, store, live=False)
    look_at(view, BASE, 1_000)
    assert view.length_ns == 1_000
    image, (_, floor) = picture(view), room(view, 1)
    found = [x for x in range(WIDTH) if color(image, x, floor - 2) == theme.state(State.RUNNING).fill.name()]
    assert (found[0], found[-1]) == (400, 598)


def test_far_out_a_column_shows_every_share(theme: Theme, make_view: MakeView, qtbot: QtBot) -> None:
    rows: list[Given] = []
    for n in range(20_000):
        begin = BASE + n * 5_000
        rows.append((1, begin, begin + 2_500, State.RUNNING))
        rows.append((1, begin + 2_500, begin + 3_750, State.BLOCKED))
    view = make_view(theme, ended(rows), live=False)
    look_at(view)
    wait_until_painted(view, qtbot)
    image, (top, floor) = picture(view), room(view, 1)
    assert view.lanes.dense == {1}
    height = floor - top
    column = [color(image, 503, y) for y in range(floor - 1, top - 1, -1)]
    running = column.count(theme.state(State.RUNNING).fill.name())
    blocked = column.count(theme.state(State.BLOCKED).fill.name())
    assert abs(running - height / 2) <= 2
    assert abs(blocked - height / 4) <= 2
    assert column[0] == theme.state(State.RUNNING).fill.name()
    assert column[-1] == theme.color("lane").name()


def test_far_columns_stand_back_in_high_contrast_too(theme: Theme, make_view: MakeView) -> None:
    theme.set_options(high_contrast=True)
    rows: list[Given] = [(1, BASE + n * 5_000, BASE + n * 5_000 + 5_000, State.RUNNING) for n in range(20_000)]
    store = ended(rows)
    store.append(Batch(0, spans_of([(2, BASE + MS, BASE + 9 * MS, State.BLOCKED)], request=5), tracks=[thread(2)]))
    view = make_view(theme, store, live=False)
    look_at(view)
    while view.lanes.waiting:
        view.lanes.repaint()
    assert view.lanes.dense == {1}
    top, floor = room(view, 1)
    fill, lane = theme.state(State.RUNNING).fill.name(), theme.color("lane").name()

    def column() -> list[str]:
        image = picture(view)
        return [color(image, 503, y) for y in range(floor - 1, top - 1, -1)]

    whole = column()
    assert set(whole) == {fill}
    view.select(store.find(2, 0, BASE + 2 * MS))
    back = column()
    assert set(back) == {fill, lane}, "nothing is mixed"
    assert back[0] == back[4] == fill
    assert back.count(fill) <= len(back) / 4 + 1
    view.clear()
    assert column() == whole


@pytest.mark.parametrize("high_contrast", [False, True])
def test_words_with_patterns_lie_on_what_their_bar_is_painted_with(
    theme: Theme, make_view: MakeView, high_contrast: bool
) -> None:
    theme.set_options(patterns=True, high_contrast=high_contrast)
    store = ended([])
    for track in (1, 2):
        spans = spans_of([(track, BASE + MS, BASE + 90 * MS, State.BLOCKED)], request=track)
        spans["name"] = 1
        store.append(Batch(0, spans, tracks=[thread(track)], names=[(1, "time.sleep")]))
    view = make_view(theme, store, live=False)
    look_at(view)
    view.select(store.find(2, 0, BASE + 2 * MS))
    fill, lane = theme.state(State.BLOCKED).fill, theme.color("lane")
    back = lane if high_contrast else mix(fill, lane, theme.tokens.dim)
    image = picture(view)
    for track, ground in ((1, back), (2, fill)):
        _, floor = room(view, track)
        assert color(image, 12, floor - 4) == ground.name(), "left of the letters"


def test_an_open_span_grows_between_two_frames(theme: Theme, make_view: MakeView) -> None:
    store = store_of([(1, BASE, BASE + MS, State.RUNNING)])
    store.append(Batch(BASE + 10 * MS, open_spans=[OpenSpan(1, 0, BASE + 5 * MS, 0, 0, Kind.JOB, State.BLOCKED)]))
    view = make_view(theme, store)
    view.frame(BASE + 20 * MS)
    view.set_following(False)
    look_at(view, BASE - LENGTH // 2)
    ends = []
    for now in (BASE + 30 * MS, BASE + 40 * MS):
        view.frame(now)
        image, (_, floor) = picture(view), room(view, 1)
        blocked = theme.state(State.BLOCKED).fill.name()
        ends.append(max(x for x in range(WIDTH) if color(image, x, floor - 3) == blocked))
    assert abs(ends[0] - 798) <= 2
    assert abs(ends[1] - 898) <= 2


def test_the_present_is_an_accent_line_with_the_future_shaded(theme: Theme, make_view: MakeView) -> None:
    store = store_of([(1, BASE, BASE + MS, State.RUNNING)])
    view = make_view(theme, store)
    view.frame(BASE + 70 * MS)
    view.set_following(False)
    look_at(view)
    image = picture(view)
    assert color(image, 700, 300) == theme.color("accent").name()
    assert color(image, 800, 300) == theme.color("shade").name()
    assert color(image, 50, 300) == theme.color("lane").name()


def test_a_loss_is_a_band_of_danger_through_its_lanes_only(theme: Theme, make_view: MakeView) -> None:
    store = ended([(1, BASE, BASE + 90 * MS, State.RUNNING), (2, BASE, BASE + 90 * MS, State.RUNNING)])
    store.losses.append(Loss((1,), BASE + 40 * MS, BASE + 60 * MS, 1_204))
    view = make_view(theme, store, live=False)
    look_at(view)
    image = picture(view)
    lost, safe = room(view, 1), room(view, 2)
    band = {color(image, x, lost[1] - 2) for x in range(410, 590)}
    assert theme.color("danger_bg").name() in band
    assert theme.state(State.RUNNING).fill.name() not in band
    assert color(image, 500, safe[1] - 2) == theme.state(State.RUNNING).fill.name()


def test_a_change_is_a_line_in_the_lanes_and_a_flag_on_the_axis(theme: Theme, make_view: MakeView) -> None:
    store = ended([(1, BASE, BASE + MS, State.RUNNING)])
    store.markers.append(Marker(BASE + 50 * MS, "change", "Tokens 3 → 4"))
    view = make_view(theme, store, live=False)
    look_at(view)
    image, (top, floor) = picture(view), room(view, 1)
    assert theme.color("accent").name() in {color(image, 500, y) for y in range(top, floor)}
    whole = view.grab().toImage()
    flag = {whole.pixelColor(x, 14).name() for x in range(196 + 502, 196 + 580)}
    assert theme.color("accent_bg").name() in flag


def test_the_selected_request_keeps_its_colour_and_the_rest_is_mixed_with_the_lane(
    theme: Theme, make_view: MakeView
) -> None:
    store = ended([(2, BASE + 20 * MS, BASE + 40 * MS, State.RUNNING)])
    store.append(
        Batch(0, spans_of([(1, BASE + 20 * MS, BASE + 40 * MS, State.RUNNING)], request=5), tracks=[thread(1)])
    )
    view = make_view(theme, store, live=False)
    look_at(view)
    view.select(store.find(1, 0, BASE + 30 * MS))
    image = picture(view)
    fill = theme.state(State.RUNNING).fill
    mine, other = room(view, 1), room(view, 2)
    assert color(image, 390, mine[1] - 3) == fill.name()
    dimmed = mix(fill, theme.color("lane"), theme.tokens.dim)
    assert color(image, 390, other[1] - 3) == dimmed.name()
    ink = theme.color("text").name()
    assert color(image, 300, mine[0] - 2) == ink
    assert color(image, 300, mine[1] + 1) == ink


def test_the_legends_choice_leaves_the_others_a_quarter_of_their_colour(theme: Theme, make_view: MakeView) -> None:
    rows: list[Given] = [
        (1, BASE + 20 * MS, BASE + 40 * MS, State.RUNNING),
        (1, BASE + 50 * MS, BASE + 70 * MS, State.BLOCKED),
    ]
    view = make_view(theme, ended(rows), live=False)
    look_at(view)
    view.set_legend_filter({State.BLOCKED})
    image, (_, floor) = picture(view), room(view, 1)
    running = mix(theme.state(State.RUNNING).fill, theme.color("lane"), 0.75)
    assert color(image, 390, floor - 3) == running.name()
    assert color(image, 690, floor - 3) == theme.state(State.BLOCKED).fill.name()


def test_history_that_was_dropped_is_shaded_and_said(theme: Theme, make_view: MakeView) -> None:
    store = ended([(1, BASE + 80 * MS, BASE + 90 * MS, State.RUNNING)])
    store.begin = BASE + 30 * MS
    view = make_view(theme, store, live=False)
    look_at(view)
    image = picture(view)
    assert color(image, 100, 400) == theme.color("shade").name()
    assert color(image, 300, 400) == theme.color("text2").name()


def test_bars_of_another_theme_are_painted_after_a_switch(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, ended([(1, BASE + 20 * MS, BASE + 40 * MS, State.RUNNING)]), live=False)
    look_at(view)
    before = color(picture(view), 150, 400)
    dark.use("light")
    assert color(picture(view), 150, 400) == QColor(dark.tokens.lane).name() != before


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal")
def test_a_thousand_repaints_keep_the_references_to_none(dark: Theme, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(dark, ended([(1, BASE + 20 * MS, BASE + 40 * MS, State.RUNNING)]), live=False)
    look_at(view)
    for _ in range(20):
        view.lanes.repaint()
    lost = []
    for _ in range(
        3
    ):  # what other tests left behind may go meanwhile, once; a repaint that loses one does so each time
        gc.collect()
        before = sys.getrefcount(None)
        for _ in range(1_000):
            view.lanes.repaint()
        gc.collect()
        lost.append(before - sys.getrefcount(None))
    assert min(lost) < 500


def crowded() -> Store:
    """A row of 20,000 spans within the view."""
    return ended([(1, BASE + n * 5_000, BASE + n * 5_000 + 2_500, State.RUNNING) for n in range(20_000)])


def test_a_recording_paints_itself_to_the_end_without_frames(
    dark: Theme, make_view: MakeView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.desktop.timeline.lanes.ALLOWANCE_S", 0.0)
    view = make_view(dark, crowded(), live=False)
    look_at(view)
    view.lanes.repaint()
    assert view.lanes.waiting
    qtbot.waitUntil(lambda: not view.lanes.waiting)
    image, (_, floor) = picture(view), room(view, 1)
    assert {color(image, x, floor - 2) for x in range(5, 995, 10)} == {dark.state(State.RUNNING).fill.name()}


def test_a_picture_that_is_only_completed_takes_more_time_than_one_that_moves(
    dark: Theme, make_view: MakeView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.desktop.timeline.lanes.ALLOWANCE_S", 0.0)
    monkeypatch.setattr("explorer.desktop.timeline.lanes.AGAIN_ALLOWANCE_S", 60.0)
    view = make_view(dark, crowded(), live=False)
    look_at(view)
    view.lanes.repaint()
    left = [view.lanes.waiting]
    for step in range(3):  # moving, it never has the time
        look_at(view, BASE + step * LENGTH // 64)
        view.lanes.repaint()
        left.append(view.lanes.waiting)
    assert all(left)
    painted: list[bool] = []
    whole = view.lanes._whole

    def paint(painter: QPainter) -> None:
        whole(painter)
        painted.append(view.lanes.waiting)

    monkeypatch.setattr(view.lanes, "_whole", paint)
    qtbot.waitUntil(lambda: bool(painted))
    assert painted == [False]


def test_whoever_asks_for_an_unfinished_picture_gets_more_of_it(dark: Theme, make_view: MakeView) -> None:
    rows: list[Given] = [(1, BASE + n * 1_000, BASE + n * 1_000 + 900, State.RUNNING) for n in range(100_000)]
    view = make_view(dark, ended(rows), live=False)
    view.lanes._clock = itertools.count().__next__  # each look at it is a second later
    look_at(view)
    view.lanes.repaint()
    assert view.lanes.waiting
    for _ in range(1_000):
        if not view.lanes.waiting:
            return
        view.lanes.repaint()
    pytest.fail("the same picture again and again")


def test_what_is_not_yet_computed_is_hatched(dark: Theme, make_view: MakeView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.desktop.timeline.lanes.ALLOWANCE_S", 0.0)
    view = make_view(dark, crowded(), live=False)
    look_at(view)
    image, (top, floor) = picture(view), room(view, 1)
    assert view.lanes.waiting
    left = {color(image, x, y) for x in range(10, 40) for y in range(top, floor)}
    assert dark.color("line2").name() in left


def test_what_another_zoom_level_shows_is_not_hatched(
    dark: Theme, make_view: MakeView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = make_view(dark, crowded(), live=False)
    look_at(view)
    qtbot.waitUntil(lambda: not view.lanes.waiting)
    monkeypatch.setattr("explorer.desktop.timeline.lanes.ALLOWANCE_S", 0.0)
    monkeypatch.setattr("explorer.desktop.timeline.raster.Raster._complete", lambda *_: False)
    look_at(view, BASE + LENGTH // 4, LENGTH // 4)
    image, (top, floor) = picture(view), room(view, 1)
    assert view.lanes.waiting
    assert {color(image, x, floor - 2) for x in range(10, 990, 10)} == {dark.state(State.RUNNING).fill.name()}
    assert dark.color("line2").name() not in {color(image, x, y) for x in range(10, 60) for y in range(top, floor)}


@pytest.mark.parametrize(
    ("drawn", "stretches"),
    [([], []), ([0, 0], []), ([1, 1, 1], [(0, 2)]), ([0, 1, 1, 0, 1], [(1, 2), (4, 4)]), ([1, 0, 1], [(0, 0), (2, 2)])],
)
def test_rows_that_are_drawn_side_by_side_are_one_image(drawn: list[int], stretches: list[tuple[int, int]]) -> None:
    assert neighbours(np.array(drawn, bool)) == stretches
