"""What a virtual environment says of its interpreter without being started: its `pyvenv.cfg` and what lies in it.

An environment in the present folder, or beside a scenario, may have come with somebody else's files. Starting its
`bin/python`, or what its packages do at every start, is for whoever chooses it.
"""

import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from explorer.supervise.interpreters.ask import Answer

CONFIGURATION: Final = "pyvenv.cfg"
MOST_CHARACTERS: Final = 16_384
"""A configuration has five lines."""
_VERSION: Final = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})")


def described(path: Path, packages: Collection[str]) -> Answer | None:
    """What the environment with the interpreter `path` is and which of `packages` it lacks; None: it does not say.

    Nothing is started, so whether a package would switch a GIL on again is not known.
    """
    environment = path.parent.parent
    told = _told(environment / CONFIGURATION)
    version = _VERSION.match(told.get("version") or told.get("version_info") or "")
    if version is None:
        return None
    numbers = int(version[1]), int(version[2]), int(version[3])
    site, free = _site(environment, f"{numbers[0]}.{numbers[1]}")
    # With the base's packages as well it cannot be told from here what is not there.
    shares = told.get("include-system-site-packages", "").lower() == "true"
    return Answer(
        version=numbers,
        text=version[0],
        implementation=told.get("implementation", "CPython"),
        free_threaded=free,
        gil=not free,
        switched_on_by="",
        absent=() if shares else tuple(name for name in packages if not _has(site, name)),
        prefix=str(environment),
        folders=(str(site),),
        pip=_has(site, "pip"),
        managed=False,
        environment=True,
    )


def _told(configuration: Path) -> dict[str, str]:
    try:
        with configuration.open(encoding="utf-8", errors="replace") as file:
            lines = file.read(MOST_CHARACTERS).splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _site(environment: Path, version: str) -> tuple[Path, bool]:
    """Where its packages lie, and whether it is of a free-threaded build."""
    if sys.platform == "win32":
        return environment / "Lib" / "site-packages", any((environment / "Scripts").glob(f"python{version}t*.exe"))
    free = environment / "lib" / f"python{version}t" / "site-packages"
    return (free, True) if free.is_dir() else (free.parents[1] / f"python{version}" / "site-packages", False)


def _has(site: Path, name: str) -> bool:
    """Whether a package or module is there; one that is developed elsewhere leaves its description."""
    return next(_traces(site, name), None) is not None


def _traces(site: Path, name: str) -> Iterator[Path]:
    for pattern in (name, f"{name}.py", f"{name}.*.so", f"{name}.*.pyd", f"{name}-*.dist-info"):
        yield from site.glob(pattern)
