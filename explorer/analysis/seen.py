"""The part of a run's JSON that comes from looking from outside: states of threads, GILs, what looking took."""

from typing import Final, cast

import numpy as np

from explorer.analysis.buckets import BUCKET_NS
from explorer.analysis.looked import Looked
from explorer.analysis.run_log import RunLog
from explorer.analysis.sampled import THREAD_STATES, SampledLog
from explorer.analysis.schema import GilFigures, SamplingFigures, StateFigures
from explorer.collect.source import Process
from explorer.records.sampling import GIL_PERIOD, GIL_WAITING, NOT_SAMPLED, OVERSHOOT, PERIOD
from explorer.records.states import State, TrackKind

RUNNING: Final = THREAD_STATES[State.RUNNING]
RUNNABLE: Final = THREAD_STATES[State.RUNNABLE]
AT_WORK_S: Final = 0.001
"""A thread that used a processor for less in the window has hardly worked."""
WHOLE: Final = 0.95
"""A thread that was looked at for this share of the window was so all the time."""


class SeenFigures:
    """Figures over the buckets from `begin` up to `end` (`explorer.analysis.buckets`); `off`: as for `Looked`."""

    def __init__(self, run: RunLog, begin: int, end: int, *, off: bool = False) -> None:
        self._run = run
        self._log: SampledLog = run.sampled
        self._begin = begin
        self._end = end
        self._looked = Looked(run, begin, end, off=off)
        self._seconds = (end - begin) * BUCKET_NS / 1e9
        self._states: dict[int, dict[int, list[int]]] = {}  # tracks by process number and native thread id
        self._gils: dict[int, list[int]] = {}
        for track in self._log.tracks.values():
            since = self._log.since(track.number)
            number = run.subject(track, since) if since else None
            if number is None:
                continue
            if track.kind is TrackKind.GIL:
                self._gils.setdefault(number, []).append(track.number)
            else:
                self._states.setdefault(number, {}).setdefault(track.tid, []).append(track.number)

    def threads(self, process: int) -> list[int]:
        """Native ids of the threads whose states were seen in a process, by its number."""
        return list(self._states.get(process, ()))

    def state_tracks(self, process: int, tid: int) -> list[int]:
        """The sampler's tracks of a thread's states."""
        return self._states.get(process, {}).get(tid, [])

    def states(self, process: int, tid: int) -> StateFigures | None:
        """Shares of the states of a thread; None if it was not looked at."""
        tracks = self._states.get(process, {}).get(tid)
        if not tracks:
            return None
        total: dict[str, float] = {}
        until = self._looked.until(self._run.processes[process])
        for track in tracks:
            for name, seconds in self._log.states(track, self._begin, self._end, until).items():
                total[name] = total.get(name, 0.0) + seconds
        if not any(total.values()):
            return None  # it was there before or after
        self._settle(total, process, tid)
        return cast(StateFigures, {name: _share(seconds, self._seconds) for name, seconds in total.items()})

    def _settle(self, total: dict[str, float], process: int, tid: int) -> None:
        """Put the system's own count in the place of what looks can only estimate: whether a thread had a processor.

        The looks say how the rest divides. Only where the thread was looked at all the time: the count knows of no
        looks.
        """
        watched, vitals = sum(total.values()), self._run.vitals.get(process)
        if vitals is None or watched < WHOLE * self._seconds:
            return
        window = self._begin * BUCKET_NS, self._end * BUCKET_NS
        on, ready = vitals.thread_cpu_s(tid, *window), vitals.thread_queued_s(tid, *window)
        if on is None or ready is None or on + ready <= 0:
            return
        rest = watched - total[RUNNING] - total[RUNNABLE]
        # It cannot be more than was watched; and where looks saw nothing else, it is all of that.
        fits = watched / (on + ready)
        if rest > 0:
            fits = min(1.0, fits)
        left = (watched - (on + ready) * fits) / rest if rest > 0 else 0.0
        for name in total:
            total[name] *= left
        total[RUNNING], total[RUNNABLE] = on * fits, ready * fits

    def gil(self, process: Process) -> GilFigures | None:
        """A process's GIL; None for one that is not looked at."""
        if process.role in NOT_SAMPLED or process not in self._run.serving():
            return None
        tracks, counts = self._gils.get(process.number, []), self._counters(process, GIL_WAITING)
        looked_at = self._looked.buckets(process, [*tracks, *counts], self._counters(process, GIL_PERIOD))
        seconds = min(int(looked_at.sum()) * BUCKET_NS / 1e9, self._looked.lived(process))
        reason = self._looked.too_little(process, seconds)
        if reason:
            return self._no_gil(process, reason)
        until = self._looked.until(process)
        holders: dict[str, float] = {}
        for track in tracks:
            for name, held in self._log.holders(track, self._begin, self._end, until).items():
                holders[name] = holders.get(name, 0.0) + held
        waited = np.zeros(2)
        for track in counts:
            # A count is told when it changes: it does not hold while nobody looks.
            waited += self._log.waiting[track].between(self._begin, self._end, until)[:, looked_at].sum(1)
        return {
            "available": True,
            "reason": None,
            "held_fraction": _share(sum(holders.values()), seconds),
            "waiting_fraction": _share(float(waited[0]), seconds),
            "waiting_threads": _share(float(waited[1]), seconds),
            "holders": {name: _share(held, seconds) for name, held in sorted(holders.items()) if held > 0},
            "overshoot_ms": None,
        }

    def chosen_gil(self) -> GilFigures | None:
        """That of the serving process with the most threads at work."""
        most = max(
            self._run.serving(),
            key=lambda process: (*self._at_work(process.number), -process.number),
            default=None,
        )
        return self.gil(most) if most is not None else None

    def _at_work(self, process: int) -> tuple[int, float]:
        """How many threads of a process used a processor, as far as is known, and for how long (s) altogether."""
        vitals = self._run.vitals.get(process)
        if vitals is None:
            return len(self.threads(process)), 0.0
        window = self._begin * BUCKET_NS, self._end * BUCKET_NS
        used = [vitals.thread_cpu_s(tid, *window) or 0.0 for tid in vitals.threads]
        return sum(each >= AT_WORK_S for each in used), sum(used)

    def sampling(self) -> SamplingFigures:
        """What looking took, and how often it was done, on average over the processes that were looked at."""
        known = self._run.vitals
        vitals = [known[sampler.number] for sampler in self._looked.samplers if sampler.number in known]
        cost = sum(each.cpu_s.sum(self._begin, self._end) for each in vitals) / self._seconds if vitals else None
        if self._looked.ended_early():
            cost = None
        return {
            "cost_fraction": round(cost, 4) if cost is not None else None,
            "period_ms": self._mean(PERIOD),
            "gil_period_ms": self._mean(GIL_PERIOD),
        }

    def _no_gil(self, process: Process, reason: str) -> GilFigures:
        reasons = [
            " ".join(str(lack.get(part) or "") for part in ("reason", "remedy")).strip()
            for lack in self._log.lacks.get(process.pid, ())
            if "gil" in cast(list[str], lack.get("what") or ())
        ]
        return {
            "available": False,
            "reason": reasons[-1] if reasons else reason,
            "held_fraction": None,
            "waiting_fraction": None,
            "waiting_threads": None,
            "holders": {},
            "overshoot_ms": self._mean(OVERSHOOT, process),
        }

    def _counters(self, process: Process, name: str) -> list[int]:
        """The tracks of a counter that speak of a process."""
        log, tracks = self._log, self._run.tracks
        found = [number for number in (*log.waiting, *log.counters) if tracks[number].name == name]
        subject = self._run.subject
        return [number for number in found if subject(tracks[number], process.started_ns) == process.number]

    def _mean(self, name: str, process: Process | None = None) -> float | None:
        tracks = self._run.tracks
        if process is not None:
            numbers = self._counters(process, name)
        else:
            numbers = [number for number in self._log.counters if tracks[number].name == name]
        parts = [self._log.counters[number].between(self._begin, self._end) for number in numbers]
        values = np.concatenate(parts) if parts else np.zeros(0)
        values = values[~np.isnan(values)]
        return round(float(values.mean()), 3) if len(values) else None


def _share(seconds: float, of: float) -> float:
    return round(seconds / of, 4) if of else 0.0
