"""A live run as a `Source`: looks into the run folder, polls all rings, and makes each poll one ordered batch.

The steps of a poll stand in the order in which their guarantees need them. Rings are listed before processes, because
a process declares itself before its first ring; the ends of processes are noticed before their rings are polled, so
that such a poll is the last that can find anything; names are read after the rings, because a name is written down
before the first record that uses it.
"""

import json
import logging
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from explorer.collect.begins import Begins, open_locks
from explorer.collect.folder import NamesTail, RunFolder
from explorer.collect.hosts import Hosts
from explorer.collect.liveness import liveness, without_descriptors
from explorer.collect.order import WATERMARK_NS, Order, by_end, join, select
from explorer.collect.registry import Member, Registry
from explorer.collect.requests import Requests
from explorer.collect.rings import Polled, Rings
from explorer.collect.source import SAMPLE, SPAN, Array, Batch, Marker, OpenLock, OpenSpan, Tally
from explorer.collect.token_waits import TokenWaits
from explorer.records.clock import Clock, now_ns
from explorer.records.lock_owners import LOCKS
from explorer.records.schema import CPU_NOT_TAKEN, U32
from explorer.records.states import Flag, Kind, State, TrackKind

_log: Final = logging.getLogger(__name__)
_FOREVER: Final = 1 << 62
SAMPLED: Final = np.zeros(256, bool)
SAMPLED[[Kind.THREAD_STATE, Kind.GIL_HELD]] = True
"""Kinds of what was seen from outside."""
_LASTS: Final = SAMPLED.copy()
_LASTS[list(LOCKS)] = True
_FINISHED: Final = int(Flag.COMPLETE | Flag.INSTANT)
_TOLD_OTHERWISE: Final = np.zeros(256, bool)
_TOLD_OTHERWISE[[Kind.COUNTER, Kind.THREAD, Kind.OPERATION]] = True


class RunSource:
    """Reads the run in the folder `run`.

    One thread polls; `add_marker`, `add_event` and `expect_end` may be called from any.
    """

    def __init__(self, run: Path, clock: Clock = now_ns) -> None:
        self._clock = clock
        self._folder = RunFolder(run)
        self._registry = Registry()
        self._rings = Rings()
        self._order = Order()
        self._begins = Begins()
        self._requests = Requests(self._registry)
        self._hosts = Hosts(self._registry)
        self._token_waits = TokenWaits(self._registry)
        self._liveness = liveness()
        self._tails: dict[int, NamesTail] = {}  # by process number, of those that may still have something to tell
        self._leaving: list[Member] = []
        self._expected: set[int] = set()  # pids
        self._asked: set[int] = set()  # the numbers of the processes that they were
        self._complained = False
        self._markers: deque[Marker] = deque()
        self._events: deque[Mapping[str, Any]] = deque()
        self._open_spans: list[OpenSpan] = []
        self._waiting: list[OpenSpan] = []  # begins as they are shown; few polls change them
        self._waiting_changed = False
        self._locks: list[OpenLock] = []
        self._cut_short: deque[Array] = deque()

    def add_marker(self, marker: Marker) -> None:
        """Put a marker into the next batch."""
        self._markers.append(marker)

    def add_event(self, event: Mapping[str, Any]) -> None:
        """Put an event into the next batch."""
        self._events.append(event)

    def expect_end(self, pid: int) -> None:
        """The process `pid` is going to end because it was asked to, and its descendants with it."""
        self._expected.add(pid)

    @property
    def living(self) -> int:
        """How many processes of the run, besides this one, have not ended yet."""
        processes = (member.process for member in self._registry.members.values())
        return sum(process.ended_ns is None and process.pid != os.getpid() for process in processes)

    def poll(self) -> Batch:
        """What is new."""
        now = self._clock()
        return self._poll(now, now - WATERMARK_NS)

    def drain(self) -> Batch:
        """What is left, held back or not. After the processes have ended and a `poll` has noticed it, this is all."""
        return self._poll(self._clock(), _FOREVER)

    def close(self) -> None:
        """Let go of rings, names files and pidfds."""
        self._rings.close()
        self._liveness.close()
        for tail in self._tails.values():
            tail.close()
        self._tails.clear()

    def _poll(self, now: int, until: int) -> Batch:
        # Whose records have all been released is retired below; before that, what was held back would come too late.
        left = [member for member in self._leaving if (member.process.ended_ns or 0) <= until]
        self._leaving = [member for member in self._leaving if (member.process.ended_ns or 0) > until]
        self._look(until == _FOREVER)
        polled = [self._rings.poll(self._registry.members[number]) for number in self._tails]
        for number, tail in self._tails.items():
            self._declare(self._registry.members[number], tail)

        released = self._order.release([part.spans() for part in polled if part.rows], until)
        batch = Batch(now)
        if len(released):
            ours, theirs = self._hosts.divide(released)
            self._waiting_changed |= self._begins.update(ours)
            self._requests.update(ours)
            self._hosts.update(theirs)
            self._token_waits.update(ours)
            batch.samples = _samples(ours)
            self._note_threads(released)
        for member in left:
            self._retire(member)
        self._put_spans(batch, released, polled, min(until, now))
        for loss in (loss for part in polled if part.losses for loss in part.run_wide_losses()):
            batch.losses.append(loss)
            self._requests.lose(set(loss.tracks), loss.end)
            self._forget_begins(set(loss.tracks), loss.end)
            self._hosts.give_up(set(loss.tracks), loss.end)
            self._token_waits.forget(set(loss.tracks), loss.end, loss.end)
        batch.markers = _emptied(self._markers)
        batch.events = _emptied(self._events)
        batch.processes = self._registry.take_processes()
        batch.tracks = self._registry.take_tracks()
        batch.names = self._registry.take_names()
        if left or batch.losses or any(part.rows for part in polled):
            self._rings.count_written()
        rings = self._rings
        batch.tally = Tally(rings.written, rings.read, rings.lost, self._order.late, rings.count)
        return batch

    def _look(self, closely: bool) -> None:
        """New rings, new processes, ended processes."""
        for path in self._folder.new_rings():
            try:
                self._rings.add(path)
            except OSError as error:
                self._look_again(path, error)
        for path in self._folder.new_processes(closely):
            self._join(path)
        for pid in list(self._expected):
            asked = self._registry.latest(pid)
            if asked is not None:
                self._asked.add(asked.process.number)
                self._expected.discard(pid)
        for number in self._liveness.ended():
            member = self._registry.members[number]
            if member.process.ended_ns is not None:  # on another host; whoever kept it said so
                continue
            died = "" if self._is_expected(member) else "ended without being asked to"
            # Now, not when the poll began: it may have written since.
            self._registry.change_process(replace(member.process, ended_ns=self._clock(), died=died))
            self._leaving.append(member)

    def _join(self, path: Path) -> None:
        """A process has left its note. One that cannot be read costs that process and no other."""
        try:
            told = json.loads(path.read_bytes())
            process = self._registry.join(told).process
            # What runs on another host lives for this run as long as the process here that speaks for it.
            pid = int(told["keeper"]) if process.host else process.pid
        except (OSError, ValueError, KeyError, TypeError) as error:
            if without_descriptors(error):
                self._look_again(path, error)
            else:
                _log.warning("%s was not understood, and its process is left out: %s", path.name, str(error))
            return
        self._tails[process.number] = self._folder.names_of(process.number)
        self._liveness.watch(process.number, pid)

    def _look_again(self, path: Path, error: Exception) -> None:
        self._folder.again(path)
        self._complain(error)

    def _complain(self, error: Exception) -> None:
        if not self._complained:
            self._complained = True
            _log.warning(
                "Some processes are read late or not at all (%s); allow more open files (ulimit -n).", str(error)
            )

    def _declare(self, member: Member, tail: NamesTail) -> None:
        try:
            lines = tail.new()
        except OSError as error:  # the rings have been polled: what they gave must not be lost
            self._complain(error)
            return
        for line in lines:
            try:
                told = json.loads(line)
                self._registry.declare(member, told)
                if "ended" in told:
                    self._leaving.append(member)
            except (ValueError, KeyError, TypeError) as error:
                # The rings have been polled: what they gave must not be lost with a damaged line.
                _log.warning("A line of %s was not understood: %s", tail.name, error)

    def _is_expected(self, member: Member) -> bool:
        """Whether it, or one that it comes from, was asked to end, or it took leave by closing its rings."""
        if self._rings.closed(member.process.number):
            return True
        seen: set[int] = set()
        while member.process.number not in seen:
            seen.add(member.process.number)
            if member.process.number in self._asked:
                return True
            parent = self._registry.parent_of(member.process)
            if parent is None:
                return False
            member = parent
        return False

    def _retire(self, member: Member) -> None:
        """A process has ended and its rings are empty: what it had open ends with it."""
        process = member.process
        tracks = self._registry.tracks_of(process.number)
        ended = process.ended_ns or 0
        lasted = self._forget_begins(tracks, _FOREVER)
        # What a request waited for is told by its begin; without it the wait would seem to be one of the handler's own.
        lasted["end"], lasted["flags"] = np.maximum(lasted["start"], ended), Flag.COMPLETE
        self._requests.update(lasted)
        # What a sampler saw it saw until its end, whatever ended it.
        # And whoever waited or held, perhaps for ever, did so until the end.
        self._cut_short.append(select(lasted, _LASTS[lasted["kind"]]))
        self._requests.end_process(tracks, ended)
        self._hosts.give_up(tracks, ended)
        self._token_waits.end_process(process.number, tracks, ended)
        for number in tracks:
            track = self._registry.tracks[number]
            if track.ended_ns is None:
                self._registry.change_track(replace(track, ended_ns=ended))
        self._rings.retire(process.number)
        self._tails.pop(process.number).close()

    def _put_spans(self, batch: Batch, released: Array, polled: list[Polled], until: int) -> None:
        """Finished spans, pieces of requests, samples of requests in flight, and what is open now."""
        running = [span for part in polled if part.open_slots for span in part.open_spans()]
        parts = [_finished(released), join(_emptied(self._cut_short))]
        if not self._requests.idle:
            unfinished = [self._order.held, _as_spans(running), _as_lasting(self._begins.open)]
            parts.append(self._requests.pieces(join(unfinished), until))
        parts.append(self._hosts.pieces())
        batch.spans = join(parts)
        if any(len(part) for part in parts[1:]):
            batch.spans = by_end(batch.spans)
        counted = [*self._requests.samples(until), *self._hosts.samples(), *self._token_waits.samples(until)]
        if counted:
            batch.samples = np.concatenate([batch.samples, *counted])
        waiting = self._begins.open
        if self._waiting_changed:
            self._waiting, self._waiting_changed = self._shown_begins(waiting), False
            locks = open_locks(waiting)
            if locks != self._locks:
                batch.locks = self._locks = locks
        shown = [*running, *self._waiting, *self._requests.open_spans(running, waiting), *self._hosts.open_spans()]
        if shown != self._open_spans:
            batch.open_spans = self._open_spans = shown

    def _forget_begins(self, tracks: set[int], until: int) -> Array:
        """See `Begins.forget`."""
        dropped = self._begins.forget(tracks, until)
        self._waiting_changed |= bool(len(dropped))
        return dropped

    def _shown_begins(self, waiting: Array) -> list[OpenSpan]:
        """Begins as open spans, but for those on the processes' own request tracks, which are not drawn."""
        tracks = self._registry.tracks
        fields = ("track", "depth", "start", "name", "request", "kind", "state")
        values = (waiting["argument"] & np.uint64(U32)).tolist()
        return [
            OpenSpan(track, depth, start, name, request, Kind(kind), State(state), value)
            for track, depth, start, name, request, kind, state, value in zip(
                *(waiting[field].tolist() for field in fields), values, strict=True
            )
            if track in tracks and tracks[track].kind is not TrackKind.REQUESTS
        ]

    def _note_threads(self, released: Array) -> None:
        """A track ends when its thread gives its ring back, and goes on when it takes one again."""
        threads = released[released["kind"] == Kind.THREAD]
        for number, time, flags in zip(
            threads["track"].tolist(), threads["end"].tolist(), threads["flags"].tolist(), strict=True
        ):
            track = self._registry.tracks.get(number)
            if track is not None:
                ended = time if flags & Flag.END else None
                if track.ended_ns != ended:
                    self._registry.change_track(replace(track, ended_ns=ended))


def _finished(released: Array) -> Array:
    """Spans and instants: neither begins nor what is told in another way."""
    return select(released, ((released["flags"] & _FINISHED) != 0) & ~_TOLD_OTHERWISE[released["kind"]])


def _samples(released: Array) -> Array:
    counters = select(released, released["kind"] == Kind.COUNTER)
    samples = np.zeros(len(counters), SAMPLE)
    samples["time"] = counters["start"]
    samples["value"] = counters["argument"].view(np.float64)
    samples["track"] = counters["track"]
    return samples


def _as_spans(running: list[OpenSpan]) -> Array:
    """Open spans as (n,) of SPAN that end in the future."""
    rows = [
        (
            span.start,
            _FOREVER,
            span.request,
            CPU_NOT_TAKEN << 32 | span.value,
            span.name,
            span.track,
            0,
            span.kind,
            span.state,
            span.depth,
            Flag.COMPLETE,
        )
        for span in running
        if span.request
    ]
    return np.array(rows, SPAN)


def _as_lasting(waiting: Array) -> Array:
    """Begins as spans that end in the future."""
    spans = waiting.copy()
    spans["end"] = _FOREVER
    spans["flags"] = Flag.COMPLETE
    return spans


def _emptied(queue: deque[Any]) -> list[Any]:
    taken = []
    while queue:
        taken.append(queue.popleft())
    return taken
