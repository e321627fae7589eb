"""The scenarios that come with the program, by their names."""

import tomllib
from pathlib import Path

from explorer.option_error import OptionError
from explorer.options import suggest
from explorer.paths import resources


def shipped_scenarios() -> list[tuple[str, Path]]:
    """Title and file of each scenario that comes with the program; a file's stem is its name."""
    files = sorted((resources() / "scenarios").glob("*.toml"))
    return [(str(tomllib.loads(file.read_text(encoding="utf-8")).get("name", file.stem)), file) for file in files]


def sentence_of(file: Path) -> str:
    """What a scenario shows: the comment that it begins with."""
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("#").strip() if first.startswith("#") else ""


def named(path: Path) -> Path:
    """The file at `path`; where there is none, a bare name stands for the scenario of this name that comes along.

    Raises `OptionError` for a name that none has.
    """
    if path.exists() or path.suffix or path.parent != Path():
        return path
    known = {file.stem: file for _, file in shipped_scenarios()}
    if path.name in known:
        return known[path.name]
    raise OptionError(
        f"There is no file {path}, and no scenario of this name comes with the program. {suggest(path.name, known)}"
    )
