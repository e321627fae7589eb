"""Shares of thread states and of the GIL's holders, from invented samples."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from explorer.analysis import looked, sampled
from explorer.analysis.sampled import WaitingLog
from explorer.analysis.schema import GilFigures
from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import SPAN, Batch, OpenSpan, Process, Track
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from tests.unit.analysis.runs import MS, SCENARIO, SERVER, T0, THREAD_CPU, S, samples, steady

STATES, GIL, WAITING, PERIOD, SAMPLER, SAMPLER_CPU, OVERSHOOT, GIL_PERIOD = 20, 21, 22, 23, 9, 24, 25, 26
QUEUED = 27
LOOP_NAME, WORKER_NAME = 5, 6


def declared() -> Batch:
    return Batch(
        now=T0,
        processes=[Process(SAMPLER, 900, Role.SAMPLER, "sampler", 1, 0, "python3", T0)],
        tracks=[
            Track(STATES, TrackKind.STATES, "AnyIO worker", SAMPLER, tid=101, pid=100),
            Track(GIL, TrackKind.GIL, "GIL", SAMPLER, pid=100),
            Track(WAITING, TrackKind.COUNTER, "gil_waiting", SAMPLER, pid=100, unit="threads"),
            Track(PERIOD, TrackKind.COUNTER, "sampling_period", SAMPLER, pid=100, unit="ms"),
            Track(SAMPLER_CPU, TrackKind.COUNTER, "cpu", SAMPLER, pid=900, unit="%"),
            Track(GIL_PERIOD, TrackKind.COUNTER, "gil_period", SAMPLER, pid=100, unit="ms"),
            Track(OVERSHOOT, TrackKind.COUNTER, "sleep_overshoot", SERVER, pid=100, unit="ms"),
        ],
        names=[(LOOP_NAME, "loop"), (WORKER_NAME, "AnyIO worker")],
    )


def seen(*rows: tuple[int, float, float, Kind, State, int]) -> Batch:
    """Spans from (track, start s, end s, kind, state, name)."""
    made = np.zeros(len(rows), SPAN)
    for at, (track, start, end, kind, state, name) in enumerate(rows):
        made[at] = (T0 + round(start * S), T0 + round(end * S), 0, 0, name, track, 0, kind, state, 0, Flag.COMPLETE)
    return Batch(now=T0 + 11 * S, spans=made)


def fed(*batches: Batch) -> RunStatistics:
    """A run of 11 s, measured from 1 s to 11 s."""
    statistics = RunStatistics()
    steady_run = steady(11, 100, 0.1)
    for batch in (steady_run[0], declared(), *steady_run[1:], *batches):
        statistics.feed(batch)
    return statistics


def states_of(statistics: RunStatistics) -> dict[str, float]:
    server = statistics.figures(SCENARIO)["processes"][0]
    (thread,) = [thread for thread in server["threads"] if thread["tid"] == 101]
    assert thread["states"] is not None
    return {name: share for name, share in dict(thread["states"]).items() if share}  # type: ignore[misc]  # plain floats


def test_states_are_shares_of_the_window_and_not_normalised() -> None:
    rows = [(STATES, 0.0, 2.0, Kind.THREAD_STATE, State.IDLE, 0)]  # half of it lies before the window
    rows += [(STATES, 2.0, 2.04, Kind.THREAD_STATE, State.RUNNING, 0)]
    rows += [(STATES, 2.04, 7.0, Kind.THREAD_STATE, State.WAITING_GIL, 0)]
    found = states_of(fed(seen(*rows)))
    assert found == {
        "idle": pytest.approx(0.1, abs=0.011),
        "running": pytest.approx(0.004, abs=0.0005),
        "waiting_gil": pytest.approx(0.496, abs=0.0005),
    }


WATCHED = [
    (STATES, 0.0, 5.0, Kind.THREAD_STATE, State.RUNNING, 0),
    (STATES, 5.0, 9.0, Kind.THREAD_STATE, State.WAITING_GIL, 0),
    (STATES, 9.0, 11.2, Kind.THREAD_STATE, State.IDLE, 0),
]


def counted(cpu: float, queued: float) -> Batch:
    """The system's count of thread 101, by the second: so much of each on a processor, and waiting for one."""
    track = Track(QUEUED, TrackKind.COUNTER, "thread_queued", SAMPLER, pid=100, tid=101, unit="s")
    rows = [(THREAD_CPU, T0 + n * S, n * cpu) for n in range(12)] + [
        (QUEUED, T0 + n * S, n * queued) for n in range(12)
    ]
    return Batch(now=T0 + 11 * S, tracks=[track], samples=samples(*rows))


def test_whether_a_thread_had_a_processor_is_the_systems_count_and_looks_divide_the_rest() -> None:
    found = states_of(fed(counted(0.25, 0.15), seen(*WATCHED)))
    assert found == {
        "running": pytest.approx(0.25, abs=0.01),
        "runnable": pytest.approx(0.15, abs=0.01),
        "waiting_gil": pytest.approx(0.4, abs=0.01),
        "idle": pytest.approx(0.2, abs=0.01),
    }
    assert sum(found.values()) == pytest.approx(1, abs=0.01)


def test_a_count_that_fills_the_window_leaves_nothing_for_what_was_seen() -> None:
    assert states_of(fed(counted(0.9, 0.3), seen(*WATCHED))) == {
        "running": pytest.approx(0.75, abs=0.01),
        "runnable": pytest.approx(0.25, abs=0.01),
    }


def test_where_looks_saw_it_awake_all_the_time_their_sum_stays() -> None:
    rows = [(STATES, 0.0, 11.2, Kind.THREAD_STATE, State.RUNNING, 0)]
    assert states_of(fed(counted(0.72, 0.18), seen(*rows))) == {
        "running": pytest.approx(0.8, abs=0.01),
        "runnable": pytest.approx(0.2, abs=0.01),
    }


def test_of_a_thread_that_was_not_looked_at_all_the_time_only_looks_are_told() -> None:
    assert states_of(fed(counted(0.25, 0.15), seen(*WATCHED[:2]))) == {
        "running": pytest.approx(0.4, abs=0.011),
        "waiting_gil": pytest.approx(0.4, abs=0.011),
    }


def test_a_state_that_lasts_counts_up_to_now() -> None:
    lasting = Batch(
        now=T0 + 11 * S,
        open_spans=[OpenSpan(STATES, 0, T0 + 6 * S, 0, 0, Kind.THREAD_STATE, State.BLOCKED)],
    )
    assert states_of(fed(lasting)) == {"blocked": pytest.approx(0.5, abs=0.011)}


def test_holders_by_name_the_waiting_and_what_it_cost() -> None:
    rows = [(GIL, 1.0 + n, 1.5 + n, Kind.GIL_HELD, State.RUNNING, WORKER_NAME) for n in range(10)]
    rows += [(GIL, 1.5 + n, 1.6 + n, Kind.GIL_HELD, State.RUNNING, LOOP_NAME) for n in range(10)]
    counters = [(WAITING, T0 + 2 * S, 3.0), (WAITING, T0 + 4 * S, 0.0), (WAITING, T0 + 5 * S, 0.0)]
    counters += [(PERIOD, T0 + n * S, 10.0 + n % 2) for n in range(2, 10)]
    counters += [(SAMPLER_CPU, T0 + n * 100 * MS, 4.0) for n in range(110)]
    figures = fed(Batch(now=T0 + 11 * S, samples=samples(*counters)), seen(*rows)).figures(SCENARIO)
    gil = figures["gil"]
    assert gil is not None
    assert (gil["available"], gil["reason"], gil["overshoot_ms"]) == (True, None, None)
    assert gil["holders"] == {"AnyIO worker": pytest.approx(0.5, abs=0.01), "loop": pytest.approx(0.1, abs=0.01)}
    assert gil["held_fraction"] == pytest.approx(0.6, abs=0.01)
    assert gil["waiting_fraction"] == pytest.approx(0.2, abs=0.01)
    assert gil["waiting_threads"] == pytest.approx(0.6, abs=0.03)
    assert figures["processes"][0]["gil"] == gil
    assert figures["processes"][1]["gil"] is None  # the load is not looked at
    assert figures["sampling"] == {
        "cost_fraction": pytest.approx(0.04, rel=0.05),
        "period_ms": pytest.approx(10.5),
        "gil_period_ms": None,
    }


def test_what_could_not_be_seen_is_said_with_what_helps() -> None:
    lack = {"what": ["gil"], "reason": "Refused.", "remedy": "Allow it.", "pids": [100]}
    damaged = {"type": "not_sampled", "lacks": [7, {"what": ["gil"], "pids": "x"}]}
    event = {"type": "not_sampled", "lacks": [lack]}
    late = samples(*((OVERSHOOT, T0 + n * S, 7.0) for n in range(2, 9)))
    gil = fed(Batch(now=T0 + 11 * S, events=[event, damaged], samples=late)).figures(SCENARIO)["processes"][0]["gil"]
    assert gil is not None
    assert (gil["available"], gil["reason"]) == (False, "Refused. Allow it.")
    assert (gil["held_fraction"], gil["holders"], gil["overshoot_ms"]) == (None, {}, 7.0)


def test_a_damaged_recordings_endless_span_takes_no_memory() -> None:
    rows = [
        (STATES, 1.0, 3e8, Kind.THREAD_STATE, State.IDLE, 0),
        (STATES, 2.0, 3.0, Kind.THREAD_STATE, State.RUNNING, 0),
    ]
    assert states_of(fed(seen(*rows))) == {"running": pytest.approx(0.1, abs=0.001)}


def gil_of(statistics: RunStatistics, scenario: dict[str, Any] = SCENARIO) -> GilFigures:
    """The server's."""
    gil = statistics.figures(scenario)["processes"][0]["gil"]
    assert gil is not None
    return gil


def told(*seconds: float) -> Batch:
    """The period of looking at the GIL, told at these times."""
    rows = [(GIL_PERIOD, T0 + round(at * S), 5.0) for at in seconds]
    return Batch(now=T0 + 11 * S, samples=samples(*rows))


def changed(number: int, **changes: Any) -> Batch:
    """The sampler's or the server's process, from now on different."""
    process = {
        SAMPLER: Process(SAMPLER, 900, Role.SAMPLER, "sampler", 1, 0, "python3", T0),
        SERVER: Process(SERVER, 100, Role.SERVER, "server", 1, 1, "python3", T0),
    }[number]
    return Batch(now=T0 + 11 * S, processes=[replace(process, **changes)])


HELD_TO_3 = seen((GIL, 0.5, 3.1, Kind.GIL_HELD, State.RUNNING, LOOP_NAME))


def test_what_waits_counts_up_to_now_and_not_to_its_last_change() -> None:
    log = WaitingLog()
    log.feed(np.array([T0 + S]), np.array([3.0]))
    begin = T0 // (100 * MS)
    found = log.between(begin, begin + 100, T0 + 5 * S)
    assert found.sum(1).tolist() == [pytest.approx(4.0), pytest.approx(12.0)]
    gil = gil_of(fed(told(*range(1, 12)), Batch(now=T0 + 11 * S, samples=samples((WAITING, T0 + 2 * S, 3.0)))))
    assert gil["waiting_fraction"] == pytest.approx(0.9, abs=0.011)
    assert gil["waiting_threads"] == pytest.approx(2.7, abs=0.033)


def test_figures_end_with_the_sampler() -> None:
    died = changed(SAMPLER, ended_ns=T0 + 3_100 * MS, died="killed")
    cost = Batch(now=T0 + 11 * S, samples=samples(*((SAMPLER_CPU, T0 + n * 100 * MS, 4.0) for n in range(30))))
    statistics = fed(told(1, 2, 3), HELD_TO_3, cost, died)
    gil = gil_of(statistics)
    assert (gil["available"], gil["reason"]) == (False, "The sampler ended after 3.1 s.")
    assert (gil["held_fraction"], gil["waiting_fraction"], gil["holders"]) == (None, None, {})
    assert statistics.figures(SCENARIO)["sampling"]["cost_fraction"] is None


def test_a_sampler_that_ended_late_but_too_early_leaves_no_figures_either() -> None:
    gil = gil_of(fed(told(*range(1, 9)), HELD_TO_3, changed(SAMPLER, ended_ns=T0 + 8 * S)))
    assert (gil["available"], gil["reason"]) == (False, "The sampler ended after 8.0 s.")


def test_a_process_that_ended_before_the_sampler_has_its_figures() -> None:
    statistics = fed(
        told(1, 2, 3), HELD_TO_3, changed(SAMPLER, ended_ns=T0 + 8 * S), changed(SERVER, ended_ns=T0 + 3_100 * MS)
    )
    gil = gil_of(statistics)
    assert gil["available"]
    assert gil["held_fraction"] == pytest.approx(1.0, abs=0.05)


def test_shares_are_of_the_time_that_was_looked_at() -> None:
    """From 1 s to 8 s: half of it the GIL was held. Then sampling was switched off."""
    held = [(GIL, n + 0.0, n + 0.5, Kind.GIL_HELD, State.RUNNING, LOOP_NAME) for n in range(1, 8)]
    waiting = Batch(now=T0 + 11 * S, samples=samples((WAITING, T0 + 1 * S, 2.0)))
    gil = gil_of(fed(told(*range(1, 9)), waiting, seen(*held)))
    assert gil["held_fraction"] == pytest.approx(0.5, abs=0.02)
    assert gil["holders"] == {"loop": gil["held_fraction"]}
    # The count of those who wait is told when it changes; it says nothing of the time when nobody looked.
    assert gil["waiting_fraction"] == pytest.approx(1.0, abs=0.02)
    assert gil["waiting_threads"] == pytest.approx(2.0, abs=0.03)


def test_less_than_half_of_the_window_makes_no_figures() -> None:
    gil = gil_of(fed(told(2, 3), HELD_TO_3))
    assert (gil["available"], gil["held_fraction"]) == (False, None)
    assert gil["reason"] == "It was looked at for 2.1 s of 10.0 s only."


@pytest.mark.parametrize(
    ("batches", "knobs", "reason"),
    [
        ([], {"sampling": 0.0}, looked.SWITCHED_OFF),
        ([], {"sampling": 5.0}, looked.NEVER_TOLD),
        ([changed(SERVER, ended_ns=T0 + 2 * S)], {}, looked.TOO_SOON),
        ([changed(SERVER, ended_ns=T0 + 500 * MS)], {}, looked.NOT_THERE),
        ([changed(SERVER, host="other")], {}, looked.ELSEWHERE),
        ([changed(SAMPLER, role=Role.UPSTREAM)], {}, looked.NO_SAMPLER),
        ([changed(SAMPLER, ended_ns=T0 + 2 * S)], {}, "The sampler ended after 2.0 s."),
    ],
)
def test_why_nothing_was_seen_is_said_as_it_is(batches: list[Batch], knobs: dict[str, Any], reason: str) -> None:
    gil = gil_of(fed(*batches), {**SCENARIO, "server": knobs})
    assert (gil["available"], gil["reason"]) == (False, reason)


def test_nobody_looks_at_a_gateway() -> None:
    assert fed(changed(SERVER, role=Role.GATEWAY)).figures(SCENARIO)["processes"][0]["gil"] is None


@pytest.mark.parametrize("damaged", [False, True])
def test_many_at_once_count_as_they_do_one_by_one(monkeypatch: pytest.MonkeyPatch, damaged: bool) -> None:
    """A recording is read in stretches in which a run has come span by span; the figures must be the same, but for the
    rounding of sums.
    """
    random = np.random.default_rng(5)
    spans = np.zeros(3_000, SPAN)
    spans["track"] = random.choice([STATES, GIL, 77], len(spans))  # 77 was never declared
    spans["kind"] = np.where(spans["track"] == GIL, Kind.GIL_HELD, Kind.THREAD_STATE)
    spans["state"], spans["name"] = random.integers(1, 6, len(spans)), random.integers(4, 8, len(spans))
    spans["start"] = T0 + random.integers(0, 5 * S, len(spans))
    spans["end"] = spans["start"] + (random.exponential(0.08, len(spans)) * S).astype("<i8")
    if damaged:
        spans["end"][7] += 1 << 60
    found = []
    for many in (1, len(spans) + 1):
        monkeypatch.setattr(sampled, "MANY", many)
        log = sampled.SampledLog()
        log.declare(declared().tracks, [])
        log.feed(spans)
        begin = T0 * 10 // S
        columns = {
            (track, key): column.between(begin - 10, begin + 100)
            for track, shares in log._shares.items()
            for key, column in shares.columns.items()
        }
        found.append(columns)
    assert found[0].keys() == found[1].keys()
    assert len(found[0]) == 9
    for key, seconds in found[0].items():
        np.testing.assert_allclose(found[1][key], seconds, rtol=1e-5, atol=1e-9)
        assert seconds.any()
