"""Puts the requests of other hosts onto the timeline: records that came with their reports, into a ring of the run.

Each host is a track of its own, whose name tells how well the host's clock is known. Times are turned into this host's,
names into this process's.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.probe.tracer import Tracer
from explorer.records.schema import RECORD, SIZE
from explorer.records.states import TrackKind
from explorer.ring.pool import SizeClass


@dataclass(slots=True)
class _Host:
    label: str
    track: int
    ahead_ns: int
    names: dict[int, int] = field(default_factory=dict)
    not_drawn: int = 0  # the counter of what was lost on the way, declared when something is
    lost: int = 0


class Lanes:
    """The hosts' requests in one ring; all calls come from one thread."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._ring = tracer.lease(SizeClass.LOOP, tracer.track)
        self._hosts: list[_Host] = []

    def add(self, label: str, ahead_ns: int, error_ns: int) -> int:
        """A host whose clock is `ahead_ns` ahead of ours, wrong by `error_ns` at most; returns its number, from 0."""
        text = f"{label} ±{max(error_ns, 50_000) / 1e6:.1f} ms"
        self._hosts.append(_Host(text, self._tracer.declare(TrackKind.HOST, text), ahead_ns))
        return len(self._hosts) - 1

    def sync(self, number: int, ahead_ns: int) -> None:
        """A host's clock was measured anew."""
        self._hosts[number].ahead_ns = ahead_ns

    def take(self, number: int, report: Mapping[str, Any]) -> None:
        """Write the records that came with a report of a host."""
        host, write = self._hosts[number], self._ring.write
        for own, text in report.get("names", {}).items():
            host.names[int(own)] = self._tracer.name(f"{host.label}, {text}")
        self._note_lost(host, int(report.get("lost", 0)), int(report["time"]))
        data = base64.b64decode(report.get("records", ""))
        for place in range(0, len(data) - SIZE + 1, SIZE):
            start, duration, request, argument, name, _, _, kind, state, depth, flags = RECORD.unpack_from(data, place)
            write(
                start - host.ahead_ns, duration, request, argument, host.names.get(name, 0),
                host.track, kind, state, depth, flags,
            )  # fmt: skip

    def _note_lost(self, host: _Host, lost: int, time: int) -> None:
        """Where fewer requests are drawn than were sent, a counter says how many."""
        new, host.lost = lost - host.lost, lost
        if new and not host.not_drawn:
            text = f"{host.label}, not drawn"
            host.not_drawn = self._tracer.declare(TrackKind.COUNTER, text, unit="requests")
        if host.not_drawn:
            self._ring.sample(host.not_drawn, float(new), time - host.ahead_ns)

    def close(self) -> None:
        """Give the ring back."""
        self._tracer.give_back(self._ring)
