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
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

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


class Site:
    """A line of source that makes locks: what they are called, and which numbers are free."""

    def __init__(self, name: str, place: str, many: bool) -> None:
        self.place = place
        self.name = name
        self.many = many
        self._count = 0
        self._numbers: list[int] = []
        self._given_back: deque[tuple[int, int]] = deque()
        self._tracks: dict[int, int] = {}

    def take(self) -> tuple[int, int, str]:
        """A number for a lock, the track of one that had the number before (0: none), and what to call it."""
        while self._given_back:
            number, track = self._given_back.popleft()
            self._tracks[number] = track
            heapq.heappush(self._numbers, number)
        if self._numbers:
            number = heapq.heappop(self._numbers)
        else:
            self._count += 1
            number = self._count
        name = f"{self.name} {number}" if self.many or number > 1 else self.name
        return number, self._tracks.pop(number, 0), name

    def give_back(self, number: int, track: int) -> None:
        """The lock is no more. May be called at any moment, by the garbage collector for example."""
        self._given_back.append((number, track))


class Places:
    """Looks at the frames of those who make locks. Safe to use from any thread.

    `own` are the names of packages that are the app's wherever they lie, installed ones too.
    """

    def __init__(self, own: Sequence[str] = ()) -> None:
        self._own = frozenset(own)
        self._files: dict[str, bool] = {}
        self._names: dict[str, dict[int, tuple[str, bool]]] = {}
        self._sites: dict[tuple[str, int, str], Site] = {}
        self._companions: dict[Site, Site] = {}
        self._lock = threading.Lock()

    def maker(self, frame: FrameType | None) -> FrameType | None:
        """The frame, `frame` or one that called it, of the app's code that makes a lock; None if it is not its own."""
        while frame is not None:
            file = frame.f_code.co_filename
            if not file.startswith("<") and not file.endswith(_BETWEEN):  # generated code is whoever calls it
                return frame if self._of_app(file, frame) else None
            frame = frame.f_back
        return None

    def site(self, frame: FrameType, primitive: str) -> Site:
        """The line at which `frame` is, as a maker of this primitive."""
        key = (frame.f_code.co_filename, frame.f_lineno, primitive)
        with self._lock:
            site = self._sites.get(key)
            if site is None:
                name, many = self._named(*key[:2])
                site = self._sites[key] = Site(name or primitive.rpartition(".")[2], place_of(*key[:2]), many)
            return site

    def companion(self, site: Site) -> Site:
        """The same line as the maker of the locks that those made there bring along."""
        with self._lock:
            return self._companions.setdefault(site, Site(f"{site.name} lock", site.place, site.many))

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
            known = self._files[file] = module.partition(".")[0] in self._own or _is_app(os.path.abspath(file))
        return known

    def _named(self, file: str, line: int) -> tuple[str, bool]:
        if file not in self._names:
            self._names[file] = _assignments(file)
        return self._names[file].get(line, ("", False))


def place_of(file: str, line: int) -> str:
    """A line of source in a few letters: "folder/file.py:12"."""
    return f"{'/'.join(Path(file).parts[-2:])}:{line}"


def _is_app(file: str) -> bool:
    if file.startswith(_EXPLORER):
        return file.startswith(_WORKLOADS)
    return not file.startswith(_LIBRARY) and not any(part in _INSTALLED for part in Path(file).parts)


def _assignments(file: str) -> dict[int, tuple[str, bool]]:
    """By line: what is assigned there, and whether one line makes several. Empty when the source cannot be read."""
    try:
        if os.path.getsize(file) > _MOST_SOURCE:
            return {}
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return {}
    found: dict[int, tuple[str, bool]] = {}
    for node in ast.walk(tree):  # from the outside to the inside, so that what is closer to the call wins
        target = _target(node)
        if target is not None:
            many = any(isinstance(part, (ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.List, ast.Dict))
                       for part in ast.walk(node))  # fmt: skip
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):  # type: ignore[attr-defined]
                found[line] = (target, many)
    return found


def _target(node: ast.AST) -> str | None:
    match node:
        case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target) | ast.NamedExpr(target=target):
            return ast.unparse(target)
        case ast.keyword(arg=str(name)):
            return name
    return None


def outer_frame(depth: int) -> FrameType:
    """The frame `depth` above the caller's."""
    return sys._getframe(depth + 1)
