"""Lock scenarios with a real server; all of them, in all forms, are `python -m tests.full lock_scenarios`."""

from pathlib import Path

from explorer.catalog import Catalog
from explorer.labs.locks.outcome import verdict_of_recording
from explorer.labs.locks.run import run_scenario
from explorer.labs.locks.scenarios import scenario_named
from explorer.labs.locks.verdict import Verdict

CATALOG = Catalog()


def run(name: str, *settings: str, cured: bool = False, seconds: float = 0.5, record: Path | None = None) -> Verdict:
    lab = scenario_named(name)
    scenario = lab.scenario(CATALOG, cured=cured, seconds=seconds, settings=settings)
    return run_scenario(CATALOG, lab, scenario, record=record)


def test_a_deadlock_is_named_and_broken_and_the_recording_says_the_same(tmp_path: Path) -> None:
    found = run("lock_order_deadlock", "workload.hold=0.02", record=tmp_path / "a.cxrec")
    figures = found.judgement.figures
    assert found.cycle is not None
    assert set(found.cycle[1::2]) == {"A", "B"}
    assert len(set(found.cycle[::2])) == 2
    assert figures["broken"] == figures["deadlocks"]
    assert figures["served_afterwards"]
    assert figures["places"] == ["lock_order_deadlock/body.py:29"] * 2

    kept = verdict_of_recording(CATALOG, tmp_path / "a.cxrec")
    assert kept.cycle == found.cycle
    found_after = ("first_found_after_ms", "longest_found_after_ms")
    for name in ("transfers", "deadlocks", "broken", "answered_503", "places", "longest_wait_ms", *found_after):
        assert kept.judgement.figures[name] == figures[name], name


def test_tokens_let_all_through_in_order() -> None:
    settings = ("workload.seconds=0.01", "workload.patience=20", "load.requests=20")
    found = run("semaphore_limit", *settings, cured=True)
    assert found.holds, found.judgement.sentence
    assert found.judgement.figures["most_waiting"] == 15
    assert found.cycle is None
