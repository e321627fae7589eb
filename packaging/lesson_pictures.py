"""Run the main run of each lesson and write the picture of its card: bars of the real run, in the folder of the lesson.

python packaging/lesson_pictures.py [NAME …]    # all, or these
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

import scenario_pictures as pictures  # noqa: E402  # both folders must be on the path first

from explorer.analysis.statistics import RunStatistics  # noqa: E402
from explorer.catalog import Catalog  # noqa: E402
from explorer.desktop.timeline.rows import Row, RowKind, build_rows  # noqa: E402
from explorer.lessons.lesson import Lesson  # noqa: E402
from explorer.lessons.library import Library  # noqa: E402
from explorer.lessons.runs import scenario_of  # noqa: E402
from explorer.recording.file_source import FileSource  # noqa: E402
from explorer.records.states import Role, TrackKind  # noqa: E402
from explorer.store.store import Store  # noqa: E402

LESSONS: Final = ROOT / "resources" / "lessons"
MOST_ROWS: Final = 12
SHOWN: Final = (*pictures.SERVING, Role.LAB, Role.CLUSTER)


def main(names: Sequence[str]) -> None:
    """Write the pictures of these lessons, or of all."""
    catalog = Catalog()
    for lesson in Library(catalog, (LESSONS,)).lessons():
        if not isinstance(lesson, Lesson) or (names and lesson.id not in names):
            continue
        with tempfile.TemporaryDirectory() as folder:
            record = Path(folder) / "run.cxrec"
            done = subprocess.run(
                [sys.executable, "-m", "explorer", *command(catalog, lesson, Path(folder)), "--record", str(record)],
                cwd=ROOT,
                capture_output=True,
            )
            if not record.exists():
                print(f"{lesson.id}: no picture, {done.stderr.decode().strip().splitlines()[-1:]}")
                continue
            bars = picture(record, lesson.watch.seconds)
        rows = 1 + max((int(bar[0]) for bar in bars), default=0)
        (lesson.folder / "picture.json").write_text(json.dumps({"rows": rows, "bars": bars}) + "\n", encoding="utf-8")
        print(f"{lesson.id}: {rows} rows, {len(bars)} bars")


def command(catalog: Catalog, lesson: Lesson, folder: Path) -> list[str]:
    """The command that makes the lesson's main run."""
    run = lesson.runs[0]
    if run.kind == "server":
        file = folder / "scenario.toml"
        file.write_text(scenario_of(catalog, lesson, run.id).to_toml(), encoding="utf-8")
        return ["run", str(file)]
    words = ["lab", run.kind]
    for key, value in run.options.items():
        words += [f"--{key}"] if value is True else [f"--{key}", str(value)] if value is not False else []
    return words


def picture(record: Path, seconds: float) -> pictures.Bars:
    """The bars of a recording: what its lanes did from the first request on, for `seconds` (0: all of it)."""
    store, statistics = Store(), RunStatistics()
    source = FileSource(record)
    while not source.finished:
        batch = source.poll()
        store.append(batch)
        statistics.feed(batch)
    source.close()
    begin, end = extent(store, statistics)
    if seconds:
        end = min(end, begin + round(seconds * 1e9))
    found = []
    for row in rows(store, begin, end):
        if (states := pictures.columns(store, row, begin, end)) is not None:
            found.append(states)
    return pictures.bars(found[:MOST_ROWS])


def extent(store: Store, statistics: RunStatistics) -> tuple[int, int]:
    """From the first request to the last answer (ns); of a run without a load, from its first span to its last."""
    if statistics.load.first_send:
        return statistics.load.first_send, max(statistics.load.last_answer, statistics.load.first_send + 1)
    begins, ends = [], []
    for row in build_rows(store, 0, 2**62):
        if row.kind is RowKind.LANE and shown(store, row):
            for depth in store.depths(row.track):
                for piece in store.slices(row.track, depth, 0, 2**62):
                    if len(piece.start):
                        begins.append(int(piece.start[0]))
                        ends.append(int(piece.end[-1]))
    return (min(begins), max(ends)) if begins else (0, 1)


def shown(store: Store, row: Row) -> bool:
    """Whether a lane belongs to what the lesson is about."""
    track = store.tracks[row.track]
    process = store.processes.get(track.process)
    return row.title not in pictures.AWAY and process is not None and process.role in SHOWN


def rows(store: Store, begin: int, end: int) -> list[Row]:
    """Lanes of the threads that serve; where only one of them does anything, the requests' as well."""
    found = build_rows(store, begin, end)
    lanes = [row for row in found if row.kind is RowKind.LANE and shown(store, row)]
    busy = [row for row in lanes if pictures.columns(store, row, begin, end) is not None]
    loops = [row for row in busy if store.tracks[row.track].kind is TrackKind.LOOP]
    others = [row for row in busy if row not in loops]
    if len(others) + len(loops) > 2:
        return [*loops[: 1 if others else MOST_ROWS], *others]
    return [*loops[:1], *others, *(row for row in found if row.kind is RowKind.REQUEST)]


if __name__ == "__main__":
    main(sys.argv[1:])
