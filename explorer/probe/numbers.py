"""The numbers of a run's processes: each is taken once, by whoever creates its file."""

import os
from pathlib import Path
from typing import Final

from explorer.records.schema import PROCESS_SHIFT

_LARGEST_NUMBER: Final = (1 << 64 - PROCESS_SHIFT) - 1
_IN_A_FOLDER: Final = 256


def take_number(folder: Path) -> int:
    """The lowest process number above all that were taken; the file that is created makes it ours.

    The numbers lie in folders of `_IN_A_FOLDER`: a connection's process must not read through all that came before it.
    """
    group = _highest(folder, 0)
    while group * _IN_A_FOLDER <= _LARGEST_NUMBER:
        place = folder / str(group)
        place.mkdir(mode=0o700, exist_ok=True)
        first, behind = group * _IN_A_FOLDER, min((group + 1) * _IN_A_FOLDER, _LARGEST_NUMBER + 1)
        for number in range(_highest(place, max(first - 1, 0)) + 1, behind):
            try:
                os.close(os.open(place / str(number), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                continue
            return number
        group += 1
    raise OSError(f"the run has used up its {_LARGEST_NUMBER} process numbers")


def _highest(folder: Path, default: int) -> int:
    return max((int(entry) for entry in os.listdir(folder) if entry.isdigit()), default=default)
