"""How high the rows are and where they stand: wide or compact, folded to what fits, else scrolled. No Qt."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby, zip_longest
from typing import Final

from explorer.desktop.timeline.rows import Row, RowKind


@dataclass(frozen=True, slots=True)
class Heights:
    """Heights of the kinds of rows in pixels, the gap below a lane included in `lane`; `strip` is that of the states at
    a lane's foot.
    """

    group: int
    lane: int
    request: int
    counter: int
    gil: int
    fold: int
    strip: int

    def of(self, row: Row) -> int:
        """Height of a row."""
        match row.kind:
            case RowKind.GROUP:
                return self.group
            case RowKind.LANE:
                return self.lane
            case RowKind.REQUEST:
                return self.request
            case RowKind.COUNTER:
                return self.counter
            case RowKind.GIL:
                return self.gil
            case RowKind.LOCK:
                return 2 * PAD + self.held(row) + self.tower(row)
            case RowKind.FOLD | RowKind.DEPTH:
                return self.fold

    def held(self, row: Row) -> int:
        """Height of the bar of who holds a lock; of several holders a little more."""
        one = max(5, round(self.lane * HELD_SHARE))
        return one if row.holders < 2 else one + min(row.holders, MOST_HOLDERS) * max(2, self.lane // 9)

    def tower(self, row: Row) -> int:
        """Height of the tower of those who wait for a lock: room for one at least, and for not much more than
        `FULL_STOREYS`: what is higher has lower storeys.
        """
        one = max(3, round(self.lane * STOREY_SHARE))
        higher = max(0, min(row.storeys, MOST_STOREYS) - FULL_STOREYS)
        return one * max(1, min(row.storeys, FULL_STOREYS)) + higher * max(1, one // 4)


ROOMY: Final = Heights(group=32, lane=76, request=22, counter=60, gil=40, fold=24, strip=8)
WIDE: Final = Heights(group=28, lane=54, request=20, counter=46, gil=36, fold=22, strip=6)
MIDDLE: Final = Heights(group=26, lane=38, request=16, counter=34, gil=30, fold=20, strip=6)
COMPACT: Final = Heights(group=24, lane=28, request=11, counter=24, gil=23, fold=18, strip=5)
CLOSE: Final = Heights(group=22, lane=24, request=11, counter=22, gil=21, fold=18, strip=5)
SNUG: Final = Heights(group=22, lane=20, request=10, counter=19, gil=19, fold=17, strip=4)
TIGHT: Final = Heights(group=20, lane=15, request=9, counter=16, gil=15, fold=16, strip=3)
ALL: Final = (WIDE, MIDDLE, COMPACT, CLOSE, SNUG, TIGHT)


class Density(Enum):
    """How high rows are. AUTO takes the highest that fit, and folds what does not fit the lowest; TIGHT folds
    nothing; WHOLE folds nothing and has lanes and requests as low as they must be for all to be seen at once.
    """

    AUTO = "auto"
    WIDE = "wide"
    COMPACT = "compact"
    TIGHT = "tight"
    WHOLE = "whole"


LOWEST: Final = {RowKind.LANE: 8, RowKind.REQUEST: 5}
"""Heights below which nothing can be told of a bar any more, px."""
PAD: Final = 3
HELD_SHARE: Final = 0.42
STOREY_SHARE: Final = 0.32
"""Of a lane's height: the bar of a lock's holder, and a storey of the tower above it."""
FULL_STOREYS: Final = 5
MOST_STOREYS: Final = 25
MOST_HOLDERS: Final = 10
KEPT_LOCKS: Final = 3
KEPT_LANES: Final = 4
KEPT_REQUESTS: Final = 8
KEPT_DEPTHS: Final = 5
"""Rows of one kind that folding leaves in sight, however little room there is."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A row with its place in the content: `y` of its top, `height`, and that of its `strip` if it has one, in px;
    of a lock that of the bar of who holds it."""

    row: Row
    y: int
    height: int
    strip: int = WIDE.strip

    @property
    def bottom(self) -> int:
        """First pixel below it."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Layout:
    """All rows in place; `height` of the content, which scrolls if it is more than there is room for."""

    placed: tuple[Placed, ...] = ()
    height: int = 0
    heights: Heights = WIDE

    def at(self, y: float) -> Placed | None:
        """The row at a height of the content."""
        low, high = 0, len(self.placed)
        while low < high:
            middle = (low + high) // 2
            if self.placed[middle].bottom <= y:
                low = middle + 1
            else:
                high = middle
        return self.placed[low] if low < len(self.placed) and self.placed[low].y <= y else None

    def find(self, key: str) -> Placed | None:
        """The row with this key."""
        return next((placed for placed in self.placed if placed.row.key == key), None)

    def of_track(self, track: int) -> Placed | None:
        """The row that shows a track."""
        return next((it for it in self.placed if track in (it.row.track, it.row.strip)), None) if track else None

    def between(self, top: float, bottom: float) -> list[Placed]:
        """The rows that show in a stretch of the content."""
        return [placed for placed in self.placed if placed.bottom > top and placed.y < bottom]


@dataclass(frozen=True, slots=True)
class _Claims:
    """Which rows of a cut run stay in sight; all are track numbers."""

    pinned: Set[int]
    busy: Set[int]
    before: Set[int]

    def staying(self, run: Sequence[Row], number: int) -> list[Row]:
        """`number` rows of a run, or as many as must be seen if that is more, in the run's order."""
        if number >= len(run):
            return list(run)
        ranks, lead, must = [], 0, 0
        for at, row in enumerate(run):
            names_route = row.kind is RowKind.REQUEST and bool(row.title)
            lead = at if names_route else lead
            pinned, first = row.track in self.pinned, (at == 0 and not row.ended) or names_route
            must += pinned or first
            # The requests of several routes share the room: the second of each comes before the third of any.
            # What is over makes room for what goes on: connections come and go by the hundred.
            quiet, unseen = row.ended or row.track not in self.busy, row.track not in self.before
            ranks.append((not pinned, not first, quiet, unseen, at - lead, at))
        stay = sorted(rank[-1] for rank in sorted(ranks)[: max(number, must)])
        return [run[at] for at in stay]


def arrange(
    rows: Sequence[Row],
    room: int,
    density: Density = Density.AUTO,
    *,
    compact: bool = False,
    unfolded: Set[str] = frozenset(),
    pinned: Set[int] = frozenset(),
    busy: Set[int] = frozenset(),
    before: Set[int] = frozenset(),
    scale: float = 1.0,
    roomy: bool = False,
) -> Layout:
    """Place `rows` in `room` pixels of height.

    `compact` (a low window) leaves out the wide heights; `roomy` has higher ones still, for few rows.
    Long runs of lanes or requests that do not fit are folded into
    one row that says how many it hides, but for those whose fold's key is in `unfolded`; the tracks in `pinned` (the
    selection's) stay in sight, then the first of each route, then those in `busy`, of equals those in sight `before`.
    """
    if density is Density.WHOLE:
        return _whole(rows, room, scale)
    claims = _Claims(pinned, busy, before)
    fixed = {Density.WIDE: (WIDE,), Density.COMPACT: (COMPACT,), Density.TIGHT: (TIGHT,)}
    choices = fixed.get(density, ALL[1:] if compact else (ROOMY, *ALL) if roomy else ALL)
    for number, plain in enumerate(choices):
        heights = _scaled(plain, scale)
        whole = _stack(rows, heights)
        if whole.height <= room or density is Density.TIGHT:
            return whole
        if number == len(choices) - 1:
            folded = _stack(_folded(rows, heights, room, unfolded, claims), heights)
            over = folded.height - room  # of rows whose route was left with one
            return _stack(_folded(rows, heights, room - over, unfolded, claims), heights) if over > 0 else folded
    return Layout()


def _whole(rows: Sequence[Row], room: int, scale: float) -> Layout:
    """All rows, as high as fits; where the lowest heights do not, lanes and requests are made lower still."""
    for plain in ALL:
        whole = _stack(rows, _scaled(plain, scale))
        if whole.height <= room:
            return whole
    least = _scaled(TIGHT, scale)
    over = whole.height - room
    for kind, name in ((RowKind.REQUEST, "request"), (RowKind.LANE, "lane")):
        count = sum(row.kind is kind for row in rows)
        if count and over > 0:
            height = getattr(least, name)
            lower = max(LOWEST[kind], height - -(-over // count))
            over -= count * (height - lower)
            least = replace(least, **{name: lower}, strip=min(least.strip, 2) if kind is RowKind.LANE else least.strip)
    return _stack(rows, least)


def _stack(rows: Sequence[Row], heights: Heights) -> Layout:
    placed, y = [], 0
    for row, after in zip_longest(rows, rows[1:]):
        height = heights.of(row)
        alone = after is None or after.kind is not RowKind.REQUEST or after.title
        if row.kind is RowKind.REQUEST and row.title and alone:
            height = max(height, heights.fold)  # the name of a route needs a line, be there two rows or one
        foot = heights.held(row) if row.kind is RowKind.LOCK else heights.strip
        placed.append(Placed(row, y, height, foot))
        y += height
    return Layout(tuple(placed), y, heights)


def _scaled(heights: Heights, scale: float) -> Heights:
    if scale == 1.0:
        return heights
    return Heights(*(round(getattr(heights, name) * scale) for name in Heights.__slots__))


def _folded(rows: Sequence[Row], heights: Heights, room: int, unfolded: Set[str], claims: _Claims) -> list[Row]:
    """`rows` with their longest runs cut, what takes most room first, until all fits or nothing more may be cut."""
    runs = [list(run) for _, run in groupby(rows, key=lambda row: (row.group, row.kind))]
    kept = [len(run) for run in runs]
    least = [_least(run, unfolded) for run in runs]
    over = sum(heights.of(row) for row in rows) - room
    while over > 0:
        largest = max(range(len(runs)), key=lambda at: _spare(runs[at], kept[at], least[at], heights), default=-1)
        if largest < 0 or kept[largest] <= least[largest]:
            break
        if kept[largest] == len(runs[largest]):
            over += heights.fold
        kept[largest] -= 1
        over -= heights.of(runs[largest][kept[largest]])
    folded: list[Row] = []
    for run, number, bound in zip(runs, kept, least, strict=True):
        stay = claims.staying(run, number)
        folded += stay
        opened = fold_key(run[0]) in unfolded and len(run) > _always(run[0].kind)
        if len(stay) < len(run) or (opened and bound == len(run)):
            folded.append(_fold(run, len(run) - len(stay)))
    return folded


def _always(kind: RowKind) -> int:
    return {
        RowKind.LANE: KEPT_LANES,
        RowKind.REQUEST: KEPT_REQUESTS,
        RowKind.DEPTH: KEPT_DEPTHS,
        RowKind.LOCK: KEPT_LOCKS,
    }.get(kind, 1 << 30)


def _least(run: Sequence[Row], unfolded: Set[str]) -> int:
    """How many rows of a run must stay: at least two are hidden behind a fold, or it is not worth its row."""
    bound = _always(run[0].kind)
    return len(run) if fold_key(run[0]) in unfolded or len(run) < bound + 2 else bound


def _spare(run: Sequence[Row], kept: int, least: int, heights: Heights) -> int:
    return sum(map(heights.of, run[:kept])) if kept > least else -1


def fold_key(row: Row) -> str:
    """The key of the fold that a row would go behind."""
    return f"fold {row.group} {row.kind.name}"


def _fold(run: Sequence[Row], hidden: int) -> Row:
    noun = {RowKind.REQUEST: "more rows", RowKind.DEPTH: "depths below", RowKind.LOCK: "more locks"}.get(
        run[0].kind, "more lanes"
    )
    title = f"{hidden} {noun}" if hidden else "Show fewer"
    return replace(
        run[0],
        key=fold_key(run[0]),
        kind=RowKind.FOLD,
        title=title,
        tag="",
        track=0,
        is_open=hidden == 0,
        hidden=hidden,
    )


def bar_room(placed: Placed) -> tuple[int, int]:
    """Top and floor (excluded) of the bars of a row, in the content; below them a lane may have a strip."""
    if placed.row.kind in (RowKind.REQUEST, RowKind.DEPTH):
        return placed.y + 1, placed.bottom - 2
    top, floor = _inner(placed)
    if placed.row.kind is RowKind.LOCK:
        return floor - placed.strip, floor
    if placed.row.kind is RowKind.GIL:
        return (top + (floor - top) // 3 + 1, floor) if placed.row.strip else (top, floor)
    if placed.row.kind is RowKind.LANE and placed.row.strip:
        floor -= placed.strip + 1
    return top, floor


def strip_room(placed: Placed) -> tuple[int, int]:
    """Top and floor (excluded) of a lane's strip; of a GIL's row, of how many wait; of a lock's, of the tower."""
    top, floor = _inner(placed)
    if placed.row.kind is RowKind.LOCK:
        return top, floor - placed.strip
    if placed.row.kind is RowKind.GIL:
        return top, top + (floor - top) // 3
    return floor - placed.strip, floor


def _inner(placed: Placed) -> tuple[int, int]:
    if placed.row.kind is RowKind.LOCK:
        return placed.y + PAD, placed.bottom - PAD
    pad = 4 if placed.height >= MIDDLE.lane else 3 if placed.height > TIGHT.counter else 2
    return placed.y + pad, placed.bottom - pad
