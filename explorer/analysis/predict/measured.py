"""What a run measured beside what was predicted: how far they are apart, and the law with this run's own C and D.

The prediction itself stays as it was before the run. Here the run's own figures serve to explain the difference alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from explorer.analysis.predict.calibration import Calibration
from explorer.analysis.predict.prediction import Prediction, Quantity
from explorer.records.states import Role

SERVING: Final = frozenset({Role.SERVER, Role.WORKER, Role.CONNECTION, Role.STANDBY, Role.POOL, Role.CLUSTER})
BESIDE: Final = frozenset({Role.SAMPLER, Role.WINDOW})
UNEVEN: Final = 1.5
"""A worker that answered more than so many times as many as another got an unlike share."""
UNITS: Final[Mapping[Quantity, float]] = {"throughput": 1.0, "latency": 1e-3, "makespan": 1.0}


@dataclass(frozen=True, slots=True)
class Compared:
    """One quantity: requests a second for the throughput, else seconds. `off` is measured / predicted − 1."""

    quantity: Quantity
    predicted: float
    measured: float

    @property
    def off(self) -> float:
        """How far the run is from the law, as a share of the law's number."""
        return self.measured / self.predicted - 1 if self.predicted else 0.0


def measured_value(figures: Mapping[str, Any], quantity: Quantity) -> float | None:
    """What a run's JSON says of a quantity: requests a second, else seconds."""
    found = {
        "throughput": figures.get("throughput_rps"),
        "latency": (figures.get("latency_ms") or {}).get("mean"),
        "makespan": figures.get("makespan_s"),
    }[quantity]
    return None if found is None else float(found) * UNITS[quantity]


def compare(prediction: Prediction, figures: Mapping[str, Any]) -> tuple[Compared, ...]:
    """Every predicted quantity that was measured, the main one first."""
    pairs = ((step, measured_value(figures, step.quantity)) for step in prediction.steps)
    return tuple(Compared(step.quantity, step.value, value) for step, value in pairs if value is not None)


def spent(figures: Mapping[str, Any], roles: frozenset[Role]) -> float:
    """CPU seconds of the processes in these roles, within the measuring window."""
    return sum(one.get("cpu_s") or 0.0 for one in figures.get("processes", ()) if one.get("role") in roles)


def lasted_s(figures: Mapping[str, Any]) -> float:
    """Length of the measuring window; 0 where there is none."""
    window = figures.get("window") or {}
    start, end = window.get("start_s"), window.get("end_s")
    return max(0.0, end - start) if start is not None and end is not None else 0.0


def shared_unevenly(figures: Mapping[str, Any]) -> bool:
    """Whether workers answered unlike numbers of requests, as connections that stay are shared by the system."""
    answered = [
        one["requests"]
        for one in figures.get("processes", ())
        if one.get("role") == Role.WORKER and one.get("requests") is not None
    ]
    return len(answered) > 1 and max(answered) > UNEVEN * min(answered)


def request_cpu_s(figures: Mapping[str, Any]) -> float | None:
    """CPU seconds of a request in this run: what the serving processes used, by the answers."""
    answered = (figures.get("requests") or {}).get("ok") or 0
    used = spent(figures, SERVING)
    return used / answered if answered and used else None


def recalibrated(known: Calibration, figures: Mapping[str, Any], own_s: float, visits: int) -> Calibration | None:
    """`known` with what this run's requests took, which compute for `own_s` on purpose; None where nobody knows.

    What a request took beyond `own_s` is the cost of serving it; one that took less computed at another pace.
    """
    request, lasted = request_cpu_s(figures), lasted_s(figures)
    answered = (figures.get("requests") or {}).get("ok") or 0
    if request is None or not lasted or not answered:
        return None
    computed = max(0.0, request - max(1, visits) * known.places_s)
    serving = max(0.0, computed - own_s) / max(1, visits)
    load = spent(figures, frozenset({Role.LOAD, Role.WINDOW})) / answered / max(1, visits)
    beside = spent(figures, frozenset({Role.SAMPLER})) / lasted
    pace = min(1.0, computed / own_s) if own_s else 1.0
    return replace(known, serving_s=serving, load_s=load, beside=beside, pace=pace)
