"""What lanes are called that are too low for a name each: forty workers are one name beside all of them. No Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from explorer.desktop.timeline.layout import Placed
from explorer.desktop.timeline.rows import RowKind


@dataclass(frozen=True, slots=True)
class LowRows:
    """Lanes one below the other that have one name: "Worker 1–40". `top` and `bottom` are theirs, `foot` is that of all
    low lanes around them, px of the content; `keys` are the rows'.
    """

    words: str
    top: int
    bottom: int
    foot: int
    keys: tuple[str, ...]


def low_rows(placed: Sequence[Placed], least: int) -> list[LowRows]:
    """The lanes lower than `least` px, from the top downwards; those that are called alike are one."""
    found: list[LowRows] = []
    for low, some in groupby(placed, key=lambda one: one.row.kind is RowKind.LANE and one.height < least):
        if not low:
            continue
        stretch = list(some)
        for word, alike in groupby(stretch, key=lambda one: (one.row.group, _called(one.row.title)[0])):
            mine = list(alike)
            first, last = _called(mine[0].row.title), _called(mine[-1].row.title)
            words = f"{word[1]} {first[1]}–{last[1]}" if first[1] != last[1] else mine[0].row.title
            keys = tuple(one.row.key for one in mine)
            found.append(LowRows(words, mine[0].y, mine[-1].bottom, stretch[-1].bottom, keys))
    return found


def lines(rows: Sequence[LowRows], high: int, top: int, y_of: Callable[[int], int]) -> list[tuple[LowRows, int]]:
    """Each name with where its line, `high` px, begins: beside the first of its lanes that is in sight, below `top`, or
    under the name before it; those without room beside low lanes are left out. A single low lane has its name across
    its middle, as what is above and below it has. `y_of` is where the content is.
    """
    found: list[tuple[LowRows, int]] = []
    free = top
    for one in rows:
        y = max(y_of(one.top), free)
        in_sight = y_of(one.bottom) > top
        over = high - (one.foot - one.top)
        if over > 0 and y == y_of(one.top) and in_sight:
            found.append((one, y - over // 2))
            continue
        if in_sight and y + high <= y_of(one.foot):
            found.append((one, y))
            free = y + high
    return found


def _called(title: str) -> tuple[str, str]:
    """Name and number of a lane; of one without a number all of it is the name."""
    word, _, number = title.rpartition(" ")
    return (word, number) if word and number.isdigit() else (title, "")
