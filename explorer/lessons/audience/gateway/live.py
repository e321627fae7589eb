"""What phones are told while they listen: the whole state, small, at once when it changes and twice a second anyway."""

import asyncio
import json
from typing import Any, Final

from explorer.lessons.audience.gateway.http import Stream
from explorer.lessons.audience.gateway.room import Phone, Room

EVERY_S: Final = 0.5
SOON_S: Final = 0.1
"""Changes come in swarms, when thirty people press a button: they are told of together."""
BYE: Final = b'data: {"closed":true}\n\n'


class Live:
    """The streams of all phones. `start` begins; `end` says good-bye and closes them."""

    def __init__(self, room: Room, loop: asyncio.AbstractEventLoop) -> None:
        self._room = room
        self._loop = loop
        self._streams: dict[Stream, Phone] = {}
        self._next: asyncio.TimerHandle | None = None
        self._due = 0.0

    def add(self, phone: Phone, stream: Stream) -> None:
        """Tell this phone from now on."""
        self._streams[stream] = phone
        stream.ended = lambda: self._remove(stream)
        self._room.listen(phone, 1)
        stream.send(self._message(self._common(), phone))

    def soon(self) -> None:
        """Something has changed."""
        self._at(self._loop.time() + SOON_S)

    def end(self) -> None:
        """The lesson is over."""
        if self._next is not None:
            self._next.cancel()
            self._next = None
        for stream in list(self._streams):
            stream.send(BYE)
            stream.close()

    def _remove(self, stream: Stream) -> None:
        phone = self._streams.pop(stream, None)
        if phone is not None:
            self._room.listen(phone, -1)

    def _at(self, due: float) -> None:
        if self._next is not None and due >= self._due:
            return
        if self._next is not None:
            self._next.cancel()
        self._due = due
        self._next = self._loop.call_at(due, self._tell)

    def _tell(self) -> None:
        self._next = None
        common = self._common()
        for stream, phone in list(self._streams.items()):
            stream.send(self._message(common, phone))
        if self._streams:
            self._at(self._loop.time() + EVERY_S)

    def _common(self) -> str:
        return _plain(self._room.common())

    def _message(self, common: str, phone: Phone) -> bytes:
        return f'data: {{"room":{common},"me":{_plain(self._room.own(phone))}}}\n\n'.encode()


def _plain(data: dict[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"))
