"""Shortening `events.jsonl` of a rolling recording: what was said in the time of dropped spans goes as they did.

Declarations, markers, losses and the run's own events stay. Open spans and the load's figures, ten times a second each,
are nearly all of a log: they go, and so do the flush lines all of whose rows are gone.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from explorer.recording.arrow import SPANS

_FLUSH: Final = b'{"type":"flush",'
_PASSING: Final = (b'{"type":"open",', b'{"type":"event","event":{"type":"load",')


def shorten(log: Path, oldest: Mapping[str, int]) -> None:
    """Write `log` anew; nobody may have it open for writing. `oldest`: table name → its first segment still there.

    Raises OSError when the disk does; then `log` is as it was.
    """
    new = log.with_suffix(".new")
    try:
        with log.open("rb") as source, new.open("wb") as target:
            target.writelines(_kept(source, oldest))
            shutil.copyfileobj(source, target)
        os.replace(new, log)
    finally:
        new.unlink(missing_ok=True)


def _kept(source: BinaryIO, oldest: Mapping[str, int]) -> Iterator[bytes]:
    """What stays of the lines before the first spans that are still there, then those of their group whole."""
    group: list[bytes] = []
    while line := source.readline():
        group.append(line)
        if line.startswith(_FLUSH):
            places = json.loads(line)
            alive = {name for name, number in oldest.items() if name in places and places[name][0] >= number}
            if SPANS.name in alive:
                yield from group
                return
            yield from _lasting(group[:-1])
            if alive:
                yield line
            group.clear()
    yield from group


def _lasting(lines: Iterable[bytes]) -> Iterator[bytes]:
    return (line for line in lines if not line.startswith(_PASSING))
