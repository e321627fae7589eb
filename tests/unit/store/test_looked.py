"""Chunks of spans know between which numbers their requests are, whoever asks first."""

from explorer.collect.source import Batch
from explorer.records.states import State
from explorer.store.chunks import SMALLEST_CHUNK
from explorer.store.store import Store
from tests.unit.desktop_arithmetic.fakes import spans_of


def test_a_request_that_is_looked_for_before_its_chunk_is_seen_from_afar() -> None:
    """Chunks are looked at when the spans that come afford it; who has chosen a request may have done so before."""
    store = Store()
    lanes = 40
    first = 21 * SMALLEST_CHUNK  # three chunks of every lane are full, the last two large enough to be seen from afar
    for begin in range(0, first, SMALLEST_CHUNK):
        rows = [
            (lane, 10 * at, 10 * at + 5, State.RUNNING)
            for lane in range(1, lanes + 1)
            for at in range(begin, begin + SMALLEST_CHUNK)
        ]
        store.append(Batch(10 * (begin + SMALLEST_CHUNK), spans_of(rows, request=7)))
        assert not store.request(8)
    # All of them have been filled in one moment, and wait.
    store.append(Batch(10 * first + 9, spans_of([(1, 10 * first, 10 * first + 5, State.RUNNING)], request=8)))
    assert len(store.request(8)) == 1
