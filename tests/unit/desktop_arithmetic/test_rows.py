"""Which rows there are, in what order, and how they are laid out."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.collect.source import SAMPLE, Batch, OpenSpan, Track
from explorer.desktop.timeline.activity import HOLD_NS, Activity
from explorer.desktop.timeline.layout import TIGHT, Density, arrange, bar_room, fold_key
from explorer.desktop.timeline.rows import Row, RowKind, build_rows, in_flight, process_key
from explorer.records.states import Kind, Role, State, TrackKind
from explorer.store.store import Store
from tests.unit.desktop_arithmetic.fakes import process, spans_of, store_of, thread

END = 1_000_000


def run_store() -> Store:
    """A server with loop and workers, a pool process, a load, requests and counters."""
    tracks = [
        thread(1),
        Track(2, TrackKind.LOOP, "MainThread", 1, tid=9),
        thread(3),
        Track(4, TrackKind.COUNTER, "waiting for a thread", 1),
        Track(5, TrackKind.COUNTER, "cpu", 1, unit="%"),
        Track(6, TrackKind.REQUESTS, "GET /job", 0),
        Track(7, TrackKind.LANE, "1", 0, parent=6),
        Track(8, TrackKind.LANE, "2", 0, parent=6),
        Track(9, TrackKind.COUNTER, "in flight", 0, parent=6),
        thread(10, process=2, name="MainThread"),
        Track(11, TrackKind.LOOP, "loop", 3),
        Track(12, TrackKind.REQUESTS, "requests", 1),
        thread(13),
    ]
    processes = [process(3, Role.LOAD), process(2, Role.POOL), process(1, Role.SERVER)]
    rows = [(n, 10 * n, 10 * n + 5, State.RUNNING) for n in (1, 2, 3, 7, 8, 10, 11, 12)]
    store = store_of(rows, tracks, processes)
    samples = Batch(END).samples
    assert samples.dtype == SAMPLE
    samples.resize(3, refcheck=False)
    for at, track in enumerate((4, 5, 9)):
        samples[at] = (5, 1.0, track, 0)
    store.append(Batch(END, samples=samples))
    return store


def words(rows: list[Row]) -> list[str]:
    return [row.title for row in rows]


def test_servers_come_first_then_requests_then_load_and_each_lists_its_loop_first() -> None:
    rows = build_rows(run_store(), 0, END)
    assert words(rows) == [
        "server",
        "Event loop",
        "Worker 1",
        "Worker 2",
        "Waiting for a thread",
        "pool 1",
        "Main thread",
        "Requests",
        "GET /job",
        "",
        "In flight",
        "load",
    ]
    assert rows[2].tag == "AnyIO pool"
    assert rows[0].pid == "4001"


def test_processes_of_connections_are_one_group_with_a_lane_each() -> None:
    tracks = [Track(n, TrackKind.LOOP, "event loop", n, ended_ns=50 if n == 2 else None) for n in (1, 2, 3, 4)]
    processes = [
        process(1, Role.SERVER),
        process(2, Role.CONNECTION, ended_ns=50),
        process(3, Role.CONNECTION),
        process(4, Role.STANDBY),
        process(5, Role.STANDBY),
    ]
    # A process that has just begun may have run its garbage collector before its loop was there.
    tracks.append(Track(9, TrackKind.PROCESS, "connection", 3))
    rows = build_rows(store_of([(n, 10, 40, State.RUNNING) for n in (1, 2, 3, 4, 9)], tracks, processes), 0, END)
    assert words(rows) == ["server", "Event loop", "Connections", "Connection 1", "Connection 2", "Standby"]
    assert (rows[2].pid, rows[2].note) == ("1", "a process for each, 1 standing by")
    assert [row.ended for row in rows[3:]] == [True, False, False]


def test_threads_of_connections_are_numbered() -> None:
    tracks = [Track(1, TrackKind.LOOP, "event loop", 1)]
    tracks += [Track(n, TrackKind.LOOP, "connection", 1, tid=70 + n) for n in (2, 3)]
    rows = build_rows(store_of([(n, 10, 40, State.RUNNING) for n in (1, 2, 3)], tracks, [process(1)]), 0, END)
    assert [(row.title, row.tag) for row in rows[1:]] == [
        ("Event loop", ""),
        ("Connection 1", "thread 72"),
        ("Connection 2", "thread 73"),
    ]


def test_lanes_that_have_ended_make_room_for_those_that_live() -> None:
    rows = [Row("g", RowKind.GROUP, "g")]
    rows += [Row(f"track {n}", RowKind.LANE, "g", str(n), track=n, ended=n <= 40) for n in range(1, 51)]
    layout = arrange(rows, 200, busy=set(range(1, 51)), before=set(range(1, 41)))
    shown = {placed.row.track for placed in layout.placed if placed.row.kind is RowKind.LANE}
    assert shown
    assert min(shown) > 40


def test_groups_open_and_close() -> None:
    store = run_store()
    closed = build_rows(store, 0, END, {"server", "load", "Requests"})
    assert words(closed) == ["server", "pool 1", "Main thread", "Requests", "load", "Event loop"]
    assert [row.is_open for row in closed if row.kind is RowKind.GROUP] == [False, True, False, True]


def test_what_ended_before_the_view_is_left_out_and_a_new_start_stands_below() -> None:
    store = store_of(
        [(1, 10, 20, State.RUNNING), (2, 500, 600, State.RUNNING)],
        [thread(1, 1), thread(2, 2)],
        [process(1, ended_ns=100), process(2, started=400, epoch=2)],
    )
    both = build_rows(store, 0, 1_000)
    assert [row.key for row in both if row.kind is RowKind.GROUP] == ["process 1", "process 2"]
    assert process_key(store.processes[1]) not in {row.group for row in build_rows(store, 200, 1_000)}
    assert process_key(store.processes[2]) not in {row.group for row in build_rows(store, 0, 300)}


def test_a_thread_without_spans_shows_once_one_is_open() -> None:
    store = store_of([(1, 1, 2, State.RUNNING)], [thread(1), thread(2)])
    assert words(build_rows(store, 0, 10)) == ["server", "Worker 1"]
    store.append(Batch(20, open_spans=[OpenSpan(2, 0, 5, 0, 0, Kind.JOB, State.RUNNING)]))
    assert words(build_rows(store, 0, 10)) == ["server", "Worker 1", "Worker 2"]


def test_a_death_is_said_in_the_group() -> None:
    store = store_of([(1, 1, 2, State.RUNNING)], processes=[process(1, ended_ns=9, died="ended by signal 9")])
    (group, *_) = build_rows(store, 0, 10)
    assert group.died
    assert group.note == "ended by signal 9"


def many(lanes: int, requests: int) -> list[Row]:
    rows = [Row("g", RowKind.GROUP, "g", "server")]
    rows += [Row(f"track {n}", RowKind.LANE, "g", f"Worker {n}", track=n) for n in range(1, lanes + 1)]
    rows += [Row("r", RowKind.GROUP, "r", "Requests")]
    rows += [Row(f"track {n}", RowKind.REQUEST, "r", track=n) for n in range(101, 101 + requests)]
    return rows


def test_the_highest_rows_that_fit_are_taken() -> None:
    few = many(4, 8)
    wide = arrange(few, 700)
    close = arrange(few, 260)
    assert wide.heights.lane > close.heights.lane
    assert close.height <= 260
    assert len(close.placed) == len(few)


@pytest.mark.parametrize("room", [2_000, 150])
def test_the_name_of_a_route_has_a_line_of_its_own_though_it_has_one_row(room: int) -> None:
    rows = many(4, 0)
    for at, (route, number) in enumerate((("GET /job", 1), ("GET /also/1/job", 9), ("GET /docs", 1))):
        rows += [
            Row(f"track {10 * at + n}", RowKind.REQUEST, "r", "" if n else route, track=200 + 10 * at + n)
            for n in range(number)
        ]
    rows.append(Row("counter", RowKind.COUNTER, "r", "In flight", track=900))
    layout = arrange(rows, room)
    names = [at for at, placed in enumerate(layout.placed) if placed.row.title.startswith("GET")]
    below = [*names[1:], len(layout.placed) - 1]
    assert [layout.placed[end].y - layout.placed[at].y >= 16 for at, end in zip(names, below, strict=True)] == [
        True
    ] * 3
    assert layout.height <= room or layout.heights == TIGHT


def test_a_low_window_leaves_out_the_widest() -> None:
    assert arrange(many(1, 1), 2_000, compact=True).heights.lane < arrange(many(1, 1), 2_000).heights.lane


def test_long_runs_fold_to_what_fits_and_say_how_much_they_hide() -> None:
    layout = arrange(many(40, 64), 340)
    folds = [placed.row for placed in layout.placed if placed.row.kind is RowKind.FOLD]
    lanes = [placed for placed in layout.placed if placed.row.kind is RowKind.LANE]
    assert layout.height <= 340
    assert [fold.title for fold in folds] == [f"{40 - len(lanes)} more lanes", folds[1].title]
    assert sum(fold.hidden for fold in folds) + len(layout.placed) - 2 - 2 == 104


def test_what_is_selected_is_not_folded_away() -> None:
    rows = many(40, 64)
    plain, pinned = arrange(rows, 340), arrange(rows, 340, pinned={33, 150})
    assert plain.of_track(33) is None
    assert pinned.of_track(33) is not None
    assert pinned.of_track(150) is not None
    assert pinned.height == plain.height
    assert pinned.of_track(1) is not None
    assert pinned.of_track(101) is not None


def test_an_unfolded_run_scrolls_and_can_be_folded_again() -> None:
    rows = many(40, 8)
    key = fold_key(rows[1])
    layout = arrange(rows, 340, unfolded={key})
    assert layout.height > 340
    assert len([placed for placed in layout.placed if placed.row.kind is RowKind.LANE]) == 40
    fold = layout.find(key)
    assert fold is not None
    assert fold.row.title == "Show fewer"


def test_tight_rows_are_never_folded() -> None:
    layout = arrange(many(40, 64), 340, Density.TIGHT)
    assert len(layout.placed) == 106


def test_every_pixel_of_the_content_belongs_to_its_row() -> None:
    layout = arrange(many(4, 8), 500)
    for placed in layout.placed:
        for y in (placed.y, placed.bottom - 1):
            found = layout.at(y)
            assert found is not None
            assert found.row.key == placed.row.key
        top, floor = bar_room(placed)
        assert placed.y <= top < floor <= placed.bottom
    assert layout.at(layout.height) is None
    assert layout.at(-1) is None


def test_rows_that_overlap_a_stretch_are_found() -> None:
    layout = arrange(many(4, 8), 500)
    second, third = layout.placed[1], layout.placed[2]
    assert layout.between(second.y + 1, third.y + 1) == [second, third]
    assert layout.of_track(3) is not None
    assert layout.of_track(0) is None


def test_busy_lanes_are_not_the_ones_that_are_folded_away() -> None:
    rows = many(40, 0)
    busy = {1, 17, 29, 38}
    layout = arrange(rows, 150, busy=busy)
    shown = [placed.row.track for placed in layout.placed if placed.row.kind is RowKind.LANE]
    assert busy <= set(shown)
    assert shown == sorted(shown)
    assert len(shown) < 40


def test_of_equally_busy_lanes_those_stay_that_were_in_sight() -> None:
    rows = many(40, 0)
    everything = set(range(1, 41))
    first = arrange(rows, 150, busy={1, 37, 38, 39})
    before = {placed.row.track for placed in first.placed}
    assert {37, 38, 39} <= {placed.row.track for placed in arrange(rows, 150, busy=everything, before=before).placed}


def routes_store(routes: int, lanes: int) -> Store:
    """Routes with lanes and a counter each; every lane had one request."""
    tracks, spans, counters = [], [], []
    for route in range(routes):
        group = 100 * (route + 1)
        tracks.append(Track(group, TrackKind.REQUESTS, f"GET /{route}", 0))
        tracks.append(Track(group + 99, TrackKind.COUNTER, "in flight", 0, parent=group))
        counters.append(group + 99)
        for lane in range(1, lanes + 1):
            tracks.append(Track(group + lane, TrackKind.LANE, str(lane), 0, parent=group))
            spans.append((group + lane, 10 * lane, 10 * lane + 5, State.QUEUED))
    store = store_of(spans, tracks)
    samples = np.zeros(2 * routes, SAMPLE)
    samples["time"] = np.repeat((5, 900), routes)
    samples["track"] = counters * 2
    samples["value"] = np.repeat((40.0, 3.0), routes)
    store.append(Batch(END, samples=samples))
    return store


def test_requests_have_rows_only_where_something_is_in_view() -> None:
    store, activity = routes_store(1, 30), Activity()
    activity.look(store, 0, 45, None)
    rows = [row for row in build_rows(store, 0, 45, seen=activity.tracks) if row.kind is RowKind.REQUEST]
    assert [row.track for row in rows] == [101, 102, 103, 104]


def test_what_left_a_moving_view_keeps_its_row_a_moment_and_what_comes_is_missed_at_once() -> None:
    store, activity = routes_store(1, 2), Activity()
    activity.look(store, 0, 100, 100)
    assert {101, 102} == activity.tracks
    activity.look(store, 50, 150, 200)
    assert {101, 102} == activity.tracks
    assert activity.misses({7})
    assert not activity.misses({102})
    activity.look(store, 50, 150, 200 + HOLD_NS)
    assert not activity.tracks


def test_each_route_keeps_a_named_row_and_has_a_counter_that_says_whose_it_is() -> None:
    rows = build_rows(routes_store(3, 30), 0, END)
    shown = [placed.row for placed in arrange(rows, 330).placed]
    assert any(row.kind is RowKind.FOLD for row in shown)
    titles = [row.title for row in shown if row.kind is RowKind.REQUEST and row.title]
    assert titles == ["GET /0", "GET /1", "GET /2"]
    per_route = [sum(row.track // 100 == n for row in shown if row.kind is RowKind.REQUEST) for n in (1, 2, 3)]
    assert max(per_route) - min(per_route) <= 1
    assert [row.title for row in shown if row.kind is RowKind.COUNTER] == [f"GET /{n} in flight" for n in range(3)]


def test_what_another_host_counts_stands_beside_the_lanes_and_is_not_in_flight_a_second_time() -> None:
    store = routes_store(1, 2)
    hosts = [
        Track(900, TrackKind.HOST, "w2 ±0.1 ms", 0),
        Track(901, TrackKind.COUNTER, "in flight", 0, parent=900),
        Track(902, TrackKind.HOST, "w2 ±0.1 ms, GET /0", 0),
        Track(903, TrackKind.LANE, "1", 0, parent=902),
    ]
    samples = np.zeros(1, SAMPLE)
    samples["time"], samples["track"], samples["value"] = 5, 901, 40.0
    store.append(Batch(END, tracks=hosts, samples=samples))
    store.append(Batch(END, spans_of([(903, 10, 15, State.AWAITING)])))
    rows = build_rows(store, 0, END)
    assert [row.title for row in rows if row.kind is RowKind.REQUEST] == ["GET /0", "", "w2 ±0.1 ms, GET /0"]
    assert [row.title for row in rows if row.kind is RowKind.COUNTER] == [
        "GET /0 in flight",
        "w2 ±0.1 ms in flight",
    ]
    assert in_flight(store) == 3


def test_a_route_without_anything_in_view_has_no_rows_and_one_without_a_name_is_given_one() -> None:
    store = routes_store(2, 3)
    store.append(Batch(0, tracks=[Track(200, TrackKind.REQUESTS, "", 0)]))
    titles = words(build_rows(store, 0, END, seen={101, 102, 201}))
    assert titles == [
        "server",
        "Requests",
        "GET /0",
        "",
        "Other requests",
        "GET /0 in flight",
        "Other requests in flight",
    ]
    assert words(build_rows(store, 0, END, seen={101})) == ["server", "Requests", "GET /0", "In flight"]


def test_the_header_says_how_many_requests_are_in_flight_now_not_how_many_lanes_there_are() -> None:
    rows = build_rows(routes_store(2, 30), 0, END)
    assert next(row.pid for row in rows if row.title == "Requests") == "6 in flight"


def test_an_upstream_stands_below_all_servers() -> None:
    processes = [process(1, Role.UPSTREAM, epoch=0), process(2, Role.SERVER, epoch=1), process(3, Role.LOAD)]
    store = store_of([(1, 0, 5, State.RUNNING), (2, 0, 5, State.RUNNING)], [thread(1), thread(2, process=2)], processes)
    groups = [row.title for row in build_rows(store, 0, END) if row.kind is RowKind.GROUP]
    assert groups[:2] == ["server", "upstream"]


def test_a_cluster_stands_below_all_servers_and_says_where_its_workers_are() -> None:
    label = "Dask worker on 10.0.0.2, clock ±0.1 ms"
    there = replace(process(1, Role.CLUSTER, epoch=0), label=label, host="10.0.0.2")
    processes = [there, process(2, Role.SERVER, epoch=1), process(3, Role.LOAD)]
    store = store_of([(1, 0, 5, State.RUNNING), (2, 0, 5, State.RUNNING)], [thread(1), thread(2, process=2)], processes)
    groups = [row for row in build_rows(store, 0, END) if row.kind is RowKind.GROUP]
    assert [row.title for row in groups[:2]] == ["server", "cluster"]
    assert groups[1].note == label


def test_the_lanes_of_interpreters_keep_their_numbers_and_a_clusters_workers_those_of_the_cluster() -> None:
    labels = ("Dask scheduler", "Dask worker 1 on this machine", "Dask worker 2 on this machine")
    cluster = [replace(process(n, Role.CLUSTER, epoch=0), label=label) for n, label in enumerate(labels, 2)]
    tracks = [thread(1, name="interpreter 1"), thread(2, name="interpreter 2"), *(thread(n, process=n) for n in (3, 4))]
    rows = build_rows(
        store_of([(n, 0, 5, State.RUNNING) for n in (1, 2, 3, 4)], tracks, [process(1), *cluster]), 0, END
    )
    assert [row.title for row in rows if row.kind is RowKind.LANE][:2] == ["Interpreter 1", "Interpreter 2"]
    assert [row.title for row in rows if row.kind is RowKind.GROUP] == [
        "server", "cluster", "cluster worker 1", "cluster worker 2",
    ]  # fmt: skip


def test_phones_stand_in_the_order_of_their_numbers_each_by_name() -> None:
    tracks = [
        Track(6, TrackKind.REQUESTS, "Phones", 0),
        *(Track(at, TrackKind.LANE, text, 0, parent=6) for at, text in enumerate(("12", "3", "100"), 7)),
    ]
    rows = [(number, 10, 20, State.QUEUED) for number in (7, 8, 9)]
    processes = [process(1), process(2, Role.GATEWAY, epoch=0)]
    found = words(build_rows(store_of(rows, tracks, processes), 0, END))
    assert found == ["server", "Requests", "Phone 3", "Phone 12", "Phone 100", "gateway"]
