"""A lesson under way: which of the five steps, what was predicted, which runs were made and what they showed.

The runs themselves are a stage's (`stages/`); this asks for them one after the other and keeps their figures.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from explorer.desktop.lessons.reveal import Revealed, needed, reveal, value_of
from explorer.lessons.lesson import STEPS, Lesson

LOOK, PREDICT, RUN, REVEAL, TRY = STEPS
PREDICT_FIRST: Final = "Predict, then press Space."
RUN_NOW: Final = "Press Space."
FIGURES_S: Final = 0.4
"""How often the figures of a run that goes on are looked at."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was said before the run; `value` None: "I don't know". `choice` is the number of the answer that was taken,
    0 if it was typed or dragged.
    """

    value: float | None
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a run did not come to its end; `port`: the one that is taken, 0 if that is not the reason. `lasting`: why
    none can even begin on this computer, whatever is pressed.
    """

    sentence: str
    port: int = 0
    lasting: bool = False


class LessonState(QObject):
    """Signals: `opened` (another lesson, or its folder has changed), `step_changed`, `predicted`, `going_changed` (a
    run goes on, or no more), `grown` (its figures so far), `measured(run id)`, `troubled`, `finished(lesson id)`.
    """

    opened = Signal()
    step_changed = Signal()
    predicted = Signal()
    going_changed = Signal()
    grown = Signal()
    measured = Signal(str)
    troubled = Signal()
    finished = Signal(str)

    def __init__(
        self, start: Callable[[str, bool], None], drop: Callable[[], None], parent: QObject | None = None
    ) -> None:
        """`start(run id, at a free port)` begins a run; `drop()` ends what runs, and tells nothing more of it."""
        super().__init__(parent)
        self._start, self._drop = start, drop
        self.lesson: Lesson | None = None
        self.lacking = ""
        """Why the lesson cannot run here; empty when it can."""
        self.step = LOOK
        self.prediction: Prediction | None = None
        self.figures: dict[str, Mapping[str, Any]] = {}
        self.extra: Mapping[str, float] = {}
        """C and D, known once a run has been made."""
        self.so_far: Mapping[str, Any] | None = None
        self.running = ""
        self.last = ""
        """The run that was made last, which is on the screen."""
        self.trouble: Trouble | None = None
        self._left: list[str] = []
        self._looked = 0.0

    # -- which lesson ----------------------------------------------------------------------------------------------

    def open(self, lesson: Lesson, lacking: str = "") -> None:
        """Begin a lesson; the same one is gone on with where it was left. `lacking` says why it cannot run here."""
        same, before = self.lesson == lesson, self.lacking
        self.lacking = lacking
        if same and before == lacking:
            return
        if self.going:
            self._drop()
        self.lesson = lesson
        self.step, self.prediction, self.trouble = LOOK, None, None
        self.figures, self.extra, self.so_far = {}, {}, None
        self.running, self.last, self._left = "", "", []
        self.opened.emit()

    @property
    def going(self) -> bool:
        """Whether a run goes on."""
        return bool(self.running)

    @property
    def asked(self) -> tuple[str, ...]:
        """The runs that the Run step makes."""
        return needed(self.lesson) if self.lesson is not None else ()

    @property
    def answered(self) -> bool:
        """Whether all of them were made."""
        return self.lesson is not None and all(run in self.figures for run in self.asked)

    # -- the steps -------------------------------------------------------------------------------------------------

    def may(self, step: str) -> bool:
        """Whether one can go to this step now: nothing is revealed before it was run, nor run before a prediction."""
        if self.lesson is None or self.going:
            return step == self.step
        if step == RUN:
            return self.runnable
        return step in (LOOK, PREDICT) or self.answered

    @property
    def runnable(self) -> bool:
        """Whether Run would run: something was predicted, and nothing is lacking."""
        return self.prediction is not None and not self.lacking and not self.going

    def go(self, step: str) -> None:
        """Go to a step, if one can; to Run means to run."""
        if not self.may(step) or step == self.step:
            return
        if step == RUN and not self.answered:
            self.run()
            return
        self.step = step
        self.step_changed.emit()

    def back(self) -> None:
        """The step before; out of a run nobody goes."""
        at = STEPS.index(self.step)
        wanted = STEPS[max(0, at - 1)]
        self.go(PREDICT if wanted == RUN else wanted)

    def forward(self) -> None:
        """What the step's own button does."""
        following = {LOOK: PREDICT, RUN: REVEAL, REVEAL: TRY}.get(self.step)
        if self.step == PREDICT:
            self.run()
        elif following is not None:
            self.go(following)

    @property
    def obstacle(self) -> Trouble | None:
        """What is in the way now: what is lacking on this computer, else why the last run did not come to its end."""
        return Trouble(self.lacking, lasting=True) if self.lacking else self.trouble

    @property
    def hint(self) -> str:
        """What there is to do before a run, for where the run will be seen; empty where no key would do anything."""
        if self.obstacle is not None or self.going or self.step not in (LOOK, PREDICT):
            return ""
        return RUN_NOW if self.prediction is not None else PREDICT_FIRST

    # -- the prediction --------------------------------------------------------------------------------------------

    def predict(self, value: float | None, choice: int = 0) -> None:
        """Say what will be measured, None: "I don't know". What was run before is asked anew then."""
        if self.lesson is None or self.going or self.step != PREDICT:
            return
        self.prediction = Prediction(value, choice)
        self.predicted.emit()

    def choose(self, number: int) -> None:
        """Take the answer with this number."""
        choices = self.lesson.question.choices if self.lesson is not None else ()
        if 0 < number <= len(choices):
            self.predict(choices[number - 1].value, number)

    # -- runs ------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Make the runs that the question needs, all anew."""
        if self.lesson is None or not self.runnable or self.step not in (PREDICT, RUN):
            return
        self.figures, self.extra = {}, {}
        self.step = RUN
        self._left = list(self.asked)
        self.step_changed.emit()
        self._next()

    def run_one(self, run_id: str) -> None:
        """Make a further run, of the Try step."""
        if self.lesson is not None and not self.going and self.step == TRY:
            self._left = [run_id]
            self._next()

    def again(self, free_port: bool = False) -> None:
        """Make the run anew that did not come to its end; all that was predicted is kept."""
        if self.trouble is not None and not self.going:
            if self.step == PREDICT:
                self.step = RUN
                self.step_changed.emit()
            self._next(free_port)

    def _next(self, free_port: bool = False) -> None:
        self.trouble, self.so_far = None, None
        self.running = self._left[0]
        self.going_changed.emit()
        self.troubled.emit()
        self._start(self.running, free_port)

    def take_so_far(self, figures: Callable[[], Mapping[str, Any] | None]) -> None:
        """A frame of the run: a few times a second look at its figures."""
        now = time.monotonic()
        if self.going and now - self._looked >= FIGURES_S:
            self._looked = now
            self.so_far = figures()
            self.grown.emit()

    def take(self, figures: Mapping[str, Any], extra: Mapping[str, float]) -> None:
        """The run has ended, with these figures; `extra` are C and D. The next one begins, if any."""
        done, self.running, self.so_far = self.running, "", None
        if not done:
            return
        self.figures[done], self.last = figures, done
        self.extra = {**extra, **self.extra}  # those of the first run, which the question is about
        self._left = self._left[1:]
        if self._left:
            self.measured.emit(done)
            self._next()
            return
        if self.step == RUN:
            self.step = REVEAL
        self.going_changed.emit()
        self.measured.emit(done)
        self.step_changed.emit()
        if self.lesson is not None and self.answered:
            self.finished.emit(self.lesson.id)

    def fail(self, trouble: Trouble | None) -> None:
        """The run did not come to its end; None: somebody stopped it. The prediction is kept."""
        if not self.going:
            return
        self.running, self.so_far, self.trouble = "", None, trouble
        if self.step == RUN:
            self.step = PREDICT
        if trouble is None:
            self._left = []
        self.going_changed.emit()
        self.step_changed.emit()
        self.troubled.emit()

    # -- what it shows ---------------------------------------------------------------------------------------------

    def revealed(self) -> Revealed | None:
        """What the runs made so far show."""
        return reveal(self.lesson, self.figures, self.extra) if self.lesson is not None else None

    def value(self, expression: str) -> float | None:
        """A number of the lesson, with the figures there are up to now."""
        if self.lesson is None:
            return None
        figures = dict(self.figures)
        if self.so_far is not None and self.running:
            figures[self.running] = self.so_far
        return value_of(expression, self.lesson, figures, self.extra)
