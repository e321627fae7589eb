"""From begins, completes and records of a request to the pieces on its lane."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from explorer.collect.order import by_end
from explorer.collect.registry import Registry
from explorer.collect.requests import DOUBT_NS, HISTORY_NS, JOB_NS, MOMENT_NS, Requests
from explorer.collect.source import SPAN, Array, OpenSpan
from explorer.records.schema import TIME_UNIT_NS
from explorer.records.states import Kind, State, TrackKind
from tests.unit.collect.make import Row, begin, row, spans

MS = 1_000_000
FOREVER = 1 << 62
NOTHING = np.empty(0, SPAN)
R = 1 << 40 | 7
LOAD, SERVER, LOOP, THREAD = 11, 12, 13, 14


class Bench:
    """A `Requests` with its registry, asked in the way `RunSource` asks it."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.requests = Requests(self.registry)
        self.job = self.registry.name("GET /job")
        self.handler = self.registry.name("job")
        self.sleep = self.registry.name("time.sleep")

    def feed(self, *rows: Row, until: int, unfinished: Array = NOTHING) -> list[tuple[int, int, str, State]]:
        """Start, end, name, state of the pieces that are known now."""
        self.requests.update(spans(*rows))
        made = self.requests.pieces(unfinished, until)
        self.made = made
        return [
            (start, end, self.registry.text(name), State(state))
            for start, end, name, state in made[["start", "end", "name", "state"]].tolist()
        ]

    def open(self, *running: OpenSpan, waiting: Array = NOTHING) -> list[tuple[int, str, State]]:
        """Start, name, state of the requests that are shown as open."""
        shown = self.requests.open_spans(running, waiting)
        return [(span.start, self.registry.text(span.name), span.state) for span in shown]

    def client(self, start: int, end: int | None = None, request: int = R) -> Row:
        """A client side: its begin, or its complete."""
        return self._side(Kind.CLIENT_REQUEST, LOAD, start, end, request)

    def server(self, start: int, end: int | None = None, request: int = R) -> Row:
        """A server side: its begin, or its complete."""
        return self._side(Kind.REQUEST, SERVER, start, end, request)

    def _side(self, kind: Kind, track: int, start: int, end: int | None, request: int) -> Row:
        if end is None:
            return begin(kind, start, request=request, name=self.job, track=track)
        return row(kind, start, end, request=request, name=self.job, track=track)


def test_the_way_of_a_request_through_a_thread_pool() -> None:
    bench = Bench()
    pieces = bench.feed(
        bench.client(0),
        bench.server(100_000),
        row(Kind.STEP, 300_000, 400_000, request=R, track=LOOP, state=State.RUNNING, value=500),  # waited 128 µs
        row(Kind.TOKEN_WAIT, 390_000, 900_000, request=R, track=SERVER, state=State.QUEUED),
        row(Kind.JOB, 900_000, 1_900_000, request=R, track=THREAD, state=State.RUNNING, name=bench.handler),
        row(Kind.CALL, 1_000_000, 1_800_000, request=R, track=THREAD, state=State.BLOCKED, name=bench.sleep, depth=1),
        row(Kind.STEP, 2_000_000, 2_200_000, request=R, track=LOOP, state=State.RUNNING),
        bench.server(100_000, 2_150_000),
        bench.client(0, 2_300_000),
        until=3 * MS,
    )
    assert pieces == [
        (0, 100_000, "until the server reads it", State.QUEUED),
        (100_000, 172_000, "awaits", State.AWAITING),
        (172_000, 300_000, "waits for the loop", State.QUEUED),
        (300_000, 400_000, "runs", State.RUNNING),
        (400_000, 900_000, "waits for a thread", State.QUEUED),
        (900_000, 1_000_000, "job", State.RUNNING),
        (1_000_000, 1_800_000, "time.sleep", State.BLOCKED),
        (1_800_000, 1_900_000, "job", State.RUNNING),
        (1_900_000, 2_000_000, "awaits", State.AWAITING),
        (2_000_000, 2_200_000, "runs", State.RUNNING),
        (2_200_000, 2_300_000, "on its way back", State.QUEUED),
    ]
    lane = bench.registry.tracks[int(bench.made["track"][0])]
    assert (lane.kind, lane.name, lane.process) == (TrackKind.LANE, "1", 0)
    assert set(bench.made["request"].tolist()) == {R}
    assert set(bench.made["kind"].tolist()) == {Kind.PIECE}
    assert (bench.made["argument"][6] & np.uint64(0xFFFF_FFFF)) == THREAD
    assert bench.requests.idle


def test_a_request_from_outside_has_a_server_side_only() -> None:
    bench = Bench()
    assert bench.feed(bench.server(10), bench.server(10, 90), until=MS) == [(10, 90, "awaits", State.AWAITING)]


def test_a_request_that_no_server_took_up_was_on_its_way_until_it_failed() -> None:
    bench = Bench()
    pieces = bench.feed(bench.client(10), bench.client(10, 90), until=MS)
    assert pieces == [(10, 90, "until the server reads it", State.QUEUED)]


def test_both_sides_share_a_lane_whoever_is_seen_first() -> None:
    bench = Bench()
    assert bench.feed(bench.server(50), until=60) == []
    assert bench.feed(bench.client(20), until=70) == []
    assert bench.feed(bench.client(20, 80), until=90) == [], "the server's side is still open"
    assert bench.feed(bench.server(50, 100), until=200) == [
        (20, 50, "until the server reads it", State.QUEUED),
        (50, 100, "awaits", State.AWAITING),
    ]
    assert [track.name for track in bench.registry.tracks.values() if track.kind is TrackKind.LANE] == ["1"]


def test_a_server_that_begins_after_the_client_gave_up_makes_a_stay_of_its_own() -> None:
    bench = Bench()
    both = bench.feed(
        bench.client(0), bench.client(0, 100), bench.server(200), bench.server(200, 300), until=FOREVER
    ) + bench.feed(until=FOREVER)
    assert both == [(0, 100, "until the server reads it", State.QUEUED), (200, 300, "awaits", State.AWAITING)]


def test_the_step_that_sent_the_response_counts_although_it_still_runs() -> None:
    bench = Bench()
    running = spans(row(Kind.STEP, 40, FOREVER, request=R, state=State.RUNNING))
    pieces = bench.feed(bench.server(10), bench.server(10, 90), until=MS, unfinished=running)
    assert pieces == [(10, 40, "awaits", State.AWAITING), (40, 90, "runs", State.RUNNING)]


def test_a_long_request_shows_its_history_piece_by_piece_and_nothing_twice() -> None:
    bench = Bench()
    late = JOB_NS + MS
    job = OpenSpan(THREAD, 0, 30, bench.handler, R, Kind.JOB, State.RUNNING)
    call = OpenSpan(THREAD, 1, 2 * late, bench.sleep, R, Kind.CALL, State.BLOCKED)
    assert bench.feed(bench.client(0), bench.server(10), until=20) == []
    assert bench.open() == [(0, "waits for the loop", State.QUEUED)]
    assert bench.feed(until=late) == [(0, 10, "until the server reads it", State.QUEUED)]
    assert bench.open(job) == [(30, "job", State.RUNNING)]
    unfinished = spans(
        row(Kind.JOB, 30, FOREVER, request=R, name=bench.handler, state=State.RUNNING),
        row(Kind.CALL, 2 * late, FOREVER, request=R, name=bench.sleep, state=State.BLOCKED),
    )
    assert bench.feed(
        row(Kind.TOKEN_WAIT, 15, 30, request=R, state=State.QUEUED), until=3 * late, unfinished=unfinished
    ) == [
        (10, 15, "awaits", State.AWAITING),
        (15, 30, "waits for a thread", State.QUEUED),
        (30, 2 * late, "job", State.RUNNING),
    ]
    assert bench.open(job, call) == [(2 * late, "time.sleep", State.BLOCKED)]
    assert bench.feed(
        row(Kind.JOB, 30, 4 * late, request=R, name=bench.handler, state=State.RUNNING),
        row(Kind.CALL, 2 * late, 3 * late, request=R, name=bench.sleep, state=State.BLOCKED),
        bench.server(10, 4 * late),
        bench.client(0, 4 * late),
        until=5 * late,
    ) == [(2 * late, 3 * late, "time.sleep", State.BLOCKED), (3 * late, 4 * late, "job", State.RUNNING)]


def test_an_open_request_says_what_it_is_doing() -> None:
    bench = Bench()
    bench.feed(bench.client(0), until=5)
    assert bench.open() == [(0, "until the server reads it", State.QUEUED)]
    bench.feed(bench.server(10), until=20)
    waiting = spans(begin(Kind.TOKEN_WAIT, 15, request=R))
    assert bench.open(waiting=waiting) == [(0, "waits for a thread", State.QUEUED)]
    step = OpenSpan(LOOP, 0, 12, 0, R, Kind.STEP, State.RUNNING)
    assert bench.open(step, waiting=waiting) == [(0, "runs", State.RUNNING)]
    bench.feed(bench.server(10, 30), until=40)
    assert bench.open() == [(0, "on its way back", State.QUEUED)]


def a_loop(bench: Bench, own: int = 9) -> tuple[int, int]:
    """A server process with its requests track and its loop, by their run-wide numbers."""
    told = {"number": own, "pid": 1, "role": "server", "parent": 0, "epoch": 1, "interpreter": "", "started_ns": 0}
    member = bench.registry.join(told)
    numbers = []
    for track, kind in ((1, TrackKind.REQUESTS), (2, TrackKind.LOOP)):
        bench.registry.declare(member, {"track": track, "kind": kind, "text": ""})
        numbers.append(member.tracks.one(track))
    return numbers[0], numbers[1]


def test_who_has_not_run_yet_or_whose_loop_is_busy_waits_for_the_loop() -> None:
    bench = Bench()
    server, loop = a_loop(bench)
    bench.feed(begin(Kind.REQUEST, 10, request=R, name=bench.job, track=server), until=20)
    assert bench.open() == [(10, "waits for the loop", State.QUEUED)], "its task has not run"
    bench.feed(row(Kind.STEP, 20, 30, request=R, track=loop, state=State.RUNNING), until=40)
    assert bench.open() == [(10, "awaits", State.AWAITING)]
    other = OpenSpan(loop, 0, 50, 0, R + 1, Kind.STEP, State.RUNNING)
    bench.feed(until=60)
    assert bench.open(other) == [(10, "awaits", State.AWAITING)], "a loop that has just begun something"
    bench.feed(until=60 + MOMENT_NS)
    assert bench.open(other) == [(10, "waits for the loop", State.QUEUED)]
    elsewhere = other._replace(track=a_loop(bench, 8)[1])
    assert bench.open(elsewhere) == [(10, "awaits", State.AWAITING)], "another process is busy"


def test_a_wait_for_the_loop_is_not_told_before_its_step_has_ended() -> None:
    bench = Bench()
    server, loop = a_loop(bench)
    late = HISTORY_NS + MS
    bench.feed(begin(Kind.REQUEST, 10, request=R, name=bench.job, track=server), until=20)
    step = row(Kind.STEP, late, FOREVER, request=R, track=loop, state=State.RUNNING)
    call = (Kind.CALL, late + 10, late + 20)
    done = row(*call, request=R, track=loop, name=bench.sleep, state=State.BLOCKED, depth=1)
    assert bench.feed(done, until=late + 30, unfinished=spans(step)) == []
    more = row(Kind.CALL, late + 25, FOREVER, request=R, track=loop, name=bench.sleep, state=State.BLOCKED, depth=1)
    assert bench.feed(until=late + 40, unfinished=spans(more)) == [], "the call is seen, its step not yet"
    wait = (late - 512) // TIME_UNIT_NS
    came = late - wait * TIME_UNIT_NS
    assert bench.feed(
        row(Kind.STEP, late, late + 50, request=R, track=loop, state=State.RUNNING, value=wait),
        row(Kind.REQUEST, 10, late + 45, request=R, name=bench.job, track=server),
        until=2 * late,
    ) == [
        (10, came, "awaits", State.AWAITING),
        (came, late, "waits for the loop", State.QUEUED),
        (late, late + 10, "runs", State.RUNNING),
        (late + 10, late + 20, "time.sleep", State.BLOCKED),
        (late + 20, late + 45, "runs", State.RUNNING),
    ]


def test_what_a_request_was_at_or_waited_for_ends_with_the_server() -> None:
    bench = Bench()
    server, loop = a_loop(bench)
    for request in (R, R + 1):
        bench.feed(begin(Kind.REQUEST, 10, request=request, name=bench.job, track=server), until=20)
    step = OpenSpan(loop, 0, 30, 0, R, Kind.STEP, State.RUNNING)
    call = OpenSpan(loop, 1, 40, bench.sleep, R, Kind.CALL, State.BLOCKED)
    bench.open(step, call)
    bench.requests.end_process({server, loop}, 90)
    assert bench.feed(until=MS) == [
        (10, 30, "waits for the loop", State.QUEUED),
        (30, 40, "runs", State.RUNNING),
        (40, 90, "time.sleep", State.BLOCKED),
        (10, 90, "waits for the loop", State.QUEUED),
    ]
    assert bench.requests.idle


def test_what_a_process_had_open_ends_with_it() -> None:
    bench = Bench()
    bench.feed(bench.client(0), bench.server(10), until=20)
    bench.requests.end_process({SERVER}, 50)
    assert bench.feed(until=60) == []
    assert bench.open() == [(0, "on its way back", State.QUEUED)]
    assert [piece[:2] for piece in bench.feed(bench.client(0, 70), until=80)] == [(0, 10), (10, 50), (50, 70)]


def test_a_request_whose_complete_was_lost_gives_its_lane_back() -> None:
    bench = Bench()
    bench.feed(bench.server(10), until=20)
    bench.requests.lose({SERVER}, 500)
    assert bench.feed(until=500 + DOUBT_NS) == []
    assert bench.feed(until=502 + DOUBT_NS) == [(10, 500, "awaits", State.AWAITING)]
    assert bench.requests.idle
    assert bench.feed(bench.server(10, 900 + DOUBT_NS), until=FOREVER) == [], "it comes after all: too late"


def test_a_request_that_began_after_the_loss_or_elsewhere_goes_on() -> None:
    bench = Bench()
    bench.feed(bench.server(600), bench.client(10, request=2), until=700)
    bench.requests.lose({SERVER}, 500)
    bench.feed(until=FOREVER)
    assert len(bench.open()) == 2


def test_a_server_whose_complete_was_lost_ended_with_its_client() -> None:
    bench = Bench()
    bench.feed(bench.client(0), bench.server(10), bench.client(0, 100), until=200)
    bench.requests.lose({SERVER}, 500)
    assert [piece[:2] for piece in bench.feed(until=FOREVER)] == [(0, 10), (10, 100)]


def test_beyond_64_lanes_requests_are_counted_and_not_drawn() -> None:
    bench = Bench()
    numbers = range(1, 71)
    pieces = bench.feed(
        *(bench.server(10, request=number) for number in numbers),
        *(bench.server(10, 90, request=number) for number in numbers),
        until=MS,
    )
    assert len(pieces) == 64
    samples = np.concatenate(bench.requests.samples(FOREVER))
    assert samples["value"].tolist() == [0.0]
    bench.feed(*(bench.server(10 * MS, request=number) for number in numbers), until=20 * MS)
    samples = np.concatenate(bench.requests.samples(FOREVER))
    assert samples["value"].tolist() == [70.0]
    assert len(bench.open()) == 64


def test_records_of_unknown_and_finished_requests_are_not_kept() -> None:
    bench = Bench()
    bench.feed(row(Kind.STEP, 1, 2, request=99), bench.server(1), bench.server(1, 5), until=MS)
    bench.feed(row(Kind.STEP, 4, 6, request=R), row(Kind.CALL, 7, 8, request=98), until=MS)
    assert len(bench.requests._records) == 0


def test_two_routes_have_lanes_of_their_own() -> None:
    bench = Bench()
    other = bench.registry.name("GET /also/1/job")
    bench.feed(bench.server(1), begin(Kind.REQUEST, 1, request=5, name=other, track=SERVER), until=MS)
    groups = {track.name for track in bench.registry.tracks.values() if track.kind is TrackKind.REQUESTS}
    assert groups == {"GET /job", "GET /also/1/job"}


moments = st.integers(0, 300)
stays = st.lists(st.tuples(moments, st.integers(1, 120), st.booleans(), st.booleans()), min_size=1, max_size=12)
stretches = st.lists(
    st.tuples(st.integers(0, 11), moments, st.integers(0, 80), st.sampled_from([Kind.STEP, Kind.JOB, Kind.CALL])),
    max_size=30,
)
polls = st.lists(st.integers(0, 500), max_size=6)


@given(stays, stretches, polls)
def test_pieces_cover_every_request_exactly_however_the_polls_fall(
    requests: list[tuple[int, int, bool, bool]], records: list[tuple[int, int, int, Kind]], cuts: list[int]
) -> None:
    unit = HISTORY_NS // 20  # long enough that histories are shown
    bench = Bench()
    rows: list[Row] = []
    expected = {}
    for number, (start, length, with_client, with_server) in enumerate(requests, 1):
        begins, ends = start * unit, (start + length) * unit
        expected[number] = (begins, ends)
        if with_client or not with_server:
            rows += [bench.client(begins, request=number), bench.client(begins, ends, number)]
        if with_server:
            inner = begins + (unit // 4 if with_client else 0)
            rows += [bench.server(inner, request=number), bench.server(inner, ends, number)]
    for number, start, length, kind in records:
        rows.append(row(kind, start * unit, (start + length) * unit, request=number + 1, state=State.RUNNING, value=9))
    rows.sort(key=lambda one: one[1])
    made = []
    fed = 0
    for cut in [*sorted(cuts), 1000]:
        until = cut * unit
        upto = next((at for at, one in enumerate(rows) if one[1] >= until), len(rows))
        later = [one for one in rows[upto:] if one[10] == 1 and one[0] < until]
        bench.feed(*rows[fed:upto], until=until, unfinished=spans(*later) if later else NOTHING)
        made.append(bench.made)
        fed = upto
    pieces = by_end(np.concatenate(made))
    assert bench.requests.idle
    for number, (begins, ends) in expected.items():
        mine = np.sort(pieces[pieces["request"] == number], order="start")
        assert len(set(mine["track"].tolist())) == 1
        assert (mine["start"][0], mine["end"][-1]) == (begins, ends)
        assert mine["start"][1:].tolist() == mine["end"][:-1].tolist()
    for track in set(pieces["track"].tolist()):
        lane = pieces[pieces["track"] == track]
        assert all(one["end"] <= two["start"] for one, two in itertools.pairwise(lane)), "in order, without overlap"


def test_whoever_has_the_answer_is_in_flight_no_more() -> None:
    bench = Bench()
    bench.feed(bench.client(10 * MS), bench.server(11 * MS), until=12 * MS)
    whole = (bench.client(10 * MS, request=R + 1), bench.server(11 * MS, request=R + 1))
    ended = [
        row
        for request in (R, R + 1)
        for row in (bench.client(10 * MS, 40 * MS, request), bench.server(11 * MS, 60 * MS, request))
    ]
    bench.feed(*whole, *ended, until=90 * MS)
    samples = np.concatenate(bench.requests.samples(FOREVER))
    assert samples[["time", "value"]].tolist()[-1] == (40 * MS, 0.0)


def test_the_way_of_a_message_that_waited_for_its_handler() -> None:
    bench = Bench()
    pieces = bench.feed(
        bench.client(0),
        begin(Kind.MESSAGE, 100_000, request=R, name=bench.job, track=SERVER),
        row(Kind.JOB, 700_000, 900_000, request=R, track=THREAD, state=State.RUNNING, name=bench.handler),
        row(Kind.MESSAGE, 100_000, 1_000_000, request=R, name=bench.job, track=SERVER, value=400_128 // TIME_UNIT_NS),
        bench.client(0, 1_200_000),
        until=3 * MS,
    )
    assert pieces == [
        (0, 100_000, "until the server reads it", State.QUEUED),
        (100_000, 500_128, "waits for its handler", State.QUEUED),
        (500_128, 700_000, "awaits", State.AWAITING),
        (700_000, 900_000, "job", State.RUNNING),
        (900_000, 1_000_000, "awaits", State.AWAITING),
        (1_000_000, 1_200_000, "on its way back", State.QUEUED),
    ]


def test_an_open_message_waits_for_its_handler_until_something_is_done_for_it() -> None:
    bench = Bench()
    bench.feed(begin(Kind.MESSAGE, 0, request=R, name=bench.job, track=SERVER), until=MS)
    assert bench.open() == [(0, "waits for its handler", State.QUEUED)]
    bench.feed(row(Kind.STEP, 1 * MS, 2 * MS, request=R, track=LOOP, state=State.RUNNING), until=3 * MS)
    assert bench.open() == [(0, "awaits", State.AWAITING)]


def test_an_event_that_is_sent_is_a_piece_of_its_stream() -> None:
    bench = Bench()
    pieces = bench.feed(
        bench.server(0),
        row(Kind.STEP, 100_000, 300_000, request=R, track=LOOP, state=State.RUNNING),
        row(Kind.PUSH, 150_000, 200_000, request=R, track=LOOP, state=State.RUNNING, name=bench.job, depth=1, value=1),
        bench.server(0, 400_000),
        until=3 * MS,
    )
    assert [piece for piece in pieces if piece[2] == "sends an event"] == [
        (150_000, 200_000, "sends an event", State.RUNNING)
    ]


def test_what_a_thread_waits_for_a_lock_is_no_work_of_its_job() -> None:
    bench = Bench()
    lock = bench.registry.name("lock of the counter")
    pieces = bench.feed(
        bench.client(0),
        bench.server(100_000),
        row(Kind.JOB, 200_000, 900_000, request=R, track=THREAD, state=State.RUNNING, name=bench.handler),
        row(Kind.LOCK_WAIT, 300_000, 800_000, request=R, track=THREAD, state=State.WAITING_LOCK, name=lock, depth=1),
        bench.server(100_000, 1_000_000),
        bench.client(0, 1_100_000),
        until=3 * MS,
    )
    assert (300_000, 800_000, "waits for a lock", State.WAITING_LOCK) in pieces
    assert (200_000, 300_000, "job", State.RUNNING) in pieces


def test_an_open_wait_for_a_lock_is_told_in_spite_of_the_open_job() -> None:
    bench = Bench()
    bench.feed(bench.client(0), bench.server(10), until=20)
    job = OpenSpan(THREAD, 0, 15, bench.handler, R, Kind.JOB, State.RUNNING)
    assert [name for _, name, _ in bench.open(job)] == ["job"]
    waiting = spans(begin(Kind.LOCK_WAIT, 18, request=R, track=THREAD))
    assert [(name, state) for _, name, state in bench.open(job, waiting=waiting)] == [
        ("waits for a lock", State.WAITING_LOCK)
    ]


def test_waits_for_a_queue_are_told_in_the_words_of_the_queue() -> None:
    bench = Bench()
    room, turn = bench.registry.name("waits for room in the queue"), bench.registry.name("waits in the queue")
    bench.feed(bench.client(0), bench.server(10), until=20)
    waiting = spans(begin(Kind.QUEUE_WAIT, 15, request=R, name=room))
    assert [(name, state) for _, name, state in bench.open(waiting=waiting)] == [
        ("waits for room in the queue", State.QUEUED)
    ]
    pieces = bench.feed(
        row(Kind.QUEUE_WAIT, 100_000, 400_000, request=R, name=room, state=State.QUEUED),
        row(Kind.QUEUE_WAIT, 400_000, 900_000, request=R, name=turn, state=State.QUEUED),
        bench.server(10, 1_000_000),
        bench.client(0, 1_100_000),
        until=3 * MS,
    )
    assert (100_000, 400_000, "waits for room in the queue", State.QUEUED) in pieces
    assert (400_000, 900_000, "waits in the queue", State.QUEUED) in pieces


def test_who_pays_for_a_garbage_collection_is_told_so() -> None:
    bench = Bench()
    garbage = bench.registry.name("garbage collection")
    pieces = bench.feed(
        bench.client(0),
        bench.server(100_000),
        row(Kind.STEP, 200_000, 900_000, request=R, track=LOOP, state=State.RUNNING),
        row(Kind.GC, 300_000, 800_000, request=R, track=LOOP, state=State.RUNNING, name=garbage, depth=2),
        bench.server(100_000, 850_000),
        bench.client(0, 1_000_000),
        until=3 * MS,
    )
    assert (300_000, 800_000, "garbage collection", State.RUNNING) in pieces


def test_what_a_request_does_after_its_answer_makes_it_no_longer() -> None:
    bench = Bench()
    sent = [bench.client(0), bench.server(10), bench.server(10, 500_000), bench.client(0, 600_000)]
    pieces = bench.feed(*sent, until=3 * MS)
    assert pieces[-1][1] == 600_000
    late = row(Kind.JOB, 700_000, 9 * MS, request=R, track=THREAD, state=State.RUNNING, name=bench.handler)
    assert bench.feed(late, until=12 * MS) == []
    assert bench.open() == []


def test_a_request_that_goes_on_to_another_server_stays_one() -> None:
    bench = Bench()
    other = bench.registry.name("GET /slow")
    pieces = bench.feed(
        bench.client(0),
        bench.server(100_000),
        begin(Kind.REQUEST, 200_000, request=R, name=other, track=99),
        row(Kind.STEP, 300_000, 400_000, request=R, track=98, state=State.RUNNING),
        row(Kind.REQUEST, 200_000, 700_000, request=R, name=other, track=99),
        bench.server(100_000, 900_000),
        bench.client(0, 1_000_000),
        until=3 * MS,
    )
    assert [(start, end, name) for start, end, name, _ in pieces] == [
        (0, 100_000, "until the server reads it"),
        (100_000, 300_000, "awaits"),
        (300_000, 400_000, "runs"),
        (400_000, 900_000, "awaits"),
        (900_000, 1_000_000, "on its way back"),
    ]
    assert list(bench.requests._ways.groups) == [bench.job], "the other server's route gets no lanes of its own"


def test_what_a_thread_waits_for_and_asks_of_a_database_lies_inside_its_job() -> None:
    bench = Bench()
    select = bench.registry.name("SELECT account")
    pieces = bench.feed(
        bench.server(0),
        row(Kind.JOB, 100, 900, request=R, track=THREAD, state=State.RUNNING, name=bench.handler),
        row(Kind.CONNECTION_WAIT, 200, 500, request=R, track=THREAD, state=State.QUEUED, depth=1, value=3),
        row(Kind.STATEMENT, 600, 700, request=R, track=THREAD, state=State.BLOCKED, depth=1, name=select),
        bench.server(0, 1000),
        until=MS,
    )
    assert pieces == [
        (0, 100, "awaits", State.AWAITING),
        (100, 200, "job", State.RUNNING),
        (200, 500, "waits for a connection", State.QUEUED),
        (500, 600, "job", State.RUNNING),
        (600, 700, "SELECT account", State.BLOCKED),
        (700, 900, "job", State.RUNNING),
        (900, 1000, "awaits", State.AWAITING),
    ]


def test_what_a_task_awaits_of_a_database_gives_way_to_its_steps_and_to_the_thread_that_runs_it() -> None:
    bench = Bench()
    select = bench.registry.name("SELECT account")
    pieces = bench.feed(
        bench.server(0),
        row(Kind.CONNECTION_WAIT, 100, 400, request=R, track=SERVER, state=State.QUEUED),
        row(Kind.STATEMENT, 450, 900, request=R, track=SERVER, state=State.AWAITING, name=select),
        row(Kind.STEP, 400, 500, request=R, track=LOOP, state=State.RUNNING),
        row(Kind.STATEMENT, 600, 700, request=R, track=THREAD, state=State.BLOCKED, name=select),
        bench.server(0, 1000),
        until=MS,
    )
    assert pieces == [
        (0, 100, "awaits", State.AWAITING),
        (100, 400, "waits for a connection", State.QUEUED),
        (400, 500, "runs", State.RUNNING),
        (500, 600, "SELECT account", State.AWAITING),
        (600, 700, "SELECT account", State.BLOCKED),
        (700, 900, "SELECT account", State.AWAITING),
        (900, 1000, "awaits", State.AWAITING),
    ]


def test_an_open_wait_of_a_thread_says_more_than_its_job() -> None:
    bench = Bench()
    bench.feed(bench.server(0), until=10)
    job = OpenSpan(THREAD, 0, 5, bench.handler, R, Kind.JOB, State.RUNNING)
    wait = OpenSpan(THREAD, 1, 6, bench.handler, R, Kind.CONNECTION_WAIT, State.QUEUED)
    assert [shown[1:] for shown in bench.open(wait, job)] == [("waits for a connection", State.QUEUED)]


def test_an_open_statement_that_is_awaited_goes_by_its_own_name() -> None:
    bench = Bench()
    bench.feed(bench.server(0), until=10)
    select = bench.registry.name("SELECT account")
    waiting = spans(begin(Kind.STATEMENT, 5, request=R, track=SERVER, name=select))
    waiting["state"] = State.AWAITING
    assert [shown[1:] for shown in bench.open(waiting=waiting)] == [("SELECT account", State.AWAITING)]


def test_a_report_of_the_database_tells_how_long_it_lay_ready() -> None:
    bench = Bench()
    name = bench.registry.name("database reports a change")
    pieces = bench.feed(
        bench.server(0),
        row(
            Kind.NOTIFICATION,
            500_000,
            600_000,
            request=R,
            track=LOOP,
            state=State.RUNNING,
            depth=1,
            name=name,
            value=100_000 // TIME_UNIT_NS + 1,
        ),
        bench.server(0, 700_000),
        until=MS,
    )
    assert [piece[2:] for piece in pieces] == [
        ("awaits", State.AWAITING),
        ("waits for the loop", State.QUEUED),
        ("database reports a change", State.RUNNING),
        ("awaits", State.AWAITING),
    ]


def test_phones_have_the_lanes_with_their_numbers_whoever_comes_first() -> None:
    bench = Bench()
    phones = {number: bench.registry.name(f"Phone {number}") for number in (12, 3)}
    rows = []
    for at, (number, name) in enumerate(phones.items()):
        request, start = R + at, 100 * at
        rows += [
            begin(Kind.CLIENT_REQUEST, start, request=request, name=name, track=LOAD),
            bench.server(start + 10, request=request),
            bench.server(start + 10, start + 40, request=request),
            row(Kind.CLIENT_REQUEST, start, start + 50, request=request, name=name, track=LOAD),
        ]
        if number == 3:  # and one that is under way for longer than one look
            rows.pop()
    bench.feed(*rows, until=1_000)
    lanes = {one.name: one for one in bench.registry.tracks.values() if one.kind is TrackKind.LANE}
    assert set(lanes) == {"12", "3"}
    groups = {bench.registry.tracks[lane.parent].name for lane in lanes.values()}
    assert groups == {"Phones"}
    assert {track.name for track in bench.registry.tracks.values() if track.kind is TrackKind.COUNTER} == {"in flight"}
    on = {int(made["track"]): int(made["request"]) for made in bench.made}
    assert on == {lanes["12"].number: R}
