"""An Arrow IPC file with columns of text by dictionary, written batch by batch.

The project's recordings are written by nanoarrow, which has no dictionaries; without them a name would be repeated in
every row. The file is a row of messages (0xFFFFFFFF, length of the header, header, body), first the schema, then a
dictionary for each column of text, then the batches; at its end stand the places of all of them once more.
"""

import struct
from collections.abc import Sequence
from typing import BinaryIO, Final

import numpy as np

from explorer.collect.source import Array
from explorer.export.flatbuffer import Table as Header
from explorer.export.table import BOOL, TEXT, Column

MAGIC: Final = b"ARROW1"
CONTINUATION: Final = 0xFFFF_FFFF
V5: Final = 4
SCHEMA, DICTIONARY, BATCH = 1, 2, 3
INT, FLOAT, UTF8, BOOLEAN = 2, 3, 5, 6
ALIGN: Final = 8
_BLOCK: Final = "<qixxxxq"


class ArrowFile:
    """Writes `columns` to an open file: the schema and the dictionaries at once, then `write` for each batch."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        self._file = file
        self._columns = columns
        self._at = 0
        self._batches: list[tuple[int, int, int]] = []
        self._dictionaries: list[tuple[int, int, int]] = []
        self._put(MAGIC + b"\0\0")
        self._message(SCHEMA, _schema(columns), [])
        for number, column in enumerate(columns):
            if column.code == TEXT:
                batch, body = _record_batch(len(column.texts), [(0, _texts(column.texts))])
                header = Header().number(0, "<q", number).table(1, batch)
                self._dictionaries.append(self._message(DICTIONARY, header, body))

    def write(self, count: int, rows: Sequence[tuple[Array, Array | None]]) -> None:
        """A batch of `count` rows: of each column the values, and which rows have one (None: all)."""
        given = [_buffers(column, *row) for column, row in zip(self._columns, rows, strict=True)]
        batch, body = _record_batch(count, given)
        self._batches.append(self._message(BATCH, batch, body))

    def close(self) -> None:
        """Write the end. The file stays open."""
        self._put(struct.pack("<II", CONTINUATION, 0))
        footer = Header().number(0, "<h", V5).table(1, _schema(self._columns))
        footer.structs(2, _BLOCK, self._dictionaries).structs(3, _BLOCK, self._batches)
        raw = footer.to_bytes()
        self._put(raw + struct.pack("<i", len(raw)) + MAGIC)

    def _message(self, kind: int, header: Header, body: Sequence[bytes]) -> tuple[int, int, int]:
        """Write a message; returns where it begins, the length of its header with the prefix, and that of its body."""
        length = sum(map(len, body))
        raw = Header().number(0, "<h", V5).number(1, "<B", kind).table(2, header).number(3, "<q", length).to_bytes()
        place = self._at
        self._put(struct.pack("<Ii", CONTINUATION, len(raw)) + raw)
        for part in body:
            self._put(part)
        return place, len(raw) + 8, length

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._at += len(data)


def _schema(columns: Sequence[Column]) -> Header:
    return Header().number(0, "<h", 0).tables(1, [_field(number, column) for number, column in enumerate(columns)])


def _field(number: int, column: Column) -> Header:
    field = Header().text(0, column.name).number(1, "<?", int(column.missing))
    if column.code == TEXT:
        index = Header().number(0, "<i", 32).number(1, "<?", 1)
        encoding = Header().number(0, "<q", number).table(1, index)
        return field.number(2, "<B", UTF8).table(3, Header()).table(4, encoding).tables(5, [])
    if column.code == BOOL:
        return field.number(2, "<B", BOOLEAN).table(3, Header()).tables(5, [])
    if column.code == "<f8":
        return field.number(2, "<B", FLOAT).table(3, Header().number(0, "<h", 2)).tables(5, [])
    kind = np.dtype(column.code)
    width = Header().number(0, "<i", 8 * kind.itemsize).number(1, "<?", int(kind.kind == "i"))
    return field.number(2, "<B", INT).table(3, width).tables(5, [])


def _record_batch(count: int, columns: Sequence[tuple[int, list[bytes]]]) -> tuple[Header, list[bytes]]:
    """The header of `count` rows, and the body: each column's number of missing values, and its buffers."""
    nodes, places, body, at = [], [], [], 0
    for missing, buffers in columns:
        nodes.append((count, missing))
        for raw in buffers:
            places.append((at, len(raw)))
            padded = raw + bytes(-len(raw) % ALIGN)
            body.append(padded)
            at += len(padded)
    return Header().number(0, "<q", count).structs(1, "<qq", nodes).structs(2, "<qq", places), body


def _buffers(column: Column, values: Array, known: Array | None) -> tuple[int, list[bytes]]:
    valid = b"" if known is None else _bits(known)
    missing = 0 if known is None else int(len(known) - np.count_nonzero(known))
    if column.code == BOOL:
        return missing, [valid, _bits(values)]
    code = "<i4" if column.code == TEXT else column.code
    return missing, [valid, np.ascontiguousarray(values, code).tobytes()]


def _bits(values: Array) -> bytes:
    return np.packbits(values, bitorder="little").tobytes()


def _texts(texts: Sequence[str]) -> list[bytes]:
    raw = [text.encode("utf-8", "replace") for text in texts]
    offsets = np.cumsum([0, *map(len, raw)], dtype="<i4")
    return [b"", offsets.tobytes(), b"".join(raw)]
