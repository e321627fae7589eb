"""What every lesson's formulas may use besides its own values and figures: C and D, taken from a run of a server.

D is the CPU time of a request, in seconds: what the serving processes used, by the requests that they answered. C is
how many cores were left for them: those of this machine without what load, sampler and window used meanwhile, and
without what programs outside of the run and a hypervisor took.
"""

from collections.abc import Mapping
from typing import Any, Final

SERVING: Final = frozenset({"server", "worker", "connection", "standby", "pool", "cluster"})
BESIDE: Final = frozenset({"load", "sampler", "window"})


def derived(figures: Mapping[str, Any], cores: float) -> Mapping[str, float]:
    """C and D of a run, as far as its figures tell them; C is all `cores` where they do not."""
    found = {"C": float(cores)}
    processes = figures.get("processes")
    window = figures.get("window") or {}
    if not isinstance(processes, list) or window.get("end_s") is None:
        return found
    lasted = window["end_s"] - window["start_s"]
    answered = (figures.get("requests") or {}).get("ok") or 0
    serving = _spent(processes, SERVING)
    if answered and serving:
        found["D"] = serving / answered
    if lasted > 0:
        machine = figures.get("machine") or {}
        taken = sum(machine.get(share) or 0.0 for share in ("others_share", "steal_share"))
        whole = machine.get("cores") or cores  # which may be more than this process is let to use
        found["C"] = max(0.0, min(cores, whole * (1 - taken)) - _spent(processes, BESIDE) / lasted)
    return found


def _spent(processes: list[Mapping[str, Any]], roles: frozenset[str]) -> float:
    return sum(process.get("cpu_s") or 0.0 for process in processes if process.get("role") in roles)
