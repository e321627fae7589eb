"""Rows seen from afar against a reference that adds up span by span, bin by bin."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.collect.source import Array, Batch
from explorer.records.states import Flag, Kind, State
from explorer.store import chunks, pyramid
from explorer.store import store as store_module
from explorer.store.coverage import STATES, cover_states
from explorer.store.rows import Span
from explorer.store.store import Store
from tests.unit.store.model import histories, spans

COLUMNS = 16


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks so small that every case has several full ones, each with all its levels."""
    monkeypatch.setattr(pyramid, "FEWEST_BINS", 2)
    monkeypatch.setattr(pyramid, "FEWEST_SPANS", 1)
    monkeypatch.setattr(chunks, "SMALLEST_CHUNK", 4)
    monkeypatch.setattr(chunks, "LARGEST_CHUNK", 8)


def reference(rows: list[Span], inner: bool, origin: int, bits: int) -> Array:
    """Nanoseconds by state and column; a span without length counts 1 ns."""
    found = np.zeros((STATES, COLUMNS))
    for span in rows:
        start, end = span.start, max(span.end, span.start + 1)
        for column in range(COLUMNS):
            left = origin + (column << bits)
            ns = min(end, left + (1 << bits)) - max(start, left)
            if ns > 0:
                found[span.state, column] += ns
                found[State.RUNNING, column] -= ns if inner else 0
    return found


def covered(store: Store, track: int, depth: int, origin: int, bits: int) -> Array:
    """The same from the store, what it leaves over included."""
    found = np.zeros((STATES, COLUMNS), "<f4")
    while not store.prepare(track, depth, origin, origin + (COLUMNS << bits) - 1, bits):
        pass
    for piece in store.add_coverage(track, depth, found, origin, origin + (COLUMNS << bits) - 1, bits):
        count = len(piece)
        state, level, row = piece.state.astype("<i8"), np.full(count, depth), np.zeros(count, "<i8")
        found += cover_states(piece.start, piece.end, state, level, row, 1, origin, bits, COLUMNS)[0]
    return found


@settings(max_examples=150, deadline=None)
@given(histories(), st.sampled_from([0, 9, 21]), st.integers(0, 10), st.integers(0, 30))
def test_a_row_from_afar_is_its_spans_added_up(batches: list[list[Span]], scale: int, level: int, place: int) -> None:
    store = Store()
    everything: list[Span] = []
    bits = scale + level
    origin = (place << bits) * COLUMNS // 8 >> bits << bits
    for batch in batches:
        larger = [dataclasses.replace(span, start=span.start << scale, end=span.end << scale) for span in batch]
        store.append(Batch(now=0, spans=spans(larger)))
        everything += larger
        for track, depth in {(span.track, span.depth) for span in everything}:
            rows = [span for span in everything if (span.track, span.depth) == (track, depth)]
            expected = reference(rows, depth > 0, origin, bits)
            found = covered(store, track, depth, origin, bits)
            assert np.allclose(found, expected, rtol=1e-4, atol=len(rows) * 2.0 ** (bits - 14) if bits > 14 else 1e-3)


def run_of(count: int, length: int = 1000) -> Array:
    """Spans that follow one another without a gap."""
    rows = [
        Span(1, 0, at * length, (at + 1) * length, 1, 0, 0, Kind.STEP, State(1 + at % 3), Flag.COMPLETE)
        for at in range(count)
    ]
    return spans(rows)


def test_what_is_there_never_disappears() -> None:
    store = Store()
    rows = run_of(64, 1 << 30)
    rows["state"] = State.IDLE
    rows["state"][40], rows["start"][40], rows["end"][40] = State.BLOCKED, 40 << 30, (40 << 30) + 3
    store.append(Batch(now=0, spans=rows))
    assert covered(store, 1, 0, 0, 34)[State.BLOCKED].sum() > 0


def pyramids(store: Store) -> list[bool]:
    """Of each chunk of the first row, whether it has one."""
    return [chunk.seen_from_afar is not None for chunk in store._rows[1, 0].chunks]


def test_pyramids_count_as_memory_and_go_with_their_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "AHEAD", 0)
    store = Store(memory_bytes=64 * chunks.SPAN_BYTES)
    store.append(Batch(now=0, spans=run_of(60)))
    bare = store.memory
    covered(store, 1, 0, 0, 14)
    assert store.memory > bare
    again = store.memory
    covered(store, 1, 0, 0, 15)
    assert store.memory == again
    late = run_of(260)[200:]
    store.append(Batch(now=0, spans=late))
    assert store.memory <= store.memory_bytes
    assert store.memory == sum(chunk.memory for row in store._rows.values() for chunk in row.chunks)


def test_chunks_that_fill_up_together_are_looked_at_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen rows alike: no batch may have to look at sixteen chunks, and in the end none is left."""
    monkeypatch.setattr(store_module, "AHEAD", 2)
    store = Store()
    each = np.concatenate([run_of(64) for _ in range(16)])
    each["track"] = np.repeat(np.arange(1, 17), 64)
    each = each[np.argsort(each["end"], kind="stable")]
    built = [0]
    for first in range(0, len(each), 16):
        store.append(Batch(now=0, spans=each[first : first + 16]))
        built.append(sum(chunk.seen_from_afar is not None for row in store._rows.values() for chunk in row.chunks))
    assert max(np.diff(built)) <= 9  # twice sixteen spans, in chunks of four at first, and one that was begun
    assert built[-1] >= 16 * 7
    assert pyramids(store)[:-1] == [True] * (len(pyramids(store)) - 1)


def test_what_was_dropped_or_replaced_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "AHEAD", 0)
    store = Store(memory_bytes=40 * chunks.SPAN_BYTES)
    rows = run_of(200)
    store.append(Batch(now=0, spans=np.delete(rows, [190])))
    store.append(Batch(now=0, spans=rows[190:191]))
    monkeypatch.setattr(store_module, "AHEAD", 1_000)
    store.append(Batch(now=0, spans=run_of(201)[200:]))
    assert not store._filled
    assert store.memory == sum(chunk.memory for row in store._rows.values() for chunk in row.chunks)


@settings(max_examples=100, deadline=None)
@given(histories(), st.integers(-5, 400), st.integers(0, 400))
def test_a_count_is_what_would_be_found(batches: list[list[Span]], begin: int, length: int) -> None:
    store = Store()
    for batch in batches:
        store.append(Batch(now=0, spans=spans(batch)))
        for track, depth in {(span.track, span.depth) for span in batch}:
            found = sum(len(piece) for piece in store.slices(track, depth, begin, begin + length))
            assert store.count_in(track, depth, begin, begin + length) == found


def test_no_request_is_missed_where_chunks_tell_which_they_may_have() -> None:
    store = Store()
    rows = run_of(64)
    rows["request"] = np.arange(64) // 10
    store.append(Batch(now=0, spans=rows))
    for number in range(1, 8):
        assert len(store.request(number)) == int((rows["request"] == number).sum())
    assert store.request(1_000) == []
