"""The slides of a lecture in their order, and the changes on each: where one is, where forward leads. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from explorer.lessons.lesson import Lesson, Slide


class Build(Enum):
    """What a slide shows. ASK: its sentence alone, so that the room can be asked before anything runs; SHOW: the run,
    and its number; LAW: the law beside what was measured.
    """

    ASK = "ask"
    SHOW = "show"
    LAW = "law"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One slide of one lesson; `number` counts from 1 in its lesson."""

    lesson: Lesson
    number: int
    slide: Slide
    builds: tuple[Build, ...]

    @property
    def name(self) -> str:
        """As it is kept and asked for: `forty-tokens:2`."""
        return f"{self.lesson.id}:{self.number}"


def sheets(lessons: Sequence[Lesson]) -> tuple[Sheet, ...]:
    """All slides of these lessons. The first slide of each run waits for the speaker; the next ones show it at once."""
    found = []
    for lesson in lessons:
        asked: set[str] = set()
        for number, slide in enumerate(lesson.slides, 1):
            builds = [Build.SHOW]
            if slide.run and slide.run not in asked:
                builds.insert(0, Build.ASK)
                asked.add(slide.run)
            if slide.law and lesson.question.law:
                builds.append(Build.LAW)
            found.append(Sheet(lesson, number, slide, tuple(builds)))
    return tuple(found)


class Deck:
    """Where a lecture is. It holds at least one sheet."""

    def __init__(self, lessons: Sequence[Lesson]) -> None:
        """Raises `ValueError` for lessons without any slide."""
        self.sheets = sheets(lessons)
        if not self.sheets:
            raise ValueError("There is no slide to show.")
        self.at = 0
        self._build = 0

    @property
    def sheet(self) -> Sheet:
        """What is on the wall."""
        return self.sheets[self.at]

    @property
    def build(self) -> Build:
        """How much of it is shown."""
        return self.sheet.builds[self._build]

    @property
    def after(self) -> Sheet | None:
        """The next slide; None on the last."""
        return self.sheets[self.at + 1] if self.at + 1 < len(self.sheets) else None

    @property
    def place(self) -> tuple[str, int]:
        """Where one is, to come back to."""
        return self.sheet.name, self._build

    @property
    def words(self) -> str:
        """ "4 / 9", over the whole lecture."""
        return f"{self.at + 1} / {len(self.sheets)}"

    def forward(self) -> bool:
        """The next change on the slide, else the next slide; False at the end of the lecture."""
        if self._build + 1 < len(self.sheet.builds):
            self._build += 1
        elif self.after is not None:
            self.at, self._build = self.at + 1, 0
        else:
            return False
        return True

    def back(self) -> bool:
        """The change before, else the slide before with all that it shows; False at the beginning."""
        if self._build:
            self._build -= 1
        elif self.at:
            self.at -= 1
            self._build = len(self.sheet.builds) - 1
        else:
            return False
        return True

    def go(self, name: str, build: int = 0) -> bool:
        """To a slide by its name; False (and one stays) where there is none. A build that it lost is its last one."""
        for at, sheet in enumerate(self.sheets):
            if sheet.name == name:
                self.at, self._build = at, min(max(build, 0), len(sheet.builds) - 1)
                return True
        return False
