"""Columns and bars, pixel for pixel, against references that go through spans and pixels one by one.

The columns go the whole way: chunks, their pyramids, pages that are summed, added to and moved. Times are small or bins
are powers of two, so that nothing is rounded where the reference, which counts in whole numbers, rounds nothing.
"""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QImage, QPainter

from explorer.collect.source import Array, Batch, Tally
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.coverage import STACK
from explorer.desktop.timeline.near import near_bars, spans_in
from explorer.desktop.timeline.raster import COLUMNS, Look, Raster, RasterRow
from explorer.desktop.timeline.rects import BarPainter
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.states import State
from explorer.store import chunks, pyramid
from explorer.store.coverage import STATES
from explorer.store.rows import Span
from explorer.store.store import Store
from tests.unit.store.model import histories, spans

LANE = 0
TRACKS = (1, 2, 3, 4)
WIDTH = 128


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that every case has chunks with pyramids and chunks without, each with all its levels."""
    monkeypatch.setattr(pyramid, "FEWEST_BINS", 2)
    monkeypatch.setattr(pyramid, "FEWEST_SPANS", 4)
    monkeypatch.setattr(chunks, "SMALLEST_CHUNK", 4)
    monkeypatch.setattr(chunks, "LARGEST_CHUNK", 8)


def column(everything: list[Span], track: int, begin: int, length: int, height: int) -> list[int]:
    """What a column of a row shows, from the top downwards: numbers of states, 0 for the lane."""
    ns = [0] * STATES
    for span in everything:
        if span.track == track:
            inside = min(max(span.end, span.start + 1), begin + length) - max(span.start, begin)
            ns[span.state] += max(0, inside)
            ns[State.RUNNING] -= max(0, inside) if span.depth else 0
    shares = {state: min(height, -(-ns[state] * height // length)) for state in STACK if ns[state] > 0}
    over = sum(shares.values()) - height
    if over > 0:
        largest = max(shares, key=lambda state: shares[state])  # of several the one nearest to the floor
        shares[largest] = max(1, shares[largest] - over)
    pixels = [int(state) for state, share in shares.items() for _ in range(share)][:height]
    if not pixels and ns[State.IDLE] > 0:
        return [int(State.IDLE) if y in (height // 2 - 1, height // 2) else LANE for y in range(height)]
    return [LANE] * (height - len(pixels)) + pixels[::-1]


def settled(raster: Raster, rows: tuple[RasterRow, ...], bits: int, begin: int, end: int, look: Look) -> list[Array]:
    """The pictures of the pages of a stretch, once nothing is left to do."""
    for _ in range(1_000):
        pages, waiting = raster.update(rows, bits, begin, end, look, lambda: False)
        if not waiting:
            return [page.picture for page in pages if page.picture is not None]
    raise AssertionError("It is never finished.")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    histories(),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 300)), min_size=1, max_size=4),
    st.lists(st.integers(5, 40), min_size=4, max_size=4),
)
def test_columns_are_what_adding_up_span_by_span_gives(
    batches: list[list[Span]], looks: list[tuple[int, int]], heights: list[int]
) -> None:
    """While spans come in, some of them late, at several zoom levels one after the other, wherever the view is."""
    tops = np.cumsum([0, *(height + 1 for height in heights)]).tolist()
    rows = tuple(RasterRow(track, top, height) for track, top, height in zip(TRACKS, tops, heights, strict=False))
    look = Look(1, tops[-1], np.arange(STATES, dtype="<u4")[None], {row.track: row for row in rows})
    store = Store()
    raster = Raster(store)
    late = 0
    everything: list[Span] = []
    ends: dict[tuple[int, int], int] = {}
    for batch in batches:
        for span in batch:
            key = span.track, span.depth
            late += span.end < ends.get(key, 0)
            ends[key] = max(ends.get(key, 0), span.end)
        store.append(Batch(now=0, spans=spans(batch), tally=Tally(late=late)))
        everything += batch
        for bits, begin in looks:
            pictures = settled(raster, rows, bits, begin, begin + 200, look)
            first = (begin >> bits) // COLUMNS * COLUMNS
            for page, picture in enumerate(pictures):
                # Some columns of each page: the reference is slow.
                for at in range((page * 7 + begin) % 11, COLUMNS, 11):
                    left = first + page * COLUMNS + at << bits
                    for row in rows:
                        expected = column(everything, row.track, left, 1 << bits, row.height)
                        assert picture[row.top : row.top + row.height, at].tolist() == expected


def rounded(time: int, view: Viewport) -> int:
    """The pixel of a time, halves to the even one."""
    return round(Fraction((time - view.begin) * view.width, view.length))


def reference(theme: Theme, layers: list[list[Span]], view: Viewport, rooms: list[tuple[int, int]]) -> QImage:
    """The bars pixel by pixel: layer by layer, what is inside wipes what it lies in; states in turn."""
    image = blank(theme, rooms)
    for depth, layer in enumerate(layers):
        bars = []
        for span in layer:
            left, right = rounded(span.start, view), rounded(span.end, view)
            width = max(1, right - left)
            bars.append((span, left, left + (width - 1 if width > 3 else width)))
        for span, left, right in bars if depth else []:
            gap = 1 if right - left >= 3 else 0
            put(image, range(left, right + gap), range(*rooms[span.track - 1]), theme.color("lane").rgb())
        for state in State:
            look = theme.state(state)
            mine = [bar for bar in bars if (bar[0].state or State.UNKNOWN) is state]
            texture = filled(theme, state, image)
            for outline in (False, True):
                for span, left, right in mine:
                    top, floor = rooms[span.track - 1]
                    high = max(2, round((floor - top) * look.height))
                    y = range(floor - high, floor)
                    if look.line:
                        y = range(top + (floor - top) // 2 - 1, top + (floor - top) // 2 + 1)
                    if not outline:
                        put(image, range(left, right), y, texture)
                    elif look.edge is not None and not look.line and right - left >= 4:
                        frame(image, range(left, right), y, look.edge.rgb())
    return image


def filled(theme: Theme, state: State, like: QImage) -> QImage:
    """A picture full of a state, with its pattern."""
    image = QImage(like.size(), QImage.Format.Format_RGB32)
    look = theme.state(state)
    image.fill(look.fill)
    if look.texture is not None:
        painter = QPainter(image)
        painter.fillRect(image.rect(), look.texture)
        painter.end()
    return image


def put(image: QImage, xs: range, ys: range, color: int | QImage) -> None:
    for x in xs:
        for y in ys:
            if 0 <= x < image.width() and 0 <= y < image.height():
                image.setPixel(x, y, color if isinstance(color, int) else color.pixel(x, y))


def frame(image: QImage, xs: range, ys: range, color: int) -> None:
    for sides in ((xs, ys[:1]), (xs, ys[-1:]), (xs[:1], ys), (xs[-1:], ys)):
        put(image, *sides, color)


def blank(theme: Theme, rooms: list[tuple[int, int]]) -> QImage:
    image = QImage(WIDTH, rooms[-1][1] + 3, QImage.Format.Format_RGB32)
    image.fill(theme.color("lane"))
    return image


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(), st.sampled_from([0, 0, 1, -1, -3, 2, 4]), st.integers(-20, 60), st.booleans(), st.integers(6, 20))
def test_bars_are_what_painting_pixel_by_pixel_gives(
    dark: Theme, batches: list[list[Span]], zoom: int, begin: int, patterns: bool, high: int
) -> None:
    dark.set_options(patterns=patterns)
    view = Viewport(begin, max(1, int(WIDTH * 2.0**zoom)), WIDTH)
    rooms = [(2 + at * (high + 3), 2 + at * (high + 3) + high) for at in range(len(TRACKS))]
    store = Store()
    for batch in batches:
        store.append(Batch(now=0, spans=spans(batch)))
    rows = [(at, spans_in(store, track, view.begin, view.end)) for at, track in enumerate(TRACKS)]
    image = blank(dark, rooms)
    painter, bars = QPainter(image), BarPainter(dark)
    tops, floors = np.array(rooms, "<i4").T
    for depth, layer in near_bars(rows, {}, {}, view, 1 << 61, 1 << 61, {}):
        if depth:
            bars.erase(painter, layer, tops, floors)
        bars.paint(painter, layer, tops, floors, lambda state: 0.0, None)
    painter.end()
    seen = [span for batch in batches for span in batch if span.end >= view.begin and span.start <= view.end]
    seen.sort(key=lambda span: (span.track, span.end))
    expected = reference(dark, [[span for span in seen if span.depth == depth] for depth in (0, 1)], view, rooms)
    assert image == expected
