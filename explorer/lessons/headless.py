"""A lesson without a window: its runs, one after the other, and whether the figures bear out what it claims."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.catalog import Catalog
from explorer.labs.isolation.dependencies import graph
from explorer.labs.isolation.headless import run_once
from explorer.labs.isolation.judge import judge as judge_isolation
from explorer.labs.isolation.measure import run_as_json
from explorer.labs.locks.run import run_scenario
from explorer.labs.parallelism.result import Result, as_json
from explorer.labs.parallelism.sweep import Sweep
from explorer.lessons.claims import ClaimResult, judge
from explorer.lessons.derived import derived
from explorer.lessons.lesson import Lesson, Run
from explorer.lessons.needs import lacking
from explorer.lessons.runs import isolation_of, lock_scenario_of, plan_of, scenario_of
from explorer.option_error import OptionError
from explorer.session.headless import Signals, run_headless
from explorer.session.run_file import cores

Say = Callable[[str], None]


class Interrupted(Exception):
    """Somebody ended a run: the rest is not begun."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a lesson: its claims judged, or why it was `skipped` or is `unjudged`; `figures` by id of the run.

    A lesson is skipped where this machine lacks something for it, and unjudged when a run of it was not valid: of such
    figures nothing can be said.
    """

    id: str
    claims: tuple[ClaimResult, ...] = ()
    skipped: str = ""
    unjudged: str = ""
    figures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether everything that it claims holds. One that was skipped has not failed, one unjudged has not passed."""
        return not self.unjudged and all(claim.holds for claim in self.claims)

    def as_json(self) -> dict[str, Any]:
        """{id, passed, skipped, unjudged, claims: [{text, holds, evidence}]}; the two are the reason, or null.

        `passed` is null of one that was skipped.
        """
        claims = [{"text": one.text, "holds": one.holds, "evidence": one.evidence} for one in self.claims]
        return {
            "id": self.id,
            "passed": None if self.skipped else self.passed,
            "skipped": self.skipped or None,
            "unjudged": self.unjudged or None,
            "claims": claims,
        }


def run_lesson(catalog: Catalog, lesson: Lesson, say: Say = lambda line: None) -> Outcome:
    """Carry out the runs of `lesson` and judge its claims. Raises `OptionError` if one cannot run, `Interrupted`."""
    reason = lacking(lesson)
    if reason is not None:
        return Outcome(lesson.id, skipped=reason)
    figures: dict[str, Mapping[str, Any]] = {}
    for run in lesson.runs:
        say(f"{lesson.title}: {run.title or run.id}")
        figures[run.id] = _CARRIED_OUT[run.kind](catalog, lesson, run, say)
        if reason := run.unjudged(figures[run.id]):
            return Outcome(lesson.id, unjudged=reason, figures=figures)
    return Outcome(lesson.id, tuple(judge_all(lesson, figures)), figures=figures)


def judge_all(lesson: Lesson, figures: Mapping[str, Mapping[str, Any]]) -> list[ClaimResult]:
    """Judge all claims: C and D are those of the main run, and of each run by its name (`try.D`)."""
    known = {run: {**told, **derived(told, cores())} for run, told in figures.items()}
    return judge(lesson, known, derived(figures.get(lesson.runs[0].id, {}), cores()))


def _server(catalog: Catalog, lesson: Lesson, run: Run, say: Say) -> Mapping[str, Any]:
    outcome = run_headless(catalog, scenario_of(catalog, lesson, run.id), record=None, say=say)
    if outcome.interrupted:
        raise Interrupted
    if outcome.failure:
        say(outcome.failure)
    return outcome.figures or {}


def _locks(catalog: Catalog, lesson: Lesson, run: Run, say: Say) -> Mapping[str, Any]:
    lab, scenario = lock_scenario_of(catalog, run)
    came = threading.Event()
    verdict = run_scenario(catalog, lab, scenario, say=say, interrupted=came.set)
    if came.is_set():
        raise Interrupted
    return verdict.as_json()


def _isolation(catalog: Catalog, lesson: Lesson, run: Run, say: Say) -> Mapping[str, Any]:
    target, level, schedule = isolation_of(run)
    trace = run_once(target, level, schedule)
    if trace is None:
        raise Interrupted
    return run_as_json(schedule, trace, judge_isolation(schedule, trace), graph(schedule, trace))


def _parallelism(catalog: Catalog, lesson: Lesson, run: Run, say: Say) -> Mapping[str, Any]:
    came = threading.Event()

    async def main() -> Result:
        sweep = Sweep(plan_of(run), lambda progress: say(progress.words), observed=False)

        def end() -> None:
            came.set()
            sweep.cancel()

        with Signals(end):
            return await sweep.run()

    try:
        result = asyncio.run(main())
    except OptionError:
        if came.is_set():
            raise Interrupted from None
        raise
    if came.is_set():
        raise Interrupted
    return as_json(result)


_CARRIED_OUT: dict[str, Callable[[Catalog, Lesson, Run, Say], Mapping[str, Any]]] = {
    "server": _server, "locks": _locks, "isolation": _isolation, "parallelism": _parallelism,
}  # fmt: skip
