"""Where Pythons lie: the search path, version managers, virtual environments, conda, frameworks, the registry.

Only folders are listed here; nothing is started. What comes first is what a person would have meant first.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

MORE: Final = "EXPLORER_PYTHONS"
"""Names more places in the environment: interpreters or folders with virtual environments, separated as in PATH."""
MOST_IN_A_FOLDER: Final = 10_000
_NAME: Final = re.compile(r"(python|pypy)(\d(\.\d+)?t?)?(\.exe)?")
# Scripts that start one Python or another, and Windows' advertisements for its store.
_NO_PYTHONS: Final = ("shims", "WindowsApps")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be an interpreter; `origin` says in a word or two where it was found.

    `nearby` is one that only lies near, in a folder that may hold anything: nobody has installed or named it.
    """

    path: Path
    origin: str
    nearby: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """What the search depends on. `near` are folders whose virtual environments are looked for first."""

    home: Path
    environ: Mapping[str, str]
    platform: str
    near: tuple[Path, ...] = ()
    root: Path = Path("/")

    @classmethod
    def here(cls, *near: Path) -> "Machine":
        """This machine, seen from the present folder and those given."""
        return cls(Path.home(), os.environ, sys.platform, (*near, Path.cwd()))


def candidates(machine: Machine) -> list[Candidate]:
    """Every file that may be an interpreter, each once; links to the same one count as one."""
    found: dict[tuple[int, int, str], Candidate] = {}
    for place in (_named, _near, _environments, _managed, _conda, _system):
        for candidate in place(machine):
            identity = _identity(candidate.path)
            if identity is not None and found.setdefault(identity, candidate).nearby and not candidate.nearby:
                found[identity] = candidate  # somebody has named it, or activated it, as well
    return list(found.values())


def _identity(path: Path) -> tuple[int, int, str] | None:
    """What two paths to one interpreter share. A virtual environment's is a link, but an interpreter of its own."""
    try:
        if not os.access(path, os.X_OK):
            return None
        told = path.stat()
    except OSError:
        return None
    environment = path.parent.parent
    is_one = (environment / "pyvenv.cfg").is_file() or (environment / "conda-meta").is_dir()
    return told.st_dev, told.st_ino, str(environment.resolve()) if is_one else ""


def _named(machine: Machine) -> Iterator[Candidate]:
    for word in filter(None, machine.environ.get(MORE, "").split(os.pathsep)):
        path = Path(os.path.expanduser(word))
        if path.is_dir():
            yield from _of_folder(machine, path, MORE)
            yield from _all(machine, path, "*", MORE)
        else:
            yield Candidate(path, MORE)


def _near(machine: Machine) -> Iterator[Candidate]:
    if active := machine.environ.get("VIRTUAL_ENV"):
        yield from _of_folder(machine, Path(active), "virtual environment")
    for folder in dict.fromkeys(machine.near):
        for entry in _entries(folder):
            if (entry / "pyvenv.cfg").is_file():
                for each in _of_folder(machine, entry, "virtual environment"):
                    yield replace(each, nearby=True)


def _environments(machine: Machine) -> Iterator[Candidate]:
    home = machine.home
    places = [home / ".virtualenvs", home / ".venvs", home / ".cache" / "pypoetry" / "virtualenvs"]
    if work := machine.environ.get("WORKON_HOME"):
        places.insert(0, Path(work))
    for place in places:
        yield from _all(machine, place, "*", "virtual environment")


def _managed(machine: Machine) -> Iterator[Candidate]:
    home, environ = machine.home, machine.environ
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    roaming = Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    yield from _all(machine, pyenv / "versions", "*", "pyenv")
    yield from _all(machine, pyenv / "pyenv-win" / "versions", "*", "pyenv")
    own = environ.get("UV_PYTHON_INSTALL_DIR")
    for uv in [Path(own)] if own else [data / "uv" / "python", roaming / "uv" / "python"]:
        yield from _all(machine, uv, "*", "uv")
    yield from _all(machine, data / "mise" / "installs" / "python", "*", "mise")
    yield from _all(machine, home / ".asdf" / "installs" / "python", "*", "asdf")
    yield from _all(machine, data / "hatch" / "pythons", "*/python", "Hatch")
    yield from _all(machine, home / ".rye" / "py", "*", "Rye")


def _conda(machine: Machine) -> Iterator[Candidate]:
    home, environ = machine.home, machine.environ
    names = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", "miniconda", "anaconda")
    roots = [home / name for name in names] + [machine.root / "opt" / name for name in ("conda", *names)]
    roots += [Path(environ[key]) for key in ("CONDA_PREFIX", "MAMBA_ROOT_PREFIX") if environ.get(key)]
    for root in roots:
        yield from _of_folder(machine, root, "conda")
        yield from _all(machine, root / "envs", "*", "conda")
    try:
        lines = (home / ".conda" / "environments.txt").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in filter(None, lines):
        yield from _of_folder(machine, Path(line), "conda")


def _system(machine: Machine) -> Iterator[Candidate]:
    root = machine.root
    if machine.platform == "win32":
        yield from _windows(machine)
    words = [word for word in machine.environ.get("PATH", "").split(os.pathsep) if word]
    folders = [Path(word) for word in words]
    folders += [root / part for part in ("usr/local/bin", "usr/bin", "opt/homebrew/bin")]
    for folder in dict.fromkeys(folders):
        if folder.name not in _NO_PYTHONS and not _asks_to_install(machine, folder):
            yield from (Candidate(path, "system") for path in _pythons(folder))
    for name in ("Python", "PythonT"):
        versions = root / "Library" / "Frameworks" / f"{name}.framework" / "Versions"
        yield from _all(machine, versions, "*", "framework")
    yield from _all(machine, root / "opt", "python*", "system")


def _asks_to_install(machine: Machine, folder: Path) -> bool:
    """Whether the Python in `folder` is the one of a Mac that opens a dialog when it is started."""
    tools = ("Library/Developer/CommandLineTools", "Applications/Xcode.app")
    there = any((machine.root / tool).is_dir() for tool in tools)
    return machine.platform == "darwin" and folder == machine.root / "usr" / "bin" and not there


def _windows(machine: Machine) -> Iterator[Candidate]:
    local = Path(machine.environ.get("LOCALAPPDATA") or machine.home / "AppData" / "Local")
    for place in (local / "Programs" / "Python", local / "Python"):
        yield from _all(machine, place, "*", "installed")
    yield from (Candidate(path, "installed") for path in registered())


def registered() -> list[Path]:
    """Interpreters that Windows' registry names (PEP 514), which is what its launcher `py` goes by; else none."""
    if sys.platform != "win32":
        return []
    import winreg

    found: list[Path] = []
    for hive in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
        for company in _keys(hive, r"Software\Python"):
            for tag in _keys(hive, rf"Software\Python\{company}"):
                try:
                    with winreg.OpenKey(hive, rf"Software\Python\{company}\{tag}\InstallPath") as key:
                        found.append(Path(winreg.QueryValueEx(key, "ExecutablePath")[0]))
                except OSError:
                    continue
    return found


def _keys(hive: int, path: str) -> list[str]:
    names: list[str] = []
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(hive, path) as key:
                names = [winreg.EnumKey(key, number) for number in range(winreg.QueryInfoKey(key)[0])]
        except OSError:
            pass
    return names


def _all(machine: Machine, folder: Path, pattern: str, origin: str) -> Iterator[Candidate]:
    """The interpreters of all installations in `folder`, those of higher versions first."""
    head, _, rest = pattern.partition("/")
    for entry in sorted(_entries(folder), key=_natural, reverse=True):
        if entry.match(head):
            yield from _of_folder(machine, entry / rest if rest else entry, origin)


def _of_folder(machine: Machine, folder: Path, origin: str) -> Iterator[Candidate]:
    """The interpreters of one installation or environment."""
    inside = (folder, folder / "Scripts") if machine.platform == "win32" else (folder / "bin",)
    for place in inside:
        # All names here mean one interpreter, and the shortest is the one that people know.
        yield from (
            Candidate(path, origin) for path in sorted(_pythons(place), key=lambda path: (len(path.name), path))
        )


def _pythons(folder: Path) -> list[Path]:
    """Files that are called like interpreters; those with the most exact names first: they stay what they are."""
    paths = [path for path in _entries(folder) if _NAME.fullmatch(path.name)]
    return sorted(paths, key=lambda path: (-len(path.name), path))


def _entries(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry, _ in zip(entries, range(MOST_IN_A_FOLDER), strict=False)]
    except OSError:
        return []


def _natural(path: Path) -> tuple[list[int], str]:
    return _numbers(path), path.name


def _numbers(path: Path) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", path.name)]
