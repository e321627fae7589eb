"""The lessons that are there: those that travel with the program and the user's own. A changed folder is read again."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from explorer.catalog import Catalog
from explorer.lessons.lesson import Lesson
from explorer.lessons.needs import lacking
from explorer.lessons.reading import FILE, PICTURE, TEXT, LessonError, read
from explorer.lessons.runs import check
from explorer.option_error import OptionError
from explorer.paths import resources, user_data

LESSONS = "lessons"
Stamp = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """A folder that holds no lesson that can be used: why, and where to look."""

    folder: Path
    sentence: str
    file: Path
    line: int

    @property
    def words(self) -> str:
        """All of it in one line."""
        return f"{self.file}:{self.line}: {self.sentence}"


def folders() -> tuple[Path, ...]:
    """Where lessons lie: with the program, and the user's own, which come in place of one of the same name."""
    return resources() / LESSONS, user_data() / LESSONS


class Library:
    """Reads lessons from `folders`, later ones over earlier ones; what has not changed is not read again."""

    def __init__(self, catalog: Catalog, folders: Sequence[Path]) -> None:
        self._catalog = catalog
        self._folders = tuple(folders)
        self._known: dict[Path, tuple[Stamp, Lesson | Broken]] = {}

    def lessons(self) -> list[Lesson | Broken]:
        """All of them: the lessons in their order, then the folders that cannot be used."""
        found = {folder.name: folder for top in self._folders for folder in sorted(_inside(top))}
        self._known = {folder: known for folder, known in self._known.items() if folder in found.values()}
        read_now = [self.at(folder) for folder in found.values()]
        usable = [one for one in read_now if isinstance(one, Lesson)]
        broken = [one for one in read_now if isinstance(one, Broken)]
        return [*sorted(usable, key=lambda lesson: (lesson.order, lesson.id)), *broken]

    def find(self, identity: str) -> Lesson | Broken | None:
        """The lesson with this id, or the folder of that name that cannot be used."""
        return next((one for one in self.lessons() if one.folder.name == identity), None)

    def at(self, folder: Path) -> Lesson | Broken:
        """The lesson in this folder."""
        stamp = _stamp(folder)
        known = self._known.get(folder)
        if known is None or known[0] != stamp:
            known = self._known[folder] = stamp, self._read(folder)
        return known[1]

    def _read(self, folder: Path) -> Lesson | Broken:
        try:
            lesson = read(folder)
            self._check_runs(lesson)
        except LessonError as error:
            return Broken(folder, error.sentence, error.file, error.line)
        return lesson

    def _check_runs(self, lesson: Lesson) -> None:
        """A knob that does not exist is told now, not when the lecture has begun."""
        if lesson.needs and lacking(lesson):
            return
        for number, run in enumerate(lesson.runs):
            try:
                check(self._catalog, lesson, run)
            except OptionError as error:
                raise LessonError.at_run(lesson.folder / FILE, number, str(error.where), str(error)) from None


def _inside(top: Path) -> list[Path]:
    return [folder for folder in top.iterdir() if (folder / FILE).exists()] if top.is_dir() else []


def _stamp(folder: Path) -> Stamp:
    """Changes when a file of the lesson does."""
    return tuple(_state(folder / name) for name in (FILE, TEXT, PICTURE))


def _state(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
