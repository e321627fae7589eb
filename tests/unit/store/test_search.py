"""Searching a store, against a slow reference that looks at one record after the other."""

import numpy as np
import pytest

from explorer.collect.source import SPAN, Array, Batch, Marker, Tally, Track
from explorer.records.schema import request_counter, request_number
from explorer.records.states import ABANDONED, NO_ANSWER, Kind, State, TrackKind
from explorer.store.search import Query, Search, parse
from explorer.store.store import Store

NAMES = ("", "GET /job", "json.dumps", "sock.recv", "Json", "select", "waits for a thread")
LOOP, WORKER, GROUP, LANE, STRIP = 1, 2, 3, 4, 5
TRACKS = [
    Track(LOOP, TrackKind.LOOP, "MainThread", 1),
    Track(WORKER, TrackKind.THREAD, "AnyIO worker thread", 1),
    Track(GROUP, TrackKind.REQUESTS, "GET /job", 1),
    Track(LANE, TrackKind.LANE, "1", 0, parent=GROUP),
    Track(STRIP, TrackKind.STATES, "", 2),
]
ROWS = (
    (LOOP, 0, (5, 2)),
    (WORKER, 0, (2, 4)),
    (WORKER, 1, (3,)),
    (GROUP, 0, (1,)),
    (LANE, 0, (2, 6)),
    (STRIP, 0, (2,)),
)


def spans(seed: int, count: int, begin: int = 0) -> Array:
    random = np.random.default_rng(seed)
    found = np.zeros(len(ROWS) * count, SPAN)
    at = 0
    for track, depth, names in ROWS:
        time = begin
        for _ in range(count):
            time += int(random.integers(1, 50))
            end = time + int(random.integers(1, 40))
            one = found[at]
            one["start"], one["end"], one["track"], one["depth"] = time, end, track, depth
            one["name"] = random.choice(names)
            one["request"] = request_number(1, int(random.integers(1, 90))) if random.random() < 0.8 else 0
            one["kind"], one["state"] = Kind.CALL, State.RUNNING
            if track == GROUP:
                one["kind"] = random.choice([Kind.REQUEST, Kind.CLIENT_REQUEST])
                one["argument"] = int(random.choice([200, 404, 500, NO_ANSWER, ABANDONED]))
            elif track == LANE:
                one["kind"] = Kind.PIECE
            at, time = at + 1, end
    return found[np.argsort(found["end"], kind="stable")]


def store_of(*batches: Array) -> Store:
    store = Store()
    for number, some in enumerate(batches):
        fresh = number == 0
        store.append(
            Batch(
                now=int(some["end"].max()),
                spans=some,
                tracks=TRACKS if fresh else [],
                names=list(enumerate(NAMES))[1:] if fresh else [],
            )
        )
    return store


def slow(query: Query, *batches: Array) -> list[tuple[int, int, int]]:
    """(time, track, request) of what is to be found."""
    every = [one for some in batches for one in some if one["track"] != STRIP]
    named = {number for number, name in enumerate(NAMES) if query.words and query.words in name.casefold()}
    found: set[tuple[int, int, int]] = set()
    requests: dict[int, int] = {}
    elsewhere = {int(one["name"]) for one in every if one["track"] in (LOOP, WORKER)}
    for one in every:
        track, request, kind = int(one["track"]), int(one["request"]), int(one["kind"])
        status = int(one["argument"]) & 0xFFFFFFFF
        hit = int(one["name"]) in named or kind == query.kind
        if track == GROUP:
            hit |= query.status is not None and status == query.status
            hit |= query.failures and (400 <= status < 600 or (status == 0 and kind == Kind.CLIENT_REQUEST))
        numbered = bool(request) and request_counter(request) == query.number
        if (numbered and not hit) or (hit and track == GROUP and request):
            requests[request] = min(requests.get(request, 1 << 60), int(one["start"]))
        elif hit and track != GROUP and not (track == LANE and int(one["name"]) in elsewhere):
            found.add((int(one["start"]), track, request))
    return sorted(found | {(time, 0, request) for request, time in requests.items()})


def found(search: Search) -> list[tuple[int, int, int]]:
    return sorted((int(hit["time"]), int(hit["track"]), int(hit["request"])) for hit in search.hits)


TEXTS = ["json", "JSON.dumps", "/job", "waits for", "s", "#7", "41", "404", "errors", "500", "no such thing", "call"]


@pytest.mark.parametrize("text", TEXTS)
def test_it_finds_what_the_slow_reference_finds_also_as_more_comes(text: str) -> None:
    batches = [spans(1, 300), spans(2, 300, 30_000), spans(3, 40, 60_000)]
    store = store_of(*batches[:2])
    search = Search(store, text)
    steps = 1
    while search.step(700):
        steps += 1
        assert 0 <= search.progress <= 1
        assert len(search.hits) <= 3_600
    assert steps > 2
    assert found(search) == slow(search.query, *batches[:2])
    store.append(Batch(now=70_000, spans=batches[2]))
    assert not search.step()
    assert found(search) == slow(search.query, *batches)
    assert search.progress == 1.0
    times = search.hits["time"]
    assert (times[1:] >= times[:-1]).all()


def test_of_very_many_the_earliest_are_kept_and_that_is_said() -> None:
    batch = spans(1, 300)
    search = Search(store_of(batch), "json", most=50)
    while search.step(200):
        pass
    every = slow(search.query, batch)
    assert len(every) > 150
    assert search.more
    assert [time for time, _, _ in found(search)] == [time for time, _, _ in every][:50]


def test_what_comes_late_is_found_once() -> None:
    early, late = spans(1, 60, 0), spans(2, 60, 500)
    store = store_of(early)
    search = Search(store, "json")
    search.step()
    store.append(Batch(now=10_000, spans=late, tally=Tally(0, 0, 0, 60, 1)))
    search.step()
    assert found(search) == slow(search.query, early, late)


def test_what_was_dropped_for_memory_is_no_longer_a_hit() -> None:
    store = store_of(spans(1, 3_000))
    search = Search(store, "json")
    search.step(1 << 30)
    before = len(search.hits)
    store.memory_bytes = store.memory - 1
    store.append(Batch(now=10**6, spans=spans(2, 10, 200_000)))
    search.step(1 << 30)
    assert store.begin is not None
    assert 0 < len(search.hits) < before
    assert search.hits["time"].min() >= store.begin


def test_markers_are_found_by_their_words() -> None:
    batch = spans(1, 20)
    store = store_of(batch)
    change = Marker(77, "change", "Tokens 3 → 4")
    store.append(Batch(now=10_000, spans=batch[:0], markers=[change, Marker(90, "death", "Worker died")]))
    search = Search(store, "tokens 3")
    search.step()
    assert found(search) == [(77, 0, 0)]
    store.append(Batch(now=10_000, spans=batch[:0], markers=[Marker(99, "change", "tokens 3")]))
    search.step()
    search.step()
    assert found(search) == [(77, 0, 0), (99, 0, 0)]


def test_a_name_that_comes_later_is_found_too() -> None:
    store = store_of(spans(1, 20))
    search = Search(store, "pickle")
    search.step()
    more = spans(2, 20, 10_000)
    more["name"][more["track"] == WORKER] = len(NAMES)
    store.append(Batch(now=20_000, spans=more, names=[(len(NAMES), "pickle.loads")]))
    search.step()
    assert len(search.hits) == 40


def test_a_number_that_nobody_declared_is_no_name() -> None:
    damaged = spans(1, 20)
    damaged["name"][damaged["track"] == WORKER] = 4_000_000_000
    search = Search(store_of(damaged), NAMES[-1])
    search.step()
    assert {NAMES[number] for number in search.hits["name"].tolist()} <= {NAMES[-1]}
    assert len(search.hits) == int((damaged["name"] == len(NAMES) - 1).sum())


def test_what_is_shown_as_found() -> None:
    search = Search(store_of(spans(1, 20)), "json")
    search.step()
    names, requests = np.array([2, 3, 4, 900], "<u4"), np.zeros(4, "<u8")
    assert search.matches(names, requests).tolist() == [True, False, True, False]
    number = Search(store_of(spans(1, 20)), "#7")
    number.step()
    given = np.array([request_number(1, 7), request_number(2, 7), 8, 0], "<u8")
    assert number.matches(names, given).tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("  GET  /Job ", Query("get /job")),
        ("#2664", Query("", 2664)),
        ("2,664", Query("2,664", 2664)),
        ("500", Query("500", 500, 500)),
        ("Errors", Query("errors", failures=True)),
        ("timers", Query("timers", kind=Kind.TIMER)),
        ("2,66", Query("2,66")),
        ("9" * 40, Query("9" * 40)),
        ("", Query("")),
    ],
)
def test_what_is_meant(text: str, query: Query) -> None:
    assert parse(text) == query
