"""Which processor cores the processes of a run may use."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from explorer.option_error import OptionError
from explorer.records.states import Role

FEWEST_TO_KEEP_APART: Final = 3
PART: Final = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


def available() -> tuple[int, ...]:
    """The cores that this process may use; empty where the system does not say."""
    if sys.platform == "linux":
        return tuple(sorted(os.sched_getaffinity(0)))
    return ()


def parse(text: str, cores: Sequence[int]) -> tuple[int, ...]:
    """The cores that a text such as "0,2-3" names; empty text means no wish. Raises `OptionError`.

    `cores` are those that exist.
    """
    if not text.strip():
        return ()
    if not cores:
        raise OptionError(
            "This system cannot bind a process to cores; leave the CPU affinity empty.", "server.affinity"
        )
    chosen: set[int] = set()
    for part in text.split(","):
        found = PART.fullmatch(part.strip())
        if found is None:
            raise OptionError(f"'{text}' names no cores; write them such as 0 or 0,2-3.", "server.affinity")
        begin, end = int(found[1]), int(found[2] or found[1])
        # A range may be written that is longer than memory; its end alone shows that there is no such core.
        chosen.update(range(begin, min(end, max(cores)) + 1))
        if end > max(cores):
            chosen.add(end)
    missing = sorted(chosen - set(cores))
    if missing or not chosen:
        here = ", ".join(str(core) for core in cores)
        what = f"There is no core {missing[0]} for this program" if missing else f"'{text}' names no cores"
        raise OptionError(f"{what}; choose from {here}.", "server.affinity")
    return tuple(sorted(chosen))


def apart(cores: Sequence[int]) -> Mapping[Role, tuple[int, ...]] | None:
    """A division of `cores` that keeps server, load and window apart, or None when there are too few.

    Window (with collector, recorder and sampler) and load get one core each, the server the rest.
    """
    if len(cores) < FEWEST_TO_KEEP_APART:
        return None
    window, load = (cores[-1],), (cores[-2],)
    return {Role.SERVER: tuple(cores[:-2]), Role.LOAD: load, Role.WINDOW: window, Role.SAMPLER: window}


def pin_self(cores: Sequence[int]) -> None:
    """Bind every thread of this process to `cores`."""
    if sys.platform != "linux" or not cores:
        return
    for thread in os.listdir("/proc/self/task"):
        try:
            os.sched_setaffinity(int(thread), cores)
        except ProcessLookupError:  # it has just ended
            continue
