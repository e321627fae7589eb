"""Shares of thread states and of the GIL's holders, from invented samples."""

import pytest

from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import SPAN, Batch, OpenSpan, Process, Track
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from tests.unit.analysis.runs import MS, SCENARIO, SERVER, T0, S, samples, steady

STATES, GIL, WAITING, PERIOD, SAMPLER, SAMPLER_CPU, OVERSHOOT = 20, 21, 22, 23, 9, 24, 25
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
            Track(OVERSHOOT, TrackKind.COUNTER, "sleep_overshoot", SERVER, pid=100, unit="ms"),
        ],
        names=[(LOOP_NAME, "loop"), (WORKER_NAME, "AnyIO worker")],
    )


def seen(*rows: tuple[int, float, float, Kind, State, int]) -> Batch:
    """Spans from (track, start s, end s, kind, state, name)."""
    import numpy as np

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
