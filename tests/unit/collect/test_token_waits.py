"""Who waits for a thread is counted from its begin to its complete, per process, and nobody waits for ever."""

import numpy as np

from explorer.collect.lanes import SAMPLE_PERIOD_NS as PERIOD
from explorer.collect.registry import Registry
from explorer.collect.source import Array
from explorer.collect.token_waits import NAMES, TokenWaits
from explorer.records.states import Kind, TrackKind
from tests.unit.collect.make import begin, row, spans

FOREVER = 1 << 62


def source() -> tuple[Registry, TokenWaits, int, int]:
    """Two processes, and the track of the requests of each."""
    registry = Registry()
    tracks = [registry.track(TrackKind.REQUESTS, "requests", process=number, pid=number).number for number in (1, 2)]
    return registry, TokenWaits(registry), tracks[0], tracks[1]


def told(arrays: list[Array]) -> list[tuple[int, float]]:
    """Time in periods and value of all samples."""
    samples = np.concatenate(arrays)
    return [
        (time // PERIOD, value) for time, value in zip(samples["time"].tolist(), samples["value"].tolist(), strict=True)
    ]


def test_a_wait_counts_from_its_begin_to_its_complete() -> None:
    registry, waits, track, _ = source()
    waits.update(spans(begin(Kind.TOKEN_WAIT, PERIOD, request=7, track=track)))
    waits.update(spans(begin(Kind.TOKEN_WAIT, 3 * PERIOD, request=8, track=track)))
    waits.update(spans(row(Kind.TOKEN_WAIT, PERIOD, 6 * PERIOD, request=7, track=track)))
    assert told(waits.samples(8 * PERIOD)) == [(1, 1.0), (3, 2.0), (6, 1.0)]
    counters = [one for one in registry.tracks.values() if one.kind is TrackKind.COUNTER]
    assert [(one.name, one.process, one.unit) for one in counters] == [(NAMES[Kind.TOKEN_WAIT], 1, "requests")]


def test_a_token_that_was_free_is_no_wait_and_makes_no_counter() -> None:
    registry, waits, track, _ = source()
    waits.update(spans(row(Kind.TOKEN_WAIT, 5, 6, request=7, track=track), row(Kind.POOL_WAIT, 5, 9, track=track)))
    assert waits.samples(FOREVER) == []
    assert len(registry.tracks) == 2


def test_each_process_has_a_counter_of_its_own() -> None:
    registry, waits, first, second = source()
    waits.update(spans(*(begin(Kind.TOKEN_WAIT, PERIOD, request=number, track=first) for number in range(3))))
    waits.update(spans(begin(Kind.TOKEN_WAIT, PERIOD, request=9, track=second)))
    found = {registry.tracks[int(one["track"][0])].process: told([one]) for one in waits.samples(FOREVER)}
    assert found == {1: [(1, 3.0)], 2: [(1, 1.0)]}


def test_waits_of_a_process_that_ended_end_with_it() -> None:
    _, waits, track, _ = source()
    waits.update(spans(begin(Kind.TOKEN_WAIT, PERIOD, request=7, track=track)))
    waits.end_process(1, {track, 99}, 4 * PERIOD)
    assert told(waits.samples(FOREVER)) == [(1, 1.0), (4, 0.0)]
    assert (waits._waiting, waits._counters) == ({}, {}), "nothing is kept of it"


def test_what_has_been_told_is_not_taken_back() -> None:
    _, waits, track, _ = source()
    waits.update(spans(begin(Kind.TOKEN_WAIT, PERIOD, request=7, track=track)))
    assert told(waits.samples(8 * PERIOD)) == [(1, 1.0)]
    waits.forget({track}, 3 * PERIOD, 3 * PERIOD)
    assert told(waits.samples(FOREVER)) == [(8, 0.0)]


def test_a_loss_ends_only_what_began_before_it() -> None:
    _, waits, track, _ = source()
    waits.update(spans(*(begin(Kind.TOKEN_WAIT, at * PERIOD, request=at, track=track) for at in (1, 5))))
    waits.forget({track}, 3 * PERIOD, 3 * PERIOD)
    assert told(waits.samples(FOREVER)) == [(1, 1.0), (3, 0.0), (5, 1.0)]


def test_waits_for_a_connection_are_counted_beside_those_for_a_thread() -> None:
    registry, waits, track, _ = source()
    waits.update(spans(begin(Kind.TOKEN_WAIT, PERIOD, request=7, track=track)))
    waits.update(spans(begin(Kind.CONNECTION_WAIT, PERIOD, request=7, track=track)))
    waits.update(spans(row(Kind.CONNECTION_WAIT, PERIOD, 3 * PERIOD, request=7, track=track)))
    found = {registry.tracks[int(one["track"][0])].name: told([one]) for one in waits.samples(FOREVER)}
    assert found == {"waiting for a thread": [(1, 1.0)], "waiting for a connection": [(1, 1.0), (3, 0.0)]}
