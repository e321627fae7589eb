"""Charts: values by tenth of a second, dots, present usage."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.analysis.request_log import AT_ONCE, MOST_DOTS, SLOWEST, RequestLog
from explorer.analysis.run_log import SERIES
from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import Batch, Marker, OpenSpan, Track
from explorer.records.states import ABANDONED, NO_ANSWER, Kind, Role, State, TrackKind
from tests.unit.analysis.runs import ASKED, CPU, LOOP, MS, RSS, T0, S, declared, samples, spans, steady


def fed(batches: list[Batch]) -> RunStatistics:
    statistics = RunStatistics()
    for batch in batches:
        statistics.feed(batch)
    return statistics


def test_throughput_and_percentiles_of_a_steady_run() -> None:
    statistics = fed(steady(8, 200, 0.25))
    times, throughput = statistics.series("throughput", T0)
    assert len(times) == len(throughput) == 79
    assert times[0] == T0 + 100 * MS
    assert np.all(np.diff(times) == 100 * MS)
    assert throughput[10:].mean() == pytest.approx(200, rel=0.01)
    for name in ("p50_ms", "p99_ms"):
        values = statistics.series(name, T0 + 4 * S)[1]
        assert values == pytest.approx(250, rel=0.01)
    assert np.isnan(statistics.series("p50_ms", T0)[1][:2]).all(), "nothing was answered before 0.25 s"
    assert not statistics.series("failed", T0)[1].any()


def test_percentiles_look_back_one_second_and_no_further() -> None:
    statistics = fed([declared()])
    fast = [(ASKED, T0 + n * 10 * MS, T0 + n * 10 * MS + MS, Kind.CLIENT_REQUEST, n, 200) for n in range(100)]
    slow = (ASKED, T0, T0 + 1_950 * MS, Kind.CLIENT_REQUEST, 101, 200)
    statistics.feed(Batch(now=T0 + 4 * S, spans=spans(*fast, slow)))
    p50 = statistics.series("p50_ms", T0)[1]
    p99 = statistics.series("p99_ms", T0)[1]
    assert p50[9] == pytest.approx(1, rel=0.01)
    assert np.isfinite(p50[18])
    assert p99[19] == pytest.approx(1_950, rel=0.01)
    assert np.isfinite(p99[28])
    assert np.isnan(p99[29:]).all()


def test_failures_have_their_own_line() -> None:
    rows = [(ASKED, T0, T0 + n * MS, Kind.CLIENT_REQUEST, n, status) for n, status in enumerate((0, 500, 200), 1)]
    statistics = fed([declared(), Batch(now=T0 + S, spans=spans(*rows))])
    assert statistics.series("failed", T0)[1][0] == 20
    assert statistics.series("throughput", T0)[1][0] == 10
    numbers, ends, latencies, failed = statistics.dots(T0)
    assert numbers.tolist() == [1, 2, 3]
    assert ends.tolist() == [T0 + MS, T0 + 2 * MS, T0 + 3 * MS]
    assert latencies.tolist() == pytest.approx([1, 2, 3])
    assert failed.tolist() == [True, True, False]


def test_of_many_requests_the_slow_and_the_failed_keep_their_dots() -> None:
    log = RequestLog()
    for poll in range(1_000):
        end = T0 + poll * 20 * MS + np.arange(50) * MS // 4
        length, status, number = (
            np.full(50, MS),
            np.full(50, 200),
            np.arange(poll * 50, poll * 50 + 50, dtype=np.uint64),
        )
        if poll == 3:
            length[17] = 900 * MS
        if poll == 200:
            status[31] = 500
        log.show(end, length, status, number)
    dots = log.dots
    assert len(dots) <= MOST_DOTS
    assert np.all(np.diff(dots["time"]) >= 0)
    assert {3 * 50 + 17, 200 * 50 + 31} <= set(dots["request"].tolist())
    assert np.count_nonzero(dots["time"] >= T0 + 19_900 * MS) >= 5 * (AT_ONCE - SLOWEST), "the newest are dense"
    assert np.count_nonzero(dots["time"] < T0 + 10_000 * MS) > 500, "the oldest are still there"


def test_loop_lag_is_the_longest_wait_of_what_was_ready() -> None:
    rows = [
        (LOOP, T0, T0 + MS, Kind.IO, 0, (3 * MS) // 256),
        (LOOP, T0 + MS, T0 + 2 * MS, Kind.TIMER, 0, (8 * MS) // 256),
    ]
    statistics = fed([declared(), Batch(now=T0 + S, spans=spans(*rows))])
    lag = statistics.series("loop_lag_ms", T0)[1]
    assert lag[0] == pytest.approx(8, rel=0.01)
    assert not lag[1:].any()


def test_a_blocked_loop_shows_while_it_is_blocked_and_afterwards() -> None:
    statistics = fed([declared()])
    running = OpenSpan(LOOP, 0, T0 + 50 * MS, 1, 0, Kind.STEP, State.RUNNING)
    statistics.feed(Batch(now=T0 + 60 * MS, open_spans=[running]))
    for number in range(1, 21):
        statistics.feed(Batch(now=T0 + number * 100 * MS))
    live = statistics.series("loop_lag_ms", T0)[1]
    assert live[10] == pytest.approx(950, abs=1) or live[10] == pytest.approx(1_050, abs=1)
    ended = spans((LOOP, T0 + 50 * MS, T0 + 2_050 * MS, Kind.STEP, 0, 0))
    statistics.feed(Batch(now=T0 + 2_100 * MS, spans=ended, open_spans=[]))
    statistics.feed(Batch(now=T0 + 2_500 * MS))
    after = statistics.series("loop_lag_ms", T0)[1]
    assert after[19] == pytest.approx(1_950, abs=1)
    recorded = fed([declared(), Batch(now=T0 + 2_500 * MS, spans=ended)]).series("loop_lag_ms", T0)[1]
    assert recorded[1:20] == pytest.approx(np.arange(150, 2_050, 100), abs=1)


def test_the_ready_queue_is_a_mean_that_holds_while_the_loop_is_stuck() -> None:
    rows = [(LOOP, T0 + n * MS, T0 + n * MS + 1, Kind.SELECT, 0, ready) for n, ready in enumerate((2, 4, 6))]
    statistics = fed([declared(), Batch(now=T0 + S, spans=spans(*rows))])
    assert statistics.series("ready", T0)[1].tolist() == [4.0] * 9


def test_loops_of_ended_processes_stay_in_the_charts() -> None:
    """The fullest and the latest of all counts, each with what it was while it lived."""
    told = declared()
    server = told.processes[0]
    others = [replace(told.tracks[0], number=number) for number in (50, 51)]
    rows = [(LOOP, T0 + n * 100 * MS, T0 + n * 100 * MS + 1, Kind.SELECT, 0, 2) for n in range(10)]
    for number, ready in ((50, 3), (51, 5)):
        rows += [(number, T0 + 200 * MS, T0 + 200 * MS + 1, Kind.SELECT, 0, ready)]
        rows += [(number, T0 + 210 * MS, T0 + 220 * MS, Kind.CALLBACK, 0, ready * MS // 256)]
    ended = Batch(
        now=T0 + S,
        processes=[replace(server, number=9, pid=900, ended_ns=T0 + 400 * MS)],
        tracks=[replace(track, process=9, ended_ns=T0 + 400 * MS) for track in others],
        spans=spans(*rows),
    )
    statistics = fed([told, Batch(now=T0, processes=[replace(server, number=9, pid=900)], tracks=others), ended])

    assert statistics.series("ready", T0)[1].tolist() == [2, 2, 5, 5, 5, 2, 2, 2, 2]
    assert statistics.series("loop_lag_ms", T0)[1].tolist() == pytest.approx([0, 0, 5, *[0] * 6], abs=0.001)
    assert statistics._living == {LOOP}, "loops that no chart has to look at any more"


def test_cpu_and_memory_by_process_and_of_all_that_serve() -> None:
    rows = []
    for number in range(1, 11):
        rows += [(CPU, T0 + number * 100 * MS, 80.0), (RSS, T0 + number * 100 * MS, 50e6)]
    statistics = fed([declared(), Batch(now=T0 + 1_100 * MS, samples=samples(*rows))])
    assert statistics.series("cpu", T0, 100)[1][2:] == pytest.approx(0.8)
    assert statistics.series("cpu", T0)[1][2:] == pytest.approx(0.8)
    assert statistics.series("rss", T0, 100)[1][-1] == 50e6
    assert not statistics.series("cpu", T0, 999)[1].any()
    ((pid, cpu, rss),) = statistics.usage()
    assert (pid, rss) == (100, 50e6)
    assert cpu == pytest.approx(0.8)


def test_a_run_that_is_over_still_says_what_its_processes_used() -> None:
    told = declared()
    server, load = told.processes
    rows = []
    for number in range(1, 11):
        rows += [(CPU, T0 + number * 100 * MS, 80.0), (RSS, T0 + number * 100 * MS, 50e6)]
    statistics = fed([told, Batch(now=T0 + 1_100 * MS, samples=samples(*rows))])
    gone = replace(server, ended_ns=T0 + 1_050 * MS)
    statistics.feed(Batch(now=T0 + 9_000 * MS, processes=[gone]))
    assert statistics.usage() == [], "the load goes on: the server is gone"
    statistics.feed(Batch(now=T0 + 9_000 * MS, processes=[gone, replace(load, ended_ns=T0 + 2_000 * MS)]))
    ((pid, cpu, rss),) = statistics.usage()
    assert (pid, rss) == (100, 50e6)
    assert cpu == pytest.approx(0.8)


def test_what_is_given_up_when_the_load_is_to_end_has_not_failed() -> None:
    ends = ((150, NO_ANSWER), (450, ABANDONED), (460, NO_ANSWER))
    given_up = [(ASKED, T0 + 100 * MS, T0 + at * MS, Kind.CLIENT_REQUEST, at, value) for at, value in ends]
    ended = Marker(T0 + 400 * MS, "end", "Load ends")
    statistics = fed([declared(), Batch(now=T0 + 900 * MS, spans=spans(*given_up), markers=[ended])])
    _, failed = statistics.series("failed", T0)
    assert float(failed.sum()) * 0.1 == pytest.approx(2), "those that broke, before and after"


def test_of_processes_that_come_and_go_a_run_that_is_over_counts_those_that_were_there_together() -> None:
    told = declared()
    server, load = told.processes
    # Each lives for half a second, one after the other; the run ends at 3 s.
    passing = [
        replace(server, number=100 + n, pid=500 + n, role=Role.CONNECTION, started_ns=T0 + 500 * n * MS,
                ended_ns=T0 + 500 * (n + 1) * MS)
        for n in range(6)
    ]  # fmt: skip
    tracks = [Track(200 + one.number, TrackKind.COUNTER, "rss", 3, pid=one.pid, unit="B") for one in passing]
    rows = [
        (200 + one.number, T0 + at * MS, 20e6)
        for one in passing
        for at in range((one.started_ns - T0) // MS, (one.ended_ns - T0) // MS, 100)  # type: ignore[operator]
    ]
    statistics = fed([told, Batch(now=T0 + 3_100 * MS, processes=passing, tracks=tracks, samples=samples(*rows))])
    over = [replace(server, ended_ns=T0 + 3_000 * MS), replace(load, ended_ns=T0 + 3_000 * MS)]
    statistics.feed(Batch(now=T0 + 9_000 * MS, processes=over))
    assert [pid for pid, _, _ in statistics.usage()] == [505]


def test_what_observing_costs_is_estimated_from_spans_and_cpu() -> None:
    statistics = fed([declared()])
    assert statistics.observing_share() is None
    rows = [(LOOP, T0 + n * 10_000, T0 + n * 10_000 + 5_000, Kind.STEP, 0, 0) for n in range(20_000)]
    cpu = [(CPU, T0 + n * 100 * MS, 100.0) for n in range(1, 11)]
    statistics.feed(Batch(now=T0 + 1_100 * MS, spans=spans(*rows), samples=samples(*cpu)))
    assert statistics.observing_share() == pytest.approx(0.01, rel=0.15)


@pytest.mark.parametrize("name", SERIES)
def test_every_series_is_there_before_anything_has_happened(name: str) -> None:
    times, values = RunStatistics().series(name, 0)
    assert len(times) == len(values) == 0
    times, values = fed([declared(T0 + S)]).series(name, T0)
    assert len(times) == len(values) == 9


def test_an_unknown_series_names_those_that_there_are() -> None:
    with pytest.raises(KeyError, match="throughput"):
        RunStatistics().series("happiness", 0)


def test_tracks_and_times_that_make_no_sense_cost_nothing() -> None:
    rows = spans((ASKED, T0, T0 + MS, Kind.CLIENT_REQUEST, 1, 200), (LOOP, 5, 10**18, Kind.STEP, 0, 0))
    rows["track"][0] = 4_000_000_000
    statistics = fed([*steady(2, 100, 0.1), Batch(now=T0 + 2 * S, spans=rows)])
    assert statistics.series("throughput", T0)[1].sum() / 10 > 150


def test_a_pause_of_days_costs_nothing() -> None:
    statistics = fed(steady(2, 100, 0.1))
    later = T0 + 86_400 * 30 * S
    late = (ASKED, later - 5 * MS, later - MS, Kind.CLIENT_REQUEST, 1, 200)
    statistics.feed(Batch(now=later, spans=spans(late)))
    statistics.feed(Batch(now=later + S))
    assert statistics.requests.dots[-1]["time"] == later - MS
