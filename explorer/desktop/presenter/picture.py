"""The shape of a run as arrays: which row was in which state from when to when, as it is painted on the wall. No Qt.

It is made from the same store and rows as the timeline, anew with every frame while the run goes on. The last one is
kept, so that the wall can show a run that is over, or whose server has died.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from explorer.collect.source import Array, OpenSpan
from explorer.desktop.presenter.wall_rows import shape_rows
from explorer.desktop.timeline.rows import Row, RowKind, build_rows
from explorer.records.phones import MOST, phone_of
from explorer.records.states import State
from explorer.store.store import Store

COLUMNS: Final = 768
"""Of a row with more bars than this, each column shows what most of it was."""
NOTHING: Final = (State.NONE, State.IDLE, State.UNKNOWN)
SEEN: Final = (State.WAITING_GIL, State.RUNNABLE, State.WAITING_LOCK)
"""What a thread does not know of itself: the sampler's word counts."""
MOST_ROWS: Final = 160
MOST_PHONES: Final = 4
"""Of more phones the last ones are shown: each line must be seen from the last row."""
LEAST_SEEN: Final = 0.005
"""A state that takes less of all time is not named: nobody sees it."""
WAVE_ROWS: Final = 12
"""Fewer rows are counted by everybody at a glance."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Bars in the order in which they are painted: `row` (i4), `left` and `right` (f8, seconds from the beginning),
    `state` (i4), `deep` (bool: it lies over what was painted before). `seconds` are shown, and known up to `now`.
    `phones` are the lines of the room's own requests on the same axis, whose titles are the phones' numbers. `locks`
    are the rows of locks, whose bars say that somebody holds them: nothing runs there.
    """

    titles: tuple[str, ...]
    seconds: float
    now: float
    row: Array
    left: Array
    right: Array
    state: Array
    deep: Array
    phones: "Picture | None" = None
    locks: tuple[int, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.titles)

    @property
    def held(self) -> Array:
        """Which bars (bool) are locks that somebody holds."""
        found: Array = np.isin(self.row, self.locks) & (self.state == int(State.RUNNING))
        return found

    def states(self) -> list[State]:
        """The states that are seen, those that take the most time first; what is covered by a deeper bar is not."""
        length = np.where(self.held, 0.0, self.right - self.left)
        count = max(1, self.rows)
        over = np.bincount(self.row[self.deep], length[self.deep], count)
        under = np.bincount(self.row[~self.deep], length[~self.deep], count)
        free = np.clip(1 - over / np.maximum(under, 1e-12), 0.0, 1.0)
        seen = np.where(self.deep, length, length * free[self.row])
        spent = np.bincount(self.state, seen, len(State))
        least = LEAST_SEEN * spent.sum()
        return [State(int(at)) for at in np.argsort(-spent, kind="stable") if spent[at] > least]


def empty(seconds: float) -> Picture:
    """Nothing yet."""
    none = np.zeros(0)
    return Picture((), seconds, 0.0, none.astype("i4"), none, none, none.astype("i4"), none.astype(bool))


def of_run(
    store: Store, words: Sequence[str], begin: int, seconds: float, now: int, *, requests: bool = True
) -> Picture:
    """What `store` knows of the `seconds` from `begin` (ns) on, by `now` (ns). Rows without any bar are left out.

    `words` and `requests` as for `shape_rows`.
    """
    built = build_rows(store, begin, begin + round(seconds * 1e9))
    mine = [row for row in built if phone_of(row.title)]
    others = [row for row in built if row not in mine] if mine else built
    shape = _of_rows(store, shape_rows(others, words, store, requests), begin, seconds, now, MOST_ROWS)
    lines = _of_rows(store, mine, begin, seconds, now, MOST) if mine else None
    return replace(shape, phones=_latest(lines)) if lines is not None and lines.rows else shape


def _latest(lines: Picture) -> Picture:
    """The phones that sent last, in the order of their numbers."""
    last = np.zeros(lines.rows)
    np.maximum.at(last, lines.row, lines.left)
    kept = np.sort(np.argsort(last, kind="stable")[-MOST_PHONES:])
    some = np.isin(lines.row, kept)
    return replace(
        lines,
        titles=tuple(str(phone_of(lines.titles[at])) for at in kept),
        row=np.searchsorted(kept, lines.row[some]).astype("i4"),
        left=lines.left[some],
        right=lines.right[some],
        state=lines.state[some],
        deep=lines.deep[some],
    )


def _of_rows(store: Store, rows: Sequence[Row], begin: int, seconds: float, now: int, most: int) -> Picture:
    """These rows as a picture, no more than `most` of them."""
    end = begin + round(seconds * 1e9)
    opened: dict[int, list[OpenSpan]] = {}
    for span in store.open_spans:
        opened.setdefault(span.track, []).append(span)
    until = min(end, now)
    titles: list[str] = []
    locks: list[int] = []
    found: list[tuple[int, Array]] = []
    for row in rows:
        bars = _bars_of(store, row, opened.get(row.track, []), begin, end, until)
        if len(bars):
            found.append((len(titles), bars))
            locks += [len(titles)] if row.kind is RowKind.LOCK else []
            titles.append("" if row.kind is RowKind.REQUEST and not phone_of(row.title) else row.title)
        if len(titles) == most:
            break
    if not found:
        return empty(seconds)
    bars = np.concatenate([bars for _, bars in found])
    return Picture(
        titles=tuple(titles),
        seconds=seconds,
        now=max(0.0, (until - begin) / 1e9),
        row=np.concatenate([np.full(len(bars), at, "i4") for at, bars in found]),
        left=bars[:, 0],
        right=bars[:, 1],
        state=bars[:, 2].astype("i4"),
        deep=bars[:, 3] > 0,
        locks=tuple(locks),
    )


def _bars_of(store: Store, row: Row, opened: Sequence[OpenSpan], begin: int, end: int, until: int) -> Array:
    """Bars (n, 4) of one row: left, right (s from `begin`), state, depth; the innermost last."""
    parts = []
    for depth in sorted({*store.depths(row.track), *(span.depth for span in opened)}):
        for piece in store.slices(row.track, depth, begin, end):
            parts.append(_part(piece.start, piece.end, piece.state, depth, begin, end))
        for span in opened:
            if span.depth == depth and span.start < until:
                start, last = np.array([span.start]), np.array([until])
                parts.append(_part(start, last, np.array([int(span.state)]), depth, begin, end))
    if row.strip:
        for depth in store.depths(row.strip):
            for piece in store.slices(row.strip, depth, begin, end):
                some = np.isin(piece.state, [int(state) for state in SEEN])
                parts.append(_part(piece.start[some], piece.end[some], piece.state[some], 1, begin, end))
    parts = [part for part in parts if len(part)]
    if not parts:
        return np.zeros((0, 4))
    bars = np.concatenate(parts)
    return _columns(bars, (end - begin) / 1e9) if len(bars) > COLUMNS else bars


def _part(start: Array, end: Array, state: Array, depth: int, begin: int, last: int) -> Array:
    kept = ~np.isin(state, [int(one) for one in NOTHING]) & (end > begin) & (start < last)
    left = (np.maximum(start[kept], begin) - begin) / 1e9
    right = (np.minimum(end[kept], last) - begin) / 1e9
    return np.column_stack([left, right, state[kept].astype(float), np.full(len(left), float(depth > 0))])


def _columns(bars: Array, seconds: float) -> Array:
    """What most of each column is in, equal neighbours joined; what lies deeper counts before what lies under it."""
    width = seconds / COLUMNS
    shares = np.zeros((len(State), COLUMNS + 1))
    edges = np.arange(COLUMNS + 1) * width
    for deep in (0.0, 1.0):
        layer = bars[bars[:, 3] == deep]
        covered = np.zeros_like(shares)
        for value in np.unique(layer[:, 2]):
            some = layer[layer[:, 2] == value]
            covered[int(value), :-1] = _covered(some[:, 0], some[:, 1], edges) / width
        shares = shares * np.clip(1 - covered.sum(0), 0, 1) + covered
    best = np.where(shares.max(0) >= 0.3, shares.argmax(0), 0)
    turns = np.flatnonzero(np.diff(best)) + 1
    begins = np.concatenate([[0], turns])
    ends = np.concatenate([turns, [COLUMNS]])
    kept = (best[begins] > 0) & (ends > begins)
    left, right, state = begins[kept] * width, ends[kept] * width, best[begins[kept]].astype(float)
    return np.column_stack([left, right, state, np.zeros(len(left))])


def _covered(left: Array, right: Array, edges: Array) -> Array:
    """How much of each column (between `edges`) lies in bars that do not overlap, s."""
    order = np.argsort(left)
    left, right = left[order], right[order]
    before = np.concatenate([[0.0], np.cumsum(right - left)])
    at = np.searchsorted(left, edges, side="right")
    last = np.maximum(at - 1, 0)
    inside = before[last] + np.clip(edges - left[last], 0, right[last] - left[last])
    covered: Array = np.diff(np.where(at > 0, inside, 0.0))
    return covered


def waves(picture: Picture) -> list[tuple[float, float, int]]:
    """Groups of bars that begin together, as the middle (s), the middle row and how many they are: forty, forty,
    twenty. None where they begin one after the other, or are few.
    """
    state = next((one for one in picture.states() if one in (State.BLOCKED, State.RUNNING, State.AWAITING)), None)
    if state is None or picture.rows < WAVE_ROWS:
        return []
    some = np.flatnonzero(picture.state == int(state))
    some = some[np.argsort(picture.left[some], kind="stable")]
    left, right = picture.left[some], picture.right[some]
    usual = float(np.median(right - left))
    groups = np.split(np.arange(len(some)), np.flatnonzero(np.diff(left) > usual / 4) + 1)
    if len(groups) > 4:
        return []
    found = []
    for group in groups:
        spread = float(left[group].max() - left[group].min())
        if len(group) < WAVE_ROWS // 2 or spread > usual / 2:
            return []
        middle = float(np.median(left[group]) + np.median(right[group])) / 2
        found.append((middle, float(picture.row[some[group]].mean()), len(group)))
    return found
