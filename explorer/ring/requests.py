"""The writing end of a ring of requests: as a ring of records, for a server that answers ten thousand a second.

A record of 48 bytes takes a third of a microsecond to pack, mostly for fields that are the same for all requests. Here
a request is two rows of four fields, one when it begins and one when it is complete; kind, state and track are the
ring's. The count is published after the row, as with records, and what holds for reading those holds here.

Times are float seconds and words are small integers for the reason given in `explorer.ring.columns`.
"""

import mmap
from collections.abc import Callable
from typing import Final

from explorer.ring import layout
from explorer.ring.writer import Header

Write = Callable[[float, float, int, int], None]

_pack_into: Final = layout.REQUEST.pack_into
_SIZE: Final = layout.REQUEST.size
_HEADER: Final = layout.HEADER_SIZE
_HEAD: Final = layout.WORD_HEAD


class RequestRing(Header):
    """A ring of requests with one writing thread, which calls `write`. Never waits; overwrites the oldest row."""

    __slots__ = ("write",)
    _form = layout.REQUESTS

    def __init__(self, buffer: mmap.mmap | bytearray) -> None:
        """Take hold of a ring that `explorer.ring.mapped` made in this form."""
        super().__init__(buffer)
        self.write: Write = _writer(buffer, self._words, self.capacity)
        """`write(start, end, request, word)`: times in seconds, end 0.0 when the request begins; `word` is
        `status << STATUS_SHIFT | name`."""


def _writer(buffer: mmap.mmap | bytearray, words: memoryview, capacity: int) -> Write:
    """The ring's one cursor is the closure's `count`: nothing that can run inside a call writes here as well."""
    count = words[_HEAD]

    def write(start: float, end: float, request: int, word: int) -> None:
        nonlocal count
        _pack_into(buffer, _HEADER + count % capacity * _SIZE, start, end, request, word)
        count += 1
        words[_HEAD] = count

    return write
