"""How much memory the spans and counters of a run may take: what the user allows, never more than the machine has to
spare.

Spans take 40 bytes each, and a few more to be seen from afar; so a GiB holds about twenty million.
"""

import math
from typing import Final

import psutil

from explorer.option_error import OptionError

GIB: Final = 1 << 30
DEFAULT_GIB: Final = 0.5
LEAST_GIB: Final = 0.125
SPARED: Final = 0.25
"""Share of the machine's memory that is left to everything else: the servers under observation are there, too."""
BYTES_A_SPAN: Final = 50
"""With its pyramid, rounded up: for sentences that say how many spans fit."""


def machine_bytes() -> int:
    """The memory of this machine."""
    return int(psutil.virtual_memory().total)


def most_gib(machine: int | None = None) -> float:
    """The most that may be allowed on a machine with so many bytes (None: this one), in quarters of a GiB."""
    spare = (machine_bytes() if machine is None else machine) * (1 - SPARED) / GIB
    return max(DEFAULT_GIB, math.floor(spare * 4) / 4)


def memory_of(gib: float, machine: int | None = None) -> int:
    """So many GiB in bytes. Raises `OptionError` for what is too little to show anything, or more than there may be."""
    most = most_gib(machine)
    if not LEAST_GIB <= gib <= most:  # NaN is in no range
        raise OptionError(
            f"The spans of a run may take from {LEAST_GIB:g} to {most:g} GiB of this computer's memory, not {gib:g}.",
            "memory",
        )
    return round(gib * GIB)


def remembered(gib: object, machine: int | None = None) -> float:
    """What was chosen once, as far as this machine allows it: a settings file may come from a larger one."""
    if isinstance(gib, bool) or not isinstance(gib, int | float) or not gib >= LEAST_GIB:
        return DEFAULT_GIB
    return min(float(gib), most_gib(machine))
