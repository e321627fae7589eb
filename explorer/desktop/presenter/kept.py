"""The playlist that was used last and where its lecture was left: one small file; one that cannot be read is absent."""

import json
from pathlib import Path
from typing import Any, Final

FILE: Final = "lecture.json"


class Kept:
    """`lessons` are ids in their order, `place` is a slide's name and how much of it was shown."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` None: nothing is kept."""
        self._folder = folder
        data = self._read()
        lessons, place = data.get("lessons"), data.get("place")
        self.lessons: list[str] = [one for one in lessons if isinstance(one, str)] if isinstance(lessons, list) else []
        self.place: tuple[str, int] | None = None
        if isinstance(place, list) and len(place) == 2 and isinstance(place[0], str) and isinstance(place[1], int):
            self.place = place[0], place[1]

    def save(self) -> None:
        """Write the file; that it cannot be written is no reason to bother anybody."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            told = {"lessons": self.lessons, "place": self.place}
            (self._folder / FILE).write_text(json.dumps(told, indent=1), encoding="utf-8")
        except OSError:
            return

    def _read(self) -> dict[str, Any]:
        if self._folder is None:
            return {}
        try:
            data = json.loads((self._folder / FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}
