"""What serving costs on this machine under this interpreter: measured from a second of real requests, before a run.

A server of its own is asked by the real load for requests that do next to nothing (the workload's `idle` knobs), so
that nothing of it shows in the run and no state of the workload is touched. What was measured is kept for a day, for
this interpreter, dispatch and workload.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from explorer import __version__
from explorer.analysis.predict.calibration import Calibration
from explorer.analysis.predict.measured import lasted_s, spent
from explorer.analysis.predict.predict import predict
from explorer.analysis.statistics import RunStatistics
from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.paths import user_data
from explorer.records.states import Role
from explorer.scenario import Scenario, parse
from explorer.session import events
from explorer.session.session import Session
from explorer.supervise import cores as affinity
from explorer.supervise.interpreters.find import Interpreters
from explorer.supervise.quota import quota

FILE: Final = "calibrations.json"
SCHEMA: Final = 1
GOOD_FOR_S: Final = 24 * 3600.0
LOAD_S: Final = 1.5
"""Of which the last third is measured: the first second is warm-up."""
LIMIT_S: Final = 30.0
USERS: Final = 8
SERVER: Final = ("interpreter", "loop", "http", "operations", "locks", "switch_interval", "gc")
ANY: Final = Calibration(serving_s=0.001)
"""Stands for any calibration, where the question is whether one is of use."""
FREE: Final = "free-threaded"
FOR_REQUESTS: Final = frozenset({Role.LOAD, Role.WINDOW})
"""What these take grows with the requests: one sends them, the other reads what is recorded of them."""
SERVING: Final = frozenset({Role.SERVER, Role.WORKER, Role.CONNECTION, Role.STANDBY})


def machine_cores() -> float:
    """Cores that a run may use: those of this process, or fewer by the quota of its control group."""
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(float(here), quota() or float(here))


def idle(catalog: Catalog, scenario: Scenario) -> Scenario | None:
    """The scenario that is asked in place of `scenario`; None where its workload or dispatch has no law anyway."""
    workload = catalog.get("workload", scenario.workload.id)
    dispatch = catalog.get("dispatch", scenario.dispatch.id)
    if scenario.own or not workload.idle or dispatch.places(scenario.dispatch.knobs) is None:
        return None
    server = scenario.server.model_dump()
    data: dict[str, Any] = {
        "server": {key: server[key] for key in SERVER},
        "model": {"id": "event_loop"},
        "dispatch": scenario.dispatch.plain(),
        "workload": {**scenario.workload.plain(), **workload.idle},
        "load": {"mode": "users", "users": USERS, "duration": LOAD_S},
    }
    return parse(catalog, data)


class Calibrations:
    """What was measured, in memory and in a file of the user's folder. Belongs to one thread."""

    def __init__(self, folder: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._path = (folder or user_data()) / FILE
        self._clock = clock

    def known(self, catalog: Catalog, scenario: Scenario) -> Calibration | None:
        """What was measured within the last day for a run such as `scenario`, with the cores that there are now."""
        found = self._read().get(key_of(catalog, scenario))
        try:
            if found is None or not 0 <= self._clock() - float(found["at"]) < GOOD_FOR_S:
                return None
            return for_run(Calibration.from_dict(found["measured"]), scenario)
        except (KeyError, TypeError, ValueError):
            return None

    def keep(self, catalog: Catalog, scenario: Scenario, measured: Calibration) -> None:
        """Keep what was measured; a disk that takes nothing more only means that it is measured again."""
        told = self._read() | {
            key_of(catalog, scenario): {"at": self._clock(), "measured": measured.as_dict()},
        }
        new = self._path.with_suffix(f".{os.getpid()}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.write_text(json.dumps({"schema": SCHEMA, "calibrations": told}, indent=1), encoding="utf-8")
            new.replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        found = data.get("calibrations") if isinstance(data, dict) and data.get("schema") == SCHEMA else None
        return found if isinstance(found, dict) else {}


def key_of(catalog: Catalog, scenario: Scenario) -> str:
    """What a calibration is good for: version, interpreter, ways of serving, dispatch, workload."""
    server = scenario.server.model_dump()
    ways = ",".join(f"{key}={server[key]}" for key in SERVER)
    return f"{__version__} {sys.executable} {ways} {scenario.dispatch.id} {scenario.workload.id}"


def for_run(measured: Calibration, scenario: Scenario) -> Calibration:
    """With the cores that the scenario lets its server use."""
    total, beside, load_s = machine_cores(), measured.beside, measured.load_s
    here = affinity.available()
    if scenario.server.isolate and affinity.apart(here) is not None:
        total, beside, load_s = float(len(here) - 2), 0.0, 0.0
    try:
        chosen = affinity.parse(scenario.server.affinity, here)
    except OptionError:
        chosen = ()
    if chosen and len(chosen) < total:
        # The load finds cores beside these, as far as there are any.
        spare = total - len(chosen)
        total, beside, load_s = float(len(chosen)), max(0.0, beside - spare), 0.0 if spare >= 1 else load_s
    return Calibration(measured.serving_s, measured.places_s, load_s, beside, total, measured.gil)


async def calibrated(catalog: Catalog, scenario: Scenario, kept: Calibrations) -> Calibration | None:
    """What is known, or else is measured now and kept; None where no law asks for it, or it cannot be measured."""
    if predict(catalog, scenario) is None and predict(catalog, scenario, ANY) is None:
        return None
    found = kept.known(catalog, scenario)
    if found is not None:
        return found
    try:
        measured = await calibrate(catalog, scenario)
    except OptionError:
        return None  # what is wrong the run itself will say
    if measured is None:
        return None
    kept.keep(catalog, scenario, measured)
    return for_run(measured, scenario)


async def calibrate(
    catalog: Catalog, scenario: Scenario, *, interpreters: Interpreters | None = None
) -> Calibration | None:
    """Measure. Takes the start of a server and 1.5 s; None where no law holds or too little was measured.

    Raises `OptionError` if the server cannot start. Cancelled, it leaves nothing behind.
    """
    asked = idle(catalog, scenario)
    if asked is None:
        return None
    statistics, over = RunStatistics(), asyncio.Event()

    def heard(event: events.Event) -> None:
        if isinstance(event, (events.LoadEnded, events.Failed, events.Died)):
            over.set()

    session = Session(catalog, heard, [statistics.feed], label="calibration", interpreters=interpreters)
    try:
        await session.start(asked)
        try:
            await asyncio.wait_for(over.wait(), LIMIT_S)
        except TimeoutError:
            return None
        await session.stop()
        return of_figures(dict(statistics.figures(asked.to_dict(masked=True))))
    finally:
        await asyncio.shield(_gone(session))  # to its end, also where this is cancelled once more


async def _gone(session: Session) -> None:
    try:
        await session.stop()
    finally:
        session.discard()


def of_figures(figures: dict[str, Any]) -> Calibration | None:
    """What a run of idle requests says; None where too little was answered to tell."""
    answered = (figures.get("requests") or {}).get("ok") or 0
    lasted = lasted_s(figures)
    serving = spent(figures, SERVING)
    if answered < USERS or not lasted or serving <= 0:
        return None
    python = str(figures.get("versions", {}).get("server", ""))
    return Calibration(
        serving_s=serving / answered,
        places_s=spent(figures, frozenset({Role.POOL, Role.CLUSTER})) / answered,
        load_s=spent(figures, FOR_REQUESTS) / answered,
        beside=spent(figures, frozenset({Role.SAMPLER})) / lasted,
        cores=machine_cores(),
        gil=FREE not in python,
    )
