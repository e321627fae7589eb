"""The words of a run's records in files: states, kinds, requests. Plain, so that a file reads without this program."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from explorer.collect.source import Array
from explorer.export.survey import Survey
from explorer.records.lock_owners import LOCKS
from explorer.records.schema import CPU_NOT_TAKEN, PROCESS_SHIFT, TIME_UNIT_NS
from explorer.records.states import Kind, State
from explorer.wording import STATE_WORDS, within_sentence

STATES: Final[tuple[str, ...]] = tuple(
    within_sentence(STATE_WORDS[state].title) if state in STATE_WORDS else state.name.lower() for state in State
)
"""By the number of a state: "waiting for the GIL". `recording.importers` knows the same words."""
_KIND_WORDS: Final = {int(kind): kind.name.lower().replace("_", " ") for kind in Kind}
KINDS: Final[tuple[str, ...]] = tuple(_KIND_WORDS.get(number, f"kind {number}") for number in range(max(Kind) + 1))
"""By the number of a kind; a number that no kind has is said as such."""
_LOW: Final = np.uint64((1 << PROCESS_SHIFT) - 1)
_UNIT: Final = np.uint64(TIME_UNIT_NS)
_HALF: Final = np.uint64(32)
_VALUE: Final = np.uint64(0xFFFF_FFFF)


def span_names(survey: Survey) -> list[str]:
    """The text of every name number, and behind them one for each state: what a span without a name is called."""
    return [*survey.names, *STATES]


def named(spans: Array, survey: Survey) -> Array:
    """For each span its place in `span_names`."""
    count = len(survey.names)
    unnamed = count + states(spans)
    names = spans["name"].astype(np.int64)
    found: Array = np.where((names > 0) & (names < count), names, unnamed)
    return found


def states(spans: Array) -> Array:
    """For each span its place in `STATES`; a state of a later version is unknown."""
    found: Array = np.where(spans["state"] < len(STATES), spans["state"], State.UNKNOWN).astype(np.int64)
    return found


def kinds(spans: Array) -> Array:
    """For each span its place in `KINDS`; a kind of a later version is none."""
    found: Array = np.where(spans["kind"] < len(KINDS), spans["kind"], Kind.NONE).astype(np.int64)
    return found


def request_counters(spans: Array) -> Array:
    """What the window calls the spans' requests, 0 = none."""
    found: Array = spans["request"] & _LOW
    return found


def cpu_ns(spans: Array) -> tuple[Array, Array]:
    """CPU time in ns, and of which spans it was taken."""
    units = spans["argument"] >> _HALF
    taken = (units != CPU_NOT_TAKEN) & ~np.isin(spans["kind"], LOCKS)
    return np.where(taken, units, CPU_NOT_TAKEN) * _UNIT, taken


def values(spans: Array) -> Array:
    """The kinds' own values."""
    found: Array = spans["argument"] & _VALUE
    return found


def about(run: Mapping[str, Any]) -> dict[str, str]:
    """What made the run, in a few words: versions, machine, and what was chosen for the three questions."""
    scenario = run.get("scenario")
    scenario = scenario if isinstance(scenario, dict) else {}
    found = {"made by": f"Concurrency Explorer {_of(run, 'versions', 'explorer')}".strip()}
    found["Python"] = _of(run, "versions", "python")
    found["machine"] = " ".join(filter(None, (_of(run, "machine", key) for key in ("system", "release", "machine"))))
    found["scenario"] = str(scenario.get("name") or "")
    for section in ("model", "dispatch", "workload"):
        found[section] = _of(scenario, section, "id")
    return {key: value.encode("utf-8", "replace").decode() for key, value in found.items() if value}


def _of(table: Mapping[str, Any], section: str, key: str) -> str:
    inner = table.get(section)
    return str(inner.get(key, "")) if isinstance(inner, dict) else ""
