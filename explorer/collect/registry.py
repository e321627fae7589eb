"""Run-wide numbers for the names and tracks that every process numbers on its own.

A process declares names and tracks in its `names-NUMBER.jsonl` (`records.names`); here each declaration gets a
run-wide number, the same text always the same one. Processes are known by the number they took when they joined, which
is never used again as a pid is. A record is then mapped by two look-ups in an array, no matter how many
there are.
"""

from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.collect.source import Process, Track
from explorer.records.states import Role, TrackKind

Numbers = npt.NDArray[np.uint32]

NO_NAME = 0
NO_TRACK = 0


class Lookup:
    """An array from a process's own numbers to run-wide ones; 0 stays 0 and what is unknown becomes 0."""

    def __init__(self) -> None:
        self._numbers: Numbers = np.zeros(64, np.uint32)

    def put(self, own: int, run_wide: int) -> None:
        """Remember that `own` is `run_wide`."""
        if own >= len(self._numbers):
            grown = np.zeros(max(own + 1, 2 * len(self._numbers)), np.uint32)
            grown[: len(self._numbers)] = self._numbers
            self._numbers = grown
        self._numbers[own] = run_wide

    def map(self, own: Numbers) -> Numbers:
        """The run-wide numbers of an array of own numbers."""
        known = self._numbers
        if len(own) and int(own.max()) >= len(known):
            own = np.where(own < len(known), own, np.uint32(0))
        mapped: Numbers = known.take(own)
        return mapped

    def one(self, own: int) -> int:
        """The run-wide number of a single own number."""
        return int(self._numbers[own]) if own < len(self._numbers) else 0


class Member:
    """A process of the run, as the registry keeps it: what is told about it and its two look-ups."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.names = Lookup()
        self.tracks = Lookup()


class Registry:
    """All names, tracks and processes of a run; `take_*` hand out what is new or changed since the last call."""

    def __init__(self) -> None:
        self.members: dict[int, Member] = {}  # by process number
        self.tracks: dict[int, Track] = {}
        self.hosts: list[int] = []
        """Tracks of kind HOST to which a process writes."""
        self._by_pid: dict[int, list[Member]] = defaultdict(list)  # in the order in which they joined
        self._by_process: dict[int, list[int]] = defaultdict(list)
        self._names: dict[str, int] = {}
        self._texts: list[str] = [""]
        self._new_names: list[tuple[int, str]] = []
        self._changed_tracks: dict[int, Track] = {}
        self._changed_processes: dict[int, Process] = {}

    def join(self, told: dict[str, Any]) -> Member:
        """A process has written its `process-NUMBER.json`, of which `told` is the content.

        Raises KeyError, TypeError or ValueError, and changes nothing, when it cannot be understood.
        """
        process = Process(
            number=int(told["number"]),
            pid=int(told["pid"]),
            role=Role(told["role"]),
            label=str(told.get("label", "")),
            parent_pid=int(told.get("parent", 0)),
            epoch=int(told.get("epoch", 0)),
            interpreter=str(told.get("interpreter", "")),
            started_ns=int(told.get("started_ns", 0)),
            host=str(told.get("host", "")),
        )
        member = self.members[process.number] = Member(process)
        if not process.host:  # another host's pid may be somebody else's here
            self._by_pid[process.pid].append(member)
        self._changed_processes[process.number] = process
        return member

    def parent_of(self, process: Process) -> Member | None:
        """The process that started it, if it is of the run: of those that had the pid, the last to join before it."""
        had = self._by_pid.get(process.parent_pid, ())
        number = process.number  # a parent usually joins before its children
        return min(had, key=lambda it: (it.process.number > number, abs(it.process.number - number)), default=None)

    def latest(self, pid: int) -> Member | None:
        """The last process to join with this pid."""
        return max(self._by_pid.get(pid, ()), key=lambda member: member.process.number, default=None)

    def change_process(self, process: Process) -> None:
        """Replace what is known of a process."""
        self.members[process.number].process = process
        self._changed_processes[process.number] = process

    def declare(self, member: Member, line: dict[str, Any]) -> None:
        """Take in one line of a process's names file."""
        if "name" in line:
            member.names.put(int(line["name"]), self.name(str(line["text"])))
        elif "ended" in line:
            self.change_process(replace(member.process, ended_ns=int(line["ended"]), died=str(line["died"])))
        elif "role" in line:
            self.change_process(replace(member.process, role=Role(line["role"]), label=str(line["label"])))
        elif known := self.tracks.get(member.tracks.one(int(line["track"]))):
            self.change_track(replace(known, name=str(line["text"]), tid=int(line.get("tid", 0))))
        else:
            process = member.process
            track = self.track(
                TrackKind(line["kind"]),
                str(line["text"]),
                process=process.number,
                parent=member.tracks.one(int(line.get("parent", 0))),
                tid=int(line.get("tid", 0)),
                pid=int(line.get("pid", process.pid)),
                epoch=int(line.get("epoch", process.epoch)),
                unit=str(line.get("unit", "")),
                what=str(line.get("what", "")),
                place=str(line.get("place", "")),
                shared=str(line.get("shared", "")),
            )
            member.tracks.put(int(line["track"]), track.number)

    def name(self, text: str) -> int:
        """The run-wide number of a name."""
        number = self._names.get(text)
        if number is None:
            number = self._names[text] = len(self._texts)
            self._texts.append(text)
            self._new_names.append((number, text))
        return number

    def text(self, number: int) -> str:
        """The text of a run-wide name number."""
        return self._texts[number]

    def track(self, kind: TrackKind, name: str, **fields: Any) -> Track:
        """Add a track with the next run-wide number; `fields` are those of `Track`."""
        track = Track(number=len(self.tracks) + 1, kind=kind, name=name, **fields)
        self._by_process[track.process].append(track.number)
        if kind is TrackKind.HOST and track.process:
            self.hosts.append(track.number)
        self.change_track(track)
        return track

    def tracks_of(self, process: int) -> set[int]:
        """The numbers of a process's tracks."""
        return set(self._by_process.get(process, ()))

    def change_track(self, track: Track) -> None:
        """Replace what is known of a track."""
        self.tracks[track.number] = self._changed_tracks[track.number] = track

    def take_names(self) -> list[tuple[int, str]]:
        """Names that are new, as (number, text)."""
        taken, self._new_names = self._new_names, []
        return taken

    def take_tracks(self) -> list[Track]:
        """Tracks that are new or changed."""
        taken, self._changed_tracks = list(self._changed_tracks.values()), {}
        return taken

    def take_processes(self) -> list[Process]:
        """Processes that are new or changed."""
        taken, self._changed_processes = list(self._changed_processes.values()), {}
        return taken
