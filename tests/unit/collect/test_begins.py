"""A begin stays until its own complete has come, and no other."""

from explorer.collect.begins import Begins
from explorer.records.states import Kind
from tests.unit.collect.make import begin, row, spans


def test_a_complete_of_equal_track_kind_request_and_start_replaces_the_begin() -> None:
    begins = Begins()
    assert begins.update(spans(begin(Kind.TOKEN_WAIT, 5, request=1)))
    for other in (
        row(Kind.TOKEN_WAIT, 6, 9, request=1),
        row(Kind.TOKEN_WAIT, 5, 9, request=2),
        row(Kind.TOKEN_WAIT, 5, 9, request=1, track=2),
        row(Kind.POOL_WAIT, 5, 9, request=1),
    ):
        assert not begins.update(spans(other))
        assert len(begins.open) == 1
    assert begins.update(spans(row(Kind.TOKEN_WAIT, 5, 9, request=1)))
    assert len(begins.open) == 0


def test_a_begin_and_its_complete_may_come_together() -> None:
    begins = Begins()
    begins.update(
        spans(begin(Kind.CALL, 5, request=1), row(Kind.CALL, 5, 7, request=1), begin(Kind.CALL, 8, request=1))
    )
    assert begins.open["start"].tolist() == [8]


def test_begins_of_a_process_that_ended_are_forgotten() -> None:
    begins = Begins()
    begins.update(spans(begin(Kind.CALL, 5, request=1, track=3), begin(Kind.CALL, 5, request=1, track=4)))
    dropped = begins.forget({3, 9}, 6)
    assert dropped["track"].tolist() == [3]
    assert begins.open["track"].tolist() == [4]
    begins.forget({4}, 5)
    assert begins.open["track"].tolist() == [4], "it began when nothing was lost any more"


def test_begins_of_requests_and_threads_are_kept_elsewhere() -> None:
    begins = Begins()
    assert not begins.update(
        spans(*(begin(kind, 5, request=1) for kind in (Kind.REQUEST, Kind.CLIENT_REQUEST, Kind.THREAD)))
    )
    assert len(begins.open) == 0
