"""Choices and what they mean; what cannot be is one sentence."""

from pathlib import Path

import pytest

from explorer.labs.parallelism.options import Point, plan, usual_counts
from explorer.labs.parallelism.runners.find import runners
from explorer.option_error import OptionError
from explorer.supervise.quota import quota


def test_the_coroutine_is_measured_at_both_ends() -> None:
    found = plan({"job": "mandelbrot"}, ["threads"], "1-2", cores=2)
    assert found.points == [
        Point("coroutine", 1),
        Point("threads", 1),
        Point("threads", 2),
        Point("coroutine", 1),
    ]


def test_vectorised_code_has_one_worker_but_for_a_library_with_threads_of_its_own() -> None:
    assert Point("numpy", 2) not in plan({"job": "primes"}, ["numpy"], "1,2").points
    assert Point("numpy", 2) in plan({"job": "matrix"}, ["numpy"], "1,2").points


@pytest.mark.parametrize(
    ("cores", "counts"),
    [(1, [1, 2]), (2, [1, 2, 3, 4]), (1.5, [1, 2, 3, 4]), (4, list(range(1, 9))), (6, [1, 2, 3, 4, 6, 8, 12])],
)
def test_a_sweep_goes_to_twice_the_cores(cores: float, counts: list[int]) -> None:
    assert usual_counts(cores) == counts


@pytest.mark.parametrize(
    ("values", "names", "workers", "sentence"),
    [
        ({"job": "mandelbrod"}, ["threads"], "", "There is no job 'mandelbrod'. Did you mean 'mandelbrot'?"),
        ({}, ["treads"], "", "There is no runner 'treads'. Did you mean 'threads'?"),
        ({}, [""], "", "Name at least one runner. Known are: cluster, coroutine, "),
        ({}, ["threads"], "0", "'0' names no numbers of workers; write them such as 1-4 or 1,2,8, from 1 to 64."),
        ({}, ["threads"], "4-2", "'4-2' goes from more to fewer workers; write the smaller number first: 2-4."),
        ({}, ["threads"], "2-0", "'2-0' names no numbers of workers"),
        ({}, ["threads"], "1,65", "'1,65' names no numbers of workers"),
        ({"size": 3}, ["threads"], "", "The size of 'mandelbrot' must be from 8 to 8,000 pixels."),
        ({"job": "primes", "grain": 100}, ["threads"], "", "That would be 600,000 tasks, and 20,000 is the most"),
        ({"serial": 2}, ["threads"], "", "parallelism.serial (Done alone) must be from 0 to 0.9."),
        ({"repeat": 0}, ["threads"], "", "parallelism.repeat (Repeats) must be from 1 to 50 times."),
    ],
)
def test_what_cannot_be_is_one_sentence(
    values: dict[str, object], names: list[str], workers: str, sentence: str
) -> None:
    with pytest.raises(OptionError) as error:
        plan(values, names, workers)
    assert str(error.value).startswith(sentence)
    assert error.value.where.startswith("parallelism.")


def test_all_runners_are_found_in_order() -> None:
    assert list(runners()) == ["coroutine", "threads", "process_pool", "interpreter_pool", "numpy", "cluster"]
    assert all(runner.summary.endswith(".") for runner in runners().values())


def test_the_tightest_quota_of_version_2_counts(tmp_path: Path) -> None:
    inner = tmp_path / "root/a/b"
    inner.mkdir(parents=True)
    (inner / "cpu.max").write_text("300000 100000\n")
    (inner.parent / "cpu.max").write_text("150000 100000\n")
    members = tmp_path / "cgroup"
    members.write_text("0::/a/b\n")
    assert quota(members, tmp_path / "root") == 1.5
    (inner.parent / "cpu.max").write_text("max 100000\n")
    assert quota(members, tmp_path / "root") == 3


def test_a_quota_of_version_1_counts(tmp_path: Path) -> None:
    group = tmp_path / "root/cpu,cpuacct/a"
    group.mkdir(parents=True)
    (group / "cpu.cfs_quota_us").write_text("50000\n")
    (group / "cpu.cfs_period_us").write_text("100000\n")
    members = tmp_path / "cgroup"
    members.write_text("4:cpu,cpuacct:/a\n3:memory:/a\n")
    assert quota(members, tmp_path / "root") == 0.5
    (group / "cpu.cfs_quota_us").write_text("-1\n")
    assert quota(members, tmp_path / "root") is None
    assert quota(tmp_path / "missing", tmp_path) is None
