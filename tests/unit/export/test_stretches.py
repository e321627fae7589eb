"""Spans come in the order in which other programs nest them, whatever the batches were."""

from typing import Any

import numpy as np
import pytest

from explorer.collect.source import Array, Batch, Marker, OpenSpan
from explorer.export import stretches as module
from explorer.export.job import Job
from explorer.option_error import OptionError
from explorer.records.states import Flag, Kind, State
from tests.unit.export.runs import LANE, LOOP, WORKER, batch, declared, recorded, span


def given(job: Job) -> list[tuple[int, int, int, int]]:
    """Track, depth, start and end of all spans in the order in which they come."""
    parts = [spans for spans, _ in job.stretches()]
    columns = ("track", "depth", "start", "end")
    return [tuple(int(row[column]) for column in columns) for part in parts for row in part]  # type: ignore[misc]


def job_of(*batches: Batch, **part: Any) -> Job:
    declared(batches[0])
    return Job(recorded(list(batches)), **part)


def test_an_inner_span_waits_for_the_outer_one_of_a_later_batch() -> None:
    job = job_of(batch(100, [span(LOOP, 50, 60, depth=1)]), batch(200, [span(LOOP, 50, 150)]))
    assert given(job) == [(LOOP, 0, 50, 150), (LOOP, 1, 50, 60)]


def test_an_inner_span_without_an_outer_one_comes_at_last() -> None:
    job = job_of(batch(100, [span(LOOP, 50, 60, depth=1)]), batch(200, [span(WORKER, 90, 150)]))
    assert given(job) == [(WORKER, 0, 90, 150), (LOOP, 1, 50, 60)]


def test_no_more_wait_than_the_memory_is_to_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    inner = [span(LOOP, at, at + 1, depth=1) for at in range(50, 54)]
    job = job_of(batch(100, inner), batch(200, [span(LOOP, 90, 150)]))
    assert [each[1] for each in given(job)] == [1, 1, 1, 1, 0]


def test_pieces_lie_below_their_request_which_begins_with_the_first_and_ends_with_the_last() -> None:
    piece: dict[str, Any] = {"kind": Kind.PIECE, "name": 4}
    job = job_of(
        batch(100, [span(LANE, 10, 20, request=8, **piece), span(LANE, 20, 90, request=8, **piece)]),
        batch(300, [span(LANE, 90, 120, request=8, **piece), span(LANE, 150, 200, request=9, **piece)]),
    )
    assert given(job) == [
        (LANE, 0, 10, 120),
        (LANE, 1, 10, 20),
        (LANE, 1, 20, 90),
        (LANE, 1, 90, 120),
        (LANE, 0, 150, 200),
        (LANE, 1, 150, 200),
    ]


def test_a_request_that_began_before_the_chosen_part_is_whole() -> None:
    piece: dict[str, Any] = {"kind": Kind.PIECE, "request": 8}
    pieces = [span(LANE, 0, 2_000_000_000, **piece), span(LANE, 2_000_000_000, 3_000_000_000, **piece)]
    job = job_of(batch(3_000_000_000, pieces), since=2.5)
    assert given(job) == [(LANE, 0, 0, 3_000_000_000), (LANE, 1, 2_000_000_000, 3_000_000_000)]


def test_the_chosen_part_holds_what_touches_it() -> None:
    spans = [span(LOOP, at, at + 500_000_000) for at in range(0, 5_000_000_000, 1_000_000_000)]
    job = job_of(batch(6_000_000_000, spans), since=1.2, until=3.0)
    assert [start / 1e9 for _, _, start, _ in given(job)] == [1, 2, 3]


def test_seconds_are_counted_as_on_the_axis() -> None:
    first = batch(3_000_000_000, [span(LOOP, 2_000_000_000, 2_100_000_000), span(LOOP, 2_900_000_000, 3_000_000_000)])
    first.markers = [Marker(1_000_000_000, "begin", "Load begins")]
    assert given(job_of(first, since=1.5)) == [(LOOP, 0, 2_900_000_000, 3_000_000_000)]


def test_a_part_behind_the_end_is_refused() -> None:
    job = job_of(batch(1_000_000_000, [span(LOOP, 0, 1_000_000_000)]), since=2)
    with pytest.raises(OptionError, match=r"is 1\.0 s long; choose a part of it that begins before"):
        job.stretches()


def test_an_empty_recording_is_refused() -> None:
    with pytest.raises(OptionError, match="holds no spans"):
        job_of(batch(5)).stretches()


def test_what_had_not_ended_comes_with_its_mark() -> None:
    last = batch(900)
    last.open_spans = [OpenSpan(LOOP, 0, 500, 2, 8, Kind.STEP, State.BLOCKED)]
    job = job_of(batch(100, [span(LOOP, 50, 60)]), last)
    rows: list[Array] = [spans for spans, _ in job.stretches()]
    [found] = rows[-1]
    assert (found["start"], found["end"], found["flags"]) == (500, 900, Flag.BEGIN)
    assert found["state"] == State.BLOCKED


def test_what_came_after_the_survey_is_left_out() -> None:
    batches = [declared(batch(100, [span(LOOP, 50, 60)]))]
    job = Job(recorded(batches))
    assert job.survey.spans == 1
    batches.append(batch(200, [span(LOOP, 150, 160)]))
    assert given(job) == [(LOOP, 0, 50, 60)]


def test_large_batches_come_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STRETCH", 4)
    told: list[int] = []
    job = job_of(batch(1000, [span(LOOP, at, at + 1) for at in range(10)]), progress=lambda done, _: told.append(done))
    parts = [len(spans) for spans, _ in job.stretches()]
    assert parts == [4, 4, 2, 0]
    assert told == sorted(told)
    assert told[-1] == 1000


def test_plain_spans_are_as_recorded() -> None:
    parts = [span(LOOP, 50, 60, depth=1), span(LANE, 10, 20, request=8, kind=Kind.PIECE)]
    job = job_of(batch(100, parts))
    assert np.array_equal(np.concatenate(list(job.stretches().plain())), np.concatenate(parts))
