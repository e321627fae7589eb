"""Who held a lock and who waited for it in a stretch of time, as arrays to be painted. No Qt."""

from dataclasses import dataclass, field

import numpy as np

from explorer.collect.source import Array


@dataclass(frozen=True, slots=True)
class Holds:
    """Holds of one lock: `start`, `end` (i8 ns), `depth` (i4, of those at the same time), and who held: its lane's
    track, its task (0: a thread), its request, and the number of the name of its record.
    """

    start: Array
    end: Array
    depth: Array
    holder: Array
    task: Array
    request: Array
    name: Array

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, slots=True)
class Waits:
    """Waits for one lock: `start`, `end` (i8 ns), whether the waiter `got` it at the end, and by what titles, whole and
    short, the waiters go.
    """

    start: Array = field(default_factory=lambda: np.zeros(0, "<i8"))
    end: Array = field(default_factory=lambda: np.zeros(0, "<i8"))
    got: Array = field(default_factory=lambda: np.zeros(0, bool))
    titles: list[tuple[str, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.start)
