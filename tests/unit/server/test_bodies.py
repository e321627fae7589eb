"""What workloads do, and the arguments they get."""

import inspect
import json
import sys
import time
from pathlib import Path

import pytest

from explorer.server.calibrate import FILE, rate
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.cpu_native import arguments as native_arguments
from explorer.server.workloads.cpu_native import body as native
from explorer.server.workloads.cpu_native.feature import CpuNativeKnobs
from explorer.server.workloads.cpu_python import arguments as python_arguments
from explorer.server.workloads.cpu_python import body as python
from explorer.server.workloads.cpu_python.feature import CpuPythonKnobs
from explorer.server.workloads.file_io import arguments as file_arguments
from explorer.server.workloads.file_io import body as file_io
from explorer.server.workloads.file_io.feature import FileIoKnobs
from explorer.server.workloads.mixed import arguments as mixed_arguments
from explorer.server.workloads.mixed import body as mixed
from explorer.server.workloads.mixed.feature import MixedKnobs
from explorer.server.workloads.sleep import body as sleep


def known(run: Path, **rates: float) -> None:
    """Write what was measured, as an earlier server of the run would have."""
    (run / FILE).write_text(json.dumps({f"{name} {sys.executable}": value for name, value in rates.items()}))


def test_sleep_sleeps_in_both_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)

    sleep.blocking(0.25)

    assert slept == [0.25]
    assert inspect.iscoroutinefunction(sleep.awaiting)


def test_a_request_does_a_fixed_amount_of_work(tmp_path: Path) -> None:
    known(tmp_path, cpu_python=1_000_000.0, cpu_native=200_000.0, mixed=1_000_000.0)

    assert python_arguments.Arguments(Surroundings(tmp_path)).of(CpuPythonKnobs(seconds=0.5)) == {"loops": 500_000}
    assert native_arguments.Arguments(Surroundings(tmp_path)).of(CpuNativeKnobs(seconds=0.5)) == {"rounds": 100_000}
    assert mixed_arguments.Arguments(Surroundings(tmp_path)).of(MixedKnobs(seconds=0.5, wait=2)) == {
        "loops": 500_000,
        "wait": 2.0,
    }


def test_there_is_always_something_to_do(tmp_path: Path) -> None:
    known(tmp_path, cpu_python=1.0, cpu_native=1.0)

    assert python_arguments.Arguments(Surroundings(tmp_path)).of(CpuPythonKnobs(seconds=1e-6)) == {"loops": 1}
    assert native_arguments.Arguments(Surroundings(tmp_path)).of(CpuNativeKnobs(seconds=1e-6)) == {"rounds": 1}


def test_what_was_measured_in_a_run_holds_for_all_its_servers(tmp_path: Path) -> None:
    calls: list[int] = []

    def work(units: int) -> None:
        calls.append(units)
        for _ in range(units):
            pass

    first = rate("work", work, tmp_path)
    measured = len(calls)
    second = rate("work", work, tmp_path)

    assert first == second > 0
    assert len(calls) == measured > 0


def test_without_a_run_every_process_measures_for_itself() -> None:
    assert rate("work", lambda units: sum(range(units))) > 0


def test_a_damaged_calibration_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")

    assert rate("work", lambda units: sum(range(units)), tmp_path) > 0
    assert json.loads((tmp_path / FILE).read_text())


def test_python_and_mixed_work_is_a_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)

    assert python.blocking(4) == 0 + 1 + 4 + 2
    assert mixed.compute(4) == python.blocking(4)
    mixed.blocking(4, 0)


async def test_mixed_work_awaits_in_between() -> None:
    await mixed.awaiting(4, 0)


def test_native_work_is_a_hash() -> None:
    assert native.blocking(2) == native.blocking(2) != native.blocking(3)


@pytest.mark.parametrize("sync", [True, False])
def test_file_io_reads_what_it_wrote_and_cleans_up(tmp_path: Path, sync: bool) -> None:
    prepared = file_arguments.Arguments(Surroundings(tmp_path))
    arguments = prepared.of(FileIoKnobs(kilobytes=3, sync=sync))

    assert file_io.blocking(**arguments) == 3 * 1024

    folder = Path(arguments["folder"])
    assert folder.parent == tmp_path
    assert list(folder.iterdir()) == []
    prepared.close()
    assert not folder.exists()
