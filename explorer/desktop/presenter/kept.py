"""The playlist that was used last and where its lecture was left: one small file; one that cannot be read is absent."""

from pathlib import Path
from typing import Final

from explorer.desktop import small_file

FILE: Final = "lecture.json"


class Kept:
    """`lessons` are ids in their order, `place` is a slide's name and how much of it was shown."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` None: nothing is kept."""
        self._folder = folder
        data = small_file.read(folder / FILE) if folder is not None else {}
        lessons, place = data.get("lessons"), data.get("place")
        self.lessons: list[str] = [one for one in lessons if isinstance(one, str)] if isinstance(lessons, list) else []
        self.place: tuple[str, int] | None = None
        if isinstance(place, list) and len(place) == 2 and isinstance(place[0], str) and isinstance(place[1], int):
            self.place = place[0], place[1]

    def save(self) -> None:
        """Write the file."""
        if self._folder is not None:
            small_file.write(self._folder / FILE, {"lessons": self.lessons, "place": self.place})
