"""Which screen the wall is on, and whether there is one for the speaker. No Qt but its rectangles."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect

SHARE: Final = 0.5
"""Of the only screen, what the speaker view takes when it is asked for."""


def places_on(screens: Sequence[QRect], own: int) -> tuple[QRect, QRect | None]:
    """Where the wall and the speaker view go; `own` is the screen on which the window is: the speaker sits before it,
    and the wall takes the first of the others. With one screen the wall has it, and there is no place (None).
    """
    others = [at for at in range(len(screens)) if at != own]
    if not others:
        return screens[own], None
    return screens[others[0]], screens[own]


def corner_of(screen: QRect) -> QRect:
    """A window at the lower right corner of the only screen."""
    width, height = round(screen.width() * SHARE), round(screen.height() * SHARE)
    return QRect(screen.right() - width - 8, screen.bottom() - height - 8, width, height)
