"""Reading what the processes of a run have written, for tests: names, tracks and records, straight from the files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from explorer.ring.reader import NOTHING, Array, RingReader


def make_run(folder: Path, token: str = "7e57") -> Path:
    """Give an empty folder what a session writes before its first child."""
    (folder / "numbers").mkdir()
    (folder / "rings").mkdir()
    (folder / "run.json").write_text(json.dumps({"schema": 1, "token": token}), encoding="utf-8")
    return folder


def number_of(run: Path, pid: int) -> int:
    """The number in the run of the process that joined with this pid; 0 before it has."""
    notes = (json.loads(path.read_text(encoding="utf-8")) for path in run.glob("process-*.json"))
    return max((int(note["number"]) for note in notes if note["pid"] == pid), default=0)


def counter_value(argument: int) -> float:
    """The number of a counter sample, whose argument holds the bits of a float64."""
    return float(np.uint64(argument).view(np.float64))


def declarations(run: Path, pid: int) -> Iterator[dict[str, Any]]:
    """Every whole line of a process's names file."""
    number = number_of(run, pid)
    path = run / f"names-{number}.jsonl"
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


def names(run: Path, pid: int) -> dict[int, str]:
    """Text by number."""
    return {line["name"]: line["text"] for line in declarations(run, pid) if "name" in line}


def tracks(run: Path, pid: int) -> dict[int, dict[str, Any]]:
    """Declaration by number."""
    return {line["track"]: line for line in declarations(run, pid) if "track" in line}


def records(run: Path, pid: int) -> Array:
    """All records that the rings of a process hold now; tests that use it stay below a ring's capacity."""
    found = []
    for path in sorted((run / "rings").glob(f"{number_of(run, pid)}-*.ring")):
        reader = RingReader(path)
        found.append(reader.poll().copy())
        assert reader.lost == 0
        reader.close()
    return np.concatenate(found) if found else NOTHING
