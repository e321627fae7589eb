"""All lessons of some folders, read again where something changed: a folder that is copied and edited shows up."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from explorer.catalog import Catalog
from explorer.lessons.lesson import Lesson
from explorer.lessons.mistake import Mistake
from explorer.lessons.reading import FILES, TOML, read_lesson
from explorer.options import OptionError, suggest
from explorer.paths import resources, user_data

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """A folder whose lesson cannot be used: what is wrong in which line (from 1) of which file."""

    folder: Path
    sentence: str
    file: Path
    line: int


def lesson_folders() -> tuple[Path, ...]:
    """Where lessons lie: those that travel with the program, and this user's own (which need not exist)."""
    return resources() / "lessons", user_data() / "lessons"


class Library:
    """The lessons of `folders` (by default `lesson_folders()`), each a folder in one of them. A later folder's lesson
    takes the place of an earlier one of the same id.
    """

    def __init__(self, catalog: Catalog, folders: Sequence[Path] | None = None) -> None:
        self._catalog = catalog
        self._folders = tuple(folders) if folders is not None else lesson_folders()
        self._read: dict[Path, tuple[Stamp, Lesson | Broken]] = {}

    def lessons(self) -> list[Lesson | Broken]:
        """All lessons in their order, then what is broken; what changed since the last time is read again."""
        found = {path.name: path for folder in self._folders for path in _inside(folder)}
        self._read = {path: entry for path, entry in self._read.items() if path in found.values()}
        each = [self._of(path) for path in found.values()]
        whole = sorted((one for one in each if isinstance(one, Lesson)), key=lambda one: (one.order, one.id))
        return [*whole, *sorted((one for one in each if isinstance(one, Broken)), key=lambda one: one.folder)]

    def find(self, name: str) -> Lesson:
        """The lesson with this id. Raises `OptionError`: there is none, or it is broken."""
        for one in self.lessons():
            if isinstance(one, Lesson) and one.id == name:
                return one
            if isinstance(one, Broken) and one.folder.name == name:
                raise Mistake(one.file, one.line, one.sentence)
        known = [one.id for one in self.lessons() if isinstance(one, Lesson)]
        raise OptionError(f"There is no lesson '{name}'. {suggest(name, known) if known else 'There are none.'}")

    def _of(self, path: Path) -> Lesson | Broken:
        stamp = _stamp(path)
        if path not in self._read or self._read[path][0] != stamp:
            self._read[path] = stamp, self._fresh(path)
        return self._read[path][1]

    def _fresh(self, path: Path) -> Lesson | Broken:
        try:
            return read_lesson(path, self._catalog)
        except Mistake as mistake:
            return Broken(path, mistake.sentence, mistake.file, mistake.line)


def _inside(folder: Path) -> list[Path]:
    """The folders that hold a lesson; an empty one, or a file beside them, is none."""
    try:
        return sorted(path for path in folder.iterdir() if (path / TOML).is_file())
    except OSError:
        return []


def _stamp(path: Path) -> Stamp:
    """What changes when a file of the lesson does."""
    found = []
    for name in FILES:
        try:
            stat = (path / name).stat()
        except OSError:
            continue
        found.append((name, stat.st_mtime_ns, stat.st_size))
    return tuple(found)
