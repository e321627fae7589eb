"""Spans and samples as Arrow IPC streams: what a segment file holds.

pandas, Polars, DuckDB and pyarrow open it as it is. Written by nanoarrow, read by the few lines below (`flatbuffer`
says why). A stream is a row of messages: 0xFFFFFFFF, length of the header (i32), header, body; first the schema, then
one message a batch. One that was cut short (the process was killed) reads up to its last whole batch.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import nanoarrow
import numpy as np
from nanoarrow.ipc import StreamWriter

from explorer.collect.source import SAMPLE, SPAN, Array
from explorer.option_error import OptionError
from explorer.recording import flatbuffer
from explorer.recording.files import DAMAGE, reason_of
from explorer.recording.flatbuffer import Malformed

MOST_HEADER: Final = 1 << 20
MOST_BODY: Final = 1 << 30
PIECE: Final = 1 << 20
CONTINUATION: Final = 0xFFFF_FFFF
_PREFIX: Final = struct.Struct("<Ii")
_SCHEMA, _BATCH = 1, 3  # types of a message's header
_INT, _FLOAT = 2, 3  # types of a column
_TYPES: Final = {
    "<i8": nanoarrow.int64,
    "<u8": nanoarrow.uint64,
    "<u4": nanoarrow.uint32,
    "|u1": nanoarrow.uint8,
    "<f8": nanoarrow.float64,
}


class Table:
    """A kind of segment: its name, its NumPy dtype and the Arrow schema made from it (the reserve is left out)."""

    def __init__(self, name: str, dtype: np.dtype[Any]) -> None:
        self.name = name
        self.dtype = dtype
        self.columns = [column for column in dtype.names or () if column != "reserved"]
        types = {column: _TYPES[dtype[column].str](nullable=False) for column in self.columns}
        self._children = [nanoarrow.c_schema(each) for each in types.values()]
        self._schema = nanoarrow.c_schema(nanoarrow.struct(types, nullable=False))

    def write(self, writer: StreamWriter, rows: Array) -> None:
        """Append rows ((n,) of the dtype) to a stream as one batch."""
        columns = [
            nanoarrow.c_array_from_buffers(schema, len(rows), [None, np.ascontiguousarray(rows[column])], null_count=0)
            for column, schema in zip(self.columns, self._children, strict=True)
        ]
        writer.write_array(
            nanoarrow.c_array_from_buffers(self._schema, len(rows), [None], null_count=0, children=columns)
        )


SPANS: Final = Table("spans", SPAN)
COUNTERS: Final = Table("counters", SAMPLE)


def stream_writer(file: BinaryIO) -> StreamWriter:
    """A writer of one segment into an open file."""
    return StreamWriter.from_writable(file)


def read_batches(table: Table, stream: io.BufferedIOBase, name: str) -> Iterator[Array]:
    """The batches of one segment, until its end or the place where it was cut short; closes `stream`.

    Columns that a later version added are ignored. Raises `OptionError` when the segment or the archive around it is
    damaged, or when it is no segment of this kind.
    """
    places: dict[str, int] | None = None
    with stream:
        try:
            for message in _messages(stream):
                if message.type == _SCHEMA:
                    places = _places(table, message.header)
                elif message.type == _BATCH and places is not None:
                    yield _rows(table, places, message)
        except (Malformed, *DAMAGE) as error:
            raise OptionError(f"{name} of this recording is damaged ({reason_of(error)}). Open another one.") from None


@dataclass(frozen=True, slots=True)
class _Message:
    type: int
    header: flatbuffer.Table
    body: bytes | bytearray


def _read(stream: io.BufferedIOBase, length: int) -> bytes | bytearray:
    """So many bytes, or fewer at the end: in pieces, as a damaged header may promise a gigabyte."""
    if length <= PIECE:
        return stream.read(length)
    found = bytearray()
    while len(found) < length and (piece := stream.read(min(PIECE, length - len(found)))):
        found += piece
    return found


def _messages(stream: io.BufferedIOBase) -> Iterator[_Message]:
    """The whole messages of a stream."""
    while len(prefix := stream.read(_PREFIX.size)) == _PREFIX.size:
        mark, length = _PREFIX.unpack(prefix)
        if mark != CONTINUATION or not 0 <= length <= MOST_HEADER:
            raise Malformed("no message where one should begin")
        if length == 0:
            return
        header = stream.read(length)
        if len(header) < length:
            return
        message = flatbuffer.Table.root(header)
        body_length = message.number(3, "<q")
        if not 0 <= body_length <= MOST_BODY:
            raise Malformed("a batch of an absurd size")
        body = _read(stream, body_length)
        if len(body) < body_length:
            return
        yield _Message(message.number(1, "<B"), message.table(2), body)


def _places(table: Table, schema: flatbuffer.Table) -> dict[str, int]:
    """Which column of a batch is which, by a stream's schema; checks the types."""
    places = {}
    for place, field in enumerate(schema.tables(1)):
        kind, details = field.number(2, "<B"), field.table(3)
        if kind == _INT:
            code = ("i" if details.number(1, "<B") else "u") + str(details.number(0, "<i") // 8)
        elif kind == _FLOAT:
            code = "f" + str((2, 4, 8)[details.number(0, "<h") % 3])
        else:
            raise Malformed("a column of an unknown type")
        name = field.text(0)
        if name in table.columns and code != table.dtype[name].str[1:]:
            raise Malformed(f"column {name} of another type")
        places[name] = place
    missing = [column for column in table.columns if column not in places]
    if schema.number(0, "<h") or missing:
        raise Malformed(f"no column {missing[0]}" if missing else "bytes in the other order")
    return places


def _rows(table: Table, places: dict[str, int], message: _Message) -> Array:
    """The rows of a batch. Every column has two buffers: which values are missing (none), and the values."""
    count = message.header.number(0, "<q")
    buffers = message.header.structs(2, "<qq")
    if message.header.has(3):
        raise Malformed("a compressed batch")
    if not 0 <= count <= len(message.body) or len(buffers) != 2 * len(places):
        raise Malformed("a batch of another shape")
    found = {}
    for column in table.columns:
        offset, length = buffers[2 * places[column] + 1]
        kind = table.dtype[column]
        if offset < 0 or length < count * kind.itemsize or offset + length > len(message.body):
            raise Malformed("a column beyond its batch")
        found[column] = np.frombuffer(message.body, kind, count, offset)
    rows = np.zeros(count, table.dtype)
    for column, values in found.items():
        rows[column] = values
    return rows
