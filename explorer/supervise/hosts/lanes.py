"""Puts the requests of other hosts onto the timeline: records that came with their reports, into a ring of the run.

Each host is a track of its own, whose name tells how well the host's clock is known. Times are turned into this host's,
names into this process's.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from explorer.probe.tracer import Tracer
from explorer.records.schema import RECORD, SIZE, counter_argument
from explorer.records.states import Flag, Kind, State, TrackKind
from explorer.ring.pool import SizeClass

IN_FLIGHT: Final = "in flight"
LEFT_OUT: Final = "left out"


@dataclass(slots=True)
class _Host:
    label: str
    track: int
    ahead_ns: int
    names: dict[int, int] = field(default_factory=dict)
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
        self._count(host, report)
        data = base64.b64decode(report.get("records", ""))
        for place in range(0, len(data) - SIZE + 1, SIZE):
            start, duration, request, argument, name, _, _, kind, state, depth, flags = RECORD.unpack_from(data, place)
            write(
                start - host.ahead_ns, duration, request, argument, host.names.get(name, 0),
                host.track, kind, state, depth, flags,
            )  # fmt: skip

    def _count(self, host: _Host, report: Mapping[str, Any]) -> None:
        """How many requests are in flight, and of those sent how many are not drawn: counters on the host's track."""
        time = int(report["time"]) - host.ahead_ns
        lost = int(report.get("lost", 0))
        new, host.lost = lost - host.lost, lost
        if lost:
            self._sample(host.track, LEFT_OUT, time, new)
        if "in_flight" in report:
            self._sample(host.track, IN_FLIGHT, time, int(report["in_flight"]))

    def _sample(self, track: int, counter: str, time: int, value: int) -> None:
        argument, name = counter_argument(value), self._tracer.name(counter)
        self._ring.write(time, 0, 0, argument, name, track, Kind.COUNTER, State.NONE, 0, Flag.INSTANT)

    def close(self) -> None:
        """Give the ring back."""
        self._tracer.give_back(self._ring)
