"""Rows of locks: who holds at the bottom, one storey above it for each who waits, pixel by pixel."""

import numpy as np
from PySide6.QtGui import QColor

from explorer.collect.source import SPAN, Array, Batch, OpenLock, Process, Track
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.layout import bar_room, strip_room
from explorer.desktop.timeline.lock_queues import LockQueues
from explorer.desktop.timeline.rows import RowKind
from explorer.desktop.timeline.view import TimelineView
from explorer.records.lock_owners import THREAD, owner_argument
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.store.store import Store
from tests.desktop.timeline.conftest import MakeView

MS = 1_000_000
BEGIN = 1_000 * MS
LOCK, FIRST = 20, 10
PROCESS = 1


def spans(*rows: tuple[Kind, int, int, int, int, int]) -> Array:
    """Rows of kind, track, other's track, start and end (ms), depth."""
    found = np.zeros(len(rows), SPAN)
    for at, (kind, track, other, start, end, depth) in enumerate(rows):
        found[at]["kind"], found[at]["track"], found[at]["depth"] = kind, track, depth
        found[at]["start"], found[at]["end"] = BEGIN + start * MS, BEGIN + end * MS
        found[at]["argument"] = owner_argument(other, THREAD)
        found[at]["state"] = State.RUNNING if kind is Kind.LOCK_HELD else State.WAITING_LOCK
        found[at]["flags"] = Flag.COMPLETE
    return found[np.argsort(found["end"], kind="stable")]


def run(rows: Array, opened: list[OpenLock] | None = None) -> tuple[Store, LockQueues]:
    """Three workers and a lock, from 0 to 100 ms."""
    tracks = [Track(FIRST + n, TrackKind.THREAD, "AnyIO worker thread", PROCESS, tid=100 + n) for n in range(3)]
    tracks.append(Track(LOCK, TrackKind.LOCK, "self.lock", PROCESS, what="threading.Lock"))
    process = Process(PROCESS, 4711, Role.SERVER, "server", 1, 1, "", BEGIN - MS)
    jobs = spans(*((Kind.JOB, FIRST + n, 0, 0, 100, 0) for n in range(3)))
    batch = Batch(
        BEGIN + 101 * MS,
        spans=np.concatenate((rows, jobs)),
        tracks=tracks,
        processes=[process],
        locks=opened,
    )
    store, queues = Store(), LockQueues()
    store.append(batch)
    queues.feed(batch)
    return store, queues


def shown(make_view: MakeView, theme: Theme, store: Store, queues: LockQueues) -> TimelineView:
    view = make_view(theme, store, live=False)
    view.set_store(store, live=False, locks=queues)
    view.show_time(BEGIN, BEGIN + 100 * MS)
    view.frame(store.now)
    return view


def column(view: TimelineView, ms: float, top: int, floor: int) -> list[str]:
    """The colours of a column of the lanes, from `floor` upwards."""
    picture = view.lanes.grab().toImage()
    x = round(view.scene.view.x(BEGIN + round(ms * MS)))
    return [picture.pixelColor(x, y).name() for y in range(floor - 1, top - 1, -1)]


def near(color: str, other: QColor) -> bool:
    mine = QColor(color)
    return (
        max(abs(mine.red() - other.red()), abs(mine.green() - other.green()), abs(mine.blue() - other.blue())) < 90
        and mine.red() > 100 > mine.blue()
    )


CONVOY = spans(
    (Kind.LOCK_HELD, LOCK, FIRST, 0, 40, 0),
    (Kind.LOCK_WAIT, FIRST + 1, LOCK, 10, 40, 1),
    (Kind.LOCK_HELD, LOCK, FIRST + 1, 41, 80, 0),
    (Kind.LOCK_WAIT, FIRST + 2, LOCK, 20, 80, 1),
)


def test_a_lock_is_a_row_of_its_own_as_high_as_its_tower(make_view: MakeView, theme: Theme) -> None:
    store, queues = run(CONVOY)
    view = shown(make_view, theme, store, queues)
    (placed,) = [placed for placed in view.scene.layout.placed if placed.row.kind is RowKind.LOCK]
    assert placed.row.storeys == 2
    alone, _ = run(CONVOY[:1])
    low = shown(make_view, theme, alone, LockQueues())
    (lower,) = [placed for placed in low.scene.layout.placed if placed.row.kind is RowKind.LOCK]
    assert lower.height < placed.height


def test_the_holder_is_ink_and_each_waiter_a_storey_of_lock_wait(make_view: MakeView, theme: Theme) -> None:
    store, queues = run(CONVOY)
    view = shown(make_view, theme, store, queues)
    placed = view.scene.layout.of_track(LOCK)
    assert placed is not None
    held, tower = bar_room(placed), strip_room(placed)
    ink = theme.color("ink").name()
    assert ink in column(view, 39, *held)
    assert ink not in column(view, 90, *held)
    wait = theme.state(State.WAITING_LOCK).fill

    def height(ms: float) -> int:
        """Up to where there is a storey; words may stand on it."""
        return max((at for at, color in enumerate(column(view, ms, *tower), 1) if near(color, wait)), default=0)

    storey = (tower[1] - 1 - tower[0]) / 2
    assert height(5) == 0
    assert 0.5 * storey < height(15) <= storey
    assert 1.5 * storey < height(35) <= 2 * storey
    assert 0.5 * storey < height(60) <= storey  # the second has come down
    assert height(90) == 0


def test_what_is_held_and_awaited_now_reaches_to_the_present(make_view: MakeView, dark: Theme) -> None:
    opened = [
        OpenLock(Kind.LOCK_HELD, LOCK, BEGIN + 90 * MS, 0, 0, FIRST, THREAD, 0),
        OpenLock(Kind.LOCK_WAIT, FIRST + 1, BEGIN + 92 * MS, 0, 0, LOCK, THREAD, 1),
    ]
    store, queues = run(CONVOY, opened)
    view = shown(make_view, dark, store, queues)
    placed = view.scene.layout.of_track(LOCK)
    assert placed is not None
    assert dark.color("ink").name() in column(view, 96, *bar_room(placed))
    wait = dark.state(State.WAITING_LOCK).fill
    assert any(near(color, wait) for color in column(view, 96, *strip_room(placed)))


def test_a_lock_taken_thousands_of_times_is_a_band_under_a_profile(make_view: MakeView, dark: Theme) -> None:
    rows, count = [], 3_000
    for at in range(count):
        start = at * 100 / count
        rows.append((Kind.LOCK_HELD, LOCK, FIRST, start, start + 90 / count, 0))
        rows.append((Kind.LOCK_WAIT, FIRST + 1, LOCK, start, start + 90 / count, 1))
    made = np.concatenate([spans((kind, track, other, 0, 1, depth)) for kind, track, other, _, _, depth in rows])
    made["start"] = [BEGIN + round(row[3] * MS) for row in rows]
    made["end"] = [BEGIN + round(row[4] * MS) for row in rows]
    store, queues = run(made)
    view = shown(make_view, dark, store, queues)
    placed = view.scene.layout.of_track(LOCK)
    assert placed is not None
    wait = dark.state(State.WAITING_LOCK).fill
    assert any(near(color, wait) for color in column(view, 50, *strip_room(placed)))
    while view.lanes.waiting:  # the far view is made in pieces
        view.lanes.grab()
    held = [QColor(color).lightness() for color in column(view, 50, *bar_room(placed))]
    assert max(held) > 120
    assert LOCK in view.lanes.dense
