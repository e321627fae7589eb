"""A duel on disk: a folder with `duel.json` and a recording for each scenario, `A.cxrec` and so on.

The recordings open by themselves as well. Reading trusts nothing: a file that is damaged, or no duel, is one sentence.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from explorer.options import OptionError
from explorer.session.duel_figures import BY_ID
from explorer.session.duel_plan import BADGES, FEWEST, MOST
from explorer.session.duel_result import SCHEMA

NAME: Final = "duel.json"
LARGEST: Final = 64 << 20


def recording_of(folder: Path, place: int) -> Path:
    """Where the recording of scenario number `place` (from 0) lies."""
    return folder / f"{BADGES[place]}.cxrec"


def prepare_folder(folder: Path) -> None:
    """Make the folder that a duel is to be kept in. Raises `OptionError` if it cannot be, or holds a duel already."""
    if (folder / NAME).exists():
        raise OptionError(f"{folder} holds a duel already. Choose another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".{NAME}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OptionError(f"{folder} cannot be written ({error.strerror or error}). Choose another folder.") from None


def write(folder: Path, told: Mapping[str, Any]) -> None:
    """Write the JSON of a duel (`duel_result.as_json`) beside its recordings. Raises `OptionError`."""
    try:
        (folder / NAME).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise OptionError(f"{folder / NAME} cannot be written ({error.strerror or error}).") from None


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
    except (KeyError, TypeError, ValueError, AttributeError):
        raise OptionError(f"{file} is damaged, or was not written by this version.") from None
    for place in range(len(data["runs"])):
        if not recording_of(folder, place).is_file():
            raise OptionError(f"{recording_of(folder, place)} is missing, which belongs to this duel.")
    return folder, data


def _look(data: Any) -> None:
    """Raise KeyError, TypeError, ValueError or AttributeError for what the window could not show."""
    runs, single = data["runs"], len(data["runs"]) == FEWEST
    if data["schema"] != SCHEMA or not FEWEST <= len(runs) <= MOST:
        raise ValueError("not this schema")
    for run in runs:
        for key in ("badge", "title", "note"):
            _text(run[key])
        run["scenario"].items(), run["figures"].items()
    for each in data["differences"]:
        BY_ID.get(_text(each["figure"]))
        ratios, intervals, clear = ([each[key]] if single else each[key] for key in ("ratio", "interval", "clear"))
        if not len(each["values"]) == len(runs) == len(ratios) + 1 == len(intervals) + 1 == len(clear) + 1:
            raise ValueError("not all scenarios")
        for value in (*each["values"], *ratios, *(end for pair in intervals if pair for end in pair)):
            if value is not None:
                float(value)
        if any(pair is not None and len(pair) != 2 for pair in intervals):
            raise ValueError("no interval")
    for key in ("verdict", "cause"):
        _text(data[key])
    _text(data["load"]["sentence"])
    int(data["repeat"]), int(data["load"]["seed"])


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
