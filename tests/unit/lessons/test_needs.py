"""What a lesson needs is looked for before it begins."""

from typing import Any

from explorer.catalog import Catalog
from explorer.lessons.lesson import Lesson
from explorer.lessons.library import Library
from explorer.lessons.needs import lacking
from explorer.option_error import OptionError
from explorer.paths import resources


class Machine:
    """Interpreters of which some are missing."""

    def __init__(self, *there: str) -> None:
        self.there = there

    def resolve(self, version: str, packages: Any) -> str:
        """Raise as the real one does."""
        if version not in self.there:
            raise OptionError(f"There is no Python {version}.")
        return version


def test_a_lesson_about_the_gil_needs_a_python_without_it_and_one_with_it() -> None:
    library = Library(Catalog(), (resources() / "lessons",))
    (lesson,) = (one for one in library.lessons() if isinstance(one, Lesson) and one.id == "no-gil")
    assert lacking(lesson, Machine("3.13t", "3.13")) is None  # type: ignore[arg-type]
    for there in (("3.13",), ("3.13t",)):
        reason = lacking(lesson, Machine(*there))  # type: ignore[arg-type]
        assert reason is not None
        assert "There is no Python 3.13" in reason
