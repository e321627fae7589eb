"""Benchmark `opening`: how long a recording takes from the click to its first full picture; `--spans N` (a million).

The recording is made by the recorder, batch by batch as the collector would hand them over, and saved as one file.
Then a window opens it: the time runs from `open` until the whole of it is stored, counted and on the screen. Besides
the wall clock's time there is the main thread's own, and what the process holds more than before. `--folder` opens the
run's folder as it lies on disk, without the zip; `--memory GIB` allows the window more than its default. The window and
the process are there already: it is what somebody waits for who opens a file.
"""

import argparse
import asyncio
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from explorer.collect.source import Batch, Tally
from explorer.recording.archive import save
from explorer.recording.writer import RecordingWriter
from tests.bench.timeline import ORIGIN, SECONDS, declare, run_spans

SPANS: Final = 1_000_000
BATCH_NS: Final = 20_000_000
WIDTH, HEIGHT = 1920, 1080
PATIENCE_S: Final = 300
STATUS: Final = Path("/proc/self/status")


def batches(count: int) -> Iterator[Batch]:
    """A run of `count` spans over a minute, as it would be collected."""
    spans = run_spans(count)
    processes, tracks, names = declare()
    edges = np.searchsorted(spans["end"], ORIGIN + np.arange(1, SECONDS * 1_000_000_000 // BATCH_NS + 1) * BATCH_NS)
    first = 0
    for number, last in enumerate(edges.tolist()):
        now = ORIGIN + (number + 1) * BATCH_NS
        batch = Batch(now, spans[first:last], tally=Tally(last, last))
        if not number:
            batch.processes, batch.tracks, batch.names = processes, tracks, names
        first = last
        yield batch


def record(folder: Path, count: int, *, zipped: bool) -> Path:
    """Record such a run; the file, or with `zipped` False the folder."""
    run = folder / "run"
    run.mkdir()
    scenario = {"name": "", "model": {"id": "event_loop"}, "workload": {"id": "sleep"}}
    anchor = {"monotonic_ns": ORIGIN, "wall_ns": 1_790_000_000_000_000_000}
    (run / "run.json").write_text(json.dumps({"schema": 1, "scenario": scenario, "anchor": anchor}))
    writer = RecordingWriter(run, keep_all=True)
    for batch in batches(count):
        writer.feed(batch)
    writer.close()
    return save(run, folder / "run.cxrec").path if zipped else run


def memory() -> dict[str, int]:
    """Resident memory now and at its highest, bytes; empty where the system does not say."""
    if not STATUS.exists():
        return {}
    fields = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return {key: int(fields[name].split()[0]) * 1024 for key, name in (("now", "VmRSS"), ("most", "VmHWM"))}


async def opened(path: Path, memory_gib: float | None) -> dict[str, Any]:
    """Open it in a window; seconds until it was read and until it was painted as a whole."""
    from explorer.desktop.app import Application

    application = Application(None, "dark", memory_gib)
    window, control = application.window, application.control
    window.resize(WIDTH, HEIGHT)
    window.show()
    await asyncio.sleep(0.2)
    problems: list[str] = []
    control.went_wrong.connect(lambda title, sentence: problems.append(sentence))
    before = memory()
    began, own = time.perf_counter(), time.thread_time()
    control.open(path)
    try:
        while control.state != "viewing" or control.reading:
            await asyncio.sleep(0.001)
            if problems or time.perf_counter() - began > PATIENCE_S:
                raise RuntimeError(problems[0] if problems else "The recording was not read in time.")
        read = time.perf_counter() - began
        while window.timeline.lanes.waiting:
            await asyncio.sleep(0.001)
        window.timeline.lanes.repaint()
        done, main = time.perf_counter() - began, time.thread_time() - own
        after = memory()
        return {
            "spans": control.store.count,
            "dropped": control.store.dropped,
            "read_seconds": round(read, 2),
            "open_seconds": round(done, 2),
            "main_thread_seconds": round(main, 2),
            "store_mb": round(control.store.memory / 1e6, 1),
            "grown_mb": round((after["now"] - before["now"]) / 1e6, 1) if after else None,
            "most_mb": round((after["most"] - before["now"]) / 1e6, 1) if after else None,
            "threads": threading.active_count(),
        }
    finally:
        await application.close()


def run(*options: str) -> dict[str, Any]:
    """Record, open, measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench opening")
    parser.add_argument("--spans", type=int, default=SPANS, help="spans in the recording")
    parser.add_argument("--folder", action="store_true", help="open the run's folder in place of the file")
    parser.add_argument("--memory", type=float, metavar="GIB", help="what the window may take for spans")
    chosen = parser.parse_args(options)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
    import qasync
    from PySide6.QtWidgets import QApplication

    with tempfile.TemporaryDirectory() as folder:
        path = record(Path(folder), chosen.spans, zipped=not chosen.folder)
        size = path.stat().st_size if path.is_file() else sum(each.stat().st_size for each in path.iterdir())
        qt = QApplication.instance() or QApplication(["bench"])
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qt)) as runner:
            found = runner.run(opened(path, chosen.memory))
    return {**found, "form": "folder" if chosen.folder else "file", "file_mb": round(size / 1e6, 1)}


def table(result: dict[str, Any]) -> str:
    """The figures as text."""
    return (
        f"{result['spans']:,} spans in a {result['form']} of {result['file_mb']:,} MB: read after "
        f"{result['read_seconds']} s, on the screen as a whole after {result['open_seconds']} s "
        f"({result['main_thread_seconds']} s of it the main thread's); the store holds {result['store_mb']:,} MB, the "
        f"process {result['grown_mb']:,} MB more than before, {result['most_mb']:,} MB at the most"
    )
