"""Records through a ring: what was written is read or counted as lost, nothing else."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.records import schema
from explorer.records.states import Flag, Kind, State
from explorer.ring import layout, mapped
from explorer.ring.mapped import RingError
from explorer.ring.reader import RECORD, OpenSlot, RingReader
from explorer.ring.writer import Ring
from tests import run_reading
from tests.ring_memory import ring_memory


def write(ring: Ring, number: int) -> None:
    ring.write(number, 1, 0, 0, number, 3, Kind.CALL, State.BLOCKED, 0, Flag.COMPLETE)


@pytest.fixture
def pair() -> Iterator[tuple[Ring, RingReader]]:
    memory = ring_memory(8)
    reader = RingReader(memory)
    yield Ring(memory), reader
    reader.close()


def test_the_readers_dtype_is_the_writers_struct() -> None:
    assert RECORD.itemsize == schema.SIZE
    values = tuple(range(1, len(schema.FIELDS) + 1))
    assert np.frombuffer(schema.RECORD.pack(*values), RECORD)[0].tolist() == values


def test_the_header_is_pinned() -> None:
    words = {name: value for name, value in vars(layout).items() if name.startswith(("WORD_", "OPEN_", "COLUMN_"))}
    digest = ",".join(f"{name}={value}" for name, value in sorted(words.items()))
    assert layout.VERSION == 0x1_0002
    assert digest == (
        "COLUMN_COUNT=6,COLUMN_END=1,COLUMN_REQUEST=3,COLUMN_STAMP=2,COLUMN_START=5,COLUMN_TAG=0,COLUMN_WAKE=4,"
        "OPEN_FIRST=16,OPEN_SLOTS=8,OPEN_WORDS=4,"
        "WORD_CAPACITY=3,WORD_CLOSED=12,WORD_HEAD=4,WORD_LAYOUT=2,WORD_LEASES=11,WORD_LOCK=13,WORD_MAGIC=0,WORD_OPENED=10,"
        "WORD_PID=6,WORD_TAIL=5,WORD_THREAD_STATE=9,WORD_TID=7,WORD_TRACK=8,WORD_VERSION=1"
    ), "raise the low half of layout.VERSION and pin the new header here"


def test_every_field_arrives(pair: tuple[Ring, RingReader]) -> None:
    ring, reader = pair
    ring.write(10, 20, 30, 40, 50, 60, Kind.JOB, State.RUNNING, 1, Flag.COMPLETE)
    row = reader.poll()[0]
    assert row.tolist() == (10, 20, 30, 40, 50, 60, 0, Kind.JOB, State.RUNNING, 1, Flag.COMPLETE)


def test_values_out_of_bounds_are_cut(pair: tuple[Ring, RingReader]) -> None:
    ring, reader = pair
    ring.write(-5, 1 << 70, 1, 2, 1 << 40, 3, 300, State.RUNNING, -1, Flag.COMPLETE)
    row = reader.poll()[0]
    assert (row["start"], row["duration"], row["name"]) == (0, schema.U64, schema.U32)
    assert (row["kind"], row["depth"]) == (255, 0)


@given(st.lists(st.integers(0, 40), max_size=12))
def test_read_and_lost_make_written(bursts: list[int]) -> None:
    memory = ring_memory(8)
    ring, reader = Ring(memory), RingReader(memory)
    number, seen = 0, []
    for burst in bursts:
        for _ in range(burst):
            write(ring, number)
            number += 1
        seen += reader.poll()["name"].tolist()
        assert reader.read + reader.lost == reader.written == number
    assert seen == sorted(set(seen))
    assert len(seen) == reader.read
    assert sum(loss.count for loss in reader.take_losses()) == reader.lost
    assert not seen or seen[-1] == number - 1
    reader.close()


def test_a_loss_says_where_it_lies(pair: tuple[Ring, RingReader]) -> None:
    ring, reader = pair
    write(ring, 100)
    reader.poll()
    for number in range(200, 212):
        write(ring, number)
    rows = reader.poll()
    (loss,) = reader.take_losses()
    assert rows["start"][0] > 200
    assert (loss.start, loss.end) == (101, rows["start"][0])
    assert reader.take_losses() == []


def test_a_record_being_replaced_is_not_read() -> None:
    memory = ring_memory(8)
    ring, reader = Ring(memory), RingReader(memory)
    for number in range(8):
        write(ring, number)
    # The writer is inside record 8, which lies where record 0 lay, and has not published it.
    schema.RECORD.pack_into(memory, layout.HEADER_SIZE, 0, 0, 0, 0, 99, 0, 8, 0, 0, 0, 0)
    assert reader.poll()["name"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert (reader.read, reader.lost, reader.written) == (7, 1, 8)
    reader.close()


def test_a_record_with_a_foreign_number_is_lost(pair: tuple[Ring, RingReader]) -> None:
    ring, reader = pair
    for number in range(3):
        write(ring, number)
    at = layout.HEADER_SIZE + schema.SIZE + 40
    ring.buffer[at] = 77
    assert reader.poll()["name"].tolist() == [0, 2]
    assert reader.lost == 1


def test_open_spans_come_and_go(pair: tuple[Ring, RingReader]) -> None:
    ring, reader = pair
    ring.take(5)
    ring.open(0, 100, 7, 9, Kind.JOB, State.RUNNING)
    ring.open(1, 150, 8, 9, Kind.CALL, State.BLOCKED)
    assert reader.open_spans() == [
        OpenSlot(5, 0, 100, 7, 9, Kind.JOB, State.RUNNING),
        OpenSlot(5, 1, 150, 8, 9, Kind.CALL, State.BLOCKED),
    ]
    ring.shut(1)
    assert [slot.depth for slot in reader.open_spans()] == [0]
    ring.drop()
    assert reader.open_spans() == []


def test_a_wait_that_was_announced_is_not_open_before_it_begins(
    pair: tuple[Ring, RingReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    ring, reader = pair
    ring.take(5)
    ring.open(0, 100, 7, 0, Kind.FRAME, State.QUEUED)
    monkeypatch.setattr("explorer.ring.reader.now_ns", lambda: 99)
    assert reader.open_spans() == []
    monkeypatch.setattr("explorer.ring.reader.now_ns", lambda: 100)
    assert [slot.start for slot in reader.open_spans()] == [100]


def test_the_writer_sees_what_was_drained(pair: tuple[Ring, RingReader]) -> None:
    ring, reader = pair
    assert ring.drained
    write(ring, 1)
    assert not ring.drained
    reader.poll()
    assert ring.drained


def test_samples_and_instants(pair: tuple[Ring, RingReader]) -> None:
    ring, reader = pair
    ring.sample(4, 2.5, time_ns=11)
    ring.instant(12, 0, 6, 4, Kind.THREAD)
    sample, instant = reader.poll()
    assert run_reading.counter_value(int(sample["argument"])) == 2.5
    assert (sample["kind"], sample["track"], sample["start"]) == (Kind.COUNTER, 4, 11)
    assert (instant["start"], instant["flags"]) == (12, Flag.INSTANT)


def test_a_detached_ring_takes_everything() -> None:
    ring = Ring.detached()
    for number in range(100):
        write(ring, number)
    assert ring.head == 100


def test_the_holder_is_in_the_header(pair: tuple[Ring, RingReader]) -> None:
    ring, reader = pair
    ring.take(5)
    assert (reader.pid, reader.track) == (os.getpid(), 5)
    assert reader.tid != 0
    ring.close()
    assert reader.closed
    assert reader.tid == 0


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "1-1.ring"
    memory = mapped.create(path, layout.RECORDS, 8)
    memory[layout.WORD_VERSION * 8] ^= 0xFF
    memory.close()
    with pytest.raises(RingError, match="another version"):
        RingReader(path)


def test_no_space_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mapped, "_allocate", full)
    with pytest.raises(RingError, match="There is no room for a ring of"):
        mapped.create(tmp_path / "1-1.ring", layout.RECORDS, 8)
    assert list(tmp_path.iterdir()) == []


def test_space_is_allocated_at_once(tmp_path: Path) -> None:
    path = tmp_path / "1-1.ring"
    mapped.create(path, layout.RECORDS, 2048).close()
    assert path.stat().st_blocks * 512 >= 2048 * schema.SIZE
