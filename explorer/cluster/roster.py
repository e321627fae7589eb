"""The roster of a run's cluster: which workers may be given work, and what their clocks say.

The run's cluster process writes it, because it alone checks versions and measures clocks; whoever hands in work reads
it. It travels as an event of the scheduler, in a topic of the run, whenever it changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.cluster.clocks import Offset

SAME: Offset = Offset(0, 0)


@dataclass(frozen=True, slots=True)
class Roster:
    """Workers by address with their clocks. `open`: any worker may be given work, those named or not."""

    workers: Mapping[str, Offset] = field(default_factory=dict)
    open: bool = False

    def offset(self, worker: str) -> Offset:
        """The clock of a worker; of one that is not known, as if it were on this host."""
        return self.workers.get(worker, SAME)

    def to_event(self) -> dict[str, Any]:
        """For `log_event`."""
        rows = [[name, offset.ahead_ns, offset.error_ns] for name, offset in self.workers.items()]
        return {"workers": rows, "open": self.open}

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "Roster":
        """What `to_event` made."""
        return cls({name: Offset(ahead, error) for name, ahead, error in event["workers"]}, bool(event["open"]))


def roster_topic(run: str) -> str:
    """The topic of the roster of the run with this key."""
    return f"explorer roster {run}"


def jobs_topic(run: str) -> str:
    """The topic of what workers saw of the run's jobs."""
    return f"explorer jobs {run}"
