"""Both commands of the README in a Debian 12 that has nothing but python3, each where nothing was ever run.

Needs root and debootstrap. The window is shown on an X server outside whose picture lies in a file, so that the check
can see that a window is there and what is in it; the picture is kept (the path is in the closing line).
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.full import chroot
from tests.full.outcome import Failed, Skipped, fresh_checkout, last_line
from tests.screen import screen
from tests.waiting import wait_until

SET_UP_S = 900


def run() -> str:
    """Set both roots up and run both commands; what they said."""
    if os.geteuid() != 0:
        raise Skipped("this needs root (to make a Debian root of its own).")
    missing = [tool for tool in ("debootstrap", "unshare", "Xvfb", "git") if not shutil.which(tool)]
    if missing:
        raise Skipped(f"this needs {', '.join(missing)}; install them with apt.")
    folder = Path(tempfile.mkdtemp(prefix="explorer-bare-"))
    try:
        base = folder / "base"
        chroot.make(base, chroot.default_mirror())
        fresh_checkout(base / "checkout")
        said = [try_run(copy_of(base, folder / "run"), folder), try_test(copy_of(base, folder / "test"), folder)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return "; ".join(said)


def copy_of(base: Path, root: Path) -> Path:
    """A second root like the first; device files and links stay what they are."""
    subprocess.run(["cp", "-a", str(base), str(root)], check=True)
    return root


def try_test(root: Path, folder: Path) -> str:
    """`bootstrap.py test` where it was never run: what pytest said at the end."""
    log = folder / "test.log"
    process = chroot.start(root, ["python3", "packaging/bootstrap.py", "test"], {}, log)
    status = process.wait()
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    if status:
        raise Failed(f"bootstrap.py test ended with status {status}:\n" + "\n".join(lines[-60:]))
    return "test: " + last_line("\n".join(line for line in lines if not line.startswith("[bootstrap]")))


def try_run(root: Path, folder: Path) -> str:
    """`bootstrap.py run` twice: the window comes, the second time within seconds; the seconds of each."""
    took = [seconds_to_window(root, folder / f"run-{attempt}.log") for attempt in ("first", "second")]
    return f"run: window after {took[0]:.0f} s, again after {took[1]:.1f} s"


def seconds_to_window(root: Path, log: Path) -> float:
    """Start the application inside, wait for its window, close it; the seconds until the window showed."""
    with screen(log.parent) as shown:
        began = time.monotonic()
        process = chroot.start(root, ["python3", "packaging/bootstrap.py", "run"], {"DISPLAY": shown.display}, log)
        try:
            wait_until(either(shown.shows_a_window, lambda: process.poll() is not None), SET_UP_S, "a window")
            took = time.monotonic() - began
            if process.poll() is not None:
                raise Failed(f"bootstrap.py run ended with status {process.returncode}:\n{log.read_text()[-4000:]}")
            wait_until(settled(shown.picture), 30, "a window that is drawn")
            shutil.copyfile(shown.picture, Path(tempfile.gettempdir()) / f"explorer-bare-{log.stem}.xwd")
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
