"""Adds up the bank's counters of all server processes while a run goes on; a consumer of its batches."""

from collections import defaultdict
from typing import Final

from explorer.collect.source import Batch
from explorer.records.states import TrackKind
from explorer.server.workloads.bank_transfer.figures import ABORTED, COMMITTED, DRY, GIVEN_UP, MISSING, RETRIED

_SUMMED: Final = (COMMITTED, RETRIED, GIVEN_UP, DRY)


class Tally:
    """Numbers so far. Fed on the collector's thread, read on any."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._values: dict[int, float] = {}
        self.began = 0
        """When the load began, ns; 0 if it has not."""
        self.last_commit = 0
        """When the last transfer was committed, ns; 0 if none was."""

    def feed(self, batch: Batch) -> None:
        """Take in what is new."""
        for track in batch.tracks:
            if track.kind is TrackKind.COUNTER:
                self._names[track.number] = track.name
        for marker in batch.markers:
            if marker.kind == "begin" and not self.began:
                self.began = marker.time
        for number, value, time in zip(
            *(batch.samples[field].tolist() for field in ("track", "value", "time")), strict=True
        ):
            if number in self._names:
                if self._names[number] == COMMITTED and value:
                    self.last_commit = max(self.last_commit, time)
                self._values[number] = value

    def sum(self, name: str) -> int:
        """What all processes counted under one name."""
        return int(sum(value for number, value in dict(self._values).items() if self._names[number] == name))

    @property
    def committed(self) -> int:
        """Transfers that were committed."""
        return self.sum(COMMITTED)

    @property
    def retried(self) -> int:
        """Attempts after the first ones."""
        return self.sum(RETRIED)

    @property
    def given_up(self) -> int:
        """Transfers that were not made although they were tried."""
        return self.sum(GIVEN_UP)

    @property
    def without_connection(self) -> int:
        """Transfers that got no connection of the pool in time."""
        return self.sum(DRY)

    @property
    def aborted(self) -> dict[str, int]:
        """Attempts that failed, by the engine's code."""
        found: dict[str, int] = defaultdict(int)
        for number, value in dict(self._values).items():
            if self._names[number].startswith(ABORTED):
                found[self._names[number].removeprefix(ABORTED)] += int(value)
        return dict(sorted(found.items()))

    @property
    def missing(self) -> int | None:
        """Money that is not there, as one process saw it last; None if nobody has looked."""
        seen = [value for number, value in dict(self._values).items() if self._names[number] == MISSING]
        return int(seen[-1]) if seen else None
