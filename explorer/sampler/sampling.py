"""Thread states and GIL holders of all processes of a run that are observed: one thread that goes round.

At each waking up it looks at every GIL, and where that has gone from one thread to another, at these two; then at some
threads. When all threads have been looked at, the round is over, and the next begins after the period of states. A long
round is cut into parts, so that the GIL is looked at in between. Periods vary at random by a quarter: an even one would
beat with the interpreter's own 5 ms.

Counter tracks, each with the `pid` it speaks of: `gil_waiting` (threads that wait for the GIL), `sampling_period` (ms
between two looks at a thread) and `gil_period` (ms between two looks at the GIL).
"""

import random
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from explorer.collect.liveness import Liveness, liveness, without_descriptors
from explorer.records.clock import Clock, now_ns
from explorer.records.sampling import NOT_SAMPLED
from explorer.ring.pool import SizeClass
from explorer.sampler.gil import GilGone, GilLane
from explorer.sampler.headers import Headers
from explorer.sampler.missing import Missing
from explorer.sampler.observed import Observed
from explorer.sampler.pace import Pace, Spent
from explorer.sampler.roll import Note, Roll
from explorer.sampler.subject import Sampled
from explorer.sampler.system_calls import numbers
from explorer.sampler.vitals import Declarer

PART: Final = 64
"""So many threads are looked at between two looks at the GIL."""
LOOK_EVERY_NS: Final = 100_000_000
ADJUST_EVERY_NS: Final = 500_000_000
TOLD_EVERY_NS: Final = 1_000_000_000
VARIATION: Final = 0.25


class Sampling:
    """Samples a run. `tick` does what is due and says how long to wait.

    `most`, the share of a core that may be taken, may be set from any thread; 0: nothing is sampled. `spent` is told
    what else the process does. While nothing is sampled nothing is opened.
    """

    def __init__(
        self,
        tracer: Declarer,
        roll: Roll,
        missing: Missing,
        most: float,
        *,
        alive: Callable[[], Liveness] = liveness,
        clock: Clock = now_ns,
        cpu: Callable[[], float] = time.process_time,
    ) -> None:
        """`most` is the share of a core that may be taken, vitals included."""
        self.most = most
        self._tracer = tracer
        self._roll = roll
        self._missing = missing
        self._clock = clock
        self._cpu = cpu
        self._known = numbers()
        self._headers = Headers(roll.run)
        self._ring = tracer.lease(SizeClass.LOOP, tracer.track)
        self._alive = alive()
        self._notes: dict[int, Note] = {}  # of processes that have joined and are not looked at yet
        self._processes: dict[int, Observed] = {}
        self._lanes: list[tuple[int, GilLane]] = []  # with the number of the process
        self._work: deque[tuple[Observed, int]] = deque()
        self.pace = Pace(most)
        self.spent = Spent()
        now = clock()
        self._round_began = 0  # 0: there was none
        self._adjusted = self._next_other = now
        self._next_round = self._next_look = self._next_gil = self._next_told = now
        self._cpu_before = cpu()
        self._period_us = round(self.pace.states_s * 1e6)
        self._looks_since, self._looks = now, 0

    def tick(self) -> float:
        """Do what is due. Returns the seconds until something will be."""
        now = self._clock()
        if self.most != self.pace.most:
            self._change(now)
        if now >= self._next_gil and self._lanes and self.pace.most:
            self._look_at_gils(now)
        if self._work or now >= self._next_other:
            self._do_others(now)
        due = min(self._next_gil, self._next_other) if self._lanes and self.pace.most else self._next_other
        return max(0.0, (due - self._clock()) / 1e9)

    def close(self) -> None:
        """End all strips and let go of everything."""
        now = self._clock()
        for process in self._processes.values():
            process.close(now)
        self._processes.clear()
        self._headers.close()
        self._alive.close()
        self._tracer.give_back(self._ring)

    def _do_others(self, now: int) -> None:
        """All but the looks at the GIL, which are many and short."""
        if now >= self._next_look:
            self._next_look = now + LOOK_EVERY_NS
            self._look(now)
        if self._work:
            self._look_at_threads()
        elif self.pace.most and now >= self._next_round:
            self._begin_round(now)
        if now >= self._adjusted + ADJUST_EVERY_NS:
            self._adjust(now)
        if self._work:
            self._next_other = now
        else:
            self._next_other = min(self._next_round, self._next_look) if self.pace.most else self._next_look

    # -- who is there ----------------------------------------------------------------------------------------------

    def _look(self, now: int) -> None:
        """Who has come and gone, new rings, and where processes say that their GIL is."""
        for number in self._alive.ended():
            self._drop(number, now)
        for note in self._roll.new():
            if note.role not in NOT_SAMPLED:
                self._alive.watch(note.number, note.pid)
                self._notes[note.number] = note
        if self.pace.most:
            self._join(now)
        self._headers.look(opening=self.pace.most > 0)
        if not self.pace.most:
            return
        for number, process in list(self._processes.items()):
            try:
                process.open(now, self._roll.run)
            except OSError:
                self._drop(number, now)
            if process.lane is not None:
                process.lane.forget_names()
        self._lanes = [(number, each.lane) for number, each in self._processes.items() if each.lane is not None]
        self._missing.tell()

    def _join(self, now: int) -> None:
        """Begin with those that are new."""
        for note in list(self._notes.values()):
            for number, known in list(self._processes.items()):
                if known.subject.pid == note.pid:  # its number was used again
                    self._drop(number, now)
            subject = Sampled(self._roll.run, note, self._headers)
            self._processes[note.number] = Observed(self._tracer, self._ring, subject, self._known, self._missing)
        self._notes.clear()

    def _drop(self, number: int, now: int) -> None:
        if self._notes.pop(number, None) is not None:
            self._headers.forget(number)
        process = self._processes.pop(number, None)
        if process is not None:
            process.close(now)
            self._lanes = [lane for lane in self._lanes if lane[0] != number]
            self._work = deque(work for work in self._work if work[0] is not process)

    # -- looking ---------------------------------------------------------------------------------------------------

    def _look_at_gils(self, now: int) -> None:
        self._next_gil = now + _varied(self.pace.gil_s)
        self.spent.looks += 1
        self._looks += 1
        for number, lane in self._lanes:
            self._look_at_gil(number, lane, self._clock())

    def _look_at_gil(self, number: int, lane: GilLane, now: int) -> None:
        """Look at one GIL, and where it has gone from one thread to another, at these two before their turn comes.

        All that is found is of the same `now`: whoever holds the GIL waits for it at no time.
        """
        before = lane.holder
        try:
            lane.sample(now)
        except (GilGone, OSError):
            self._drop(number, now)
            return
        process, after = self._processes[number], lane.holder
        states = process.states
        if states is None or (before == after and not states.has_left):
            return
        busy = self._cpu()
        try:
            states.look_again(now, self._period_us)
            if before != after:
                states.handed_over(before, after, now, self._period_us)
        except PermissionError:
            process.refuse(now)
        self.spent.states_s += self._cpu() - busy

    def _begin_round(self, now: int) -> None:
        busy = self._cpu()
        if self._round_began:
            self._period_us += round(((now - self._round_began) / 1e3 - self._period_us) / 4)
        self._round_began = now
        self._next_round = now + _varied(self.pace.states_s)
        for number, process in list(self._processes.items()):
            if process.states is not None:
                process.subject.look()
                try:
                    process.states.begin()
                except PermissionError:
                    process.refuse(now)
                except OSError as error:
                    if not without_descriptors(error):
                        self._drop(number, now)
                if process.states is not None:
                    self._work.extend((process, tid) for tid in process.states.tids)
        self.spent.states_s += self._cpu() - busy
        self._look_at_threads()

    def _look_at_threads(self) -> None:
        busy, period = self._cpu(), self._period_us
        for _ in range(min(PART, len(self._work))):
            if not self._work:  # its process was found to have gone
                break
            process, tid = self._work.popleft()
            if process.states is not None:
                now, lane = self._clock(), process.lane
                try:
                    process.states.sample(tid, now, period)
                except PermissionError:
                    process.refuse(self._clock())
                else:
                    if lane is not None and lane.holder == tid and process.states.waits_for_gil(tid):
                        self.spent.states_s += self._cpu() - busy
                        self._settle(process, lane, tid, now)
                        busy = self._cpu()
        if not self._work:
            self.spent.rounds += 1
            now = self._clock()
            for process in self._processes.values():
                process.count_waiting(now)
        self.spent.states_s += self._cpu() - busy

    def _settle(self, process: Observed, lane: GilLane, tid: int, now: int) -> None:
        """A thread waits at `now` for the GIL that it held when that was last looked at: that was too long ago."""
        self._look_at_gil(process.subject.number, lane, now)
        if process.states is not None and lane.holder == tid:  # it has got it back
            try:
                process.states.handed_over(0, tid, now, self._period_us)
            except PermissionError:
                process.refuse(now)

    def _change(self, now: int) -> None:
        """`most` was set to something else."""
        before, self.pace = self.pace.most, Pace(self.most)
        if not self.pace.most:
            self._work.clear()
            for process in self._processes.values():
                process.pause(now)
        elif not before:
            # What was measured before says nothing of now, nor does the time in which nothing was looked at.
            self._round_began = 0
            self._period_us = round(self.pace.states_s * 1e6)
            self._looks_since, self._looks = now, 0
            self._next_told = now + TOLD_EVERY_NS
            self._adjusted, self._cpu_before, self.spent = now, self._cpu(), Spent()
            self._next_round = self._next_look = self._next_gil = self._next_other = now

    def _adjust(self, now: int) -> None:
        elapsed, self._adjusted = (now - self._adjusted) / 1e9, now
        cpu = self._cpu()
        self.spent.cpu_s, self._cpu_before = cpu - self._cpu_before, cpu
        self.pace.adjust(self.spent, elapsed)
        self.spent = Spent()
        if self.pace.most and now >= self._next_told:
            self._next_told = now + TOLD_EVERY_NS
            gil_ms = (now - self._looks_since) / 1e6 / max(1, self._looks)
            self._looks_since, self._looks = now, 0
            for process in self._processes.values():
                process.tell_periods(self._period_us / 1e3, gil_ms, now)


def _varied(period_s: float) -> int:
    """The period in ns, or up to a quarter more or less."""
    return round(period_s * 1e9 * random.uniform(1 - VARIATION, 1 + VARIATION))
