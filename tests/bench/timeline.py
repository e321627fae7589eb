"""Benchmark `timeline`: what a frame of the timeline costs the window's thread; `--spans N` stored (a million), and of
the modes `--only pan,zoom`.

64 rows on 1920×1080, offscreen, all of them in sight; 16 of these are event loops, whose events are marked. Each has a
strip of states at its foot, and the process a row with the holders of its GIL, as a sampler at its limit would write
them. At every level, from the whole run to a microsecond in view: panning, zooming by the wheel there and a little
beyond, following with 200,000 spans a second (`--rate N`) appended as it goes; a replay whose now-line crosses the
lanes, and then takes the view along; then pointing at spans, the chip in sight, and choosing them: what the click does
until it asks for a painting, and with the painting, which is a frame as others are. The time is that of the main thread
(`time.thread_time`): appending, deciding, painting and Qt's own work for the widget's picture.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from explorer.analysis.event_log import EventLog
from explorer.collect.source import SPAN, Array, Batch, OpenSpan, Process, Track
from explorer.desktop.timeline.layout import bar_room
from explorer.desktop.timeline.replay.clock import FAR
from explorer.desktop.timeline.rows import RowKind
from explorer.desktop.timeline.selection import span_at
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.store.store import DEFAULT_MEMORY, Store

SPANS: Final = 1_000_000
BYTES_A_SPAN: Final = 64
"""Memory that is allowed for more spans than fit by default."""
ROWS: Final = 64
SECONDS: Final = 60
WIDTH, HEIGHT = 1920, 1080
FRAMES: Final = 60
FRAME_NS: Final = 16_666_667
RATE: Final = 200_000
LIMIT_MS: Final = 16.7
ORIGIN: Final = 3_000_000_000_000
MIDDLE: Final = ORIGIN + 30_000_000_000
LEVELS: Final = {
    "whole": 58_000_000_000,
    "10 s": 10_000_000_000,
    "1 s": 1_000_000_000,
    "100 ms": 100_000_000,
    "10 ms": 10_000_000,
    "1 ms": 1_000_000,
    "100 µs": 100_000,
    "10 µs": 10_000,
    "1 µs": 1_000,
}
"""How much is in view, ns."""
LOOPS: Final = 16
"""The first so many rows are event loops."""
SAMPLER: Final = 2
STRIPS: Final = 100
"""The number of the first strip's track less one."""
GIL: Final = 99
LOOKS: Final = 4_000
"""Spans of a strip: 64 threads are looked at some seventy times a second."""
HELD: Final = 30_000
AT_ONCE: Final = 100_000
"""Spans that are appended together, as a recording is read."""
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
    # Requests are numbered as they come, and last for some hundredths of a second.
    spans["request"] = (end - ORIGIN) // 1_000_000 + random.integers(1, 40, count)
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

    def __init__(self, store: Store) -> None:
        self.store = store
        self.events = EventLog()

    def append(self, batch: Batch) -> None:
        """Take in what is new."""
        self.store.append(batch)
        self.events.feed(batch)


def run_spans(count: int = SPANS) -> Array:
    """`count` spans and what a sampler saw besides, over a minute, in order of end."""
    random = np.random.default_rng(1)
    each = count // ROWS
    length = SECONDS * 1_000_000_000
    spans = np.concatenate(
        [row_spans(random, n, each, ORIGIN, length) for n in range(1, ROWS + 1)]
        + [looks(random, STRIPS + n, LOOKS, ORIGIN, length) for n in range(1, ROWS + 1)]
        + [looks(random, GIL, HELD, ORIGIN, length)]
    )
    return spans[np.argsort(spans["end"], kind="stable")]


def fill(count: int = SPANS) -> Run:
    """A run of `count` spans over a minute, stored as it would be collected."""
    run = Run(Store(max(DEFAULT_MEMORY, count * BYTES_A_SPAN)))
    processes, tracks, names = declare()
    spans = run_spans(count)
    run.append(Batch(ORIGIN, processes=processes, tracks=tracks, names=names))
    for first in range(0, len(spans), AT_ONCE):
        some = spans[first : first + AT_ONCE]
        run.append(Batch(int(some["end"][-1]), some))
    return run


class Stage:
    """The view under test, its frames timed one by one."""

    def __init__(self, run: Run) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        from explorer.desktop.garbage import GarbageCollector
        from explorer.desktop.theme import Theme
        from explorer.desktop.timeline.layout import Density
        from explorer.desktop.timeline.view import TimelineView

        instance = QApplication.instance()
        self.application = instance if isinstance(instance, QApplication) else QApplication(sys.argv[:1])
        theme = Theme(RESOURCES, "dark")
        theme.apply(self.application)
        self.garbage = GarbageCollector()  # as the window does it: in the frames that are measured, not between
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

    def show(self, length: int) -> None:
        """Have so much (ns) of the middle of the run in view, all of it painted."""
        self.view.show_time(MIDDLE - length // 2, MIDDLE + length // 2)
        self.settle()

    def frame(self, move: Callable[[], None]) -> float:
        """One frame after `move`; the main thread's time in ms."""
        began = time.thread_time_ns()
        move()
        self.view.frame(self.now)
        self.application.processEvents()
        return (time.thread_time_ns() - began) / 1e6


def pans(stage: Stage, length: int) -> Iterator[float]:
    """Frames of panning across the run with a length (ns) in view."""
    view = stage.view
    stage.show(length)
    for frame in range(FRAMES):
        step = 0.012 if frame % 60 < 30 else -0.012
        yield stage.frame(partial(view.pan, step))


def zooms(stage: Stage, length: int) -> Iterator[float]:
    """Frames of zooming by the wheel, from three times a length (ns) to a third of it, and back."""
    view = stage.view
    stage.show(3 * length)
    for frame in range(FRAMES):
        yield stage.frame(partial(view.zoom, 1 / 1.08 if frame < FRAMES // 2 else 1.08, 700.0))


def follows(stage: Stage, length: int, rate: int) -> Iterator[float]:
    """Frames of following with a length (ns) in view, `rate` spans a second appended and one open per row."""
    view, store = stage.view, stage.store
    random = np.random.default_rng(2)
    end = stage.now = max(stage.now, store.now)
    view.set_live(True)
    view.set_following(True)
    view.zoom(length / view.length_ns)
    stage.settle()
    for _ in range(FRAMES):
        begin, end = end, end + FRAME_NS
        count = max(1, rate * FRAME_NS // 1_000_000_000 // ROWS)
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


def replays(stage: Stage, length: int) -> Iterator[float]:
    """Frames of a replay with a length (ns) in view: the now-line moves, and from about the middle on the view does."""
    view, player, clock = stage.view, stage.view.replay, [0]
    stage.show(length)
    player._time = lambda: clock[0]
    if not player.begin():
        raise RuntimeError("There is nothing to replay.")
    moved = player.speed * FRAME_NS // 1_000_000
    player.seek(view.scene.view.begin + round(view.length_ns * FAR) - moved * FRAMES // 2)
    stage.settle()
    for _ in range(FRAMES):
        clock[0] += FRAME_NS
        yield stage.frame(lambda: None)
    if not player.playing:
        raise RuntimeError("The replay ended before it was measured.")
    player.leave()


def places(stage: Stage) -> list[QPoint]:
    """Places on spans, one after the other in other lanes; raises RuntimeError where there are too few."""
    scene, found = stage.view.scene, []
    random = np.random.default_rng(3)
    lanes = [placed for placed in scene.visible() if placed.row.kind is RowKind.LANE and scene.in_sight(placed)]
    for attempt in range(100 * FRAMES):
        placed = lanes[attempt * 7 % len(lanes)]
        top, floor = bar_room(placed)
        x = int(random.integers(0, scene.view.width))
        near = round(4 * scene.view.ns_per_px) or 1
        time, pixel = scene.view.time(x), round(scene.view.ns_per_px)
        if span_at(stage.store, scene.open_spans, placed.row.track, time, near, scene.known(), pixel) is not None:
            found.append(QPoint(x, (top + 2 * floor) // 3 - scene.scroll))
        if len(found) == FRAMES:
            return found
    raise RuntimeError("There are not enough spans to point at.")


def points(stage: Stage, length: int) -> Iterator[float]:
    """Frames in which the pointer has gone to another span, and the chip says what that is."""
    view = stage.view
    stage.show(length)
    every = places(stage)
    send(view.lanes, QEvent.Type.MouseMove, every[-1], Qt.MouseButton.NoButton)
    while not view.chip.isVisible():  # it takes its time to appear, once
        stage.application.processEvents()
    stage.application.processEvents()
    for place in every:
        yield stage.frame(partial(send, view.lanes, QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton))
        if not view.chip.isVisible():
            raise RuntimeError("The pointer was on a span, and nothing said so.")
    view.chip.hide()


def clicks(stage: Stage, length: int, whole: bool) -> Iterator[float]:
    """Clicks on spans, each of which chooses the span and its request: `whole` frames, or what the hand does alone."""
    view = stage.view
    stage.show(length)
    for place in places(stage):

        def click(place: QPoint = place) -> None:
            for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
                send(view.lanes, kind, place, Qt.MouseButton.LeftButton)

        view.clear()
        stage.frame(lambda: None)
        if whole:
            yield stage.frame(click)
        else:
            began = time.thread_time_ns()
            click()
            yield (time.thread_time_ns() - began) / 1e6
        if not view.scene.selection:
            raise RuntimeError("A span was clicked, and none is chosen.")
    view.clear()


def send(widget: QWidget, kind: QEvent.Type, place: QPoint, button: Qt.MouseButton) -> None:
    """A mouse's event."""
    at = QPointF(place)
    event = QMouseEvent(kind, at, widget.mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def run(*options: str) -> dict[str, Any]:
    """Measure; milliseconds of the main thread per frame."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench timeline")
    parser.add_argument("--spans", type=int, default=SPANS, help="stored spans")
    parser.add_argument("--only", metavar="MODE[,MODE]", help="what is measured; all by default")
    parser.add_argument("--rate", type=int, default=RATE, help="spans a second while following")
    chosen = parser.parse_args(options)
    filled = fill(chosen.spans)
    began = time.perf_counter()
    stage = Stage(filled)
    opened = time.perf_counter() - began
    visible = len(stage.view.scene.visible())
    modes: dict[str, Callable[[Stage, int], Iterator[float]]] = {
        "pan": pans,
        "zoom": zooms,
        "follow": partial(follows, rate=chosen.rate),
        "replay": replays,
        "hover": points,
        "choose": partial(clicks, whole=False),
        "choose+paint": partial(clicks, whole=True),
    }
    found: dict[str, Any] = {}
    wanted = chosen.only.split(",") if chosen.only else list(modes)
    if not set(wanted) <= set(modes):
        parser.error(f"--only takes of {', '.join(modes)}.")
    for mode in wanted:
        frames = modes[mode]
        levels = found[mode] = {"levels": {}}
        for level, length in LEVELS.items():
            times = np.array(list(frames(stage, length)))
            levels["levels"][level] = {
                "median_ms": round(float(np.median(times)), 2),
                "p99_ms": round(float(np.percentile(times, 99)), 2),
                "max_ms": round(float(times.max()), 2),
            }
    return {
        "spans": filled.store.count,
        "events": sum(filled.events.totals().values()),
        "rows": visible,
        "size": [WIDTH, HEIGHT],
        "limit_ms": LIMIT_MS,
        "modes": found,
        "store_mb": round(filled.store.memory / 1e6, 1),
        "bytes_a_span": round(filled.store.memory / filled.store.count, 1),
        "open_seconds": round(opened, 2),
    }


def table(result: dict[str, Any]) -> str:
    """The figures as text."""
    lines = [
        f"{result['spans']:,} spans, {result['events']:,} events, {result['rows']} rows in sight, "
        f"{result['size'][0]}×{result['size'][1]}; {result['store_mb']:,} MB, {result['bytes_a_span']} bytes a span; "
        f"first full picture after {result['open_seconds']} s",
        f"main thread per frame, median / p99 in ms (aim: p99 at most {result['limit_ms']})",
        f"{'in view':12}" + "".join(f"{mode:>16}" for mode in result["modes"]),
    ]
    for level in LEVELS:
        cells = [modes["levels"][level] for modes in result["modes"].values()]
        figures = [f"{cell['median_ms']:.2f} / {cell['p99_ms']:.2f}" for cell in cells]
        lines.append(f"{level:12}" + "".join(f"{figure:>16}" for figure in figures))
    return "\n".join(lines)
