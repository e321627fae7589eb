"""Losses and markers stay few, whatever comes."""

import pytest

from explorer.collect.source import Batch, Loss, Marker
from explorer.store import losses
from explorer.store.chunks import LARGEST_CHUNK, SPAN_BYTES
from explorer.store.losses import LossLog
from explorer.store.store import MOST_MARKERS, Store
from tests.unit.store.model import spans
from tests.unit.store.test_store import a_span

MS = 1_000_000


def test_losses_that_go_on_are_one_and_their_count_is_exact() -> None:
    store = Store()
    for number in range(1_000):
        at = number * 40 * MS
        store.append(Batch(now=at, losses=[Loss((3, 4), at, at + 20 * MS, 7), Loss((5,), at, at + MS, 1)]))
    assert store.losses == [Loss((3, 4), 0, 999 * 40 * MS + 20 * MS, 7_000), Loss((5,), 0, 999 * 40 * MS + MS, 1_000)]


def test_losses_far_apart_or_of_other_tracks_are_told_apart() -> None:
    store = Store()
    told = [Loss((3,), 0, 1, 7), Loss((3,), 200 * MS, 201 * MS, 7), Loss((3, 4), 201 * MS, 202 * MS, 7)]
    store.append(Batch(now=0, losses=told))
    assert store.losses == told


def test_very_many_losses_are_joined_by_tracks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "MOST", 10)
    log = LossLog()
    for number in range(1_000):
        log.add(Loss((number % 2,), number * 1_000 * MS, number * 1_000 * MS + 1, 3))
        assert len(log.all) <= 10
    assert sum(loss.count for loss in log.all) == 3_000
    assert log.all[-1] == Loss((1,), 999_000 * MS, 999_000 * MS + 1, 3)


def test_losses_go_with_the_history_they_lay_in() -> None:
    store = Store(memory_bytes=4 * LARGEST_CHUNK * SPAN_BYTES)
    store.append(Batch(now=0, losses=[Loss((3,), 0, 10, 7)]))
    count = 8 * LARGEST_CHUNK
    store.append(Batch(now=0, spans=spans([a_span(1, 100 * n, 100 * n + 50) for n in range(count)])))
    late = Loss((3,), 100 * count, 100 * count + 1, 7)
    store.append(Batch(now=0, losses=[late], spans=spans([a_span(2, 0, 100 * count)])))
    assert store.begin is not None
    assert store.losses == [late]


def test_of_very_many_markers_the_first_and_the_newest_stay() -> None:
    store = Store()
    for number in range(MOST_MARKERS + 10):
        store.append(Batch(now=0, markers=[Marker(number, "begin" if not number else "note", str(number))]))
    assert len(store.markers) <= MOST_MARKERS
    assert (store.markers[0].kind, store.markers[-1].time) == ("begin", MOST_MARKERS + 9)
    assert store.markers[1].time > MOST_MARKERS // 2
