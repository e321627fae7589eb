"""What a file format is: its words, its suffix, and the function that writes it. `formats` finds them all."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from explorer.catalog import always
from explorer.export.job import Job
from explorer.export.target import whole_file
from explorer.option_error import OptionError
from explorer.options import suggest

PACKAGE: Final = "explorer.export.formats"


@dataclass(frozen=True, slots=True)
class Format:
    """A format. `suffix` begins with a dot; `sentence` says what opens it; `order` is its place in lists.

    `write(job, file)` writes a run, never holding more than a stretch of it in memory, and tells the job how far it is.
    `available()` gives None, or one sentence that says why the format cannot be written here and what would help.
    `pictures` are the kinds that it asks `job.picture` for: "png" or "svg", in the colours that were chosen; with
    "dark." or "light." before it, in these.
    """

    id: str
    title: str
    suffix: str
    sentence: str
    order: int
    write: Callable[[Job, BinaryIO], None]
    available: Callable[[], str | None] = always
    pictures: tuple[str, ...] = ()


def formats() -> list[Format]:
    """All formats in their order."""
    found: dict[str, Format] = {}
    for module in pkgutil.iter_modules(importlib.import_module(PACKAGE).__path__, PACKAGE + "."):
        feature = getattr(importlib.import_module(module.name), "feature", None)
        if not isinstance(feature, Format):
            raise TypeError(f"{module.name} holds no 'feature'")
        if feature.id in found:
            raise ValueError(f"two formats are called '{feature.id}'")
        found[feature.id] = feature
    return sorted(found.values(), key=lambda one: (one.order, one.id))


def choose(known: list[Format], identity: str | None, path: Path) -> Format:
    """The format that was named, or else the one that a file's suffix stands for. Raises `OptionError`."""
    if identity is not None:
        for one in known:
            if one.id == identity:
                return one
        raise OptionError(f"There is no format '{identity}'. {suggest(identity, [one.id for one in known])}", "format")
    name = path.name.lower()
    # The longest first: a suffix may end in another one.
    for one in sorted(known, key=lambda one: -len(one.suffix)):
        if name.endswith(one.suffix):
            return one
    raise OptionError(
        f"{path.name} does not say which format is meant: give --format, or a name that ends in "
        f"{', '.join(dict.fromkeys(one.suffix for one in known))}.",
        "format",
    )


def export(job: Job, chosen: Format, path: Path) -> None:
    """Write a run to a file, which is whole afterwards, or as it was. Raises `OptionError`, and `Cancelled`."""
    if reason := chosen.available():
        raise OptionError(reason)
    with whole_file(path) as file:
        chosen.write(job, file)
    job.tell(1.0)
