"""One process of a run with what is sampled of it: the states of its threads and the lane of its GIL.

Both are opened when they can be. What the system refuses at first may be allowed a moment later, because the process
itself has to allow it: so it is tried for a while before it is said to be refused.
"""

import json
import os
from pathlib import Path
from typing import Final

from explorer.collect.liveness import without_descriptors
from explorer.probe.outside import answer_path
from explorer.records.sampling import GIL_PERIOD, GIL_WAITING, PERIOD
from explorer.records.states import TrackKind
from explorer.ring.writer import Ring
from explorer.sampler.gil import GilGone, GilLane
from explorer.sampler.missing import Missing, gil_refused, states_refused, unknown_machine
from explorer.sampler.states import ProcessStates
from explorer.sampler.subject import Sampled
from explorer.sampler.system_calls import Numbers
from explorer.sampler.vitals import Declarer

TRY_NS: Final = 2_000_000_000
PATIENCE_NS: Final = 4_000_000_000
"""So long it is not said that threads may not be looked at: it is said with what the GIL is."""


class Observed:
    """One process. `states` and `lane` are None until they are open, and where they cannot be had."""

    def __init__(self, tracer: Declarer, ring: Ring, subject: Sampled, known: Numbers | None, missing: Missing) -> None:
        self.subject = subject
        self.states: ProcessStates | None = None
        self.lane: GilLane | None = None
        self._tracer = tracer
        self._ring = ring
        self._known = known
        self._missing = missing
        self._states_settled = self._gil_settled = False
        self._states_refused = self._gil_refused = 0  # since when
        self._unanswered = subject.told_itself
        self._waiting = -1
        self._period = tracer.declare(TrackKind.COUNTER, PERIOD, pid=subject.pid, unit="ms")
        self._gil_period = self._gil_waiting = 0

    def open(self, now: int, run: Path) -> None:
        """Open what is not open yet. Raises OSError when the process has gone."""
        if not self._gil_settled:
            self._open_gil(now)
        if self._gil_settled and self._unanswered:
            self._answer(answer_path(run, self.subject.number))
        if not self._states_settled:
            self._open_states(now)

    def refuse(self, now: int) -> None:
        """It may not be looked at any more: it may have become another user's."""
        if self.states is not None:
            self.states.close(now)
            self.states = None
            self._nobody_waits(now)
            self._missing.add(self.subject.pid, states_refused())

    def count_waiting(self, now: int) -> None:
        """Write how many threads wait for the GIL, if that has changed."""
        if self.states is not None and self.lane is not None:
            waiting = self.states.waiting()
            if waiting != self._waiting:
                self._waiting = waiting
                self._ring.sample(self._gil_waiting, waiting, now)

    def tell_periods(self, states_ms: float, gil_ms: float, now: int) -> None:
        """Write how often it is looked at."""
        if self.states is not None:
            self._ring.sample(self._period, states_ms, now)
        if self.lane is not None:
            self._ring.sample(self._gil_period, gil_ms, now)

    def pause(self, now: int) -> None:
        """Nothing is looked at for a while."""
        if self.states is not None:
            self.states.pause(now)
        if self.lane is not None:
            self.lane.pause(now)
        self._nobody_waits(now)

    def close(self, now: int) -> None:
        """Nothing is looked at any more."""
        if self.states is not None:
            self.states.close(now)
        if self.lane is not None:
            self.lane.close(now)
        self._nobody_waits(now)
        self.subject.close()

    def _nobody_waits(self, now: int) -> None:
        """A counter goes on with its last value: it must not go on with one that nobody sees any more."""
        if self._waiting > 0:
            self._ring.sample(self._gil_waiting, 0, now)
        self._waiting = -1

    def _open_states(self, now: int) -> None:
        pid, since = self.subject.pid, self._states_refused
        if self._known is None:
            self._states_settled = True
            self._missing.add(pid, unknown_machine())
            return
        try:
            self.states = ProcessStates(self._tracer, self._ring, self.subject, self._known)
        except PermissionError:
            self._states_refused = since or now
            if since and now > since + (TRY_NS if self._gil_settled else PATIENCE_NS):
                self._states_settled = True
                self._missing.add(pid, states_refused())
        except OSError as error:
            if not without_descriptors(error):
                raise
        else:
            self._states_settled = True

    def _open_gil(self, now: int) -> None:
        subject, since = self.subject, self._gil_refused
        subject.ask()
        if subject.finding is None:
            return
        if not subject.finding.get("gil"):
            self._gil_settled = True
            self._unanswered = False  # it does not wait
            self._missing.add(subject.pid, gil_refused(str(subject.finding.get("reason", ""))))
            return
        try:
            self.lane = GilLane(self._tracer, self._ring, subject)
        except PermissionError:
            self._gil_refused = since or now
            if since and now > since + TRY_NS:
                self._gil_settled = True
                self._missing.add(subject.pid, gil_refused())
        except (OSError, GilGone):  # it has gone, or there is no file descriptor to spare: the next look will see
            return
        else:
            self._gil_settled = True
            declare = self._tracer.declare
            self._gil_waiting = declare(TrackKind.COUNTER, GIL_WAITING, pid=subject.pid, unit="threads")
            self._gil_period = declare(TrackKind.COUNTER, GIL_PERIOD, pid=subject.pid, unit="ms")

    def _answer(self, path: Path) -> None:
        """Tell the process whether its GIL is seen; where the disk is full the next look tries again."""
        making = path.with_name(f".{path.name}")
        try:
            making.write_text(json.dumps({"gil": self.lane is not None}), encoding="utf-8")
            os.replace(making, path)
        except OSError:
            return
        self._unanswered = False
