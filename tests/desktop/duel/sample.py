"""A finished duel made of two small runs: three users who wait in line at A, and who do not at B."""

from typing import Any

import numpy as np

from explorer.collect.source import SPAN, Array, Batch, Marker, Process, Track
from explorer.desktop.duel.shown import Shown, shown
from explorer.records.schema import request_number
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.session.duel_sends import Sends
from explorer.store.store import Store

MS = 1_000_000
NAMES = ("", "GET /job", "time.sleep", "waits for the loop")
SERVER, LOAD = 1, 2
LOOP, SENT, GROUP, FIRST_LANE = 1, 2, 3, 10
USERS = 3
ROUNDS = 8
STEP = 20 * MS


def run(begin: int, latency: int) -> tuple[Store, Array]:
    """A run from `begin` on (ns): every 20 ms each user sends a request, answered after `latency` ns. Its store
    and its requests.
    """
    rows = []
    number = 0
    for turn in range(ROUNDS):
        for user in range(USERS):
            number += 1
            start = begin + turn * max(STEP, latency + MS) + user
            request, end = request_number(LOAD, number), start + latency
            middle = start + latency // 2
            rows += [
                (start, end, request, 200, 1, SENT, Kind.CLIENT_REQUEST, State.NONE, 0),
                (start, middle, request, 0, 3, FIRST_LANE + user, Kind.PIECE, State.QUEUED, 0),
                (middle, end, request, 0, 2, FIRST_LANE + user, Kind.PIECE, State.BLOCKED, 0),
            ]
        rows.append((start, start + MS, 0, 0, 2, LOOP, Kind.STEP, State.BLOCKED, 0))
    spans = np.zeros(len(rows), SPAN)
    fields = ("start", "end", "request", "argument", "name", "track", "kind", "state", "depth")
    for field, column in zip(fields, zip(*rows, strict=True), strict=True):
        spans[field] = column
    spans["flags"] = Flag.COMPLETE
    spans = spans[np.argsort(spans["end"], kind="stable")]
    made, sends = Store(), Sends()
    batch = Batch(
        now=int(spans["end"].max()),
        spans=spans,
        processes=[
            Process(SERVER, 101, Role.SERVER, "FastAPI", 1, 1, "Python 3.11", begin - MS),
            Process(LOAD, 102, Role.LOAD, "3 users", 1, 1, "", begin - MS),
        ],
        tracks=[
            Track(LOOP, TrackKind.LOOP, "MainThread", SERVER, tid=101),
            Track(SENT, TrackKind.REQUESTS, "requests", LOAD),
            Track(GROUP, TrackKind.REQUESTS, "GET /job", 0),
            *(Track(FIRST_LANE + n, TrackKind.LANE, str(n + 1), 0, parent=GROUP) for n in range(USERS)),
        ],
        names=list(enumerate(NAMES))[1:],
        markers=[Marker(begin, "begin", "Load begins")],
    )
    made.append(batch)
    sends.feed(batch)
    return made, sends.requests


def told(runs: int = 2) -> dict[str, Any]:
    """The JSON of a duel, as far as the page reads it."""
    badges, titles = "ABCD"[:runs], ("Blocking coroutine", "Thread pool", "Coroutine", "Process pool")
    single = runs == 2

    def difference(
        figure: str, values: list[float], ratio: float | None, interval: list[float] | None, clear: bool
    ) -> Any:
        many = runs - 1
        return {
            "figure": figure,
            "values": [values[0]] + [values[1]] * many,
            "ratio": ratio if single else [ratio] * many,
            "interval": interval if single else [interval] * many,
            "clear": clear if single else [clear] * many,
        }

    return {
        "schema": 1,
        "runs": [
            {
                "badge": badge,
                "title": title,
                "note": "",
                "scenario": {"name": ""},
                "figures": {"telemetry": {"lost": 0}},
                "repeats": [{"telemetry": {"lost": 0}}],
                "replays": [],
            }
            for badge, title in zip(badges, titles, strict=False)
        ],
        "differences": [
            difference("throughput_rps", [5.0, 49.2], 9.84, [9.7, 10.0], True),
            difference("wait_loop_ms", [1814.0, 0.6], 0.00033, [0.0003, 0.0004], True),
            difference("threads", [1.0, 11.0], 11.0, [11.0, 11.0], True),
            difference("cpu_ms", [1.9, 2.3], 1.2, [0.8, 1.6], False),
            difference("failed", [0.0, 4.0], None, None, True),
        ],
        "verdict": "B answers 9.8 times as many requests.",
        "cause": "A's requests wait 1,814 ms for the loop on average.",
        "repeat": 5,
        "load": {"sentence": "All get A's load, 3 users.", "seed": 4711, "planned": 0},
        "order": ["A", "B"],
        "notes": [],
        "figure": "throughput_rps",
        "cause_figure": "wait_loop_ms",
    }


def duel(runs: int = 2) -> Shown:
    """A duel of runs that lie seconds apart on the machine's clock; A takes 10 ms for a request, the others 2 ms."""
    made = [run(1_000_000 * MS + place * 5_000 * MS, 10 * MS if not place else 2 * MS) for place in range(runs)]
    return shown(told(runs), made)
