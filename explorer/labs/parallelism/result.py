"""What came out of a sweep: points with their speed-up, fits, checks, what the machine did; as data and as JSON."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from explorer.labs.parallelism import fits, words
from explorer.labs.parallelism.fits import Fits
from explorer.labs.parallelism.options import BASE, Plan, Point
from explorer.labs.parallelism.runners.find import runners

THREADS: Final = "threads"


@dataclass(frozen=True, slots=True)
class Measured:
    """A point that was measured: its repeats as the child told them, and how long the workers took to start (s)."""

    point: Point
    start_s: float
    runs: Sequence[Mapping[str, Any]]

    @property
    def seconds(self) -> float:
        """The fastest repeat: what disturbs makes a run longer, never shorter."""
        return min(float(run["seconds"]) for run in self.runs)

    @property
    def best(self) -> Mapping[str, Any]:
        """The fastest repeat."""
        return min(self.runs, key=lambda run: float(run["seconds"]))


@dataclass
class Result:
    """A sweep so far. `refused` says of points why they were not measured, by runner."""

    plan: Plan
    told: Mapping[str, Any] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    died: list[str] = field(default_factory=list)
    complete: bool = False
    _fitted: tuple[int, dict[str, Fits]] = field(default_factory=lambda: (0, {}), repr=False)
    """The fits of so many measurements: whoever draws them again need not wait for them again."""

    def add(self, one: Measured) -> None:
        """Take in a point; what was measured of it before stays."""
        for place, before in enumerate(self.measured):
            if before.point == one.point:
                self.measured[place] = Measured(one.point, before.start_s, [*before.runs, *one.runs])
                return
        self.measured.append(one)

    @property
    def base(self) -> Measured | None:
        """The one coroutine."""
        return next((one for one in self.measured if one.point.runner == BASE), None)

    def speedup(self, one: Measured) -> float | None:
        """How many times as fast as one coroutine."""
        return self.base.seconds / one.seconds if self.base is not None else None

    def of(self, runner: str) -> list[Measured]:
        """The points of a runner, by workers."""
        return sorted((one for one in self.measured if one.point.runner == runner), key=lambda one: one.point.workers)

    def mismatches(self) -> list[str]:
        """Sentences about results that differ from the one coroutine's."""
        if self.base is None:
            return []
        right = self.base.runs[0]["check"]
        found = []
        for one in self.measured:
            wrong = [run["check"] for run in one.runs if run["check"] != right]
            if wrong:
                found.append(words.mismatch(one.point, len(wrong), len(one.runs), wrong[0], right))
        return found

    def fits(self) -> dict[str, Fits]:
        """Both laws for every runner with more than one number of workers."""
        measured = sum(len(one.runs) for one in self.measured)
        if self._fitted[0] == measured:
            return self._fitted[1]
        found: dict[str, Fits] = {}
        for name in runners():
            points = self.of(name)
            if len(points) > 1:
                n = [one.point.workers for one in points for _ in one.runs]
                t = [float(run["seconds"]) for one in points for run in one.runs]
                found[name] = fits.fit(n, t, self.plan.cores)
        self._fitted = measured, found
        return found

    def leader(self) -> str:
        """The runner of which the serial fraction is told: the one that gains most over one of its own workers; empty
        without one that was measured with several. Threads under a GIL come last: they are no match whatever they gain.
        """
        swept = {name: points for name in runners() if len(points := self.of(name)) > 1}
        if len(swept) > 1 and not self.told.get("free_threaded"):
            swept.pop(THREADS, None)
        return max(swept, key=lambda name: swept[name][0].seconds / min(one.seconds for one in swept[name]), default="")


def as_json(result: Result) -> dict[str, Any]:
    """The JSON of `lab parallelism`."""
    plan, found = result.plan, result.fits()
    leader = result.leader()
    amdahl = found[leader].amdahl if leader else None
    told = amdahl is not None and amdahl.told
    return {
        "job": plan.job.id,
        "size": plan.size,
        "grain": plan.grain,
        "tasks": next((run["tasks"] for one in result.measured for run in one.runs), plan.tasks),
        "chunk": plan.knobs.chunk,
        "serial_by_construction": plan.knobs.serial,
        "start_method": plan.knobs.start_method,
        "travel": plan.knobs.travel,
        "repeat": plan.knobs.repeat,
        "python": result.told.get("python", ""),
        "free_threaded": bool(result.told.get("free_threaded", False)),
        "data": result.told.get("data", ""),
        "points": [_point(result, one) for one in result.measured],
        "serial_fraction": amdahl.serial if amdahl is not None and told else None,
        "interval": list(amdahl.interval) if amdahl is not None else None,
        "of_runner": leader or None,
        "fits": {name: _fit(one) for name, one in found.items()},
        "cores": _cores(result),
        "checks": {
            "equal": not result.mismatches(),
            "expected": result.base.runs[0]["check"] if result.base is not None else None,
            "mismatches": result.mismatches(),
        },
        "refused": [{"runner": name, "reason": reason} for name, reason in result.refused.items()],
        "died": result.died,
        "complete": result.complete,
        "sentence": words.serial(result, found),
        "cores_sentence": words.cores(result),
        "sentences": words.all_of(result, found),
    }


def _point(result: Result, one: Measured) -> dict[str, Any]:
    speedup, best = result.speedup(one), one.best
    return {
        "runner": one.point.runner,
        "workers": one.point.workers,
        "seconds": one.seconds,
        "speedup": speedup,
        "efficiency": speedup / one.point.workers if speedup is not None else None,
        "all_seconds": [run["seconds"] for run in one.runs],
        "start_s": one.start_s,
        "serial_s": best["serial_s"],
        "combine_s": best["combine_s"],
        "run_s": best["run_s"],
        "cpu_s": best["cpu_s"],
        "cores_used": best["cpu_s"] / one.seconds,
        "overhead_per_task_s": {**best["parts"], "between_tasks": best["gap"]},
        "workers_seen": best["workers_seen"],
        "cores_seen": best["cores_seen"],
        "cores_busy": best["machine"]["busy"] if best["machine"] else None,
        "others_cores": best["machine"]["others"] if best["machine"] else None,
        "check": best["check"],
        "equal": result.base is None or all(run["check"] == result.base.runs[0]["check"] for run in one.runs),
    }


def _fit(one: Fits) -> dict[str, Any]:
    usl = asdict(one.usl) if one.usl is not None else None
    return {"amdahl": asdict(one.amdahl) if one.amdahl is not None else None, "usl": usl, "reason": one.reason or None}


def _cores(result: Result) -> dict[str, Any]:
    readings = [run["machine"] for one in result.measured for run in one.runs if run["machine"]]
    time = math.fsum(each["seconds"] for each in readings)
    names = list(readings[0]["busy"]) if readings else []
    mean = {core: math.fsum(each["busy"][core] * each["seconds"] for each in readings) / time for core in names}
    affinity = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return {
        "available": result.plan.cores,
        "affinity": affinity,
        "machine": os.cpu_count(),
        "busy": mean or None,
        "ours": math.fsum(each["ours"] * each["seconds"] for each in readings) / time if readings else None,
        "others": math.fsum(each["others"] * each["seconds"] for each in readings) / time if readings else None,
    }
