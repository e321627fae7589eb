"""Operations name the pieces of a request's way, and what comes after the answer goes beside the requests."""

from explorer.records.states import Kind, State, TrackKind
from tests.unit.collect.make import Row, begin, row, spans
from tests.unit.collect.test_requests import FOREVER, LOOP, MS, SERVER, THREAD, Bench, R


def operation(bench: Bench, name: str, start: int, end: int, depth: int = 1, request: int = R) -> Row:
    """A complete operation, as its process writes it."""
    return row(
        Kind.OPERATION, start * MS, end * MS, request=request, name=bench.registry.name(name), track=SERVER,
        state=State.AWAITING, depth=depth,
    )  # fmt: skip


def test_stretches_bear_the_name_of_the_innermost_operation_and_keep_their_states() -> None:
    bench = Bench()
    bench.feed(
        bench.server(0),
        row(Kind.STEP, 2 * MS, 4 * MS, request=R, track=LOOP, state=State.RUNNING),
        row(Kind.TOKEN_WAIT, 5 * MS, 6 * MS, request=R, track=SERVER, state=State.QUEUED),
        row(Kind.JOB, 6 * MS, 8 * MS, request=R, name=bench.handler, track=THREAD, state=State.RUNNING),
        operation(bench, "inner", 3, 8, 2),
        operation(bench, "outer", 1, 9),
        bench.server(0, 10 * MS),
        until=FOREVER,
    )
    pieces = bench.made[bench.made["kind"] == Kind.PIECE]
    named = [
        (start // MS, end // MS, bench.registry.text(name), state)
        for start, end, name, state in pieces[["start", "end", "name", "state"]].tolist()
    ]
    assert [one for one in named if one[2] in ("outer", "inner", "waits for a thread")] == [
        (1, 2, "outer", State.AWAITING),
        (2, 3, "outer", State.RUNNING),
        (3, 4, "inner", State.RUNNING),
        (4, 5, "inner", State.AWAITING),
        (5, 6, "waits for a thread", State.QUEUED),
        (6, 8, "inner", State.RUNNING),
        (8, 9, "outer", State.AWAITING),
    ]
    whole = bench.made[bench.made["kind"] == Kind.OPERATION]
    assert sorted(whole[["start", "end"]].tolist()) == [(1 * MS, 9 * MS), (3 * MS, 8 * MS)]
    assert set(whole["track"].tolist()) == {SERVER}


def test_an_operation_of_one_request_names_no_other() -> None:
    bench, other = Bench(), R + 1
    bench.feed(
        bench.server(0),
        bench.server(0, request=other),
        operation(bench, "mine", 1, 2),
        bench.server(0, 3 * MS),
        bench.server(0, 3 * MS, request=other),
        until=FOREVER,
    )
    mine = bench.made[bench.made["name"] == bench.registry.name("mine")]
    assert set(mine["request"].tolist()) == {R}


def test_a_background_task_lies_beside_the_requests() -> None:
    bench = Bench()
    bench.feed(
        bench.client(0), bench.server(1 * MS), bench.server(1 * MS, 5 * MS), bench.client(0, 7 * MS), until=FOREVER
    )
    bench.feed(operation(bench, "task", 6, 9), until=FOREVER)
    (task,) = bench.made
    assert bench.registry.tracks[int(task["track"])].kind is TrackKind.LANE
    assert int(task["depth"]) == 0
    group = bench.registry.tracks[bench.registry.tracks[int(task["track"])].parent]
    assert group.name == "beside the requests"


def test_what_goes_on_is_shown_by_the_name_of_its_operation() -> None:
    bench = Bench()
    bench.feed(bench.server(0), row(Kind.STEP, 1, 2, request=R, track=LOOP, state=State.RUNNING), until=MS)
    names = [bench.registry.name(text) for text in ("resolving dependencies", "dependency session")]
    waiting = spans(
        *(begin(Kind.OPERATION, MS + at, request=R, name=name, track=SERVER) for at, name in enumerate(names))
    )
    assert bench.open(waiting=waiting) == [(0, "dependency session", State.AWAITING)]
    assert bench.open() == [(0, "awaits", State.AWAITING)]
