"""Records of a load on a host that shares no memory with the run: they travel with its reports, as many as have room.

A report has room for `most` of them; what comes on top is counted and dropped, so that thousands of requests a second
cost the network no more than the reports themselves. The figures lose nothing by that: counts and histograms are in
the reports. A request that is over by the next report is one record; one that is still under way then is a begin, and
its complete comes later.
"""

import base64
from typing import Any, Final

from explorer.load.records import NO_CPU
from explorer.records.schema import RECORD
from explorer.records.states import Flag, Kind, State

_pack: Final = RECORD.pack
_REQUEST: Final = int(Kind.CLIENT_REQUEST)
_AWAITING: Final = int(State.AWAITING)
_BEGIN: Final = int(Flag.BEGIN)
_COMPLETE: Final = int(Flag.COMPLETE)


class ForwardedRecords:
    """Keeps records until the next report takes them `along`. Tracks are 0: there is one host, which is one track."""

    def __init__(self, first: int, most: int) -> None:
        """Number requests from `first` on; keep at most `most` records between two reports."""
        self._next = first
        self._most = most
        self._names: dict[str, int] = {}
        self._new_names: dict[int, str] = {}
        self._begun: dict[int, tuple[int, int]] = {}  # since the last report, not over: name, start
        self._told: set[int] = set()  # of which a begin was sent
        self._packed: list[bytes] = []
        self.written = self.lost = 0

    def name(self, text: str) -> int:
        """The number of a name, from 1; the next report declares it."""
        number = self._names.get(text)
        if number is None:
            number = self._names[text] = len(self._names) + 1
            self._new_names[number] = text
        return number

    def next_request(self) -> int:
        """A number of this host's own range."""
        number, self._next = self._next, self._next + 1
        return number

    def begin(self, request: int, name: int, start: int) -> None:
        """A request is due."""
        self._begun[request] = name, start

    def complete(self, request: int, name: int, start: int, end: int, status: int) -> None:
        """It has ended, with an HTTP status or one of `NO_ANSWER` and `ABANDONED`."""
        self._begun.pop(request, None)
        # The complete of what is shown as under way must come, or it would be so for ever.
        must = request in self._told
        self._told.discard(request)
        self.written += 1
        if len(self._packed) >= self._most and not must:
            self.lost += 1
            return
        self._packed.append(
            _pack(start, end - start, request, NO_CPU | status, name, 0, 0, _REQUEST, _AWAITING, 0, _COMPLETE)
        )

    def connect(self, request: int, start: int, end: int) -> None:
        """Opening a connection is not told from afar: it is a part of the request's time."""

    def sent(self, request: int, intended: int, end: int, waited: bool) -> None:
        """Neither is when it was sent."""

    def close(self) -> None:
        """Nothing more will come."""

    def along(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The fields of a report with what there is to forward.

        `records` are base64 of 48 bytes each, `names` declare their names, `written` and `lost` count since the start.
        """
        self._tell_begun()
        data, self._packed = b"".join(self._packed), []
        names, self._new_names = self._new_names, {}
        told = {"records": base64.b64encode(data).decode(), "written": self.written, "lost": self.lost}
        return fields | told | ({"names": names} if names else {})

    def _tell_begun(self) -> None:
        begun, self._begun = self._begun, {}
        for request, (name, start) in begun.items():
            self.written += 1
            if len(self._packed) >= self._most:
                self.lost += 1
                continue
            self._told.add(request)
            self._packed.append(_pack(start, 0, request, NO_CPU, name, 0, 0, _REQUEST, _AWAITING, 0, _BEGIN))
