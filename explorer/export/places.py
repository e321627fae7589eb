"""Where the tracks of a run stand in other programs' picture of one: processes, with threads, with rows below them.

Other viewers know processes by a pid and threads by a tid. What is neither gets numbers that no system gives: rows that
are no thread, requests (which belong to no process), and a pid that was used twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from explorer.collect.foreign import deeper_tracks
from explorer.collect.source import Process, Track
from explorer.export.survey import Survey
from explorer.records.sampling import THREAD_CPU, THREAD_QUEUED
from explorer.records.states import Role, TrackKind

NO_PID: Final = 1 << 30
"""From here on no system gives pids or tids."""
REQUESTS: Final = "Requests"
LOST: Final = "Lost records"
MARKERS: Final = "Markers"
THREADS: Final = (TrackKind.LOOP, TrackKind.THREAD, TrackKind.CONNECTION, TrackKind.WINDOW)
OBSERVERS: Final = (Role.LOAD, Role.SAMPLER, Role.WINDOW)
_ORDER: Final = (
    TrackKind.LOOP, TrackKind.WINDOW, TrackKind.CONNECTION, TrackKind.THREAD, TrackKind.SESSION, TrackKind.LOCK,
    TrackKind.PROCESS, TrackKind.STATES, TrackKind.GIL, TrackKind.COUNTER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a track stands.

    `pid` and `tid` are what another program knows it by, `process` is the title of the process. `thread`: the tid is a
    real one. `below` is the number of the track that it stands under, 0 = its process, which for requests is none.
    """

    track: Track
    title: str
    process: str
    pid: int
    tid: int
    thread: bool = False
    below: int = 0


@dataclass(frozen=True, slots=True)
class Host:
    """A process as another program shows it."""

    pid: int
    title: str
    label: str
    started_ns: int
    rank: int


class Places:
    """Where tracks stand; `hosts` are the processes by pid.

    `known` holds the places of all tracks that have spans or samples, `all` of them those that a timeline shows, in the
    order in which they stand there, but for the depths of foreign threads, whose spans nest on their thread's track.
    """

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._pids = _pids(survey.processes.values())
        self._numbers = {process.pid: number for number, process in survey.processes.items()}
        deeper = deeper_tracks(survey.tracks, survey.processes)
        self._depths = {number: depth for below in deeper.values() for depth, number in enumerate(below, 1)}
        self.hosts: dict[int, Host] = {}
        for process in survey.processes.values():
            pid = self._pids[process.number]
            rank = 2 if process.role in OBSERVERS else 0
            title = f"{process.role} {process.epoch}" if process.epoch > 1 else str(process.role)
            self.hosts[pid] = Host(pid, title, process.label, process.started_ns, rank)
        self.hosts[NO_PID] = Host(NO_PID, REQUESTS, "", 0, 1)
        self.known: dict[int, Place] = {}
        taken: dict[tuple[int, int], int] = {}
        for track in sorted((track for number, track in survey.tracks.items() if number in survey.used), key=_order):
            self._put(track, taken)
        self._put_below(taken)
        self.all = {
            number: place
            for number, place in self.known.items()
            if _is_shown(place.track) and number not in survey.nested
        }

    @property
    def requests(self) -> int:
        """The pid under which requests stand."""
        return NO_PID

    def _put(self, track: Track, taken: dict[tuple[int, int], int]) -> None:
        pid = self._pid(track)
        thread = track.kind in THREADS and track.tid > 0 and (pid, track.tid) not in taken
        if thread:
            taken[pid, track.tid] = track.number
        tid = track.tid if thread else NO_PID + track.number
        host = self.hosts.get(pid)
        process = host.title if host is not None else ""
        self.known[track.number] = Place(track, self._title(track), process, pid, tid, thread)

    def _put_below(self, taken: dict[tuple[int, int], int]) -> None:
        """What is told of a thread stands below it, a lane below its route."""
        for number, place in self.known.items():
            track = place.track
            if track.kind is TrackKind.LANE or (track.kind is TrackKind.COUNTER and place.pid == NO_PID):
                self.known[number] = replace(place, below=track.parent)
            elif not place.thread and track.tid:
                if thread := taken.get((place.pid, track.tid)):
                    self.known[number] = replace(place, below=thread)
                else:  # several of one process would look like one
                    self.known[number] = replace(place, title=f"thread {track.tid}, {place.title}")

    def _pid(self, track: Track) -> int:
        if track.kind is TrackKind.LANE or track.process == 0:
            return NO_PID
        own = self._survey.processes.get(track.process)
        owner = track.process
        if own is not None and track.pid not in (0, own.pid):
            # What the sampler tells of another process belongs to that one.
            owner = self._numbers.get(track.pid, track.process)
        return self._pids.get(owner, NO_PID)

    def _title(self, track: Track) -> str:
        parent = self._survey.tracks.get(track.parent)
        if depth := self._depths.get(track.number):
            return f"depth {depth}"
        match track.kind:
            case TrackKind.LANE:
                return f"{parent.name or 'Other requests'} {track.name}" if parent is not None else track.name
            case TrackKind.STATES:
                return "states seen from outside"
            case TrackKind.GIL:
                return "who holds the GIL"
            case TrackKind.PROCESS:
                return "other threads"
            case TrackKind.COUNTER:
                of_requests = parent is not None and parent.kind is TrackKind.REQUESTS
                name = track.name.replace("_", " ")
                return f"{parent.name} {name}" if of_requests and parent is not None else name
        return track.name or str(track.kind)


def _pids(processes: Iterable[Process]) -> dict[int, int]:
    """The pid of each process by its number; one that was given before is replaced."""
    given: dict[int, int] = {}
    taken: set[int] = set()
    for process in sorted(processes, key=lambda process: process.number):
        pid = process.pid if process.pid not in taken else NO_PID + (1 << 24) + process.number
        given[process.number] = pid
        taken.add(pid)
    return given


def _is_shown(track: Track) -> bool:
    """A process's own requests overlap and are shown, piece by piece, in lanes; sums of CPU time say no moment."""
    return track.kind not in (TrackKind.REQUESTS, TrackKind.HOST) and track.name not in (THREAD_CPU, THREAD_QUEUED)


def _order(track: Track) -> tuple[int, int, int]:
    kind = _ORDER.index(track.kind) if track.kind in _ORDER else len(_ORDER)
    return track.process, kind, track.number
