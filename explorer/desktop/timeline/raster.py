"""The far view: pages of columns, computed a few at a time, kept, and put on the screen as images.

A page is 128 columns of all rows. What a column shows depends only on absolute time, so a page stays right while the
view pans, and following the present adds to the last page alone. A picture that is not finished within a frame's
allowance is finished in the next ones; until then the page shows what another zoom level knew of the same time.
Coarser pages are summed from finer ones where those exist.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from explorer.analysis.divided import share_out
from explorer.collect.source import Array
from explorer.desktop.timeline.coverage import stack
from explorer.desktop.timeline.hatching import Hatches, hatch
from explorer.store.coverage import STATES, cover_states
from explorer.store.store import Appended, Store

COLUMNS: Final = 128
PAGES_KEPT: Final = 40
SLOTS_KEPT: Final = 512
"""Rows after which the pages begin anew: a run may have thousands of threads, one after the other."""
SPANS_AT_ONCE: Final = 3_000
"""Spans that are covered in one go: about 0.3 ms. Between two goes the allowance is asked."""
CATCH_UP: Final = 20_000
"""New spans of a row beyond which its pages are computed again instead of added to."""
FOREVER: Final = 1 << 62
NOTHING, EVERYTHING = (COLUMNS, 0), (0, COLUMNS)


@dataclass(frozen=True, slots=True)
class RasterRow:
    """A row of the far view: its track, its bars' place in the content (`top`, `height` in pixels), which of the
    palettes it is painted with, and the track of what the sampler saw its thread do, which is a row too (0: nothing).
    """

    track: int
    top: int
    height: int
    palette: int = 0
    strip: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """How pages are painted: content height, palettes ((n, STATES) of u4, 0xFFRRGGBB by State, 0 the lane), rows by
    track, and a number per such look.
    """

    number: int
    height: int
    palettes: Array
    places: Mapping[int, RasterRow] = field(default_factory=dict)
    hatches: Hatches = ()
    """Patterns of the first palette's states."""


class Page:
    """The columns `index * COLUMNS` to `(index + 1) * COLUMNS` of bins of `1 << bits` ns, for all rows.

    `covered` is (slots, STATES, COLUMNS) of f4; `known` says of which slots. `picture` is (content height, COLUMNS) of
    u4: of the slots in `drawn` it shows something, of those in `painted` the newest. Where it shows something, but not
    the newest, what has changed lies within the columns `stale` (first, last excluded).
    """

    def __init__(self, bits: int, index: int, slots: int) -> None:
        self.bits = bits
        self.index = index
        self.covered = np.zeros((slots, STATES, COLUMNS), "<f4")
        self.known = np.zeros(slots, bool)
        self.drawn = np.zeros(slots, bool)
        self.painted = np.zeros(slots, bool)
        self.picture: Array | None = None
        self.look: Look | None = None
        self.stale = NOTHING

    @property
    def origin(self) -> int:
        """Time of its left edge, ns."""
        return self.index * COLUMNS << self.bits

    @property
    def end(self) -> int:
        """Time of its right edge, ns."""
        return (self.index + 1) * COLUMNS << self.bits

    def grow(self, slots: int) -> None:
        """Make room for more rows."""
        more = slots - len(self.known)
        if more > 0:
            self.covered = np.concatenate((self.covered, np.zeros((more, STATES, COLUMNS), "<f4")))
            self.known = np.concatenate((self.known, np.zeros(more, bool)))
            self.drawn = np.concatenate((self.drawn, np.zeros(more, bool)))
            self.painted = np.concatenate((self.painted, np.zeros(more, bool)))


class Raster:
    """Pages of a store. `allowed` is asked between two pieces of work whether there is time for more in this frame."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._slots: dict[int, int] = {}
        self._seen: dict[tuple[int, int], int] = {}
        self._pages: dict[tuple[int, int], Page] = {}
        self._late = 0
        self._read = 0
        """Up to which of the store's batches the pages have what they know of."""

    def update(
        self, rows: Sequence[RasterRow], bits: int, begin: int, end: int, look: Look, allowed: Callable[[], bool]
    ) -> tuple[list[Page], bool]:
        """Bring the pages from `begin` to `end` (ns) up to the store; True if something must wait for another frame."""
        if len(self._slots) > max(SLOTS_KEPT, 2 * len(rows)):
            self._slots.clear()
            self._forget_all()
        for row in rows:
            self._slots.setdefault(row.track, len(self._slots))
        if self._store.tally.late != self._late:
            # Something came out of order, behind what the pages have already counted.
            self._late = self._store.tally.late
            self._forget_all()
        first, last = begin >> bits, end >> bits
        pages = [self._page(bits, index) for index in range(first // COLUMNS, last // COLUMNS + 1)]
        self._advance(pages)
        slots = np.array([self._slots[row.track] for row in rows], "<i8")
        here = {row.track for row in rows}
        strips = [(self._slots[row.track], self._slots[row.strip]) for row in rows if row.strip in here]
        for page in pages:
            # All of them, also those that must wait: a page is shown where the rows are now.
            if page.look is None or page.look.number != look.number:
                self._relook(page, look)
        waiting = worked = False
        for page in reversed(pages):
            self._erase_others(page, slots, look)
            if strips:
                lanes, seen = np.array(strips).T
                page.painted[lanes] &= page.painted[seen]
            if page.painted[slots].all():
                continue
            # The first go of a frame is never refused: where all else takes too long, it would never be finished.
            if (worked and not allowed()) or not self._complete(page, rows, allowed):
                waiting = True
                break
            worked = True
            self._paint(page, rows, look)
            if page.painted[page.drawn].all():
                page.stale = NOTHING
        self._trim(pages)
        return pages, waiting

    def _relook(self, page: Page, look: Look) -> None:
        """Begin a page's picture anew; rows that have only moved, in the same colours, are copied."""
        before, old = page.look, page.picture
        page.picture = np.full((look.height, COLUMNS), look.palettes[0, 0], "<u4")
        page.look = look
        drawn, page.drawn = page.drawn, np.zeros_like(page.drawn)
        if (
            before is not None
            and old is not None
            and np.array_equal(before.palettes, look.palettes)
            and before.hatches == look.hatches
        ):
            for track, row in look.places.items():
                slot, was = self._slots.get(track), before.places.get(track)
                if slot is not None and was is not None and was.height == row.height and drawn[slot]:
                    page.picture[row.top : row.top + row.height] = old[was.top : was.top + was.height]
                    page.drawn[slot] = True
        page.painted &= page.drawn

    def _erase_others(self, page: Page, slots: Array, look: Look) -> None:
        """Take rows that are bars again out of a page's picture: they would show between the bars."""
        others = page.drawn.copy()
        others[slots] = False
        if page.picture is None or not others.any():
            return
        for track, row in look.places.items():
            slot = self._slots.get(track)
            if slot is not None and others[slot]:
                page.picture[row.top : row.top + row.height] = look.palettes[0, 0]
        page.drawn[others] = page.painted[others] = False

    def _paint(self, page: Page, rows: Sequence[RasterRow], look: Look) -> None:
        """Draw the rows that have changed into the page's picture."""
        if page.picture is None:
            return
        alike: dict[tuple[int, int, bool], list[RasterRow]] = {}
        for row in rows:
            slot = self._slots[row.track]
            if not page.painted[slot]:
                alike.setdefault((row.height, row.palette, bool(page.drawn[slot])), []).append(row)
        for (high, palette, shows), some in alike.items():
            slots = [self._slots[row.track] for row in some]
            first, last = page.stale if shows else EVERYTHING
            page.painted[slots] = page.drawn[slots] = True
            if first >= last:
                continue
            columns = stack(self._shared(page, some, first, last), page.bits, high, look.palettes[palette])
            if look.hatches and palette == 0:
                hatch(columns, look.palettes[0], look.hatches, page.index * COLUMNS + first)
            for row, picture in zip(some, columns, strict=True):
                page.picture[row.top : row.top + high, first:last] = picture

    def _shared(self, page: Page, rows: Sequence[RasterRow], first: int, last: int) -> Array:
        """What the rows covered in some columns, with the time that work ran given to what the sampler saw instead."""
        covered: Array = page.covered[[self._slots[row.track] for row in rows], :, first:last]
        seen = [at for at, row in enumerate(rows) if row.strip in self._slots and page.known[self._slots[row.strip]]]
        if seen:
            strips = page.covered[[self._slots[rows[at].strip] for at in seen], :, first:last]
            covered[seen] = share_out(covered[seen], strips)
        return covered

    def drawn(self, page: Page, rows: Sequence[RasterRow]) -> Array:
        """Of which rows a page shows something: (rows,) of bool."""
        page.grow(len(self._slots))
        some: Array = page.drawn[[self._slots[row.track] for row in rows]]
        return some

    def others(self, bits: int, begin: int, end: int, look: Look) -> list[Page]:
        """Painted pages of the nearest other zoom level that show something between `begin` and `end`: a stopgap."""
        levels: dict[int, list[Page]] = {}
        for page in self._pages.values():
            same = page.look is not None and page.look.number == look.number and page.bits != bits
            if same and page.end > begin and page.origin < end:
                levels.setdefault(page.bits, []).append(page)
        if not levels:
            return []
        return levels[min(levels, key=lambda level: abs(level - bits))]

    def _page(self, bits: int, index: int) -> Page:
        page = self._pages.pop((bits, index), None) or Page(bits, index, len(self._slots))
        page.grow(len(self._slots))
        self._pages[bits, index] = page  # last in the dictionary: most recently used
        return page

    def _trim(self, shown: Sequence[Page]) -> None:
        keep = max(PAGES_KEPT, 3 * len(shown))
        while len(self._pages) > keep:
            del self._pages[next(iter(self._pages))]

    def _forget_all(self) -> None:
        self._pages.clear()
        self._seen.clear()

    def _forget(self, slots: Array, since: Array, but: Sequence[Page] = ()) -> None:
        """Pages that end after a time `since` (n,) (ns) do not know the row in `slots` (n,) any more."""
        latest = int(since.min())
        spared = {id(page) for page in but}
        for page in self._pages.values():
            if page.end <= latest or id(page) in spared:
                continue
            gone = slots[(since < page.end) & (slots < len(page.known))]
            gone = gone[page.known[gone]]
            if len(gone):
                page.known[gone] = page.painted[gone] = False
                page.stale = EVERYTHING

    def keep_up(self) -> None:
        """No page is wanted: forget of those that are kept what the store has got since."""
        self._advance([])

    def _advance(self, pages: Sequence[Page]) -> None:
        """Add what the store has got since the last frame to the pages that have the row already.

        Of what is not added here, to pages that are not wanted now, the pages' rows are forgotten.
        """
        newest = self._store.newest(self._read)
        self._read = self._store.appended
        if newest is not None:
            gathered = self._gather_newest(newest)
        else:
            gathered = self._gather_missed()
        if not gathered.starts:
            return
        start, end, state, level, at = gathered.columns()
        self._forget(at, start, pages)
        for page in pages:
            self._add(page, start, end, state, level, at)

    def _gather_newest(self, newest: Sequence[Appended]) -> "_Gathered":
        """The spans of the newest batches in rows that have a slot."""
        gathered = _Gathered()
        slots = self._slots
        for some in newest:
            self._seen.update(zip(some.keys, some.ends, strict=True))
            mine = [slots.get(track, -1) for track, _ in some.keys]
            gathered.add_rows(some, mine)
        return gathered

    def _gather_missed(self) -> "_Gathered":
        """The same, looked for row by row: more has come than the store keeps at hand."""
        gathered = _Gathered()
        anew: dict[int, int] = {}
        # What is not looked at here is not known any more: once a row has a slot, its pages hold more than was seen.
        self._seen = {key: seen for key, seen in self._seen.items() if key[0] in self._slots}
        for track, slot in self._slots.items():
            for depth in self._store.depths(track):
                key = (track, depth)
                seen, last = self._seen.get(key), self._store.last_end(*key)
                if last is None or seen == last:
                    continue
                self._seen[key] = last
                if seen is None:
                    # Nothing of this row is in any page yet, but perhaps of its other depths.
                    anew[slot] = -FOREVER
                    continue
                new = self._store.slices(*key, seen + 1, FOREVER)
                if sum(len(piece) for piece in new) > CATCH_UP:
                    anew[slot] = min(anew.get(slot, FOREVER), int(new[0].start[0]))
                    continue
                for piece in new:
                    gathered.add(piece.start, piece.end, piece.state, depth, slot)
        if anew:
            self._forget(np.array(list(anew), "<i8"), np.array(list(anew.values()), "<i8"))
        return gathered

    def _add(self, page: Page, start: Array, end: Array, state: Array, level: Array, at: Array) -> None:
        """Add those of the spans, (n,) each, to a page that lie in it and in rows that it has; `at` are the slots."""
        touching = np.flatnonzero((end > page.origin) & (start < page.end))
        if not len(touching):
            return
        mine = touching[page.known[at[touching]]]
        if not len(mine):
            return
        slots, its = np.unique(at[mine], return_inverse=True)
        page.covered[slots] += cover_states(
            start[mine], end[mine], state[mine], level[mine], its, len(slots), page.origin, page.bits, COLUMNS
        )
        page.painted[slots] = False
        low, high = page.stale
        first, last = int(start[mine].min()) - page.origin, int(end[mine].max()) - page.origin
        page.stale = max(0, min(low, first >> page.bits)), min(COLUMNS, max(high, (last >> page.bits) + 1))

    def _complete(self, page: Page, rows: Sequence[RasterRow], allowed: Callable[[], bool]) -> bool:
        """Compute the rows that a page does not have; False if the time ran out before."""
        missing = [row for row in rows if not page.known[self._slots[row.track]]]
        if missing:
            missing = self._sum_finer(page, missing)
        while missing:
            missing = self._compute(page, missing, allowed)
            if missing and not allowed():
                return False
        return True

    def _sum_finer(self, page: Page, missing: list[RasterRow]) -> list[RasterRow]:
        """Take rows from the two pages of the next finer level, if both have them."""
        left = self._pages.get((page.bits - 1, 2 * page.index))
        right = self._pages.get((page.bits - 1, 2 * page.index + 1))
        if left is None or right is None:
            return missing
        both = [
            self._slots[row.track]
            for row in missing
            if self._slots[row.track] < min(len(left.known), len(right.known))
            and left.known[self._slots[row.track]]
            and right.known[self._slots[row.track]]
        ]
        if both:
            half = COLUMNS // 2
            page.covered[both, :, :half] = left.covered[both].reshape(len(both), STATES, half, 2).sum(axis=3)
            page.covered[both, :, half:] = right.covered[both].reshape(len(both), STATES, half, 2).sum(axis=3)
            page.known[both] = True
            page.stale = EVERYTHING
        return [row for row in missing if not page.known[self._slots[row.track]]]

    def _prepared(self, page: Page, row: RasterRow, allowed: Callable[[], bool]) -> bool:
        """Whether all that is to be seen of a row from afar has been made, as far as there is time for it."""
        for depth in self._store.depths(row.track):
            while not self._store.prepare(row.track, depth, page.origin, page.end - 1, page.bits):
                if not allowed():
                    return False
        return True

    def _compute(self, page: Page, missing: list[RasterRow], allowed: Callable[[], bool]) -> list[RasterRow]:
        """Compute as many of the rows as one go holds; return the others."""
        gathered = _Gathered()
        done: list[int] = []
        for row in missing:
            if not self._prepared(page, row, allowed):
                break
            slot = self._slots[row.track]
            covered = page.covered[slot]
            covered[:] = 0
            for depth in self._store.depths(row.track):
                for piece in self._store.add_coverage(row.track, depth, covered, page.origin, page.end - 1, page.bits):
                    gathered.add(piece.start, piece.end, piece.state, depth, len(done))
            done.append(slot)
            if gathered.count > SPANS_AT_ONCE or not allowed():
                break
        if gathered.starts:
            start, end, state, level, at = gathered.columns()
            page.covered[done] += cover_states(start, end, state, level, at, len(done), page.origin, page.bits, COLUMNS)
        page.known[done] = True
        page.painted[done] = False
        page.stale = EVERYTHING
        return missing[len(done) :]


class _Gathered:
    """Spans of several rows and depths, collected as pieces and joined once."""

    def __init__(self) -> None:
        self.starts: list[Array] = []
        self.count = 0
        self._ends: list[Array] = []
        self._states: list[Array] = []
        self._depths: list[int] = []
        self._slots: list[int] = []
        self._counts: list[int] = []

    def add(self, start: Array, end: Array, state: Array, depth: int, slot: int) -> None:
        self.starts.append(start)
        self._ends.append(end)
        self._states.append(state)
        self._depths.append(depth)
        self._slots.append(slot)
        self._counts.append(len(start))
        self.count += len(start)

    def add_rows(self, some: Appended, slots: Sequence[int]) -> None:
        """The rows of a batch that have a slot; the others have -1."""
        bounds = some.bounds
        first = 0
        while first < len(slots):
            if slots[first] < 0:
                first += 1
                continue
            last = first
            while last < len(slots) and slots[last] >= 0:
                self._depths.append(some.keys[last][1])
                self._slots.append(slots[last])
                self._counts.append(bounds[last + 1] - bounds[last])
                last += 1
            span = slice(bounds[first], bounds[last])
            self.starts.append(some.start[span])
            self._ends.append(some.end[span])
            self._states.append(some.state[span])
            first = last

    def columns(self) -> tuple[Array, Array, Array, Array, Array]:
        """Start, end, state, depth, slot."""
        return (
            np.concatenate(self.starts),
            np.concatenate(self._ends),
            np.concatenate(self._states).astype("<i8"),
            np.repeat(self._depths, self._counts),
            np.repeat(np.asarray(self._slots, "<i8"), self._counts),
        )
