"""From a lesson's runs to what can be started: a scenario, or the choices of a lab."""

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from explorer.catalog import Catalog
from explorer.lessons.lesson import Lesson, Run
from explorer.options import OptionError, suggest
from explorer.scenario import Scenario, parse

if TYPE_CHECKING:
    from explorer.labs.isolation.schedule import Schedule
    from explorer.labs.locks.lock_scenario import LockScenario

OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "locks": ("scenario", "cured", "seconds", "settings"),
    "isolation": ("scenario", "level", "url", "journal"),
    "parallelism": (
        "runners", "workers", "job", "size", "grain", "chunk", "serial", "repeat", "start_method", "travel",
        "interpreter",
    ),
}  # fmt: skip
OTHERS: Final = ("load", "window", "sampler")
"""The explorer's own processes, whose time the server does not have."""


def scenario_of(lesson: Lesson, run_id: str, catalog: Catalog | None = None) -> Scenario:
    """What is started for the run. Raises `OptionError` for one of a lab other than that of locks, and `KeyError`."""
    run = lesson.run(run_id)
    catalog = catalog or Catalog()
    if run.kind == "server":
        return parse(catalog, {"name": lesson.title, **run.scenario})
    if run.kind == "locks":
        return locks_of(run, catalog)[1]
    raise OptionError(f"The run '{run_id}' is one of the lab '{run.kind}' and has no scenario.")


def locks_of(run: Run, catalog: Catalog) -> "tuple[LockScenario, Scenario]":
    """A lock scenario and how it is run. Raises `OptionError`."""
    from explorer.labs.locks.scenarios import scenario_named

    lab = scenario_named(str(run.options.get("scenario", "")))
    seconds = run.options.get("seconds")
    settings = tuple(map(str, run.options.get("settings", ())))
    return lab, lab.scenario(catalog, cured=bool(run.options.get("cured")), seconds=seconds, settings=settings)


def schedule_of(run: Run) -> "tuple[Schedule, str, str, str]":
    """Of a run of the isolation lab: schedule, level, URL, journal. Raises `OptionError`."""
    from explorer.labs.isolation.levels import USUAL, chosen
    from explorer.labs.isolation.library import named
    from explorer.labs.isolation.target import parse as target_of

    url, journal = str(run.options.get("url", "embedded")), str(run.options.get("journal", "delete"))
    kind = target_of(url, journal).kind
    level = str(run.options.get("level", "")) or USUAL[kind]
    return named(str(run.options.get("scenario", ""))), chosen(level, kind)[0], url, journal


def check_options(run: Run) -> None:
    """Refuse options that the run's lab does not have, or values it cannot use. Raises `OptionError`."""
    known = OPTIONS[run.kind]
    for key in run.options:
        if key not in known:
            raise OptionError(f"The lab '{run.kind}' has no option '{key}'. {suggest(key, known)}", key)
    if run.kind == "locks":
        locks_of(run, Catalog())
    elif run.kind == "isolation":
        schedule_of(run)
    else:
        from explorer.labs.parallelism.options import plan

        plan(plan_values(run), *plan_words(run))


def plan_values(run: Run) -> dict[str, Any]:
    """The knobs of a run of the parallelism lab."""
    return {key: run.options.get(key) for key in OPTIONS["parallelism"][2:]}


def plan_words(run: Run) -> tuple[list[str], str]:
    """Its runners, and its numbers of workers as the command line takes them (2C: twice the cores)."""
    runners = str(run.options.get("runners", "coroutine,threads,process_pool")).split(",")
    return runners, str(run.options.get("workers", ""))


def content_key(run: Run) -> str:
    """Equal for runs of equal content, which need to be made only once."""
    return json.dumps([run.kind, run.scenario, run.options], sort_keys=True, default=str)


def extra_of(figures: Mapping[str, Any] | None) -> dict[str, float]:
    """C, the cores that load and collector left to the server, and D, the CPU seconds of the serving processes a
    request: both of the measuring window of the figures of a server's run. Without such figures C is all cores.
    """
    cores = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if not figures or "processes" not in figures:
        return {"C": cores}
    used = {True: 0.0, False: 0.0}
    for process in figures["processes"]:
        used[process["role"] in OTHERS] += sum(thread["cpu_fraction"] or 0.0 for thread in process["threads"])
    found = {"C": max(cores - used[True], 0.1)}
    throughput = figures["throughput_rps"]
    if throughput:
        found["D"] = used[False] / throughput
    return found
