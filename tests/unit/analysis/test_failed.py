"""Requests without a good answer, as the load that sent them says."""

import pytest

from explorer.analysis.failed import failed_in, without_good_answer_in
from explorer.collect.source import Batch, Track
from explorer.records.schema import CPU_NOT_TAKEN
from explorer.records.states import ABANDONED, Flag, Kind, State, TrackKind
from explorer.store.rows import Span
from explorer.store.store import Store
from tests.unit.store.model import spans

MS = 1_000_000
CLIENT, SERVER = 5, 6


def side(request: int, end: float, status: int, kind: Kind = Kind.CLIENT_REQUEST, flags: Flag = Flag.COMPLETE) -> Span:
    track = CLIENT if kind is Kind.CLIENT_REQUEST else SERVER
    argument = CPU_NOT_TAKEN << 32 | status
    return Span(track, 0, 0, round(end * MS), 1, request, argument, kind, State.AWAITING, flags)


@pytest.fixture
def store() -> Store:
    """A good one, one given up, a 503, a 302, one that goes on, and one that waited when the load ended.

    The server calls one good that was given up.
    """
    sides = [side(1, 10, 200), side(2, 20, 0), side(3, 30, 503), side(4, 40, 302), side(5, 50, 0, flags=Flag.BEGIN)]
    sides += [side(2, 45, 200, Kind.REQUEST), side(6, 55, ABANDONED)]
    made = Store()
    tracks = [Track(number, TrackKind.REQUESTS, "requests", number) for number in (CLIENT, SERVER)]
    made.append(Batch(now=0, tracks=tracks, names=[(0, ""), (1, "GET /job")], spans=spans(sides)))
    return made


def test_given_up_and_errors_are_failed(store: Store) -> None:
    assert failed_in(store, 0, 60 * MS).tolist() == [2, 3]


def test_what_waited_when_the_load_ended_has_no_answer_and_has_not_failed(store: Store) -> None:
    assert without_good_answer_in(store, 0, 60 * MS).tolist() == [2, 3, 6]
    assert without_good_answer_in(store, 0, 54 * MS).tolist() == [2, 3]


def test_only_those_that_ended_in_the_stretch(store: Store) -> None:
    assert failed_in(store, 20 * MS, 30 * MS).tolist() == [3]
    assert failed_in(store, 30 * MS, 60 * MS).tolist() == []
    assert failed_in(Store(), 0, 60 * MS).tolist() == []
