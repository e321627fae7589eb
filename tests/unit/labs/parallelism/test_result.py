"""What a sweep says of itself: speed-up, fits, checks, sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from explorer.labs.parallelism.options import Point, plan
from explorer.labs.parallelism.result import Measured, Result, as_json
from explorer.labs.parallelism.table import table

PARTS = {"submit": 1e-5, "pickle": 2e-5, "wait": 1e-3, "run": 0.01, "return": 3e-5, "unexplained": 1e-6}


def run(seconds: float, check: str = "right", cores: Sequence[int] = (0, 1), others: float = 0.02) -> dict[str, Any]:
    machine = {"seconds": seconds, "busy": {"0": 0.99, "1": 0.97}, "ours": 1.9, "others": others}
    return {
        "seconds": seconds, "serial_s": 0.0, "combine_s": 0.0, "tasks": 50, "envelopes": 50, "check": check,
        "parts": PARTS, "gap": 1e-4, "run_s": seconds, "cpu_s": 2 * seconds, "workers_seen": 2,
        "cores_seen": list(cores), "machine": machine,
    }  # fmt: skip


def sweep(times: Mapping[int, Sequence[float]], runner: str = "process_pool", cores: float = 2) -> Result:
    result = Result(plan({}, [runner], "1-4", cores=cores), {"python": "3.11.7", "machine": True})
    result.add(Measured(Point("coroutine", 1), 0.0, [run(0.4), run(0.41)]))
    for workers, seconds in times.items():
        result.add(Measured(Point(runner, workers), 0.1, [run(each) for each in seconds]))
    return result


def test_the_fastest_repeat_counts_and_is_compared_with_one_coroutine() -> None:
    told = as_json(sweep({1: [0.42, 0.43], 2: [0.2, 0.22]}))
    two = told["points"][2]
    assert (two["runner"], two["workers"], two["seconds"], two["speedup"]) == ("process_pool", 2, 0.2, 2.0)
    assert two["efficiency"] == 1.0
    assert two["all_seconds"] == [0.2, 0.22]
    assert two["overhead_per_task_s"] == {**PARTS, "between_tasks": 1e-4}


def test_the_serial_fraction_is_one_sentence() -> None:
    times = {n: [0.4 * (0.2 + 0.8 / min(n, 2)) * shake for shake in (1, 1.004, 0.997)] for n in (1, 2, 3, 4)}
    told = as_json(sweep(times))
    assert 0.18 < told["serial_fraction"] < 0.22
    assert told["interval"][0] <= told["serial_fraction"] <= told["interval"][1]
    assert told["of_runner"] == "process_pool"
    assert told["sentence"].startswith("Process pool: ")
    assert "gets no faster with more workers, so that no number of them makes it more than" in told["sentence"]


def test_a_serial_fraction_that_is_too_uncertain_is_hidden() -> None:
    told = as_json(sweep({1: [0.4, 0.7], 2: [0.2, 0.5]}))
    assert told["serial_fraction"] is None
    assert "is too wide" in told["sentence"]


def test_threads_that_take_turns_are_told_so() -> None:
    told = as_json(sweep({n: [0.4, 0.401, 0.4] for n in (1, 2, 3, 4)}, "threads"))
    assert told["serial_fraction"] > 0.97
    assert "they take turns" in told["sentence"]


def test_the_number_of_workers_that_is_fastest_is_told_where_it_is_known() -> None:
    times = {n: [0.4 / n * (1 + 0.05 * (n - 1) + 0.08 * n * (n - 1)) * shake for shake in (1, 1.002, 0.998)]
             for n in range(1, 9)}  # fmt: skip
    told = as_json(sweep(times, cores=8))
    assert told["fits"]["process_pool"]["usl"]["told"]
    [sentence] = [one for one in told["sentences"] if "fastest with about" in one]
    assert sentence.startswith("Process pool: fastest with about 3.4 workers (")


def test_points_that_all_use_every_core_tell_nothing_and_say_so() -> None:
    told = as_json(sweep({n: [0.2, 0.201] for n in (2, 3, 4)}))
    assert told["serial_fraction"] is None
    assert told["sentence"].endswith("every point has a worker for each core or more; measure fewer as well.")


def test_threads_under_a_gil_do_not_speak_for_the_sweep() -> None:
    result = sweep({n: [0.4, 0.4 - 0.001 * n] for n in (1, 2)})
    for n in (1, 2):
        result.add(Measured(Point("threads", n), 0.0, [run(0.4 / n), run(0.4 / n)]))
    assert result.leader() == "process_pool"
    result.told = {"free_threaded": True}
    assert result.leader() == "threads"


def test_one_core_is_told_so() -> None:
    told = as_json(sweep({n: [0.4, 0.401] for n in (1, 2)}, cores=1))
    assert told["sentence"] == "The serial fraction cannot be told on 1 core: more workers have nowhere to run."


def test_the_text_says_which_cores_were_busy_and_what_others_used() -> None:
    told = as_json(sweep({1: [0.42, 0.43], 2: [0.2, 0.22]}))
    assert told["cores_sentence"] == (
        "2 cores may be used; Process pool with 2 workers used 2.00 cores on cores 0 and 1, busy 99 % and 97 %. "
        "Others used 0.02 cores meanwhile."
    )
    assert told["cores"]["available"] == 2
    assert told["cores"]["busy"] == pytest.approx({"0": 0.99, "1": 0.97})


def test_another_result_is_never_hidden() -> None:
    result = sweep({1: [0.4, 0.4], 2: [0.2, 0.2]})
    result.add(Measured(Point("process_pool", 3), 0.1, [run(0.19), run(0.18, check="wrong")]))
    told = as_json(result)
    assert not told["checks"]["equal"]
    [sentence] = told["checks"]["mismatches"]
    assert "Process pool with 3 workers gave another result than one coroutine in 1 of 2 runs" in sentence
    assert told["sentences"][0] == sentence
    assert [point["equal"] for point in told["points"]] == [True, True, True, False]
    assert "differs" in table(told)
    assert sentence in table(told)


def test_a_point_that_is_measured_again_gains_repeats() -> None:
    result = sweep({1: [0.4, 0.4]})
    result.add(Measured(Point("coroutine", 1), 0.0, [run(0.3)]))
    assert result.base is not None
    assert [one["seconds"] for one in result.base.runs] == [0.4, 0.41, 0.3]
    assert len(result.measured) == 2


def test_the_table_has_a_line_for_every_point_and_every_refusal() -> None:
    result = sweep({1: [0.4, 0.4], 2: [0.2, 0.2]})
    result.refused["numpy"] = "NumPy is missing."
    lines = table(as_json(result)).splitlines()
    assert lines[0].split()[0] == "Runner"
    assert sum(line.startswith("Process pool  ") for line in lines) == 2
    assert "NumPy was not measured: NumPy is missing." in lines
