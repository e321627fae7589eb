"""What the sheet of keys says: commands by what they are about, and the gestures that are no commands. No Qt."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from explorer.desktop.actions import Command

RUN, LOOK, SELECT, LANES, SEARCH, MOUSE, WINDOW = (
    "Run", "Move in time", "Select", "Lanes", "Search", "Mouse", "Window and files",
)  # fmt: skip
LAB: Final = "Lab"
"""What only a lab's page has."""
GROUPS: Final = (RUN, LOOK, SELECT, LANES, SEARCH, MOUSE, WINDOW)
_GROUP: Final = {
    "run": RUN, "send_one": RUN, "send_ten": RUN,
    "question_1": RUN, "question_2": RUN, "question_3": RUN, "question_4": RUN, "undo": RUN,
    "follow": LOOK, "zoom_in": LOOK, "zoom_out": LOOK, "pan_left": LOOK, "pan_right": LOOK, "fit": LOOK, "home": LOOK,
    "end": LOOK, "zoom_selection": SELECT, "slower": SELECT, "faster": SELECT, "lanes": LANES,
    "find": SEARCH, "find_next": SEARCH, "find_previous": SEARCH, "palette": SEARCH,
}  # fmt: skip
_BY_BEGINNING: Final = (
    ("view_options", WINDOW), ("view_", LOOK), ("replay", LOOK), ("step_", LOOK), ("speed", LOOK),
    ("note", SELECT), ("range", SELECT),
    ("select", SELECT), ("copy", SELECT), ("slower", SELECT), ("faster", SELECT), ("find", SEARCH), ("lane", LANES),
)  # fmt: skip
"""Groups of commands that are not listed by name."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """Keys, each shown on its own, and what they do."""

    keys: tuple[str, ...]
    words: str


_MORE: Final[dict[str, tuple[KeyLine, ...]]] = {
    LOOK: (KeyLine(("Shift",), "with W, S, A, D: five times as far"), KeyLine(("+", "-"), "Zoom as well")),
    SELECT: (
        KeyLine(("←", "→"), "Span to span in the lane"),
        KeyLine(("↑", "↓"), "Lane to lane"),
        KeyLine(("Shift+←", "Shift+→"), "Range from span to span"),
        KeyLine(("Enter",), "Select the span at the cursor"),
        KeyLine(("Esc",), "Take one thing back"),
    ),
    LANES: (
        KeyLine(("Alt+↑", "Alt+↓"), "Move the cursor's lane"),
        KeyLine(("Menu", "Shift+F10"), "Menu of the cursor's lane"),
        KeyLine(("Space", "P"), "In the list: hide, pin"),
    ),
    SEARCH: (KeyLine(("Enter", "Shift+Enter"), "In the field: next, previous hit"),),
    MOUSE: (
        KeyLine(("Wheel",), "Zoom at the pointer"),
        KeyLine(("Shift+wheel",), "Scroll the lanes"),
        KeyLine(("Drag",), "Move in time, and the lanes"),
        KeyLine(("Shift+drag",), "Choose a range; drag its edges"),
        KeyLine(("Click",), "Select a span and its request"),
        KeyLine(("Double-click",), "Zoom to a span"),
        KeyLine(("Side buttons",), "View before, view after"),
        KeyLine(("Drag a header",), "Move a lane or a group"),
        KeyLine(("Right-click a header",), "Pin, hide, move"),
        KeyLine(("Drag the edge",), "Width of the headers"),
        KeyLine(("Click a state",), "Only that state; Shift adds"),
        KeyLine(("Wheel on a field",), "One step; Shift: ten"),
    ),
    WINDOW: (KeyLine(("Tab", "Shift+Tab"), "Next, previous control"),),
}


IN_DUEL: Final = ("compare", "save", "export", "theme", "larger", "smaller", "presentation", "keys", "quit")
"""Commands of the window that act on a duel's page as well; Space, W, A, S and D are its own there."""
_DUEL: Final[tuple[tuple[str, Sequence[KeyLine]], ...]] = (
    (RUN, (KeyLine(("Space",), "Run the duel, or run it again"),)),
    (
        LOOK,
        (
            KeyLine(("W",), "Zoom in"),
            KeyLine(("S",), "Zoom out"),
            KeyLine(("A",), "Earlier"),
            KeyLine(("D",), "Later"),
            KeyLine(("Home",), "Beginning"),
            KeyLine(("End",), "End"),
        ),
    ),
    (SELECT, (KeyLine(("Z",), "Zoom to the request"), KeyLine(("Esc",), "Take the selection back, then leave"))),
    (
        MOUSE,
        (
            KeyLine(("Wheel",), "Zoom at the pointer"),
            KeyLine(("Drag",), "Move in time"),
            KeyLine(("Click",), "Select a request in all runs"),
        ),
    ),
)


def group_of(command: Command) -> str:
    """What a command is about."""
    found = _GROUP.get(command.id)
    if found is None:
        found = next((group for begin, group in _BY_BEGINNING if command.id.startswith(begin)), WINDOW)
    return found


def sheet(commands: Iterable[Command]) -> list[tuple[str, Sequence[KeyLine]]]:
    """All keys by group, in the order in which they are shown; groups without any are left out."""
    lines: dict[str, list[KeyLine]] = {group: [] for group in GROUPS}
    for command in commands:
        if command.keys:
            lines[group_of(command)].append(KeyLine(command.keys, command.title))
    for group, more in _MORE.items():
        lines[group] += more
    return [(group, some) for group, some in lines.items() if some]


def duel_sheet(commands: Iterable[Command]) -> list[tuple[str, Sequence[KeyLine]]]:
    """The keys that act on the page of a duel."""
    acting = [KeyLine(one.keys, one.title) for one in commands if one.keys and one.id in IN_DUEL]
    return [*_DUEL, (WINDOW, [*acting, *_MORE[WINDOW]])]


def lab_sheet(
    own: Sequence[tuple[str, Sequence[KeyLine]]], commands: Iterable[Command], acting: Collection[str]
) -> list[tuple[str, Sequence[KeyLine]]]:
    """The keys that act on a lab's page: its `own` by group, and those of the commands that are `acting` there."""
    lines = [KeyLine(one.keys, one.title) for one in commands if one.keys and one.id in acting]
    return [*own, (WINDOW, [*lines, *_MORE[WINDOW]])]


def as_text(groups: Iterable[tuple[str, Sequence[KeyLine]]]) -> str:
    """The sheet as plain text, to be printed."""
    parts = ["Keys of Concurrency Explorer"]
    for group, lines in groups:
        width = max(len(", ".join(line.keys)) for line in lines)
        parts.append("\n".join([group, *(f"  {', '.join(line.keys):<{width}}  {line.words}" for line in lines)]))
    return "\n\n".join(parts) + "\n"
