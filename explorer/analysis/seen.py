"""The part of a run's JSON that comes from looking from outside: states of threads, GILs, what looking took."""

from typing import TYPE_CHECKING, Final, cast

import numpy as np

from explorer.analysis.buckets import BUCKET_NS
from explorer.analysis.sampled import WAITING, SampledLog
from explorer.analysis.schema import GilFigures, SamplingFigures, StateFigures
from explorer.collect.source import Process
from explorer.records.states import Role, TrackKind

if TYPE_CHECKING:
    from explorer.analysis.statistics import RunStatistics

NOT_SAMPLED: Final = "It was not looked at; it may have been over too soon."


class SeenFigures:
    """Figures over the buckets from `begin` up to `end` (`explorer.analysis.buckets`)."""

    def __init__(self, statistics: "RunStatistics", begin: int, end: int) -> None:
        self._statistics = statistics
        self._log: SampledLog = statistics.sampled
        self._begin = begin
        self._end = end
        self._seconds = (end - begin) * BUCKET_NS / 1e9
        self._states: dict[int, dict[int, list[int]]] = {}  # tracks by process number and native thread id
        self._gils: dict[int, list[int]] = {}
        for track in self._log.tracks.values():
            since = self._log.since(track.number)
            number = statistics.subject(track, since) if since else None
            if number is None:
                continue
            if track.kind is TrackKind.GIL:
                self._gils.setdefault(number, []).append(track.number)
            else:
                self._states.setdefault(number, {}).setdefault(track.tid, []).append(track.number)

    def threads(self, process: int) -> list[int]:
        """Native ids of the threads whose states were seen in a process, by its number."""
        return list(self._states.get(process, ()))

    def states(self, process: int, tid: int) -> StateFigures | None:
        """Shares of the states of a thread; None if it was not looked at."""
        tracks = self._states.get(process, {}).get(tid)
        if not tracks:
            return None
        total: dict[str, float] = {}
        for track in tracks:
            for name, seconds in self._log.states(track, self._begin, self._end, self._statistics.now).items():
                total[name] = total.get(name, 0.0) + seconds
        if not any(total.values()):
            return None  # it was there before or after
        return cast(StateFigures, {name: self._share(seconds) for name, seconds in total.items()})

    def gil(self, process: Process) -> GilFigures | None:
        """A process's GIL; None for one that is not looked at."""
        if process not in self._statistics.serving():
            return None
        tracks = self._gils.get(process.number)
        if not tracks:
            return self._no_gil(process)
        holders: dict[str, float] = {}
        for track in tracks:
            for name, seconds in self._log.holders(track, self._begin, self._end, self._statistics.now).items():
                holders[name] = holders.get(name, 0.0) + seconds
        waited = [0.0, 0.0]
        for track in self._counters(process, WAITING):
            shares = self._log.waiting[track].shares.seconds(self._begin, self._end)
            waited = [waited[key] + shares.get(key, 0.0) for key in (0, 1)]
        return {
            "available": True,
            "reason": None,
            "held_fraction": self._share(sum(holders.values())),
            "waiting_fraction": self._share(waited[0]),
            "waiting_threads": self._share(waited[1]),
            "holders": {name: self._share(seconds) for name, seconds in sorted(holders.items()) if seconds > 0},
            "overshoot_ms": None,
        }

    def chosen_gil(self) -> GilFigures | None:
        """That of the serving process with the most threads."""
        most = max(
            self._statistics.serving(),
            key=lambda process: (self._threads_of(process.number), -process.number),
            default=None,
        )
        return self.gil(most) if most is not None else None

    def _threads_of(self, process: int) -> int:
        """How many threads a process had, as far as is known."""
        vitals = self._statistics.vitals.get(process)
        return len({*self.threads(process), *(vitals.threads if vitals is not None else ())})

    def sampling(self) -> SamplingFigures:
        """What looking took, and how often it was done, on average over the processes that were looked at."""
        statistics = self._statistics
        vitals = [
            statistics.vitals[process.number]
            for process in statistics.processes.values()
            if process.role is Role.SAMPLER and process.number in statistics.vitals
        ]
        cost = sum(each.cpu_s.sum(self._begin, self._end) for each in vitals) / self._seconds if vitals else None
        return {
            "cost_fraction": round(cost, 4) if cost is not None else None,
            "period_ms": self._mean("sampling_period"),
            "gil_period_ms": self._mean("gil_period"),
        }

    def _no_gil(self, process: Process) -> GilFigures:
        reasons = [
            " ".join(str(lack.get(part) or "") for part in ("reason", "remedy")).strip()
            for lack in self._log.lacks.get(process.pid, ())
            if "gil" in cast(list[str], lack.get("what") or ())
        ]
        return {
            "available": False,
            "reason": reasons[-1] if reasons else NOT_SAMPLED,
            "held_fraction": None,
            "waiting_fraction": None,
            "waiting_threads": None,
            "holders": {},
            "overshoot_ms": self._mean("sleep_overshoot", process),
        }

    def _counters(self, process: Process, name: str) -> list[int]:
        """The tracks of a counter that speak of a process."""
        log, tracks = self._log, self._statistics.tracks
        found = [number for number in (*log.waiting, *log.counters) if tracks[number].name == name]
        subject = self._statistics.subject
        return [number for number in found if subject(tracks[number], process.started_ns) == process.number]

    def _mean(self, name: str, process: Process | None = None) -> float | None:
        tracks = self._statistics.tracks
        if process is not None:
            numbers = self._counters(process, name)
        else:
            numbers = [number for number in self._log.counters if tracks[number].name == name]
        parts = [self._log.counters[number].between(self._begin, self._end) for number in numbers]
        values = np.concatenate(parts) if parts else np.zeros(0)
        values = values[~np.isnan(values)]
        return round(float(values.mean()), 3) if len(values) else None

    def _share(self, seconds: float) -> float:
        return round(seconds / self._seconds, 4) if self._seconds else 0.0
