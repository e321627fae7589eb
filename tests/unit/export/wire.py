"""Reading protocol buffers by the book, one byte after the other: what the exporter's own way is compared with."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

Value = int | bytes


def read_varint(raw: bytes, at: int) -> tuple[int, int]:
    """A varint at a place, and the place behind it."""
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        assert shift < 70, "a varint of more than ten bytes"


def fields(raw: bytes) -> Iterator[tuple[int, Value]]:
    """The fields of a message: number, and a number or bytes; eight bytes are a number."""
    at = 0
    while at < len(raw):
        key, at = read_varint(raw, at)
        match key & 7:
            case 0:
                value, at = read_varint(raw, at)
                yield key >> 3, value
            case 1:
                yield key >> 3, struct.unpack_from("<Q", raw, at)[0]
                at += 8
            case 2:
                length, at = read_varint(raw, at)
                assert at + length <= len(raw), "a field beyond its message"
                yield key >> 3, raw[at : at + length]
                at += length
            case other:
                raise AssertionError(f"a field of type {other}")


class Message:
    """The fields of a message by number."""

    def __init__(self, raw: bytes) -> None:
        self.all: dict[int, list[Value]] = {}
        for number, value in fields(raw):
            self.all.setdefault(number, []).append(value)

    def number(self, field: int, default: int = 0) -> int:
        """The last number of a field."""
        value = self.all.get(field, [default])[-1]
        assert isinstance(value, int)
        return value

    def text(self, field: int) -> str:
        """The last text of a field; empty if there is none."""
        value = self.all.get(field, [b""])[-1]
        assert isinstance(value, bytes)
        return value.decode()

    def messages(self, field: int) -> "list[Message]":
        """The messages of a field."""
        return [Message(value) for value in self.all.get(field, []) if isinstance(value, bytes)]


@dataclass
class Slice:
    """A slice as a viewer builds it. `end` is None if it has none."""

    track: int
    begin: int
    depth: int
    name: str
    category: str
    flow: int = 0
    end: int | None = None
    notes: dict[str, Value] = field(default_factory=dict)


class Trace:
    """A Perfetto trace as a viewer reads it: all packets sorted by time, keeping their order at one moment."""

    BEGIN, END, INSTANT, COUNTER = 1, 2, 3, 4

    def __init__(self, raw: bytes) -> None:
        self.packets = Message(raw).messages(1)
        self.descriptors = [found for packet in self.packets for found in packet.messages(60)]
        self.tracks = {each.number(1): each for each in self.descriptors}
        self.names, self.categories, self.notes, self.values = (self._interned(table) for table in (2, 1, 3, 29))
        events = [(packet.number(8), event) for packet in self.packets for event in packet.messages(11)]
        self.events = sorted(events, key=lambda event: event[0])
        self.slices: list[Slice] = []
        self.instants: list[tuple[int, int, str]] = []
        self.counters: list[tuple[int, int, float]] = []
        self.ends_without_begin = 0
        self._nest()

    def track_name(self, track: int) -> str:
        """The name of a track: its own, or that of its thread or process."""
        found = self.tracks[track]
        names = [each.text(5) for each in found.messages(4)] + [each.text(6) for each in found.messages(3)]
        return found.text(2) or next(iter(names), "")

    def _interned(self, table: int) -> dict[int, str]:
        found = {}
        for packet in self.packets:
            for data in packet.messages(12):
                found.update({each.number(1): each.text(2) for each in data.messages(table)})
        return found

    def _nest(self) -> None:
        stacks: dict[int, list[Slice]] = {}
        for time, event in self.events:
            track, kind = event.number(11), event.number(9)
            stack = stacks.setdefault(track, [])
            if kind == self.BEGIN:
                stack.append(self._slice(time, track, len(stack), event))
                self.slices.append(stack[-1])
            elif kind == self.END:
                if stack:
                    stack.pop().end = time
                else:
                    self.ends_without_begin += 1
            elif kind == self.INSTANT:
                self.instants.append((time, track, event.text(23) or self.names[event.number(10)]))
            elif kind == self.COUNTER:
                self.counters.append((time, track, struct.unpack("<d", struct.pack("<Q", event.number(44)))[0]))

    def _slice(self, time: int, track: int, depth: int, event: Message) -> Slice:
        made = Slice(track, time, depth, self.names[event.number(10)], self.categories[event.number(3)])
        made.flow = event.number(47)
        for note in event.messages(4):
            value: Value = note.number(3)
            if 17 in note.all:
                value = self.values[note.number(17)].encode()
            made.notes[self.notes[note.number(1)]] = value
        return made
