"""Benchmark `timeline`: what a frame of the timeline costs the window's thread, with a million stored spans.

64 rows on 1920×1080, offscreen, all of them in sight; 16 of these are event loops, whose events are marked. Each has a
strip of states at its foot, and the process a row with the holders of its GIL, as a sampler at its limit would write
them. Panning and zooming go from the whole run to single spans; following has 10,000 spans a second appended as it
goes. The time is that of the main thread (`time.thread_time`): appending, deciding, painting and Qt's own work for the
widget's picture.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from explorer.analysis.event_log import EventLog
from explorer.collect.source import SPAN, Array, Batch, OpenSpan, Process, Track
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.store.store import Store

SPANS: Final = 1_000_000
ROWS: Final = 64
SECONDS: Final = 60
WIDTH, HEIGHT = 1920, 1080
FRAMES: Final = 120
FRAME_NS: Final = 16_666_667
RATE: Final = 10_000
LIMIT_MS: Final = 16.7
ORIGIN: Final = 3_000_000_000_000
LOOPS: Final = 16
"""The first so many rows are event loops."""
SAMPLER: Final = 2
STRIPS: Final = 100
"""The number of the first strip's track less one."""
GIL: Final = 99
LOOKS: Final = 4_000
"""Spans of a strip: 64 threads are looked at some seventy times a second."""
HELD: Final = 30_000
CALLBACKS: Final = (Kind.STEP, Kind.TIMER, Kind.HANDOVER, Kind.IO)
STATES: Final = (State.RUNNING, State.WAITING_GIL, State.QUEUED, State.BLOCKED, State.AWAITING, State.IDLE)
RESOURCES: Final = Path(__file__).resolve().parents[2] / "resources"


def row_spans(random: np.random.Generator, track: int, count: int, begin: int, length: int) -> Array:
    """`count` spans of a row over `length` ns: log-normal lengths, about 70 % busy."""
    busy, gap = random.lognormal(0, 1.2, count), random.lognormal(-1.2, 1.4, count)
    scale = length / float((busy + gap).sum())
    end = begin + np.cumsum((busy + gap) * scale).astype("<i8")
    spans = np.zeros(count, SPAN)
    spans["end"] = end
    spans["start"] = end - np.maximum((busy * scale).astype("<i8"), 1)
    spans["state"] = random.choice([int(state) for state in STATES], count, p=[0.4, 0.15, 0.12, 0.18, 0.1, 0.05])
    spans["name"] = random.integers(1, 200, count)
    spans["request"] = random.integers(1, 50_000, count)
    spans["track"] = track
    kinds = random.choice([int(kind) for kind in CALLBACKS], count, p=[0.6, 0.15, 0.15, 0.1])
    spans["kind"] = kinds if track <= LOOPS else int(Kind.JOB)
    spans["flags"] = int(Flag.COMPLETE)
    return spans


def looks(random: np.random.Generator, track: int, count: int, begin: int, length: int) -> Array:
    """`count` spans of the sampler's over `length` ns, one behind the other."""
    spans = row_spans(random, track, count, begin, length)
    spans["start"][1:], spans["start"][0] = spans["end"][:-1], begin
    spans["request"] = 0
    spans["kind"] = Kind.GIL_HELD if track == GIL else Kind.THREAD_STATE
    spans["argument"] = random.integers(1, ROWS, count) if track == GIL else 14_000
    return spans


def declare() -> tuple[list[Process], list[Track], list[tuple[int, str]]]:
    """A server with 64 threads, some of which run loops."""
    process = Process(1, 4_711, Role.SERVER, "", 1, 1, "", ORIGIN)
    sampler = Process(SAMPLER, 4_712, Role.SAMPLER, "", 1, 1, "", ORIGIN)
    tracks = [Track(n, TrackKind.LOOP, f"loop {n}", 1, tid=n) for n in range(1, LOOPS + 1)]
    tracks += [Track(n, TrackKind.THREAD, f"thread {n}", 1, tid=n) for n in range(LOOPS + 1, ROWS + 1)]
    tracks += [Track(STRIPS + n, TrackKind.STATES, "", SAMPLER, tid=n, pid=4_711) for n in range(1, ROWS + 1)]
    tracks.append(Track(GIL, TrackKind.GIL, "GIL", SAMPLER, pid=4_711))
    return [process, sampler], tracks, [(n, f"function_{n}") for n in range(1, 200)]


class Run:
    """What the window keeps of a run: its spans and its events."""

    def __init__(self) -> None:
        self.store = Store()
        self.events = EventLog()

    def append(self, batch: Batch) -> None:
        """Take in what is new."""
        self.store.append(batch)
        self.events.feed(batch)


def fill(count: int = SPANS) -> Run:
    """A run of `count` spans over a minute."""
    random = np.random.default_rng(1)
    run = Run()
    processes, tracks, names = declare()
    each = count // ROWS
    length = SECONDS * 1_000_000_000
    spans = np.concatenate(
        [row_spans(random, n, each, ORIGIN, length) for n in range(1, ROWS + 1)]
        + [looks(random, STRIPS + n, LOOKS, ORIGIN, length) for n in range(1, ROWS + 1)]
        + [looks(random, GIL, HELD, ORIGIN, length)]
    )
    spans = spans[np.argsort(spans["end"], kind="stable")]
    run.append(Batch(ORIGIN + length, spans, processes=processes, tracks=tracks, names=names))
    return run


class Stage:
    """The view under test, its frames timed one by one."""

    def __init__(self, run: Run) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        from PySide6.QtWidgets import QApplication

        from explorer.desktop.theme import Theme
        from explorer.desktop.timeline.layout import Density
        from explorer.desktop.timeline.view import TimelineView

        instance = QApplication.instance()
        self.application = instance if isinstance(instance, QApplication) else QApplication(sys.argv[:1])
        theme = Theme(RESOURCES, "dark")
        theme.apply(self.application)
        self.run, self.store = run, run.store
        self.view = TimelineView(theme)
        self.view.resize(WIDTH, HEIGHT)
        self.view.set_density(Density.TIGHT)
        self.view.show()
        self.view.set_store(run.store, live=False, events=run.events)
        self.now = run.store.now
        self.settle()

    def settle(self) -> None:
        """Paint until nothing is waiting."""
        for _ in range(200):
            self.frame(lambda: None)
            if not self.view.lanes.waiting:
                return

    def frame(self, move: Callable[[], None]) -> float:
        """One frame after `move`; the main thread's time in ms."""
        began = time.thread_time_ns()
        move()
        self.view.frame(self.now)
        self.application.processEvents()
        return (time.thread_time_ns() - began) / 1e6


def pans(stage: Stage, length: int) -> Iterator[float]:
    """Frames of panning across the run at a length (ns)."""
    view = stage.view
    view.show_time(ORIGIN + 20_000_000_000, ORIGIN + 20_000_000_000 + length)
    stage.settle()
    for frame in range(FRAMES):
        step = 0.012 if frame % 60 < 30 else -0.012
        yield stage.frame(partial(view.pan, step))


def zooms(stage: Stage) -> Iterator[float]:
    """Frames of zooming by the wheel from the whole run to microseconds, and back."""
    view = stage.view
    view.fit()
    stage.settle()
    for factor in (1 / 1.12, 1.12):
        for _ in range(FRAMES):
            yield stage.frame(partial(view.zoom, factor, 700.0))


def follows(stage: Stage, length: int) -> Iterator[float]:
    """Frames of following, with spans appended and one open per row."""
    view, store = stage.view, stage.store
    random = np.random.default_rng(2)
    end = stage.now = max(stage.now, store.now)
    view.set_live(True)
    view.set_following(True)
    view.zoom(length / view.length_ns)
    for _ in range(FRAMES):
        begin, end = end, end + FRAME_NS
        count = max(1, RATE * FRAME_NS // 1_000_000_000 // ROWS)
        spans = np.concatenate(
            [row_spans(random, n, count, begin, FRAME_NS) for n in range(1, ROWS + 1)]
            + [looks(random, STRIPS + n, 1, begin, FRAME_NS) for n in range(1, ROWS + 1)]
            + [looks(random, GIL, 8, begin, FRAME_NS)]
        )
        spans = spans[np.argsort(spans["end"], kind="stable")]
        opened = [OpenSpan(n, 1, begin, n, n, Kind.CALL, State.BLOCKED) for n in range(1, ROWS + 1)]
        batch = Batch(end, spans, open_spans=opened)
        stage.now = end
        yield stage.frame(partial(stage.run.append, batch))
    view.set_live(False)


def run() -> dict[str, Any]:
    """Measure; milliseconds of the main thread per frame."""
    filled = fill()
    stage = Stage(filled)
    rows = []
    second = 1_000_000_000
    for title, frames in (
        ("pan, whole run", pans(stage, 58 * second)),
        ("pan, 10 s", pans(stage, 10 * second)),
        ("pan, 1 s", pans(stage, second)),
        ("pan, 50 ms", pans(stage, second // 20)),
        ("zoom, whole run to 1 µs and back", zooms(stage)),
        ("follow, 10 s", follows(stage, 10 * second)),
        ("follow, 500 ms", follows(stage, second // 2)),
    ):
        times = np.array(list(frames))
        rows.append(
            {
                "case": title,
                "frames": len(times),
                "median_ms": round(float(np.median(times)), 2),
                "p99_ms": round(float(np.percentile(times, 99)), 2),
                "max_ms": round(float(times.max()), 2),
            }
        )
    visible = len(stage.view.scene.visible())
    events = sum(filled.events.totals().values())
    return {
        "spans": filled.store.count,
        "events": events,
        "rows": visible,
        "size": [WIDTH, HEIGHT],
        "limit_ms": LIMIT_MS,
        "cases": rows,
    }


def table(result: dict[str, Any]) -> str:
    """The figures as text."""
    lines = [
        f"{result['spans']:,} spans, {result['events']:,} events, {result['rows']} rows in sight, "
        f"{result['size'][0]}×{result['size'][1]}; main thread per frame, ms (aim: p99 at most {result['limit_ms']})",
        f"{'case':34} {'frames':>6} {'median':>8} {'p99':>8} {'max':>8}",
    ]
    lines += [
        f"{row['case']:34} {row['frames']:6} {row['median_ms']:8.2f} {row['p99_ms']:8.2f} {row['max_ms']:8.2f}"
        for row in result["cases"]
    ]
    return "\n".join(lines)
