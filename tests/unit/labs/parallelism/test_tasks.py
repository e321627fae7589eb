"""Tasks on their way: what travels, who does what alone, and where a task's time goes."""

import os
import threading
from pathlib import Path

import pytest

from explorer.labs.parallelism.child import envelope as envelope_module
from explorer.labs.parallelism.child import machine
from explorer.labs.parallelism.child.envelope import Done, Envelope, InFile, pack, unpack
from explorer.labs.parallelism.child.machine import Reading
from explorer.labs.parallelism.child.measure import alone, envelopes
from explorer.labs.parallelism.child.parts import Sent, a_task, gap, of
from explorer.probe.naming import callable_name

TEXT = "explorer.labs.parallelism.bodies.text.body"


def test_an_envelope_travels_and_comes_back_with_its_clocks(tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_bytes(b"xx one two two xx")
    inside = pack([(InFile(str(file), 3, 11),), (b"three",)])
    envelope: Envelope = unpack(pack(Envelope("parts", TEXT, "count", inside, True)))
    assert callable_name(envelope) == "parts"  # what its span is called
    done = envelope()
    assert unpack(done.results) == [{b"one": 1, b"two": 2}, {b"three": 1}]
    (first, second) = done.runs
    assert done.begun <= done.opened <= first[0] <= first[1] <= second[0] <= second[1] <= done.sealed
    assert done.where == (os.getpid(), threading.get_native_id())
    assert -1 <= done.core < (os.cpu_count() or 1)
    mapped = envelope_module._files.pop(str(file))
    mapped.close()


def test_workers_that_share_memory_get_the_arguments_as_they_are() -> None:
    done = Envelope("part", TEXT, "count", [(memoryview(b"one"),)], False)()
    assert done.results == [{b"one": 1}]


@pytest.mark.parametrize(("count", "share"), [(50, 0.2), (10, 0.25), (7, 0.0), (1, 0.9), (1000, 0.33)])
def test_the_share_of_one_alone_is_spread_evenly(count: int, share: float) -> None:
    mine = alone(count, share)
    assert sum(mine) == int(count * share)
    for end in range(count):
        assert abs(sum(mine[:end]) - end * share) <= 1


@pytest.mark.parametrize(
    ("tasks", "chunk", "workers", "sizes"),
    [(7, 3, 2, [3, 3, 1]), (7, 0, 2, [4, 3]), (2, 0, 4, [1, 1]), (0, 0, 3, []), (3, 1, 9, [1, 1, 1])],
)
def test_tasks_travel_together_as_asked(tasks: int, chunk: int, workers: int, sizes: list[int]) -> None:
    found = list(envelopes(tasks, chunk, workers))
    assert [len(each) for each in found] == sizes
    assert [number for each in found for number in each] == list(range(tasks))


SENT = Sent(tasks=2, made=0, packed=10, submitting=12, submitted=20, request=0, begun=0.0, opened=1_000)
DONE = Done([], (1, 1), 50, 60, [(60, 260), (260, 460)], 480, 410, 0)


def test_the_parts_of_a_task_add_up_to_its_whole_time() -> None:
    found = of(SENT, DONE)
    assert {name: round(1e9 * each) for name, each in found.items()} == {
        "submit": 8, "pickle": 20, "wait": 30, "run": 400, "return": 540, "unexplained": 2,
    }  # fmt: skip
    assert sum(found.values()) == pytest.approx(1e-6)


def test_what_an_envelope_costs_is_shared_among_its_tasks() -> None:
    found = {name: round(1e9 * each) for name, each in a_task([(SENT, DONE)]).items()}
    assert (found["submit"], found["pickle"], found["run"]) == (4, 10, 200)
    assert (found["wait"], found["return"]) == (30, 540)


def test_between_two_tasks_a_worker_has_nothing_to_do() -> None:
    later = Done([], (1, 1), 500, 510, [(510, 600)], 610, 1, 0)
    elsewhere = Done([], (1, 2), 490, 510, [(510, 600)], 610, 1, 0)
    assert gap([(SENT, later), (SENT, DONE), (SENT, elsewhere)]) == pytest.approx(20e-9)
    assert gap([(SENT, DONE)]) is None


def test_what_is_not_the_explorers_own_is_others() -> None:
    told = machine.between(Reading(10.0, (5.0, 5.0), 1.0), Reading(12.0, (7.0, 6.0), 2.5))
    assert told == {"seconds": 2.0, "busy": {"0": 1.0, "1": 0.5}, "ours": 0.75, "others": 0.75}
    assert machine.between(Reading(1.0, (5.0,), 1.0), Reading(1.01, (5.0,), 1.0)) is None
    assert machine.between(None, None) is None


def test_a_reading_counts_the_time_of_this_process() -> None:
    before = machine.read()
    assert before is not None
    total = 0
    while (after := machine.read()) is not None and after.ours - before.ours < 0.02:
        total += sum(range(100_000))
    assert after is not None
    assert after.at > before.at
    assert len(after.busy) == len(before.busy) == (os.cpu_count() or 1)
