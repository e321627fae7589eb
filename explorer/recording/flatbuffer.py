"""Reading the headers of Arrow messages, which are flatbuffers, without trusting a single offset in them.

A recording may have been cut short, damaged, or made by somebody else. nanoarrow believes what a header says (a flipped
bit there ends the process), so that recordings are written by nanoarrow but read by this: every access is checked by
`struct`, and what lies outside the header raises `Malformed`.

A table begins with the distance back to its list of field offsets; an offset of 0 means that the field has its default.
"""

import struct
from collections.abc import Iterator


class Malformed(ValueError):
    """Bytes that make no sense."""


class Table:
    """A table of a flatbuffer in `data`, at `place`."""

    __slots__ = ("_data", "_offsets", "_place")

    def __init__(self, data: bytes, place: int) -> None:
        self._data = data
        self._place = place
        start = place - self._read("<i", place)
        count = (self._read("<H", start) - 4) // 2
        self._offsets = [self._read("<H", start + 4 + 2 * field) for field in range(max(count, 0))]

    @classmethod
    def root(cls, data: bytes) -> "Table":
        """The root table of a flatbuffer."""
        if len(data) < 4:
            raise Malformed("a header without contents")
        return cls(data, int(struct.unpack_from("<I", data)[0]))

    def number(self, field: int, code: str, default: int = 0) -> int:
        """A number of `struct` type `code`."""
        place = self._field(field)
        return self._read(code, place) if place else default

    def table(self, field: int) -> "Table":
        """A table that this one points to."""
        place = self._required(field)
        return Table(self._data, place + self._read("<I", place))

    def has(self, field: int) -> bool:
        """Whether the field is there at all."""
        return self._field(field) != 0

    def text(self, field: int) -> str:
        """A string."""
        first, count = self._vector(field)
        if first + count > len(self._data):
            raise Malformed("a text beyond the header")
        return self._data[first : first + count].decode("utf-8", "replace")

    def tables(self, field: int) -> Iterator["Table"]:
        """The tables of a vector."""
        first, count = self._vector(field)
        for at in range(first, first + 4 * count, 4):
            yield Table(self._data, at + self._read("<I", at))

    def structs(self, field: int, code: str) -> list[tuple[int, ...]]:
        """The structs of a vector, each of `struct` format `code`."""
        first, count = self._vector(field)
        size = struct.calcsize(code)
        if first + count * size > len(self._data):
            raise Malformed("a list beyond the header")
        return list(struct.iter_unpack(code, self._data[first : first + count * size]))

    def _vector(self, field: int) -> tuple[int, int]:
        place = self._required(field)
        place += self._read("<I", place)
        return place + 4, self._read("<I", place)

    def _field(self, field: int) -> int:
        offset = self._offsets[field] if field < len(self._offsets) else 0
        return self._place + offset if offset else 0

    def _required(self, field: int) -> int:
        place = self._field(field)
        if not place:
            raise Malformed("a header with a part missing")
        return place

    def _read(self, code: str, place: int) -> int:
        if not 0 <= place <= len(self._data) - struct.calcsize(code):
            raise Malformed("an offset beyond the header")
        number: int = struct.unpack_from(code, self._data, place)[0]
        return number
