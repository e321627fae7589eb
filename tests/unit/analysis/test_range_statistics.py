"""The figures of a range against a slow reference: plain lists, one span after the other."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.call_stacks import StackNode
from explorer.analysis.groups import Figures, many_groups
from explorer.analysis.range_statistics import UNNAMED, RangeStatistics, Snapshot, Where, compute
from explorer.collect.source import SPAN, Array, Batch, OpenSpan, Process, Track
from explorer.records.states import ABANDONED, NO_ANSWER, Flag, Kind, Role, State, TrackKind
from explorer.store.store import Store
from tests.unit.recording.importers.opened import opened, slice_, trace

LOOP, WORKER, LANE, STRIP, SIDE, AGAIN = 1, 2, 3, 4, 5, 6
TRACKS = [
    Track(LOOP, TrackKind.LOOP, "loop", 1, tid=7),
    Track(WORKER, TrackKind.THREAD, "worker", 1),
    Track(LANE, TrackKind.LANE, "1", 0, parent=9),
    Track(STRIP, TrackKind.STATES, "", 2, tid=7, pid=11),
    Track(SIDE, TrackKind.REQUESTS, "", 1),
    Track(AGAIN, TrackKind.STATES, "", 2, tid=7, pid=11),
    Track(9, TrackKind.REQUESTS, "GET /", 0),
]


@dataclass
class One:
    """A span of the reference."""

    track: int
    depth: int
    start: int
    end: int
    name: int
    state: int
    request: int = 0
    kind: int = Kind.STEP
    argument: int = 0
    inner: list["One"] = field(default_factory=list)


def code(one: One) -> int:
    """What stands for a span's name."""
    return one.name or UNNAMED + one.kind


def store_of(spans: list[One]) -> Store:
    array = np.zeros(len(spans), SPAN)
    for at, one in enumerate(sorted(spans, key=lambda one: one.end)):
        array[at] = (
            *(one.start, one.end, one.request, one.argument, one.name, one.track, 0),
            *(one.kind, one.state, one.depth, Flag.COMPLETE),
        )
    store = Store()
    processes = [Process(1, 11, Role.SERVER, "", 1, 1, "", 0)]
    for part in np.array_split(array, 3):
        store.append(Batch(0, part, tracks=TRACKS, processes=processes))
    return store


@st.composite
def nests(draw: st.DrawFn, track: int) -> list[One]:
    """Spans one after the other, some with spans inside, some of these again."""
    found: list[One] = []

    def fill(begin: int, end: int, depth: int, outer: One | None) -> None:
        time = begin
        for _ in range(draw(st.integers(0, 4 if depth else 6))):
            start = time + draw(st.integers(0, 9))
            stop = start + draw(st.integers(1, 60 if depth == 0 else 20))
            if stop > end:
                return
            one = One(track, depth, start, stop, draw(st.integers(0, 3)), draw(st.integers(1, 9)))
            found.append(one)
            if outer is not None:
                outer.inner.append(one)
            if depth < 2:
                fill(start, stop, depth + 1, one)
            time = stop

    fill(0, 400, 0, None)
    return found


@st.composite
def pieces(draw: st.DrawFn, track: int, kind: Kind) -> list[One]:
    """Spans without anything inside."""
    time, found = 0, []
    for length in draw(st.lists(st.integers(1, 30), max_size=12)):
        start = time + draw(st.integers(0, 5))
        time = start + length
        request = draw(st.integers(0, 3))
        found.append(One(track, 0, start, time, 4, draw(st.integers(1, 9)), request, kind))
    return found


@st.composite
def wholes(draw: st.DrawFn) -> list[One]:
    """Records of requests, which overlap and come in any order."""
    found = []
    for number in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, 300))
        kind = draw(st.sampled_from([Kind.REQUEST, Kind.CLIENT_REQUEST, Kind.TOKEN_WAIT]))
        status = draw(st.sampled_from([NO_ANSWER, 200, 404, 503, ABANDONED]))
        found.append(One(SIDE, 0, start, start + draw(st.integers(1, 100)), 5, 1, number + 1, kind, status))
    return found


def figures(values: list[int]) -> Figures:
    """Of a list, by the definition."""
    values = sorted(values)
    count = len(values)
    return Figures(count, sum(values), values[(count + 1) // 2 - 1], values[(count * 99 + 99) // 100 - 1])


def grouped(pairs: list[tuple[object, int]]) -> dict[object, Figures]:
    found = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: figures(values) for key, values in found.items()}


def stacks_of(node: StackNode, path: tuple[object, ...] = ()) -> dict[tuple[object, ...], tuple[int, int, int]]:
    found = {}
    for key, child in node.children.items():
        here = (*path, key)
        if path:
            found[here] = child.count, child.total, child.own
        found |= stacks_of(child, here)
    return found


def stretches(nested: list[One], seen: list[One], begin: int, end: int) -> list[tuple[int, int]]:
    """State and length of each stretch of a lane, nanosecond by nanosecond."""
    found: list[tuple[int, int]] = []
    last: tuple[object, ...] = ()
    for time in range(begin, end):
        inner = max((one for one in nested if one.start <= time < one.end), key=lambda one: one.depth, default=None)
        look = next((one for one in seen if one.start <= time < one.end), None)
        if inner is None:
            last = ()
            continue
        over = look is not None and look.state in (State.WAITING_GIL, State.RUNNABLE)
        under = look is not None and look.state in (State.BLOCKED, State.WAITING_LOCK) and inner.state == State.RUNNING
        state = look.state if look is not None and (over or under) else inner.state
        this = (id(inner), state, id(look) if over or under else 0)
        if this == last:
            found[-1] = state, found[-1][1] + 1
        else:
            found.append((state, 1))
        last = this
    return found


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_figures_are_those_of_a_slow_reference(data: st.DataObject) -> None:
    nested = data.draw(nests(LOOP)) + data.draw(nests(WORKER))
    lane, strip = data.draw(pieces(LANE, Kind.PIECE)), data.draw(pieces(STRIP, Kind.THREAD_STATE))
    sides = data.draw(wholes())
    begin = data.draw(st.integers(0, 400))
    end = begin + data.draw(st.integers(1, 400))
    found = compute(Snapshot(store_of([*nested, *lane, *strip, *sides]), begin, end))

    def cut(one: One) -> int:
        return max(0, min(one.end, end) - max(one.start, begin))

    def own(one: One) -> int:
        return cut(one) - sum(cut(inner) for inner in one.inner)

    def within(spans: list[One]) -> list[One]:
        return [one for one in spans if one.end > begin and one.start < end]

    states: list[tuple[object, int]] = []
    for track, seen in ((LOOP, strip), (WORKER, [])):
        mine = [one for one in nested if one.track == track]
        states += [((Where.LANES, state), length) for state, length in stretches(mine, seen, begin, end)]
    states += [((Where.REQUESTS, one.state), cut(one)) for one in within(lane)]
    states += [((Where.SAMPLER, one.state), cut(one)) for one in within(strip)]
    assert found.states == grouped(states)
    assert found.names == grouped([(code(one), cut(one)) for one in within(nested)])
    outer = [one for one in within(nested) if one.depth == 0 and one.state != State.IDLE]
    assert found.lanes == grouped([(one.track, cut(one)) for one in outer])
    requests = grouped([(one.request, cut(one)) for one in within(lane) if one.request])
    assert {
        row["key"]: Figures(row["count"], row["total"], row["median"], row["p99"]) for row in found.requests
    } == requests
    in_lanes, of_requests, sampled = (len(within(one)) for one in (nested, lane, strip))
    assert found.looked == {Where.LANES: in_lanes, Where.REQUESTS: of_requests, Where.SAMPLER: sampled}
    assert found.spans == in_lanes + of_requests + sampled

    expected: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    kinds = {LOOP: TrackKind.LOOP, WORKER: TrackKind.THREAD}

    def walk(one: One, path: tuple[object, ...]) -> None:
        if one not in within([one]):
            return
        here = path
        if one.state != State.IDLE:
            here = (*path, code(one))
            entry = expected[here]
            entry[0] += 1
            entry[1] += cut(one)
            entry[2] += own(one)
        for inner in one.inner:
            # What lies in something idle has no caller.
            walk(inner, here if one.state != State.IDLE else path[:1])

    for one in nested:
        if one.depth == 0:
            walk(one, (kinds[one.track],))
    assert stacks_of(found.stacks) == {path: tuple(entry) for path, entry in expected.items()}

    for kind in (Kind.CLIENT_REQUEST, Kind.REQUEST):
        ended = [one for one in sides if one.kind == kind and begin <= one.end <= end]
        if ended or kind is Kind.REQUEST:
            ended = [one for one in ended if one.argument != ABANDONED]
            assert found.latencies.tolist() == sorted(one.end - one.start for one in ended)
            waited = [one for one in sides if one.argument == ABANDONED and begin <= one.end <= end]
            assert found.abandoned == sum(one.kind in (Kind.CLIENT_REQUEST, Kind.REQUEST) for one in waited)
            assert found.failed == sum(one.argument == 0 or one.argument >= 400 for one in ended)
            break


def test_own_times_of_a_lane_add_up_to_the_time_that_was_recorded() -> None:
    store = store_of(
        [
            One(LOOP, 0, 0, 100, 1, State.RUNNING),
            One(LOOP, 1, 20, 60, 2, State.BLOCKED),
            One(LOOP, 2, 30, 40, 3, State.RUNNING),
        ]
    )
    found = compute(Snapshot(store, 10, 90))
    assert found.states[Where.LANES, State.RUNNING].total == 30 + 10 + 10
    assert found.states[Where.LANES, State.BLOCKED].total == 30
    assert sum(each.total for each in found.states.values()) == 80
    [kind] = found.stacks.children.values()
    assert kind.total == 80
    [outer] = kind.ordered()
    assert (outer.total, outer.own, outer.state) == (80, 40, State.RUNNING)


def test_what_the_sampler_saw_is_the_state_of_work() -> None:
    """A job that ran for 30 of 100 ns only, in the figures of its state and in the hue of its bar."""
    store = store_of(
        [
            One(LOOP, 0, 0, 100, 1, State.RUNNING),
            One(STRIP, 0, 20, 70, 0, State.WAITING_GIL, kind=Kind.THREAD_STATE),
            One(STRIP, 0, 70, 90, 0, State.BLOCKED, kind=Kind.THREAD_STATE),
            One(STRIP, 0, 90, 130, 0, State.IDLE, kind=Kind.THREAD_STATE),
        ]
    )
    found = compute(Snapshot(store, 0, 200))
    lanes = {state: (one.count, one.total) for (where, state), one in found.states.items() if where is Where.LANES}
    assert lanes == {State.RUNNING: (2, 30), State.WAITING_GIL: (1, 50), State.BLOCKED: (1, 20)}
    [job] = next(iter(found.stacks.children.values())).ordered()
    assert job.state is State.WAITING_GIL
    assert job.times == {State.RUNNING: 30, State.WAITING_GIL: 50, State.BLOCKED: 20}


def test_a_thread_of_a_foreign_trace_is_one_lane_however_many_tracks_its_depths_have(tmp_path: Path) -> None:
    events = [slice_("outer", 0, 100), slice_("inner", 10, 50), slice_("leaf", 20, 10), slice_("other", 0, 30, 2)]
    store = opened(trace(tmp_path / "a.json", events)).store
    assert store.first is not None
    found = compute(Snapshot(store, store.first, store.first + 100_000))
    us = {key: one.total // 1000 for key, one in found.states.items()}
    assert us == {(Where.LANES, State.RUNNING): 130}, "no moment of a thread counts twice"
    assert [one.total // 1000 for one in found.lanes.values()] == [100, 30]
    [threads] = found.stacks.children.values()
    outer = threads.ordered()[0]
    inner = outer.ordered()[0]
    assert (outer.total, outer.own) == (100_000, 50_000)
    assert (inner.total, inner.own) == (50_000, 40_000)
    assert [store.name(node.name) for node in (outer, inner, *inner.ordered())] == ["outer", "inner", "leaf"]


def test_what_has_not_ended_lasts_up_to_now() -> None:
    """A callback that has blocked its loop since before the range; a job in it is over, and another one is not."""
    store = store_of(
        [One(LOOP, 1, 120, 150, 2, State.BLOCKED), One(LANE, 0, 90, 150, 4, State.QUEUED, 8, Kind.PIECE)],
    )
    going = [
        OpenSpan(LOOP, 0, 50, 1, 0, Kind.STEP, State.RUNNING),
        OpenSpan(LOOP, 1, 180, 3, 0, Kind.CALL, State.AWAITING),
        OpenSpan(LANE, 0, 90, 4, 8, Kind.PIECE, State.RUNNING),
    ]
    store.append(Batch(250, open_spans=going))
    found = compute(Snapshot(store, 100, 200))
    told = {key: one.total for key, one in found.states.items()}
    assert told == {
        (Where.LANES, State.RUNNING): 50,
        (Where.LANES, State.BLOCKED): 30,
        (Where.LANES, State.AWAITING): 20,
        (Where.REQUESTS, State.QUEUED): 50,
        (Where.REQUESTS, State.RUNNING): 50,
    }
    assert {name: one.total for name, one in found.names.items()} == {1: 100, 2: 30, 3: 20}
    [outer] = next(iter(found.stacks.children.values())).ordered()
    assert (outer.total, outer.own) == (100, 50)
    assert found.requests["total"].tolist() == [100]
    assert compute(Snapshot(store, 0, 40)).states == {}
    assert sum(one.total for one in compute(Snapshot(store, 240, 400)).lanes.values()) == 10, "not beyond now"


def test_a_thread_keeps_what_was_seen_of_it_when_its_id_is_used_again() -> None:
    store = store_of(
        [
            One(LOOP, 0, 0, 100, 1, State.RUNNING),
            One(STRIP, 0, 20, 70, 0, State.WAITING_GIL, kind=Kind.THREAD_STATE),
            One(AGAIN, 0, 300, 400, 0, State.BLOCKED, kind=Kind.THREAD_STATE),
        ]
    )
    found = compute(Snapshot(store, 0, 500))
    lanes = {state: one.total for (where, state), one in found.states.items() if where is Where.LANES}
    assert lanes == {State.RUNNING: 50, State.WAITING_GIL: 50}


def test_the_store_may_go_on_meanwhile() -> None:
    store = store_of([One(WORKER, 0, at * 10, at * 10 + 5, 1, State.RUNNING) for at in range(300)])
    alone = compute(Snapshot(store, 0, 5_000))
    steps = Snapshot(store, 0, 5_000).compute()
    next(steps)
    more = np.zeros(400, SPAN)
    more["start"] = np.arange(400) * 10 + 3_000
    more["end"] = more["start"] + 7
    more["track"], more["state"], more["name"] = WORKER, State.BLOCKED, 2
    store.append(Batch(0, more))
    late = np.zeros(1, SPAN)
    late["start"], late["end"], late["track"], late["state"] = 6, 9, WORKER, State.QUEUED
    store.append(Batch(0, late))
    [found] = [step for step in steps if isinstance(step, RangeStatistics)]
    assert found.names == alone.names


def test_progress_never_goes_back() -> None:
    store = store_of([One(WORKER, 0, at * 10, at * 10 + 5, 1, State.RUNNING) for at in range(2_000)])
    *shares, last = Snapshot(store, 0, 30_000).compute()
    assert isinstance(last, RangeStatistics)
    assert shares == sorted(shares)  # type: ignore[type-var]  # all but the last are shares
    assert shares


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 1_000)), max_size=400))
def test_many_groups_are_as_exact(pairs: list[tuple[int, int]]) -> None:
    codes: Array = np.array([code for code, _ in pairs], "<u8")
    values: Array = np.array([value for _, value in pairs], "<i8")
    found = {
        int(row["key"]): Figures(int(row["count"]), int(row["total"]), int(row["median"]), int(row["p99"]))
        for row in many_groups(codes, values)
    }
    assert found == grouped(list(pairs))


def test_an_empty_range_has_nothing() -> None:
    found = compute(Snapshot(store_of([]), 0, 10))
    assert (found.spans, found.states, found.names, found.lanes, len(found.requests)) == (0, {}, {}, {}, 0)
    assert not found.stacks.children


def test_a_bar_of_the_flame_knows_all_the_states_of_its_time() -> None:
    store = store_of(
        [
            One(LOOP, 0, 0, 100, 1, State.RUNNING),
            One(LOOP, 1, 10, 30, 2, State.BLOCKED),
            One(STRIP, 0, 20, 80, 0, State.WAITING_GIL, kind=Kind.THREAD_STATE),
        ]
    )
    found = compute(Snapshot(store, 0, 100))
    [kind] = found.stacks.children.values()
    [outer] = kind.children.values()
    [inner] = outer.children.values()
    assert inner.spent() == {State.BLOCKED: 10, State.WAITING_GIL: 10}
    assert outer.spent() == {State.RUNNING: 30, State.BLOCKED: 10, State.WAITING_GIL: 60}
    told = {state: figures.total for (where, state), figures in found.states.items() if where is Where.LANES}
    assert outer.spent() == told, "as the table of the states says"
