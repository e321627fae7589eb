"""A lecture as the wall and the speaker view show it: where it is, what runs for it, what was measured so far.

It makes no window. Each slide's run is made for real, by the window's own `Control` (servers and locks) or by a sweep
of the parallelism lab; it begins when the speaker comes to it, and what it measured is kept until it is run again.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from explorer.desktop.control import Control
from explorer.desktop.presenter import engine, numbers
from explorer.desktop.presenter.deck import Build, Deck, Sheet
from explorer.desktop.presenter.lab_shapes import before, verdict
from explorer.desktop.presenter.marks import Marks
from explorer.desktop.presenter.notices import Notices
from explorer.desktop.presenter.picture import empty
from explorer.desktop.presenter.results import Key, Result, Results
from explorer.desktop.presenter.runner import Runner
from explorer.desktop.presenter.slide_painter import SIZES
from explorer.desktop.presenter.slide_view import Drawn, RoomSaid, SlideView, Standing
from explorer.lessons.lesson import Lesson, Run, Slide
from explorer.option_error import OptionError

PORT: Final = "server.port"
FREE_PORT: Final = "Run on a free port"
AGAIN: Final = "Run it again"
NOT_VALID: Final = "The figures are not valid"


class Lecture(QObject):
    """`changed`: what is to be seen has; `moved`: it is on another slide, or shows another change; `finished`: the run
    of a slide is over, well or not; `covered`: the wall is, or no more; `starts(Key)`: a slide's run does.
    """

    changed = Signal()
    moved = Signal()
    finished = Signal()
    covered = Signal()
    starts = Signal(object)

    def __init__(
        self,
        control: Control,
        lessons: Sequence[Lesson],
        *,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        """Raises `ValueError` for lessons without slides. `clock` tells seconds: marks fade by it, time is shown."""
        super().__init__(parent)
        self._control = control
        self.lessons = list(lessons)
        self.deck = Deck(lessons)
        self.clock = clock
        self.began = clock()
        self.minutes = sum(lesson.minutes for lesson in lessons)
        self.marks = Marks(clock)
        self.notices = Notices(self)
        self.results = Results()
        self.runner = Runner(control, self)
        self.cover = ""
        """What is on the wall in place of the slide: "black", "white", "room" (the QR slide), or nothing."""
        self.room_said: Callable[[Sheet], RoomSaid | None] = lambda sheet: None
        """What the room answers to the question of a lesson."""
        self._size = 0
        self._waiting: list[Key] = []
        self._free_port = False
        self.runner.grew.connect(self._grew)
        self.runner.ended.connect(self._ended)
        self.runner.cut.connect(self._cut)
        self.runner.failed.connect(self._failed)
        self.runner.not_served.connect(self._not_served)
        self.notices.changed.connect(self.changed)

    # -- moving ----------------------------------------------------------------------------------------------------

    def enter(self, place: tuple[str, int] | None = None) -> None:
        """Begin, or go on where one was."""
        if place is not None:
            self.deck.go(*place)
        self._arrived()

    def forward(self) -> None:
        """The next change. A covered wall is uncovered first: nobody has seen what is under it."""
        if self.cover:
            self.set_cover("")
        elif self.deck.forward():
            self._arrived()

    def back(self) -> None:
        """The change before."""
        if self.cover:
            self.set_cover("")
        elif self.deck.back():
            self._arrived()

    def go(self, name: str, build: int = 0) -> bool:
        """To a slide by its name."""
        found = self.deck.go(name, build)
        if found:
            self._arrived()
        return found

    def begin_again(self) -> None:
        """From the first slide, as if nothing had been measured."""
        self.stop()
        self.results = Results()
        self.notices.clear()
        self.deck.go(self.deck.sheets[0].name)
        self._arrived()

    def set_cover(self, cover: str) -> None:
        """Show this in place of the slide, or with "" the slide again; asked for twice it goes away."""
        self.cover = "" if cover == self.cover else cover
        self.covered.emit()
        self.changed.emit()

    def resize(self, step: int) -> None:
        """Larger or smaller labels."""
        self._size = min(max(self._size + step, 0), len(SIZES) - 1)
        self.changed.emit()

    # -- runs ------------------------------------------------------------------------------------------------------

    def again(self) -> None:
        """Run what this slide shows again, from the beginning."""
        sheet = self.deck.sheet
        if not sheet.slide.run:
            return
        if self.deck.build is Build.ASK:
            self.forward()
            return
        self._run((sheet.lesson.id, sheet.slide.run))

    def cure(self) -> None:
        """Do what the message offers."""
        offer = self.notices.offer
        if offer:
            self._free_port = self._free_port or offer == FREE_PORT
            self.notices.clear()
            if self.cover == "room":
                self.serve()
            else:
                self.again()

    def serve(self) -> None:
        """A server for what the room itself sends, if nothing runs: that of the lesson, without a load of its own."""
        lesson = self.deck.sheet.lesson
        servers = [(one, run) for one in (lesson, *self.lessons) for run in one.runs if run.kind == "server"]
        if servers and not self.runner.going:
            try:
                self.runner.serve(*servers[0], free_port=self._free_port)
            except OptionError as error:
                self._not_served(str(error), error.where)

    def _not_served(self, sentence: str, where: str) -> None:
        self.notices.tell("Phones cannot send now", sentence, FREE_PORT if where == PORT else "")

    def stop(self) -> None:
        """Nothing runs any more."""
        self._waiting = []
        self.runner.stop()

    def rest(self) -> None:
        """The wall is left: what was kept for the next run of a slide ends as well."""
        self.runner.rest()

    def _arrived(self) -> None:
        self.marks.wipe()
        sheet = self.deck.sheet
        if self.deck.build is not Build.ASK:
            wanted = [(sheet.lesson.id, run) for run in numbers.runs_of(sheet.lesson, sheet.slide)]
            missing = [key for key in wanted if not self.results.done(key)]
            if not missing:
                self._waiting = []
            elif self.runner.key in missing:
                self._waiting = [key for key in missing if key != self.runner.key]
            else:
                self._run(*missing)
        self.moved.emit()
        self.changed.emit()

    def _run(self, key: Key, *then: Key) -> None:
        self._waiting = list(then)
        lesson, run = self._found(key)
        self.starts.emit(key)
        try:
            self.runner.start(key, lesson, run, free_port=self._free_port)
        except OptionError as error:
            self._waiting = []
            self._failed(key, str(error), error.where)

    def _found(self, key: Key) -> tuple[Lesson, Run]:
        lesson = next(sheet.lesson for sheet in self.deck.sheets if sheet.lesson.id == key[0])
        return lesson, lesson.run(key[1])

    def _grew(self, key: Key, result: Result) -> None:
        self.results.put(key, result)
        self.changed.emit()

    def _ended(self, key: Key, result: Result) -> None:
        if self._found(key)[1].unjudged(result.figures):
            self._not_valid(key, result)
            return
        self.results.put(key, result)
        self.notices.clear()
        if self.runner.key is None and self._waiting:
            self._run(*self._waiting)
        elif self.runner.key is None:
            self.finished.emit()
        self.changed.emit()

    def _not_valid(self, key: Key, result: Result) -> None:
        """The wall keeps the picture and shows no number that does not hold; the speaker reads why."""
        self._wait_no_more()
        reason = result.figures.get("invalid_reason") or "No reason is known."
        self.results.put(key, replace(result, figures={}, standing=Standing.KEPT))
        self.notices.tell(NOT_VALID, str(reason), AGAIN)
        self.finished.emit()
        self.changed.emit()

    def _wait_no_more(self) -> None:
        """What was to follow on the run that has ended is not run; another slide's run may wait already."""
        if self.runner.key is None:
            self._waiting = []

    def _cut(self, key: Key) -> None:
        self.results.drop(key)
        self.changed.emit()

    def _failed(self, key: Key, sentence: str, where: str) -> None:
        """The wall keeps its last figures and drops "live"; the speaker reads why."""
        self._wait_no_more()
        known = self.results.of(key) or Result(picture=empty(self._found(key)[0].watch.seconds or 1.0))
        known.standing = Standing.KEPT
        self.results.put(key, known)
        at_port = where == PORT and not self._free_port
        self.notices.tell("The run did not go on", sentence, FREE_PORT if at_port else AGAIN)
        self.finished.emit()
        self.changed.emit()

    # -- what is seen ----------------------------------------------------------------------------------------------

    def view(self) -> SlideView:
        """The slide that is on the wall, as it is now."""
        return self._view(self.deck.at, self.deck.build)

    def next_view(self) -> SlideView | None:
        """What forward leads to; None at the end."""
        sheet = self.deck.sheet
        at = sheet.builds.index(self.deck.build) + 1
        if at < len(sheet.builds):
            return self._view(self.deck.at, sheet.builds[at])
        return None if self.deck.after is None else self._view(self.deck.at + 1, self.deck.after.builds[0])

    def drawn(self) -> list[Drawn]:
        """The marks, as strong as they are now."""
        return [Drawn(mark, strength) for mark in self.marks.all if (strength := self.marks.strength(mark)) > 0]

    def names(self, lesson: Lesson) -> Mapping[str, Any]:
        """What the expressions of a lesson may name by now."""
        return engine.names_of(lesson, self.results.figures(lesson.id))

    def _view(self, at: int, build: Build) -> SlideView:
        sheet = self.deck.sheets[at]
        lesson, slide = sheet.lesson, sheet.slide
        plain = SlideView(
            slide.sentence, f"{at + 1} / {len(self.deck.sheets)}", sheet.number - 1, len(lesson.slides),
            size=SIZES[self._size],
        )  # fmt: skip
        if not slide.run:
            return plain
        return self._of_run(plain, sheet, build)

    def _of_run(self, plain: SlideView, sheet: Sheet, build: Build) -> SlideView:
        lesson, slide = sheet.lesson, sheet.slide
        run = lesson.run(slide.run)
        result = self._result(lesson, slide)
        named = replace(plain, run=run.title or lesson.title)
        if build is Build.ASK or result is None:
            nothing, said = empty(lesson.watch.seconds or 1.0), self.room_said(sheet)
            asked = replace(named, standing=Standing.ASKED, picture=nothing, requests=_ready(run), room=said)
            return replace(asked, **before(run))
        names = self.names(lesson)
        value = numbers.measured(slide, names)
        law = numbers.law(lesson, slide, names) if build is Build.LAW else None
        return replace(
            named,
            number="" if value is None else numbers.figure(value),
            unit=slide.unit,
            law=None if law is None else (law[0], numbers.with_unit(law[1], lesson.question.unit)),
            standing=result.standing,
            picture=result.picture,
            waves=result.waves,
            ladder=result.ladder,
            curve=result.curve,
            verdict=verdict(result.figures) if run.kind == "isolation" else None,
        )

    def _result(self, lesson: Lesson, slide: Slide) -> Result | None:
        """What is known of a slide's run: not all, as long as something that it is compared with is measured."""
        found = self.results.of((lesson.id, slide.run))
        beside = {(lesson.id, run) for run in numbers.runs_of(lesson, slide)}
        if found is not None and found.standing is Standing.DONE and self.runner.key in beside:
            return replace(found, standing=Standing.LIVE)
        return found


def _ready(run: Run) -> int:
    """How many requests or users stand ready; where they arrive by a clock, nobody does, and one line says so."""
    load = run.scenario.get("load") or {}
    if not isinstance(load, Mapping) or load.get("mode") not in (None, "users", "burst"):
        return 1
    return int(load.get("requests" if load.get("mode") == "burst" else "users") or load.get("requests") or 1)
