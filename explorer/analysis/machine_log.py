"""The machine as the sampler saw it, and how many files processes had open."""

from typing import Final

from explorer.analysis.buckets import Column, bucket_of
from explorer.collect.source import Array, Track
from explorer.records.sampling import DESCRIPTOR_LIMIT, DESCRIPTORS, MACHINE_CORES, MACHINE_CPU, MACHINE_STEAL

COUNTERS: Final = (MACHINE_CPU, MACHINE_STEAL, MACHINE_CORES, DESCRIPTORS, DESCRIPTOR_LIMIT)
_NONE: Final = float("nan")


class MachineLog:
    """Columns by bucket: `busy`, `steal` (% of all cores); `open` and `limit` (files) by pid. `cores`: 0 if unknown."""

    def __init__(self) -> None:
        self.busy = Column("f8", _NONE)
        self.steal = Column("f8", _NONE)
        self.cores = 0
        self.open: dict[int, Column] = {}
        self.limit: dict[int, Column] = {}

    def feed(self, track: Track, times: Array, values: Array) -> None:
        """Samples of a counter in `COUNTERS`."""
        if track.name == MACHINE_CORES:
            self.cores = int(values[-1])
            return
        if track.name in (MACHINE_CPU, MACHINE_STEAL):
            column = self.busy if track.name == MACHINE_CPU else self.steal
        else:
            each = self.open if track.name == DESCRIPTORS else self.limit
            column = each.setdefault(track.pid, Column("f8", _NONE))
        for time, value in zip(times.tolist(), values.tolist(), strict=True):
            column.put(bucket_of(time), value)
