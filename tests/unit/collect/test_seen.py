"""A request's way with what the sampler saw of the thread that worked for it."""

from typing import Any

import pytest

from explorer.collect.source import Array
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State, TrackKind
from tests.unit.collect.make import Row, row, spans
from tests.unit.collect.test_requests import MS, NOTHING, SERVER, Bench, R

PID, TID = 4001, 4321
PERIOD_US = 1_000


class Watched(Bench):
    """A bench whose worker is seen by a sampler that looks every millisecond."""

    def __init__(self, interpreter: str = "cpython 3.11.7") -> None:
        super().__init__()
        server: dict[str, Any] = {"number": 1, "pid": PID, "role": "server", "interpreter": interpreter}
        self.registry.join(server)
        self.thread = self.registry.track(TrackKind.THREAD, "worker", process=1, tid=TID, pid=PID).number
        self.states = self.registry.track(TrackKind.STATES, "", process=2, tid=TID, pid=PID).number

    def saw(self, start: int, end: int, state: State, flags: Flag = Flag.COMPLETE) -> Row:
        return row(Kind.THREAD_STATE, start, end, track=self.states, state=state, value=PERIOD_US, flags=flags)

    def work(self, start: int, end: int, cpu_ns: int | None = None) -> Row:
        job = row(Kind.JOB, start, end, request=R, track=self.thread, state=State.RUNNING, name=self.handler)
        return (*job[:3], span_argument(0, cpu_ns), *job[4:])

    def way(self, *rows: Row, unfinished: Array = NOTHING) -> list[tuple[float, float, str, State]]:
        """The pieces within the job, in ms, of a request that is answered after 100 ms."""
        ends = [self.client(0), self.server(0), *rows, self.server(0, 100 * MS), self.client(0, 100 * MS)]
        found = self.feed(*ends, until=200 * MS, unfinished=unfinished)
        return [(start / MS, end / MS, name, state) for start, end, name, state in found if name != "awaits"]


def test_a_job_waited_for_the_gil_where_its_thread_was_seen_to() -> None:
    bench = Watched()
    assert bench.way(
        bench.saw(0, 10 * MS, State.IDLE),
        bench.saw(10 * MS, 30 * MS, State.RUNNING),
        bench.saw(30 * MS, 60 * MS, State.WAITING_GIL),
        bench.saw(60 * MS, 70 * MS, State.RUNNABLE),
        bench.saw(70 * MS, 95 * MS, State.BLOCKED),
        bench.work(10 * MS, 90 * MS),
    ) == [
        (10, 30, "job", State.RUNNING),
        (30, 60, "waits for the GIL", State.WAITING_GIL),
        (60, 70, "waits for a core", State.RUNNABLE),
        (70, 90, "blocked in the system", State.BLOCKED),
    ]


def test_what_the_probe_traced_is_more_exact_than_what_was_seen() -> None:
    bench = Watched()
    call = row(
        Kind.CALL, 40 * MS, 60 * MS, request=R, track=bench.thread, state=State.BLOCKED, name=bench.sleep, depth=1
    )
    assert bench.way(bench.saw(35 * MS, 65 * MS, State.BLOCKED), call, bench.work(10 * MS, 90 * MS)) == [
        (10, 35, "job", State.RUNNING),
        (35, 40, "blocked in the system", State.BLOCKED),
        (40, 60, "time.sleep", State.BLOCKED),
        (60, 65, "blocked in the system", State.BLOCKED),
        (65, 90, "job", State.RUNNING),
    ]


def test_one_wait_may_reach_over_several_jobs_and_is_cut_to_them() -> None:
    bench = Watched()
    jobs = [bench.work(10 * MS, 20 * MS), bench.work(30 * MS, 40 * MS)]
    assert bench.way(jobs[0], bench.saw(15 * MS, 35 * MS, State.WAITING_GIL), jobs[1]) == [
        (10, 15, "job", State.RUNNING),
        (15, 20, "waits for the GIL", State.WAITING_GIL),
        (30, 35, "waits for the GIL", State.WAITING_GIL),
        (35, 40, "job", State.RUNNING),
    ]


def test_work_that_is_shorter_than_a_period_is_left_as_it_is() -> None:
    bench = Watched()
    short = round(10.9 * MS)
    assert bench.way(bench.work(10 * MS, short), bench.saw(10 * MS, 12 * MS, State.WAITING_GIL)) == [
        (10, 10.9, "job", State.RUNNING)
    ]


def test_a_job_that_hardly_ran_did_all_the_time_what_it_was_seen_to_do() -> None:
    bench = Watched()
    seen = bench.saw(40 * MS, 60 * MS, State.BLOCKED)
    assert [piece[2:] for piece in bench.way(bench.work(10 * MS, 90 * MS, cpu_ns=MS), seen)] == [
        ("blocked in the system", State.BLOCKED)
    ] * 3


def test_of_a_job_that_nobody_saw_it_is_known_that_it_was_not_on_a_core() -> None:
    bench = Watched()
    assert bench.way(bench.work(10 * MS, 90 * MS, cpu_ns=MS)) == [(10, 90, "not on a core: GIL or I/O", State.UNKNOWN)]


def test_where_there_is_no_gil_nothing_waits_for_it() -> None:
    bench = Watched("cpython 3.13.5 free-threaded")
    assert bench.way(bench.work(10 * MS, 90 * MS, cpu_ns=MS)) == [(10, 90, "not on a core: lock or I/O", State.UNKNOWN)]


def test_a_job_that_ran_for_about_as_long_as_it_seems_to_is_believed() -> None:
    bench = Watched()
    seen = bench.saw(40 * MS, 60 * MS, State.WAITING_GIL)
    assert bench.way(bench.work(10 * MS, 90 * MS, cpu_ns=50 * MS), seen) == [
        (10, 40, "job", State.RUNNING),
        (40, 60, "waits for the GIL", State.WAITING_GIL),
        (60, 90, "job", State.RUNNING),
    ]


def test_a_wait_that_goes_on_counts_up_to_the_end_of_the_job() -> None:
    bench = Watched()
    going = spans(bench.saw(70 * MS, 1 << 62, State.WAITING_GIL))
    assert bench.way(bench.work(10 * MS, 90 * MS), unfinished=going) == [
        (10, 70, "job", State.RUNNING),
        (70, 90, "waits for the GIL", State.WAITING_GIL),
    ]


def test_other_threads_of_the_same_process_are_not_mistaken_for_it() -> None:
    bench = Watched()
    bench.states = bench.registry.track(TrackKind.STATES, "", process=2, tid=TID + 1, pid=PID).number
    assert bench.way(bench.saw(20 * MS, 60 * MS, State.WAITING_GIL), bench.work(10 * MS, 90 * MS)) == [
        (10, 90, "job", State.RUNNING)
    ]


def test_what_was_seen_before_the_oldest_request_is_forgotten_and_the_rest_is_not() -> None:
    bench = Watched()
    bench.feed(bench.client(0), bench.server(0), until=MS)
    bench.requests.update(spans(bench.saw(20 * MS, 60 * MS, State.WAITING_GIL)))
    bench.feed(until=5_000 * MS)
    found = bench.feed(
        bench.work(10 * MS, 90 * MS), bench.server(0, 100 * MS), bench.client(0, 100 * MS), until=6_000 * MS
    )
    assert (20 * MS, 60 * MS, "waits for the GIL", State.WAITING_GIL) in found


def test_a_job_runs_for_as_long_as_it_was_on_a_core_whatever_the_sampler_estimated() -> None:
    bench = Watched()
    way = bench.way(bench.work(10 * MS, 30 * MS, cpu_ns=16 * MS), bench.saw(15 * MS, 25 * MS, State.RUNNABLE))
    assert way == [
        (10, 15, "job", State.RUNNING),
        (15, 21, "job", State.RUNNING),
        (21, 25, "waits for a core", State.RUNNABLE),
        (25, 30, "job", State.RUNNING),
    ]


def test_of_a_job_that_ran_for_a_while_only_the_rest_is_not_known() -> None:
    bench = Watched()
    assert bench.way(bench.work(10 * MS, 90 * MS, cpu_ns=20 * MS)) == [
        (10, pytest.approx(30, abs=0.001), "job", State.RUNNING),
        (pytest.approx(30, abs=0.001), 90, "not on a core: GIL or I/O", State.UNKNOWN),
    ]


def test_a_call_is_over_when_its_thread_wants_the_gil_again() -> None:
    bench = Watched()
    call = row(
        Kind.CALL, 40 * MS, 60 * MS, request=R, track=bench.thread, state=State.BLOCKED, name=bench.sleep, depth=1
    )
    assert bench.way(bench.saw(55 * MS, 62 * MS, State.WAITING_GIL), call, bench.work(10 * MS, 90 * MS)) == [
        (10, 40, "job", State.RUNNING),
        (40, 55, "time.sleep", State.BLOCKED),
        (55, 60, "waits for the GIL", State.WAITING_GIL),
        (60, 62, "waits for the GIL", State.WAITING_GIL),
        (62, 90, "job", State.RUNNING),
    ]


def test_what_is_given_back_to_a_job_bears_the_name_of_its_operation() -> None:
    bench = Watched()
    operation = row(
        Kind.OPERATION, 12 * MS, 28 * MS, request=R, name=bench.registry.name("endpoint"), track=SERVER, depth=1
    )
    seen = bench.saw(9 * MS, 31 * MS, State.RUNNABLE)
    way = bench.way(operation, bench.work(10 * MS, 30 * MS, cpu_ns=16 * MS), seen)
    assert [piece for piece in way if piece[3] != State.NONE] == [  # which is the operation itself
        (10, 12, "runs", State.RUNNING),
        (12, 26, "endpoint", State.RUNNING),
        (26, 30, "waits for a core", State.RUNNABLE),
    ]


def halves(bench: Watched, length: int, cpu_ns: int, told: int) -> list[tuple[float, float, str, State]]:
    """A job with a call in its middle, told of in part at `told` (ns), while it goes on, and then as a whole."""
    middle = length // 2
    call = row(
        Kind.CALL, middle, middle + MS, request=R, track=bench.thread, state=State.BLOCKED, name=bench.sleep, depth=1
    )
    going = bench.work(0, 1 << 62)
    unfinished = spans((*going[:3], span_argument(0, None), *going[4:]))
    made = bench.feed(bench.client(0), bench.server(0), call, until=told, unfinished=unfinished)
    made += bench.feed(
        bench.work(0, length, cpu_ns), bench.server(0, length), bench.client(0, length), until=2 * length
    )
    return [(start / MS, end / MS, name, state) for start, end, name, state in made]


def test_a_short_job_is_told_of_when_it_is_known_how_long_it_ran() -> None:
    way = halves(Watched(), length=200 * MS, cpu_ns=20 * MS, told=150 * MS)
    assert way == [
        (0, pytest.approx(20, abs=0.001), "job", State.RUNNING),
        (pytest.approx(20, abs=0.001), 100, "not on a core: GIL or I/O", State.UNKNOWN),
        (100, 101, "time.sleep", State.BLOCKED),
        (101, 200, "not on a core: GIL or I/O", State.UNKNOWN),
    ]


def test_what_a_long_job_was_already_told_to_run_is_not_told_twice() -> None:
    way = halves(Watched(), length=1_000 * MS, cpu_ns=600 * MS, told=800 * MS)
    assert way == [
        (0, 500, "job", State.RUNNING),
        (500, 501, "time.sleep", State.BLOCKED),
        (501, pytest.approx(601, abs=0.001), "job", State.RUNNING),
        (pytest.approx(601, abs=0.001), 1_000, "not on a core: GIL or I/O", State.UNKNOWN),
    ]
