"""A duel on disk: a folder with `duel.json` and a recording for each scenario, `A.cxrec` and so on.

The recordings open by themselves as well. Reading trusts nothing: a file that is damaged, or no duel, is one sentence.
"""

import contextlib
import json
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from types import NoneType
from typing import Any, Final

from explorer.export.target import whole_file
from explorer.option_error import OptionError
from explorer.session.duel_plan import BADGES, FEWEST, MOST
from explorer.session.duel_result import SCHEMA

NAME: Final = "duel.json"
LARGEST: Final = 64 << 20


def recording_of(folder: Path, place: int) -> Path:
    """Where the recording of scenario number `place` (from 0) lies."""
    return folder / f"{BADGES[place]}.cxrec"


def prepare_folder(folder: Path) -> None:
    """Make the folder that a duel is to be kept in. Raises `OptionError` if it cannot be, or holds a duel or recordings
    of the same names already.
    """
    if (folder / NAME).exists():
        raise OptionError(f"{folder} holds a duel already. Choose another folder.")
    for place in range(MOST):
        if (there := recording_of(folder, place)).exists():
            raise OptionError(f"{folder} holds a recording {there.name} already. Choose another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".{NAME}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OptionError(f"{folder} cannot be written ({error.strerror or error}). Choose another folder.") from None


def discard(folder: Path) -> None:
    """Take away what a duel that came to nothing has left in a folder that was prepared for it."""
    with contextlib.suppress(OSError):
        for place in range(MOST):
            recording_of(folder, place).unlink(missing_ok=True)
        folder.rmdir()  # if nothing else is in it


def write(folder: Path, told: Mapping[str, Any]) -> None:
    """Write the JSON of a duel (`duel_result.as_json`) beside its recordings, as a whole or not at all. Raises
    `OptionError`.
    """
    with whole_file(folder / NAME) as file:
        file.write(f"{json.dumps(told, indent=1)}\n".encode())


def read(path: Path) -> tuple[Path, dict[str, Any]]:
    """The folder and the JSON of a duel; `path` is the folder, or its duel.json. Raises `OptionError`."""
    folder = path if path.is_dir() else path.parent
    file = folder / NAME
    try:
        if file.stat().st_size > LARGEST:
            raise OptionError(f"{file} is too large to be a duel.")
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OptionError(f"{folder} holds no duel ({NAME}). Choose the folder that a duel was kept in.") from None
    except OSError as error:
        raise OptionError(f"{file} cannot be read ({error.strerror or error}).") from None
    except (ValueError, RecursionError):
        raise OptionError(f"{file} is damaged: it is not the JSON of a duel.") from None
    try:
        _look(data)
    except (LookupError, TypeError, ValueError, OverflowError):
        raise OptionError(f"{file} is damaged, or was not written by this version.") from None
    for place in range(len(data["runs"])):
        if not recording_of(folder, place).is_file():
            raise OptionError(f"{recording_of(folder, place)} is missing, which belongs to this duel.")
    return folder, data


def _look(data: Any) -> None:
    """Raise LookupError, TypeError or ValueError for what could not be shown."""
    runs = data["runs"]
    if data["schema"] != SCHEMA or not FEWEST <= len(_of(list, runs)) <= MOST:
        raise ValueError("not this schema")
    for run in runs:
        for key in ("badge", "title", "note"):
            _of(str, run[key])
        _of(dict, run["scenario"]), _of(dict, run["figures"])
        for one in _of(list, run["repeats"]):
            _of(int, one["telemetry"]["lost"])
    for each in _of(list, data["differences"]):
        _look_at_difference(each, len(runs))
    for key in ("verdict", "cause"):
        _of(str, data[key])
    for key in ("figure", "cause_figure"):
        _of((str, NoneType), data[key])
    for note in _of(list, data["notes"]):
        _of(str, note)
    _of(list, data["order"]), _of(int, data["repeat"])
    load = data["load"]
    _of(str, load["sentence"]), _of(int, load["seed"]), _of(int, load["planned"])


def _look_at_difference(each: Any, runs: int) -> None:
    _of(str, each["figure"])
    single = runs == FEWEST
    ratios, intervals, clear = (
        [each[key]] if single else _of(list, each[key]) for key in ("ratio", "interval", "clear")
    )
    if not len(_of(list, each["values"])) == runs == len(ratios) + 1 == len(intervals) + 1 == len(clear) + 1:
        raise ValueError("not all scenarios")
    for value in each["values"]:
        _number(value)
    for ratio, interval, one in zip(ratios, intervals, clear, strict=True):
        if (found := _number(ratio)) is not None and not found > 0:
            raise ValueError("no ratio")
        if interval is not None:
            low, high = _of(list, interval)
            _number(low), _number(high)
        if not isinstance(one, bool):
            raise TypeError("neither clear nor not")


def _of(kind: type | tuple[type, ...], value: Any) -> Any:
    """The value, which must be of this kind."""
    if not isinstance(value, kind):
        raise TypeError("something else")
    return value


def _number(value: Any) -> float | None:
    """The value, which must be a number or nothing. JSON, as Python reads it, knows infinity."""
    if value is None:
        return None
    if not isinstance(value, (int, float)) or not isfinite(value):
        raise TypeError("no number")
    return value
