"""What the Run tab does, without a widget: the schedule, the level, and how far a run of it has gone.

There is one wish at a time: a schedule, a level, so many steps. It is worked towards in a task; a new wish lets the
present step end and goes on from there. A step forward goes on in the run that is open; anything else begins anew.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from explorer.desktop.labs.isolation.ladder import moves
from explorer.desktop.labs.isolation.parts import Lab
from explorer.desktop.labs.isolation.session import LabSession
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.statements import fault
from explorer.labs.isolation.trace import Trace

PACE_S: Final = 0.3
"""Between two steps of a run that is watched."""
UNDO: Final = 100
PREFERRED: Final = ("READ COMMITTED", "DEFERRED", "READ UNCOMMITTED")
"""Levels to begin with: where most has something to show."""


@dataclass(frozen=True, slots=True)
class Wish:
    """So many statements of the schedule to have been sent, with those of retries; None: to its end. `again`: from the
    first step in any case.
    """

    schedule: Schedule
    level: str
    sent: int | None
    pace: float = 0.0
    again: bool = False


class Runner(QObject):
    """`changed`: the trace has grown, or there is another. `chosen`: another schedule, level or form of it. `ended`: a
    run has come to its end. `going_changed`: it runs, or no more.
    """

    changed = Signal()
    chosen = Signal()
    ended = Signal()
    going_changed = Signal()

    def __init__(self, session: LabSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.level = ""
        self.schedule: Schedule = next(iter(session.schedules.values()))
        self.trace: Trace | None = None
        self.retries = False
        """Whether aborted sessions begin anew, beyond what the schedule says."""
        self._wish: Wish | None = None
        self._task: asyncio.Task[Any] | None = None
        self._lab: Lab | None = None
        self._open: tuple[Schedule, str, int] | None = None
        """Which run is open on the database: schedule, level and the turn in which it was left there."""
        self._done: list[Schedule] = []
        session.facts_changed.connect(self._facts_changed)
        session.schedules_changed.connect(self._edited)

    # -- how it is -------------------------------------------------------------------------------------------------

    @property
    def going(self) -> bool:
        """Whether steps are being sent."""
        return self._task is not None and not self._task.done()

    @property
    def running(self) -> bool:
        """Whether it goes on to the end by itself."""
        return self.going and self._wish is not None and self._wish.pace > 0

    @property
    def sent(self) -> int:
        """How many statements of the schedule have been sent, with those of retries."""
        return sum(one.step >= 0 for one in self.trace.ran) if self.trace is not None else 0

    @property
    def steps(self) -> int:
        """How many steps of the schedule have been sent at least once."""
        return len({one.step for one in self.trace.ran if one.step >= 0}) if self.trace is not None else 0

    @property
    def over(self) -> bool:
        """Whether the run is at its end."""
        return self.trace is not None and self.trace.over

    @property
    def served(self) -> Schedule:
        """What is run: the schedule, with retries if they were asked for."""
        if not self.retries:
            return self.schedule
        return moves.with_retry(self.schedule, tuple(one.name for one in self.schedule.sessions))

    @property
    def edited(self) -> bool:
        """Whether it differs from how it was shipped."""
        return self.session.shipped.get(self.schedule.id) != self.schedule

    @property
    def levels(self) -> tuple[str, ...]:
        """The engine's, weakest first."""
        return self.session.facts.levels if self.session.facts is not None else ()

    # -- what is wished --------------------------------------------------------------------------------------------

    def choose(self, identity: str, level: str = "") -> None:
        """Another schedule, before its first step; what was measured of it at this level is shown."""
        schedule = self.session.schedules[identity]
        if schedule.id == self.schedule.id and level in ("", self.level):
            return
        if schedule.id != self.schedule.id:
            self._done.clear()
            self.retries = False
        self.schedule = schedule
        if level in self.levels:
            self.level = level
        self._recall()

    def set_level(self, level: str) -> None:
        """Another level: what was run is run again to the same step."""
        if level == self.level or level not in self.levels:
            return
        place, self.level = self._place, level
        self.chosen.emit()
        self._wish_for(place, again=True)

    def set_retries(self, on: bool) -> None:
        """Let aborted sessions begin anew: it runs to its end."""
        if on != self.retries:
            self.retries = on
            self.chosen.emit()
            self._wish_for(None, again=True)

    def step(self) -> None:
        """Send the next step."""
        if self.over:
            return
        wished = self._wish.sent if self.going and self._wish is not None else self.sent
        if wished is not None:
            self._wish_for(wished + 1)

    def back(self) -> None:
        """Run again up to the step before."""
        if self.sent > 0:
            self._wish_for(self.sent - 1, again=True)

    def rewind(self) -> None:
        """To before the first step."""
        self._wish_for(0, again=True)

    def go_to(self, steps: int) -> None:
        """So many steps: forward from here, or again from the first."""
        if steps != self.steps or not self.over:
            last = steps >= len(self.schedule.steps)
            self._wish_for(None if last else steps, again=steps < self.steps)

    def toggle(self) -> None:
        """Run to the end, from the first step if it is there already; or pause."""
        if self.running:
            self.pause()
        else:
            self._wish_for(None, PACE_S, again=self.over)

    def pause(self) -> None:
        """Stay at the step that is being sent."""
        if self._wish is not None and self.going:
            self._wish = Wish(self._wish.schedule, self._wish.level, max(1, self.sent))
            if self._lab is not None:
                self._lab.pause()
            self.going_changed.emit()

    @property
    def _place(self) -> int | None:
        """Where it is: so many statements, None for its end."""
        return None if self.over else self.sent

    # -- edits -----------------------------------------------------------------------------------------------------

    def move(self, step: int, place: int) -> int:
        """Give a step another place, where it may go, and run again; returns its number then."""
        if moves.refusal(self.schedule, self.trace, step, place) or place in (step, step + 1):
            return step
        schedule, at = moves.moved(self.schedule, step, place)
        self._change(schedule)
        return at

    def edit(self, step: int, sql: str) -> str:
        """Give a step other SQL, and run again; why it does not, in one sentence, for what the lab does not send."""
        engine = self.session.facts.engine if self.session.facts is not None else ""
        sql = sql.strip()
        if not sql or sql == self.schedule.steps[step].on(engine):
            return ""
        if refused := fault(sql):
            return refused[:1].upper() + refused[1:]
        self._change(moves.with_sql(self.schedule, step, sql, engine))
        return ""

    def undo(self) -> bool:
        """Take the last move or edit back; False when there is none."""
        if not self._done:
            return False
        self._put(self._done.pop())
        return True

    def as_shipped(self) -> None:
        """Take all of them back; Ctrl+Z brings them again."""
        if self.edited:
            self._change(self.session.shipped[self.schedule.id])

    def _change(self, schedule: Schedule) -> None:
        self._done = [*self._done[-UNDO + 1 :], self.schedule]
        self._put(schedule)

    def _put(self, schedule: Schedule) -> None:
        place = self._place
        self.schedule = schedule
        self.session.edit(schedule)
        self.chosen.emit()
        self._wish_for(place, again=True)

    def _edited(self, identity: str) -> None:
        """Somebody else has changed it."""
        if identity == self.schedule.id and self.session.schedules[identity] != self.schedule:
            self.schedule = self.session.schedules[identity]
            self.trace = self._open = None
            self.chosen.emit()

    # -- how it is done --------------------------------------------------------------------------------------------

    def _facts_changed(self) -> None:
        """Another engine: the same steps on it, at the level with the same name or the one to begin with."""
        levels = self.levels
        place, begun = self._place, self.trace is not None
        self.trace = self._open = None
        if not levels:
            self.changed.emit()
            return
        if self.level not in levels:
            self.level = next((level for level in PREFERRED if level in levels), levels[-1])
        self.chosen.emit()
        if begun and not self.going:
            self._wish_for(place, again=True)

    def _recall(self) -> None:
        """Show what was measured, without running it."""
        known = self.session.traces.get((self.schedule.id, self.level))
        self.trace, self._open = known, None
        self._wish = None
        if self._lab is not None and self.going:
            self._lab.pause()
        self.chosen.emit()
        self.changed.emit()

    def _wish_for(self, sent: int | None, pace: float = 0.0, *, again: bool = False) -> None:
        self._wish = Wish(self.served, self.level, sent, pace, again)
        if self.going:
            if self._lab is not None:
                self._lab.pause()
        else:
            self._task = self.session.spawn(self._work())
            self._task.add_done_callback(lambda _: self.going_changed.emit())
        self.going_changed.emit()

    async def _work(self) -> None:
        async with self.session.turn() as lab:
            self._lab = lab
            try:
                while (wish := self._wish) is not None:
                    if wish.level not in self.levels:  # chosen before the engine was known
                        wish = self._wish = Wish(wish.schedule, self.level, wish.sent, wish.pace, wish.again)
                    await self._towards(lab, wish)
                    if self._wish is wish:
                        return
            except BaseException:
                self._open = None
                raise
            finally:
                self._lab = None

    async def _towards(self, lab: Lab, wish: Wish) -> None:
        """Fulfil a wish, as far as it is still the wish."""
        if not self._continues(wish):
            self.trace = None
            self._open = None
            trace = await lab.begin(wish.schedule, wish.level, self._told)
            self._open = wish.schedule, wish.level, self.session.turns
            self._told(trace)
        missing = wish.sent - self.sent if wish.sent is not None else None
        if self._wish is wish and (missing is None or missing > 0):
            self._told(await lab.advance(missing, wish.pace))
        if self._wish is wish and self._at_end():
            self._told(await lab.finish())
            self._open = None
            if self.trace is not None and not self.retries:
                self.session.take(self.schedule, self.trace)
            self.ended.emit()

    def _at_end(self) -> bool:
        trace = self.trace
        if trace is None or trace.over:
            return False
        return trace.next >= len(self.schedule.steps) or bool(trace.stuck)

    def _continues(self, wish: Wish) -> bool:
        """Whether the run that is open on the database is what is wished for, only longer."""
        if wish.again or self._open is None or self.trace is None:
            return False
        schedule, level, turn = self._open
        # This turn is one more than the one in which it was left, unless it is the same.
        return (schedule, level) == (wish.schedule, wish.level) and self.session.turns - turn <= 1

    def _told(self, trace: Trace) -> None:
        wish = self._wish
        if wish is not None and (trace.schedule, trace.level) == (wish.schedule.id, wish.level):
            self.trace = trace
            self.changed.emit()
