#!/usr/bin/env python3
"""Try what the packages in dist/ install, on a machine that is made anew for each build; called by build.yml.

Linux: the .deb is unpacked, its menu entry and its metainfo are validated, and its program is tried. Windows: the
installer is run silently, also over itself and over a program that runs; then the uninstaller, which must leave
nothing. It replaces whatever version was installed there. macOS: the program in the disk image is tried. What is done
on Windows and macOS is untried.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

from builder.tools import NAME, TITLE, Missing, run, say  # noqa: E402  # the folder must be on the path first

RUNNING = 2
"""How a silent installation ends where the program runs."""
LIMIT_S = 120.0
LOOK_S = 0.2


def try_deb(package: Path, folder: Path) -> None:
    """Try the program of a .deb, below a folder instead of the root."""
    run(["dpkg-deb", "-x", package, folder])
    validate(folder / "usr" / "share")
    smoke(folder / "usr" / "bin" / NAME)


def validate(share: Path) -> None:
    """Have the desktop's own programs say whether they understand what they are told of ours."""
    for entry in (share / "applications").glob("*.desktop"):
        run(["desktop-file-validate", entry])
        say(f"{entry.name} is valid")
    for metainfo in (share / "metainfo").glob("*.xml"):
        run(["appstreamcli", "validate", "--no-net", metainfo])
        say(f"{metainfo.name} is valid")


def try_installer(installer: Path, folder: Path) -> None:
    """Install silently, also over itself; try the program; uninstall silently."""
    # A space in it: the installer takes all that follows /D= for the folder, which no quotes may surround.
    place = folder / TITLE
    install = f'"{installer}" /S /D={place}'
    for _ in range(2):
        expect(install, 0)
    program = place / f"{NAME}.exe"
    smoke(program)
    console = place / f"{NAME}-cli.exe"
    command = [str(console), "run", "--duration", "600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        if not any(line.startswith("Serving at ") for line in process.stdout):
            raise Missing("the program that was to be running ended before it served.")
        expect(install, RUNNING)
        process.kill()
    if not program.is_file():
        raise Missing("an installation that was refused took the program away.")
    until(lambda: all(map(is_free, (program, console))), "what the killed run had started to end")
    # The uninstaller goes on in a copy of itself, which nobody can wait for.
    expect(f'"{place / "Uninstall.exe"}" /S', 0)
    until(lambda: not place.exists(), f"{place} to be gone after the uninstaller")
    say("uninstalled, nothing is left")


def is_free(program: Path) -> bool:
    """Whether no process runs a program: Windows lets nobody write to one that runs."""
    try:
        program.open("ab").close()
    except OSError:
        return False
    return True


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something; raises `Missing` when it does not come."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise Missing(f"waited {LIMIT_S:.0f} s in vain for {what}.")
        time.sleep(LOOK_S)


def try_image(image: Path, folder: Path) -> None:
    """Try the program in a disk image, where it lies."""
    run(["hdiutil", "attach", "-nobrowse", "-readonly", "-mountpoint", folder, image])
    try:
        app = folder / f"{TITLE}.app"
        run(["codesign", "--verify", "--strict", "--deep", app])
        smoke(app / "Contents" / "MacOS" / NAME)
    finally:
        run(["hdiutil", "detach", "-force", folder])


def expect(command: str, status: int) -> None:
    """Run a command of Windows, as it is written, and have it end with this status."""
    ended = subprocess.run(command, check=False, timeout=600).returncode
    if ended != status:
        raise Missing(f"{command} ended with {ended}, not with {status}.")
    say(f"{command} ended with {ended}, as it should")


def smoke(program: Path) -> None:
    """Try a program as a user would."""
    script = ROOT / "packaging" / "smoke.py"
    ended = subprocess.run([sys.executable, script], env={**os.environ, "EXPLORER_EXE": str(program)}, check=False)
    if ended.returncode:
        raise Missing(f"the trial of {program} failed.")


KINDS = {
    "linux": (f"{NAME}_*.deb", try_deb),
    "win32": (f"{NAME}-*-windows-*.exe", try_installer),
    "darwin": (f"{NAME}-*-macos-*.dmg", try_image),
}
"""What is tried on each system."""


def main() -> int:
    """Try the package of this system."""
    pattern, attempt = KINDS[sys.platform]
    found = sorted((ROOT / "dist").glob(pattern))
    if len(found) != 1:
        print(f"installed.py: dist/ must hold one {pattern}, and holds {len(found)}.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            attempt(found[0], Path(folder).resolve())
        except Missing as missing:
            print(f"installed.py: {missing}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
