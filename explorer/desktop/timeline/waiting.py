"""Who held a lock in a stretch of time, as arrays to be painted. No Qt."""

from dataclasses import dataclass

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
