"""Both commands of the README in a Debian 12 and in a Debian 13 that have nothing but python3.

The checkout lies at a path with spaces and with letters beyond ASCII. Root is interrupted while the system's packages
are installed, and tries again; a user without sudo is told what to have installed, is interrupted while the
environment is made, and tries again. Needs root and debootstrap. The window is shown on an X server outside whose
picture lies in a file, so that the check can see that a window is there and what is in it; the pictures are kept.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tests.full import chroot
from tests.full.outcome import Failed, Skipped, fresh_checkout, last_line
from tests.screen import screen
from tests.waiting import wait_until

SUITES: Final = ("bookworm", "trixie")
SET_UP_S: Final = 900.0
PLACE: Final = "/srv/Große Übung – 2. Teil/explorer"
USER: Final = 1000
STUDENT: Final = "student"
RUN: Final = ("python3", "packaging/bootstrap.py", "run")
TEST: Final = ("python3", "packaging/bootstrap.py", "test")


@dataclass(frozen=True)
class Bare:
    """A Debian that has python3 and a checkout; `user` 0 is root."""

    root: Path
    suite: str
    user: int = 0

    @property
    def checkout(self) -> Path:
        """Where the checkout lies, seen from outside."""
        return self.root / PLACE[1:]

    @property
    def environment(self) -> Path:
        """Where the environment of the checkout comes to lie."""
        return self.checkout / ".venv"

    def log(self, name: str) -> Path:
        """Where a command's words go."""
        return self.root.parent / f"{self.root.name}-{name}.log"

    def start(self, name: str, command: tuple[str, ...], display: str = "") -> "subprocess.Popen[bytes]":
        """Start a command in the checkout."""
        settings = {"DISPLAY": display} if display else {}
        if self.user:
            settings["HOME"] = f"/home/{STUDENT}"
            command = ("setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", *command)
        return chroot.start(self.root, list(command), settings, self.log(name), PLACE)

    def copy(self, name: str, user: int = 0) -> "Bare":
        """Another one like it; device files and links stay what they are."""
        root = self.root.parent / f"{self.suite}-{name}"
        subprocess.run(["cp", "-a", str(self.root), str(root)], check=True)
        return replace(self, root=root, user=user)


def run() -> str:
    """Set the roots up and run both commands; what they said."""
    if os.geteuid() != 0:
        raise Skipped("this needs root (to make a Debian root of its own).")
    missing = [tool for tool in ("debootstrap", "unshare", "Xvfb", "git") if not shutil.which(tool)]
    if missing:
        raise Skipped(f"this needs {', '.join(missing)}; install them with apt.")
    folder = Path(tempfile.mkdtemp(prefix="explorer-bare-"))
    said = []
    try:
        for suite in SUITES:
            base = Bare(folder / suite, suite)
            chroot.make(base.root, chroot.default_mirror(), suite)
            base.checkout.parent.mkdir(parents=True)
            fresh_checkout(base.checkout)
            for use in (as_root, as_student, all_tests):
                said.append(f"{suite}, {use(base)}")
                print(said[-1], flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return "; ".join(said)


def as_root(base: Bare) -> str:
    """`bootstrap.py run`, interrupted while packages are installed, then twice more: the window comes."""
    bare = base.copy("root")
    unpacked = bare.root / "var/lib/dpkg/info"
    interrupt(bare, lambda: any(unpacked.glob("libegl1*.list")))
    if not dpkg_was_interrupted(bare):
        raise Failed(f"{bare.suite}: nothing of the system was left undone: interrupted at the wrong moment")
    first, again = seconds_to_window(bare, "first"), seconds_to_window(bare, "again")
    return f"root: interrupted in apt, then a window after {first:.0f} s, again after {again:.1f} s"


def dpkg_was_interrupted(bare: Bare) -> bool:
    """Whether a package is there that is not installed whole."""
    told = (bare.root / "var/lib/dpkg/status").read_text("utf-8")
    updates = any((bare.root / "var/lib/dpkg/updates").iterdir())
    return updates or any(f"Status: install ok {state}" in told for state in ("unpacked", "half-configured"))


def as_student(base: Bare) -> str:
    """A user without sudo: one sentence; when root has done what it says, interrupted, then twice more."""
    bare = base.copy("student", USER)
    root = replace(bare, user=0)
    finish(root, "user", ("sh", "-euc", f"useradd --create-home --uid {USER} {STUDENT}; chown -R {USER}:{USER} ."))
    with screen(bare.root.parent) as shown:
        status = bare.start("refused", RUN, shown.display).wait()
    said = bare.log("refused").read_text("utf-8")
    if status != 2 or "no sudo here" not in said or bare.environment.exists():
        raise Failed(f"{bare.suite}: without sudo: status {status}: {said[-2000:]}")
    (command,) = [line.strip() for line in said.splitlines() if line.startswith("    apt-get update")]
    finish(root, "system", ("sh", "-euc", command))
    new = bare.environment.with_name(".venv.new")
    interrupt(bare, lambda: any(new.glob("lib/python*/site-packages/*.dist-info")))
    if bare.environment.exists():
        raise Failed(f"{bare.suite}: an environment is there after an interrupted set-up")
    first, again = seconds_to_window(bare, "first"), seconds_to_window(bare, "again")
    if new.exists():
        raise Failed(f"{bare.suite}: {new} is left")
    return f"a user without sudo: told what to do, interrupted in pip, then a window after {first:.0f} s, {again:.1f} s"


def all_tests(base: Bare) -> str:
    """`bootstrap.py test` where it was never run: what pytest said at the end."""
    bare = base.copy("test")
    finish(bare, "test", TEST)
    lines = bare.log("test").read_text(encoding="utf-8", errors="replace").splitlines()
    return "test: " + last_line("\n".join(line for line in lines if not line.startswith("[bootstrap]")))


def finish(bare: Bare, name: str, command: tuple[str, ...]) -> None:
    """Run a command to its end; raises `Failed`."""
    if status := bare.start(name, command).wait():
        lines = bare.log(name).read_text(encoding="utf-8", errors="replace").splitlines()
        raise Failed(f"{bare.suite}: {' '.join(command)} ended with status {status}:\n" + "\n".join(lines[-60:]))


def interrupt(bare: Bare, when: Callable[[], bool]) -> None:
    """Start the application, and end it and all that it started as a power cut does."""
    with screen(bare.root.parent) as shown:
        process = bare.start("interrupted", RUN, shown.display)
        try:
            wait_until(either(when, lambda: process.poll() is not None), SET_UP_S, "the moment to interrupt")
            if process.poll() is not None:
                raise Failed(f"{bare.suite}: it ended by itself: {bare.log('interrupted').read_text('utf-8')[-2000:]}")
        finally:
            process.send_signal(signal.SIGKILL)  # what runs inside ends with it
            process.wait()


def seconds_to_window(bare: Bare, name: str) -> float:
    """Start the application inside, wait for its window, close it; the seconds until the window showed."""
    with screen(bare.root.parent) as shown:
        began = time.monotonic()
        process = bare.start(name, RUN, shown.display)
        try:
            wait_until(either(shown.shows_a_window, lambda: process.poll() is not None), SET_UP_S, "a window")
            took = time.monotonic() - began
            if process.poll() is not None:
                told = bare.log(name).read_text(encoding="utf-8")[-4000:]
                raise Failed(f"{bare.suite}: bootstrap.py run ended with status {process.returncode}:\n{told}")
            wait_until(settled(shown.picture), 30, "a window that is drawn")
            shutil.copyfile(shown.picture, Path(tempfile.gettempdir()) / f"explorer-bare-{bare.root.name}-{name}.xwd")
        finally:
            process.kill()  # unshare ignores a polite request; all that runs inside ends with it
            process.wait()
    return took


def either(*conditions: Callable[[], bool]) -> Callable[[], bool]:
    """True when one of them is."""
    return lambda: any(condition() for condition in conditions)


def settled(picture: Path) -> Callable[[], bool]:
    """A condition: the picture is the same as when it was last looked at, a second ago or more."""
    seen: list[tuple[float, bytes]] = [(time.monotonic(), b"")]

    def same() -> bool:
        at, before = seen[0]
        if time.monotonic() - at < 1:
            return False
        now = picture.read_bytes()
        seen[0] = (time.monotonic(), now)
        return now == before

    return same
