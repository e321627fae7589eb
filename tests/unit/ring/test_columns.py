"""Columns become records, whatever moment the reader looks at."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.records import schema
from explorer.records.states import Kind, State
from explorer.ring import layout, reader
from explorer.ring.columns import Columns
from explorer.ring.reader import RingReader
from tests.ring_memory import ring_memory


class Loop:
    """Fills columns as the loop's tracer does, on a clock of its own."""

    def __init__(self, capacity: int) -> None:
        memory = ring_memory(capacity, layout.COLUMNS)
        memory[layout.WORD_OPENED * 8 : layout.WORD_OPENED * 8 + 8] = (10_000).to_bytes(8, "little")
        self.columns = Columns(memory)
        self.columns.words[layout.WORD_TRACK] = 2
        self.reader = RingReader(memory)
        self.now = 10_000
        self.next = 0
        self.planned = 0

    def begin(self, ready: int, idle: int = 100) -> None:
        """The selector returned after `idle` ns with `ready` callbacks."""
        self.now += idle
        place = self.next % self.columns.capacity
        self.columns.wake[place] = self.now / 1e9
        self.now += 10
        self.columns.start[place] = self.now / 1e9
        self.columns.words[layout.WORD_HEAD] = self.next + ready
        self.planned = ready

    def enter(self, kind: Kind = Kind.CALLBACK, name: int = 1, request: int = 0, wait: int = 0) -> None:
        place = self.next % self.columns.capacity
        self.columns.stamp[place] = (self.now - wait) / 1e9
        self.columns.request_of[place] = request
        self.columns.tag[place] = kind << layout.KIND_SHIFT | name

    def leave(self, duration: int = 50) -> None:
        self.now += duration
        self.columns.end[self.next % self.columns.capacity] = self.now / 1e9
        self.next += 1

    def iteration(self, kinds: Sequence[Kind]) -> None:
        self.begin(len(kinds))
        for kind in kinds:
            self.enter(kind, name=self.next + 1)
            self.leave()


def test_an_iteration_becomes_a_select_and_its_callbacks() -> None:
    loop = Loop(16)
    loop.begin(2, idle=100)
    loop.enter(Kind.IO, name=7, request=99, wait=2560)
    loop.leave(50)
    loop.enter(Kind.STEP, name=8, request=42)
    loop.leave(70)
    select, first, second = loop.reader.poll()
    assert (select["kind"], select["start"], select["duration"]) == (Kind.SELECT, 10_000, 100)
    assert select["argument"] & schema.U32 == 2
    assert select["state"] == State.IDLE
    assert (first["kind"], first["name"], first["start"], first["duration"]) == (Kind.IO, 7, 10_110, 50)
    assert first["argument"] & schema.U32 == 10
    assert first["argument"] >> 32 == schema.CPU_NOT_TAKEN
    assert first["request"] == 0, "only steps name a request"
    assert (second["start"], second["duration"], second["request"]) == (10_160, 70, 42)
    assert {select["track"], first["track"]} == {2}


def test_a_callback_that_runs_is_open_and_comes_later() -> None:
    loop = Loop(16)
    loop.begin(3)
    loop.enter(Kind.CALLBACK, name=1)
    loop.leave()
    loop.enter(Kind.STEP, name=5, request=9)
    assert loop.reader.poll()["name"].tolist() == [0, 1]
    (running,) = loop.reader.open_spans()
    assert (running.name, running.request, running.start, running.kind) == (5, 9, 10_160, Kind.STEP)
    assert running.depth == 0
    assert len(loop.reader.poll()) == 0
    loop.leave(1_000_000)
    assert loop.reader.poll()["duration"].tolist() == [1_000_000]
    assert loop.reader.read + loop.reader.lost == loop.reader.written == 2


def test_the_first_callback_of_an_iteration_is_open_from_its_own_start() -> None:
    loop = Loop(16)
    loop.iteration([Kind.IO])
    loop.begin(1, idle=500)
    loop.enter(Kind.TIMER, name=3)
    (running,) = loop.reader.open_spans()
    assert running.start == loop.now
    rows = loop.reader.poll()
    assert rows["argument"][0] & schema.U32 == 1, "the next iteration does not count into this one"


@pytest.mark.parametrize("after", range(layout.COLUMN_COUNT))
def test_a_callback_that_ends_while_the_columns_are_copied_has_its_own_tag_and_wait(
    monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    loop = Loop(16)
    for _ in range(4):
        loop.iteration([Kind.TIMER] * 4)
        loop.reader.poll()
    loop.now += 1_000_000_000  # so late a stamp of the lap before would show as a wait
    loop.begin(3)
    loop.enter(Kind.IO, name=101, wait=256)
    loop.leave()
    copy, copied = reader._copy, 0

    def and_meanwhile(*arguments: object) -> object:
        nonlocal copied
        found = copy(*arguments)  # type: ignore[arg-type]  # passed on as they came
        if copied == after:
            loop.enter(Kind.STEP, name=102, request=7, wait=512)
            loop.leave()
        copied += 1
        return found

    monkeypatch.setattr(reader, "_copy", and_meanwhile)
    rows = [*loop.reader.poll(), *loop.reader.poll()]
    found = [(row["kind"], row["name"], row["argument"] & schema.U32) for row in rows if row["kind"] != Kind.SELECT]

    assert found == [(Kind.IO, 101, 1), (Kind.STEP, 102, 2)]


def test_what_is_left_is_read_when_the_loop_rests_after_it_went_round_during_a_copy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = Loop(16)
    for _ in range(4):
        loop.iteration([Kind.STEP] * 4)
    copy = reader._copy

    def gone_round(*arguments: object) -> object:
        monkeypatch.setattr(reader, "_copy", copy)
        loop.iteration([Kind.STEP] * 4)
        return copy(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(reader, "_copy", gone_round)
    assert len(loop.reader.poll()) == 0
    rows = loop.reader.poll()
    steps = rows[rows["kind"] == Kind.STEP]
    assert steps["name"].tolist() == list(range(7, 21)), (
        "the fifth may be overwritten at any moment, the sixth tells where the gap ends"
    )
    assert steps["duration"].tolist() == [50] * 14
    assert loop.reader.read + loop.reader.lost == loop.reader.written == 20
    assert sum(loss.count for loss in loop.reader.take_losses()) == loop.reader.lost


def test_nothing_is_open_while_the_loop_waits() -> None:
    loop = Loop(16)
    assert loop.reader.open_spans() == []
    loop.iteration([Kind.IO, Kind.STEP])
    assert loop.reader.open_spans() == []
    loop.reader.poll()
    assert loop.reader.open_spans() == []


def test_a_cancelled_callback_takes_a_slot_and_gives_no_record() -> None:
    loop = Loop(16)
    loop.begin(2)
    loop.columns.tag[0] = 0
    loop.leave(1)
    loop.enter(Kind.STEP, name=4)
    loop.leave()
    assert loop.reader.poll()["kind"].tolist() == [Kind.SELECT, Kind.STEP]
    assert loop.reader.read == loop.reader.written == 2


def test_polling_with_work_queued_is_not_idleness() -> None:
    loop = Loop(16)
    loop.iteration([Kind.STEP])
    loop.iteration([Kind.IO])
    rows = loop.reader.poll()
    assert rows["state"].tolist() == [State.RUNNING, State.RUNNING, State.IDLE, State.RUNNING]


@given(st.lists(st.tuples(st.integers(1, 8), st.booleans()), max_size=20), st.integers(16, 19))
def test_read_and_lost_make_written(iterations: list[tuple[int, bool]], capacity: int) -> None:
    loop = Loop(capacity)
    seen: list[int] = []
    for ready, look in iterations:
        # As the tracer does: an iteration never crosses the end of the ring.
        room = capacity - loop.next % capacity
        for count in (min(ready, room), ready - min(ready, room)):
            if count:
                loop.iteration([Kind.STEP] * count)
        if look:
            rows = loop.reader.poll()
            seen += rows["name"][rows["kind"] == Kind.STEP].tolist()
            assert loop.reader.read + loop.reader.lost == loop.reader.written == loop.next
            ends = rows["start"] + rows["duration"]
            assert (rows["start"][1:] >= ends[:-1]).all(), "spans of a loop do not overlap"
    assert seen == sorted(set(seen))
    assert len(seen) == loop.reader.read
    assert sum(loss.count for loss in loop.reader.take_losses()) == loop.reader.lost


def test_a_loss_lies_between_what_was_read() -> None:
    loop = Loop(16)
    loop.iteration([Kind.STEP])
    loop.reader.poll()
    last = loop.now
    for _ in range(10):
        loop.iteration([Kind.STEP] * 3)
    rows = loop.reader.poll()
    (loss,) = loop.reader.take_losses()
    assert loss.start == last
    assert loss.end <= rows["start"][0]
    assert loop.reader.read + loop.reader.lost == loop.reader.written == 31


@pytest.mark.parametrize("moment", range(4))
def test_an_iteration_is_counted_once_wherever_it_is_cut(moment: int) -> None:
    loop = Loop(16)
    loop.begin(4)
    rows = []
    for number in range(4):
        loop.enter(Kind.STEP, name=number + 1)
        if number == moment:
            rows += loop.reader.poll().tolist()
        loop.leave()
    rows += loop.reader.poll().tolist()
    kinds = [row[7] for row in rows]
    assert kinds == [Kind.SELECT] + [Kind.STEP] * 4
    assert rows[0][3] & schema.U32 == 4
