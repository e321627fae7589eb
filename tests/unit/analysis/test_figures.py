"""The JSON of a run: its schema, its window, what makes it not valid, and that a recording gives the same."""

import json
import tracemalloc
import types
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from explorer.analysis.schema import Figures
from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import Batch, Marker, OpenSpan, Process, Tally, Track
from explorer.load.histogram import Histogram
from explorer.recording.file_source import FileSource
from explorer.recording.writer import RecordingWriter
from explorer.records.states import Kind, Role, State, TrackKind
from tests.unit.analysis.runs import (
    ASKED,
    CPU,
    LOAD,
    LOOP,
    MS,
    RSS,
    SCENARIO,
    SERVED,
    SERVER,
    T0,
    THREAD,
    THREAD_CPU,
    S,
    declared,
    load_event,
    samples,
    spans,
    steady,
)


def check(value: object, hint: Any, where: str = "figures") -> None:
    """Fail unless `value` is exactly what the type says: every key there, none more, numbers where numbers stand."""
    origin = get_origin(hint)
    if is_typeddict(hint):
        assert isinstance(value, dict), where
        hints = get_type_hints(hint)
        assert value.keys() == hints.keys(), where
        for key, each in hints.items():
            check(value[key], each, f"{where}.{key}")
    elif origin is types.UnionType:
        kinds = [each for each in get_args(hint) if each is not type(None)]
        if value is not None or len(kinds) == len(get_args(hint)):
            check(value, kinds[0], where)
    elif origin is list:
        assert isinstance(value, list), where
        for each in value:
            check(each, get_args(hint)[0], f"{where}[]")
    elif origin is dict:
        assert isinstance(value, dict), where
    elif hint is float:
        assert type(value) in (int, float), where
    else:
        assert type(value) is hint, where


def fed(batches: list[Batch]) -> RunStatistics:
    statistics = RunStatistics()
    for batch in batches:
        statistics.feed(batch)
    return statistics


def scenario(**load: Any) -> dict[str, Any]:
    return SCENARIO | {"load": SCENARIO["load"] | load}


def test_a_steady_run_has_the_figures_it_was_made_of() -> None:
    figures = fed(steady(20, 200, 0.5)).figures(SCENARIO, {"python": "3.11"})
    assert figures["valid"]
    assert figures["invalid_reason"] is None
    assert figures["throughput_rps"] == pytest.approx(200, rel=0.01)
    assert figures["latency_ms"]["mean"] == pytest.approx(500, rel=0.001)
    assert figures["latency_ms"]["p99_9"] == pytest.approx(500, rel=0.01)
    assert figures["latency_ms"]["max"] == pytest.approx(500)
    assert figures["send_lag_p99_ms"] == pytest.approx(0, abs=0.01)
    assert figures["window"] == {"start_s": 1.0, "end_s": 20.0}
    assert figures["requests"]["ok"] == 3_800
    assert figures["requests_total"] == {"sent": 4_000, "ok": 3_900, "failed": 0, "timed_out": 0, "statuses": {}}
    assert figures["makespan_s"] == pytest.approx(20, abs=0.1)
    assert figures["telemetry"] == {"written": 3_900, "read": 3_900, "lost": 0, "rings": 2}
    assert figures["versions"] == {"python": "3.11", "server": "python3"}
    assert figures["scenario"] == SCENARIO


def test_what_was_received_beside_answers_counts_in_the_window_and_in_all() -> None:
    batches = steady(20, 200, 0.5)
    first = Histogram()
    first.add([0.02])
    for batch in batches[1:]:
        times = {"first_event": first.to_bins(), "first_event_sum": 0.02, "first_event_max": 0.02}
        batch.events[0] = {**batch.events[0], "events": 7, "resumed": 1, **times}
    # Events that go on to come when no answer does are no answers.
    now = T0 + 21 * S
    batches.append(Batch(now=now, events=[load_event(now, [], events=5)], tally=Tally(3_900, 3_900, 0, 2)))
    statistics = fed(batches)
    figures = statistics.figures(SCENARIO)
    assert figures["received"] == {"events": 190 * 7 + 5, "resumed": 190}
    assert figures["received_total"] == {"events": 200 * 7 + 5, "resumed": 200}
    assert figures["first_event_ms"]["mean"] == pytest.approx(20)
    assert figures["makespan_s"] == pytest.approx(20, abs=0.1)
    check(figures, Figures)
    total = {"type": "load_total", "time": T0 + 22 * S, "sent": 7, "ok": 6, "events": 2_000, "resumed": 201}
    statistics.feed(Batch(now=T0 + 22 * S, events=[total]))
    assert statistics.figures(SCENARIO)["received_total"] == {"events": 2_000, "resumed": 201}


def test_a_recording_from_before_there_were_events_has_none() -> None:
    figures = fed(steady(5, 200, 0.5)).figures(SCENARIO)
    assert figures["received"] == figures["received_total"] == {"events": 0, "resumed": 0}
    assert figures["first_event_ms"]["p50"] is None


def test_warm_up_is_two_mean_responses_when_they_are_long() -> None:
    figures = fed(steady(20, 50, 1.5)).figures(SCENARIO)
    assert figures["window"]["start_s"] == pytest.approx(3.0, abs=0.11)
    assert figures["valid"]


def test_the_window_ends_with_the_load_not_with_its_drain() -> None:
    batches = steady(10, 100, 0.1)
    for number in range(20):
        now = T0 + 10 * S + (number + 1) * 100 * MS
        batches.append(Batch(now=now, events=[load_event(now, [0.1], sent=0)], tally=Tally(1, 1, 0, 0, 1)))
    assert fed(batches).figures(scenario(duration=10.0))["window"]["end_s"] == pytest.approx(10, abs=0.06)
    batches[-1].markers.append(Marker(T0 + 9 * S, "end", "Load ends"))
    assert fed(batches).figures(SCENARIO)["window"]["end_s"] == pytest.approx(9, abs=0.06)
    total = {"type": "load_total", "time": T0 + 8 * S, "sent": 7, "ok": 6, "first_send": T0, "last_answer": T0 + 5 * S}
    batches.append(Batch(now=T0 + 13 * S, events=[total]))
    statistics = fed(batches)
    figures = statistics.figures(SCENARIO)
    assert figures["window"]["end_s"] == pytest.approx(8, abs=0.06)
    assert figures["makespan_s"] == 5
    assert figures["requests_total"] == {"sent": 7, "ok": 6, "failed": 0, "timed_out": 0, "statuses": {}}


@pytest.mark.parametrize(
    ("batches", "word"),
    [
        ([declared()], "No request was sent"),
        (steady(3, 100, 0.5), "too short: warm-up and five responses take 3.5 s, it lasted 3.0 s"),
        (steady(10, 100, 0.1, lag=0.05), "could not send in time"),
        (steady(10, 100, 0.1, lost=1_204), "1,204 records were lost"),
        ([declared(), Batch(now=T0 + S, events=[load_event(T0 + S, [], sent=5, failed=5)])], "No request was answered"),
    ],
)
def test_what_cannot_be_trusted_is_not_valid_and_says_why(batches: list[Batch], word: str) -> None:
    figures = fed(batches).figures(SCENARIO)
    assert not figures["valid"]
    assert word in str(figures["invalid_reason"])
    check(figures, Figures)


def test_a_run_whose_requests_were_answered_with_errors_only_says_how() -> None:
    refused = {"errors": {"status 422": 24_479, "connection refused": 1}}
    batches = [
        declared(),
        Batch(now=T0 + 3 * S, events=[load_event(T0 + 3 * S, [], failed=24_480, sent=24_480) | refused]),
    ]
    reason = str(fed(batches).figures(SCENARIO)["invalid_reason"])
    assert reason.startswith("No request succeeded: 24,479 × 422, 1 × connection refused.")
    batches = steady(1, 100, 0.1)
    for second in range(2, 10):
        now = T0 + second * S
        batches.append(Batch(now=now, events=[load_event(now, [], failed=2, sent=2) | {"errors": {"status 500": 2}}]))
    reason = str(fed(batches).figures(SCENARIO)["invalid_reason"])
    assert reason.startswith("No request succeeded after the warm-up: ")
    assert reason.endswith(" × 500.")


def test_the_window_of_a_run_that_is_measured_whole_reaches_to_its_last_answers() -> None:
    batches = steady(2, 10, 1.5)
    for number in range(20):
        now = T0 + 2 * S + (number + 1) * 100 * MS
        batches.append(Batch(now=now, events=[load_event(now, [1.5], sent=0)]))
    figures = fed(batches).figures(scenario(duration=2.0))
    assert not figures["valid"]
    window, answered = figures["window"], figures["requests"]["ok"]
    assert window["start_s"] == 0
    assert window["end_s"] == pytest.approx(4, abs=0.06)
    assert figures["throughput_rps"] == pytest.approx(answered / 4, rel=0.05)


def test_a_run_that_went_silent_after_its_warm_up_is_not_valid() -> None:
    batches = steady(1, 100, 0.01)
    for number in range(11, 101):
        now = T0 + number * 100 * MS
        batches.append(Batch(now=now, events=[load_event(now, [], sent=0)]))
    figures = fed(batches).figures(SCENARIO)
    assert figures["requests"]["ok"] == 0
    assert not figures["valid"]
    assert "No request was answered after the warm-up" in str(figures["invalid_reason"])


def test_a_run_that_failed_is_not_valid_whatever_was_measured() -> None:
    died = "Server 7 was ended by signal 9."
    for batches, knobs in ((steady(10, 100, 0.1), {}), ([declared()], {}), (steady(10, 100, 0.1), {"mode": "burst"})):
        figures = fed(batches).figures(scenario(**knobs), {}, died)
        assert not figures["valid"]
        assert str(figures["invalid_reason"]).startswith(died)


@pytest.mark.parametrize(
    ("told_s", "ended_s", "valid"),
    [
        (5.0, 5.1, False),  # told at half time, and it answered
        (5.0, 0.0, False),  # told at half time, the load was gone
        (10.2, 10.1, True),  # it ended by itself; the rest was told a moment later
        (9.0, 8.9, True),  # the same; its first request was late, its duration was over nevertheless
        (0.0, 0.0, True),  # it goes on
    ],
)
def test_a_run_that_was_ended_before_its_time_is_not_valid(told_s: float, ended_s: float, valid: bool) -> None:
    batches = steady(10, 100, 0.1)
    if ended_s:
        total = {"type": "load_total", "time": T0 + round(ended_s * S), "sent": 900, "ok": 900, "first_send": T0}
        batches.append(Batch(now=T0 + 11 * S, events=[total]))
    if told_s:
        batches.append(Batch(now=T0 + 11 * S, markers=[Marker(T0 + round(told_s * S), "end", "Load ends")]))
    figures = fed(batches).figures(scenario(duration=10.0))
    assert figures["valid"] is valid
    assert valid or "ended after 5.0 s of its 10 s" in str(figures["invalid_reason"])


def test_a_burst_is_measured_whole() -> None:
    batches = [declared()]
    for number in range(1, 33):
        now = T0 + number * 100 * MS
        answers = [number / 10] * 40 if number in (10, 20, 30) else []
        batches.append(Batch(now=now, events=[load_event(now, answers, sent=120 if number == 1 else 0)]))
    figures = fed(batches).figures(scenario(mode="burst"))
    assert figures["valid"]
    assert figures["requests"] == {"sent": 120, "ok": 120, "failed": 0, "timed_out": 0, "statuses": {}}
    assert figures["makespan_s"] == pytest.approx(3.0)
    assert figures["throughput_rps"] == pytest.approx(40)
    assert figures["window"] == {"start_s": 0.0, "end_s": 3.0}


def test_the_last_answer_of_a_burst_counts_wherever_it_falls() -> None:
    batches = [declared(), Batch(now=T0 + S, events=[load_event(T0 + S, [0.01] * 9, sent=10)])]
    batches.append(Batch(now=T0 + 2 * S, events=[load_event(T0 + 1_100 * MS, [0.2])]))
    total = {"type": "load_total", "time": T0 + 2 * S, "sent": 10, "ok": 10, "first_send": T0 + 950 * MS}
    batches.append(Batch(now=T0 + 2 * S, events=[total | {"last_answer": T0 + 1_001 * MS}]))
    figures = fed(batches).figures(scenario(mode="burst"))
    assert figures["requests"]["ok"] == 10
    assert figures["makespan_s"] == pytest.approx(0.051)
    assert figures["throughput_rps"] == pytest.approx(10 / 0.051, rel=0.001)


def test_a_run_shorter_than_its_warm_up_is_told_whole() -> None:
    figures = fed(steady(0.8, 100, 0.1)).figures(SCENARIO)
    assert not figures["valid"]
    assert figures["requests"]["ok"] == 70
    assert figures["window"] == {"start_s": 0.0, "end_s": 0.8}


def test_loops_are_measured_in_the_window_only() -> None:
    batches = steady(10, 100, 0.1)
    blocked = spans((LOOP, T0 + 500 * MS, T0 + 900 * MS, Kind.STEP, 0, 0))
    batches.insert(10, Batch(now=T0 + 950 * MS, spans=blocked))
    rows = []
    for number in range(200):
        at = T0 + 2 * S + number * 10 * MS
        rows.append((LOOP, at, at + 5 * MS, Kind.SELECT, 0, 1))
        rows.append((LOOP, at + 5 * MS, at + 10 * MS, Kind.STEP, 0, (2 * MS) // 256))
    batches.append(Batch(now=T0 + 10 * S, spans=spans(*rows)))
    (loop,) = fed(batches).figures(SCENARIO)["event_loops"]
    assert loop["pid"] == 100
    assert loop["iterations"] == 200
    assert loop["busy_fraction"] == pytest.approx(1.0 / 9, rel=0.02)
    assert loop["longest_callback_ms"] == pytest.approx(5)
    assert loop["ready_wait_p99_ms"] == pytest.approx(2, rel=0.01)
    assert loop["latest_timer_ms"] is None


def test_the_latest_timer_of_the_window_is_told() -> None:
    batches = steady(10, 100, 0.1)
    late = ((500, 90), (3_000, 7), (6_000, 40), (6_010, 12))  # the first before the window begins
    timers = [(LOOP, T0 + at * MS, T0 + at * MS + MS, Kind.TIMER, 0, by * MS // 256) for at, by in late]
    blocked = (LOOP, T0 + 4 * S, T0 + 4 * S + MS, Kind.STEP, 0, 80 * MS // 256)
    batches.append(Batch(now=T0 + 10 * S, spans=spans(*timers, blocked)))
    (loop,) = fed(batches).figures(SCENARIO)["event_loops"]
    assert loop["latest_timer_ms"] == pytest.approx(40, rel=0.01)
    one_by_one = [Batch(now=T0 + 10 * S, spans=spans(row)) for row in (*timers, blocked)]
    (loop,) = fed([*steady(10, 100, 0.1), *one_by_one]).figures(SCENARIO)["event_loops"]
    assert loop["latest_timer_ms"] == pytest.approx(40, rel=0.01)


def test_a_long_callback_is_the_longest_and_fills_the_time_it_took() -> None:
    batches = steady(10, 100, 0.1)
    rows = [(LOOP, T0 + 2 * S + n * 200 * MS, T0 + 2 * S + (n + 1) * 200 * MS, Kind.STEP, 0, 0) for n in range(40)]
    batches.append(Batch(now=T0 + 10 * S, spans=spans(*rows)))
    (loop,) = fed(batches).figures(SCENARIO)["event_loops"]
    assert loop["longest_callback_ms"] == pytest.approx(200)
    assert loop["busy_fraction"] == pytest.approx(8 / 9, rel=0.01)
    assert loop["iterations"] is None
    assert loop["ready_wait_p99_ms"] is None


def test_a_callback_that_never_ended_counts_as_busy() -> None:
    batches = steady(10, 100, 0.1)
    since = T0 + 4 * S
    opened = OpenSpan(LOOP, 0, since, 1, 0, Kind.STEP, State.RUNNING)
    rows = [(LOOP, T0, T0 + 5 * MS, Kind.SELECT, 0, 1), (LOOP, T0 + 5 * MS, since, Kind.STEP, 0, 0)]
    batches += [Batch(now=since + 10 * MS, spans=spans(*rows)), Batch(now=T0 + 5 * S, open_spans=[opened])]
    batches += [Batch(now=T0 + 20 * S), Batch(now=T0 + 20 * S + MS, open_spans=[])]  # ended by force
    (loop,) = fed(batches).figures(SCENARIO)["event_loops"]
    assert loop["busy_fraction"] == pytest.approx(1.0)
    assert loop["iterations"] == 0, "it tells them, there were none"
    # When it ends nevertheless, it counts once.
    rows = [(LOOP, since, T0 + 6 * S, Kind.STEP, 0, 0)]
    batches.append(Batch(now=T0 + 21 * S, spans=spans(*rows)))
    (loop,) = fed(batches).figures(SCENARIO)["event_loops"]
    assert loop["busy_fraction"] == pytest.approx(5 / 9, rel=0.02)


def test_a_loop_is_as_busy_as_it_was_while_it_lived() -> None:
    """A worker that was replaced half-way was busy all its life, and so was the one that came for it."""
    batches = steady(10, 100, 0.1)
    second, middle = 4, T0 + 6 * S
    old = next(each for each in batches[0].processes if each.number == SERVER)
    batches[0].processes.append(replace(old, number=second, pid=101, started_ns=middle))
    batches[0].tracks.append(Track(90, TrackKind.LOOP, "MainThread", second, tid=101, pid=101))
    rows = [(LOOP, T0 + n * 50 * MS, T0 + (n + 1) * 50 * MS, Kind.STEP, 0, 0) for n in range(20, 120)]
    rows += [(90, T0 + n * 50 * MS, T0 + (n + 1) * 50 * MS, Kind.STEP, 0, 0) for n in range(120, 160)]
    batches.append(Batch(now=T0 + 10 * S, spans=spans(*rows), processes=[replace(old, ended_ns=middle)]))
    loops = fed(batches).figures(SCENARIO)["event_loops"]
    assert [loop["busy_fraction"] for loop in loops] == [pytest.approx(1.0, abs=0.02), pytest.approx(0.5, abs=0.02)]
    ended = replace(batches[0].tracks[0], ended_ns=T0 + 100 * MS)
    batches.append(Batch(now=T0 + 10 * S, tracks=[ended]))
    assert fed(batches).figures(SCENARIO)["event_loops"][0]["busy_fraction"] == 0, "it was gone before the window"


@pytest.mark.parametrize(
    ("model", "per"),
    [
        ("event_loop", "server"),
        ("prefork", "worker"),
        ("thread_per_connection", "connection"),
        ("process_per_connection", "connection"),
    ],
)
def test_tokens_are_told_for_what_has_a_loop(model: str, per: str) -> None:
    pool = fed(steady(10, 100, 0.1)).figures({**SCENARIO, "model": {"id": model}, "dispatch": {"tokens": 4}})[
        "thread_pool"
    ]
    assert pool is not None
    assert (pool["tokens"], pool["per"]) == (4, per)


def test_the_thread_pool_tells_tokens_peak_and_wait() -> None:
    batches = steady(10, 100, 0.1)
    rows = []
    for number in range(100):
        at = T0 + 3 * S + number * MS
        rows.append((SERVED, at, at + 30 * MS, Kind.TOKEN_WAIT, LOAD << 40 | number, min(number + 1, 40)))
    batches.append(Batch(now=T0 + 10 * S, spans=spans(*rows)))
    pool = fed(batches).figures(SCENARIO)["thread_pool"]
    assert pool is not None
    assert (pool["tokens"], pool["peak"], pool["per"]) == (40, 40, "server")
    assert pool["wait_p99_ms"] == pytest.approx(30, rel=0.01)
    own = {"load": SCENARIO["load"]}  # an app of the user's own says how many it has, and nobody else knows
    for told, tokens in (({}, None), ({"tokens": 40}, 40), ({"tokens": "many"}, None)):
        extra = [Batch(now=T0 + 10 * S, events=[{"type": "thread_tokens", **told}])]
        pool = fed(batches + extra).figures(own)["thread_pool"]
        assert pool is not None
        assert (pool["tokens"], pool["peak"]) == (tokens, 40), "no more than there are"
    assert fed(steady(10, 100, 0.1) + extra).figures(own)["thread_pool"] is None
    without = fed(steady(10, 100, 0.1)).figures(SCENARIO | {"dispatch": {"id": "coroutine"}})
    assert without["thread_pool"] is None


@pytest.mark.parametrize("sent_ms", [10, 60, 90])
def test_the_tokens_that_a_burst_takes_at_once_are_its_peak(sent_ms: int) -> None:
    sent = T0 + sent_ms * MS
    rows = [(SERVED, sent, sent + MS, Kind.TOKEN_WAIT, LOAD << 40 | number, number + 1) for number in range(40)]
    total = {"type": "load_total", "time": T0 + 2 * S, "sent": 40, "ok": 40, "first_send": sent}
    answers = Batch(now=T0 + 2 * S, events=[load_event(T0 + 1_100 * MS, [1.0] * 40, sent=40)], spans=spans(*rows))
    figures = fed([declared(), answers, Batch(now=T0 + 2 * S, events=[total])]).figures(scenario(mode="burst"))
    assert figures["thread_pool"] is not None
    assert figures["thread_pool"]["peak"] == 40


def test_processes_and_threads_have_the_cpu_and_memory_of_the_window() -> None:
    batches = steady(11, 100, 0.1)
    rows = []
    for number in range(110):
        at = T0 + (number + 1) * 100 * MS
        rows += [(CPU, at, 50.0), (RSS, at, 80e6 if number != 30 else 95e6)]
    rows += [(THREAD_CPU, T0 + number * S, 0.25 * number) for number in range(12)]
    batches.append(Batch(now=T0 + 11 * S, samples=samples(*rows)))
    jobs = [(THREAD, T0 + n * 100 * MS, T0 + n * 100 * MS + 50 * MS, Kind.JOB, 0, 0) for n in range(20, 30)]
    batches.append(Batch(now=T0 + 11 * S, spans=spans(*jobs)))
    served = [(LOOP, T0 + n * 500 * MS, T0 + n * 500 * MS + 50 * MS, Kind.REQUEST, 0, 0) for n in range(22)]
    batches.append(Batch(now=T0 + 11 * S, spans=spans(*served)))
    server, load = fed(batches).figures(SCENARIO)["processes"]
    assert (server["pid"], server["role"]) == (100, "server")
    assert server["requests"] == 20, "two of them came before the window"
    assert server["cpu_s"] == pytest.approx(0.5 * 10, rel=0.03)
    assert server["rss_mb_max"] == 95
    worker = next(thread for thread in server["threads"] if thread["tid"] == 101)
    assert worker == {
        "tid": 101,
        "name": "AnyIO worker",
        "spans": 10,
        "cpu_s": pytest.approx(2.5, rel=0.02),
        "cpu_fraction": pytest.approx(0.25, rel=0.02),
        "states": None,
    }
    unknown = dict.fromkeys(("host", "requests", "cpu_s", "rss_mb_max", "gil"))
    assert load == {"pid": 200, "role": "load", "interpreter": "python3", "threads": [], **unknown}


@pytest.mark.parametrize("at_once", [True, False])
def test_processes_that_had_one_pid_one_after_the_other_have_their_own_figures(at_once: bool) -> None:
    """As connections' processes do; the time between them is nobody's. A recording declares all at once."""
    later, later_cpu, later_rss = LOAD + 1, THREAD_CPU + 1, THREAD_CPU + 2
    again = Batch(
        now=T0 + 9 * S,
        processes=[Process(later, 100, Role.CONNECTION, "connection", 1, 1, "python3", T0 + 8 * S)],
        tracks=[
            Track(later_cpu, TrackKind.COUNTER, "cpu", 3, pid=100, unit="%"),
            Track(later_rss, TrackKind.COUNTER, "rss", 3, pid=100, unit="B"),
        ],
    )
    first = Batch(
        now=T0 + 3 * S, samples=samples((RSS, T0 + 2 * S, 80e6), (RSS, T0 + 3 * S, 80e6), (CPU, T0 + 3 * S, 50.0))
    )
    rows = samples((later_rss, T0 + 8 * S, 20e6), (later_rss, T0 + 9 * S, 20e6), (later_cpu, T0 + 9 * S, 100.0))
    second = Batch(now=T0 + 9 * S, samples=rows)
    order = [declared(), again, first, second] if at_once else [declared(), first, again, second]
    figures = fed([*order, *steady(11, 100, 0.1)[1:]]).figures(scenario(mode="burst"))

    server, _, connection = figures["processes"]
    assert [server["cpu_s"], connection["cpu_s"]] == [pytest.approx(0.5), pytest.approx(1.0)]
    assert [server["rss_mb_max"], connection["rss_mb_max"]] == [80, 20]


def test_loops_that_have_ended_take_little_memory() -> None:
    """A process for each connection: a loop that lives for a moment, two hundred times a second."""
    many = range(100, 300)
    batches = [declared()]
    for number in many:
        row = (number, T0 + S, T0 + S + MS, Kind.STEP, 0, 5)
        ended = Track(number, TrackKind.LOOP, "MainThread", SERVER, pid=100, ended_ns=T0 + S)
        batches.append(Batch(now=T0 + S, tracks=[replace(ended, ended_ns=None)]))
        batches.append(Batch(now=T0 + S, tracks=[ended], spans=spans(row)))
    tracemalloc.start()
    statistics = fed(batches)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(statistics.loops) == 1 + len(many)
    assert used / len(many) < 6_000


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_the_first_cpu_sample_stands_for_the_time_since_the_first_reading(in_one_batch: bool) -> None:
    """With very many processes the sampler reads each only once a second."""
    batches = steady(10, 100, 0.1)
    rows = [(RSS, T0 + number * S, 80e6) for number in range(1, 11)]
    rows += [(CPU, T0 + number * S, 50.0) for number in range(2, 11)]
    rows.sort(key=lambda row: row[1])
    for part in [rows] if in_one_batch else [[row] for row in rows]:
        batches.append(Batch(now=T0 + 10 * S, samples=samples(*part)))
    assert fed(batches).vitals[SERVER].cpu_s.sum(0, 1 << 62) == pytest.approx(0.5 * 9)


def test_figures_follow_the_schema_and_are_json() -> None:
    batches = steady(10, 100, 0.1)
    batches[5].samples = samples((CPU, T0 + S, 50.0), (RSS, T0 + S, 1e6), (THREAD_CPU, T0 + S, 1.0))
    figures = fed(batches).figures(SCENARIO, {"python": "3.11"})
    check(figures, Figures)
    assert json.loads(json.dumps(figures)) == figures
    faults: list[dict[str, Any]] = [{"valid": "yes"}, {"more": 1}, {"makespan_s": "3"}, {"latency_ms": {}}]
    for wrong in faults:
        with pytest.raises(AssertionError):
            check(dict(figures) | wrong, Figures)


def test_a_recording_gives_the_same_figures(run_folder: Path) -> None:
    batches = steady(12, 100, 0.1)
    (run_folder / "run.json").write_text('{"schema":1}')
    writer = RecordingWriter(run_folder)
    for batch in batches:
        writer.feed(batch)
    writer.close()
    source, recorded = FileSource(run_folder, chunk_spans=300), RunStatistics()
    while not source.finished:
        recorded.feed(source.poll())
    source.close()
    assert recorded.figures(SCENARIO) == fed(batches).figures(SCENARIO)


def test_the_servers_python_is_told_beside_the_explorers_own() -> None:
    batches = steady(2, 10, 0.1)
    batches[0].processes[0] = replace(batches[0].processes[0], interpreter="cpython 3.13.5 free-threaded")
    versions = fed(batches).figures(SCENARIO, {"python": "3.11.7"})["versions"]
    assert versions == {"python": "3.11.7", "server": "cpython 3.13.5 free-threaded"}


def test_reports_that_make_no_sense_are_left_out() -> None:
    batches = steady(10, 100, 0.1)
    for event in ({"type": "load"}, {"type": "load", "time": "x"}, {"type": "load", "time": 5, "latency": [1]}):
        batches.append(Batch(now=T0 + 10 * S, events=[event]))
    assert fed(batches).figures(SCENARIO)["requests"]["ok"] == 900


def test_requests_from_outside_are_counted_apart() -> None:
    batches = [declared()]
    rows = [(SERVED, T0 + n * MS, T0 + (n + 2) * MS, Kind.REQUEST, SERVER << 40 | n, 200) for n in range(1, 6)]
    rows += [(SERVED, T0 + n * MS, T0 + (n + 2) * MS, Kind.REQUEST, LOAD << 40 | n, 200) for n in range(1, 4)]
    rows += [(ASKED, T0 + n * MS, T0 + (n + 2) * MS, Kind.CLIENT_REQUEST, LOAD << 40 | n, 200) for n in range(1, 4)]
    rows += [(SERVED, T0 + 9 * MS, T0 + 10 * MS, Kind.REQUEST, SERVER << 40 | 99, 503)]
    batches.append(Batch(now=T0 + 50 * MS, spans=spans(*rows)))
    requests = fed(batches).requests
    assert (requests.outside, requests.outside_ok) == (6, 5)
    assert requests.ok.sum(0, 1 << 62) == 8, "ours by the client's span, the others by the server's"
    assert requests.failed.sum(0, 1 << 62) == 1


def test_requests_of_phones_come_from_outside_and_count_once() -> None:
    gateway, asked = 9, 92
    process = Process(gateway, 900, Role.GATEWAY, "gateway", 1, 0, "python3", T0)
    declaration = Batch(now=T0, processes=[process], tracks=[Track(asked, TrackKind.REQUESTS, "requests", gateway)])
    rows = [
        (SERVED, T0 + MS, T0 + 10 * MS, Kind.REQUEST, gateway << 40 | 1, 200),
        (asked, T0, T0 + 11 * MS, Kind.CLIENT_REQUEST, gateway << 40 | 1, 200),
    ]
    statistics = fed([declared(), declaration, Batch(now=T0 + 50 * MS, spans=spans(*rows))])
    assert (statistics.requests.outside, statistics.requests.outside_ok) == (1, 1)
    assert statistics.requests.ok.sum(0, 1 << 62) == 1
    assert gateway not in [one.number for one in statistics.serving()]


def test_messages_from_outside_count_as_requests_and_their_upgrade_does_not() -> None:
    batches = [declared()]
    rows = [(SERVED, T0, T0 + MS, Kind.REQUEST, SERVER << 40 | 1, 101)]
    # The value of a message is how long it waited, not a status.
    rows += [(SERVED, T0 + n * MS, T0 + (n + 2) * MS, Kind.MESSAGE, SERVER << 40 | n, 5_000 * n) for n in range(2, 5)]
    rows += [(SERVED, T0 + 5 * MS, T0 + 7 * MS, Kind.MESSAGE, LOAD << 40 | 1, 0)]
    rows += [(ASKED, T0 + 4 * MS, T0 + 8 * MS, Kind.CLIENT_REQUEST, LOAD << 40 | 1, 200)]
    batches.append(Batch(now=T0 + 50 * MS, spans=spans(*rows)))
    requests = fed(batches).requests
    assert (requests.outside, requests.outside_ok) == (3, 3)
    assert requests.ok.sum(0, 1 << 62) == 4
    assert requests.failed.sum(0, 1 << 62) == 0


def test_what_a_server_asks_of_another_is_not_counted_twice() -> None:
    upstream, loop, asked = 9, 91, 92
    process = Process(upstream, 900, Role.UPSTREAM, "upstream", 1, 0, "python3", T0)
    tracks = [Track(loop, TrackKind.LOOP, "event loop", upstream), Track(asked, TrackKind.REQUESTS, "", upstream)]
    rows = [
        (asked, T0 + 2 * MS, T0 + 8 * MS, Kind.REQUEST, SERVER << 40 | 1, 200),
        (SERVED, T0 + MS, T0 + 10 * MS, Kind.REQUEST, SERVER << 40 | 1, 200),
    ]
    declaration = Batch(now=T0, processes=[process], tracks=tracks)
    statistics = fed([declared(), declaration, Batch(now=T0 + 50 * MS, spans=spans(*rows))])
    assert statistics.requests.outside == 1
    assert statistics.requests.ok.sum(0, 1 << 62) == 1
    assert loop not in statistics.loops, "its loop is not the one that is observed"


def test_how_requests_ended_is_counted_in_the_window_and_in_all() -> None:
    events = []
    for number in range(40):
        event = load_event(T0 + (number + 1) * 100 * MS, [0.01] * 5, sent=8, failed=2, timed_out=1)
        events.append(event | {"statuses": {"200": 5}, "errors": {"status 422": 2}})
    found = fed([declared(), *(Batch(now=event["time"], events=[event]) for event in events)]).figures(SCENARIO)
    assert found["requests_total"]["statuses"] == {"200": 200, "422": 80, "timed out": 40}
    window = found["requests"]
    assert window["statuses"] == {"200": window["ok"], "422": window["failed"], "timed out": window["timed_out"]}
    assert 0 < window["statuses"]["422"] < 80


def test_a_run_that_failed_before_its_load_is_not_told_to_give_users() -> None:
    found = fed([declared()]).figures(SCENARIO, failure="The run was interrupted before its load began.")
    assert found["invalid_reason"] == "The run was interrupted before its load began."
