"""Run each shipped scenario and write the small picture that its card on the start page shows: bars of the real run.

python packaging/scenario_pictures.py [NAME …]    # all, or those whose files are called so
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402  # the checkout must be on the path first

from explorer.analysis.statistics import RunStatistics  # noqa: E402
from explorer.desktop.timeline.rows import Row, RowKind, build_rows  # noqa: E402
from explorer.recording.file_source import FileSource  # noqa: E402
from explorer.records.states import Role, State, TrackKind  # noqa: E402
from explorer.store.store import Store  # noqa: E402

SCENARIOS: Final = ROOT / "resources" / "scenarios"
OUTPUT: Final = SCENARIOS / "pictures.json"
SECONDS: Final = 4.0
MOST_ROWS: Final = 10
COLUMNS: Final = 60
SERVING: Final = (Role.SERVER, Role.WORKER, Role.CONNECTION, Role.POOL, Role.DEMO)
AWAY: Final = ("Main thread", "Other threads")
NOTHING: Final = (State.NONE, State.IDLE, State.UNKNOWN)
LEAST: Final = 0.3
"""Of a column, to be told at all."""
Bars = list[list[int | float | str]]


def main(names: Sequence[str]) -> None:
    """Write the pictures of these scenarios anew, and keep those of the others."""
    pictures: dict[str, Bars] = json.loads(OUTPUT.read_text(encoding="utf-8")) if OUTPUT.exists() else {}
    for file in sorted(SCENARIOS.glob("*.toml")):
        if names and file.stem not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            record = Path(folder) / "run.cxrec"
            command = [sys.executable, "-m", "explorer", "run", str(file), "--record", str(record)]
            done = subprocess.run([*command, "--set", f"load.duration={SECONDS:g}"], cwd=ROOT, capture_output=True)
            if not record.exists():
                print(f"{file.stem}: no picture, {done.stderr.decode().strip().splitlines()[-1:]}")
                continue
            pictures[file.stem] = picture(record)
            print(f"{file.stem}: {len(pictures[file.stem])} bars")
    lines = [f"{json.dumps(name)}: {json.dumps(bars)}" for name, bars in sorted(pictures.items())]
    OUTPUT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def picture(record: Path) -> Bars:
    """The bars of a recording: what its busiest lanes did in some of its requests' times."""
    store, statistics = Store(), RunStatistics()
    source = FileSource(record)
    while not source.finished:
        batch = source.poll()
        store.append(batch)
        statistics.feed(batch)
    source.close()
    found: list[list[State]] = []
    for begin, end in stretches(statistics):
        lanes = [states for row in rows(store, begin, end) if (states := columns(store, row, begin, end)) is not None]
        lanes = lanes[:MOST_ROWS]
        if filled(lanes) > filled(found):
            found = lanes
    return bars(found)


def filled(lanes: Sequence[Sequence[State]]) -> int:
    """How many columns of these lanes have something to show."""
    return sum(state not in NOTHING for states in lanes for state in states)


def stretches(statistics: RunStatistics) -> list[tuple[int, int]]:
    """From when to when (ns) one may look: a few times a usual answer, once the run has settled, and earlier ones."""
    load = statistics.load
    usual = load.everything().histograms[0].percentile(50) or 0.2  # seconds
    length = round(min(max(3 * usual, 0.1), 2.5) * 1e9)
    latest = max(0, load.last_answer - load.first_send - length)
    begins = sorted({min(after, latest) for after in (1_000_000_000, 300_000_000, 0)}, reverse=True)
    return [(load.first_send + after, load.first_send + after + length) for after in begins]


def rows(store: Store, begin: int, end: int) -> list[Row]:
    """Lanes of the threads and loops that serve; where only one of them does anything, the requests' as well."""
    found = build_rows(store, begin, end)
    serving = {process.number for process in store.processes.values() if process.role in SERVING}
    lanes = [
        row
        for row in found
        if row.kind is RowKind.LANE and row.title not in AWAY and store.tracks[row.track].process in serving
    ]
    loops = [row for row in lanes if store.tracks[row.track].kind is TrackKind.LOOP]
    others = [row for row in lanes if row not in loops and columns(store, row, begin, end) is not None]
    if len(others) + len(loops) > 2:
        return [*loops[: 1 if others else MOST_ROWS], *others]
    return [*loops[:1], *(row for row in found if row.kind is RowKind.REQUEST)]


def columns(store: Store, row: Row, begin: int, end: int) -> list[State] | None:
    """The state in each of the columns, None where the lane did nothing; where a thread seems to run, what the sampler
    saw of it: a thread that waits for the GIL does not know that it waits.
    """
    own = states_of(store, row.track, begin, end)
    if own is None or not row.strip:
        return own
    seen = states_of(store, row.strip, begin, end)
    if seen is None:
        return own
    return [
        State.WAITING_GIL if mine is State.RUNNING and saw is State.WAITING_GIL else mine
        for mine, saw in zip(own, seen, strict=True)
    ]


def states_of(store: Store, track: int, begin: int, end: int) -> list[State] | None:
    """The state that most of each column is in, what lies deeper over what lies higher; None where there is none."""
    edges = np.linspace(begin, end, COLUMNS + 1).astype(np.int64)
    shares = np.zeros((len(State), COLUMNS))
    known = list(State)
    for depth in sorted(store.depths(track)):
        for piece in store.slices(track, depth, begin, end):
            for start, stop, state in zip(piece.start, piece.end, piece.state, strict=True):
                if State(int(state)) in NOTHING:
                    continue
                covered = np.clip(np.minimum(edges[1:], stop) - np.maximum(edges[:-1], start), 0, None)
                shares *= 1 - covered / (edges[1] - edges[0])
                shares[known.index(State(int(state)))] += covered / (edges[1] - edges[0])
    if not shares.any():
        return None
    best = shares.argmax(0)
    return [known[at] if shares[at, column] >= LEAST else State.NONE for column, at in enumerate(best)]


def bars(lanes: Sequence[Sequence[State]]) -> Bars:
    """Equal neighbours as one bar."""
    found: Bars = []
    for row, states in enumerate(lanes):
        column = 0
        while column < COLUMNS:
            last = column
            while last + 1 < COLUMNS and states[last + 1] is states[column]:
                last += 1
            if states[column] not in NOTHING:
                length = (last + 1 - column) / COLUMNS
                found.append([row, round(column / COLUMNS, 4), round(length, 4), states[column].name.lower()])
            column = last + 1
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
