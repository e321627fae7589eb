"""The machine as a whole: how busy its processors are, and how much of them a hypervisor gives to others."""

from dataclasses import dataclass

import psutil

_IDLE = ("idle", "iowait")
# Linux counts guests within user and nice as well; adding them again would count them twice.
_COUNTED_ELSEWHERE = ("guest", "guest_nice", "dpc", "interrupt")


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """Per cent of all cores since the reading before. `steal` is None where the system does not tell it."""

    cpu: float
    steal: float | None


class Machine:
    """Reads the machine's processor times."""

    def __init__(self) -> None:
        """Begin to count here."""
        self._before = self._times()

    def read(self) -> MachineLoad | None:
        """The load since the last call; None when no time has passed on the system's coarse clock."""
        now, before = self._times(), self._before
        spent = {name: max(now[name] - before.get(name, 0.0), 0.0) for name in now}
        whole = sum(spent.values())
        if whole <= 0:
            return None
        self._before = now
        idle = sum(spent.get(name, 0.0) for name in _IDLE)
        stolen = spent.get("steal")
        busy = whole - idle - (stolen or 0.0)
        return MachineLoad(100 * busy / whole, None if stolen is None else 100 * stolen / whole)

    def _times(self) -> dict[str, float]:
        return {k: v for k, v in psutil.cpu_times()._asdict().items() if k not in _COUNTED_ELSEWHERE}
