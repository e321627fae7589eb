"""`run --predict`: what the law says stands beside what was measured; without it nothing is predicted."""

from pathlib import Path

import pytest

from tests.end2end.command import run_json

WAITING = ("--dispatch", "thread_pool", "--set", "dispatch.tokens=4", "--set", "workload.seconds=0.1", "--users", "8")


def test_what_the_law_says_stands_beside_what_was_measured(tmp_path: Path) -> None:
    figures = run_json(*WAITING, "--duration", "2.5", "--predict", env={"XDG_DATA_HOME": str(tmp_path)})
    told = figures["prediction"]
    assert told["throughput_rps"] == pytest.approx(40, rel=0.02), "four at a time, ten times a second"
    assert told["latency_ms"] == pytest.approx(200, rel=0.02), "by Little's law"
    assert told["law"]
    assert told["inputs"]


def test_nothing_is_predicted_unasked() -> None:
    assert run_json(*WAITING, "--duration", "1")["prediction"] is None
