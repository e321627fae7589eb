"""How the window is drawn for the eyes before it: scale, contrast, patterns, motion; remembered, the system's settings
their defaults.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme

SCALES: Final = (1.0, 1.25, 1.5, 2.0, 2.5)
CONTRAST, HATCHING, MOTION = "high_contrast", "patterns", "reduced_motion"
OPTIONS: Final = (CONTRAST, HATCHING, MOTION)


class ViewSettings(QObject):
    """Applies to a theme what a state remembers, and remembers what is chosen. `changed` follows each choice."""

    changed = Signal()

    def __init__(self, theme: Theme, state: WindowState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = state
        self._watch_system()
        theme.set_scale(state.scale)
        self._apply()

    @property
    def scale(self) -> float:
        """The scale that is chosen."""
        return self._theme.chosen_scale

    def set_scale(self, scale: float) -> None:
        """Draw everything at one of `SCALES`."""
        self._theme.set_scale(scale)
        self._state.scale = self._theme.chosen_scale
        self._keep()

    def step_scale(self, by: int) -> None:
        """To the next scale (1) or the one before (-1)."""
        nearest = min(range(len(SCALES)), key=lambda at: abs(SCALES[at] - self.scale))
        self.set_scale(SCALES[min(max(nearest + by, 0), len(SCALES) - 1)])

    def is_on(self, option: str) -> bool:
        """Whether one of `OPTIONS` is on: as chosen, else as the system says."""
        chosen = self._state.options.get(option)
        return system_wants(option) if chosen is None else chosen

    def set(self, option: str, on: bool) -> None:
        """Switch an option."""
        self._state.options[option] = on
        self._apply()
        self._keep()

    def toggle(self, option: str) -> None:
        """Switch an option to what it is not."""
        self.set(option, not self.is_on(option))

    def as_the_system(self) -> None:
        """Forget what was chosen."""
        self._state.options.clear()
        self._theme.set_scale(1.0)
        self._state.scale = 1.0
        self._apply()
        self._keep()

    def _apply(self) -> None:
        self._theme.set_options(
            high_contrast=self.is_on(CONTRAST), patterns=self.is_on(HATCHING), reduced_motion=self.is_on(MOTION)
        )

    def _keep(self) -> None:
        self._state.save()
        self.changed.emit()

    def _watch_system(self) -> None:
        hints = getattr(QApplication.styleHints(), "accessibility", None)
        if hints is not None:
            hints().contrastPreferenceChanged.connect(self._apply)


def handlers(settings: Callable[[], ViewSettings]) -> Mapping[str, Callable[[], object]]:
    """What the commands of scale and options do, by their ids; `settings` is asked when one is given."""
    return {
        "larger": lambda: settings().step_scale(1),
        "smaller": lambda: settings().step_scale(-1),
        CONTRAST: lambda: settings().toggle(CONTRAST),
        HATCHING: lambda: settings().toggle(HATCHING),
        MOTION: lambda: settings().toggle(MOTION),
    }


def system_wants(option: str) -> bool:
    """What the system's settings say of an option, where Qt knows it."""
    if option == CONTRAST:
        hints = getattr(QApplication.styleHints(), "accessibility", None)  # since Qt 6.10
        return hints is not None and hints().contrastPreference() == Qt.ContrastPreference.HighContrast
    if option == MOTION and sys.platform == "win32":
        return not QApplication.isEffectEnabled(Qt.UIEffect.UI_General)
    return False
