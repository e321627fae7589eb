"""`run --predict --json` says before a run what will come of it, and beside it what came."""

import json

import pytest

from explorer.paths import user_data
from explorer.session.calibration import FILE
from tests.end2end.command import explorer, run_folders, run_folders_since, run_json
from tests.end2end.shape import faults

SLEEP = (
    "--dispatch", "thread_pool", "--set", "dispatch.tokens=4", "--workload", "sleep", "--set", "workload.seconds=0.2",
    "--predict",
)  # fmt: skip


def test_a_sleep_is_predicted_by_its_tokens() -> None:
    before = run_folders()
    figures = run_json(*SLEEP, "--users", "8", "--duration", "3")
    assert not faults(figures)
    told = figures["prediction"]
    assert told["throughput_rps"] == pytest.approx(20)
    assert told["latency_ms"] == pytest.approx(400)
    assert told["law"] == "Tokens: T at a time"
    assert told["with_numbers"] == "min(8, 4) / 200 ms = 20/s"
    assert told["calibration"]["serving_s"] > 0
    # No sleep ends early: what was measured cannot be above the law.
    assert figures["throughput_rps"] <= 20 * 1.3
    assert told["off"]["throughput"] == pytest.approx(figures["throughput_rps"] / 20 - 1, abs=1e-3)
    assert not run_folders_since(before)  # nor of the calibration
    assert json.loads((user_data() / FILE).read_text())["calibrations"]


def test_the_report_tells_it_in_a_line() -> None:
    ended = explorer("run", *SLEEP, "--burst", "8")
    assert ended.status == 0, ended.err
    line = next(line for line in ended.out.splitlines() if line.startswith("predicted"))
    assert "400 ms, measured" in line
    assert "⌈N / T⌉ · S" in line
    assert "⌈8 / 4⌉ · 200 ms = 400 ms" in line


@pytest.mark.long
def test_where_no_law_holds_there_is_none() -> None:
    figures = run_json("--workload", "file_io", "--users", "2", "--duration", "1.5", "--predict")
    assert figures["prediction"] is None


def test_nothing_is_predicted_unasked() -> None:
    assert run_json("--users", "2", "--duration", "1")["prediction"] is None
