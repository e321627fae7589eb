"""A lesson in the window: which stage shows it, what its page shows frame by frame, and what keys and buttons do."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QStackedWidget

from explorer.desktop.actions import typing
from explorer.desktop.control import Control
from explorer.desktop.lessons.page import MOVES, LessonPage
from explorer.desktop.lessons.reveal import is_number
from explorer.desktop.lessons.stages.makers import StageMaker
from explorer.desktop.lessons.stages.server import TIMES
from explorer.desktop.lessons.stages.stage import Mark, Stage
from explorer.desktop.lessons.state import PREDICT, REVEAL, RUN, TRY, LessonState, Trouble
from explorer.desktop.lessons.text_panel import answer_of
from explorer.desktop.lessons.words import told
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.status import Words, figure
from explorer.lessons.derived import derived
from explorer.lessons.lesson import Lesson
from explorer.records.states import State
from explorer.session.run_file import cores

RELOAD_MS: Final = 1000
STEPS_ACROSS: Final = 50
"""So many presses of an arrow key move the violet line from one end to the other."""
PAN: Final = 0.15
PORT: Final = "server.port"


class LessonView(QObject):
    """Makes the `page`. `find(id)` gives a lesson as its folder is now, None where it is gone or broken; `done(id)` is
    told of lessons that were gone through.
    """

    def __init__(
        self,
        theme: Theme,
        control: Control,
        stages: Mapping[str, StageMaker],
        find: Callable[[str], Lesson | None],
        lacking: Callable[[Lesson], str | None],
        done: Callable[[str], object],
    ) -> None:
        self._stacked = QStackedWidget()
        self.state = LessonState(self._start, self._drop)
        self.page = LessonPage(theme, self.state, self._stacked)
        super().__init__(self.page)
        self.state.setParent(self)
        self.page.view = self
        self._theme, self._control = theme, control
        self._makers, self._find, self._lacking = stages, find, lacking
        self.stages: dict[str, Stage] = {}
        self._started: Stage | None = None
        """Which stage makes the present run: an end of another one is not this run's."""
        self._reload = QTimer(self)
        self._reload.setInterval(RELOAD_MS)
        self._reload.timeout.connect(self.reload)
        self._connect(done)

    def _connect(self, done: Callable[[str], object]) -> None:
        state, page = self.state, self.page
        state.opened.connect(self._opened)
        state.step_changed.connect(self._show_step)
        state.predicted.connect(self._predicted)
        state.going_changed.connect(self._show_step)
        state.grown.connect(self._grown)
        state.measured.connect(lambda run: self._show_step())
        state.troubled.connect(self._show_trouble)
        state.finished.connect(done)
        page.keyed.connect(self._key)
        page.shown.connect(lambda on: self._enter())
        page.text.answers.chosen.connect(self._chosen)
        page.text.answers.typed.connect(lambda value: state.predict(value))
        page.text.answers.entered.connect(lambda: self.page.setFocus())
        page.text.tries.asked.connect(state.run_one)
        page.card.free_asked.connect(lambda: state.again(free_port=True))
        page.card.again_asked.connect(lambda: state.again())
        self._control.bridge.serving.connect(lambda url, pids, epoch: self._show_status(url))
        self._control.state_changed.connect(lambda _: self._show_status())

    # -- which lesson ----------------------------------------------------------------------------------------------

    def open(self, identity: str) -> bool:
        """Show a lesson, gone on with where it was left if it is the last one; False where there is none."""
        lesson = self._find(identity)
        if lesson is None:
            return False
        self.state.open(lesson, self._lacking(lesson) or "")
        return True

    def reload(self) -> None:
        """Show what has been changed in the lesson's folder, unless a run goes on."""
        lesson = self.state.lesson
        if not self.page.isVisible():
            self._reload.stop()
        elif lesson is not None and not self.state.going:
            found = self._find(lesson.id)
            if found is not None and (found != lesson or (self._lacking(found) or "") != self.state.lacking):
                again = found == lesson
                step = self.state.step
                self.state.open(found, self._lacking(found) or "")
                self.state.go(step)
                if not again:
                    self.page.tell("Read again", f"What you changed in {found.folder.name} is shown.")

    def _enter(self) -> None:
        self._reload.start()
        self._show_step()

    def _opened(self) -> None:
        lesson = self.state.lesson
        assert lesson is not None
        page, stage = self.page, self.stage
        page.show_title(lesson.title)
        page.card.low = stage.reads
        page.show_trouble(self.state.obstacle)
        self._stacked.setCurrentWidget(stage)
        stage.show_ready(lesson, lesson.runs[0])
        self._show_code(stage)
        color = color_of(lesson)
        page.resource.show_kind(lesson.resource.kind, lesson.resource.caption or "taken", color)
        page.text.show_lesson(lesson, draggable=self._draggable, color=color)
        self._show_step()

    @property
    def stage(self) -> Stage:
        """The middle that shows the present run, or the lesson's main one."""
        lesson = self.state.lesson
        assert lesson is not None
        return self._stage_for(lesson.run(self.state.running or lesson.runs[0].id).kind)

    def _stage_for(self, kind: str) -> Stage:
        if kind not in self.stages:
            stage = self.stages[kind] = self._makers[kind]()
            stage.ended.connect(lambda figures: self._ended(stage, figures))
            stage.cancelled.connect(lambda: self._failed(stage, None))
            stage.failed.connect(lambda *why: self._failed(stage, *why))
            stage.advanced.connect(self._advanced)
            stage.dragged.connect(self._dragged)
            self._stacked.addWidget(stage)
        return self.stages[kind]

    @property
    def _draggable(self) -> bool:
        lesson = self.state.lesson
        if lesson is None or not self.stage.timed:
            return False
        return is_number(lesson.question) and lesson.question.unit in TIMES

    # -- runs ------------------------------------------------------------------------------------------------------

    def _start(self, run_id: str, free_port: bool) -> None:
        lesson = self.state.lesson
        assert lesson is not None
        run = lesson.run(run_id)
        stage = self._stage_for(run.kind)
        self._started = stage
        self._stacked.setCurrentWidget(stage)
        stage.start(lesson, run, free_port=free_port)
        self._show_code(stage)
        self._show_marks()

    def _advanced(self) -> None:
        self.state.take_so_far(self.stage.so_far)
        self.page.code.show_standing(*self.stage.standing)

    def _drop(self) -> None:
        """Another lesson is shown: its runs are not to wait for this one, nor be taken for it."""
        started, self._started = self._started, None
        if started is not None:
            started.drop()

    def _ended(self, stage: Stage, figures: Mapping[str, Any]) -> None:
        if stage is self._started:
            self.state.take(figures, derived(figures, cores()))

    def _failed(self, stage: Stage, sentence: str | None, where: str = "") -> None:
        """None: somebody stopped it."""
        if stage is not self._started:
            return
        if sentence is None:
            self.state.fail(None)
            return
        port = self._control.scenario.server.port if where == PORT else 0
        self.state.fail(Trouble(sentence, port))

    def _grown(self) -> None:
        self.page.text.show_live()
        self._show_resource()
        self._show_status()

    # -- what is shown ---------------------------------------------------------------------------------------------

    def _show_step(self) -> None:
        if self.state.lesson is None:
            return
        self.page.bar.show_state()
        self.page.text.show_step()
        self.page.code.show_standing(*self.stage.standing)
        self._show_resource()
        self._show_marks()
        self.stage.show_hint(self.state.hint)
        self._show_status()

    def _predicted(self) -> None:
        self.page.text.show_prediction()
        self.page.bar.show_state()
        self._show_marks()
        self.stage.show_hint(self.state.hint)

    def _show_resource(self) -> None:
        """What is scarce in the lesson's main run; beside the picture of another run it would say what is not so."""
        lesson = self.state.lesson
        if lesson is None or lesson.resource.kind == "none":
            return
        if (self.state.running or self.state.last) not in ("", lesson.runs[0].id):
            self.page.resource.show_count(0, 0)
            return
        total, used = self.state.value(lesson.resource.total), self.state.value(lesson.resource.used)
        self.page.resource.show_count(round(total or 0), round(used or 0))

    def _show_marks(self) -> None:
        state, lesson = self.state, self.state.lesson
        if lesson is None or not self._draggable:
            if lesson is not None:
                self.stage.show_marks((), False)
            return
        unit, said = lesson.question.unit, state.prediction
        marks = []
        if said is not None and said.value is not None:
            marks.append(Mark(f"you {told(said.value, unit)}", said.value * TIMES[unit]))
        if state.step in (REVEAL, TRY) and state.answered:
            marks += self._measured_marks(unit)
        self.stage.show_marks(marks, state.step == PREDICT and not state.going)

    def _measured_marks(self, unit: str) -> list[Mark]:
        """The law and what was measured; with a further run on the screen that run's number beside the first one's."""
        state, lesson = self.state, self.state.lesson
        shown = state.revealed()
        if lesson is None or shown is None:
            return []
        per, color, first = TIMES[unit], color_of(lesson), shown.measured
        if state.last in ("", lesson.runs[0].id) and not state.going:
            law = [] if shown.law is None else [Mark(f"law {told(shown.law, unit)}", shown.law * per, dashed=True)]
            return law if first is None else [*law, Mark(told(first, unit), first * per, state=color)]
        marks = [] if first is None else [Mark(f"first {told(first, unit)}", first * per, dashed=True)]
        value = None if state.going else state.value(answer_of(lesson, state.last))
        return marks if value is None else [*marks, Mark(told(value, unit), value * per, state=color)]

    def _show_code(self, stage: Stage) -> None:
        lesson = self.state.lesson
        has = bool(stage.listings) or (lesson is not None and lesson.resource.kind != "none")
        self.page.code.show_listings(stage.listings)
        self.page.show_beside(stage.beside, code=has)

    def _show_trouble(self) -> None:
        self.page.show_trouble(self.state.obstacle)

    def _show_status(self, url: str = "") -> None:
        page, control = self.page, self._control
        session = control.session
        address = url or (session.url if session is not None and control.state == "running" else "")
        words = Words(address, "accent", mono=True) if address else Words("Nothing runs now.")
        if self.state.trouble is not None:
            words = Words("The run did not begin.", "danger")
        page.address.set_words([words])
        tally = control.store.tally
        lost = Words(f"{tally.lost:,} lost", "danger" if tally.lost else "text2")
        lesson = self.state.lesson
        page.records.setVisible(lesson is None or lesson.runs[0].kind in ("server", "locks"))
        page.records.set_words([figure(f"{tally.read:,}"), Words("records"), lost])
        page.setup.set_words([Words(self.stage_words())])

    def stage_words(self) -> str:
        """What is run, in one line."""
        lesson = self.state.lesson
        if lesson is None or lesson.runs[0].kind != "server":
            return lesson.runs[0].kind.capitalize() + " lab" if lesson is not None else ""
        scenario, catalog = self._control.scenario, self._control.catalog
        if not self.state.going and not self.state.figures:
            return lesson.title
        parts = [catalog.get(one, getattr(scenario, one).id).title for one in ("model", "dispatch", "workload")]
        return " · ".join(parts)

    # -- hands -----------------------------------------------------------------------------------------------------

    def _chosen(self, number: int) -> None:
        if number:
            self.state.choose(number)
        else:
            self.state.predict(None)

    def _dragged(self, seconds: float) -> None:
        lesson = self.state.lesson
        if lesson is not None and lesson.question.unit in TIMES:
            self.state.predict(round(seconds / TIMES[lesson.question.unit], 2))

    def _key(self, name: str) -> None:
        state = self.state
        if typing(QApplication.focusWidget()) and name not in ("forward", "back", "leave"):
            return
        if name in MOVES:
            self._look_about(name)
        elif name.isdigit():
            self._digit(name)
        elif name in ("left", "right"):
            self._move(1 if name == "right" else -1)
        elif name == "leave":
            self.page.command_asked.emit("lessons")
        elif name == "enter":
            if state.trouble is not None:
                state.again(free_port=bool(state.trouble.port))
        elif name == "back":
            state.back()
        elif state.going:
            if name == "run" or state.step == RUN:
                self.stage.stop()
        elif name == "run":
            self._space()
        elif state.step == TRY:
            self.page.command_asked.emit("lessons")
        else:
            state.forward()

    def _look_about(self, letter: str) -> None:
        view = self.stage.timeline if self.state.lesson is not None else None
        if view is not None:
            acts: dict[str, Callable[[], object]] = {
                "W": view.zoom_in,
                "S": view.zoom_out,
                "A": lambda: view.pan(-PAN),
                "D": lambda: view.pan(PAN),
            }
            acts[letter]()

    def _space(self) -> None:
        """Run what the present step runs; a button that has the keyboard is pressed instead."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractButton) and focus.isVisible():
            focus.click()
        elif self.state.step == TRY:
            waiting = [row.run for row in self.page.text.tries.rows if not row.first and not row.result]
            if waiting:
                self.state.run_one(waiting[0])
        else:
            self.state.forward()

    def _digit(self, digit: str) -> None:
        lesson, state = self.state.lesson, self.state
        if lesson is None or state.step != PREDICT:
            return
        if digit == "0":
            state.predict(None)
        elif int(digit) <= len(lesson.question.choices):
            state.choose(int(digit))
        elif is_number(lesson.question):
            self.page.text.answers.field.begin(digit)

    def _move(self, by: int) -> None:
        lesson, state = self.state.lesson, self.state
        if lesson is None or state.step != PREDICT or not self._draggable:
            return
        low, high = lesson.question.low, lesson.question.high or lesson.watch.seconds or 1.0
        at = state.prediction.value if state.prediction is not None else None
        step = (high - low) / STEPS_ACROSS
        state.predict(round(min(max((at if at is not None else low) + by * step, low), high), 4))


def color_of(lesson: Lesson) -> State:
    """The state that most of the lesson's picture is in: the measured bar has its colour."""
    shares: dict[State, float] = {}
    for _, _, length, state in lesson.picture:
        shares[state] = shares.get(state, 0.0) + length
    shares = {state: share for state, share in shares.items() if state not in (State.NONE, State.IDLE)}
    return max(shares, key=lambda state: shares[state]) if shares else State.RUNNING
