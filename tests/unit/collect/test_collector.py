"""The collector's thread: order, failures of consumers, stopping."""

from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.collect.collector import LONGEST_PERIOD_S, PERIOD_S, Collector
from explorer.collect.ring_source import RunSource
from explorer.collect.source import Batch, Marker

Wait = Callable[..., None]


def test_batches_come_in_order_until_the_last_one(run_folder: Path, wait_until: Wait) -> None:
    source = RunSource(run_folder)
    batches: list[Batch] = []
    collector = Collector(source, [batches.append], lambda error: None)
    collector.start()
    for number in range(10):
        source.add_marker(Marker(number, "note", ""))
        wait_until(lambda known=number: sum(len(batch.markers) for batch in batches) == known + 1)
    source.add_marker(Marker(10, "end", ""))
    collector.stop()
    assert [marker.time for batch in batches for marker in batch.markers] == list(range(11))
    assert [batch.now for batch in batches] == sorted(batch.now for batch in batches)


def test_a_consumer_that_raises_is_reported_once_and_the_others_go_on(run_folder: Path, wait_until: Wait) -> None:
    errors: list[BaseException] = []
    batches: list[Batch] = []
    tries: list[Batch] = []

    def fail(batch: Batch) -> None:
        tries.append(batch)
        raise ValueError("no")

    collector = Collector(RunSource(run_folder), [fail, batches.append], errors.append)
    collector.start()
    wait_until(lambda: len(batches) > 5)
    collector.stop()
    assert [str(error) for error in errors] == ["no"]
    assert len(tries) == len(batches)


def test_a_poll_that_fails_is_reported_once_and_the_run_goes_on(
    run_folder: Path, wait_until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[BaseException] = []
    batches: list[Batch] = []
    source = RunSource(run_folder)
    polls = iter([OSError("no"), OSError("no")])

    def poll() -> Batch:
        error = next(polls, None)
        if error is not None:
            raise error
        return RunSource.poll(source)

    monkeypatch.setattr(source, "poll", poll)
    collector = Collector(source, [batches.append], errors.append)
    collector.start()
    wait_until(lambda: errors and batches)
    collector.stop()
    assert len(errors) == 1


def test_a_collector_that_never_started_can_be_stopped_twice(run_folder: Path) -> None:
    batches: list[Batch] = []
    source = RunSource(run_folder)
    source.add_event({"type": "x"})
    collector = Collector(source, [batches.append], lambda error: None)
    collector.stop()
    count = len(batches)
    collector.stop()
    assert len(batches) == count
    assert [event for batch in batches for event in batch.events] == [{"type": "x"}]


def test_polls_that_cost_much_are_made_less_often(run_folder: Path, wait_until: Wait) -> None:
    """By a clock that says what each poll cost the thread."""
    used, cost = 0.0, 0.001

    def clock() -> float:
        nonlocal used
        used += cost
        return used

    collector = Collector(RunSource(run_folder), [], lambda error: None, clock=clock)
    collector.start()
    assert collector.period_s == PERIOD_S
    cost = 0.004
    wait_until(lambda: collector.period_s > 0.038)
    assert collector.period_s <= 0.0401
    cost = 0.02
    wait_until(lambda: collector.period_s == LONGEST_PERIOD_S)
    cost = 0.0
    wait_until(lambda: collector.period_s == PERIOD_S)
    collector.stop()
