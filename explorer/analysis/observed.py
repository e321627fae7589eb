"""What a finding is judged by: a run over its measuring window, with a few questions that several findings ask."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

import numpy as np

from explorer.analysis.buckets import BUCKET_NS, bucket_of
from explorer.analysis.locks.watch import LockWatch
from explorer.analysis.machine_log import MachineLog
from explorer.analysis.place import Place
from explorer.analysis.run_log import RunLog
from explorer.analysis.seen import SeenFigures
from explorer.analysis.span_log import COLLECTIONS, SpanLog, Sums
from explorer.analysis.window import Window
from explorer.collect.source import Array, Process
from explorer.records.states import Role, State

FOREIGN: Final = 0.2
"""Others' share of all cores from which on times of the run are not its own: on two cores 40 % of one."""
STOLEN: Final = 0.05
"""Share of all cores that a hypervisor gave to other machines: a hundredth is common and harmless."""
MOST_PLACES: Final = 12
ONE_CLIENT_EACH: Final = ("thread_per_connection", "process_per_connection")
_PLACE: Final = ("track", "start", "end", "name", "request")
_HINDERED: Final = (State.RUNNABLE, State.WAITING_GIL)


class Observed:
    """A run so far. `begin` to `end` (ns) is the measuring window, `first` up to `last` are its buckets."""

    def __init__(
        self,
        run: RunLog,
        scenario: Mapping[str, Any],
        window: Window,
        spans: SpanLog,
        locks: LockWatch,
        machine: MachineLog,
    ) -> None:
        self.run = run
        self.scenario = scenario
        self.window = window
        self.spans = spans
        self.locks = locks
        self.machine = machine
        self.begin, self.end = window.start, max(window.start, min(window.end, run.now))
        self.first = bucket_of(self.begin + BUCKET_NS // 2)
        self.last = max(self.first + 1, bucket_of(self.end + BUCKET_NS // 2))
        self.seconds = (self.end - self.begin) / 1e9

    # -- the setup -------------------------------------------------------------------------------------------------

    def knob(self, section: str, key: str, default: Any = None) -> Any:
        """A value of the scenario."""
        return (self.scenario.get(section) or {}).get(key, default)

    @property
    def own_app(self) -> bool:
        """Whether an app of the user's own was served."""
        return "app" in self.scenario

    @property
    def one_client_each(self) -> bool:
        """Whether every connection has a loop of its own, so that nobody else waits for it."""
        return self.knob("model", "id") in ONE_CLIENT_EACH

    # -- who and where ---------------------------------------------------------------------------------------------

    def process_of(self, track: int) -> Process | None:
        """Whose track it is."""
        known = self.run.tracks.get(track)
        return self.run.processes.get(known.process) if known is not None else None

    def serves(self, track: int) -> bool:
        """Whether a track belongs to a process that serves."""
        process = self.process_of(track)
        return process is not None and process in self.run.serving()

    def name(self, number: int) -> str:
        """A name by its number."""
        return self.spans.names.get(number, "")

    def places(self, spans: Array, most: int = MOST_PLACES) -> tuple[Place, ...]:
        """Where spans lie, as many as one can look at, in order of time."""
        chosen = spans[:most]
        columns = (chosen[field].tolist() for field in _PLACE)
        found = [
            Place(track, start, end, self.name(name), request)
            for track, start, end, name, request in zip(*columns, strict=True)
        ]
        return tuple(sorted(found, key=lambda place: place.start))

    def summed(self, sums: Sums) -> tuple[int, float]:
        """How many of a group's spans ended in the window, and their seconds."""
        return int(sums.count.sum(self.first, self.last)), sums.seconds.sum(self.first, self.last)

    @cached_property
    def seen(self) -> SeenFigures:
        """What was seen from outside in the window."""
        return SeenFigures(self.run, self.first, self.last)

    # -- was it its own doing? ------------------------------------------------------------------------------------

    def hindered_s(self, track: int, start: int, end: int) -> float:
        """Seconds from `start` to `end` (ns) in which a thread could not go on for want of a processor or the GIL.

        The system's own count of the time without a processor is exact but is read once a second only; looks at the
        thread's state are finer but may miss what is short. The larger of both counts, so that what others did to the
        thread is not laid at its own door.
        """
        known, process = self.run.tracks.get(track), self.process_of(track)
        if known is None or process is None or not known.tid:
            return 0.0
        vitals = self.run.vitals.get(process.number)
        queued = vitals.thread_queued_s(known.tid, start, end) if vitals is not None else None
        states = self.seen.state_tracks(process.number, known.tid)
        first, last = bucket_of(start), bucket_of(end) + 1
        log, seen = self.run.sampled, 0.0
        for number in states:
            by_name = log.states(number, first, last, self.run.now)
            seen += sum(by_name[state.name.lower()] for state in _HINDERED)
        return max(queued or 0.0, min(seen, (end - start) / 1e9))

    def collected_s(self, place: Place) -> float:
        """Seconds in which the garbage collector ran on a track, within a place."""
        runs = self.spans.group(COLLECTIONS).spans(place.start, place.end)
        runs = runs[runs["track"] == place.track]
        inside = np.minimum(runs["end"], place.end) - np.maximum(runs["start"], place.start)
        return float(inside.sum()) / 1e9

    @cached_property
    def foreign(self) -> float | None:
        """The share of all cores that processes outside of the run used; None where it is not known."""
        busy = self.machine.busy.between(self.first, self.last)
        busy, cores = busy[~np.isnan(busy)], self.machine.cores
        if not len(busy) or not cores or self.seconds <= 0:
            return None
        ours = sum(vitals.cpu_s.sum(self.first, self.last) for vitals in self.run.vitals.values())
        return max(0.0, float(busy.mean()) / 100 - ours / (self.last - self.first) / (BUCKET_NS / 1e9) / cores)

    @cached_property
    def stolen(self) -> float | None:
        """The share of all cores that a hypervisor gave to others; None where it is not known."""
        stolen = self.machine.steal.between(self.first, self.last)
        stolen = stolen[~np.isnan(stolen)]
        return float(stolen.mean()) / 100 if len(stolen) else None

    @cached_property
    def noisy(self) -> bool:
        """Whether others took so much of the machine that times are not the server's own."""
        return (self.foreign or 0.0) >= FOREIGN or (self.stolen or 0.0) >= STOLEN

    def cpu_share(self, process: Process) -> float:
        """Mean share of one core that a process used in the window."""
        vitals = self.run.vitals.get(process.number)
        return vitals.cpu_s.sum(self.first, self.last) / max(self.seconds, 0.1) if vitals is not None else 0.0

    def workers(self) -> list[Process]:
        """Worker processes that lived through the whole window."""
        return [
            process
            for process in self.run.processes.values()
            if process.role is Role.WORKER
            and process.started_ns <= self.begin
            and (process.ended_ns is None or process.ended_ns >= self.end)
        ]
