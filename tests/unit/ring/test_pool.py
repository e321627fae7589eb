"""Rings outlive their holders."""

from pathlib import Path

from explorer.records.states import Flag, Kind, State
from explorer.ring.pool import RingPool, SizeClass
from explorer.ring.reader import RingReader
from explorer.ring.writer import Ring


def write(ring: Ring) -> None:
    ring.write(1, 1, 0, 0, 0, ring.track, Kind.CALL, State.BLOCKED, 0, Flag.COMPLETE)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_drained_ring_is_lent_again(tmp_path: Path) -> None:
    pool = RingPool(tmp_path, 77)
    first = pool.lease(SizeClass.CONNECTION, 1)
    write(first)
    reader = RingReader(tmp_path / "77-1.ring")
    reader.poll()
    pool.give_back(first)
    assert pool.lease(SizeClass.CONNECTION, 2) is first
    assert files(tmp_path) == ["77-1.ring"]
    assert reader.track == 2
    write(first)
    assert reader.poll()["track"].tolist() == [2], "the count goes on"
    assert reader.read == reader.written == 2
    pool.close()
    assert reader.closed
    reader.close()


def test_an_unread_ring_is_left_alone(tmp_path: Path) -> None:
    pool = RingPool(tmp_path, 77)
    first = pool.lease(SizeClass.CONNECTION, 1)
    write(first)
    pool.give_back(first)
    assert pool.lease(SizeClass.CONNECTION, 2) is not first
    pool.close()


def test_without_a_reader_the_number_of_rings_is_bounded(tmp_path: Path) -> None:
    pool = RingPool(tmp_path, 77)
    for number in range(100):
        ring = pool.lease(SizeClass.CONNECTION, number)
        write(ring)
        pool.give_back(ring)
    assert len(files(tmp_path)) == 32
    pool.close()


def test_a_crowd_leaves_few_rings_behind_and_the_others_are_closed(tmp_path: Path) -> None:
    pool = RingPool(tmp_path, 77)
    crowd = [(pool.lease(SizeClass.CONNECTION, n), pool.lease_columns(n, SizeClass.CONNECTION)) for n in range(100)]
    readers = [RingReader(path) for path in sorted(tmp_path.iterdir())]
    for both in crowd:
        for ring in both:
            pool.give_back(ring)
    closed = [reader for reader in readers if reader.closed]
    assert len(closed) == 2 * (100 - 32)
    pool.close()
    for reader in readers:
        reader.close()


def test_the_first_rings_of_connections_have_more_room(tmp_path: Path) -> None:
    pool = RingPool(tmp_path, 77)
    capacities = [pool.lease_requests(n, SizeClass.CONNECTION).capacity for n in range(40)]
    assert capacities[0] == capacities[15] > capacities[16] == capacities[-1]
    pool.close()


def test_giving_back_twice_does_not_lend_twice(tmp_path: Path) -> None:
    pool = RingPool(tmp_path, 77)
    ring = pool.lease(SizeClass.CONNECTION, 1)
    pool.give_back(ring)
    pool.give_back(ring)
    assert pool.lease(SizeClass.CONNECTION, 1) is not pool.lease(SizeClass.CONNECTION, 2)
    pool.close()


def test_sizes_do_not_mix(tmp_path: Path) -> None:
    pool = RingPool(tmp_path, 77)
    small = pool.lease(SizeClass.CONNECTION, 1)
    pool.give_back(small)
    large = pool.lease(SizeClass.POOL, 1)
    assert large is not small
    assert large.capacity * 48 > 1 << 19
    pool.close()
