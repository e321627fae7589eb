"""What a pool's threads did most of the time, in a line of the report: it names what a slow run waits for."""

from collections.abc import Mapping
from typing import Any, Final

POOLS: Final = ("AnyIO worker thread", "ThreadPoolExecutor", "asyncio_")
"""How the names of pools' threads begin."""
LEAST: Final = 0.2
"""A state with a smaller share is not worth a line."""
WORDS: Final = {
    "running": "running",
    "runnable": "waiting for a core",
    "waiting_gil": "waiting for the GIL",
    "waiting_lock": "waiting for a lock",
    "blocked": "blocked in I/O or a sleep",
    "queued": "queued",
    "awaiting": "awaiting",
    "idle": "idle",
    "unknown": "in a state that the system does not tell",
}


def pool_states(processes: list[Mapping[str, Any]]) -> str:
    """Such as "79 % waiting for a lock": the largest state, as the mean of those threads that did anything at all.

    `processes` as in the JSON. Empty if there are none, if nothing was sampled, or if no state is large.
    """
    found = [
        thread["states"]
        for process in processes
        for thread in process["threads"]
        if thread.get("spans") and thread["states"] and str(thread["name"]).startswith(POOLS)
    ]
    if not found:
        return ""
    means = {name: sum(states[name] for states in found) / len(found) for name in WORDS}
    largest = max(means, key=lambda name: means[name])
    return f"{100 * means[largest]:.0f} % {WORDS[largest]}" if means[largest] >= LEAST else ""
