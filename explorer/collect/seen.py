"""What the sampler saw of the threads that worked for requests, as intervals of their ways.

To the probe a job runs from its first to its last moment. The sampler saw whether its thread waited meanwhile: for the
GIL, for a core, for a lock, or in the system. Its looks are a period apart, so work that is shorter than a period is
left as it is: what one look says of it would be a guess. A traced call (a sleep, a socket) ends for the probe when its
thread has the GIL again; what the sampler saw it wait for that, or for a core, was not the call any more.

The probe does know how long a job was on a processor. What would seem to have run for much longer than that has not: if
the job hardly ran at all, it did what it was seen to do; else all that is known of the rest of it is that it was not on
a core. And what would seem to have run for less has run for more: how a thread that could run divides its time between
running and waiting for a core is the sampler's estimate from what it did lately.

What was seen is kept as long as a request that is under way may need it, and of very much the newest.
"""

from typing import Final

import numpy as np

from explorer.collect import way_words
from explorer.collect.order import join, select, take
from explorer.collect.pieces import CALL, INTERVAL, JOB, SEEN, SEEN_IN_CALL, STEP
from explorer.collect.registry import Registry
from explorer.collect.source import SPAN, Array
from explorer.records.schema import U32
from explorer.records.states import Flag, Kind, State

PERIODS: Final = 1
"""So many times the sampling period must work last."""
MUCH: Final = 1.25
"""So many times its processor time must a job seem to have run, or it is believed."""
HARDLY: Final = 10
STILL_NS: Final = 1_000_000
"""So much longer than its processor time a job may seem to have run in any case."""
KEPT_NS: Final = 1_000_000_000
"""Kept in any case: work is told of when it ends."""
MOST: Final = 50_000
_TOLD: Final[dict[State, str]] = {
    State.WAITING_GIL: "waits for the GIL",
    State.RUNNABLE: "waits for a core",
    State.WAITING_LOCK: "waits for a lock",
    State.BLOCKED: "blocked in the system",
}


class Seen:
    """The states of threads that are worth telling of."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._names = np.zeros(256, np.uint32)
        for state, words in _TOLD.items():
            self._names[state] = registry.name(words)
        self._runs = registry.name(way_words.RUNS)
        self._off = registry.name("not on a core: GIL or I/O")
        self._off_without_gil = registry.name("not on a core: lock or I/O")
        self._spans = np.empty(0, SPAN)
        self._tracks: dict[tuple[int, int], set[int]] = {}
        self._known: set[int] = set()

    def update(self, spans: Array) -> None:
        """Take in released spans, (n,) of SPAN."""
        found = self._wanted(spans, Flag.COMPLETE)
        if len(found):
            self._spans = join([self._spans, found])[-MOST:]

    def forget(self, before: int, now: int) -> None:
        """No request that is under way began before `before` (ns)."""
        if len(self._spans):
            self._spans = select(self._spans, self._spans["end"] > min(before, now - KEPT_NS))

    def intervals(self, work: Array, going: Array) -> Array:
        """(k,) of INTERVAL within those of `work` (the same) that ran. `going` is (m,) of SPAN: what still lasts."""
        going = self._wanted(going, Flag.BEGIN | Flag.COMPLETE)
        if not len(self._spans) and not len(going):
            return np.empty(0, INTERVAL)
        spans = join([self._spans, going])
        calls = _apart(select(work, (work["level"] == CALL) & (work["state"] == State.BLOCKED)))
        work = select(work, ((work["level"] == JOB) | (work["level"] == STEP)) & (work["state"] == State.RUNNING))
        after = select(spans, (spans["state"] == State.WAITING_GIL) | (spans["state"] == State.RUNNABLE))
        parts = []
        for several, seen, level in ((work, spans, SEEN), (calls, after, SEEN_IN_CALL)):
            for track in np.unique(several["track"]).tolist():
                mine = np.isin(seen["track"], list(self._of_thread(track)))
                if mine.any():
                    found = self._within(select(several, several["track"] == track), select(seen, mine))
                    found["level"] = level
                    parts.append(found)
        return join(parts, INTERVAL)

    def settle(self, made: Array, cpu_ns: Array) -> Array:
        """`made`, pieces (n,) of INTERVAL, without what cannot have run; `cpu_ns` is the processor time of each job."""
        cpu = np.concatenate(([0], cpu_ns))
        made = self._give_back(made, cpu)
        length, job = made["end"] - made["start"], made["job"]
        bare = (job > 0) & (made["level"] == JOB) & (made["state"] == State.RUNNING)
        if not bare.any():
            return made
        seems = np.bincount(job[bare], length[bare], len(cpu))
        doubted = seems > MUCH * cpu + STILL_NS
        if not doubted.any():
            return made
        seen = (job > 0) & (made["level"] == SEEN)
        states = len(State)
        by_state = np.bincount(job[seen] * states + made["state"][seen], length[seen], len(cpu) * states)
        by_state = by_state.reshape(len(cpu), states)
        hardly = seems > HARDLY * cpu
        instead = np.where((by_state.max(axis=1) > 0) & hardly, by_state.argmax(axis=1), State.UNKNOWN)
        changed = bare & doubted[job]
        # Where it ran is not known, but for how long it is: it counts from the job's beginning.
        made, ran = _divide(made, np.flatnonzero(changed & ~hardly[job]), cpu)
        job = made["job"]
        bare = (job > 0) & (made["level"] == JOB) & (made["state"] == State.RUNNING)
        changed = bare & doubted[job] & ~ran
        made["state"][changed] = instead[job[changed]]
        unknown = changed & (made["state"] == State.UNKNOWN)
        made["name"][changed] = self._names[made["state"][changed]]
        made["name"][unknown] = self._off
        for track in np.unique(made["track"][unknown]).tolist():
            if self._is_free_threaded(track):
                made["name"][unknown & (made["track"] == track)] = self._off_without_gil
        return made

    def _give_back(self, made: Array, cpu: Array) -> Array:
        """Let jobs run that are said to have waited for a core while they were on one; the first waits first.

        `cpu` (ns) is by number of the job. What is given back is no more than makes a job run for so long.
        """
        job = made["job"]
        waits = np.flatnonzero((job > 0) & (made["level"] == SEEN) & (made["state"] == State.RUNNABLE))
        if not len(waits):
            return made
        length = (made["end"] - made["start"]).astype(np.float64)
        bare = np.flatnonzero((job > 0) & (made["level"] == JOB) & (made["state"] == State.RUNNING))
        missing = cpu - np.bincount(job[bare], length[bare], len(cpu)).astype(np.int64)
        names = np.full(len(cpu), self._runs, np.uint32)
        names[job[bare]] = made["name"][bare]
        made, given = _divide(made, waits, missing)
        made["state"][given] = State.RUNNING
        made["level"][given] = JOB  # an operation gives it its name, as it does to all that its job ran
        made["name"][given] = names[made["job"][given]]
        return made

    def _is_free_threaded(self, lane: int) -> bool:
        track = self._registry.tracks.get(lane)
        member = self._registry.members.get(track.process) if track is not None else None
        return member is not None and member.process.free_threaded

    def _wanted(self, spans: Array, flags: int) -> Array:
        told = (spans["kind"] == Kind.THREAD_STATE) & (self._names[spans["state"]] != 0)
        found = select(spans, told & ((spans["flags"] & flags) != 0))
        if len(found):
            for number in set(np.unique(found["track"]).tolist()) - self._known:
                self._known.add(number)
                track = self._registry.tracks.get(number)
                if track is not None:
                    self._tracks.setdefault((track.pid, track.tid), set()).add(number)
        return found

    def _of_thread(self, lane: int) -> set[int]:
        """The sampler's tracks of the thread of a lane."""
        track = self._registry.tracks.get(lane)
        member = self._registry.members.get(track.process) if track is not None else None
        if track is None or member is None:
            return set()
        return self._tracks.get((member.process.pid, track.tid), set())

    def _within(self, work: Array, seen: Array) -> Array:
        """The stretches of `seen` that lie in `work` of the same thread; neither overlaps itself."""
        period = int((seen["argument"] & np.uint64(U32)).max()) * 1000
        work = select(work, work["end"] - work["start"] >= PERIODS * period)
        work = take(work, np.argsort(work["start"], kind="stable"))
        seen = take(seen, np.argsort(seen["start"], kind="stable"))
        first = np.searchsorted(work["end"], seen["start"], "right")
        behind = np.searchsorted(work["start"], seen["end"], "left")
        counts = np.maximum(behind - first, 0)
        which = np.repeat(np.arange(len(seen)), counts)
        inside = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts) + first[which]
        found = take(work, inside)
        found["start"] = np.maximum(found["start"], seen["start"][which])
        found["end"] = np.minimum(found["end"], seen["end"][which])
        found["state"] = seen["state"][which]
        found["name"] = self._names[found["state"]]
        return found


def _apart(calls: Array) -> Array:
    """The outer ones of `calls`, (n,) of INTERVAL, where some lie in others."""
    calls = take(calls, np.lexsort((-calls["end"], calls["start"], calls["track"])))
    outer = np.ones(len(calls), bool)
    for track in np.unique(calls["track"]).tolist():
        mine = np.flatnonzero(calls["track"] == track)
        reached = np.maximum.accumulate(calls["end"][mine])
        outer[mine[1:]] = calls["start"][mine[1:]] >= reached[:-1]
    return select(calls, outer)


def _divide(made: Array, places: Array, most: Array) -> tuple[Array, Array]:
    """Tell the first of some pieces of each job, up to `most` ns in all (by number of the job), from the others.

    `places` are indices of these pieces in `made`. Returns `made` with the piece cut in which that ends, and which are
    the first.
    """
    job = made["job"]
    places = places[np.argsort(job[places], kind="stable")]
    mine, long = job[places], made["end"][places] - made["start"][places]
    before = np.cumsum(long) - long
    before -= before[np.searchsorted(mine, mine)]  # of the same job
    left = np.clip(most[mine] - before, 0, long)
    cut = np.flatnonzero((left > 0) & (left < long))
    rest = take(made, places[cut])
    rest["start"] += left[cut]
    made["end"][places[cut]] = rest["start"]
    first = np.zeros(len(made), bool)
    first[places[left > 0]] = True
    return np.insert(made, places[cut] + 1, rest), np.insert(first, places[cut] + 1, False)
