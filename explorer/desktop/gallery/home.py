"""The start page and the lessons in the window: what is on their cards, what a card opens, and the way back."""

import asyncio
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject

from explorer.catalog import Bar, Catalog
from explorer.desktop.control import Control
from explorer.desktop.gallery.cards import (
    LABS,
    LESSONS,
    RECENT,
    SCENARIOS,
    Card,
    lesson_cards,
    run_cards,
    scenario_cards,
)
from explorer.desktop.gallery.going import Going
from explorer.desktop.labs.entry import LabPage, Labs
from explorer.desktop.lessons.markdown import as_words
from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme
from explorer.desktop.titles import title_of
from explorer.lessons.lesson import Lesson
from explorer.lessons.library import Library
from explorer.lessons.library import folders as lesson_folders
from explorer.lessons.needs import lacking
from explorer.paths import resources
from explorer.records.states import State
from explorer.session.run_file import cores

GALLERY: Final = "lessons"
"""The command that opens the start page, and its page."""
LESSON: Final = "lesson"
"""The page of the present lesson."""
GOING: Final = ("starting", "running", "stopping")
LAB_CARDS: Final = (
    ("lab_locks", "Locks lab", "Deadlocks, convoys, lost updates", "lock_order_deadlock"),
    ("lab_isolation", "Isolation lab", "Transactions on a real database", "bank_transfer"),
    ("lab_parallelism", "Parallelism lab", "One job, more and more workers", "cpu_native"),
)
if TYPE_CHECKING:
    from explorer.desktop.gallery.page import GalleryPage
    from explorer.desktop.lessons.lesson_view import LessonView

PICTURES: Final = "pictures.json"


class Home(QObject):
    """`open_file(path)` shows a recording or takes a scenario, `switch_to_body` leaves whatever page is shown."""

    def __init__(
        self,
        theme: Theme,
        control: Control,
        state: WindowState,
        scenarios: Sequence[tuple[str, Path]],
        open_file: Callable[[Path], object],
        folders: Sequence[Path] | None = None,
    ) -> None:
        super().__init__(control)
        self._theme, self._control, self._state = theme, control, state
        self._scenarios, self._open_file = scenarios, open_file
        self._labs: Labs | None = None
        self._lacking: dict[tuple[str, ...], str | None] = {}
        """What is lacking, by what is needed."""
        self._view: LessonView | None = None
        self._gallery: GalleryPage | None = None
        self._runs: list[tuple[str, Path]] = []
        self._fixed: list[Card] | None = None
        self.resting = False
        """Whether the window is away for a lecture, whose runs nobody is to be led to."""
        self.library = Library(control.catalog, folders if folders is not None else lesson_folders())

    # -- pages -----------------------------------------------------------------------------------------------------

    def makers(self) -> Mapping[str, Callable[[], LabPage]]:
        """What makes the two pages, by the names under which they are entered."""
        return {GALLERY: self._make_gallery, LESSON: self._make_lesson}

    def attach(self, labs: Labs) -> None:
        """The pages are entered by this."""
        self._labs = labs
        for told in (self._control.run_began, self._control.scenario_changed):
            told.connect(self.make_way)

    def make_way(self) -> None:
        """Something else is to be seen in the window: the start page goes, and a lesson that runs nothing now."""
        if self.resting:
            return
        running = self._view is not None and self._view.state.going
        if self.labs.shown == GALLERY or (self.labs.shown == LESSON and not running):
            self.labs.leave()

    @property
    def labs(self) -> Labs:
        """Who enters pages."""
        assert self._labs is not None
        return self._labs

    def show(self) -> None:
        """Show the start page, if it is not shown."""
        if self.labs.shown != GALLERY:
            self.labs.toggle(GALLERY)

    def show_lesson(self, identity: str) -> bool:
        """Show a lesson; False where there is none with this id that can be read."""
        self.labs.leave()
        self.labs.enter(LESSON)
        assert self._view is not None
        return self._view.open(identity)

    def show_recent(self, runs: Sequence[tuple[str, Path]]) -> None:
        """These runs are kept."""
        self._runs = list(runs)

    def _make_gallery(self) -> LabPage:
        from explorer.desktop.gallery.page import GalleryPage

        page = self._gallery = GalleryPage(self._theme, self.cards, status_words, self.going)
        page.chosen.connect(self.open_card)
        page.run_asked.connect(self.run_now)
        page.going.back_asked.connect(self.back_to_run)
        page.going.stop_asked.connect(self.stop_run)
        self._control.state_changed.connect(lambda state: page.going.refresh())
        return page

    def _make_lesson(self) -> LabPage:
        from explorer.desktop.lessons.lesson_view import LessonView
        from explorer.desktop.lessons.stages.makers import stage_makers

        makers = stage_makers(self._theme, self._control)
        view = self._view = LessonView(self._theme, self._control, makers, self.find, self.lacking, self._learned)
        return view.page

    # -- what goes on behind the start page ------------------------------------------------------------------------

    def going(self) -> Going | None:
        """The run that goes on; None if none does."""
        control = self._control
        lesson = self._view.state.lesson if self._view is not None and self._view.state.going else None
        if control.state in GOING:
            title = lesson.title if lesson is not None else title_of(control.catalog, control.scenario)
            return Going(control.state, title, control.began_ns)
        return None if lesson is None else Going("running", lesson.title)

    def back_to_run(self) -> None:
        """Show what goes on where it was begun: in its lesson, in its lab, else in the window."""
        before = self.labs.made.get(self.labs.before)
        if self._view is not None and self._view.state.going:
            self.labs.toggle(LESSON)
        elif before is not None and before.follows_run:
            self.labs.toggle(self.labs.before)
        else:
            self.labs.leave()

    def stop_run(self) -> None:
        """Stop what goes on; the start page stays."""
        if self._view is not None and self._view.state.going:
            self._view.stage.stop()
        else:
            self._control.stop()

    # -- lessons ---------------------------------------------------------------------------------------------------

    def offers(self) -> list[tuple[str, str, Callable[[], object]]]:
        """For the palette: title, question and what opens it, of each lesson that can be read."""
        return [
            (one.title, as_words(one.question.text), partial(self.show_lesson, one.id))
            for one in self.library.lessons()
            if isinstance(one, Lesson)
        ]

    def find(self, identity: str) -> Lesson | None:
        """A lesson as its folder is now; None where there is none, or it cannot be read."""
        for lesson in self.library.lessons():
            if isinstance(lesson, Lesson) and lesson.id == identity:
                return lesson
        return None

    def open_lessons(self) -> list[str]:
        """The lesson whose page is shown, or to whose card somebody went on the start page; else none."""
        page = self._gallery
        if page is not None and page.isVisible():
            return self.selected_lessons() if page.board.picked else []
        return self._shown_lesson()

    def selected_lessons(self) -> list[str]:
        """The lesson whose card is outlined on the start page, if that is shown."""
        button = self._gallery.board.current if self._gallery is not None and self._gallery.isVisible() else None
        card = button.card if button is not None else None
        return [card.key] if card is not None and card.section == LESSONS and not card.broken else []

    def _shown_lesson(self) -> list[str]:
        view, page = self._view, self._labs.made.get(LESSON) if self._labs is not None else None
        if view is None or view.state.lesson is None or page is None or not page.isVisible():
            return []
        return [view.state.lesson.id]

    def lacking(self, lesson: Lesson) -> str | None:
        """Why a lesson cannot run here; None when it can, or as long as that is being looked for."""
        needs = lesson.needs
        if needs and needs not in self._lacking:
            self._lacking[needs] = None
            self._control.accompany(self._look_for(lesson))
        return self._lacking.get(needs)

    async def _look_for(self, lesson: Lesson) -> None:
        """Other Pythons and databases are looked for beside the window: that may take a second."""
        loop = asyncio.get_running_loop()
        self._lacking[lesson.needs] = await loop.run_in_executor(None, lacking, lesson)

    def _learned(self, identity: str) -> None:
        if identity not in self._state.lessons:
            self._state.lessons.append(identity)
            self._state.save()

    # -- cards -----------------------------------------------------------------------------------------------------

    def cards(self) -> list[Card]:
        """All cards, as they are now."""
        if self._fixed is None:
            catalog = self._control.catalog
            self._fixed = [*scenario_cards(catalog, self._scenarios, read_pictures()), *_lab_cards(catalog)]
        lessons = lesson_cards(self.library.lessons(), self.lacking, self._state.lessons)
        return [*lessons, *self._fixed, *run_cards(self._runs)]

    def open_card(self, card: Card) -> None:
        """Show what a card stands for; a scenario runs at once."""
        if card.section == LESSONS:
            if card.broken:
                self.labs.tell(card.words, card.reason)
            else:
                self.show_lesson(card.key)
        elif card.section == LABS:
            self.labs.toggle(card.key)
        elif card.path is not None:
            self.labs.leave()
            self._open_file(card.path)
            if card.section == SCENARIOS:
                self.run_now()

    def run_now(self) -> None:
        """Run the present setup, in the window."""
        self.labs.leave()
        if self._control.state not in GOING:
            self._control.run()


def _lab_cards(catalog: Catalog) -> list[Card]:
    cards = []
    for command, title, words, workload in LAB_CARDS:
        bars = catalog.get("workload", workload).picture
        rows = 1 + max((bar[0] for bar in bars), default=0)
        cards.append(Card(LABS, command, title, words, rows=rows, bars=bars, said="lab"))
    return cards


def read_pictures() -> dict[str, tuple[Bar, ...]]:
    """The pictures of real runs of the scenarios, by the names of their files; empty where there are none."""
    file = resources() / "scenarios" / PICTURES
    try:
        data: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        name: tuple((int(row), float(start), float(length), State[state.upper()]) for row, start, length, state in bars)
        for name, bars in data.items()
    }


def status_words() -> str:
    """What this computer has, in one line."""
    count = cores()
    return f"{count} core{'s' * (count != 1)} · CPython {platform.python_version()} · everything stays on this computer"


__all__ = ["GALLERY", "LESSON", "RECENT", "Home"]
