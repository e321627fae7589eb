"""Invented runs whose figures are known: batches of spans, samples and reports of the load."""

from typing import Any

import numpy as np

from explorer.collect.source import SAMPLE, SPAN, Array, Batch, Process, Tally, Track
from explorer.load.histogram import Histogram
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, Role, State, TrackKind

S = 1_000_000_000
MS = 1_000_000
T0 = 1_000 * S
SERVER, LOAD = 1, 2
LOOP, THREAD, SERVED, ASKED, CPU, RSS, THREAD_CPU = range(1, 8)
SCENARIO: dict[str, Any] = {
    "load": {"mode": "users", "duration": 0.0},
    "dispatch": {"id": "thread_pool", "tokens": 40},
}


def declared(now: int = T0) -> Batch:
    """A server and a load process with their tracks."""
    return Batch(
        now=now,
        processes=[
            Process(SERVER, 100, Role.SERVER, "server", 1, 1, "python3", T0),
            Process(LOAD, 200, Role.LOAD, "load", 1, 0, "python3", T0),
        ],
        tracks=[
            Track(LOOP, TrackKind.LOOP, "MainThread", SERVER, tid=100, pid=100),
            Track(THREAD, TrackKind.THREAD, "AnyIO worker", SERVER, tid=101, pid=100),
            Track(SERVED, TrackKind.REQUESTS, "requests", SERVER, pid=100),
            Track(ASKED, TrackKind.REQUESTS, "requests", LOAD, pid=200),
            Track(CPU, TrackKind.COUNTER, "cpu", 3, pid=100, unit="%"),
            Track(RSS, TrackKind.COUNTER, "rss", 3, pid=100, unit="B"),
            Track(THREAD_CPU, TrackKind.COUNTER, "thread_cpu", 3, pid=100, tid=101, unit="s"),
        ],
    )


def spans(*rows: tuple[int, int, int, Kind, int, int]) -> Array:
    """Spans from (track, start, end, kind, request, own value), in order of end, depth 0."""
    made = np.zeros(len(rows), SPAN)
    for at, (track, start, end, kind, request, value) in enumerate(sorted(rows, key=lambda row: row[2])):
        argument = span_argument(value)
        made[at] = (start, end, request, argument, 1, track, 0, kind, State.RUNNING, 0, Flag.COMPLETE)
    return made


def samples(*rows: tuple[int, int, float]) -> Array:
    """Samples from (track, time, value)."""
    return np.array([(time, value, track, 0) for track, time, value in rows], SAMPLE)


def load_event(time: int, latencies: list[float], *, lag: float = 0.0, **counts: int) -> dict[str, Any]:
    """A report about the last 100 ms; `latencies` in seconds of the answers in it."""
    event: dict[str, Any] = {"type": "load", "event": "load", "time": time, "interval_ns": 100 * MS}
    event |= {"sent": len(latencies), "ok": len(latencies), "failed": 0, "timed_out": 0} | counts
    for name, values in (
        ("latency", latencies),
        ("service", [value - lag for value in latencies]),
        ("send_lag", [lag] * len(latencies)),
    ):
        histogram = Histogram()
        histogram.add(values)
        event |= {
            name: histogram.to_bins(),
            f"{name}_sum": histogram.total,
            f"{name}_max": histogram.maximum,
        }
    return event


def steady(seconds: float, rate: int, latency: float, *, lag: float = 0.0, lost: int = 0) -> list[Batch]:
    """A load of `rate` requests a second, each answered after `latency` seconds, in batches of 100 ms."""
    found = [declared()]
    each = S // rate
    ended = 0
    for number in range(round(seconds * 10)):
        now = T0 + (number + 1) * 100 * MS
        rows = []
        while (end := T0 + ended * each + round(latency * S)) < now:
            rows.append((ASKED, end - round(latency * S), end, Kind.CLIENT_REQUEST, LOAD << 40 | ended, 200))
            ended += 1
        event = load_event(now, [latency] * len(rows), lag=lag, sent=rate // 10)
        tally = Tally(written=ended + lost, read=ended, lost=lost, rings=2)
        found.append(Batch(now=now, spans=spans(*rows), events=[event], tally=tally))
    return found
