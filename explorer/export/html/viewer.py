"""The data of the timeline in a report, small enough for a file: every lane from afar, and one stretch span by span.

From afar a lane is a thousand columns or two, each with the share of every state, as in the window. The spans are those
of the whole run if they are few, else of a stretch around the slowest request, as long as `MOST_SPANS` allow. A span is
fifteen bytes, in base64.
"""

import base64
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from explorer.collect.source import Array
from explorer.export.html.gather import Gathered
from explorer.export.html.lanes import Lane, lanes
from explorer.export.html.painted import MOST_HOLDERS, Layer, columns, layers
from explorer.records.schema import PROCESS_SHIFT
from explorer.records.states import State
from explorer.store.coverage import STATES
from explorer.store.store import Store
from explorer.tokens import DARK, HOLDER_INK, LIGHT, Tokens
from explorer.wording import STATE_WORDS

MOST_SPANS: Final = 200_000
COLUMNS: Final = 1_024
"""At least half as many columns and at most so many as a lane has from afar, twice that for few lanes."""
FEW_LANES: Final = 60
LONGEST_NAME: Final = 120
MOST_NAMES: Final = 20_000
MOST_MARKS: Final = 500
OTHER: Final = "other"
NO_LANE: Final = "A thread without a lane"
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
            "holders": _holders(lane),
            "spans": [_packed(layer, detail, unit, names) for layer in layers(store, lane, *detail)],
        }
        for lane in shown
    ]
    bits = _bits(end - begin, COLUMNS * 2 if len(shown) <= FEW_LANES else COLUMNS)
    count = ((end - begin) >> bits) + 1
    for row, lane in zip(rows, shown, strict=True):
        row["far"] = _far(store, lane, begin, end, bits, count)
    return {
        "length": end - begin,
        "origin": begin - gathered.origin,
        "column": 1 << bits,
        "columns": count,
        "detail": {
            "begin": detail[0] - begin,
            "end": detail[1] - begin,
            "unit": unit,
            "count": sum(each["count"] for row in rows for each in row["spans"] if not each["seen"]),
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
        "holder_ink": HOLDER_INK,
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


def _holders(lane: Lane) -> list[dict[str, str]] | None:
    """Of a row that tells who held a GIL the threads by their number in its spans; 0 are those without a lane."""
    if lane.holders is None:
        return None
    known = [{"title": holder.title, "short": holder.short} for holder in lane.holders[:MOST_HOLDERS]]
    return [{"title": NO_LANE, "short": ""}, *known]


def _packed(layer: Layer, detail: tuple[int, int], unit: int, names: _Names) -> dict[str, Any]:
    """The spans of one layer: start and length in units from the stretch's begin, name, state, request."""
    first = np.maximum(layer.start, detail[0]) - detail[0]
    last = np.clip(layer.end, detail[0], detail[1]) - detail[0]
    length = np.maximum(last - first, 0)
    return {
        "count": len(first),
        "seen": layer.seen,
        "start": _base64(first // unit, "<u4"),
        "length": _base64(-(-length // unit), "<u4"),
        "name": _base64(names.numbers(layer.name), "<u2"),
        "state": _base64(layer.state, "u1"),
        "request": _base64(np.minimum(layer.request & _LOW, 0xFFFF_FFFF), "<u4"),
    }


def _far(store: Store, lane: Lane, begin: int, end: int, bits: int, count: int) -> dict[str, str]:
    """The share (0 to 255) of each state in each column, for the states that there are, by number."""
    covered = columns(store, lane, begin, end, bits, count)
    shares = np.ceil(np.clip(covered / (1 << bits), 0, 1) * 255).astype("u1")
    return {str(number): _base64(shares[number], "u1") for number in range(STATES) if shares[number].any()}


def _bits(length: int, columns: int) -> int:
    """The power of two ns that a column is, so that there are at most `columns`."""
    return max(0, (length // columns).bit_length())


def _base64(values: Array, code: str) -> str:
    return base64.b64encode(values.astype(code).tobytes()).decode("ascii")
