"""What the load of a run sent: all of it, however long the run, and held against the plan."""

import numpy as np

from explorer.collect.source import SPAN, Array, Batch, Track
from explorer.records.states import Flag, Kind, TrackKind
from explorer.session.duel_sends import Sends, answered, replay
from explorer.store.store import Store

SENT, STEPS, FAR = 1, 2, 3
EVERY = 1_000_000
TRACKS = [
    Track(SENT, TrackKind.REQUESTS, "requests", 1),
    Track(STEPS, TrackKind.LOOP, "loop", 2),
    Track(FAR, TrackKind.HOST, "elsewhere", 3),
]


def batches(count: int, track: int = SENT) -> list[Batch]:
    """`count` requests, one each ms, told of a hundred at a time with ten steps each; every tenth failed."""
    found = [Batch(0, tracks=TRACKS)]
    for first in range(0, count, 100):
        asked, steps = np.zeros(100, SPAN), np.zeros(1_000, SPAN)
        asked["start"] = (np.arange(first, first + 100) + 5) * EVERY
        asked["end"], asked["request"] = asked["start"] + EVERY // 2, np.arange(first, first + 100) + 1
        asked["argument"] = np.where(asked["request"] % 10 == 0, 503, 200)
        asked["kind"], asked["track"] = Kind.CLIENT_REQUEST, track
        steps["start"] = first * EVERY + np.arange(1_000) * (EVERY // 10)
        steps["end"] = steps["start"] + 10
        steps["kind"], steps["track"] = Kind.STEP, STEPS
        both = np.concatenate((steps, asked))
        both["flags"] = Flag.COMPLETE
        found.append(Batch(int(both["end"].max()), spans=both[np.argsort(both["end"], kind="stable")]))
    return found


def fed(given: list[Batch]) -> tuple[Store, Array]:
    store, sends = Store(1 << 20), Sends()
    for batch in given:
        store.append(batch)
        sends.feed(batch)
    return store, sends.requests


def test_what_was_sent_is_known_as_a_whole_when_the_store_has_dropped_the_oldest() -> None:
    count = 5_000
    store, requests = fed(batches(count))
    assert store.dropped > 0
    assert requests["request"].tolist() == list(range(1, count + 1))
    assert int(np.count_nonzero(~requests["ok"])) == count // 10
    planned = [number * EVERY for number in range(count)]
    assert replay(requests, planned).same is True
    assert replay(requests[1:], planned).same is False
    assert replay(requests, []).same is None


def test_those_that_were_answered_well_within_a_stretch_are_known() -> None:
    _, requests = fed(batches(100))
    end = int(requests["end"][49])
    assert answered(requests, 0, end).tolist() == [number for number in range(1, 51) if number % 10]
    assert answered(requests, end, 1 << 62).tolist() == [number for number in range(51, 101) if number % 10]


def test_what_other_hosts_sent_is_left_out() -> None:
    assert len(fed(batches(100, FAR))[1]) == 0
    assert len(fed([])[1]) == 0
