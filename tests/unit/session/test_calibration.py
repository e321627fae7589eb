"""Calibrations: what is asked, what is made of it, how long it is good, what a scenario leaves of the cores."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from explorer.analysis.predict.calibration import Calibration
from explorer.session import calibration
from explorer.session.calibration import GOOD_FOR_S, Calibrations, for_run, idle, key_of, of_figures
from explorer.supervise import cores as affinity
from tests.unit.analysis.predict.setups import CATALOG, KNOWN, setup


class Clock:
    """A clock that stands where it is put."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_it_is_good_for_a_day_and_for_the_same_way_of_serving(tmp_path: Path) -> None:
    clock = Clock()
    kept = Calibrations(tmp_path, clock)
    scenario = setup("load.users=10")
    assert kept.known(CATALOG, scenario) is None
    kept.keep(CATALOG, scenario, KNOWN)
    found = Calibrations(tmp_path, clock).known(CATALOG, setup("load.users=99", "workload.seconds=3"))
    assert found is not None
    assert found.serving_s == KNOWN.serving_s
    assert kept.known(CATALOG, setup("server.http=h11")) is None
    clock.now += GOOD_FOR_S + 1
    assert kept.known(CATALOG, scenario) is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": 1, "calibrations": 3}', '{"schema": 99}'])
def test_a_damaged_file_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / calibration.FILE).write_text(text)
    assert Calibrations(tmp_path).known(CATALOG, setup()) is None


def test_a_measured_value_that_makes_no_sense_is_as_none(tmp_path: Path) -> None:
    kept = Calibrations(tmp_path, Clock())
    kept.keep(CATALOG, setup(), Calibration(serving_s=-1))
    assert kept.known(CATALOG, setup()) is None


def test_where_nothing_can_be_written_it_is_measured_again(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("in the way")
    kept = Calibrations(tmp_path / "folder")
    kept.keep(CATALOG, setup(), KNOWN)
    assert kept.known(CATALOG, setup()) is None


def test_what_is_asked_does_next_to_nothing_in_the_same_way() -> None:
    asked = idle(CATALOG, setup("dispatch.tokens=7", "workload.seconds=3", "load.users=500", "server.http=h11"))
    assert asked is not None
    assert asked.dispatch == setup("dispatch.tokens=7").dispatch
    assert asked.workload.knobs.model_dump()["seconds"] == 0
    assert asked.server.http == "h11"
    assert asked.load.users == calibration.USERS
    assert idle(CATALOG, setup("workload.id=file_io")) is None


def test_what_a_run_of_idle_requests_says() -> None:
    told: dict[str, Any] = {
        "requests": {"ok": 1000},
        "window": {"start_s": 1.0, "end_s": 1.5},
        "versions": {"server": "cpython 3.13.5 free-threaded"},
        "processes": [
            {"role": "server", "cpu_s": 0.4},
            {"role": "pool", "cpu_s": 0.1},
            {"role": "load", "cpu_s": 0.05},
            {"role": "window", "cpu_s": 0.05},
            {"role": "sampler", "cpu_s": 0.025},
        ],
    }
    found = of_figures(told)
    assert found is not None
    assert [found.serving_s, found.places_s, found.load_s] == pytest.approx([0.0004, 0.0001, 0.0001])
    assert found.beside == pytest.approx(0.05)
    assert not found.gil
    assert of_figures(told | {"requests": {"ok": 0}}) is None


def test_a_server_bound_to_a_core_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "machine_cores", lambda: 4.0)
    monkeypatch.setattr(affinity, "available", lambda: (0, 1, 2, 3))
    bound = for_run(KNOWN, setup("server.affinity=1"))
    assert (bound.cores, bound.beside, bound.load_s) == (1.0, 0.0, 0.0)
    assert for_run(KNOWN, setup("server.isolate=true")).cores == 2.0
    assert for_run(KNOWN, setup()).cores == 4.0


def test_every_dispatch_and_workload_has_a_calibration_of_its_own() -> None:
    keys = {key_of(CATALOG, setup(f"dispatch.id={one}")) for one in ("thread_pool", "coroutine", "process_pool")}
    assert len(keys) == 3


@pytest.mark.asyncio
async def test_cancelled_twice_it_still_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, stopping, go_on, gone = (asyncio.Event() for _ in range(4))

    class Slow:
        """A session that takes its time to stop."""

        def __init__(self, *_: object, **__: object) -> None: ...

        async def start(self, scenario: object) -> None:
            asked.set()

        async def stop(self) -> None:
            stopping.set()
            await go_on.wait()

        def discard(self) -> None:
            gone.set()

    monkeypatch.setattr(calibration, "Session", Slow)
    task = asyncio.create_task(calibration.calibrate(CATALOG, setup("load.users=10")))
    await asked.wait()
    task.cancel()
    await stopping.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not gone.is_set()
    go_on.set()
    await gone.wait()
