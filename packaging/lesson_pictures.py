"""Run the main run of each lesson and write the picture of its card: bars of the real run, in the folder of the lesson.

python packaging/lesson_pictures.py [NAME …]    # all, or these
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

import scenario_pictures as pictures  # noqa: E402  # both folders must be on the path first

from explorer.analysis.statistics import RunStatistics  # noqa: E402
from explorer.catalog import Catalog  # noqa: E402
from explorer.desktop.lessons.watched_rows import is_named  # noqa: E402
from explorer.desktop.timeline.rows import Row, RowKind, build_rows  # noqa: E402
from explorer.lessons.lesson import Lesson, Watch  # noqa: E402
from explorer.lessons.library import Library  # noqa: E402
from explorer.lessons.runs import scenario_of  # noqa: E402
from explorer.recording.file_source import FileSource  # noqa: E402
from explorer.records.states import Role, State, TrackKind  # noqa: E402
from explorer.store.store import Store  # noqa: E402

LESSONS: Final = ROOT / "resources" / "lessons"
MOST_ROWS: Final = 12
T = TypeVar("T")
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
            bars = picture(record, lesson.watch)
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


def picture(record: Path, watch: Watch) -> pictures.Bars:
    """The bars of a recording: what its watched lanes did from the first request on, while they are watched."""
    store, statistics = Store(), RunStatistics()
    source = FileSource(record)
    while not source.finished:
        batch = source.poll()
        store.append(batch)
        statistics.feed(batch)
    source.close()
    begin, end = extent(store, statistics)
    if watch.seconds:
        end = min(end, begin + round(watch.seconds * 1e9))
    shapes = [[pictures.columns(store, row, begin, end) for row in some] for some in watched(store, watch, begin, end)]
    drawn = [[states for states in some if states is not None] for some in shapes]
    return pictures.bars(chosen(drawn if any(drawn) else [usual(store, begin, end)], MOST_ROWS))


def watched(store: Store, watch: Watch, begin: int, end: int) -> list[list[Row]]:
    """The rows that each of the lesson's words names, in the order of the words; a row belongs to the first of them."""
    found = [row for row in build_rows(store, begin, end) if row.kind is RowKind.REQUEST or lane_shown(store, row)]
    groups = []
    for word in watch.lanes:
        groups.append([row for row in found if is_named(row, (word,), store.tracks)])
        found = [row for row in found if row not in groups[-1]]
    return groups


def chosen(groups: Sequence[Sequence[T]], most: int) -> list[T]:
    """At most `most` of all, in their order. Those left out are of the largest group, evenly: a single lane stays where
    a hundred stand beside it, and of a hundred requests the first and the later waves are there.
    """
    counts = [len(some) for some in groups]
    while sum(counts) > most:
        counts[counts.index(max(counts))] -= 1
    return [some[at * len(some) // count] for some, count in zip(groups, counts, strict=True) for at in range(count)]


def extent(store: Store, statistics: RunStatistics) -> tuple[int, int]:
    """From the first request to the last answer (ns); of a run without a load, from its first span to its last."""
    if statistics.load.first_send:
        return statistics.load.first_send, max(statistics.load.last_answer, statistics.load.first_send + 1)
    begins, ends = [], []
    for row in build_rows(store, 0, 2**62):
        if lane_shown(store, row):
            for depth in store.depths(row.track):
                for piece in store.slices(row.track, depth, 0, 2**62):
                    if len(piece.start):
                        begins.append(int(piece.start[0]))
                        ends.append(int(piece.end[-1]))
    return (min(begins), max(ends)) if begins else (0, 1)


def lane_shown(store: Store, row: Row) -> bool:
    """Whether it is a lane that belongs to what the lesson is about."""
    if row.kind is not RowKind.LANE:
        return False
    process = store.processes.get(store.tracks[row.track].process)
    return row.title not in pictures.AWAY and process is not None and process.role in SHOWN


def usual(store: Store, begin: int, end: int) -> list[list[State]]:
    """Where nothing that is named did anything: what the lanes of the threads that serve did; where only one of them
    did, the requests' as well.
    """
    found = build_rows(store, begin, end)
    lanes = [row for row in found if lane_shown(store, row)]
    busy = [row for row in lanes if pictures.columns(store, row, begin, end) is not None]
    loops = [row for row in busy if store.tracks[row.track].kind is TrackKind.LOOP]
    others = [row for row in busy if row not in loops]
    if len(others) + len(loops) > 2:
        rows = [*loops[: 1 if others else MOST_ROWS], *others]
    else:
        rows = [*loops[:1], *others, *(row for row in found if row.kind is RowKind.REQUEST)]
    drawn = (pictures.columns(store, row, begin, end) for row in rows)
    return [states for states in drawn if states is not None]


if __name__ == "__main__":
    main(sys.argv[1:])
