"""`predict`: what a scenario comes to, before it runs. Arithmetic alone: no Qt, no process, no clock."""

import re
from dataclasses import replace
from typing import Final

from explorer.analysis.predict.arrivals import arrivals
from explorer.analysis.predict.burst import burst
from explorer.analysis.predict.calibration import NOTHING_KNOWN, Calibration
from explorer.analysis.predict.closed import closed
from explorer.analysis.predict.prediction import Prediction
from explorer.analysis.predict.system import System, build
from explorer.catalog import Catalog
from explorer.demand import Demand
from explorer.scenario import LoadKnobs, Scenario

EVENLY: Final = "This takes connections to be shared evenly among the workers, which the system need not do."
LETTERS: Final = re.compile(r"[A-Za-zλρ]+")


def predict(catalog: Catalog, scenario: Scenario, calibration: Calibration | None = None) -> Prediction | None:
    """What `scenario` comes to by a law, or None where none holds.

    Without a calibration serving costs no processor time and there are cores enough: only laws of waiting, and of one
    thread that computes at a time, can be told then.
    """
    system = system_of(catalog, scenario, calibration or NOTHING_KNOWN)
    if system is None or system.alone_s <= 0:
        return None
    load = scenario.load
    found = _of_load(system, load)
    if found is None or _impossible(scenario, system, found):
        return None
    found = _shared_out(found, system, load)
    used = set(LETTERS.findall(" ".join(step.formula for step in found.steps)))
    return replace(found, inputs=tuple(one for one in found.inputs if one.symbol in used))


def system_of(catalog: Catalog, scenario: Scenario, calibration: Calibration) -> System | None:
    """The server as laws see it; None where one of its features says nothing of itself, or the load changes."""
    if scenario.own or scenario.also or scenario.phases or scenario.load.ramp or scenario.load.where != "here":
        return None
    dispatch = catalog.get("dispatch", scenario.dispatch.id)
    demand: Demand | None = catalog.get("workload", scenario.workload.id).demand(scenario.workload.knobs, dispatch.form)
    places = dispatch.places(scenario.dispatch.knobs)
    serving = catalog.get("model", scenario.model.id).serving(scenario.model.knobs)
    if demand is None or places is None or serving is None:
        return None
    if serving.starts and not scenario.load.keep_alive:
        return None  # a process for each request: how long it takes to start is no law
    return build(serving, places, replace(demand, computes_s=demand.computes_s * calibration.pace), calibration)


def _of_load(system: System, load: LoadKnobs) -> Prediction | None:
    if load.mode == "burst":
        return burst(system, load.requests)
    if load.mode == "users":
        return closed(system, load.users, load.think_time) if load.users else None
    if system.serving.starts:
        return None  # connections come and go with the arrivals
    return arrivals(system, load.rate, random=load.mode == "poisson", duration_s=load.duration, timeout_s=load.timeout)


def _shared_out(found: Prediction, system: System, load: LoadKnobs) -> Prediction:
    """Several loops bear what the law says only as far as connections are shared evenly: the system does that."""
    several = system.serving.loops is not None and system.serving.loops > 1
    limited = any("L" in LETTERS.findall(step.formula) for step in found.steps)
    if not (several and limited and load.keep_alive):
        return found
    return replace(found, bound=True, note=f"{found.note} {EVENLY}".strip())


def _impossible(scenario: Scenario, system: System, found: Prediction) -> bool:
    """Whether requests would be turned away, time out, or be more than the server accepts."""
    response = (found.makespan_s or 0.0) if scenario.load.mode == "burst" else (found.latency_ms or 0.0) / 1e3
    guard = system.demand.guard
    if guard is not None and response - system.alone_s > guard.patience_s:
        return True
    limited = scenario.server.limit_concurrency
    at_once = scenario.load.requests if scenario.load.mode == "burst" else scenario.load.users
    if limited and (scenario.load.mode in ("rate", "poisson") or at_once >= limited):
        return True
    return response > scenario.load.timeout
