"""What the window remembers between starts: theme, size, which panels are shown in each size class, the last folder."""

from pathlib import Path
from typing import Any, Final

from explorer.desktop import small_file
from explorer.store import budget

FILE: Final = "window.json"
PARTS: Final = ("setup", "metrics", "inspector", "events")
SIZE_CLASSES: Final = ("wide", "compact", "narrow")
_CLOSED_AT_FIRST: Final[dict[str, tuple[str, ...]]] = {
    "wide": (),
    "compact": ("events",),
    "narrow": ("setup", "inspector", "events"),
}


class WindowState:
    """Read from and written to one small JSON file; a file that cannot be read counts as absent."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        data = small_file.read(folder / FILE) if folder is not None else {}
        self.theme = "light" if data.get("theme") == "light" else "dark"
        size = data.get("size")
        self.size: tuple[int, int] = (1440, 900)
        if isinstance(size, list) and len(size) == 2 and all(isinstance(one, int) for one in size):
            self.size = (max(1024, size[0]), max(640, size[1]))
        self.folder = Path(str(data.get("folder") or Path.home()))
        scale = data.get("scale")
        self.scale = float(scale) if isinstance(scale, int | float) and 1.0 <= scale <= 2.5 else 1.0
        options = data.get("options")
        self.options: dict[str, bool] = (
            {key: on for key, on in options.items() if isinstance(on, bool)} if isinstance(options, dict) else {}
        )
        """View options that were chosen; of others the system's settings are taken."""
        recent = data.get("recent")
        self.recent: list[str] = [one for one in recent if isinstance(one, str)] if isinstance(recent, list) else []
        """What was chosen in the command palette, the latest first."""
        learned = data.get("lessons")
        self.lessons: list[str] = [one for one in learned if isinstance(one, str)] if isinstance(learned, list) else []
        """The lessons that were gone through, by their ids."""
        self.memory_gib = budget.remembered(data.get("memory_gib"))
        """GiB that the spans of a run may take."""
        self.seen_crash = str(data.get("seen_crash") or "")
        """The newest run that was cut short and is told no more: the name of its folder, which begins with a date."""
        self._shown = {one: {part: part not in _CLOSED_AT_FIRST[one] for part in PARTS} for one in SIZE_CLASSES}
        for one, parts in dict(data.get("shown") or {}).items():
            if one in self._shown and isinstance(parts, dict):
                self._shown[one] |= {part: bool(on) for part, on in parts.items() if part in PARTS}

    @property
    def state_folder(self) -> Path | None:
        """Where it is kept; None: nowhere."""
        return self._folder

    def shown(self, size_class: str) -> dict[str, bool]:
        """Which parts are shown in a size class."""
        return self._shown[size_class]

    def toggle(self, size_class: str, part: str) -> None:
        """Show or hide one part in a size class."""
        self._shown[size_class][part] = not self._shown[size_class][part]

    def save(self) -> None:
        """Write the file; that it cannot be written is no reason to bother anybody."""
        if self._folder is None:
            return
        data: dict[str, Any] = {
            "theme": self.theme,
            "size": self.size,
            "folder": str(self.folder),
            "shown": self._shown,
        }
        data |= {"recent": self.recent, "scale": self.scale, "options": self.options}
        data |= {"seen_crash": self.seen_crash, "memory_gib": self.memory_gib, "lessons": self.lessons}
        small_file.write(self._folder / FILE, data)
