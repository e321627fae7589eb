"""A lesson without a window: its runs one after the other, and whether their figures bear out what it claims."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.catalog import Catalog
from explorer.lessons.claims import ClaimResult, judge
from explorer.lessons.lesson import Lesson, Run
from explorer.lessons.needs import lacking
from explorer.lessons.runs import (
    content_key,
    extra_of,
    locks_of,
    plan_values,
    plan_words,
    scenario_of,
    schedule_of,
)
from explorer.options import OptionError

Say = Callable[[str], None]
Made = dict[str, dict[str, Any]]
"""What was measured by the content of a run, so that lessons that share a run share its figures."""


class Interrupted(Exception):
    """Somebody ended the run."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a lesson. `skipped` says why it did not run, else empty; `failure` why its runs did not end well."""

    id: str
    claims: tuple[ClaimResult, ...] = ()
    skipped: str = ""
    failure: str = ""
    figures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether all was run and all claims hold."""
        return not self.skipped and not self.failure and all(claim.holds for claim in self.claims)

    def as_json(self) -> dict[str, Any]:
        """Plain data: {id, passed, claims: [{text, holds, evidence}], skipped, failure}; null where there is none."""
        return {
            "id": self.id,
            "passed": self.passed,
            "claims": [claim.as_json() for claim in self.claims],
            "skipped": self.skipped or None,
            "failure": self.failure or None,
        }


def run_lesson(catalog: Catalog, lesson: Lesson, say: Say, made: Made | None = None) -> Outcome:
    """Make all runs of `lesson`, but for those in `made` already, and judge it. Raises `Interrupted`."""
    made = {} if made is None else made
    if reason := lacking(lesson):
        return Outcome(lesson.id, skipped=reason)
    figures: dict[str, Mapping[str, Any]] = {}
    for run in lesson.runs:
        key = content_key(run)
        if key not in made:
            say(f"{lesson.id}: {run.title}")
            try:
                made[key] = make(catalog, lesson, run, say)
            except OptionError as error:
                return Outcome(lesson.id, failure=f"{run.title}: {error}", figures=figures)
        figures[run.id] = made[key]
    extra = extra_of(figures[lesson.runs[0].id])
    return Outcome(lesson.id, tuple(judge(lesson, figures, extra)), figures=figures)


def make(catalog: Catalog, lesson: Lesson, run: Run, say: Say) -> dict[str, Any]:
    """The figures of one run, as JSON has them. Raises `OptionError` and `Interrupted`."""
    if run.kind == "server":
        return _server(catalog, lesson, run, say)
    if run.kind == "locks":
        return _locks(catalog, run, say)
    return _isolation(run) if run.kind == "isolation" else _parallelism(run)


def _server(catalog: Catalog, lesson: Lesson, run: Run, say: Say) -> dict[str, Any]:
    from explorer.session.headless import run_headless

    outcome = run_headless(catalog, scenario_of(lesson, run.id, catalog), record=None, say=lambda line: None)
    if outcome.interrupted:
        raise Interrupted
    if outcome.failure or outcome.figures is None:
        raise OptionError(outcome.failure or "Nothing was measured.")
    return _plain(outcome.figures)


def _locks(catalog: Catalog, run: Run, say: Say) -> dict[str, Any]:
    from explorer.labs.locks.run import run_scenario

    lab, scenario = locks_of(run, catalog)
    return _plain(run_scenario(catalog, lab, scenario, say=lambda line: None).as_json())


def _isolation(run: Run) -> dict[str, Any]:
    from explorer.labs.isolation.dependencies import graph
    from explorer.labs.isolation.headless import run_once
    from explorer.labs.isolation.judge import judge as judged
    from explorer.labs.isolation.measure import run_as_json
    from explorer.labs.isolation.target import parse

    schedule, level, url, journal = schedule_of(run)
    trace = run_once(parse(url, journal), level, schedule)
    if trace is None:
        raise Interrupted
    return _plain(run_as_json(schedule, trace, judged(schedule, trace), graph(schedule, trace)))


def _parallelism(run: Run) -> dict[str, Any]:
    from explorer.labs.parallelism.options import plan
    from explorer.labs.parallelism.result import Result, as_json
    from explorer.labs.parallelism.sweep import Sweep
    from explorer.session.headless import Signals

    chosen = plan(plan_values(run), *plan_words(run))

    async def main() -> Result:
        sweep = Sweep(chosen, lambda progress: None, observed=False)
        with Signals(sweep.cancel):
            return await sweep.run(None)

    outcome = as_json(asyncio.run(main()))
    if not outcome["complete"]:
        raise Interrupted
    return _plain(outcome)


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """As it is after a trip through JSON: lists and dictionaries, nothing else."""
    plain: dict[str, Any] = json.loads(json.dumps(value))
    return plain
