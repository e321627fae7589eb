#!/usr/bin/env python3
"""Bring what building and trying needs to a machine that is made anew for each build; called by build.yml.

Linux: packages of the system. Windows: the folder of NSIS onto the path of the steps that follow. macOS: nothing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TO_BUILD = (
    "binutils",
    "dpkg",
    "rpm",
    "squashfs-tools",
    "flatpak",
    "flatpak-builder",
)
TO_TRY = ("desktop-file-utils", "appstream", "xvfb", "procps", "fonts-dejavu-core", "xkb-data")
NSIS = Path(r"C:\Program Files (x86)\NSIS")


def packages() -> list[str]:
    """The system's packages: to build, to try, and what Qt loads from the system."""
    lines = (ROOT / "packaging" / "system" / "debian.txt").read_text("utf-8").splitlines()
    libraries = [line.split()[1] for line in lines if line.strip() and not line.startswith("#")]
    return [*TO_BUILD, *TO_TRY, *libraries]


def main() -> int:
    """Prepare this machine."""
    if sys.platform == "linux":
        asked = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run([*asked, "apt-get", "update", "-q"], check=True)
        subprocess.run([*asked, "apt-get", "install", "-q", "-y", "--no-install-recommends", *packages()], check=True)
    elif sys.platform == "win32" and shutil.which("makensis") is None:
        if not (NSIS / "makensis.exe").is_file():
            print(f"prepare.py: there is no {NSIS}; install NSIS 3.08 or newer.", file=sys.stderr)
            return 2
        with open(os.environ["GITHUB_PATH"], "a", encoding="utf-8") as path:
            path.write(f"{NSIS}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
