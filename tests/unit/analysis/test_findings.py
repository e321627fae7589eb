"""Each finding: it speaks up in a run that has the fault, and is silent in the same run just below its bound."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.analysis.run_findings import all_findings
from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import Batch, OpenLock, Process, Track
from explorer.records.lock_owners import THREAD as BY_THREAD
from explorer.records.lock_owners import owner_argument
from explorer.records.schema import TIME_UNIT_NS
from explorer.records.states import Kind, Role, TrackKind
from tests.unit.analysis.runs import CPU, LOOP, MS, SERVED, SERVER, T0, THREAD, S, load_event, samples, spans, steady

SECONDS = 8
LOCK = 20
MACHINE, CORES, STEAL, FILES, LIMIT = 30, 31, 32, 33, 34
LOOP_2, SERVED_2, WORKER = 40, 41, 3
Row = tuple[int, int, int, Kind, int, int]


class Run:
    """A healthy run of 20 requests a second, each of which takes `latency` seconds, to which faults are added."""

    def __init__(self, latency: float = 0.05, **sections: Any) -> None:
        self.scenario: dict[str, Any] = {"load": {"mode": "users", "users": 4}, **sections}
        self.batches = steady(SECONDS, 20, latency)
        self.rows: list[Row] = []
        self.more = Batch(T0 + SECONDS * S)

    def add(self, *rows: Row) -> None:
        self.rows += rows

    def found(self) -> dict[str, Any]:
        """The findings by id, as in the JSON."""
        statistics = RunStatistics()
        for batch in self.batches:
            statistics.feed(batch)
        statistics.feed(Batch(T0 + SECONDS * S, tracks=self.more.tracks, processes=self.more.processes))
        self.more.spans = spans(*self.rows)
        self.more.tracks, self.more.processes = [], []
        statistics.feed(self.more)
        return {one["id"]: one for one in statistics.figures(self.scenario)["findings"]}

    def every(self, step_ms: float, made: Callable[[int], Row], first_ms: float = 1_500) -> None:
        """A row for every so many ms of the run; `made` is given its beginning (ns)."""
        at = first_ms
        while at < SECONDS * 1e3 - 500:
            self.add(made(T0 + round(at * MS)))
            at += step_ms


def test_a_healthy_run_has_none() -> None:
    run = Run()
    run.every(50, lambda at: (LOOP, at, at + 2 * MS, Kind.STEP, 0, 10))
    run.every(50, lambda at: (SERVED, at, at + 2 * MS, Kind.TOKEN_WAIT, 0, 3))
    assert run.found() == {}


def test_each_finding_says_what_it_is_about_and_all_differ() -> None:
    known = all_findings()
    assert len(known) == len({finding.id for finding in known}) == 16
    assert {finding.about for finding in known} == {"server", "machine", "load"}
    assert all(finding.looks_for and finding.title for finding in known)


@pytest.mark.parametrize(("length_ms", "step_ms", "heard"), [(60, 500, True), (60, 5_000, False), (45, 100, False)])
def test_loop_blocked(length_ms: int, step_ms: int, heard: bool) -> None:
    run = Run(dispatch={"id": "blocking_coroutine"})
    run.every(step_ms, lambda at: (LOOP, at, at + length_ms * MS, Kind.STEP, 0, 0))
    run.every(step_ms, lambda at: (SERVED, at + 5 * MS, at + 50 * MS, Kind.STACK, 0, 0))
    run.more.names = [(1, "app.py:3 in handler")]
    found = run.found()
    assert ("loop_blocked" in found) == heard
    if heard:
        one = found["loop_blocked"]
        assert one["class"] == "server"
        assert one["evidence"]["figures"]["longest_ms"] == length_ms
        assert one["evidence"]["figures"]["line"] == "app.py:3 in handler"
        assert one["change"] == {"title": "The handler's work in a thread pool", "set": {"dispatch.id": "thread_pool"}}
        span = one["evidence"]["spans"][0]
        assert (span["track"], span["lane"], span["pid"], span["start_s"]) == (LOOP, "MainThread", 100, 1.5)


def test_more_blocks_than_are_looked_at_are_counted_and_the_present_one_is_among_them() -> None:
    run = Run()
    run.every(70, lambda at: (LOOP, at, at + 60 * MS, Kind.STEP, 0, 0))
    count = len(run.rows)
    assert count > 64
    figures = run.found()["loop_blocked"]["evidence"]["figures"]
    assert figures["blocked_times"] == count
    assert figures["blocked_share"] == pytest.approx(
        count * 0.06 / (SECONDS - 1), rel=0.01
    )  # the first second is warm-up


def test_a_loop_without_a_core_is_not_called_blocked() -> None:
    run = Run()
    queued = Track(50, TrackKind.COUNTER, "thread_queued", 9, tid=100, pid=100, unit="s")
    run.more.tracks = [queued]
    run.every(500, lambda at: (LOOP, at, at + 60 * MS, Kind.STEP, 0, 0))
    run.more.samples = samples(*((50, T0 + at * S, 0.9 * at) for at in range(SECONDS + 1)))
    assert "loop_blocked" not in run.found()


def test_nobody_waits_for_the_loop_of_one_connection() -> None:
    run = Run(model={"id": "thread_per_connection"})
    run.every(500, lambda at: (LOOP, at, at + 200 * MS, Kind.STEP, 0, 0))
    assert "loop_blocked" not in run.found()


@pytest.mark.parametrize(("wait_ms", "out", "heard"), [(30, 4, True), (15, 4, False), (30, 3, False)])
def test_token_starvation(wait_ms: int, out: int, heard: bool) -> None:
    run = Run(dispatch={"id": "thread_pool", "tokens": 4})
    run.every(50, lambda at: (SERVED, at, at + wait_ms * MS, Kind.TOKEN_WAIT, 7, out))
    found = run.found()
    assert ("token_starvation" in found) == heard
    if heard:
        one = found["token_starvation"]
        assert one["change"]["set"] == {"dispatch.tokens": 10}
        assert one["evidence"]["spans"][0]["request"] == 7


@pytest.mark.parametrize(("wait_ms", "heard"), [(25, True), (18, False)])
def test_pool_exhausted(wait_ms: int, heard: bool) -> None:
    run = Run(workload={"id": "database", "pool_size": 2})
    run.every(50, lambda at: (SERVED, at, at + wait_ms * MS, Kind.CONNECTION_WAIT, 7, 2))
    found = run.found()
    assert ("pool_exhausted" in found) == heard
    if heard:
        assert found["pool_exhausted"]["change"]["set"] == {"workload.pool_size": 4}


@pytest.mark.parametrize(("held_ms", "waiting", "heard"), [(90, 2, True), (60, 2, False), (90, 0.9, False)])
def test_gil_convoy(held_ms: int, waiting: float, heard: bool) -> None:
    run = Run(dispatch={"id": "thread_pool"})
    run.more.tracks = [
        Track(51, TrackKind.GIL, "GIL", 9, pid=100),
        Track(52, TrackKind.COUNTER, "gil_waiting", 9, pid=100),
        Track(53, TrackKind.COUNTER, "gil_period", 9, pid=100, unit="ms"),
    ]
    run.more.processes = [Process(9, 300, Role.SAMPLER, "sampler", 1, 0, "python3", T0)]
    run.every(100, lambda at: (51, at, at + held_ms * MS, Kind.GIL_HELD, 0, 101), first_ms=0)
    run.more.samples = samples(
        *((52, T0 + at * 100 * MS, waiting) for at in range(10 * SECONDS)),
        *((53, T0 + at * 100 * MS, 1.0) for at in range(10 * SECONDS)),
    )
    found = run.found()
    assert ("gil_convoy" in found) == heard
    if heard:
        assert {span["track"] for span in found["gil_convoy"]["evidence"]["spans"]} == {LOOP, THREAD}


def lock_rows(run: Run, held_ms: int, waiters: int, *, task: int = BY_THREAD) -> None:
    """A lock that is held for a part of every 100 ms, and awaited all the while by several."""
    run.more.tracks = [Track(LOCK, TrackKind.LOCK, "self.lock", SERVER, what="threading.Lock", place="app.py:3")]
    made = []
    for at in range(1_500, SECONDS * 1_000 - 600, 100):
        start = T0 + at * MS
        made.append((LOCK, start, start + held_ms * MS, Kind.LOCK_HELD, owner_argument(THREAD, task)))
        made += [(THREAD, start, start + 100 * MS, Kind.LOCK_WAIT, owner_argument(LOCK)) for _ in range(waiters)]
    run.rows = [(track, start, end, kind, 0, 0) for track, start, end, kind, _ in made]
    arguments = {(track, start, end): argument for track, start, end, _, argument in made}
    add = run.found

    def found() -> dict[str, Any]:
        original = spans

        def with_owners(*rows: Row) -> Any:
            rows_made = original(*rows)
            for row in rows_made:
                row["argument"] = np.uint64(arguments[int(row["track"]), int(row["start"]), int(row["end"])])
            return rows_made

        globals()["spans"] = with_owners
        try:
            return add()
        finally:
            globals()["spans"] = original

    run.found = found  # type: ignore[method-assign]


@pytest.mark.parametrize(("held_ms", "waiters", "heard"), [(95, 2, True), (60, 2, False), (95, 0, False)])
def test_lock_convoy(held_ms: int, waiters: int, heard: bool) -> None:
    run = Run(workload={"id": "convoy", "cured": False})
    lock_rows(run, held_ms, waiters)
    found = run.found()
    assert ("lock_convoy" in found) == heard
    assert "lock_across_await" not in found, "threads hold it"
    if heard:
        assert found["lock_convoy"]["change"]["set"] == {"workload.cured": True}
        assert found["lock_convoy"]["evidence"]["figures"]["place"] == "app.py:3"


@pytest.mark.parametrize(("held_ms", "waiters", "heard"), [(50, 2, True), (15, 2, False), (50, 0, False)])
def test_lock_across_await(held_ms: int, waiters: int, heard: bool) -> None:
    run = Run()
    lock_rows(run, held_ms, waiters, task=5)
    assert ("lock_across_await" in run.found()) == heard


def test_deadlock() -> None:
    run = Run()
    begin = T0 + 2 * S
    run.more.tracks = [
        Track(LOCK, TrackKind.LOCK, "A", SERVER, what="threading.Lock"),
        Track(LOCK + 1, TrackKind.LOCK, "B", SERVER, what="threading.Lock"),
    ]
    held = [OpenLock(Kind.LOCK_HELD, LOCK + at, begin, 0, 0, (LOOP, THREAD)[at], BY_THREAD, 0) for at in (0, 1)]
    waits = [
        OpenLock(Kind.LOCK_WAIT, (LOOP, THREAD)[at], begin + 1, 0, 0, LOCK + 1 - at, BY_THREAD, 0) for at in (0, 1)
    ]
    run.more.locks = held
    assert "deadlock" not in run.found()
    run.more.locks = [*held, *waits]
    run.more.tracks = [
        Track(LOCK, TrackKind.LOCK, "A", SERVER, what="threading.Lock"),
        Track(LOCK + 1, TrackKind.LOCK, "B", SERVER, what="threading.Lock"),
    ]
    found = run.found()["deadlock"]
    assert found["evidence"]["figures"]["lasts"] == 1
    assert {span["track"] for span in found["evidence"]["spans"]} == {LOCK, LOCK + 1}


@pytest.mark.parametrize(("mine", "busy_ms", "heard"), [(9, 95, True), (7, 95, False), (9, 40, False)])
def test_unbalanced_workers(mine: int, busy_ms: int, heard: bool) -> None:
    run = Run(model={"id": "prefork", "workers": 2})
    run.more.processes = [
        Process(SERVER, 100, Role.WORKER, "worker", 1, 1, "python3", T0),
        Process(WORKER, 102, Role.WORKER, "worker", 1, 1, "python3", T0),
    ]
    run.more.tracks = [
        Track(LOOP_2, TrackKind.LOOP, "MainThread", WORKER, tid=102, pid=102),
        Track(SERVED_2, TrackKind.REQUESTS, "requests", WORKER, pid=102),
    ]
    for at in range(1_000, SECONDS * 1_000 - 100, 100):
        start = T0 + at * MS
        run.add((LOOP, start, start + busy_ms // 4 * 4 * MS // 1, Kind.STEP, 0, 0))
        for number in range(10):
            run.add((SERVED if number < mine else SERVED_2, start, start + MS, Kind.REQUEST, 0, 200))
    assert ("unbalanced_workers" in run.found()) == heard


@pytest.mark.parametrize(("limit", "each", "heard"), [(5, 1, True), (0, 1, False), (5, 0, False)])
def test_connection_limit(limit: int, each: int, heard: bool) -> None:
    run = Run(server={"limit_concurrency": limit})
    for batch in run.batches[1:]:
        event = load_event(batch.now, [0.05], failed=each)
        batch.events = [event | {"statuses": {"200": 1, "503": each}}]
    assert ("connection_limit" in run.found()) == heard


@pytest.mark.parametrize(("answered", "heard"), [(14, True), (19, False)])
def test_queue_growth(answered: int, heard: bool) -> None:
    run = Run(load={"mode": "rate", "rate": 200.0})
    for batch in run.batches[1:]:
        batch.events = [load_event(batch.now, [0.05] * answered, sent=20)]
    found = run.found()
    assert ("queue_growth" in found) == heard
    if heard:
        assert found["queue_growth"]["evidence"]["figures"]["answered_rps"] == 140
        assert found["queue_growth"]["change"]["set"] == {"load.rate": 110.0}


@pytest.mark.parametrize(("lag", "heard"), [(0.012, True), (0.008, False)])
def test_send_lag(lag: float, heard: bool) -> None:
    run = Run()
    run.batches = steady(SECONDS, 20, 0.05, lag=lag)
    found = run.found()
    assert ("send_lag" in found) == heard
    if heard:
        assert found["send_lag"]["class"] == "load"


@pytest.mark.parametrize(("length_ms", "heard"), [(600, True), (400, False)])
def test_slow_consumer(length_ms: int, heard: bool) -> None:
    run = Run()
    begin = T0 + 3 * S
    run.add((SERVED, begin, begin + length_ms * MS, Kind.DRAIN_WAIT, 9, 0))
    assert ("slow_consumer" in run.found()) == heard


@pytest.mark.parametrize(("late_ms", "heard"), [(60, True), (45, False)])
def test_timers_late(late_ms: int, heard: bool) -> None:
    run = Run()
    run.every(500, lambda at: (LOOP, at, at + MS, Kind.TIMER, 0, late_ms * MS // TIME_UNIT_NS))
    run.every(500, lambda at: (LOOP, at - late_ms * MS, at, Kind.STEP, 0, 0))
    assert ("timers_late" in run.found()) == heard


def test_more_late_timers_than_are_kept_are_counted() -> None:
    run = Run()
    late = 90 * MS // TIME_UNIT_NS
    for more in range(10):  # ten timers every tenth of a second, all due while the loop was held
        run.every(100, lambda at: (LOOP, at, at + MS, Kind.TIMER, 0, late), 1_500 + more)
    count = len(run.rows)
    assert count > 512
    run.every(100, lambda at: (LOOP, at - 95 * MS, at, Kind.STEP, 0, 0))
    figures = run.found()["timers_late"]["evidence"]["figures"]
    assert figures["late"] == count
    assert figures["late"] <= figures["timers"]


@pytest.mark.parametrize(("length_ms", "heard"), [(12, True), (8, False)])
def test_gc_pauses(length_ms: int, heard: bool) -> None:
    run = Run()
    run.every(200, lambda at: (THREAD, at, at + length_ms * MS, Kind.GC, 0, 2))
    found = run.found()
    assert ("gc_pauses" in found) == heard
    if heard:
        assert found["gc_pauses"]["change"]["set"] == {"server.gc": False}


@pytest.mark.parametrize(("count", "heard"), [(96, True), (90, False)])
def test_file_descriptors(count: int, heard: bool) -> None:
    run = Run()
    run.more.tracks = [
        Track(FILES, TrackKind.COUNTER, "descriptors", 9, pid=100),
        Track(LIMIT, TrackKind.COUNTER, "descriptor_limit", 9, pid=100),
    ]
    run.more.samples = samples(
        *((track, T0 + at * S, value) for at in range(SECONDS) for track, value in ((FILES, count), (LIMIT, 100)))
    )
    found = run.found()
    assert ("file_descriptors" in found) == heard
    if heard:
        assert found["file_descriptors"]["class"] == "machine"


@pytest.mark.parametrize(("busy", "steal", "heard"), [(40, 0, True), (25, 0, False), (10, 6, True), (10, 4, False)])
def test_noisy_machine(busy: float, steal: float, heard: bool) -> None:
    """The run itself takes a tenth of two cores."""
    run = Run()
    run.more.tracks = [
        Track(MACHINE, TrackKind.COUNTER, "machine_cpu", 9),
        Track(CORES, TrackKind.COUNTER, "machine_cores", 9),
        Track(STEAL, TrackKind.COUNTER, "machine_steal", 9),
    ]
    rows = [(MACHINE, busy), (CORES, 2), (STEAL, steal)]
    run.more.samples = np.concatenate(
        (
            samples(*((track, T0 + at * S, value) for at in range(1, SECONDS) for track, value in rows)),
            samples(*((CPU, T0 + at * 100 * MS, 20.0) for at in range(1, SECONDS * 10))),
        )
    )
    assert ("noisy_machine" in run.found()) == heard
