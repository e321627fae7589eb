"""Which lanes of a run are its shape on the wall, and what they are called there."""

from explorer.collect.source import Track
from explorer.desktop.presenter.wall_rows import shape_rows
from explorer.desktop.timeline.rows import build_rows
from explorer.records.states import Role, State, TrackKind
from explorer.store.store import Store
from tests.unit.desktop_arithmetic.fakes import process, store_of, thread

END = 6_000
SERVER, POOL, MORE = 1, 2, 3


def run() -> Store:
    """A server with a loop, and two processes of a pool that compute on their main threads."""
    tracks = [
        Track(1, TrackKind.LOOP, "MainThread", SERVER),
        thread(2, POOL, "MainThread"),
        thread(3, MORE, "MainThread"),
        Track(4, TrackKind.PROCESS, "", MORE),
        thread(5, SERVER, "MainThread"),
    ]
    rows = [(at, 0, 3_000, State.RUNNING) for at in range(1, 6)]
    return store_of(rows, tracks, [process(SERVER, Role.SERVER), process(POOL, Role.POOL), process(MORE, Role.POOL)])


def test_the_lanes_of_a_pool_are_called_after_its_processes() -> None:
    store = run()
    shown = shape_rows(build_rows(store, 0, END), ("pool",), store)
    assert [(row.title, row.track) for row in shown] == [("Pool 1", 2), ("Pool 2", 3)]


def test_without_words_what_only_stands_by_is_left_out() -> None:
    store = run()
    shown = shape_rows(build_rows(store, 0, END), (), store)
    assert [row.title for row in shown] == ["Event loop", "Pool 1", "Pool 2"]


def test_a_lock_is_called_a_lock() -> None:
    tracks = [
        Track(1, TrackKind.LOOP, "MainThread", SERVER),
        Track(2, TrackKind.LOCK, "A", SERVER),
        Track(3, TrackKind.LOCK, "the lock", SERVER),
    ]
    store = store_of([(at, 0, 3_000, State.RUNNING) for at in (1, 2, 3)], tracks, [process(SERVER, Role.SERVER)])
    shown = shape_rows(build_rows(store, 0, END), ("lock",), store)
    assert [row.title for row in shown] == ["Lock A", "the lock"]
