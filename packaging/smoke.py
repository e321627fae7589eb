#!/usr/bin/env python3
"""Try a built program as a user would: EXPLORER_EXE=PATH python3 packaging/smoke.py

Its version, a run of two seconds, a request to a running server, a picture, and the window: each must end by itself
and leave no process behind. Needs nothing but Python, on Linux also Xvfb. How the window is looked for on Windows and
macOS is untried. Exit status 1 when something failed.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

from builder import tools  # noqa: E402  # the checkout must be on the path first
from tests import screen  # noqa: E402

LIMIT_S = 180.0
NAME_LENGTH = 15
"""More of a process's name Linux does not tell."""
SERVING = re.compile(r"^Serving at (http://\S+) ", re.MULTILINE)
LISTING = (
    "Get-CimInstance Win32_Process | ForEach-Object { '{0} {1} {2}' -f $_.ProcessId, $_.ParentProcessId, $_.Name }"
)
TITLE_OF = "(Get-Process -Id {pid}).MainWindowTitle"
WINDOWS_OF = """
ObjC.import('CoreGraphics');
const shown = $.CGWindowListCopyWindowInfo($.kCGWindowListOptionOnScreenOnly, $.kCGNullWindowID);
const all = ObjC.deepUnwrap(ObjC.castRefToObject(shown));
all.filter(each => each.kCGWindowOwnerPID === {pid} && each.kCGWindowLayer === 0).length;
"""
"""How many windows of a process macOS shows. Titles and pictures need a permission, whose they are does not."""


class Failed(Exception):
    """The program did not do what it must; the sentence says what."""


class Trial:
    """A program under trial. `seen` are the processes that it has had so far, by number, with their names."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.seen: dict[int, str] = {}
        self._before = processes()
        # On Windows the program itself has no console, and prints nothing.
        console = program.with_name(f"{program.stem}-cli{program.suffix}")
        self._console = console if console.is_file() else program
        data = str(folder / "data")
        self._environment = {**os.environ, "XDG_DATA_HOME": data, "LOCALAPPDATA": data}

    # -- what is tried ---------------------------------------------------------------------------------------------

    def version(self) -> str:
        """It says its version, which is that of this checkout."""
        said = self._run("--version").strip()
        if said.split()[-1:] != [tools.version()]:
            raise Failed(f"--version says {said!r}, this checkout is {tools.version()}")
        return said

    def run(self) -> str:
        """Two seconds of load are answered and counted."""
        figures = self.folder / "figures.json"
        self._run("run", "--duration", "2", "--json", figures)
        requests = json.loads(figures.read_text("utf-8"))["requests_total"]
        if not requests["ok"] or requests["failed"]:
            raise Failed(f"a run of two seconds counts {requests}")
        return f"{requests['ok']} requests answered"

    def server(self) -> str:
        """The server, a child of its own, answers whoever asks."""
        told = self.folder / "told"
        with (
            told.open("w") as stream,
            self._started("run", "--users", "1", "--duration", "8", stderr=stream) as process,
        ):
            self._until(lambda: SERVING.search(told.read_text("utf-8")) or _ended(process), "a server")
            found = SERVING.search(told.read_text("utf-8"))
            if found is None:
                raise Failed(f"no server: {told.read_text('utf-8')[-2000:]}")
            with urllib.request.urlopen(f"{found[1]}/health", timeout=LIMIT_S) as answer:
                status = answer.status
            children = len(self._note(process))
            self._until(lambda: _ended(process), "the end of a run of eight seconds")
        if process.returncode or children < 2:
            raise Failed(f"it ended with {process.returncode} and had {children} children")
        return f"/health answers {status}, {children} child processes"

    def picture(self) -> str:
        """The window can be drawn."""
        picture = self.folder / "window.png"
        with self._display():
            self._run("screenshot", "-o", picture)
        if picture.read_bytes()[:8] != b"\x89PNG\r\n\x1a\n":
            raise Failed("the picture is no PNG")
        return f"{picture.stat().st_size // 1000} kB"

    def window(self) -> str:
        """The window comes, has its server stand by, and goes when it is asked to."""
        with self._display() as shown, self._started() as process:
            began = time.monotonic()
            looked = self._looking(process, shown)
            if looked is not None:
                self._until(lambda: looked() or _ended(process), "a window")
            took = time.monotonic() - began
            self._until(lambda: self._note(process) or _ended(process), "a child process")
            if process.poll() is not None:
                raise Failed(f"it ended with {process.returncode} by itself")
            if sys.platform == "win32":
                subprocess.run(["taskkill", "/PID", str(process.pid)], check=True, capture_output=True)
            else:
                process.terminate()
            self._until(lambda: _ended(process), "its end")
        if process.returncode:
            raise Failed(f"asked to end, it ended with {process.returncode}")
        seen = f"shown after {took:.1f} s" if looked else "no window was seen, for this system tells of none"
        return f"{seen}, ended when asked"

    def nobody(self) -> str:
        """None of its processes is left."""
        self._until(lambda: not self._left(), f"the end of {self._left()}", 20)
        return f"{len(self.seen)} processes were seen, none is left"

    # -- how -------------------------------------------------------------------------------------------------------

    def _left(self) -> dict[int, str]:
        """What descended from it, and what else is called like it and was not there before."""
        now = {pid: name for pid, (_, name) in processes().items()}
        same = self.program.stem[:NAME_LENGTH]
        new = {pid: name for pid, name in now.items() if Path(name).name.startswith(same) and pid not in self._before}
        return new | {pid: name for pid, name in self.seen.items() if now.get(pid) == name}

    def _note(self, process: "subprocess.Popen[bytes]") -> list[int]:
        """The numbers of all that descends from a process now; they are kept in mind."""
        now = processes()
        found, todo = [], [process.pid]
        while todo:
            parent = todo.pop()
            children = [pid for pid, (above, _) in now.items() if above == parent]
            todo += children
            found += children
        self.seen |= {pid: now[pid][1] for pid in (*found, process.pid) if pid in now}
        return found

    def _run(self, *words: str | Path) -> str:
        answer = subprocess.run(
            [str(self._console), *map(str, words)], env=self._environment, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip
        said = answer.stdout.decode("utf-8", "replace")
        if answer.returncode:
            told = answer.stderr.decode("utf-8", "replace")
            raise Failed(f"{' '.join(map(str, words))} ended with {answer.returncode}: {said[-1000:]}{told[-2000:]}")
        return said

    @contextmanager
    def _started(self, *words: str, stderr: int | IO[str] = subprocess.DEVNULL) -> Iterator["subprocess.Popen[bytes]"]:
        program = self._console if words else self.program
        process = subprocess.Popen(
            [str(program), *words], env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=stderr,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()

    @contextmanager
    def _display(self) -> Iterator[screen.Screen | None]:
        """On Linux a screen of its own; elsewhere there is one."""
        with screen.screen(self.folder) if sys.platform == "linux" else nullcontext() as shown:
            if shown is not None:
                self._environment |= {"DISPLAY": shown.display, "QT_QPA_PLATFORM": "xcb"}
            yield shown

    @staticmethod
    def _looking(process: "subprocess.Popen[bytes]", shown: screen.Screen | None) -> Callable[[], object] | None:
        """What says whether the window is there; None where this system does not tell."""
        if shown is not None:
            return shown.shows_a_window
        if sys.platform == "win32":
            # The sentence of a program that cannot start has a title as well.
            return lambda: tools.TITLE in title(process.pid)
        # Without a desktop, by way of ssh for example, there is no list of windows.
        return (lambda: windows(process.pid)) if windows(process.pid) is not None else None

    @staticmethod
    def _until(condition: Callable[[], object], what: str, limit: float = LIMIT_S) -> None:
        deadline = time.monotonic() + limit
        while not condition():
            if time.monotonic() > deadline:
                raise Failed(f"{limit:g} s went by without {what}")
            time.sleep(0.1)


def _ended(process: "subprocess.Popen[bytes]") -> bool:
    return process.poll() is not None


def title(pid: int) -> str:
    """On Windows: what stands above the window of a process; empty as long as none is shown."""
    command = ["powershell", "-NoProfile", "-Command", TITLE_OF.format(pid=pid)]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False).stdout.strip()


def windows(pid: int) -> int | None:
    """On macOS: how many windows of a process are shown; None where that cannot be said."""
    command = ["osascript", "-l", "JavaScript", "-e", WINDOWS_OF.replace("{pid}", str(pid))]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return int(told) if told.isdecimal() else None


def processes() -> dict[int, tuple[int, str]]:
    """All processes of this system: parent and name by number; without those that are dead and not yet waited for."""
    if sys.platform == "linux":
        return dict(_of_proc())  # the smallest Debian has no ps
    if sys.platform == "win32":
        command = ["powershell", "-NoProfile", "-Command", LISTING]
    else:
        command = ["ps", "-A", "-o", "pid=,ppid=,stat=,comm="]
    found = {}
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        pid, parent, *rest = line.split(maxsplit=3)
        if rest and rest[0].startswith("Z") and sys.platform != "win32":
            continue
        found[int(pid)] = (int(parent), rest[-1] if rest else "")
    return found


def _of_proc() -> Iterator[tuple[int, tuple[int, str]]]:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            told = (folder / "stat").read_text(errors="replace")
        except OSError:  # it has ended
            continue
        # 42 (a name) S 1 …; the name may hold anything.
        name, _, rest = told.partition("(")[2].rpartition(") ")
        state, parent = rest.split()[:2]
        if state != "Z":
            yield int(folder.name), (int(parent), name)


def main() -> int:
    """Try it all; a line for each."""
    told = os.environ.get("EXPLORER_EXE", "")
    program = Path(told).absolute()
    if not told or not program.is_file():
        print(f"smoke.py: EXPLORER_EXE must name the built program; {told or 'nothing'} is no file.", file=sys.stderr)
        return 2
    if sys.platform == "linux" and not screen.available():
        print("smoke.py: Xvfb is not here; on Debian: sudo apt-get install xvfb", file=sys.stderr)
        return 2
    failed = 0
    with tempfile.TemporaryDirectory(prefix="explorer smoke é-", ignore_cleanup_errors=True) as folder:
        trial = Trial(program, Path(folder))
        for check in (trial.version, trial.run, trial.server, trial.picture, trial.window, trial.nobody):
            try:
                print(f"{check.__name__:<8} passed  {check()}", flush=True)
            except (Failed, OSError, subprocess.SubprocessError) as reason:
                print(f"{check.__name__:<8} FAILED  {reason}", flush=True)
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
