"""The near view as arrays: every bar of the rows that are seen, in pixels. No Qt.

Finished spans are drawn up to the horizon (see `follow`), or as far as their row was already shown when they were
open: a bar never shrinks. Bars are whole pixels, at least one wide, with a gap of one from 3 px on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.collect.source import Array, OpenSpan
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.states import State
from explorer.store.rows import Slice
from explorer.store.store import Store

GAP_FROM: Final = 3
BUDGET: Final = 6_000
"""Bars painted one by one in a frame; rows beyond it are painted as columns."""
DENSE: Final = 0.75
"""Bars per pixel of a row from which its columns say more than its bars: most are then thinner than their own gap."""
CALM: Final = 0.6
"""A row goes back to bars below this, so that it does not flicker between the two."""


STICKY: Final = 1.25

Depths = tuple[tuple[int, list[Slice]], ...]


class RowSpans:
    """The finished spans of one row of the timeline in the view: how many there are, and slices by depth, ascending.

    The slices are looked for when they are asked for: of a row that is painted as columns nobody does.
    """

    __slots__ = ("_depths", "_find", "count", "track")

    def __init__(self, track: int, find: Callable[[], Depths], count: int) -> None:
        self.track = track
        self.count = count
        self._find = find
        self._depths: Depths | None = None

    @property
    def depths(self) -> Depths:
        """Slices by depth."""
        if self._depths is None:
            self._depths = self._find()
        return self._depths


@dataclass(slots=True)
class Bars:
    """Bars of one depth: pixels `left` and `right` (i4, right excluded, clipped), `row` (index of the row), and what
    they are.
    """

    left: Array
    right: Array
    row: Array
    state: Array
    name: Array
    request: Array

    def __len__(self) -> int:
        return len(self.left)


def spans_in(store: Store, track: int, begin: int, end: int, at: Sequence[int] | None = None) -> RowSpans:
    """The finished spans of a track that touch the time from `begin` to `end` (ns), of all depths or those in `at`."""
    wanted = store.depths(track) if at is None else at

    def find() -> Depths:
        return tuple((depth, store.slices(track, depth, begin, end)) for depth in wanted)

    count = 0
    for depth in wanted:  # mostly one: a generator would take as long as counting does
        count += store.count_in(track, depth, begin, end)
    return RowSpans(track, find, count)


def dense_rows(
    spans: Sequence[RowSpans], width: int, dense_before: Iterable[int], families: Mapping[int, str]
) -> set[int]:
    """The tracks to paint as columns: those with too many bars for their pixels, then the fullest until the rest
    fits.

    `families` names the family of a track that has one: its rows are alike and must look alike, so they are painted in
    one way, as they are on the average.
    """
    before = set(dense_before)
    together: dict[object, list[RowSpans]] = {}
    for row in spans:
        together.setdefault(families.get(row.track, row.track), []).append(row)
    dense: set[int] = set()
    # What was painted as columns counts for more, so that rows do not change sides with every span that comes into
    # view.
    rest = []
    for number, rows in enumerate(together.values()):
        tracks = {row.track for row in rows}
        total, was = sum(row.count for row in rows), not before.isdisjoint(tracks)
        if total > len(rows) * width * (CALM if was else DENSE):
            dense |= tracks
        else:
            weight = total * STICKY if was else total
            rest.append((weight / len(rows), number, weight, tracks))
    rest.sort()
    most = sum(weight for *_, weight, _ in rest)
    while most > BUDGET:
        *_, weight, tracks = rest.pop()
        most -= weight
        dense |= tracks
    return dense


def near_bars(
    spans: Sequence[tuple[int, RowSpans]],
    open_spans: Mapping[int, Sequence[OpenSpan]],
    rows_of_open: Mapping[int, int],
    view: Viewport,
    horizon: int,
    now: int,
    shown: Mapping[tuple[int, int], int],
) -> list[tuple[int, Bars]]:
    """Bars by depth, the outermost first.

    `spans` are (index of the row, its finished spans); `open_spans` are by track, and `rows_of_open` says at which
    row a track is; `shown` says up to when (ns) a (track, depth) has already been shown.
    """
    layers: dict[int, _Layer] = {}
    for index, row in spans:
        for depth, pieces in row.depths:
            for piece in pieces:
                layers.setdefault(depth, _Layer()).add(index, piece, row.track)
    bars: dict[int, Bars] = {}
    for depth, layer in layers.items():
        bars[depth] = layer.bars(view, horizon, depth, shown)
    for depth, opened in _open_by_depth(open_spans, rows_of_open, view, now).items():
        extra = _open_bars(opened, view, now)
        bars[depth] = _joined(bars[depth], extra) if depth in bars else extra
    return sorted(bars.items())


def pixels(view: Viewport, start: Array, end: Array) -> tuple[Array, Array]:
    """Left and right (excluded) of bars in whole pixels, i4: at least one wide, one less from `GAP_FROM` px on."""
    left = np.rint(view.xs(start)).astype("<i4")
    right = np.rint(view.xs(end)).astype("<i4")
    width = np.maximum(right - left, 1)
    width -= width > GAP_FROM
    return left, left + width


class _Layer:
    """Pieces of one depth, joined once."""

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._tracks: list[int] = []
        self._pieces: list[Slice] = []

    def add(self, row: int, piece: Slice, track: int) -> None:
        self._rows.append(row)
        self._tracks.append(track)
        self._pieces.append(piece)

    def bars(self, view: Viewport, horizon: int, depth: int, shown: Mapping[tuple[int, int], int]) -> Bars:
        pieces = self._pieces
        counts = [len(piece) for piece in pieces]
        start = np.concatenate([piece.start for piece in pieces])
        end = np.concatenate([piece.end for piece in pieces])
        row = np.repeat(np.asarray(self._rows, "<i4"), counts)
        state = shown_state(np.concatenate([piece.state for piece in pieces]))
        name = np.concatenate([piece.name for piece in pieces])
        request = np.concatenate([piece.request for piece in pieces])
        beyond = np.flatnonzero(end > horizon)
        if len(beyond):
            limits = [max(horizon, shown.get((track, depth), 0)) for track in self._tracks]
            limit = np.repeat(np.asarray(limits, "<i8"), counts)
            seen = (start < limit) | (end <= horizon)
            end = np.minimum(end, limit)
            if not seen.all():
                start, end, row, state = start[seen], end[seen], row[seen], state[seen]
                name, request = name[seen], request[seen]
        left, right = pixels(view, start, end)
        return Bars(left, right, row, state, name, request)


def _open_by_depth(
    open_spans: Mapping[int, Sequence[OpenSpan]], rows: Mapping[int, int], view: Viewport, now: int
) -> dict[int, list[tuple[int, OpenSpan]]]:
    """The open spans in view with the rows they are in."""
    found: dict[int, list[tuple[int, OpenSpan]]] = {}
    if now > view.begin:
        for track, index in rows.items():
            for span in open_spans.get(track, ()):
                if span.start < view.end:
                    found.setdefault(span.depth, []).append((index, span))
    return found


def _open_bars(opened: Sequence[tuple[int, OpenSpan]], view: Viewport, now: int) -> Bars:
    start = np.array([span.start for _, span in opened], "<i8")
    left, right = pixels(view, start, np.maximum(start + 1, now))
    return Bars(
        left,
        right,
        np.array([index for index, _ in opened], "<i4"),
        shown_state(np.array([span.state for _, span in opened], "u1")),
        np.array([span.name for _, span in opened], "<u4"),
        np.array([span.request for _, span in opened], "<u8"),
    )


def _joined(first: Bars, second: Bars) -> Bars:
    return Bars(
        np.concatenate((first.left, second.left)),
        np.concatenate((first.right, second.right)),
        np.concatenate((first.row, second.row)),
        np.concatenate((first.state, second.state)),
        np.concatenate((first.name, second.name)),
        np.concatenate((first.request, second.request)),
    )


def shown_state(state: Array) -> Array:
    """States as painted: what has none is unknown."""
    return np.where(state == State.NONE, np.uint8(State.UNKNOWN), state)
