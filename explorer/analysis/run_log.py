"""What is known of a run, from its batches: what the figures, the charts and the findings are made of.

It stands beside the store and knows batches only, so that a recording gives the same figures as the run did. Counts and
times of our own requests come from what the load reports ten times a second, which is exact even when records are
lost; loops, threads, pools and charts come from the spans; processes from the sampler's counters.
"""

import itertools
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from explorer.analysis.buckets import BUCKET_NS, Column, bucket_of, groups_of, held, runs_of, sum_of
from explorer.analysis.event_counts import EventCounts
from explorer.analysis.failed import abandoned
from explorer.analysis.load_log import LoadLog
from explorer.analysis.loops import RAN, LoopLog
from explorer.analysis.operation_log import OperationLog
from explorer.analysis.pool_log import TokenLog
from explorer.analysis.request_log import RequestLog
from explorer.analysis.sampled import COUNTERS, SAMPLED, SampledLog
from explorer.analysis.taken import order_of, take
from explorer.analysis.vitals import ProcessVitals
from explorer.analysis.window import Window, measuring_window
from explorer.collect.source import Array, Batch, OpenSpan, Process, Tally, Track
from explorer.load.histogram import Histogram
from explorer.records.event_kinds import EventKind
from explorer.records.sampling import THREAD_CPU, THREAD_QUEUED
from explorer.records.schema import PROCESS_SHIFT, U32
from explorer.records.states import Kind, Role, TrackKind

SERIES: Final = ("throughput", "failed", "p50_ms", "p99_ms", "loop_lag_ms", "ready", "cpu", "rss")
ENDED_TOGETHER_NS: Final = 3_000_000_000
"""Processes that ended within this time of the last are those of the run's end."""
PASSING: Final = frozenset({Role.CONNECTION, Role.STANDBY})
BEFORE_THE_END_NS: Final = 200_000_000
"""A moment at which whoever ends with the run is still there."""
SETTLED_NS: Final = 50_000_000
"""A bucket is complete so long after its end; spans come within 20 ms and a little."""
HOSTS_SETTLED_NS: Final = 400_000_000
"""The same where the load comes from other hosts, whose reports are on their way for a while."""
RECORD_COST_NS: Final = 500
"""What writing a record takes in an observed process (measured: 320 ns in a ring, up to 900 ns with its callback)."""
NOT_SERVING: Final = (
    Role.WINDOW, Role.LOAD, Role.SAMPLER, Role.UPSTREAM, Role.DATABASE, Role.CLUSTER, Role.GATEWAY,
)  # fmt: skip


class RunLog:
    """Accumulates what the figures of one run are made of. `feed` and the questions belong to one thread at a time.

    To be read: `now` (clock of the newest batch, ns), `tally`, `load`, `requests`, `processes` by number, `loops` and
    `spans` by track, `threads` (tracks of loops and threads) and `vitals` by process number, since a pid may be used
    again, `tokens`, `events`, `sampled`, `operations`, `unobserved` (processes of the server that take no part).
    """

    def __init__(self) -> None:
        self.now = 0
        self.tally = Tally()
        self.processes: dict[int, Process] = {}
        self.tracks: dict[int, Track] = {}
        self.load = LoadLog()
        self.requests = RequestLog()
        self.loops: dict[int, LoopLog] = {}
        self.spans: dict[int, Column] = {}
        self.threads: dict[int, list[int]] = {}
        self.vitals: dict[int, ProcessVitals] = {}
        self.tokens = TokenLog()
        self.events = EventCounts()
        self.sampled = SampledLog()
        self.operations = OperationLog()
        self.unobserved = 0
        self.asked_to_end = 0
        self._load_numbers = np.zeros(0, np.uint64)
        # What a server asks of another one is a part of a request that counts already; phones' requests count at the
        # server, as all do that come from outside.
        self._counted_before: list[int] = []
        self._told_by_hosts: list[int] = []  # tracks of hosts that send the load together
        self._by_pid: dict[int, set[int]] = {}  # the numbers of the processes that had it
        self._sampled: dict[int, int] = {}  # of whom a sampler's track speaks: number of the process, by track
        self._running: list[tuple[LoopLog, int]] = []
        # Loops of processes that have ended, together: charts look one by one at those that live.
        self._living: set[int] = set()
        self._ended_lag, self._ended_ready = Column("f8"), Column("f8")

    def feed(self, batch: Batch) -> None:
        """Take in what is new."""
        self.now = max(self.now, batch.now)
        self.tally = batch.tally
        if batch.processes or batch.tracks:
            self._declare(batch)
        if batch.tracks or batch.names:
            self.sampled.declare(batch.tracks, batch.names)
        for event in batch.events:
            if event.get("type") in ("load", "load_total"):
                self._feed_load(event)
            elif event.get("type") == "unobserved":
                self.unobserved += 1
            elif event.get("type") == "not_sampled":
                self.sampled.miss(event)
            elif event.get("type") == "operations":
                self.operations.source = str(event.get("source", ""))
            elif event.get("type") == "thread_tokens":
                self.tokens.tell(event.get("tokens"))
        for marker in batch.markers:
            if marker.kind == "end":
                self.asked_to_end = marker.time
        if len(batch.samples):
            self._feed_samples(batch.samples)
        self.operations.declare(batch.names)
        if len(batch.spans):
            self._feed_spans(batch.spans)
            self._feed_operations(batch.spans)
        for track in batch.tracks:
            if track.ended_ns is not None and track.number in self.loops:
                self._put_away(track)
        if batch.open_spans is not None:
            self._note_open(batch.open_spans)
        for loop, since in self._running:
            loop.note_running(since, batch.now)
        self.requests.close_until(bucket_of(self.now - self._settled_ns))

    def window(self, scenario: Mapping[str, Any], failure: str = "") -> Window:
        """The measuring window so far; `scenario` as plain data, `failure` is why it failed, if it did."""
        knobs = scenario.get("load") or {}
        return measuring_window(self.load, knobs, self.asked_to_end, self.now, self._missing(), failure)

    def _missing(self) -> list[str]:
        """In a sentence each: what the figures lack, or what they are not of."""
        found = []
        if self.tally.lost:
            found.append(
                f"{self.tally.lost:,} records were lost, so that loop, thread and pool figures are incomplete."
            )
        if self.unobserved:
            found.append(f"{self.unobserved:,} processes were not observed, so that most figures are incomplete.")
        # The load was not what the scenario says from then on.
        found += [host["ended"] for host in self.load.hosts if host["ended"]]
        return found

    def series(self, name: str, since: int, pid: int = 0) -> tuple[Array, Array]:
        """A chart: times (ns, ends of buckets of 100 ms) and values, from `since` (ns) to the last complete bucket.

        `name` is one of `SERIES`: `throughput` and `failed` (requests/s), `p50_ms` and `p99_ms` (of the second before;
        NaN without an answer), `loop_lag_ms` (longest wait of anything that was ready or due, all loops), `ready` (mean
        number ready when a loop came round, of the loop where that was most), `cpu` (share of one core) and `rss`
        (bytes) of process `pid`, 0 = all that serve.
        """
        begin, end = bucket_of(since), bucket_of(self.now - self._settled_ns)
        end = max(begin, min(end, begin + _MOST_SHOWN))
        times = (np.arange(begin, end, dtype=np.int64) + 1) * BUCKET_NS
        return times, self._values(name, begin, end, pid)

    def dots(self, since: int) -> tuple[Array, Array, Array, Array]:
        """Requests that ended from `since` (ns) on, as many as `RequestLog.dots` keeps.

        Their numbers, ends (ns), latencies (ms), and whether they failed.
        """
        dots = self.requests.dots
        dots = dots[dots["time"] >= since]
        return dots["request"], dots["time"], dots["latency_s"] * 1e3, ~dots["ok"]

    def usage(self) -> list[tuple[int, float, float]]:
        """Of every process that is being sampled: pid, share of one core (mean of the last second), bytes of memory.

        Once the run is over, of those that were there in its last seconds, as they were then.
        """
        found = []
        for number in self._present():
            vitals, ended = self.vitals[number], self.processes[number].ended_ns
            end = bucket_of(self.now if ended is None else ended) + 1
            cpu, rss = vitals.cpu.between(end - 10, end), vitals.rss.between(end - 20, end)
            cpu, rss = cpu[~np.isnan(cpu)], rss[~np.isnan(rss)]
            if len(rss):
                found.append((self.processes[number].pid, float(cpu.mean()) if len(cpu) else 0.0, float(rss[-1])))
        return found

    def _present(self) -> list[int]:
        """Numbers of the processes that are sampled and live; of a run that is over also of those that ended last."""
        sampled = [self.processes[number] for number in self.vitals]
        living = [one.number for one in sampled if one.ended_ns is None]
        if any(one.ended_ns is None and one.role is not Role.WINDOW for one in self.processes.values()):
            return living
        ended = [(one, one.ended_ns) for one in sampled if one.ended_ns is not None]
        last = max((end for _, end in ended), default=0)
        ended = [(one, end) for one, end in ended if last - end <= ENDED_TOGETHER_NS]
        # Of processes that come and go with connections, those that were there together.
        moment = min((end for one, end in ended if one.role not in PASSING), default=last) - BEFORE_THE_END_NS
        return living + [one.number for one, end in ended if one.role not in PASSING or one.started_ns <= moment <= end]

    def event_rates(self) -> dict[EventKind, float]:
        """Events of each kind that the loops handled, per second, in the last second."""
        return self.events.rates(bucket_of(self.now - SETTLED_NS))

    def observing_share(self) -> float | None:
        """The part (0 to 1) of the serving processes' CPU time that writing records took, in the last second.

        Estimated from the number of spans; None while nothing is known of CPU times.
        """
        end = bucket_of(self.now - SETTLED_NS)
        serving = {process.number for process in self.serving()}
        recent = [vitals.cpu_s for number, vitals in self.vitals.items() if number in serving]
        cpu_s = sum(column.sum(end - 10, end) for column in recent if column.last > end - 10)
        count = sum(
            column.sum(end - 10, end)
            for number, column in self.spans.items()
            if column.last > end - 10 and self.tracks[number].process in serving
        )
        return min(1.0, count * RECORD_COST_NS / 1e9 / cpu_s) if cpu_s > 0 else None

    def serving(self) -> list[Process]:
        """The processes that are being observed: not the load, the sampler or the window, nor a slow upstream."""
        return [process for process in self.processes.values() if process.role not in NOT_SERVING]

    @property
    def _settled_ns(self) -> int:
        return HOSTS_SETTLED_NS if self.load.hosts else SETTLED_NS

    # -- taking in -------------------------------------------------------------------------------------------------

    def _declare(self, batch: Batch) -> None:
        for process in batch.processes:
            self.processes[process.number] = process
            if not process.host:
                self._by_pid.setdefault(process.pid, set()).add(process.number)
        if any(process.role is Role.LOAD for process in batch.processes):
            numbers = [process.number for process in self.processes.values() if process.role is Role.LOAD]
            self._load_numbers = np.array(numbers, np.uint64)
        for track in batch.tracks:
            if track.kind in _RUNNING and track.number not in self.tracks:
                self.threads.setdefault(track.process, []).append(track.number)
            self.tracks[track.number] = track
            owner = self.processes.get(track.process)
            serves = owner is not None and owner.role not in NOT_SERVING
            if track.kind is TrackKind.LOOP and serves and track.number not in self.loops:
                self.loops[track.number] = LoopLog()
                self._living.add(track.number)
            if track.kind is TrackKind.REQUESTS and owner is not None and owner.role in (Role.UPSTREAM, Role.GATEWAY):
                self._counted_before.append(track.number)
            if track.kind is TrackKind.HOST and track.process:
                self._told_by_hosts.append(track.number)
            if track.process and track.kind in _COUNTED:
                self.spans.setdefault(track.number, Column("u4"))
        self.events.declare(batch.processes, batch.tracks, self.tracks)

    def _feed_load(self, event: Mapping[str, Any]) -> None:
        try:
            self.load.feed(event)
            if event["type"] == "load" and self.load.hosts:
                self._feed_hosts(event)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            return  # a recording may hold anything; a report that makes no sense is left out

    def _feed_hosts(self, event: Mapping[str, Any]) -> None:
        """Of requests from other hosts spans come late, and not of all: charts are drawn from the reports."""
        middle = int(event["time"]) - int(event["interval_ns"]) // 2
        failed = int(event["failed"]) + int(event["timed_out"])
        self.requests.feed_report(bucket_of(middle), int(event["ok"]), failed, Histogram.from_bins(event["latency"]))

    def _feed_samples(self, samples: Array) -> None:
        found = [self.tracks.get(number) for number in np.unique(samples["track"]).tolist()]
        for track in found:
            if track is not None and track.name in COUNTERS:
                mine = samples[samples["track"] == track.number]
                self.sampled.feed_counter(track, mine["time"], mine["value"])
        vital = [track for track in found if track is not None and track.pid and track.name in _VITALS]
        for track in sorted(vital, key=lambda track: track.name == "cpu"):
            mine = samples[samples["track"] == track.number]
            number = self.subject(track, int(mine["time"][0]))
            if number is None:
                continue
            vitals = self.vitals.get(number)
            if vitals is None:
                vitals = self.vitals[number] = ProcessVitals()
            vitals.feed(track, mine["time"], mine["value"])

    def subject(self, track: Track, time: int) -> int | None:
        """Number of the process that a sampler's track speaks of: the last to begin with its pid before `time` (ns)."""
        number = self._sampled.get(track.number)
        if number is None:
            had = [self.processes[each] for each in self._by_pid.get(track.pid, ())]
            last = max(had, key=lambda process: (process.started_ns <= time, process.number), default=None)
            if last is None:
                return None
            number = self._sampled[track.number] = last.number
        return number

    def _feed_operations(self, spans: Array) -> None:
        mine = np.flatnonzero(spans["kind"] == Kind.OPERATION)
        if len(mine):
            self.operations.feed(spans["name"].take(mine), (spans["end"] - spans["start"]).take(mine))

    def _feed_spans(self, spans: Array) -> None:
        """Pieces of requests are left out: they tell again, later, what other spans have told."""
        sampled = SAMPLED[spans["kind"]]
        if sampled.any():
            self.sampled.feed(take(spans, np.flatnonzero(sampled)))
        kept = np.flatnonzero((spans["kind"] != Kind.PIECE) & ~sampled)
        if not len(kept):
            return
        buckets = spans["end"].take(kept) // BUCKET_NS
        in_order = bool((buckets[1:] >= buckets[:-1]).all())
        if not in_order:
            order = np.argsort(buckets, kind="stable")
            kept, buckets = kept.take(order), buckets.take(order)
        which, firsts, _ = groups_of(buckets)
        if len(which) > FEW_BUCKETS:
            self._feed_many(buckets, spans, kept)
            return
        if len(kept) < len(spans) or not in_order:
            spans = take(spans, kept)
        edges = itertools.pairwise([*firsts.tolist(), len(buckets)])
        for bucket, (first, last) in zip(which.tolist(), edges, strict=True):
            self._feed_bucket(bucket, spans[first:last])

    def _feed_bucket(self, bucket: int, spans: Array) -> None:
        # Side by side: every loop of many looks through all of them.
        track, kind, argument, end = (spans[name].copy() for name in ("track", "kind", "argument", "end"))
        length, outermost = end - spans["start"], spans["depth"] == 0
        # Not bincount: a damaged recording may name track 4,000,000,000.
        for number, count in zip(*(each.tolist() for each in np.unique(track, return_counts=True)), strict=True):
            column = self.spans.get(number)
            if column is not None:
                column.add(bucket, count)
            loop = self.loops.get(number)
            if loop is not None:
                mine = np.flatnonzero((track == number) & outermost)
                loop.feed(bucket, kind.take(mine), end.take(mine), length.take(mine), argument.take(mine))
        self.events.feed(bucket, track, kind, argument)
        self._feed_told(bucket, spans, kind, length, argument)

    def _feed_many(self, buckets: Array, spans: Array, kept: Array) -> None:
        """The same of many buckets, in one go: a recording gives seconds. `buckets` are of the spans at `kept`."""
        track, kind, argument = (spans[name].take(kept) for name in ("track", "kind", "argument"))
        self.events.feed_many(buckets, track, kind, argument)
        told = np.flatnonzero(_TOLD[kind])
        if len(told):
            which, firsts, _ = groups_of(buckets.take(told))
            some = take(spans, kept.take(told))
            edges = itertools.pairwise([*firsts.tolist(), len(told)])
            for bucket, (first, last) in zip(which.tolist(), edges, strict=True):
                mine = some[first:last]
                length = mine["end"] - mine["start"]
                self._feed_told(bucket, mine, mine["kind"].copy(), length, mine["argument"].copy())
        order = order_of(track)
        self._feed_tracks(track.take(order), buckets.take(order), spans, kept.take(order))

    def _feed_tracks(self, track: Array, buckets: Array, spans: Array, places: Array) -> None:
        """Spans by track, and of each track by bucket: those at `places`, which are of `track` and `buckets`."""
        edges = [0, *(np.flatnonzero(np.diff(track)) + 1).tolist(), len(track)]
        numbers = track.take(edges[:-1]).tolist()
        group = np.repeat(np.arange(len(numbers)), np.diff(edges))
        for at, begin, counts in runs_of(group, buckets):
            column = self.spans.get(numbers[at])
            if column is not None:
                column.add_run(begin, counts)
        for number, (first, last) in zip(numbers, itertools.pairwise(edges), strict=True):
            loop = self.loops.get(number)
            if loop is not None:
                mine = places[first:last]
                outermost = np.flatnonzero(spans["depth"].take(mine) == 0)
                if len(outermost):
                    rows = take(spans, mine.take(outermost))  # as whole rows: the columns would each be looked up
                    kind, argument, end, start = (rows[name].copy() for name in _OF_LOOPS)
                    loop.feed_many(buckets[first:last].take(outermost), kind, end, end - start, argument)

    def _feed_told(self, bucket: int, spans: Array, kind: Array, length: Array, argument: Array) -> None:
        """What tells of requests, and of waits for a token of the thread pool."""
        self._feed_requests(bucket, spans, kind, length, argument)
        waits = np.flatnonzero(kind == Kind.TOKEN_WAIT)
        if len(waits):
            self.tokens.feed(bucket, length.take(waits), argument.take(waits))

    def _feed_requests(self, bucket: int, spans: Array, kind: Array, length: Array, argument: Array) -> None:
        client = (kind == Kind.CLIENT_REQUEST) & ~np.isin(spans["track"], self._counted_before)
        status = argument & np.uint64(U32)
        client &= ~abandoned(status)  # the tally of the load does not count them either
        # An upgrade is no request for the figures: the messages behind it are. That one was handled is its result.
        messages = kind == Kind.MESSAGE
        status = np.where(messages, np.uint64(_HANDLED), status)
        served = np.flatnonzero(((kind == Kind.REQUEST) & (status != _SWITCHING)) | messages)
        if len(served):
            served = served[~np.isin(spans["track"].take(served), self._counted_before)]
            outside = served[~np.isin(spans["request"].take(served) >> np.uint64(PROCESS_SHIFT), self._load_numbers)]
            if len(outside):
                self.requests.outside += len(outside)
                result = status.take(outside)
                self.requests.outside_ok += int(np.count_nonzero((result > 0) & (result < 400)))
                client[outside] = True
        theirs = client & np.isin(spans["track"], self._told_by_hosts)
        for chosen, known in ((client & ~theirs, False), (theirs, True)):
            ended = np.flatnonzero(chosen)
            if len(ended):
                end, request = spans["end"].take(ended), spans["request"].take(ended)
                columns = end, length.take(ended), status.take(ended).astype(np.int64), request
                if known:
                    self.requests.show(*columns)
                else:
                    self.requests.feed(bucket, *columns)

    def _put_away(self, track: Track) -> None:
        """A loop has ended; with its process it cannot begin again."""
        loop, process = self.loops[track.number], self.processes.get(track.process)
        loop.settle()
        if process is None or process.ended_ns is None or track.number not in self._living:
            return
        begin = min(loop.iterations.first, loop.lag.first) or loop.iterations.first or loop.lag.first
        end = max(loop.iterations.last, loop.lag.last, min(bucket_of(process.ended_ns), bucket_of(self.now)) + 1)
        if begin and end - begin > _MOST_SHOWN:  # a damaged recording
            return
        self._living.discard(track.number)
        if not begin:  # it never ran
            return
        ready, lag = self._ready(track.number, begin, end).tolist(), loop.lag.between(begin, end).tolist()
        for bucket, (number, seconds) in enumerate(zip(ready, lag, strict=True), begin):
            if number:
                self._ended_ready.raise_to(bucket, number)
            if seconds:
                self._ended_lag.raise_to(bucket, seconds)

    def _note_open(self, spans: list[OpenSpan]) -> None:
        """What loops run right now: a loop that is blocked has no finished span to tell so."""
        self.sampled.note_open(spans)
        loops = self.loops
        self._running = [
            (loops[span.track], span.start)
            for span in spans
            if span.track in loops and not span.depth and RAN[span.kind]
        ]

    # -- charts ----------------------------------------------------------------------------------------------------

    def _values(self, name: str, begin: int, end: int, pid: int) -> Array:
        requests = self.requests
        match name:
            case "throughput" | "failed":
                column = requests.ok if name == "throughput" else requests.failed
                return column.between(begin, end) * (1e9 / BUCKET_NS)
            case "p50_ms" | "p99_ms":
                return (requests.p50 if name == "p50_ms" else requests.p99).between(begin, end) * 1e3
            case "loop_lag_ms":
                lags = [self.loops[number].lag.between(begin, end) for number in self._living]
                longest: Array = np.max([*lags, self._ended_lag.between(begin, end)], axis=0)
                return longest * 1e3
            case "ready":
                fullest = [self._ready(number, begin, end) for number in self._living]
                most: Array = np.max([*fullest, self._ended_ready.between(begin, end)], axis=0)
                return most
            case "cpu" | "rss":
                numbers = self._by_pid.get(pid, set()) if pid else {process.number for process in self.serving()}
                chosen = [vitals for each, vitals in self.vitals.items() if each in numbers]
                columns = [vitals.cpu if name == "cpu" else vitals.rss for vitals in chosen]
                columns = [column for column in columns if column.last > begin - _HELD]
                return sum_of([held(column.between(begin, end), _HELD) for column in columns], end - begin)
        raise KeyError(f"There is no series '{name}'. Known are: {', '.join(SERIES)}.")

    def _ready(self, number: int, begin: int, end: int) -> Array:
        """Mean number ready by bucket; while a loop does not come round its last number holds."""
        loop, track = self.loops[number], self.tracks[number]
        iterations = loop.iterations.between(begin, end)
        means = loop.ready.between(begin, end) / np.where(iterations, iterations, np.nan)
        process = self.processes.get(track.process)  # a damaged recording may have declared it anew, elsewhere
        ended = track.ended_ns or (process.ended_ns if process is not None else None)
        if ended:
            means[max(0, bucket_of(ended) + 1 - begin) :] = 0
        return held(means, end - begin)


FEW_BUCKETS: Final = 2
"""A live batch has no more."""
_TOLD: Final = np.zeros(256, bool)
_TOLD[[Kind.REQUEST, Kind.CLIENT_REQUEST, Kind.MESSAGE, Kind.TOKEN_WAIT]] = True
_OF_LOOPS: Final = ("kind", "argument", "end", "start")
_RUNNING: Final = (TrackKind.LOOP, TrackKind.THREAD)
_COUNTED: Final = (TrackKind.LOOP, TrackKind.THREAD, TrackKind.REQUESTS)
_VITALS: Final = ("cpu", "rss", THREAD_CPU, THREAD_QUEUED)
_MOST_SHOWN: Final = 864_000
_HANDLED: Final = 200
_SWITCHING: Final = 101
_HELD: Final = 15
"""Buckets over which a sample holds until the next: with many processes the sampler looks only once a second."""
