"""Where audience mode has its place in a lecture: the QR slide on the wall, the room's votes in the speaker view.

All are asked for only while there is an audience; `room` fills these in.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget


@dataclass(slots=True)
class Places:
    """`paint_room(painter, scale, page)` paints the QR slide on the grid, each unit `scale` device pixels; None as long
    as the room is not let in. `votes(parent)` makes the widget of the room's votes. `phones()` says how many are here,
    in two words, and `way_in()` where the page is, as read aloud; empty: nobody can be.
    """

    paint_room: Callable[[QPainter, float, str], object] | None = None
    votes: Callable[[QWidget], QWidget] | None = None
    phones: Callable[[], str] = str
    way_in: Callable[[], str] = str
