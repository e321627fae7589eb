"""The rings of a run: polled in turn, their records in run-wide numbers, their books kept.

A ring belongs to the process whose number in the run begins its file name. It is retired when its process has ended and
it has been read to the end: closed, and its file removed, so that processes that come and go do not fill the memory. So
is one that its process closed because it has more than enough.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from explorer.collect.liveness import without_descriptors
from explorer.collect.order import join
from explorer.collect.registry import Member
from explorer.collect.source import SPAN, Array, Loss, OpenSpan
from explorer.records.lock_owners import LOCKS
from explorer.records.schema import U32
from explorer.records.states import Kind
from explorer.ring.layout import SUFFIX
from explorer.ring.mapped import RingError
from explorer.ring.reader import OpenSlot, RingReader

_OF_LOCKS: Final = np.zeros(256, bool)
_OF_LOCKS[list(LOCKS)] = True
_log: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class Polled:
    """What the rings of one process gave in one poll, still in the process's own numbers."""

    member: Member
    rows: list[Array] = field(default_factory=list)
    open_slots: list[OpenSlot] = field(default_factory=list)
    losses: list[tuple[int, int, int, list[int]]] = field(default_factory=list)  # count, start, end, tracks

    def spans(self) -> Array:
        """(n,) of SPAN in run-wide numbers, in the order of the rings."""
        # A record and a span have the same fields but for duration and end, so the reader's copy is used as it is.
        spans = join([rows.view(SPAN) for rows in self.rows])
        if len(spans):
            spans["end"] += spans["start"]
            spans["name"] = self.member.names.map(spans["name"])
            spans["track"] = self.member.tracks.map(spans["track"])
            of_locks = np.flatnonzero(_OF_LOCKS[spans["kind"]])
            if len(of_locks):  # their value is a track as well
                argument = spans["argument"][of_locks]
                other = self.member.tracks.map((argument & np.uint64(U32)).astype(np.uint32))
                spans["argument"][of_locks] = argument >> np.uint64(32) << np.uint64(32) | other
            statements = np.flatnonzero(spans["kind"] == Kind.STATEMENT)
            if len(statements):  # and theirs a name, if they failed
                argument = spans["argument"][statements]
                code = self.member.names.map((argument & np.uint64(U32)).astype(np.uint32))
                spans["argument"][statements] = argument >> np.uint64(32) << np.uint64(32) | code
            spans["reserved"] = 0
        return spans

    def open_spans(self) -> list[OpenSpan]:
        """What its threads and loops are doing, in run-wide numbers."""
        tracks, names = self.member.tracks, self.member.names
        return [
            OpenSpan(
                tracks.one(slot.track),
                slot.depth,
                slot.start,
                names.one(slot.name),
                slot.request,
                slot.kind,
                slot.state,
                slot.value,
            )
            for slot in self.open_slots
        ]

    def run_wide_losses(self) -> list[Loss]:
        """Losses in run-wide numbers; one whose beginning is unknown begins with the process."""
        tracks = self.member.tracks
        since = self.member.process.started_ns
        return [
            Loss(tuple(sorted({tracks.one(track) for track in own} - {0})), start or min(since, end), end, count)
            for count, start, end, own in self.losses
        ]


class _Followed:
    """A ring that is read, and the tracks that were ever seen in it: what a loss may have concerned."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reader = RingReader(path)
        self._seen = np.zeros(64, bool)

    def poll(self) -> Array:
        rows = self.reader.poll()
        if len(rows):
            tracks = rows["track"]
            highest = int(tracks.max())
            if highest >= len(self._seen):
                self._seen = np.append(self._seen, np.zeros(highest + 1, bool))
            self._seen[tracks] = True
        return rows

    def tracks(self) -> list[int]:
        return [self.reader.track, *np.flatnonzero(self._seen).tolist()]


class Rings:
    """All rings of a run. `read`, `lost`, `written` count records over all of them, `count` the rings."""

    def __init__(self) -> None:
        self.count = 0
        self.read = 0
        self.lost = 0
        self.written = 0
        self._followed: dict[int, list[_Followed]] = {}  # by process number
        self._retired_written = 0

    def add(self, path: Path) -> None:
        """A ring has appeared. What is not a ring is left alone, with one line in the log.

        Raises OSError when there are no file descriptors left.
        """
        if path.suffix != SUFFIX:
            return
        try:
            number = int(path.name.partition("-")[0])
            followed = _Followed(path)
        except (RingError, OSError, ValueError) as error:
            if without_descriptors(error):
                raise
            _log.warning("%s was not read: %s", path.name, str(error))  # the error itself would keep the map
            return
        self.count += 1
        self._followed.setdefault(number, []).append(followed)

    def poll(self, member: Member) -> Polled:
        """What is new in the rings of a process. Of one that has ended nothing is open any more."""
        polled = Polled(member)
        lives = member.process.ended_ns is None
        rings = self._followed.get(member.process.number, [])
        over = [followed for followed in rings if followed.reader.closed]
        for followed in rings:
            reader = followed.reader
            read, lost = reader.read, reader.lost
            rows = followed.poll()
            if len(rows):
                polled.rows.append(rows)
                self.read += reader.read - read
            if lives and (slots := reader.open_spans()):
                polled.open_slots.extend(slots)
            if reader.lost != lost:
                self.lost += reader.lost - lost
                tracks = followed.tracks()
                polled.losses.extend((loss.count, loss.start, loss.end, tracks) for loss in reader.take_losses())
        # What was closed before it was read has nothing more to tell. With all of them the process takes leave.
        if over and len(over) < len(rings):
            self._followed[member.process.number] = [followed for followed in rings if followed not in over]
            self._let_go(over)
        return polled

    def count_written(self) -> None:
        """Bring `written` up to date from the writers' own counts."""
        living = (followed.reader.written for rings in self._followed.values() for followed in rings)
        self.written = self._retired_written + sum(living)

    def closed(self, number: int) -> bool:
        """Whether a process closed its rings itself: it ended in order. False if it never had one."""
        rings = self._followed.get(number, ())
        return bool(rings) and all(followed.reader.closed for followed in rings)

    def retire(self, number: int) -> None:
        """Let go of the rings of a process that has ended and remove their files."""
        self._let_go(self._followed.pop(number, ()))

    def _let_go(self, rings: Iterable[_Followed]) -> None:
        for followed in rings:
            self._retired_written += followed.reader.written
            followed.reader.close()
            followed.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of all; files of living processes stay."""
        for rings in self._followed.values():
            for followed in rings:
                followed.reader.close()
        self._followed.clear()
