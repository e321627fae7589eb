"""Real sweeps with tiny sizes: points, checks, tasks on the workers' lanes; and nothing left when it is cancelled."""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
import psutil
import pytest

from explorer.collect.source import Array, Batch
from explorer.labs.parallelism.options import Point, plan
from explorer.labs.parallelism.result import as_json
from explorer.labs.parallelism.sweep import Progress, Sweep
from explorer.option_error import OptionError
from explorer.records.states import Flag, Kind, Role, TrackKind
from tests import leaks
from tests.waiting import wait_until

POOLS = ["threads", "process_pool"]


class Watched:
    """What a sweep's records say, by process and track."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def spans(self, kind: Kind) -> Array:
        """All complete spans of a kind."""
        every: Array = np.concatenate([batch.spans for batch in self.batches])
        chosen: Array = every[(every["kind"] == kind) & ((every["flags"] & Flag.COMPLETE) != 0)]
        return chosen

    def tracks(self) -> dict[int, tuple[Role, TrackKind]]:
        """Whose every track is, and what it is."""
        processes = {each.number: each.role for batch in self.batches for each in batch.processes}
        every = [each for batch in self.batches for each in batch.tracks if each.process]
        return {each.number: (processes[each.process], each.kind) for each in every}

    def died(self) -> list[str]:
        """What is said of processes that ended."""
        return [each.died for batch in self.batches for each in batch.processes if each.died]


async def test_every_task_is_on_its_workers_lane_and_every_result_is_the_same() -> None:
    before = leaks.processes()
    watched = Watched()
    heard: list[Progress] = []
    chosen = plan({"job": "mandelbrot", "size": 48, "grain": 4, "repeat": 1}, POOLS, "2", cores=2)
    sweep = Sweep(chosen, heard.append, observed=True, consumers=[watched.batches.append])
    told = as_json(await sweep.run())
    assert leaks.processes() == before
    assert [(point["runner"], point["workers"]) for point in told["points"]] == [
        ("coroutine", 1), ("threads", 2), ("process_pool", 2),
    ]  # fmt: skip
    assert told["complete"]
    assert told["checks"]["equal"]
    assert told["tasks"] == 12
    assert all(point["equal"] and point["seconds"] > 0 for point in told["points"])
    assert not watched.died()
    tracks = watched.tracks()
    jobs = watched.spans(Kind.JOB)
    lanes = [tracks[int(track)] for track in jobs["track"]]
    # The coroutine is measured at both ends, the pool once more to warm up.
    assert lanes.count((Role.LAB, TrackKind.LOOP)) == 2 * 12
    assert lanes.count((Role.LAB, TrackKind.THREAD)) == 12
    assert lanes.count((Role.POOL, TrackKind.THREAD)) == 2 * 12
    requests = watched.spans(Kind.REQUEST)
    assert len(requests) == 5 * 12
    assert set(jobs["request"]) == set(requests["request"])
    shares = told["points"][1]["overhead_per_task_s"]
    assert all(shares[part] >= 0 for part in ("submit", "pickle", "wait", "run", "return"))
    # Two workers can run for no longer than twice the job, and the clocks of task and thread speak of the same work.
    assert all(point["cpu_s"] > 0 and 0 < point["run_s"] < 2.1 * point["seconds"] for point in told["points"])
    assert [heard[0].repeat, heard[0].total] == [-1, 4]


CASES: list[tuple[str, dict[str, Any], Sequence[str]]] = [
    ("data in shared memory, one block a worker, NumPy", {"job": "matrix", "size": 12, "grain": 2, "chunk": 0,
     "travel": "shared"}, ["process_pool", "numpy"]),
    ("forked processes, a serial part", {"job": "text", "size": 20, "grain": 4, "serial": 0.5,
     "start_method": "fork"}, ["process_pool"]),
    ("a fork server, several tasks together", {"job": "primes", "size": 9_000, "grain": 500, "chunk": 4,
     "start_method": "forkserver"}, ["process_pool"]),
]  # fmt: skip


@pytest.mark.parametrize(("values", "names"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_the_result_is_the_same_however_it_travels(values: dict[str, Any], names: Sequence[str]) -> None:
    before = leaks.processes()
    told = as_json(await Sweep(plan({**values, "repeat": 1}, names, "2", cores=2)).run())
    assert leaks.processes() == before
    assert not told["refused"]
    assert {point["runner"] for point in told["points"]} == {"coroutine", *names}
    assert told["checks"]["equal"]
    pool = next(point for point in told["points"] if point["runner"] == "process_pool")
    assert (pool["serial_s"] > 0) == ("serial" in values)


async def test_a_sweep_that_is_cancelled_keeps_what_it_has_and_leaves_nothing_running() -> None:
    before = leaks.processes()
    chosen = plan({"size": 40, "repeat": 50}, ["process_pool"], "1-2", cores=2)

    def told(progress: Progress) -> None:
        if progress.point == Point("process_pool", 1) and progress.repeat == 1:
            sweep.cancel()

    sweep = Sweep(chosen, told)
    result = await sweep.run()
    assert leaks.processes() == before
    assert not result.complete
    assert [one.point for one in result.measured] == [Point("coroutine", 1)]


async def test_a_sweep_that_is_cancelled_at_once_has_nothing_to_say() -> None:
    before = leaks.processes()
    sweep = Sweep(plan({}, ["threads"], "1", cores=2))
    sweep.cancel()
    with pytest.raises(OptionError, match="cancelled before one coroutine was measured"):
        await sweep.run()
    assert leaks.processes() == before


async def test_a_task_that_fails_is_told_of_its_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = Sweep(plan({"size": 16, "repeat": 1}, ["threads"], "1", cores=2))
    running = asyncio.ensure_future(sweep.run())
    heard = sweep._heard

    def broken(message: Any) -> None:
        if message.get("event") == "measured" and message["serial"] == 1:
            message = {"event": "refused", "serial": 1, "sentence": "MemoryError: no room"}
        heard(message)

    monkeypatch.setattr(sweep, "_heard", broken)
    told = as_json(await running)
    assert told["refused"] == [{"runner": "threads", "reason": "MemoryError: no room"}]


async def test_when_the_lab_is_killed_its_workers_end_with_it() -> None:
    chosen = plan({"size": 40, "repeat": 50, "start_method": "forkserver"}, ["process_pool"], "2", cores=2)
    family: list[psutil.Process] = []

    def told(progress: Progress) -> None:
        if progress.point.runner == "process_pool" and progress.repeat == 1 and not family:
            assert sweep._lab is not None
            lab = sweep._lab._child
            assert lab is not None
            family.extend(psutil.Process(lab.pid).children(recursive=True))
            lab.child.kill()

    sweep = Sweep(chosen, told)
    with pytest.raises(OptionError, match="The lab was ended by signal 9"):
        await sweep.run()
    # The fork server and two workers of it, which have no parent any more that would be told of their end.
    assert len(family) >= 3
    await asyncio.to_thread(wait_until, lambda: not any(lives(each) for each in family), what="the end of the workers")


def lives(process: psutil.Process) -> bool:
    """Whether a process still runs."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
