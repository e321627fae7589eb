"""The keys of the isolation lab, for the sheet of keys. No Qt."""

from collections.abc import Sequence
from typing import Final

from explorer.desktop.panels.key_words import LAB, MOUSE, SELECT, KeyLine

KEYS: Final[tuple[tuple[str, Sequence[KeyLine]], ...]] = (
    (
        LAB,
        (
            KeyLine(("Space",), "Run, or pause"),
            KeyLine(("→",), "Next step"),
            KeyLine(("←",), "Back one step: runs again up to there"),
            KeyLine(("Home",), "Rewind"),
            KeyLine(("Ctrl+Tab",), "Next tab"),
            KeyLine(("/",), "Find a scenario"),
            KeyLine(("PgUp", "PgDown"), "Scenario before, next scenario"),
            KeyLine(("[", "]"), "Weaker, stronger level"),
        ),
    ),
    (
        SELECT,
        (
            KeyLine(("↑", "↓"), "Step before, next step of the ladder"),
            KeyLine(("Enter",), "The rows that it read"),
            KeyLine(("Alt+↑", "Alt+↓"), "Move the step earlier, later"),
            KeyLine(("F2",), "Edit its SQL"),
            KeyLine(("Ctrl+Z",), "Undo a move or an edit"),
            KeyLine(("Ctrl+S",), "Save the schedule as TOML"),
            KeyLine(("Esc",), "Take one thing back, then leave"),
        ),
    ),
    (
        MOUSE,
        (
            KeyLine(("Drag a step",), "Change the order"),
            KeyLine(("Double-click",), "Edit its SQL"),
        ),
    ),
)
