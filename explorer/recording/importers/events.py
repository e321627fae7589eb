"""The events of a Chrome or Perfetto JSON trace, one after the other, without ever holding the file in memory.

Two forms are read, plain or gzipped: an array of events (whose closing bracket may be missing, as the format allows),
or an object with `traceEvents`. The text passes through a window of a megabyte, in which the standard library's own
scanner decodes one event at a time (1 µs each): so nothing has to be guessed about where an event ends, and an event
that cannot be read costs itself alone.
"""

import codecs
import gzip
import io
import json
import re
import zlib
from pathlib import Path
from typing import Any, Final

from explorer.option_error import OptionError

CHUNK: Final = 1 << 20
LONGEST_EVENT: Final = 4 << 20
"""Characters; an event that has not ended by then is taken for damage."""
LONGEST_PREFACE: Final = 64 << 20
"""Characters of what an object may hold before its events (metadata, stack frames)."""
MOST_UNENDED: Final = 64
"""Texts without an end after which the rest is given up: each of them is looked through to the end of the window."""
ARRAY: Final = "traceEvents"
_READING: Final = (OSError, EOFError, zlib.error)
_BETWEEN: Final = re.compile(r"[\s,]*")
_BETWEEN_LOST: Final = re.compile(r"[\s,:\]}]*")
_SPACE: Final = re.compile(r"\s*")
_NEXT: Final = re.compile(r"\}\s*,\s*(?=\{)")
_UNENDED: Final = "Unterminated string"


class EventReader:
    """Reads the events of `path`. Raises `OptionError` from the constructor if it is no such trace.

    `malformed` counts events that cannot be read; `cut` says that the file ends before its events do; `finished` that
    all were given; `damage` is the reason why the rest could not be read, or empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.malformed = 0
        self.cut = False
        self.finished = False
        self.damage = ""
        self._unended = 0
        self._lost = False
        self._text = ""
        self._at = 0
        self._end = False
        self._scan = json.JSONDecoder(strict=False).raw_decode
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        try:
            self._size = max(1, path.stat().st_size)
            self._raw: io.BufferedReader = path.open("rb")
        except OSError as error:
            raise OptionError(
                f"{path} cannot be read ({error.strerror}). Check the path and its permissions."
            ) from None
        packed = self._raw.peek(2)[:2] == b"\x1f\x8b"
        self._file: io.BufferedIOBase = gzip.GzipFile(fileobj=self._raw) if packed else self._raw
        try:
            self._array = self._find_events()
        except BaseException:
            self.close()
            raise

    @property
    def progress(self) -> float:
        """Share of the file that was read, 0 to 1."""
        return 1.0 if self.finished else min(1.0, self._raw.tell() / self._size)

    def take(self, most: int) -> list[Any]:
        """The next events, at most `most`, as decoded; fewer, even none, when that is all for now.

        However little of the text is events, a call reads no more than a few times: a small file may unpack to a great
        many blanks.
        """
        events: list[Any] = []
        patience = 4 * most
        append, scan = events.append, self._scan
        text, at = self._text, self._at
        while len(events) < most and not self.finished and patience > 0:
            patience -= 1
            at = (_BETWEEN_LOST if self._lost else _BETWEEN).match(text, at).end()  # type: ignore[union-attr]
            self._at = at
            if at == len(text) or text[at] == "]":
                if at < len(text):
                    self.finished = True
                    break
                patience -= most // 2
                if not self._more():
                    # The closing bracket of an array may be left out; of an object it may not.
                    self.finished, self.cut = True, self.cut or not (self._array or self._lost)
                text, at = self._text, self._at
                continue
            try:
                event, at = scan(text, at)
            except (ValueError, RecursionError) as error:
                self._overcome(error, at)
                text, at = self._text, self._at
            else:
                if isinstance(event, dict):
                    append(event)
                elif not self._lost:
                    self.malformed += 1
        self._at = at
        return events

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        self._raw.close()

    def _overcome(self, error: BaseException, at: int) -> None:
        """An event could not be decoded: read more if it may only be incomplete, else go on behind it."""
        length = len(self._text)
        unended = str(error).startswith(_UNENDED)
        place = error.pos if isinstance(error, json.JSONDecodeError) else at
        incomplete = unended or place >= length - 8
        if incomplete and length - at < LONGEST_EVENT and self._more():
            return
        if incomplete and self._end:
            self.cut = self.finished = True
            return
        self.malformed += 1
        self._unended += unended
        if self._unended > MOST_UNENDED:
            self.damage, self.finished = "texts in it do not end", True
            return
        self._lost = True
        self._go_to_next(max(at, min(place, length) - 1))

    def _go_to_next(self, at: int) -> None:
        """Go to what looks like the begin of the next event."""
        while True:
            found = _NEXT.search(self._text, at)
            if found is not None:
                self._at = found.end()
                return
            # What was looked through is let go, but for what may be the first half of the separator.
            self._at = at = max(at, len(self._text) - 64)
            before = len(self._text) - at
            if not self._more() or len(self._text) <= before:
                self._at, self.finished, self.cut = len(self._text), True, True
                return
            at = self._at

    def _more(self) -> bool:
        """Read on: as much again as is not yet used, at least a chunk; False at the end of the file."""
        if self._end:
            return False
        rest = self._text[self._at :]
        try:
            data = self._file.read(max(CHUNK, len(rest)))
        except _READING as error:
            self.cut, data = True, b""
            self.damage = str(error) or type(error).__name__
        self._end = not data
        self._text, self._at = rest + self._decode(data, self._end), 0
        return not self._end

    # -- before the events -----------------------------------------------------------------------------------------

    def _find_events(self) -> bool:
        """Go to the first event; True if the file is an array of events, False if an object holds it."""
        self._more()
        self._skip()
        opening = self._text[self._at : self._at + 1]
        if self.damage:
            raise OptionError(f"{self._path} cannot be unpacked ({self.damage}). Open another one.")
        if opening not in ("[", "{"):
            raise self._refusal("is no JSON trace")
        self._at += 1
        if opening == "[":
            return True
        while self._key() != ARRAY:
            self._value()
        self._skip()
        if self._text[self._at : self._at + 1] != "[":
            raise self._refusal(f"is no trace: its {ARRAY} are no list")
        self._at += 1
        return False

    def _key(self) -> str:
        """The next key of the outermost object, and go behind its colon."""
        self._skip(_BETWEEN)
        if self._text[self._at : self._at + 1] != '"':
            raise self._refusal(f"is JSON, but no trace: it has no {ARRAY}")
        key = str(self._value())
        self._skip()
        if self._text[self._at : self._at + 1] != ":":
            raise self._refusal("is no JSON trace")
        self._at += 1
        return key

    def _value(self) -> Any:
        self._skip()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
                if end < len(self._text) or self._end:
                    self._at = end
                    return value
            except (ValueError, RecursionError):
                pass
            if len(self._text) - self._at > LONGEST_PREFACE or not self._more():
                raise self._refusal(f"cannot be read up to its {ARRAY}")

    def _skip(self, what: re.Pattern[str] = _SPACE) -> None:
        while True:
            self._at = what.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text) or not self._more():
                return

    def _refusal(self, reason: str) -> OptionError:
        return OptionError(f"{self._path} {reason}. Open one in Chrome's trace event format (JSON).")
