"""Whose lock it is and what to call it: both are read from the line of source that makes it.

Traced are the locks that the app's own code makes (or a workload's): not those of the standard library, of installed
packages and of the explorer itself. A lock is called what it is assigned to; those that one line makes are numbered.
"""

import ast
import heapq
import os
import sys
import sysconfig
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple

MOST: Final = 1_000
"""Locks of a process that are traced at the same time; those beyond are as they are without a probe."""
_EXPLORER: Final = str(Path(__file__).parents[2]) + os.sep
_WORKLOADS: Final = os.path.join(_EXPLORER, "server", "workloads") + os.sep
_LIBRARY: Final = tuple(
    {path + os.sep for name, path in sysconfig.get_paths().items() if name in ("stdlib", "platstdlib")}
)
_INSTALLED: Final = ("site-packages", "dist-packages")
_BETWEEN: Final = os.path.join("multiprocessing", "context.py")
_MOST_SOURCE: Final = 4 << 20
_SEVERAL: Final = (ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.List, ast.Dict)


class Site:
    """A call in the source that makes locks: what they are called, and which of its numbers are free.

    `count` gives new numbers, the same to all calls whose locks have the same name.
    """

    def __init__(self, name: str, place: str, many: bool, count: Iterator[int]) -> None:
        self.place = place
        self.name = name
        self.many = many
        self._count = count
        self._numbers: list[int] = []
        self._tracks: dict[int, tuple[int, str]] = {}

    def take(self) -> tuple[int, str, int, str]:
        """A number for a lock, what to call it, and of one that had the number before its track (0: none) and name."""
        if self._numbers:
            number = heapq.heappop(self._numbers)
        else:
            number = next(self._count)
        name = f"{self.name} {number}" if self.many or number > 1 else self.name
        return number, name, *self._tracks.pop(number, (0, name))

    def give_back(self, number: int, track: int, name: str) -> None:
        """The lock of this number is no more."""
        self._tracks[number] = track, name
        heapq.heappush(self._numbers, number)


class Places:
    """Looks at the frames of those who make locks. Safe to use from any thread.

    `own` are the names of packages that are the app's wherever they lie, installed ones too.
    """

    def __init__(self, own: Sequence[str] = ()) -> None:
        self._own = frozenset(own)
        self._files: dict[str, bool] = {}
        self._assigned: dict[str, list[_Assigned]] = {}
        self._sites: dict[tuple[str, int, int, str], Site] = {}
        self._companions: dict[Site, Site] = {}
        self._counts: dict[tuple[str, str], Iterator[int]] = defaultdict(lambda: count(1))
        self._lock = threading.RLock()

    def maker(self, frame: FrameType | None) -> FrameType | None:
        """The frame, `frame` or one that called it, of the app's code that makes a lock; None if it is not its own."""
        while frame is not None:
            file = frame.f_code.co_filename
            if not file.startswith("<") and not file.endswith(_BETWEEN):  # generated code is whoever calls it
                return frame if self._of_app(file, frame) else None
            frame = frame.f_back
        return None

    def site(self, frame: FrameType, primitive: str) -> Site:
        """The call at which `frame` is, as a maker of this primitive."""
        code = frame.f_code
        key = (code.co_filename, code.co_firstlineno, frame.f_lasti, primitive)
        with self._lock:
            site = self._sites.get(key)
            if site is None:
                name, many = self._named(frame)
                place = place_of(code.co_filename, frame.f_lineno)
                name = name or primitive.rpartition(".")[2]
                site = self._sites[key] = Site(name, place, many, self._counts[code.co_filename, name])
            return site

    def unlock(self) -> None:
        """In a forked child: nobody else is at it."""
        self._lock = threading.RLock()

    def companion(self, site: Site) -> Site:
        """The same line as the maker of the locks that those made there bring along."""
        with self._lock:
            if site not in self._companions:
                self._companions[site] = Site(f"{site.name} lock", site.place, site.many, count(1))
            return self._companions[site]

    def caller(self, frame: FrameType | None) -> str:
        """Where the app's code stands that called what `frame` runs, see `place_of`; empty if none did."""
        while frame is not None:
            file = frame.f_code.co_filename
            if not file.startswith("<") and self._of_app(file, frame):
                return place_of(file, frame.f_lineno)
            frame = frame.f_back
        return ""

    def _of_app(self, file: str, frame: FrameType) -> bool:
        known = self._files.get(file)
        if known is None:
            module = str(frame.f_globals.get("__name__", ""))
            own = module.partition(".")[0] in self._own
            known = self._files[file] = own or (not _is_sealed(file) and _is_app(os.path.abspath(file)))
        return known

    def _named(self, frame: FrameType) -> tuple[str, bool]:
        """What the result of the call is assigned to, and whether the same call makes several."""
        file = frame.f_code.co_filename
        if file not in self._assigned:
            self._assigned[file] = _assignments(file)
        line, _, column, _ = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None))
        where = (line or frame.f_lineno, column or 0)
        around = [each for each in self._assigned[file] if each.begin <= where < each.end]
        closest = max(around, key=lambda each: each.begin, default=None)
        return ("", False) if closest is None else (closest.name, closest.many)


def place_of(file: str, line: int) -> str:
    """A line of source in a few letters: "folder/file.py:12"."""
    return f"{'/'.join(Path(file).parts[-2:])}:{line}"


def _is_sealed(file: str) -> bool:
    """Whether the file lies sealed in a frozen program: the library and packages do, and are told without a folder."""
    return getattr(sys, "frozen", False) and not os.path.isabs(file)


def _is_app(file: str) -> bool:
    if file.startswith(_EXPLORER):
        return file.startswith(_WORKLOADS)
    return not file.startswith(_LIBRARY) and not any(part in _INSTALLED for part in Path(file).parts)


class _Assigned(NamedTuple):
    """A stretch of source, as lines and columns, whose value is assigned to `name`; `many`: as one of several."""

    begin: tuple[int, int]
    end: tuple[int, int]
    name: str
    many: bool


def _assignments(file: str) -> list[_Assigned]:
    """What is assigned where. Empty when the source cannot be read."""
    try:
        if os.path.getsize(file) > _MOST_SOURCE:
            return []
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, SystemError):  # the last from Python 3.11 itself
        return []
    found = []
    for node in ast.walk(tree):
        for name, value in _targets(node):
            many = any(isinstance(part, _SEVERAL) for part in ast.walk(value))
            end = (value.end_lineno or value.lineno, value.end_col_offset or 0)
            found.append(_Assigned((value.lineno, value.col_offset), end, name, many))
    return found


def _targets(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=names), *_], value=ast.Tuple(elts=values)) if len(names) == len(values):
            yield from zip(map(ast.unparse, names), values, strict=True)
        case ast.Assign(targets=[target, *_], value=value) | ast.NamedExpr(target=target, value=value):
            yield ast.unparse(target), value
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield ast.unparse(target), value
        case ast.keyword(arg=str(name), value=value):
            yield name, value
