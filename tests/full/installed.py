"""`installed`: the packages for Linux in Debian roots that have nothing else, used there by an ordinary user.

The .deb goes into bookworm and into trixie: it is installed, started (seconds to the window), a scenario is run by a
click, a recording is opened as a file manager would open it, a server runs under another Python, a later version is put
over it and taken back, and it is purged: the root then is what it was before, and what the user has is there. The .rpm
is unpacked in trixie, and started likewise. Pictures of each window are kept in a folder, to be looked at.

Needs root, debootstrap, Xvfb, xdotool and what `packaging/build.py` needs. INSTALLERS names a folder with packages that
are to be taken as they are; INSTALLED_PICTURES where the pictures go.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from tests.full import chroot
from tests.full.outcome import ROOT, Failed, Skipped
from tests.screen import Screen, screen
from tests.waiting import wait_until
from tests.xwd import save_png

NAME: Final = "concurrency-explorer"
SUITES: Final = ("bookworm", "trixie")
DESKTOP: Final = "desktop-file-utils shared-mime-info hicolor-icon-theme libglib2.0-bin"
"""What opens a file by its type on a desktop; a minimal root has none of it."""
TOOLS: Final = ("debootstrap", "unshare", "Xvfb", "xdotool", "dpkg-deb", "rpmbuild", "rpm2cpio", "cpio")
USER: Final = 1000
LECTURER: Final = "lecturer"
HOME: Final = f"/home/{LECTURER}"
START_S: Final = 1.5
LIMIT_S: Final = 60.0
DEB_MB, INSTALLED_MB = 75, 230
SCENARIOS: Final = (173, 130)
FIRST_CARD: Final = (140, 250)
"""Where to click on the start page at 1280x720."""
PASSING: Final = (
    "proc",
    "dev",
    "sys",
    "tmp",
    "run",
    "home",
    "root",
    "var/cache",
    "var/log",
    "var/lib/apt",
    "var/lib/dpkg",
)
"""Below these the system keeps notes of its own."""


def run() -> str:
    """What was seen; raises `Failed`."""
    if os.geteuid() != 0:
        raise Skipped("this needs root (to make Debian roots of its own).")
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        raise Skipped(f"this needs {', '.join(missing)}; install them with apt.")
    pictures = Path(os.environ.get("INSTALLED_PICTURES") or tempfile.mkdtemp(prefix="explorer-installed-"))
    pictures.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="explorer-roots-"))
    try:
        packages = Path(os.environ.get("INSTALLERS") or built(folder))
        (deb,) = packages.glob("*.deb")
        (rpm,) = packages.glob("*.rpm")
        said = [sizes(deb)]
        for suite in SUITES:
            machine = Machine(folder / suite, suite, pictures)
            said.append(f"{suite}: {use_deb(machine, deb)}")
        said.append(f"rpm: {use_rpm(machine, rpm)}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return f"{'; '.join(said)}; pictures in {pictures}"


def built(folder: Path) -> Path:
    """Build both packages."""
    output = folder / "dist"
    command = [sys.executable, "packaging/build.py", "deb", "rpm", "--output", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"build.py ended with status {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return output


def sizes(deb: Path) -> str:
    """How large the package and what it installs are; raises `Failed` where that is too much."""
    size = deb.stat().st_size / 1e6
    told = subprocess.run(["dpkg-deb", "-f", str(deb), "Installed-Size"], capture_output=True, text=True, check=True)
    installed = int(told.stdout) * 1024 / 1e6
    if size > DEB_MB or installed > INSTALLED_MB:
        raise Failed(
            f"{deb.name} has {size:.1f} MB, {installed:.0f} MB installed: {DEB_MB} and {INSTALLED_MB} are wanted"
        )
    return f"{deb.name} {size:.1f} MB, installed {installed:.0f} MB"


class Machine:
    """A Debian of its own with an ordinary user."""

    def __init__(self, root: Path, suite: str, pictures: Path) -> None:
        self.root, self.suite, self.pictures = root, suite, pictures
        self.log = root.parent / f"{suite}.log"
        chroot.make(root, chroot.default_mirror(), suite, "")
        self.do("apt-get update -q")
        self.do(f"apt-get install -qy --no-install-recommends {DESKTOP}")
        self.do(f"useradd --create-home --uid {USER} {LECTURER}")

    def do(self, line: str) -> None:
        """A line of a shell, as root; raises `Failed`."""
        settings = {"DEBIAN_FRONTEND": "noninteractive"}
        status = chroot.start(self.root, ["sh", "-euc", line], settings, self.log, "/").wait()
        if status:
            raise Failed(f"{self.suite}: {line} ended with status {status}: {self.log.read_text()[-2000:]}")

    def ask(self, line: str) -> str:
        """What a line of a shell says, as root; its status is not looked at."""
        chroot.start(self.root, ["sh", "-c", line], {}, self.log, "/").wait()
        return self.log.read_text(encoding="utf-8", errors="replace").strip()

    @contextmanager
    def as_user(self, line: str, display: str = "") -> Iterator["subprocess.Popen[bytes]"]:
        """A line of a shell, as the ordinary user, in their home; all of it ends with the block."""
        settings = {"HOME": HOME, "USER": LECTURER, "DISPLAY": display}
        command = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "sh", "-euc", line]
        process = chroot.start(self.root, command, settings, self.log, HOME)
        try:
            yield process
        finally:
            process.kill()  # unshare ignores a polite request; all that runs inside ends with it
            process.wait()

    def of_user(self) -> dict[str, bytes]:
        """The user's own files with what is in them, without notes on what happened when."""
        home = self.root / HOME[1:]
        files = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
        return {str(path.relative_to(home)): path.read_bytes() for path in files if ".cache" not in path.parts}

    def snapshot(self) -> dict[str, object]:
        """Every path of the system with what it is, except where the system keeps notes of its own."""
        seen: dict[str, object] = {}
        for at, folders, files in os.walk(self.root):
            here = os.path.relpath(at, self.root)
            if here in PASSING:
                folders.clear()
                continue
            for name in (*folders, *files):
                path = Path(at, name)
                kind = os.readlink(path) if path.is_symlink() else path.stat().st_size if path.is_file() else "folder"
                seen[os.path.normpath(f"{here}/{name}")] = kind
        return seen


def use_deb(machine: Machine, deb: Path) -> str:
    """Install, use, purge; what was seen."""
    shutil.copyfile(deb, machine.root / "tmp" / "explorer.deb")
    # What the package depends on comes first, by itself: nothing of the package has ever been there when it is looked.
    machine.do('apt-get satisfy -qy --no-install-recommends "$(dpkg-deb -f /tmp/explorer.deb Depends)"')
    machine.do("apt-get install -qy --no-install-recommends python3-venv; python3 -m venv /opt/own")
    machine.do("/opt/own/bin/pip install -q fastapi uvicorn")
    before = machine.snapshot()
    machine.do("apt-get install -qy --no-install-recommends /tmp/explorer.deb")
    # The boot loader sets the same path.
    lookup = f"LD_LIBRARY_PATH=/usr/lib/{NAME}/_internal ldd $(find /usr/lib/{NAME} -name '*.so*') 2>/dev/null"
    if missing := machine.ask(f"{lookup} | grep 'not found' | sort -u"):
        raise Failed(f"{machine.suite}: libraries are missing: {missing}")
    recorded(machine)
    said = f"window after {starts(machine, 'deb'):.2f} s, {clicked(machine)}, {opened(machine)}, {by_root(machine)}"
    said += f", {upgraded(machine)}"
    machine.do(f"apt-get purge -qy {NAME}")
    after = machine.snapshot()
    if left := sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path)):
        raise Failed(f"{machine.suite}: after the purge these are not as they were: {', '.join(left[:20])}")
    if not (machine.root / HOME[1:] / "run.cxrec").exists():
        raise Failed(f"{machine.suite}: the user's recording has gone")
    return f"{said}, purged: {len(after)} paths as before, the recording stays"


def upgraded(machine: Machine) -> str:
    """A later version over it and back again: what the user has stays as it is, and opens."""
    before = machine.of_user()
    if not any(name.endswith(".json") for name in before):
        raise Failed(f"{machine.suite}: no settings were kept: {sorted(before)}")
    machine.do(
        "cd /tmp; dpkg-deb -R explorer.deb next; sed -i 's/^Version: .*/Version: 99.0/' next/DEBIAN/control; "
        "dpkg-deb -Zgzip -z1 -b next next.deb; rm -r next; apt-get install -qy /tmp/next.deb; rm next.deb"
    )
    machine.do("apt-get install -qy --allow-downgrades /tmp/explorer.deb")
    if machine.of_user() != before:
        raise Failed(f"{machine.suite}: an upgrade and a downgrade changed what the user has")
    opened(machine, "again")
    return f"upgraded and back: {len(before)} files of the user stayed, and open"


def use_rpm(machine: Machine, rpm: Path) -> str:
    """Unpack and start."""
    with subprocess.Popen(["rpm2cpio", str(rpm)], stdout=subprocess.PIPE) as unpacked:
        subprocess.run(["cpio", "-idm", "--quiet"], stdin=unpacked.stdout, cwd=machine.root, check=True)
    return f"window after {starts(machine, 'rpm'):.2f} s"


def starts(machine: Machine, kind: str) -> float:
    """Start it three times; the least seconds to its window. Raises `Failed` where that is too much."""
    took = []
    for attempt in range(3):
        with screen(machine.root.parent) as shown, machine.as_user(NAME, shown.display) as process:
            began = time.monotonic()
            wait_until(lambda: shown.shows_a_window() or process.poll() is not None, LIMIT_S, "a window")
            took.append(time.monotonic() - began)
            if process.poll() is not None:
                raise Failed(f"{machine.suite}: it ended at once: {machine.log.read_text()[-2000:]}")
            if attempt == 2:
                time.sleep(2)
                save_png(shown.picture, machine.pictures / f"{machine.suite}-{kind}-start.png")
            close(process)
    if min(took) > START_S:
        raise Failed(f"{machine.suite}: a window comes after {', '.join(f'{each:.2f}' for each in took)} s")
    return min(took)


def close(process: "subprocess.Popen[bytes]") -> None:
    """End the window as a session does; everything inside ends by itself."""
    inside = psutil.Process(process.pid).children(recursive=True)
    ours: dict[int, int] = {}
    for each in inside:
        with suppress(psutil.Error):
            if each.name().startswith(NAME[:15]):
                ours[each.pid] = each.ppid()
    for number, parent in ours.items():
        if parent not in ours:  # the window; the others are its children
            os.kill(number, signal.SIGTERM)
    try:
        status = process.wait(LIMIT_S)
    except subprocess.TimeoutExpired:
        raise Failed(f"it does not end: {[each.cmdline() for each in inside if each.is_running()]}") from None
    if status not in (0, 128 + signal.SIGTERM):
        raise Failed(f"asked to end, it ended with status {status}")


def by_root(machine: Machine) -> str:
    """Root may write where the program lies: what a server under another Python imports from there stays as it was."""
    machine.do(
        f"cd /tmp; {NAME} run --duration 1 --set server.http=h11 --interpreter /opt/own/bin/python >/tmp/run.txt 2>&1"
    )
    return "root ran a server under a Python of its own"


def clicked(machine: Machine) -> str:
    """Run a scenario with the mouse: a server answers, and the picture changes."""
    with screen(machine.root.parent) as shown, machine.as_user(NAME, shown.display) as process:
        hand = Hand(shown)
        wait_until(lambda: hand.find("Concurrency Explorer"), LIMIT_S, "the window")
        wait_until(shown.shows_a_window, LIMIT_S, "the start page")
        time.sleep(1)
        hand.click(*SCENARIOS)
        time.sleep(1)
        save_png(shown.picture, machine.pictures / f"{machine.suite}-scenarios.png")
        hand.click(*FIRST_CARD)
        wait_until(lambda: serving(process), LIMIT_S, "a server that a click started")
        (name, *_) = hand.find("Concurrency Explorer")
        time.sleep(4)
        save_png(shown.picture, machine.pictures / f"{machine.suite}-running.png")
        count = serving(process)
        close(process)
    return f"a click ran “{name.partition(' – ')[0]}” in {count} processes"


def serving(process: "subprocess.Popen[bytes]") -> int:
    """How many processes there are when a server and a load are among them, else 0."""
    lines = []
    for each in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.Error):  # those of connections come and go
            lines.append(" ".join(each.cmdline()))
    wanted = ("explorer.server.process", "explorer.load.process")
    return len(lines) if all(any(want in line for line in lines) for want in wanted) else 0


def recorded(machine: Machine) -> None:
    """Make a recording without a window."""
    with machine.as_user(f"{NAME} run --duration 2 --record run.cxrec >run.txt 2>&1") as process:
        if process.wait(LIMIT_S):
            raise Failed(f"{machine.suite}: {(machine.root / HOME[1:] / 'run.txt').read_text()[-2000:]}")


def opened(machine: Machine, name: str = "recording") -> str:
    """Open the recording as a file manager does."""
    with (
        screen(machine.root.parent) as shown,
        machine.as_user("gio open run.cxrec; sleep 600", shown.display) as process,
    ):
        hand = Hand(shown)
        wait_until(
            lambda: hand.find("run.cxrec – Concurrency Explorer") or process.poll() is not None,
            LIMIT_S,
            "the recording",
        )
        if process.poll() is not None:
            raise Failed(f"{machine.suite}: gio open: {machine.log.read_text()[-2000:]}")
        time.sleep(2)
        save_png(shown.picture, machine.pictures / f"{machine.suite}-{name}.png")
    return "a recording opens by its type"


class Hand:
    """A mouse, and eyes for what windows are called."""

    def __init__(self, shown: Screen) -> None:
        self._settings = {**os.environ, "DISPLAY": shown.display}

    def _ask(self, *words: str) -> str:
        done = subprocess.run(["xdotool", *words], env=self._settings, capture_output=True, text=True, check=False)
        return done.stdout

    def click(self, x: int, y: int) -> None:
        """Click there."""
        self._ask("mousemove", str(x), str(y), "click", "1")

    def find(self, title: str) -> list[str]:
        """What windows are called in which this occurs."""
        numbers = self._ask("search", "--onlyvisible", "--name", title).split()
        return [self._ask("getwindowname", number).strip() for number in numbers]
