"""Where audience mode has its place in a lecture: the QR slide on the wall, the room's votes in the speaker view.

Both are asked for only while there is an audience; the window that has one fills these in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from explorer.lessons.lesson import Question


def _nothing(*_: object) -> None:
    return None


@dataclass(slots=True)
class Places:
    """`paint_room(painter, scale, page)` paints the QR slide on the grid, each unit `scale` device pixels; None as long
    as the room is not let in. `votes(parent)` makes the widget of the room's votes. `ask_room(question)` is told what
    is asked on the wall (None: nothing), and `let_in(parent)` asks the speaker whether the room may come in.
    """

    paint_room: Callable[[QPainter, float, str], object] | None = None
    votes: Callable[[QWidget], QWidget] | None = None
    ask_room: Callable[[Question | None], object] = field(default=_nothing)
    let_in: Callable[[QWidget], object] | None = None
