"""The format of a stream of events (`text/event-stream`), read as it comes in, cut anywhere.

By the WHATWG HTML standard, "Interpreting an event stream". Lines end with CR, LF or CRLF; a line is a comment or a
field; an empty line ends an event. An event that the stream's end cuts short is dropped. What a browser keeps from one
connection to the next is kept by `restart`: the last event's id, and how long to wait before connecting again.
"""

from typing import Final, NamedTuple

MOST_RETRY_MS: Final = 3_600_000
_BOM: Final = b"\xef\xbb\xbf"
_LF: Final = 10


class Event(NamedTuple):
    """One event: its type (`message` unless the stream says otherwise), its data, the id that was the last then."""

    type: str
    data: str
    id: str


class EventStreamParser:
    """Turns bytes into events. `last_id` is the id to go on from, `retry_ms` what the stream asked for (or None)."""

    __slots__ = ("_after_cr", "_data", "_id", "_line", "_start", "_type", "last_id", "retry_ms")

    def __init__(self) -> None:
        """Nothing has come."""
        self.last_id = ""
        self.retry_ms: int | None = None
        self.restart()

    def restart(self) -> None:
        """A new connection begins: the rest of the old one is dropped, its last id stays."""
        self._id = self.last_id
        self._type = ""
        self._data: list[str] = []
        self._line: list[bytes] = []  # the beginning of a line whose end has not come
        self._start: bytes | None = b""  # the stream's first bytes while they may be a byte order mark
        self._after_cr = False

    def feed(self, data: bytes) -> list[Event]:
        """The events that end in these bytes."""
        if self._start is not None:
            data = self._without_mark(self._start + data)
        if not data:
            return []
        if self._after_cr and data[0] == _LF:  # the second half of a CRLF that was cut in two
            data = data[1:]
        self._after_cr = data.endswith(b"\r")
        lines = data.splitlines()  # of bytes: CR, LF and CRLF, nothing else
        rest = lines.pop() if lines and not data.endswith((b"\r", b"\n")) else b""
        if lines and self._line:
            lines[0] = b"".join((*self._line, lines[0]))
            self._line.clear()
        if rest:
            self._line.append(rest)
        events = []
        for line in lines:
            if line:
                self._take_field(line)
            elif (event := self._end_event()) is not None:
                events.append(event)
        return events

    def _without_mark(self, first: bytes) -> bytes:
        if len(first) < len(_BOM) and _BOM.startswith(first):
            self._start = first
            return b""
        self._start = None
        return first.removeprefix(_BOM)

    def _take_field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")  # a line without a colon is a field without a value
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value.decode(errors="replace"))
        elif field == b"event":
            self._type = value.decode(errors="replace")
        elif field == b"id":
            if b"\0" not in value:
                self._id = value.decode(errors="replace")
        elif field == b"retry" and value.isdigit():
            digits = value.lstrip(b"0")
            self.retry_ms = min(int(digits or b"0"), MOST_RETRY_MS) if len(digits) < 10 else MOST_RETRY_MS
        # Anything else is no field of this standard, or (nothing before the colon) a comment.

    def _end_event(self) -> Event | None:
        self.last_id = self._id
        kind, self._type = self._type, ""
        if not self._data:
            return None
        data, self._data = "\n".join(self._data), []
        return Event(kind or "message", data, self._id)
