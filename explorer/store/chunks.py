"""Columns of spans: the memory that the rows of the store are made of.

Contiguous columns, because `searchsorted` would copy a strided one and painting reads only three of eight; in chunks
that are never moved, so that a view is cheap and old history goes away chunk by chunk.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from explorer.collect.source import Array

if TYPE_CHECKING:
    from explorer.store.pyramid import Pyramid

SMALLEST_CHUNK: Final = 256
LARGEST_CHUNK: Final = 16_384
GROWTH: Final = 4
_ONE: Final = np.uint64(1)
SPAN_BYTES: Final = 40
"""Memory of one stored span: a `SPAN` without its track and its reserve, which the row knows."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Spans by column.

    `words` (4, n) u64: start, end, request, argument; `name` (n,) u32; `bytes` (4, n) u8: kind, state, depth, flags
    (the depth comes along because that is one copy less).
    """

    words: Array
    name: Array
    bytes: Array

    def part(self, first: int, last: int) -> "Columns":
        """The spans from `first` up to `last`, as views."""
        return Columns(self.words[:, first:last], self.name[first:last], self.bytes[:, first:last])

    @property
    def start(self) -> Array:
        """Starts, i8."""
        starts: Array = self.words[0].view("<i8")
        return starts

    @property
    def end(self) -> Array:
        """Ends, i8."""
        ends: Array = self.words[1].view("<i8")
        return ends

    @property
    def state(self) -> Array:
        """`State`s, u1."""
        states: Array = self.bytes[1]
        return states

    def __len__(self) -> int:
        return len(self.name)


class Chunk:
    """A fixed stretch of columns, filled from the left; `count` spans of it are in use."""

    __slots__ = (
        "_highest", "_looked_at", "_lowest", "argument", "bytes", "capacity", "count", "end", "flags", "kept", "kind",
        "name", "request", "seen_from_afar", "start", "state", "words",
    )  # fmt: skip

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.count = 0
        self.kept = True
        """Whether it is still part of its row: false once it was dropped, or replaced by one with late spans."""
        self.seen_from_afar: Pyramid | None = None
        self._looked_at, self._lowest, self._highest = 0, 1 << 64, 0
        self.words: Array = np.empty((4, capacity), "<u8")
        self.start: Array = self.words[0].view("<i8")
        self.end: Array = self.words[1].view("<i8")
        self.request: Array = self.words[2]
        self.argument: Array = self.words[3]
        self.name: Array = np.empty(capacity, "<u4")
        self.bytes: Array = np.empty((4, capacity), "u1")
        self.kind: Array = self.bytes[0]
        self.state: Array = self.bytes[1]
        self.flags: Array = self.bytes[3]

    @property
    def memory(self) -> int:
        """Bytes held, used or not."""
        pyramid = self.seen_from_afar
        return self.capacity * SPAN_BYTES + (pyramid.memory if pyramid is not None else 0)

    @property
    def full(self) -> bool:
        """Whether nothing more is put into it."""
        return self.count == self.capacity

    @property
    def last_end(self) -> int:
        """End of the newest span, ns."""
        return int(self.end[self.count - 1])

    def may_have(self, request: int) -> bool:
        """Whether a request (not 0) may have spans here. Requests are numbered as they come, so that few chunks may."""
        if self._looked_at < self.count:
            self.look()
        return self._lowest <= request <= self._highest

    def look(self) -> None:
        """Note the lowest and the highest request number, as far as that has not been done."""
        if self._looked_at == self.count:  # who looked for a request has done it
            return
        new = self.request[self._looked_at : self.count]
        self._looked_at = self.count
        self._lowest = min(self._lowest, int((new - _ONE).min()) + 1)  # 0, which is none, becomes the greatest
        self._highest = max(self._highest, int(new.max()))

    @property
    def columns(self) -> Columns:
        """The columns in use."""
        return Columns(self.words, self.name, self.bytes).part(0, self.count)

    def put(self, spans: Columns, first: int, last: int) -> None:
        """Append the spans from `first` up to `last`, which must fit."""
        a = self.count
        self.count = b = a + last - first
        self.words[:, a:b] = spans.words[:, first:last]
        self.name[a:b] = spans.name[first:last]
        self.bytes[:, a:b] = spans.bytes[:, first:last]

    def merged(self, spans: Columns) -> "Chunk":
        """A chunk with these spans and `spans` (in order of end), each at the place of its end."""
        count = self.count
        places = np.searchsorted(self.end[:count], spans.end, "right") + np.arange(len(spans))
        merged = Chunk(max(self.capacity, count + len(spans)))
        merged.count = count + len(spans)
        taken = np.zeros(merged.count, bool)
        taken[places] = True
        for place, source in ((np.flatnonzero(~taken), self.columns), (places, spans)):
            merged.words[:, place] = source.words
            merged.name[place] = source.name
            merged.bytes[:, place] = source.bytes
        return merged


def in_usual_size(chunk: Chunk) -> list[Chunk]:
    """The chunk itself, or, when late spans have made it twice too large, the same spans in several."""
    if chunk.count <= 2 * LARGEST_CHUNK:
        return [chunk]
    parts = []
    for first in range(0, chunk.count, LARGEST_CHUNK):
        last = min(first + LARGEST_CHUNK, chunk.count)
        part = Chunk(last - first)
        part.put(chunk.columns, first, last)
        parts.append(part)
    return parts
