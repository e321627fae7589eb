"""The schedules that come with the program, in the order in which they are shown."""

from pathlib import Path

from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.toml import read
from explorer.option_error import OptionError
from explorer.options import suggest
from explorer.paths import resources


def folder() -> Path:
    """Where their files lie."""
    return resources() / "scenarios" / "isolation"


def shipped() -> dict[str, Schedule]:
    """All of them by id. Raises `OptionError` if a file was damaged."""
    found = sorted((read(path) for path in folder().glob("*.toml")), key=lambda schedule: schedule.order)
    return {schedule.id: schedule for schedule in found}


def named(name: str) -> Schedule:
    """The one with this id, which its file is called by. Raises `OptionError`, which offers the nearest."""
    known = {path.stem: path for path in sorted(folder().glob("*.toml"))}
    if name not in known:
        raise OptionError(f"There is no isolation scenario '{name}'. {suggest(name, known)}", "scenarios")
    return read(known[name])
