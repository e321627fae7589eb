"""The one place where the presenter asks the lessons' engine: which lessons there are, what a run starts, C and D."""

from collections.abc import Mapping
from typing import Any

from explorer.catalog import Catalog
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.target import Target
from explorer.labs.locks.lock_scenario import LockScenario
from explorer.labs.parallelism.options import Plan
from explorer.lessons import runs
from explorer.lessons.derived import derived
from explorer.lessons.lesson import Lesson, Run
from explorer.lessons.library import Library, folders
from explorer.scenario import Scenario
from explorer.session.run_file import cores


def library(catalog: Catalog) -> Library:
    """The lessons of the program and the user's own."""
    return Library(catalog, folders())


def readable(found: Library) -> list[Lesson]:
    """Those that can be used, as their folders are now."""
    return [one for one in found.lessons() if isinstance(one, Lesson)]


def scenario_of(catalog: Catalog, lesson: Lesson, run: Run) -> Scenario:
    """What a run of a server, or of the locks lab, starts. Raises `OptionError`."""
    return runs.lock_scenario_of(catalog, run)[1] if run.kind == "locks" else runs.scenario_of(catalog, lesson, run.id)


def lock_lab(catalog: Catalog, run: Run) -> LockScenario:
    """The lock scenario of a run of that lab. Raises `OptionError`."""
    return runs.lock_scenario_of(catalog, run)[0]


def plan_of(run: Run) -> Plan:
    """What a run of the parallelism lab measures. Raises `OptionError`."""
    return runs.plan_of(run)


def schedule_of(run: Run) -> tuple[Target, str, Schedule]:
    """Database, level and steps of a run of the isolation lab. Raises `OptionError`."""
    return runs.isolation_of(run)


def names_of(lesson: Lesson, figures: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What a slide's expressions may name: the lesson's values, C and D of its main run, and its runs' figures."""
    main = figures.get(lesson.runs[0].id)
    extra = derived(main or {}, cores())
    return {**lesson.values, **extra, **figures}
