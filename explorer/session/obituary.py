"""What is said of a process of the run that ended without being asked to, and of what that means for the run."""

from collections.abc import Mapping
from typing import Final

FATAL: Final = "The run was stopped; what it recorded is kept."
OTHERWISE: Final = "The run goes on."
GOES_ON: Final[Mapping[str, str]] = {
    "load": "Nothing more is sent; what was recorded is kept.",
    "cluster": "What it was to do fails from now on; stop the run and start it again.",
    "cluster worker": "Its work goes to other workers.",
}
"""By what the process is called, where something else than the run's going on is worth saying."""


def way(signal: object, status: object) -> str:
    """How a process ended: by a signal if there was one, else with its exit status."""
    return f"was ended by signal {signal}" if signal else f"ended with exit status {status}"


def obituary(name: str, pid: int, how: str, *, fatal: bool) -> str:
    """The whole sentence: who ended how, and what follows."""
    return f"{name.capitalize()} {pid} {how}. {FATAL if fatal else GOES_ON.get(name, OTHERWISE)}"
