"""What the headers of rings tell of the threads that hold them."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.records.states import Kind, State
from explorer.ring import layout
from explorer.ring.pool import RingPool, SizeClass
from explorer.sampler.headers import Headers, inside
from explorer.sampler.system_calls import Inside


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[RingPool]:
    (tmp_path / "rings").mkdir()
    pool = RingPool(tmp_path / "rings", 3)
    yield pool
    pool.close()


@pytest.fixture
def headers(tmp_path: Path, pool: RingPool) -> Headers:
    found = Headers(tmp_path)
    found.want(3)
    return found


def mine(headers: Headers) -> Inside:
    headers.look()
    return inside(headers.by_thread(3).get(threading.get_native_id(), []))


def test_open_spans_and_lock_waits_are_seen_and_their_end(pool: RingPool, headers: Headers) -> None:
    ring = pool.lease(SizeClass.CONNECTION, 5)
    assert mine(headers) is Inside.NOTHING
    ring.open(1, 100, 1, 0, Kind.CALL, State.BLOCKED)
    assert mine(headers) is Inside.SPAN
    ring.wait_for_lock(200)
    assert mine(headers) is Inside.LOCK
    ring.wait_for_lock(0)
    assert mine(headers) is Inside.SPAN
    ring.shut(1)
    assert mine(headers) is Inside.NOTHING
    (header,) = headers.by_thread(3)[threading.get_native_id()]
    assert header.track == 5
    headers.close()


def test_a_ring_that_was_given_back_is_nobodys(pool: RingPool, headers: Headers) -> None:
    ring = pool.lease(SizeClass.CONNECTION, 5)
    ring.open(0, 100, 1, 0, Kind.JOB, State.RUNNING)
    ring.wait_for_lock(100)
    assert mine(headers) is Inside.LOCK
    pool.give_back(ring)
    assert headers.by_thread(3) == {}
    pool.lease(SizeClass.CONNECTION, 6)
    assert mine(headers) is Inside.NOTHING
    (header,) = headers.by_thread(3)[threading.get_native_id()]
    pool.close()
    assert headers.by_thread(3) == {}
    headers.look(opening=False)  # lets go of the file: nothing may be left open
    assert (header.tid, header.inside) == (0, Inside.NOTHING)


def test_a_loop_is_inside_a_callback_until_the_last_one_has_its_end(pool: RingPool, headers: Headers) -> None:
    columns = pool.lease_columns(4, SizeClass.CONNECTION)
    assert mine(headers) is Inside.NOTHING
    now = 1.0
    for lap in range(3):
        for slot in range(columns.capacity):
            columns.words[layout.WORD_HEAD] += 1  # reserved
            assert mine(headers) is Inside.SPAN, (lap, slot)
            now += 0.5
            columns.end[slot] = now
            if slot % 97 == 0:
                assert mine(headers) is Inside.NOTHING, (lap, slot)
        assert mine(headers) is Inside.NOTHING, lap
    headers.close()


def test_rings_of_others_are_not_opened_until_they_are_wanted(tmp_path: Path, headers: Headers) -> None:
    other = RingPool(tmp_path / "rings", 4)
    held = other.lease(SizeClass.CONNECTION, 1)
    headers.look()
    assert headers.by_thread(4) == {}
    headers.want(4)
    headers.look()
    assert list(headers.by_thread(4)) == [threading.get_native_id()]
    headers.close()
    other.give_back(held)
    other.close()


@pytest.mark.expects_log("was not read")
def test_what_is_no_ring_is_left_alone(tmp_path: Path, pool: RingPool, headers: Headers) -> None:
    (tmp_path / "rings" / "3-9.ring").write_bytes(bytes(4096))
    (tmp_path / "rings" / "3-8.ring").write_bytes(b"")
    pool.lease(SizeClass.CONNECTION, 1)
    assert mine(headers) is Inside.NOTHING
    headers.close()
