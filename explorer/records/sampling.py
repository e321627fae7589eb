"""What the sampler and the processes it looks at have agreed upon: names of counters, and who is not looked at."""

import re
from typing import Final

from explorer.records.states import Role

GIL_WAITING: Final = "gil_waiting"
"""Counter: how many threads of a process wait for its GIL."""
PERIOD: Final = "sampling_period"
"""Counter: ms between two looks at a thread."""
GIL_PERIOD: Final = "gil_period"
"""Counter: ms between two looks at a GIL."""
OVERSHOOT: Final = "sleep_overshoot"
"""Counter: ms by which a process's own short sleeps are too long, where its GIL cannot be read."""
THREAD_CPU: Final = "thread_cpu"
"""Counter: s that a thread has been on a processor."""
THREAD_QUEUED: Final = "thread_queued"
"""Counter: s that a thread has been ready and waited for a processor."""
MACHINE_CPU: Final = "machine_cpu"
"""Counter: how busy all cores are (%)."""
MACHINE_STEAL: Final = "machine_steal"
"""Counter: what a hypervisor gives of them to others (%)."""
MACHINE_CORES: Final = "machine_cores"
"""Counter: how many cores there are."""
DESCRIPTORS: Final = "descriptors"
"""Counter: files, sockets and pipes that a process has open."""
DESCRIPTOR_LIMIT: Final = "descriptor_limit"
"""Counter: how many a process may have open."""
INTERPRETER: Final = "interpreter"
"""Threads that run an interpreter of their own, with a GIL that is not looked at, are called so, with a number."""
_OF_INTERPRETER: Final = re.compile(rf"{INTERPRETER} \d+")
NOT_SAMPLED: Final = (Role.WINDOW, Role.LOAD, Role.SAMPLER, Role.UPSTREAM, Role.DATABASE, Role.GATEWAY)
"""What these do is no subject of a run."""


def runs_interpreter(thread: str) -> bool:
    """Whether a thread of this name runs an interpreter of its own: the GIL that is seen is the main one's."""
    return _OF_INTERPRETER.fullmatch(thread) is not None
