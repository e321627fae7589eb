"""The interpreters of this machine, each asked once: in parallel, and again only when its files have changed.

An answer is good for as long as the interpreter and the folders of its packages are as they were, so that a package
that was just installed is seen at once, and nothing is asked twice.
"""

import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from explorer.option_error import OptionError
from explorer.supervise.interpreters.ask import Answer, Asked, ask, end
from explorer.supervise.interpreters.candidates import Candidate, Machine, candidates
from explorer.supervise.interpreters.environment import described

WHERE: Final = "server.interpreter"
AT_ONCE: Final = 4
OWN: Final = "runs the explorer"
NOT_STARTED: Final = "This is what its pyvenv.cfg says; it is not started before a server is to run under it."
_VERSION: Final = re.compile(r"(?:python ?)?(\d+(?:\.\d+){1,2})(t?)", re.IGNORECASE)

Stamp = tuple[tuple[str, int], ...]
"""Files and folders with the times at which they were changed, ns."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One that was found. `origin` says in a word or two where; `own` is the one that runs this program.

    One that was not `asked` only lies near, and its answer is what its environment's files say.
    """

    path: str
    origin: str
    answer: Answer
    own: bool = False
    asked: bool = True

    @property
    def title(self) -> str:
        """Such as "Python 3.13.5 · free-threaded"."""
        answer = self.answer
        kind = "Python" if answer.implementation == "CPython" else answer.implementation
        words = [f"{kind} {answer.text}"]
        if answer.free_threaded:
            words.append("free-threaded")
        return " · ".join(words)

    @property
    def place(self) -> str:
        """Its path, as short as it can be said."""
        return short_path(self.path)

    @property
    def remark(self) -> str:
        """What is to be said of it although it can serve; empty for nothing."""
        return gil_again(self.answer) if self.asked else NOT_STARTED


def gil_again(answer: Answer) -> str:
    """That a free-threaded build has its GIL again, and what would help; empty when that is not so."""
    if not (answer.free_threaded and answer.gil):
        return ""
    by = answer.switched_on_by
    if not by:
        return "This free-threaded Python is run with its GIL switched on; take PYTHON_GIL out of the environment."
    help_ = {"httptools": "choose the HTTP parser h11", "uvloop": "choose the event loop asyncio"}
    return f"{by} switches the GIL of this free-threaded Python on again; {help_.get(by, 'use a newer version of it')}."


def short_path(path: str) -> str:
    """A path with ~ for the user's own folder."""
    home = str(Path.home())
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path


class Interpreters:
    """Finds interpreters and remembers what they said. May be used from any thread; asking takes its time."""

    def __init__(self, machine: Callable[[], Machine] = Machine.here) -> None:
        self._machine = machine
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, tuple[str, ...], tuple[str, ...]], tuple[Stamp, Answer]] = {}
        self._silent: dict[str, Stamp] = {}
        self._running: set[Asked] = set()
        self._closed = False

    def close(self) -> None:
        """Ask nobody any more, and end those that have not answered yet."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            end(process)

    def find(
        self,
        packages: Collection[str],
        tried: Collection[str] = (),
        told: Callable[[Interpreter], None] = lambda found: None,
    ) -> list[Interpreter]:
        """All that answer: this program's own first, then by version, the newest first.

        Environments that only lie near are described by their files, not asked: their files may be anybody's.
        `packages` and `tried` as in `ask`; `told` is called with each as it answers, from several threads.
        """
        own = Candidate(Path(sys.executable), OWN)
        frozen = getattr(sys, "frozen", False)
        wanted = ([] if frozen else [own]) + candidates(self._machine())

        def one(candidate: Candidate) -> Interpreter | None:
            if candidate.nearby:
                answer = described(candidate.path, packages)
            else:
                answer = self._try(str(candidate.path), packages, tried)
            if answer is None:
                return None
            path = str(candidate.path)
            found = Interpreter(path, candidate.origin, answer, candidate is own, not candidate.nearby)
            told(found)
            return found

        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="asks an interpreter") as pool:
            found = [each for each in pool.map(one, wanted) if each is not None]
        return _in_order(_once(found))

    def asked(self, path: str, packages: Collection[str], tried: Collection[str] = ()) -> Answer:
        """What the interpreter at `path` says, or said when nothing has changed since. Raises `OptionError`."""
        key = (path, tuple(packages), tuple(tried))
        with self._lock:
            known = self._answers.get(key)
        if known is not None and known[0] == _stamp((path, *known[1].folders)):
            return known[1]
        begun: list[Asked] = []

        def begin(process: Asked) -> None:
            begun.append(process)
            with self._lock:
                self._running.add(process)
                closed = self._closed
            if closed:
                end(process)

        try:
            answer = ask(path, packages, tried, begin)
        finally:
            with self._lock:
                self._running.difference_update(begun)
        with self._lock:
            self._answers[key] = _stamp((path, *answer.folders)), answer
        return answer

    def resolve(self, text: str, packages: Collection[str]) -> str:
        """The path that the knob means: a path, the folder of an installation or a virtual environment, the name of a
        command, or a version such as 3.13 or 3.13t.

        Raises `OptionError` when there is no such interpreter. Of several with one version the best is taken: one
        that lacks the fewest of `packages`, then the newest. An environment that only lies near is meant by its path
        alone.
        """
        if not is_version(text):
            expanded = os.path.expanduser(text)
            path = shutil.which(expanded) or _inside(os.path.abspath(expanded))
            if path is None:
                # A frozen program is itself no Python that could be given.
                frozen = getattr(sys, "frozen", False)
                example = (shutil.which("python3") or "/usr/bin/python3") if frozen else sys.executable
                raise OptionError(
                    f"There is no interpreter '{text}'; give the path of a Python, such as {example}, "
                    "or a version, such as 3.13.",
                    WHERE,
                )
            return path
        return best(text, self.find(packages), packages).path

    def _try(self, path: str, packages: Collection[str], tried: Collection[str]) -> Answer | None:
        if self._closed or self._silent.get(path) == _stamp((path,)):
            return None
        try:
            return self.asked(path, packages, tried)
        except OptionError:
            self._silent[path] = _stamp((path,))
            return None


def is_version(text: str) -> bool:
    """Whether a knob's text is a version, such as 3.13 or 3.13t, and no path."""
    return _VERSION.fullmatch(text.strip()) is not None


def best(text: str, found: list[Interpreter], packages: Collection[str]) -> Interpreter:
    """Of those found and asked the best with the version `text`. Raises `OptionError` when there is none."""
    version = _VERSION.fullmatch(text.strip())
    assert version is not None, text
    wanted, threads = version[1], bool(version[2])
    every = [each for each in found if _has(each.answer, wanted)]
    same = [each for each in every if each.asked]
    fitting = [each for each in same if each.answer.free_threaded == threads]
    near = [each for each in every if not each.asked and each.answer.free_threaded == threads]
    if not fitting and near:
        raise OptionError(f"Only {near[0].path} is Python {text}; give this path to have it started.", WHERE)
    if not fitting:
        raise OptionError(_none(wanted, threads, same, found), WHERE)

    def lack(each: Interpreter) -> tuple[bool, int]:
        return bool(each.answer.trouble(each.path, ())), sum(name in each.answer.absent for name in packages)

    return min(fitting, key=lack)


def _inside(folder: str) -> str | None:
    """The interpreter of an installation or an environment; None if the folder is neither."""
    places = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
    found = (shutil.which(os.path.join(folder, place)) for place in places)
    return next((path for path in found if path is not None), None)


def _stamp(paths: Iterable[str]) -> Stamp:
    return tuple((path, _changed(path)) for path in paths)


def _changed(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _once(found: list[Interpreter]) -> list[Interpreter]:
    """Without those that are one installation under another name."""
    kept: dict[tuple[str, str, bool], Interpreter] = {}
    for each in sorted(found, key=lambda each: not each.asked):
        kept.setdefault((os.path.realpath(each.answer.prefix), each.answer.text, each.answer.free_threaded), each)
    return list(kept.values())


def _in_order(found: list[Interpreter]) -> list[Interpreter]:
    def key(each: Interpreter) -> tuple[bool, list[int], bool, str]:
        return not each.own, [-part for part in each.answer.version], each.answer.free_threaded, each.path

    return sorted(found, key=key)


def _has(answer: Answer, wanted: str) -> bool:
    parts = tuple(map(int, wanted.split(".")))
    return answer.version[: len(parts)] == parts


def _none(wanted: str, threads: bool, same: list[Interpreter], found: list[Interpreter]) -> str:
    what = f"Python {wanted}"
    if same and threads:
        return (
            f"The {what} on this machine is no free-threaded build; install one (python{wanted}t), or write {wanted}."
        )
    if same:
        return f"The {what} on this machine is a free-threaded build; write {wanted}t to use it."
    known = ", ".join(dict.fromkeys(each.answer.text + "t" * each.answer.free_threaded for each in found))
    return f"No {what}{'t' * threads} was found here; found are: {known}. Give one of these, or the path of a Python."
