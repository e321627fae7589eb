"""The data of the timeline in a report, small enough for a file: every lane from afar, and one stretch span by span.

From afar a lane is a thousand columns or two, each with the share of every state, as in the window. The spans are those
of the whole run if they are few, else of a stretch around the slowest request, as long as `MOST_SPANS` allow. A span is
fifteen bytes, in base64.
"""

import base64
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from explorer.collect.source import Array
from explorer.export.html.gather import Gathered
from explorer.export.html.lanes import Lane, lanes
from explorer.records.schema import PROCESS_SHIFT
from explorer.records.states import State
from explorer.store.coverage import STATES, cover_states
from explorer.store.rows import Slice
from explorer.store.store import Store
from explorer.tokens import DARK, LIGHT, Tokens
from explorer.wording import STATE_WORDS

MOST_SPANS: Final = 200_000
COLUMNS: Final = 1_024
"""At least half as many columns and at most so many as a lane has from afar, twice that for few lanes."""
FEW_LANES: Final = 60
LONGEST_NAME: Final = 120
MOST_NAMES: Final = 20_000
MOST_MARKS: Final = 500
OTHER: Final = "other"
_LOW: Final = np.uint64((1 << PROCESS_SHIFT) - 1)


def viewer_data(gathered: Gathered, begin: int, end: int, most: int = MOST_SPANS) -> dict[str, Any]:
    """All that `viewer.js` needs, as JSON; `begin` and `end` (ns) are what of the run is shown.

    Times in it are ns from `begin` on; `detail.unit` is how many ns one of its 32-bit units is.
    """
    store = gathered.store
    shown, hidden = lanes(store)
    end = max(end, begin + 1)
    detail = _stretch(gathered, shown, begin, end, most)
    unit = max(1, math.ceil((detail[1] - detail[0]) / 0xFFFF_0000))
    names = _Names(store)
    rows: list[dict[str, Any]] = [
        {
            "title": lane.title,
            "group": lane.group,
            "strip": lane.strip,
            "spans": [
                packed
                for depth in store.depths(lane.track)
                if (packed := _packed(store.slices(lane.track, depth, *detail), detail, unit, names)) is not None
            ],
        }
        for lane in shown
    ]
    bits = _bits(end - begin, COLUMNS * 2 if len(shown) <= FEW_LANES else COLUMNS)
    columns = ((end - begin) >> bits) + 1
    for row, lane in zip(rows, shown, strict=True):
        row["far"] = _far(store, lane.track, begin, end, bits, columns)
    return {
        "length": end - begin,
        "origin": begin - gathered.origin,
        "column": 1 << bits,
        "columns": columns,
        "detail": {
            "begin": detail[0] - begin,
            "end": detail[1] - begin,
            "unit": unit,
            "count": sum(each["count"] for row in rows for each in row["spans"]),
            "whole": detail == (begin, end),
        },
        "rows": rows,
        "hidden": hidden,
        "names": names.texts,
        "marks": [
            {"time": marker.time - begin, "text": marker.text[:LONGEST_NAME]}
            for marker in gathered.markers
            if begin <= marker.time <= end and marker.kind not in ("begin", "end")
        ][:MOST_MARKS],
        "states": states(gathered),
        "themes": {tokens.name: _theme(tokens) for tokens in (DARK, LIGHT)},
    }


def states(gathered: Gathered) -> list[dict[str, Any]]:
    """Every state by its number, with words and looks; `seen` says whether a lane of the run has it."""
    found = []
    for state in State:
        known = State.UNKNOWN if state is State.NONE else state
        words, looks = STATE_WORDS[known], (DARK.states[known], LIGHT.states[known])
        found.append(
            {
                "key": known.name.lower(),
                "title": words.title,
                "sentence": words.sentence,
                "seen": state in gathered.store.states,
                "height": looks[0].height,
                "pattern": looks[0].pattern.value,
                "line": looks[0].line,
                **{
                    name: _look(look.fill, look.text, look.edge)
                    for name, look in zip(("dark", "light"), looks, strict=True)
                },
            }
        )
    return found


def _look(fill: str, text: str | None, edge: str | None) -> dict[str, str | None]:
    return {"fill": fill, "text": text, "edge": edge}


def _theme(tokens: Tokens) -> dict[str, str]:
    names = ("bg", "panel", "lane", "group", "line", "line2", "text", "text2", "text3", "accent", "ink", "shade")
    return {name: getattr(tokens, name) for name in names}


class _Names:
    """The texts of the spans that are shown; `number` gives the place of a run-wide name number in `texts`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.texts = [""]
        self._places = np.full(len(store.names) + 1, -1, np.int64)
        self._places[0] = 0
        self._other = 0

    def numbers(self, names: Array) -> Array:
        """The places of many names."""
        names = np.minimum(names.astype(np.int64), len(self._places) - 1)
        for name in np.unique(names).tolist():
            if self._places[name] < 0:
                self._places[name] = self._add(self._store.name(name))
        found: Array = self._places[names]
        return found

    def _add(self, text: str) -> int:
        if len(self.texts) >= MOST_NAMES:
            self._other = self._other or self._put(OTHER)
            return self._other
        return self._put(text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…")

    def _put(self, text: str) -> int:
        self.texts.append(text)
        return len(self.texts) - 1


def _stretch(gathered: Gathered, shown: Sequence[Lane], begin: int, end: int, most: int) -> tuple[int, int]:
    """The stretch that is shown span by span: all if that is not too much, else around the slowest request."""
    store = gathered.store

    def count(first: int, last: int) -> int:
        return sum(
            len(piece)
            for lane in shown
            for depth in store.depths(lane.track)
            for piece in store.slices(lane.track, depth, first, last)
        )

    if count(begin, end) <= most:
        return begin, end
    dots = gathered.dots
    dots = dots[(dots["time"] >= begin) & (dots["time"] <= end)]
    middle = (begin + end) // 2
    if len(dots):
        slowest = dots[int(dots["ns"].argmax())]
        middle = int(slowest["time"]) - int(slowest["ns"]) // 2
    low, high = 0, end - begin
    while high - low > max(1, (end - begin) >> 20):
        half = (low + high) // 2
        if count(max(begin, middle - half), min(end, middle + half)) <= most:
            low = half
        else:
            high = half
    return max(begin, middle - low), max(min(end, middle + low), begin + 1)


def _packed(pieces: Sequence[Slice], detail: tuple[int, int], unit: int, names: _Names) -> Mapping[str, Any] | None:
    """The spans of one depth: start and length in units from the stretch's begin, name, state, request."""
    if not pieces:
        return None
    start = np.concatenate([piece.start for piece in pieces])
    end = np.concatenate([piece.end for piece in pieces])
    first = np.maximum(start, detail[0]) - detail[0]
    last = np.clip(end, detail[0], detail[1]) - detail[0]
    length = np.maximum(last - first, 0)
    state = np.concatenate([piece.state for piece in pieces])
    request = np.concatenate([piece.request for piece in pieces]) & _LOW
    return {
        "count": len(start),
        "start": _base64(first // unit, "<u4"),
        "length": _base64(-(-length // unit), "<u4"),
        "name": _base64(names.numbers(np.concatenate([piece.name for piece in pieces])), "<u2"),
        "state": _base64(np.where(state < STATES, state, State.UNKNOWN), "u1"),
        "request": _base64(np.minimum(request, 0xFFFF_FFFF), "<u4"),
    }


def _far(store: Store, track: int, begin: int, end: int, bits: int, columns: int) -> dict[str, str]:
    """The share (0 to 255) of each state in each column, for the states that there are, by number."""
    parts = [
        (piece.start, piece.end, piece.state, np.full(len(piece), depth))
        for depth in store.depths(track)
        for piece in store.slices(track, depth, begin, end)
    ]
    if not parts:
        return {}
    start, last, state, depth = (np.concatenate(column) for column in zip(*parts, strict=True))
    state = np.where(state < STATES, state, State.UNKNOWN).astype(np.int64)
    row = np.zeros(len(start), np.int64)
    covered = cover_states(start, last, state, depth, row, 1, begin, bits, columns)[0]
    shares = np.ceil(np.clip(covered / (1 << bits), 0, 1) * 255).astype("u1")
    return {str(number): _base64(shares[number], "u1") for number in range(STATES) if shares[number].any()}


def _bits(length: int, columns: int) -> int:
    """The power of two ns that a column is, so that there are at most `columns`."""
    return max(0, (length // columns).bit_length())


def _base64(values: Array, code: str) -> str:
    return base64.b64encode(values.astype(code).tobytes()).decode("ascii")
