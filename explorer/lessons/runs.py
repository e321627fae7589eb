"""What a run of a lesson asks of the server or of a lab; the same for the window, the wall and the command line."""

from collections.abc import Mapping
from typing import Any

from explorer.catalog import Catalog
from explorer.labs.isolation.levels import USUAL, chosen
from explorer.labs.isolation.library import named
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.target import Target
from explorer.labs.isolation.target import parse as parse_target
from explorer.labs.locks.lock_scenario import LockScenario
from explorer.labs.locks.scenarios import scenario_named
from explorer.labs.parallelism.options import USUAL as USUAL_RUNNERS
from explorer.labs.parallelism.options import Plan, plan
from explorer.lessons.lesson import Lesson, Run
from explorer.option_error import OptionError
from explorer.options import suggest
from explorer.scenario import Scenario, parse

LOCKS = ("scenario", "cured", "seconds", "set")
ISOLATION = ("scenarios", "levels", "url", "journal")


def scenario_of(catalog: Catalog, lesson: Lesson, run_id: str) -> Scenario:
    """The scenario of a `server` run. Raises `OptionError`, as for a scenario file."""
    run = lesson.run(run_id)
    told = {"name": run.title or lesson.title, **run.scenario}
    return parse(catalog, told)


def lock_scenario_of(catalog: Catalog, run: Run) -> tuple[LockScenario, Scenario]:
    """The scenario of a `locks` run: options `scenario`, `cured`, `seconds`, `set` (a list), as on the command line."""
    _check(run, LOCKS)
    lab = scenario_named(str(run.options.get("scenario", "")))
    settings = tuple(str(word) for word in run.options.get("set", ()))
    seconds = run.options.get("seconds")
    made = lab.scenario(catalog, cured=bool(run.options.get("cured")), seconds=seconds, settings=settings)
    return lab, made


def isolation_of(run: Run) -> tuple[Target, str, Schedule]:
    """Database, level and schedule of an `isolation` run: options `scenarios`, `levels`, `url`, `journal`."""
    _check(run, ISOLATION)
    target = parse_target(str(run.options.get("url", "sqlite://")), str(run.options.get("journal", "delete")))
    levels = str(run.options.get("levels", "")) or USUAL[target.kind]
    return target, chosen(levels, target.kind)[0], named(str(run.options.get("scenarios", "")))


def plan_of(run: Run) -> Plan:
    """The plan of a `parallelism` run: options as the command line's, `runner` and `workers` as text."""
    options: dict[str, Any] = dict(run.options)
    runners = options.pop("runner", None)
    workers = str(options.pop("workers", ""))
    return plan(options, str(runners).split(",") if runners else USUAL_RUNNERS, workers)


def _check(run: Run, known: tuple[str, ...]) -> None:
    unknown = next((key for key in run.options if key not in known), None)
    if unknown is not None:
        raise OptionError(f"A run of the {run.kind} lab has no '{unknown}'. {suggest(unknown, known)}")


def check(catalog: Catalog, lesson: Lesson, run: Run) -> None:
    """Raise `OptionError` for a run that asks for what there is not."""
    checks: Mapping[str, Any] = {
        "server": lambda: scenario_of(catalog, lesson, run.id),
        "locks": lambda: lock_scenario_of(catalog, run),
        "isolation": lambda: isolation_of(run),
        "parallelism": lambda: plan_of(run),
    }
    checks[run.kind]()
