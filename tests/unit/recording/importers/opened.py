"""Reads a trace to its end, into a store, and says what it holds in plain words."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.recording.importers.chrome import ChromeSource
from explorer.store.rows import Span
from explorer.store.store import Store


@dataclass(frozen=True)
class Opened:
    """A trace in a store, and what was said about it."""

    store: Store
    remarks: tuple[str, ...]
    complete: bool

    @property
    def left_out(self) -> str:
        """What was said beyond the sentence about states."""
        return " ".join(self.remarks[1:])

    def spans(self) -> list[Span]:
        """All spans, by track and time."""
        found = []
        for number in self.store.tracks:
            for piece in self.store.slices(number, 0, -(1 << 62), 1 << 62):
                for start in piece.start.tolist():
                    span = self.store.find(number, 0, start)
                    assert span is not None
                    found.append(span)
        return found

    def told(self) -> list[tuple[str, str, int, int, int]]:
        """(name, thread, depth, start, length) of each span; times in µs from the trace's first moment on."""
        origin = self.store.first or 0
        return [
            (
                self.store.name(span.name),
                self.store.tracks[span.track].name,
                self.depth(span),
                (span.start - origin) // 1000,
                span.duration // 1000,
            )
            for span in self.spans()
        ]

    def depth(self, span: Span) -> int:
        """How deep a span lies in its thread: its track's place among those of the thread."""
        parent = self.store.tracks[span.track].parent
        siblings = [number for number, track in self.store.tracks.items() if track.parent == parent]
        return 1 + sorted(siblings).index(span.track) if parent else 0


def opened(path: Path) -> Opened:
    """Read a trace as a window does, poll by poll."""
    source, store = ChromeSource(path), Store()
    before = 0.0
    try:
        while not source.finished:
            store.append(source.poll())
            assert before <= source.progress <= 1
            before = source.progress
    finally:
        source.close()
    return Opened(store, source.remarks, source.complete)


def trace(path: Path, events: Any, **more: Any) -> Path:
    """Write a trace in the form with an object."""
    path.write_text(json.dumps({"traceEvents": events, **more}), encoding="utf-8")
    return path


def slice_(name: str, ts: float, dur: float, tid: int = 1, **more: Any) -> dict[str, Any]:
    """A finished span of process 7."""
    return {"ph": "X", "name": name, "ts": ts, "dur": dur, "pid": 7, "tid": tid, **more}
