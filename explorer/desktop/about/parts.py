"""The parts that the program consists of: name, version, licence, and where the licence's text lies. No Qt.

A frozen program brings a list of its own (`licences/licences.json`), written by this module when it was built.
Elsewhere the parts are what `pip` installed: what the project requires, and what that requires in turn.
"""

import json
import platform
import re
import sys
import sysconfig
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Final

from explorer import __version__
from explorer.paths import resources

NAME: Final = "Concurrency Explorer"
PROJECT: Final = "concurrency-explorer"
FOLDER: Final = "licences"
FILE: Final = "licences.json"
QT_PACKAGE: Final = "pyside6-essentials"
EXTRAS: Final = frozenset({"cluster", "postgres"})
"""What a user may have added."""
GENERAL: Final = {
    QT_PACKAGE: ("SOURCES.txt", "LGPL-3.0-only.txt", "GPL-3.0-only.txt"),
    "shiboken6": ("SOURCES.txt", "LGPL-3.0-only.txt", "GPL-3.0-only.txt"),
    "nanoarrow": ("Apache-2.0.txt",),
}
"""Texts for packages that bring none, below `resources/licences`."""
BESIDE: Final = (
    ("Inter", "4.1", "OFL-1.1", ("fonts/Inter-LICENSE.txt",)),
    ("JetBrains Mono", "2.242", "OFL-1.1", ("fonts/JetBrainsMono-LICENSE.txt",)),
    ("Lucide icons", "1.62", "ISC", ("icons/LICENSE",)),
    (
        "Swagger UI",
        "5.35.0",
        "Apache-2.0",
        ("swagger/LICENSE", "swagger/NOTICE", "swagger/swagger-ui-bundle.js.LICENSE.txt"),
    ),
)
"""What lies in `resources/` and is not ours: name, version, licence, texts."""
_TEXT: Final = re.compile(r"LICEN[CS]E|COPYING|NOTICE|AUTHORS", re.IGNORECASE)
_REQUIREMENT: Final = re.compile(r"([\w.-]+)\s*(?:\[([^\]]*)\])?")
_EXTRA: Final = re.compile(r"extra\s*==\s*['\"]([\w.-]+)['\"]")


@dataclass(frozen=True, slots=True)
class Part:
    """A part; `texts` are files, none where the licence's text is not on this computer."""

    name: str
    version: str
    licence: str
    texts: tuple[Path, ...]

    def text(self) -> str:
        """Its licence as it is written, several texts one after the other."""
        found = [path.read_text("utf-8", errors="replace").strip("\n") for path in self.texts if path.is_file()]
        return ("\n\n" + "─" * 72 + "\n\n").join(found)


def parts() -> list[Part]:
    """All parts: the program, Python, then the others by name."""
    frozen = _frozen_list()
    return installed() if frozen is None else read(frozen)


def read(listed: Path) -> list[Part]:
    """The parts of a list that lies beside its texts."""
    return [
        Part(one["name"], one["version"], one["licence"], tuple(listed.parent / name for name in one["files"]))
        for one in json.loads(listed.read_text("utf-8"))
    ]


def installed() -> list[Part]:
    """The parts as they are installed with the Python that runs this."""
    beside = [
        Part(name, version, licence, tuple(resources() / text for text in texts))
        for name, version, licence, texts in BESIDE
    ]
    packages = [_part(each) for each in _distributions()]
    # Qt itself lies in PySide6's package, under the same number.
    qt = [replace(part, name="Qt", licence="LGPL-3.0-only") for part in packages if _plain(part.name) == QT_PACKAGE]
    return [_own(), _python(), *sorted((*packages, *qt, *beside), key=lambda part: part.name.lower())]


def as_text(shown: Iterable[Part], system: str) -> str:
    """What runs here, to be passed on with a question: a line for each part, then the system."""
    return "\n".join([*(f"{part.name} {part.version} ({part.licence})" for part in shown), system])


def system_words() -> str:
    """The system that this runs on, and its processor."""
    return f"{platform.system()} {platform.release()}, {platform.machine()}"


def _frozen_list() -> Path | None:
    if not getattr(sys, "frozen", False):
        return None
    folder = Path(sys.executable).resolve().parent
    # In a macOS bundle the executable lies in Contents/MacOS, files in Contents/Resources.
    places = (folder / FOLDER / FILE, folder.parent / "Resources" / FOLDER / FILE)
    return next((place for place in places if place.is_file()), None)


def _own() -> Part:
    checkout = resources().parent / "LICENSE"
    if checkout.is_file():
        return Part(NAME, __version__, "MIT", (checkout,))
    return Part(NAME, __version__, "MIT", _texts(metadata.distribution(PROJECT), ("LICENSE",)))


def _python() -> Part:
    """The interpreter, which is no package of its own."""
    places = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))  # the second on Windows
    shown = [place / "LICENSE.txt" for place in places if (place / "LICENSE.txt").is_file()]
    return Part("Python", platform.python_version(), "PSF-2.0", tuple(shown[:1]))


def _part(distribution: metadata.Distribution) -> Part:
    name = str(distribution.metadata["Name"])
    general = GENERAL.get(_plain(name), ())
    texts = _texts(distribution) or tuple(resources() / FOLDER / text for text in general)
    return Part(name, distribution.version, _licence(distribution), texts)


def _licence(distribution: metadata.Distribution) -> str:
    said = distribution.metadata.get_all
    classes = [line.rpartition(" :: ")[2] for line in said("Classifier") or () if line.startswith("License ::")]
    free = [line.strip().partition("\n")[0] for line in said("License") or ()]
    return ", ".join(said("License-Expression") or classes or free)


def _texts(distribution: metadata.Distribution, names: Iterable[str] = ()) -> tuple[Path, ...]:
    """The files with licences in a distribution, or those in `licenses/` with these names."""
    wanted = {f"licenses/{name}" for name in names}
    found = []
    for path in distribution.files or ():
        if wanted:
            fits = any(path.as_posix().endswith(f".dist-info/{each}") for each in wanted)
        else:
            fits = _TEXT.search(path.name) is not None and path.suffix not in (".py", ".pyc")
        if fits:
            found.append(Path(str(distribution.locate_file(path))))
    return tuple(found)


def _distributions() -> Iterator[metadata.Distribution]:
    """What is required, directly or by another, as far as it is installed."""
    todo = [(name, extras) for name, extras in _wanted(_roots(), EXTRAS)]
    seen: set[tuple[str, frozenset[str]]] = set()
    given: set[str] = set()
    while todo:
        name, extras = todo.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # for another system, another Python, or an extra that was not asked for
        todo += _wanted(found.requires or (), extras)
        if name not in given:
            given.add(name)
            yield found


def _roots() -> list[str]:
    """What the project itself requires: its metadata, in a checkout pyproject.toml."""
    project = resources().parent / "pyproject.toml"
    if not project.is_file():
        return list(metadata.requires(PROJECT) or ())
    table = tomllib.loads(project.read_text("utf-8"))["project"]
    more = table["optional-dependencies"]
    return [*table["dependencies"], *(f'{each}; extra == "{extra}"' for extra in EXTRAS for each in more[extra])]


def _wanted(requirements: Iterable[str], extras: Iterable[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Name and extras of each requirement that holds with these extras; other conditions show by what is there."""
    for each in requirements:
        described, _, condition = each.partition(";")
        extra = _EXTRA.search(condition)
        found = _REQUIREMENT.match(described.strip())
        if found is not None and (extra is None or extra[1] in extras):
            asked = frozenset(one.strip() for one in (found[2] or "").split(",") if one.strip())
            yield _plain(found[1]), asked


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
