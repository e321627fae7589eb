"""Why a run differs is told from that run's own figures, and only where it differs."""

from typing import Any

import pytest

from explorer.analysis.predict.calibration import Calibration
from explorer.analysis.predict.differs import differs
from explorer.analysis.predict.measured import compare, recalibrated
from explorer.analysis.predict.told import beside, line, with_its_own
from tests.unit.analysis.predict.setups import CATALOG, KNOWN, law, setup


def process(role: str, cpu_s: float, runnable: float = 0.0, requests: int | None = None) -> dict[str, Any]:
    return {"role": role, "cpu_s": cpu_s, "requests": requests, "threads": [{"states": {"runnable": runnable}}]}


def figures(rps: float, mean_ms: float, *processes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "valid": True,
        "throughput_rps": rps,
        "latency_ms": {"mean": mean_ms},
        "makespan_s": None,
        "window": {"start_s": 1.0, "end_s": 5.0},
        "requests": {"ok": round(4 * rps), "failed": 0, "timed_out": 0},
        "send_lag_p99_ms": 0.1,
        "processes": list(processes),
        "event_loops": [],
    } | more


WAITING = ("load.users=100",)
COMPUTING = ("workload.id=cpu_python", "workload.seconds=0.02", "load.users=8")


def why(words: tuple[str, ...], told: dict[str, Any]) -> str:
    return " ".join(differs(law(*words), told, KNOWN))


def test_what_agrees_needs_no_reason() -> None:
    assert not differs(law(*WAITING), figures(198, 505), KNOWN)


def test_no_evidence_no_reason() -> None:
    assert why(WAITING, figures(150, 660)) == "The figures of this run show no reason for the difference."


def test_other_programs_took_the_cores() -> None:
    told = figures(150, 660, process("server", 1.0, runnable=0.3), process("load", 0.4))
    assert "other programs" in why(WAITING, told)
    full = figures(150, 660, process("server", 14.5, runnable=0.3), process("load", 0.4))
    assert "run's own processes" in why(WAITING, full)


def test_a_late_load_is_told() -> None:
    assert "late (p99)" in why(WAITING, figures(150, 660, send_lag_p99_ms=80.0))


def test_failures_are_told() -> None:
    assert "failed or timed out" in why(WAITING, figures(150, 660, requests={"ok": 600, "failed": 7, "timed_out": 0}))


def test_another_cpu_time_of_a_request_is_told() -> None:
    assert "more than the 21.2 ms" in why(COMPUTING, figures(30, 266, process("server", 4.0)))


def test_fewer_cores_than_workers_are_told() -> None:
    words = (*COMPUTING, "model.id=prefork", "model.workers=16", "load.users=60")
    assert "16 event loops for the 3.88 cores" in why(words, figures(120, 500))


def test_unlike_numbers_of_connections_are_told() -> None:
    words = ("model.id=prefork", "dispatch.tokens=10", "load.users=60")
    shared = (
        process("server", 0.1, requests=0),
        process("worker", 1, requests=300),
        process("worker", 1, requests=100),
    )
    assert "unlike numbers of connections" in why(words, figures(70, 800, *shared))
    alike = (process("worker", 1, requests=250), process("worker", 1, requests=200))
    assert "unlike numbers" not in why(words, figures(70, 800, *alike))


def test_findings_of_the_run_are_told_where_they_bear_on_it() -> None:
    found = [{"id": "gc_pauses", "sentence": "Collections took 200 ms."}, {"id": "deadlock", "sentence": "No."}]
    assert why(WAITING, figures(150, 660, findings=found)) == "Collections took 200 ms."


def test_the_law_with_the_runs_own_cpu_time() -> None:
    told = figures(30, 266, process("server", 4 * 30 * 0.033), process("load", 0.1))
    found = with_its_own(CATALOG, setup(*COMPUTING), KNOWN, told)
    assert found is not None
    assert found.throughput_rps == pytest.approx(1 / 0.033, rel=0.02)


def test_the_law_with_the_runs_own_cpu_time_where_computing_was_faster_than_it_was_to_be() -> None:
    told = figures(30, 266, process("server", 4 * 30 * 0.013), process("load", 0.1))
    found = with_its_own(CATALOG, setup(*COMPUTING), KNOWN, told)
    assert found is not None
    assert found.throughput_rps == pytest.approx(1 / 0.013, rel=0.02)


def test_a_run_without_answers_says_nothing_of_cpu_time() -> None:
    assert recalibrated(Calibration(), figures(0, 0), 0.02, 1) is None


def test_as_json_and_as_a_line() -> None:
    told = figures(190, 520)
    found = beside(law(*WAITING), told, KNOWN)
    assert found is not None
    assert found["off"] == {"throughput": pytest.approx(-0.05), "latency": pytest.approx(0.04)}
    assert found["inputs"]["T"] == {"name": "tokens", "value": 40, "unit": ""}
    assert line(found) == (
        "200/s, measured 190/s (-5 %); 500 ms, measured 520 ms (+4 %)  (Tokens: T at a time: "
        "min(N, T) / S: min(100, 40) / 200 ms = 200/s; N / X: 100 / 200/s = 500 ms)"
    )
    assert beside(None, told, KNOWN) is None


def test_only_what_was_measured_is_compared() -> None:
    assert [one.quantity for one in compare(law(*WAITING), {"throughput_rps": 10.0})] == ["throughput"]
