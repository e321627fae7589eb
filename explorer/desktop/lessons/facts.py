"""What every lesson's formulas may use besides its own values: C, the cores, and D, the CPU seconds of a request."""

from collections.abc import Mapping
from typing import Any, Final

from explorer.desktop.control import Control
from explorer.session.run_file import cores

SERVING: Final = ("server", "worker", "connection", "pool", "fork server", "standby")


def facts_of(control: Control, figures: Mapping[str, Any]) -> Mapping[str, float]:
    """C, and D where the run's figures tell it."""
    found = {"C": float(cores())}
    answered = (figures.get("requests") or {}).get("ok") or 0
    spent = [one.get("cpu_s") for one in figures.get("processes") or () if one.get("role") in SERVING]
    if answered and spent and None not in spent:
        found["D"] = sum(spent) / answered
    return found
