"""From evidence to verdict: of a run, while it goes on or when it is over, and of its recording."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.catalog import Catalog
from explorer.labs.locks.evidence import Evidence
from explorer.labs.locks.lock_scenario import LockScenario, is_cured
from explorer.labs.locks.scenarios import scenarios
from explorer.labs.locks.verdict import Verdict
from explorer.option_error import OptionError
from explorer.recording.file_source import FileSource
from explorer.scenario import Scenario, parse


def verdict_of(lab: LockScenario, evidence: Evidence, scenario: Scenario) -> Verdict:
    """What the run of `scenario` showed, by its evidence; a live run's is that of what was seen until now."""
    cured = is_cured(scenario)
    judged = lab.judge(evidence, scenario)
    judgement = replace(judged, figures={**judged.figures, "records_lost": evidence.lost})
    # A circle that a cure opens again by itself is no deadlock.
    stuck = evidence.deadlocks if not (cured and judgement.holds) else []
    return Verdict(lab.id, cured, lab.claim(scenario), judgement, stuck[0].cycle.names if stuck else None)


def verdict_of_recording(catalog: Catalog, path: Path) -> Verdict:
    """What a recorded run of a lock scenario showed. Raises `OptionError` if it is no recording of one."""
    source = FileSource(path)
    try:
        scenario = _scenario(catalog, source.run.get("scenario"))
        lab = scenarios().get(scenario.workload.id) if scenario is not None else None
        if scenario is None or lab is None:
            raise OptionError(f"{path.name} is no run of the locks lab; open it with: concurrency-explorer open.")
        evidence = Evidence()
        while not source.finished:
            evidence(source.poll())
    finally:
        source.close()
    evidence.watch.look_back()
    return verdict_of(lab, evidence, scenario)


def _scenario(catalog: Catalog, data: Any) -> Scenario | None:
    """The scenario of a recording; None if it cannot be told, for instance because a later version made it."""
    try:
        return parse(catalog, data) if isinstance(data, dict) else None
    except OptionError:
        return None
