"""Samples become spans: equal ones are one, a change ends it, a long one is announced."""

from pathlib import Path

from explorer.records.schema import U32
from explorer.records.states import Flag, Kind, State
from explorer.ring import layout, mapped
from explorer.ring.reader import RingReader
from explorer.ring.writer import Ring
from explorer.sampler.strip import ANNOUNCED_NS, Seen, Strip

RUNS, IDLES = Seen(State.RUNNING), Seen(State.IDLE)
MS = 1_000_000


def written(folder: Path, *seen: tuple[Seen | None, int], end: int = 0) -> list[tuple[int, int, int, int]]:
    """(flag, state, start, duration) of what a strip writes for samples at these times, in ms."""
    memory = mapped.create(folder / "1-1.ring", layout.RECORDS, 64)
    strip = Strip(Ring(memory), 7, Kind.THREAD_STATE)
    for what, at in seen:
        strip.see(what, at * MS, 10_000)
    if end:
        strip.end(end * MS)
    reader = RingReader(folder / "1-1.ring")
    rows = reader.poll().copy()
    reader.close()
    assert set(rows["track"].tolist()) <= {7}
    assert set((rows["argument"] & U32).tolist()) <= {10_000}
    return [(int(row["flags"]), int(row["state"]), int(row["start"]) // MS, int(row["duration"]) // MS) for row in rows]


def test_equal_samples_are_one_span(tmp_path: Path) -> None:
    rows = written(tmp_path, (RUNS, 10), (RUNS, 12), (IDLES, 30), (RUNS, 40))
    assert rows == [(Flag.COMPLETE, State.RUNNING, 10, 20), (Flag.COMPLETE, State.IDLE, 30, 10)]


def test_what_lasts_is_announced_once(tmp_path: Path) -> None:
    long = ANNOUNCED_NS // MS
    rows = written(tmp_path, (IDLES, 10), (IDLES, 10 + long), (IDLES, 20 + long), (RUNS, 30 + long))
    assert rows == [(Flag.BEGIN, State.IDLE, 10, 0), (Flag.COMPLETE, State.IDLE, 10, 20 + long)]


def test_the_last_span_ends_with_the_strip(tmp_path: Path) -> None:
    assert written(tmp_path, (RUNS, 10), end=15) == [(Flag.COMPLETE, State.RUNNING, 10, 5)]


def test_nothing_seen_is_a_gap(tmp_path: Path) -> None:
    rows = written(tmp_path, (RUNS, 10), (None, 12), (RUNS, 17), end=18)
    assert [(start, duration) for _, _, start, duration in rows] == [(10, 2), (17, 1)]
