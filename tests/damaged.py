"""Damaged recordings: copies of a healthy one with a file cut short or some bits turned over, and what becomes of them.

`python -m tests.damaged HEALTHY FIRST LAST` reads the copies of these numbers one after the other and writes a line of
JSON about each, so that whoever watches sees which one ended the process, or never ended.
"""

import json
import random
import shutil
import sys
import tempfile
import time
import tracemalloc
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from explorer.analysis.event_log import EventLog
from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import Array
from explorer.option_error import OptionError
from explorer.recording.file_source import FileSource
from explorer.store.store import Store

RUN, FILE = "run", "run.cxrec"
MOST_BITS: Final = 8
LONGEST_SENTENCE: Final = 400
HEADER: Final = 700
"""Bytes of a batch's header, or a little more."""
SLACK: Final = 0.2
"""Share of the spans that may be in the batch in which a cut lies."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What was done to a copy: to the `folder` or the file (False), in which of its files, from which byte on."""

    number: int
    folder: bool
    name: str
    cut: bool
    places: tuple[int, ...]
    size: int

    def __str__(self) -> str:
        where = f"{self.name} of the folder" if self.folder else "the file"
        what = f"cut at {self.places[0]:,}" if self.cut else f"bits turned at {', '.join(map(str, self.places))}"
        return f"copy {self.number}: {where} ({self.size:,} bytes) {what}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a copy: `sentence` (empty: there was none), spans that were read, bytes at the most, seconds."""

    number: int
    damage: str
    sentence: str
    fault: str
    spans: int
    peak: int
    seconds: float


def damaged(healthy: Path, number: int, into: Path) -> tuple[Path, Damage]:
    """Copy number `number` of the recording in `healthy` (a folder `run`, a file `run.cxrec`), damaged."""
    chance = random.Random(number)
    folder, cut = chance.random() < 0.5, chance.random() < 0.5
    names = sorted(each.name for each in (healthy / RUN).iterdir() if each.is_file())
    name = chance.choice(names) if folder else FILE
    copy = into / (RUN if folder else FILE)
    if folder:
        shutil.copytree(healthy / RUN, copy)
        path = copy / name
    else:
        path = Path(shutil.copyfile(healthy / FILE, copy))
    contents = bytearray(path.read_bytes())
    size = len(contents)
    places = _places(chance, contents)[: 1 if cut else chance.randint(1, MOST_BITS)]
    if cut:
        del contents[places[0] :]
    else:
        for place in places:
            contents[place] ^= 1 << chance.randrange(8)
    path.write_bytes(contents)
    return copy, Damage(number, folder, name, cut, tuple(places), size)


def _places(chance: random.Random, contents: bytearray) -> list[int]:
    """`MOST_BITS` places: anywhere, near an end, where directories are, or in the header of a batch."""
    size = len(contents)
    first, last = chance.choice([(0, size), (0, min(size, 400)), (max(0, size - 400), size), (-1, -1)])
    if first < 0:
        headers = [at for at in range(0, size - 4, 4) if contents[at : at + 4] == b"\xff\xff\xff\xff"]
        first = chance.choice(headers) if headers else 0
        last = min(first + HEADER, size)
    return [chance.randrange(first, last) for _ in range(MOST_BITS)]


def spans_of(path: Path) -> tuple[Array, str]:
    """The spans of a recording, as far as a window would read it, and the sentence with which it ended, if any."""
    store, statistics, events = Store(), RunStatistics(), EventLog()
    parts: list[Array] = []
    try:
        source = FileSource(path)
        try:
            while not source.finished:
                batch = source.poll()
                store.append(batch)
                statistics.feed(batch)
                events.feed(batch)
                parts.append(batch.spans)
        finally:
            source.close()
    except OptionError as error:
        return _joined(parts), str(error)
    return _joined(parts), ""


def read(path: Path, damage: Damage | None, healthy: Array | None) -> Reading:
    """Read a copy and look whether what came is what there was; `fault` says what is wrong with it, if anything."""
    tracemalloc.start()
    began = time.perf_counter()
    try:
        spans, sentence = spans_of(path)
        fault = _fault(spans, sentence, damage, healthy)
    except Exception as error:
        spans, sentence = np.zeros(0), ""
        fault = f"{type(error).__name__}: {error}"
    seconds, peak = time.perf_counter() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    number = damage.number if damage is not None else -1
    return Reading(number, str(damage), sentence, fault, len(spans), peak, seconds)


def _fault(spans: Array, sentence: str, damage: Damage | None, healthy: Array | None) -> str:
    if sentence and (not sentence.endswith(".") or "\n" in sentence or len(sentence) > LONGEST_SENTENCE):
        return f"no sentence: {sentence!r}"
    if damage is None or healthy is None or not damage.cut or not damage.folder:
        return ""
    # Of a folder with a file cut short comes what there was, and nothing else.
    known = {row.tobytes() for row in healthy}
    if any(row.tobytes() not in known for row in spans):
        return "it gives spans that the healthy one does not have"
    if damage.name in ("events.jsonl", "run.json") or damage.name.startswith("counters"):
        least = 0 if sentence else len(healthy)
    else:
        share = damage.places[0] / damage.size
        least = int((share - SLACK) * len(healthy))
    return f"only {len(spans):,} of {len(healthy):,} spans came" if len(spans) < least else ""


def _joined(parts: list[Array]) -> Array:
    return np.concatenate(parts) if parts else np.zeros(0)


def main(healthy: Path, first: int, last: int) -> None:
    """Read the copies of these numbers."""
    whole, _ = spans_of(healthy / RUN)
    for number in range(first, last):
        with tempfile.TemporaryDirectory() as folder:
            path, damage = damaged(healthy, number, Path(folder))
            print(json.dumps({"begins": number, "damage": str(damage)}), flush=True)
            print(json.dumps(asdict(read(path, damage, whole))), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
