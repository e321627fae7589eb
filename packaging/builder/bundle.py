"""What macOS is told of the bundle: its name, its version, and the files that it opens."""

import plistlib
from pathlib import Path

from builder.tools import PACKAGING, version

MACOS = PACKAGING / "macos"


def plist(folder: Path) -> Path:
    """Write Info.plist with the version in it, as the recipe of the bundle reads it; returns the file."""
    told = plistlib.loads((MACOS / "Info.plist").read_bytes())
    told |= {"CFBundleShortVersionString": version(), "CFBundleVersion": version()}
    file = folder / "Info.plist"
    file.write_bytes(plistlib.dumps(told))
    return file
