"""Requests through a ring of their own form look like records to the reader."""

from explorer.records import schema
from explorer.records.states import Flag, Kind, State
from explorer.ring import layout
from explorer.ring.reader import RingReader
from explorer.ring.requests import RequestRing
from tests.ring_memory import ring_memory


def pair(capacity: int) -> tuple[RequestRing, RingReader]:
    memory = ring_memory(capacity, layout.REQUESTS)
    ring = RequestRing(memory)
    ring.take(4)
    return ring, RingReader(memory)


def test_the_rows_are_pinned() -> None:
    assert layout.REQUEST.format == "<ddQQ"
    assert [name for name, _ in layout.REQUEST_FIELDS] == ["start", "end", "request", "word"]


def test_begin_and_complete_become_records() -> None:
    ring, reader = pair(8)
    ring.write(1.5, 0.0, 1 << 40 | 7, 0)
    ring.write(1.5, 1.75, 1 << 40 | 7, 503 << layout.STATUS_SHIFT | 65_535)
    begin, complete = reader.poll()
    for row in (begin, complete):
        assert (row["start"], row["request"], row["track"]) == (1_500_000_000, 1 << 40 | 7, 4)
        assert (row["kind"], row["state"], row["depth"]) == (Kind.REQUEST, State.RUNNING, 0)
        assert row["argument"] >> 32 == schema.CPU_NOT_TAKEN
    assert (begin["flags"], begin["duration"], begin["name"]) == (Flag.BEGIN, 0, 0)
    assert (complete["flags"], complete["duration"], complete["name"]) == (Flag.COMPLETE, 250_000_000, 65_535)
    assert complete["argument"] & schema.U32 == 503
    reader.close()


def test_read_and_lost_make_written() -> None:
    ring, reader = pair(8)
    for number in range(30):
        ring.write(number + 1.0, 0.0, number, 1)
        if number == 2:
            reader.poll()
    rows = reader.poll()
    assert rows["request"].tolist() == list(range(23, 30))
    assert reader.read + reader.lost == reader.written == 30
    reader.close()
