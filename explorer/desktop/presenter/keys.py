"""The keys of a lecture, once, as data: the wall, the speaker view and the line at its foot derive from them."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt

K = Qt.Key


@dataclass(frozen=True, slots=True)
class LectureKey:
    """Keys that do one thing; `shown` is what the speaker's line of keys calls them, empty: it is not listed there."""

    act: str
    keys: tuple[Qt.Key, ...]
    words: str
    shown: tuple[str, ...] = ()


KEYS: Final = (
    LectureKey("forward", (K.Key_PageDown, K.Key_Right, K.Key_Down, K.Key_N), "next", ("PgDn", "→")),
    LectureKey("back", (K.Key_PageUp, K.Key_Left, K.Key_Up), "back", ("PgUp", "←")),
    LectureKey("blank", (K.Key_B, K.Key_Period), "blank", ("B",)),
    LectureKey("white", (K.Key_W,), "white", ("W",)),
    LectureKey("pointer", (K.Key_L,), "pointer", ("L",)),
    LectureKey("pen", (K.Key_P,), "pen", ("P",)),
    LectureKey("wipe", (K.Key_E,), "wipe", ("E",)),
    LectureKey("again", (K.Key_R,), "run again", ("R",)),
    LectureKey("room", (K.Key_Q,), "QR code", ("Q",)),
    LectureKey("larger", (K.Key_Plus, K.Key_Equal), "larger", ("+",)),
    LectureKey("smaller", (K.Key_Minus,), "smaller", ("−",)),
    LectureKey("speaker", (K.Key_S,), "this view", ("S",)),
    LectureKey("cure", (K.Key_Return, K.Key_Enter), "what the message offers"),
    LectureKey("leave", (K.Key_Escape, K.Key_F5), "end", ("Esc",)),
)
_ACTS: Final = {key: one.act for one in KEYS for key in one.keys}


def act_of(key: int, modifiers: Qt.KeyboardModifier) -> str:
    """What a key does; empty: nothing. Ctrl+I tells the speaker's messages where there is no speaker view."""
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return "messages" if key == K.Key_I else ""
    try:
        return _ACTS.get(Qt.Key(key), "")
    except ValueError:  # a clicker's own keys need not be known to Qt
        return ""
