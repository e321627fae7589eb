"""Jobs as a worker sees them: receipts, and the outbox of a worker that takes no part in the run itself."""

import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest

from explorer.cluster import aboard
from explorer.cluster.aboard import RECEIPT, Outbox, perform


@pytest.fixture(autouse=True)
def nothing_aboard(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker of its own for every test."""
    monkeypatch.setattr(aboard, "_aboard", {})


def test_a_job_gives_its_receipt_and_its_result() -> None:
    aboard._aboard["address"] = "tcp://10.0.0.2:1"

    (worker, begun, ended), result = perform("topic", "sum", 7, sum, ([1, 2],))

    assert worker == "tcp://10.0.0.2:1"
    assert begun <= ended
    assert result == 3


def test_a_job_that_fails_takes_its_receipt_along_even_through_a_pickle() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        perform("topic", "divmod", 7, divmod, (1, 0))

    worker, begun, ended = getattr(pickle.loads(pickle.dumps(caught.value)), RECEIPT)
    assert worker == ""
    assert begun <= ended


def test_the_outbox_of_the_run_gets_its_jobs_and_no_other() -> None:
    mine, other = Outbox(), Outbox()
    aboard._aboard |= {"outbox mine": (mine, None, None), "outbox other": (other, None, None)}

    (_, begun, ended), _ = perform("mine", "sum", 7, sum, ([1, 2],))

    event = mine.take()
    assert event is not None
    ((thread, name, request, start, duration, cpu),) = event["done"]
    assert (thread, name, request) == (threading.get_native_id(), "sum", 7)
    assert begun <= start
    assert start + duration <= ended
    assert cpu >= 0
    assert event["running"] == []
    assert other.take() is None


def test_an_outbox_tells_what_runs_and_only_what_is_new() -> None:
    box = Outbox()
    seen: list[Any] = []

    box.run("look", 9, lambda: seen.append(box.take()), ())

    (event,) = seen
    assert event["done"] == []
    ((thread, name, request, _),) = event["running"]
    assert (thread, name, request) == (threading.get_native_id(), "look", 9)
    after = box.take()
    assert after is not None
    assert [len(after["done"]), after["running"]] == [1, []]
    assert box.take() is None


def test_a_full_outbox_counts_what_it_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aboard, "MOST_KEPT", 2)
    box = Outbox()
    for _ in range(5):
        box.run("sum", 0, sum, ([],))

    event = box.take()

    assert event is not None
    assert (len(event["done"]), event["lost"]) == (2, 3)


class Noting:
    """An observer."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []

    def run(self, name: str, request: int, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Note and call."""
        self.seen.append((name, request))
        return function(*args)


def test_a_worker_that_takes_part_in_the_run_writes_its_jobs_itself() -> None:
    noting, box = Noting(), Outbox()
    aboard._aboard["outbox topic"] = (box, None, None)
    aboard.observe(noting)

    assert perform("topic", "sum", 7, sum, ([1, 2],))[1] == 3

    assert noting.seen == [("sum", 7)]
    assert box.take() is None


class Worker:
    """A worker, as far as what it holds."""

    def __init__(self, *keys: str) -> None:
        self.data = dict.fromkeys(keys, b"")


def test_a_holder_is_let_go_when_its_pledge_has_been_missed_often_in_a_row_and_no_other_is() -> None:
    for holder in ("living", "killed", "back"):
        aboard.hold(holder, f"{holder}'s")
    aboard.hold("without")
    worker, missed = Worker("living's"), dict[str, int]()
    for _ in range(aboard.MISSED_LOOKS - 1):
        aboard.look(worker, missed)
    assert set(aboard._aboard["holders"]) == {"living", "killed", "back", "without"}
    worker.data["back's"] = b""

    aboard.look(worker, missed)
    del worker.data["back's"]
    aboard.look(worker, missed)

    assert set(aboard._aboard["holders"]) == {"living", "back", "without"}
