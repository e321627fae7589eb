"""Who holds locks and waits for them, in the words of a run."""

from dataclasses import dataclass, field
from typing import Final

from explorer.collect.source import Batch, Process, Track
from explorer.records.lock_owners import task_of
from explorer.records.schema import request_counter
from explorer.records.states import TrackKind

POOL: Final = "anyio"
"""In the names of the threads that run handlers without `async`."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds or waits: a thread, known by its lane's `track`, or a task of a process, known by its number.

    `pid` and `tid` are the system's numbers of process and thread (0: not known), for `Session.release_waiter`; `name`
    is the thread's, or that of the task's function, as far as it is known.
    """

    process: int
    track: int
    task: int = 0
    pid: int = field(default=0, compare=False)
    tid: int = field(default=0, compare=False)
    name: str = field(default="", compare=False)
    request: int = field(default=0, compare=False)
    """Of a task: what it works for."""


class Owners:
    """Makes owners of the numbers in records. Fed with every batch of a run."""

    def __init__(self) -> None:
        self._tracks: dict[int, Track] = {}
        self._processes: dict[int, Process] = {}
        self._pools: dict[int, list[int]] = {}
        self._known: dict[tuple[int, int, int], Owner] = {}

    def feed(self, batch: Batch) -> None:
        """Take in what a batch declares."""
        for process in batch.processes:
            self._processes[process.number] = process
        for track in batch.tracks:
            if track.number not in self._tracks and track.kind is TrackKind.THREAD and POOL in track.name.lower():
                self._pools.setdefault(track.process, []).append(track.number)
            self._tracks[track.number] = track

    def of(self, track: int, lane: int, word: int, request: int, name: str = "") -> Owner:
        """The owner in a record on `track` (which tells the process), whose thread's lane is `lane`.

        `word` is the high half of the record's argument, `request` what the owner worked for then.
        """
        told, task = self._tracks.get(track), task_of(word)
        process = told.process if told is not None else 0
        key = (process, 0 if task else lane, task)
        known = self._known.get(key)
        if known is None or (name and not known.name) or not (known.tid or task) or (task and known.request != request):
            place, member = self._tracks.get(lane), self._processes.get(process)
            pid = member.pid if member is not None else 0
            tid = place.tid if place is not None and not task else 0
            name = name or (known.name if known is not None else "") or (place.name if place and not task else "")
            known = self._known[key] = Owner(process, key[1], task, pid, tid, name, request if task else 0)
        return known

    @property
    def threads(self) -> list[Owner]:
        """All threads of pools, and those others that have taken a lock or waited for one."""
        pools = [Owner(process, lane) for process, lanes in self._pools.items() for lane in lanes]
        return pools + [owner for owner in self._known.values() if not owner.task and owner not in pools]

    def label(self, owner: Owner) -> str:
        """What to call an owner, as the timeline does: "Worker 2", "request 17". No two are called the same."""
        known = self._known.get((owner.process, owner.track, owner.task), owner)
        text = self._pool_thread(known)
        if not text:
            name = _name(known)
            alike = [other for other in self._known.values() if _name(other) == name]
            text = f"{name} {alike.index(known) + 1}" if len(alike) > 1 else name
        process = self._processes.get(owner.process)
        if process is not None and len({other.process for other in self._known.values()}) > 1:
            text = f"{text} of process {process.pid}"
        return text

    def _pool_thread(self, owner: Owner) -> str:
        """The number of a thread of the pool among those of its process; empty if it is none."""
        lanes = self._pools.get(owner.process, ())
        return f"Worker {lanes.index(owner.track) + 1}" if owner.track in lanes else ""


def _name(owner: Owner) -> str:
    if owner.request:
        return f"request {request_counter(owner.request)}"
    return owner.name or (f"task {owner.task}" if owner.task else "a thread")
